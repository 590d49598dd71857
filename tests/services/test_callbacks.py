"""Callbacks that come in: each is kept once and durable, whatever comes in between, and forgotten in time."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing, contextmanager
from typing import Any

import pytest

from bot.services.alerts import Trouble
from bot.services.callbacks import intake
from bot.services.callbacks.forgeries import MANY
from bot.services.callbacks.service import LONGEST_BODY, Receipt
from bot.services.clock import to_ms
from bot.services.model import Ending
from bot.store import alerts as alert_rows
from tests.fault_table import Tell
from tests.services.conftest import GUILD, MakeWorld, World
from tests.services.signed import (
    SECRET,
    counted,
    events,
    group_op,
    hear,
    muted,
    said,
    signed,
    told,
    with_secret,
)

LIST = "GET /circle/channel/{channel_id}/user/mute/list"
MINUTE = 60_000


async def test_each_is_answered_as_it_deserves_and_only_once_kept(home: World) -> None:
    now = to_ms(home.clock.now())
    accept = home.services.callbacks.accept
    body = group_op("9", "UPDATE")
    fresh = signed(body, now)
    nested = b'{"a":' * 100_000
    cases = [
        (fresh, Receipt.ACCEPTED),
        (fresh, Receipt.DUPLICATE),
        (b"\xef\xbb\xbf" + signed(body, now), Receipt.ACCEPTED),
        (signed(body, now + 299_000), Receipt.ACCEPTED),
        (signed(body, now - 301_000), Receipt.STALE),
        (signed(body, now + 301_000), Receipt.STALE),
        (signed(body, now, secret="another"), Receipt.FORGED),
        (signed(body, now, timestamp=now + 1), Receipt.FORGED),
        (signed(body, now, callId="org#app_other"), Receipt.FORGED),
        (signed(body, now, security=None), Receipt.FORGED),
        (signed(body, now, timestamp=str(now)), Receipt.MALFORMED),
        (signed(body, now, callId=7), Receipt.MALFORMED),
        (signed(body, now, call_id="a\x00b"), Receipt.MALFORMED),
        (signed(body, now, call_id="x" * 201), Receipt.MALFORMED),
        (b"", Receipt.MALFORMED),
        (b"[]", Receipt.MALFORMED),
        (b"\xff", Receipt.MALFORMED),
        (nested, Receipt.MALFORMED),
        (b"{}", Receipt.MALFORMED),
        (signed(body, now, pad="x" * LONGEST_BODY), Receipt.TOO_LARGE),
        # As the documents show reactions: nobody can tell whose it is, and it is of no use.
        (b'{"chat_type":"notify","eventType":"chat","payload":{"type":"reaction"}}', Receipt.UNSIGNED),
        (b'{"event":"group_op_event","id":"9","operation":"MUTE"}', Receipt.MALFORMED),
    ]
    for raw, receipt in cases:
        assert await accept(raw) is receipt, raw[:200]
    await home.services.callbacks.join()
    assert [(row.kind, row.state, row.body) for row in await events(home)] == [("channel", "done", "")] * 3
    for receipt in {receipt for _raw, receipt in cases}:
        expected = sum(receipt is other for _raw, other in cases)
        assert counted(home, "warden_callbacks_total", outcome=receipt.value) == expected
    assert counted(home, "warden_callback_seconds_count") == len(cases)


async def test_what_is_unknown_is_kept_with_what_it_says_and_counted(home: World) -> None:
    await hear(home, [{"event": "group_op_event", "id": "9", "operation": "NEW", "payload": {"who": "bób\ud800\x00"}}])
    await hear(home, [{"chat_type": "roster", "eventType": "chat", "from": "bob"}])
    again = signed({"event": "group_op_event", "id": "9", "operation": "NEW"}, to_ms(home.clock.now()))
    assert [await home.services.callbacks.accept(again) for _ in range(3)].count(Receipt.DUPLICATE) == 2
    unknown, contact, _another = await events(home)
    assert (unknown.kind, unknown.state, contact.kind, contact.state, contact.body) == (
        "group/NEW", "unknown", "contact", "done", "",
    )  # fmt: skip
    assert "bób?" in unknown.body
    assert counted(home, "warden_callback_events_total", event="unknown") == 2
    assert counted(home, "warden_callback_events_total", event="contact") == 1


async def test_the_same_one_many_times_is_one(home: World, fault: Tell) -> None:
    view = await home.mute()
    await hear(home)
    await home.im.mutes.remove(home.community, home.channel, "bob")
    stamp = to_ms(home.clock.now())
    bodies = told(home)
    captured = [signed(body, stamp) for body in bodies]
    before = len(await events(home))
    receipts = await asyncio.gather(*(home.services.callbacks.accept(captured[0]) for _ in range(500)))
    await home.services.callbacks.join()
    assert receipts.count(Receipt.ACCEPTED) == 1
    assert receipts.count(Receipt.DUPLICATE) == 499
    double = len(await events(home)) - before - 1
    assert (await home.case(view.id)).ending is Ending.OUTSIDE
    again = await home.mute()
    home.pass_time(minutes=4)
    read = home.calls(LIST)
    # Still fresh by its signature, and already known.
    assert await home.services.callbacks.accept(captured[0]) is Receipt.DUPLICATE
    await home.services.callbacks.join()
    assert home.calls(LIST) == read
    home.pass_time(minutes=70)
    await home.services.callbacks.tidy()
    assert not await events(home)
    assert await home.listed()  # the IM has told the time
    late = await home.services.callbacks.accept(captured[0])
    assert late is Receipt.STALE
    fault("callbacks replayed", sent=502, double=double, wrong=(await home.case(again.id)).ending is not None)


async def test_ten_thousand_at_once_are_all_kept(home: World, fault: Tell) -> None:
    stamp = to_ms(home.clock.now())
    raws = [signed(muted(f"c{n % 50}", f"m{n}"), stamp) for n in range(10_000)]
    receipts = await asyncio.gather(*(home.services.callbacks.accept(raw) for raw in raws))
    accepted = receipts.count(Receipt.ACCEPTED)
    # What is too much for 4 s is refused so that it is sent again.
    again = [raw for raw, receipt in zip(raws, receipts, strict=True) if receipt is Receipt.BUSY]
    receipts += [await home.services.callbacks.accept(raw) for raw in again]
    await home.services.callbacks.join()
    kept = [row.state for row in await events(home)]
    assert kept == ["done"] * 10_000
    assert set(receipts[10_000:]) <= {Receipt.ACCEPTED, Receipt.DUPLICATE}
    assert home.calls(LIST) == 0  # nobody whom we have muted
    assert counted(home, "warden_callbacks_waiting") == 0
    fault("10,000 callbacks in a burst", sent=10_000, at_once=accepted, sent_again=len(again), lost=10_000 - len(kept))


async def test_more_than_may_wait_is_told_to_come_again(home: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING", 100)
    bodies = [signed(said("9", "x" * 10, n), to_ms(home.clock.now())) for n in range(300)]
    receipts = await asyncio.gather(*(home.services.callbacks.accept(raw) for raw in bodies))
    assert receipts.count(Receipt.BUSY) == 200
    monkeypatch.setattr(intake, "MOST_BYTES", 1000)
    receipts = await asyncio.gather(*(home.services.callbacks.accept(raw) for raw in bodies[100:110]))
    assert Receipt.BUSY in receipts
    receipts = [await home.services.callbacks.accept(raw) for raw in bodies]
    assert set(receipts) == {Receipt.ACCEPTED, Receipt.DUPLICATE}
    assert len(await events(home)) == 300


@contextmanager
def locked(world: World) -> Any:
    """Another process holds a write transaction."""
    with closing(sqlite3.connect(world.folder / "warden.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def test_while_the_store_is_locked_it_is_busy_and_none_is_kept_twice(
    home: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "PATIENCE_SECONDS", 0.3)
    raws = [signed(said("9", "hi", n), to_ms(home.clock.now())) for n in range(20)]
    with locked(home):
        receipts = await asyncio.gather(*(home.services.callbacks.accept(raw) for raw in raws))
    assert set(receipts) == {Receipt.BUSY}
    monkeypatch.setattr(intake, "PATIENCE_SECONDS", 4.0)
    receipts = await asyncio.gather(*(home.services.callbacks.accept(raw) for raw in raws))
    await home.services.callbacks.join()
    # The first batch was with the database already, and went through after all.
    assert Receipt.DUPLICATE in receipts
    assert set(receipts) <= {Receipt.ACCEPTED, Receipt.DUPLICATE}
    assert [row.state for row in await events(home)] == ["done"] * 20


@pytest.mark.parametrize("hours", [-2, 2])
async def test_a_clock_that_is_two_hours_wrong_keeps_no_callback_out(home: World, hours: int, fault: Tell) -> None:
    raws = [signed(group_op("9", "UPDATE"), to_ms(home.im_clock.now())) for _ in range(3)]
    home.clock.move(hours=hours)
    # The IM was asked a moment ago, so its time is known.
    assert await home.services.callbacks.accept(raws[0]) is Receipt.ACCEPTED
    # It was not asked anything yet since this process has started: it is, once.
    await home.services.callbacks.stop(1)
    await with_secret(home)
    assert home.im.time_there() is None
    assert await home.services.callbacks.accept(raws[1]) is Receipt.ACCEPTED
    assert await home.services.callbacks.accept(raws[2]) is Receipt.ACCEPTED
    asked = home.calls("GET /circle/server")
    old = [signed(group_op("9", "UPDATE"), to_ms(home.im_clock.now()) - 301_000) for _ in range(50)]
    refused = [await home.services.callbacks.accept(raw) for raw in old]
    assert set(refused) == {Receipt.STALE}
    assert home.calls("GET /circle/server") == asked
    fault("clock 2 h back and forth", callbacks_kept=3, old_ones_refused=50, wrong=0)


async def test_what_is_old_is_forgotten(home: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.callbacks.service._FORGOTTEN_AT_ONCE", 3)
    monkeypatch.setattr("bot.services.callbacks.service.MOST_UNKNOWN", 5)
    await hear(home, [*[group_op("9", "UPDATE")] * 8, *[group_op("9", f"NEW{n}") for n in range(9)]])
    home.pass_time(minutes=59)
    await hear(home, [group_op("9", "UPDATE")])
    await home.services.housekeeping.dispatch()
    assert [row.kind for row in await events(home)] == [
        *["channel"] * 8,
        *[f"group/NEW{n}" for n in range(4, 9)],
        "channel",
    ]
    home.pass_time(minutes=2)
    await hear(home, [group_op("9", "NEWER")])
    await home.services.housekeeping.dispatch()
    home.pass_time(minutes=5)
    await home.services.housekeeping.dispatch()
    newest = [f"group/NEW{n}" for n in range(5, 9)]
    assert [row.kind for row in await events(home)] == [*newest, "channel", "group/NEWER"]
    home.pass_time(days=7)
    await home.services.housekeeping.dispatch()
    assert await events(home) == []


async def test_wrong_signatures_one_after_the_other_raise_an_alert_and_a_right_one_heals_it(home: World) -> None:
    await home.services.settings.set_log_channel(GUILD, 5)
    callbacks = home.services.callbacks

    async def forged(count: int) -> None:
        for _ in range(count):
            raw = signed(group_op("9", "UPDATE"), to_ms(home.clock.now()), secret="old secret")
            assert await callbacks.accept(raw) is Receipt.FORGED
        await callbacks.join()

    async def open_alerts() -> list[Any]:
        kind = Trouble.CALLBACKS_REFUSED
        return await home.store.read(lambda connection: alert_rows.open_alerts(connection, GUILD, kind))

    await forged(MANY - 1)
    await hear(home, [group_op("9", "UPDATE")])
    await forged(MANY - 1)
    home.pass_time(minutes=11)
    await forged(1)
    assert await open_alerts() == []
    await forged(2 * MANY)
    (alert,) = await open_alerts()
    assert "http.callback_secret" in alert.why
    assert SECRET not in alert.why
    await home.services.settings.set_log_channel(GUILD, None)
    # A restart in between: the next process heals what this one has raised.
    await callbacks.stop(1)
    await with_secret(home)
    await hear(home, [group_op("9", "UPDATE")])
    assert await open_alerts() == []


async def test_who_sends_wrong_ones_among_those_of_the_im_calls_nobody(home: World) -> None:
    await home.services.settings.set_log_channel(GUILD, 5)

    async def hears(right: int) -> float:
        for _ in range(MANY):
            raw = signed(group_op("9", "UPDATE"), to_ms(home.clock.now()), secret="a guess")
            assert await home.services.callbacks.accept(raw) is Receipt.FORGED
        await hear(home, [group_op("9", "UPDATE")] * right)
        return counted(home, "warden_alerts_total", kind=Trouble.CALLBACKS_REFUSED, event="raised")

    await hear(home, [group_op("9", "UPDATE")])
    for _ in range(3):
        home.pass_time(minutes=5)
        assert await hears(right=1) == 0
    # The secret was changed at the console.
    home.pass_time(minutes=9)
    assert await hears(right=0) == 0
    home.pass_time(minutes=2)
    assert await hears(right=0) == 1


async def test_nothing_is_taken_in_before_the_start_or_after_the_end(make_world: MakeWorld) -> None:
    world = await with_secret(await make_world())
    raw = signed(group_op("9", "UPDATE"), to_ms(world.clock.now()))
    callbacks = world.services.callbacks
    waiting = [
        asyncio.create_task(callbacks.accept(signed(said("9", "x", n), to_ms(world.clock.now())))) for n in range(50)
    ]
    await asyncio.sleep(0)
    await callbacks.stop(2)
    assert set(await asyncio.gather(*waiting)) <= {Receipt.ACCEPTED, Receipt.BUSY}
    accepted = [task.result() for task in waiting].count(Receipt.ACCEPTED)
    assert [row.state for row in await events(world)] == ["done"] * accepted
    assert await callbacks.accept(raw) is Receipt.BUSY
    await callbacks.stop(2)
