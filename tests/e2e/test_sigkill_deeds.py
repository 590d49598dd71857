"""SIGKILL in the middle of deeds: each case gets exactly one outcome, and it is what the IM shows."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from bot.im import IMClient
from bot.imservice import FaultAction, RequestInfo
from tests.e2e.processes import House, eventually
from tests.wire import FakeDiscord, Member

pytestmark = pytest.mark.slow

ANSWERED_AFTER_MS = 400
KILLED_AFTER_SECONDS = (0.0, 0.15, 0.3, 0.6)
"""Since the first intent was written down: before its request, while all are under way, after some of the answers."""
SETTLED_SECONDS = 60.0

ADDED = ("kofi.mensah", "dmitri_v", "priya.nair", "wang.fang")
REMOVED = ("j.novak", "haruto_k", "zhang.yu", "amelie.b")
OWNER, BEFRIENDED = "priya.nair", ("wang.fang", "tomas.eriksen", "dmitri_v", "amelie.b")
SAVER = "kofi.mensah"

OUTCOMES = (
    "SELECT c.id, c.action, coalesce((SELECT group_concat(e.kind) FROM case_events e WHERE e.case_id = c.id "
    "AND e.kind IN ('applied', 'verified', 'failed', 'undone')), '') AS outcomes FROM cases c WHERE c.id > ?"
)


def slow_and_forgetful(request: RequestInfo) -> FaultAction | None:
    """What changes something is answered late; every other time it was taken and never carried out."""
    if request.method == "GET" or request.path.endswith("/token"):
        return None
    if (request.number + len(request.route)) % 2:
        return FaultAction.delay(ANSWERED_AFTER_MS)
    return FaultAction(kind="hang_up", delay_ms=ANSWERED_AFTER_MS)


@dataclass(frozen=True)
class Truth:
    """The IM as it shows itself past the bot."""

    im: IMClient
    community: str
    channels: dict[str, str]
    thread: str
    saved: list[str]

    async def done(self, number: int) -> dict[str, bool]:
        """Which of a round's deeds have happened."""
        contains, names = self.im.members.contains, await self.im.contacts.names(OWNER)
        return {
            "member-add": await contains(self.community, self.channels["fan-art"], ADDED[number]),
            "member-remove": not await contains(self.community, self.channels["strategy"], REMOVED[number]),
            "friend-add": BEFRIENDED[number] in names,
            "thread-rename": (await self.im.threads.get(self.thread)).name == f"Round {number}",
            "collection-delete": await self.im.collections.get(SAVER, self.saved[number]) is None,
        }


@asynccontextmanager
async def truth_of(house: House) -> AsyncIterator[Truth]:
    async with house.im() as im:
        (community,) = [one.community_id async for one in im.communities.list()]
        channels = {one.name: one.channel_id async for one in im.channels.public(community)}
        (thread,) = [one.thread_id async for one in im.threads.list(channels["strategy"])]
        saved = [item.collection_id async for item in im.collections.list(SAVER)]
        yield Truth(im, community, channels, thread, saved)


async def test_killed_in_the_middle_of_deeds_every_case_says_what_the_im_shows(
    house: House, discord: FakeDiscord, admin: Member
):
    im = await house.im_here()
    bot = await house.start_bot()
    seen: Counter[str] = Counter()
    cut_off: Counter[str] = Counter()
    async with truth_of(house) as truth:
        for number, seconds in enumerate(KILLED_AFTER_SECONDS):
            before = len(house.rows("SELECT 1 FROM cases"))
            im.fault = slow_and_forgetful
            await give_five_orders(discord, admin, truth, number)
            await eventually("an intent is written down", lambda known=before: house.rows(OUTCOMES, known))
            await asyncio.sleep(seconds)
            await bot.kill()
            cut_off.update(row["action"] for row in house.rows(OUTCOMES, before) if not row["outcomes"])
            im.fault = None
            bot = await house.start_bot()
            if number == 1:
                # It may have begun to settle what the first kill cut off.
                await bot.kill()
                bot = await house.start_bot()
            await eventually(
                "every case has an outcome",
                lambda known=before: all(row["outcomes"] for row in house.rows(OUTCOMES, known)),
                SETTLED_SECONDS,
            )
            outcomes = {row["action"]: row["outcomes"] for row in house.rows(OUTCOMES, before)}
            done = await truth.done(number)
            # What has no case was cut off before its intent, so it must not have happened.
            assert {action: outcomes.get(action) == "applied" for action in done} == done, outcomes
            assert set(outcomes.values()) <= {"applied", "failed"}, "more than one outcome a case"
            seen.update(outcomes.values())
    assert min(seen["applied"], seen["failed"], sum(cut_off.values())) >= 3, f"too little was cut off: {seen} {cut_off}"
    assert len(cut_off) >= 4, f"too little was cut off: {cut_off}"
    assert "Traceback" not in bot.text


async def give_five_orders(discord: FakeDiscord, admin: Member, truth: Truth, number: int) -> None:
    """Send everything at once, a delete's confirmation too, and wait for none of the answers."""
    delete = {"owner": SAVER, "collections": truth.saved[number]}
    asked = await discord.slash(admin, discord.channel, "collection delete", delete)
    assert asked.message is not None
    yes = next(one["custom_id"] for one in asked.message.buttons if one["custom_id"].endswith(":yes"))
    orders = {
        "member add": {"channel": "fan-art", "member": ADDED[number]},
        "member remove": {"channel": "strategy", "member": REMOVED[number]},
        "friend add": {"owner": OWNER, "friend": BEFRIENDED[number]},
        "thread rename": {"thread": truth.thread, "name": f"Round {number}"},
    }
    for command, options in orders.items():
        discord.send_slash(admin, discord.channel, command, options)
    discord.send_click(admin, asked.message, yes)
