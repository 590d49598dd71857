"""/mute as moderators feel it, over a wire-level Discord: beside a bare bot, and 200 commands a second at once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from bot.im import IMClient
from tests.bench.im import AUTH, Crowd, crowd
from tests.bench.measure import Result
from tests.bench.writes import PREFIX, _token, process
from tests.wire.model import Channel, Member
from tests.wire.reply import Reply
from tests.wire.server import DEFAULT_TOKEN, FakeDiscord

PAIRS, DROPPED = 300, 50
RATE, SECONDS, IM_LATENCY_MS = 200, 30, 500


@contextlib.asynccontextmanager
async def our_bot(discord: FakeDiscord, im_url: str, folder: Path) -> AsyncIterator[None]:
    """Run `warden run` against this Discord and this IM, ready to take commands."""
    environment = os.environ | {
        "WARDEN_DISCORD__TOKEN": DEFAULT_TOKEN,
        "WARDEN_DISCORD__API_BASE": discord.api_base,
        "WARDEN_DISCORD__GATEWAY_URL": discord.gateway_url,
        "WARDEN_IM__KIND": "easemob",
        "WARDEN_IM__BASE_URL": im_url,
        "WARDEN_IM__ORG": AUTH.org,
        "WARDEN_IM__APP": AUTH.app,
        "WARDEN_IM__CLIENT_ID": AUTH.client_id,
        "WARDEN_IM__CLIENT_SECRET": AUTH.secret,
        "WARDEN_STORAGE__URL": f"sqlite+aiosqlite:///{folder}/warden.db",
        "WARDEN_LOG__LEVEL": "warning",
    }
    running = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "run", env=environment)
    try:
        await discord.wait_connected(20)
        await discord.wait_synced(1, 20)
        yield
    finally:
        running.terminate()
        await running.wait()


@contextlib.asynccontextmanager
async def bare_bot(discord: FakeDiscord, im_url: str, community: str) -> AsyncIterator[None]:
    """Run the smallest bot that does the same single IM call."""
    environment = os.environ | {
        "BAREBOT_API_BASE": discord.api_base,
        "BAREBOT_GATEWAY_URL": discord.gateway_url,
        "BAREBOT_TOKEN": DEFAULT_TOKEN,
        "BAREBOT_IM_URL": im_url + PREFIX,
        "BAREBOT_IM_TOKEN": await _token(im_url),
        "BAREBOT_COMMUNITY": community,
    }
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.wire.barebot", env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await discord.wait_connected(20)
        await discord.wait_synced(1, 20)
        yield
    finally:
        running.terminate()
        await running.wait()


def moderator(discord: FakeDiscord) -> tuple[Member, Channel]:
    return discord.add_member("mod", administrator=True), discord.channel


async def warmed(discord: FakeDiscord, member: Member, place: Channel, names: list[str]) -> None:
    """Type as a person does: the suggestions load who is there."""

    async def typed(options: dict[str, str]) -> None:
        # An answer without suggestions: the list is still being loaded.
        while not await discord.autocomplete(
            member, place, "mute", focused="member", value="m1", options=options, timeout=30
        ):
            await asyncio.sleep(0.2)

    await asyncio.gather(typed({}), *(typed({"channel": name}) for name in names))


async def beside_the_bare_bot() -> list[Result]:
    """INTERACTION_CREATE to the first acknowledgement and to the answer, one command at a time, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        async with crowd(PAIRS + 10, channels=2) as found:
            data = Path(folder) / "im"
            shutil.copytree(found.data, data)
            mine, bare = list(found.members)
            async with (
                process("tests.bench.unlimited", str(data)) as im_url,
                FakeDiscord(openapi=False) as ours,
                FakeDiscord(openapi=False) as theirs,
                our_bot(ours, im_url, Path(folder)),
                bare_bot(theirs, im_url, found.community),
            ):
                one, place = moderator(ours)
                other, there = moderator(theirs)
                await warmed(ours, one, place, [mine])
                acks: tuple[list[float], list[float]] = ([], [])
                answers: tuple[list[float], list[float]] = ([], [])
                for number, name in enumerate(found.members[mine][:PAIRS]):
                    for which, (discord, member, channel, target) in enumerate(
                        ((ours, one, place, mine), (theirs, other, there, bare))
                    ):
                        reply = await discord.slash(member, channel, "mute", {"member": name, "channel": target})
                        assert name in reply.text, reply
                        if number >= DROPPED:
                            acks[which].append(known(reply.ack_seconds))
                            answers[which].append(known(reply.answer_seconds))
    return [
        beside("/mute to the first acknowledgement, p50", acks, 1.3),
        beside("/mute to the answer, p50", answers, 2.0),
    ]


def known(seconds: float | None) -> float:
    assert seconds is not None
    return seconds


def beside(what: str, taken: tuple[list[float], list[float]], goal: float | None = None) -> Result:
    ours, floor = (statistics.median(values) for values in taken)
    return Result(
        what,
        f"{ours * 1e3:.1f} ms",
        f"{floor * 1e3:.1f} ms (bare bot)",
        f"{ours / floor:.2f}",
        "" if goal is None else f"<= {goal}",
        None if goal is None else ours <= goal * floor,
    )


async def storm() -> list[Result]:
    """200 commands a second for 30 s, none waiting for another, with an IM that takes 500 ms an answer."""
    needed = RATE * SECONDS
    with tempfile.TemporaryDirectory() as folder:
        async with (
            crowd(needed // 12, "--latency", str(IM_LATENCY_MS), channels=12) as found,
            FakeDiscord(openapi=False) as discord,
            our_bot(discord, found.url, Path(folder)),
        ):
            member, place = moderator(discord)
            await warmed(discord, member, place, list(found.members))
            replies: list[tuple[str, Reply]] = []
            begun = time.perf_counter()
            for number, (channel, name) in enumerate(found.pairs()[:needed]):
                wait = begun + number / RATE - time.perf_counter()
                if wait > 0:
                    await asyncio.sleep(wait)
                replies.append((name, discord.send_slash(member, place, "mute", {"member": name, "channel": channel})))
            for _name, reply in replies:
                await reply.answered(300)
            seconds = time.perf_counter() - begun
            acks = sorted(known(reply.ack_seconds) for _name, reply in replies)
            right = sum(name in reply.text and "Muted" in reply.text for name, reply in replies)
            muted = await _muted(found)
    return [
        Result(
            f"{needed} /mute at {RATE}/s: slowest acknowledgement",
            f"{acks[-1]:.2f} s (p50 {acks[len(acks) // 2] * 1e3:.0f} ms)",
            "3 s (Discord's limit)",
            f"{acks[-1] / 3:.2f}",
            "< 1",
            acks[-1] < 3,
        ),
        Result(
            "the same: answers that are right, mutes in the IM",
            f"{right}, {muted} after {seconds:.0f} s",
            f"{needed}",
            f"{right / needed:.3f}",
            "all",
            right == muted == needed,
        ),
    ]


async def _muted(found: Crowd) -> int:
    async with IMClient(found.url, AUTH, timeout_seconds=30) as im:
        count = 0
        for channel in found.members:
            async for _mute in im.mutes.list(found.community, channel):
                count += 1
        return count


async def run() -> list[Result]:
    """Measure one command at a time beside a bare bot."""
    return await beside_the_bare_bot()
