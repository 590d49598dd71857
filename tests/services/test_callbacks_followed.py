"""What callbacks do: our state follows the IM within a second, and nothing that they say is believed."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest
import structlog

from bot.imservice import FaultAction
from bot.services.callbacks import comparisons
from bot.services.callbacks.model import MessageSent
from bot.services.callbacks.service import Receipt
from bot.services.clock import to_ms
from bot.services.model import Ending, MuteState
from bot.store import callbacks as callback_rows
from bot.store.mirrors import MirrorRow
from tests.fault_table import Tell
from tests.services.conftest import GUILD, MakeWorld, World
from tests.services.mute_routes import MUTE
from tests.services.signed import (
    counted,
    events,
    group_op,
    hear,
    muted,
    said,
    signed,
    tell,
    told,
    with_secret,
)

LIST = "GET /circle/channel/{channel_id}/user/mute/list"
MINUTE = 60_000


async def test_an_end_given_outside_is_ours_within_a_second(home: World) -> None:
    view = await home.mute(duration="10m")
    other = await home.mute("carl", duration="10m")
    await hear(home)
    loop = asyncio.get_running_loop()
    await home.outside_mute("bob", 60 * MINUTE)
    begun = loop.time()
    await hear(home)
    took = loop.time() - begun
    case = await home.case(view.id)
    assert case.adopted
    assert case.ends_at == home.clock.now() + timedelta(minutes=60)
    assert not (await home.case(other.id)).adopted
    await home.im.mutes.remove(home.community, home.channel, "bob")
    await hear(home)
    assert (await home.case(view.id)).ending is Ending.OUTSIDE
    await home.im.members.remove(home.community, home.channel, "carl")
    await hear(home)
    assert (await home.case(other.id)).ending is Ending.LEFT
    assert took < 2, "a second, on a machine that has other things to do"
    for verdict in ("adopted", "ended_outside", "left"):
        assert counted(home, "warden_drift_total", verdict=verdict) == 1
    home.pass_time(minutes=11)
    await home.run_due()
    assert (await home.case(view.id)).ending is Ending.OUTSIDE


async def test_a_raid_elsewhere_does_not_hold_up_what_is_about_a_mute(home: World) -> None:
    view, other = await home.mute(), await home.mute("carl")
    await hear(home)
    for member in ("bob", "carl"):
        await home.im.mutes.remove(home.community, home.channel, member)
    home.service.told.clear()
    raid = [group_op(f"c{number}", "JOIN", member=[f"m{number}"]) for number in range(400)]
    raid += [muted(home.channel, "bob", how="REMOVE"), group_op("c7", "JOIN"), muted(home.channel, "carl")]
    begun = asyncio.get_running_loop().time()
    await asyncio.gather(*(tell(home, body) for body in raid))
    await home.services.callbacks.join()
    took = asyncio.get_running_loop().time() - begun
    assert (await home.case(view.id)).ending is (await home.case(other.id)).ending is Ending.OUTSIDE
    assert took < 4, "eight channels a turn would take ten seconds"


async def test_a_mute_that_has_just_lapsed_there_was_not_ended_by_anybody(make_world: MakeWorld) -> None:
    world = await with_secret(await make_world())
    world.service.fault = lambda request: world.clock.move(seconds=8) if request.route == MUTE else None
    short = await world.mute("carl", duration="5s")
    world.service.fault = None
    world.im_clock.move(seconds=8)
    assert await world.listed() == {}, "it was over before the IM had answered"
    await hear(world)
    world.pass_time(seconds=5)
    await world.run_due()
    assert (await world.case(short.id)).ending is Ending.ENDED
    view = await world.mute(duration="10m")
    # The IM began to count when it was told, a moment before it answered.
    world.clock.move(minutes=9, seconds=59)
    world.im_clock.move(minutes=10)
    assert await world.listed() == {}
    await hear(world, [muted(world.channel, "bob")])
    assert (await world.case(view.id)).ending is None
    world.pass_time(seconds=1)
    await world.run_due()
    assert (await world.case(view.id)).ending is Ending.ENDED
    await world.services.callbacks.stop(1)


async def test_a_channel_deleted_outside_ends_its_mutes_and_is_forgotten(home: World) -> None:
    view = await home.mute(duration="permanent")
    assert len(await home.services.directory.known_channels(GUILD)) == 2
    await home.im.channels.delete(home.community, home.channel)
    await hear(home)
    assert (await home.case(view.id)).ending is Ending.GONE
    assert len(await home.services.directory.known_channels(GUILD)) == 1


async def test_what_a_forged_content_says_changes_nothing(home: World, fault: Tell) -> None:
    view = await home.mute(duration="10m")
    await hear(home)
    stamp = to_ms(home.clock.now())
    before = await home.case(view.id)
    wrong = [signed(muted(home.channel, "bob", how="REMOVE"), stamp, secret="guess") for _ in range(10)]
    refused = [await home.services.callbacks.accept(raw) for raw in wrong]
    # Whoever sees a right one go by can send its signature with another content.
    contents = [
        muted(home.channel, "bob", how="REMOVE"),
        group_op(home.channel, "MUTE", member=["bob"], type="ADD", expire_timestamp=stamp + 10**9),
        group_op(home.channel, "DELETE"),
        group_op(home.channel, "KICK", member=["bob"]),
        group_op(home.channel, "KICK"),
        group_op("no such channel", "MUTE", member=["bob"]),
        said(home.channel, "@everyone " * 500, 1, author="olga"),
        muted(home.channel, *[f"m{n}" for n in range(3000)]),
        group_op(home.channel, "MUTE", member={"a": [1]}, type=None),
        {"chat_type": "groupchat", "eventType": "chat", "payload": "x" * 100_000},
    ]
    await hear(home, contents)
    after = await home.case(view.id)
    assert (after.mute_state, after.ends_at, after.adopted) == (MuteState.ACTIVE, before.ends_at, False)
    assert set(await home.listed()) == {"bob"}
    home.pass_time(minutes=10)
    await home.run_due()
    assert (await home.case(view.id)).ending is Ending.ENDED
    fault(
        "callbacks forged",
        wrongly_signed=len(wrong),
        forged_accepted=len(wrong) - refused.count(Receipt.FORGED),
        other_content=len(contents),
        wrong=0,
    )


async def test_in_whatever_order_they_come_the_end_is_the_ims(home: World, fault: Tell) -> None:
    rng, wrong, sent = random.Random(7), 0, 0
    views = {name: await home.mute(name, duration="30m") for name in ("bob", "carl", "dora")}
    await hear(home)
    bodies: list[dict[str, Any]] = []
    for _ in range(60):
        name = rng.choice(list(views))
        if rng.random() < 0.3:
            await home.im.mutes.remove(home.community, home.channel, name)
        else:
            await home.outside_mute(name, rng.randrange(40, 400) * MINUTE)
        bodies += told(home)
    for name in views:
        await home.outside_mute(name, 500 * MINUTE)
    bodies += told(home)
    for _round in range(5):
        rng.shuffle(bodies)
        sent += len(bodies)
        await hear(home, bodies)
        for view in views.values():
            case = await home.case(view.id)
            wrong += case.ends_at != home.clock.now() + timedelta(minutes=500) or case.mute_state != MuteState.ACTIVE
    fault("callbacks reordered", sent=sent, wrong=wrong)


async def test_many_for_one_channel_read_it_few_times(home: World) -> None:
    await home.mute()
    await hear(home)
    read = home.calls(LIST)
    await asyncio.gather(*(tell(home, muted(home.channel, "bob")) for _ in range(200)))
    await home.services.callbacks.join()
    assert 1 <= home.calls(LIST) - read <= 3
    read = home.calls(LIST)
    await hear(home, [muted(home.channel, "somebody.else")] * 20)
    assert home.calls(LIST) == read


async def test_what_could_not_be_compared_is_compared_when_the_im_is_back(
    home: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparisons, "_FIRST_RETRY_SECONDS", 0.05)
    view = await home.mute()
    await hear(home)
    await home.outside_mute("bob", 60 * MINUTE)
    home.service.fault = lambda request: FaultAction("status", status=503) if request.route == LIST else None
    assert await tell(home, told(home)[0]) is Receipt.ACCEPTED
    async with asyncio.timeout(5):
        while counted(home, "warden_drift_total", verdict="unread") < 3:
            await asyncio.sleep(0.02)
    assert not (await home.case(view.id)).adopted
    home.service.fault = None
    await home.services.callbacks.join()
    assert (await home.case(view.id)).adopted


async def test_two_comparisons_at_once_do_one_thing(home: World) -> None:
    views = [await home.mute(name, duration="10m") for name in ("bob", "carl", "dora")]
    await home.outside_mute("bob", 60 * MINUTE)
    await home.im.mutes.remove(home.community, home.channel, "carl")
    reconcile = home.services.reconcile
    reports = await asyncio.gather(*(reconcile.run() if n % 2 else reconcile.compare([home.channel]) for n in range(6)))
    assert (sum(r.adopted for r in reports), sum(r.ended_outside for r in reports)) == (1, 1)
    bob, carl, dora = [await home.case(view.id) for view in views]
    assert (bob.adopted, carl.ending, dora.mute_state) == (True, Ending.OUTSIDE, MuteState.ACTIVE)
    assert (await reconcile.compare(["no such channel"])).channels == 0


class Breaking:
    """A feed that cannot take messages with a certain text."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.taken: list[str] = []
        self.added = 0

    async def prepare(self, messages: Any) -> Any:
        for message in messages:
            assert isinstance(message, MessageSent)
            if message.text == "poison":
                raise ValueError(message.text)
        self.taken += [message.text for message in messages]
        return ()

    def add(self, connection: Any, rows: Any) -> None:
        self.added += len(rows)


async def test_one_that_cannot_be_processed_holds_up_no_other(home: World) -> None:
    feed = home.services.callbacks._processing._feed = Breaking()  # pyright: ignore
    view = await home.mute()
    await hear(home)
    await home.im.mutes.remove(home.community, home.channel, "bob")
    texts = ["one", "poison", "two", "poison", "three"]
    with structlog.testing.capture_logs() as logs:
        await hear(home, [*(said(home.channel, text, n) for n, text in enumerate(texts)), *told(home)])
    assert feed.taken == ["one", "two", "three"]
    assert (await home.case(view.id)).ending is Ending.OUTSIDE
    states = [row.state for row in await events(home)]
    assert (states.count("unknown"), states.count("waiting")) == (2, 0)
    assert counted(home, "warden_callback_events_total", event="failed") == 2
    lines = [line for line in logs if line["event"] == "a callback could not be processed"]
    assert [(line["why"], line["where"].partition(" < ")[0].endswith("prepare")) for line in lines] == [
        ("ValueError", True),
    ] * 2  # fmt: skip
    # What was said by anybody is nothing for the log.
    assert "poison" not in str(logs)


class Hanging(Breaking):
    """A feed that waits for an IM that does not answer."""

    async def prepare(self, messages: Any) -> Any:
        await asyncio.Event().wait()


async def test_a_feed_that_hangs_delays_no_comparison(home: World) -> None:
    view = await home.mute()
    await hear(home)
    home.services.callbacks._processing._feed = Hanging()  # pyright: ignore
    assert await tell(home, said(home.channel, "hello", 1)) is Receipt.ACCEPTED
    await asyncio.sleep(0.1)
    await home.outside_mute("bob", 60 * MINUTE)
    for body in told(home):
        assert await tell(home, body) is Receipt.ACCEPTED
    async with asyncio.timeout(5):
        while not (await home.case(view.id)).adopted:
            await asyncio.sleep(0.02)
    assert [row.state for row in await events(home)][-2:] == ["waiting", "waiting"]


class Overtaken(Breaking):
    """A feed during whose preparations another process takes all that waits over."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def prepare(self, messages: Any) -> Any:
        await self._world.store.write(lambda connection: callback_rows.take_over(connection, "another", None))
        return [
            MirrorRow(0, None, GUILD, 0, "c", m.channel_id, "hall", m.message_id, m.author_id, m.text, m.kind)
            for m in messages
        ]


async def test_what_another_process_has_taken_over_is_shown_by_that_one_alone(home: World) -> None:
    feed = home.services.callbacks._processing._feed = Overtaken(home)  # pyright: ignore
    await hear(home, [said(home.channel, "hello", 1)])
    assert feed.added == 0
    (event,) = await events(home)
    assert (event.state, event.owner) == ("waiting", "another")
    assert counted(home, "warden_callback_events_total", event="message") == 0


async def test_what_a_killed_process_has_left_is_processed_at_the_next_start(home: World) -> None:
    view = await home.mute()
    await hear(home)
    await home.outside_mute("bob", 60 * MINUTE)
    assert home.services.callbacks._worker is not None
    home.services.callbacks._worker.cancel()
    for body in told(home):
        assert await tell(home, body) is Receipt.ACCEPTED
    assert [row.state for row in await events(home)][-1] == "waiting"
    await home.services.callbacks._comparisons.stop()
    await home.restart()
    await home.services.callbacks.start()
    await home.services.callbacks.join()
    assert [row.state for row in await events(home)][-1] == "done"
    assert (await home.case(view.id)).adopted
