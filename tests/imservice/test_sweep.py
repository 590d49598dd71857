"""The sweep takes what has lapsed and nothing else, and never holds up a request."""

import asyncio
import sqlite3

import pytest

from bot.imservice import sweeping
from bot.imservice.domain import messages, mutes
from bot.imservice.sweeping import AT_ONCE, sweep
from tests.imservice.conftest import START_MS

DAY_MS = 24 * 3600 * 1000
LAPSED = 100_000


def insert_lapsed_mutes(connection: sqlite3.Connection) -> None:
    """Mutes of users who are in nothing: only the table of mutes matters to the sweep."""
    users = [(f"u{number}", f"u{number}") for number in range(LAPSED)]
    connection.executemany("INSERT INTO users (key, username, uuid, created, modified) VALUES (?, ?, 'u', 1, 1)", users)
    (channel,) = connection.execute("SELECT seq FROM channels LIMIT 1").fetchone()
    connection.execute(
        "INSERT INTO mutes (channel, user, expire) SELECT ?, seq, ? FROM users WHERE key GLOB 'u[0-9]*'",
        (channel, START_MS),
    )


def insert_messages(created: list[int]):
    def work(connection: sqlite3.Connection) -> None:
        (channel,) = connection.execute("SELECT seq FROM channels LIMIT 1").fetchone()
        connection.executemany(
            "INSERT INTO messages (id, channel, sender, type, body, created) VALUES (?, ?, 'ann', 'txt', '{}', ?)",
            [(str(number), channel, at) for number, at in enumerate(created)],
        )

    return work


def count(api, table: str) -> int:
    return api.service.database.reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


async def test_requests_are_answered_while_a_hundred_thousand_mutes_are_swept(api):
    """What is left is seen at many stages by those who write meanwhile; in one write it would be all or nothing."""
    channel = await api.new_channel()
    await api.join(channel, "ann")
    await api.service.write(insert_lapsed_mutes)
    sweeping_now = asyncio.create_task(sweep(api.service.database, api.service.options, START_MS))
    stages: set[int] = set()
    answered = 0
    while not sweeping_now.done():
        assert (await api.mute(channel, "ann", duration=60_000)).status == 200
        assert await api.muted(channel) == {"ann": START_MS + 60_000}
        stages.add(count(api, "mutes"))
        answered += 2
    assert await sweeping_now == LAPSED
    assert count(api, "mutes") == 1
    assert len(stages) >= 20
    assert answered >= 2 * len(stages)


@pytest.mark.parametrize("number", [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 2 * AT_ONCE])
async def test_all_of_it_goes_whatever_the_size_of_the_last_batch(api, number):
    await api.service.write(insert_messages([START_MS - 31 * DAY_MS] * number + [START_MS] * 3))
    assert await sweep(api.service.database, api.service.options, START_MS) == number
    assert count(api, "messages") == 3


async def test_each_batch_is_a_write_of_its_own(api, monkeypatch):
    monkeypatch.setattr(sweeping, "AT_ONCE", 10)
    await api.service.write(insert_messages([0] * 95))
    before = api.service.database.commits
    assert await sweep(api.service.database, api.service.options, START_MS) == 95
    assert api.service.database.commits == before + 11, "ten of messages, and one that finds no mutes"


async def test_messages_are_kept_for_thirty_days(api, clock):
    old, borderline = START_MS - 30 * DAY_MS - 1, START_MS - 30 * DAY_MS
    await api.service.write(insert_messages([old, borderline, START_MS]))
    await sweep(api.service.database, api.service.options, clock.ms)
    kept = api.service.database.reader.execute("SELECT created FROM messages ORDER BY created").fetchall()
    assert kept == [(borderline,), (START_MS,)]


@pytest.mark.parametrize(("options", "left"), [({"message_days": 0}, 2), ({"message_days": 1}, 0)])
async def test_how_long_messages_are_kept_can_be_chosen(launch, options, left):
    api = await launch(**options)
    await api.users("owner")
    await api.new_community()
    await api.service.write(insert_messages([0, START_MS - 2 * DAY_MS]))
    await sweep(api.service.database, api.service.options, START_MS)
    assert count(api, "messages") == left


async def test_mutes_can_be_kept_while_messages_go(launch):
    api = await launch(keep_expired_mutes=True)
    await api.users("owner", "ann")
    api.community = await api.new_community()
    channel = await api.new_channel()
    await api.join(channel, "ann")
    await api.mute(channel, "ann", duration=1)
    await api.service.write(insert_messages([0]))
    assert await sweep(api.service.database, api.service.options, START_MS + 1000) == 1
    assert (count(api, "mutes"), count(api, "messages")) == (1, 0)


async def test_the_service_sweeps_messages_by_itself(launch):
    api = await launch(sweep_seconds=0.01)
    await api.users("owner")
    await api.new_community()
    await api.service.write(insert_messages([0, START_MS]))
    async with asyncio.timeout(10):
        while count(api, "messages") > 1:
            await asyncio.sleep(0.01)


async def test_a_sweep_that_fails_is_tried_again(launch, monkeypatch, caplog):
    api = await launch(sweep_seconds=0.01)
    await api.users("owner")
    await api.new_community()
    await api.service.write(insert_messages([0]))
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    failures: list[Exception] = [sqlite3.IntegrityError("no"), full]
    true_sweep = messages.sweep

    def fail_twice(connection, before, at_once):
        if failures:
            raise failures.pop()
        return true_sweep(connection, before, at_once)

    monkeypatch.setattr(messages, "sweep", fail_twice)
    async with asyncio.timeout(10):
        while count(api, "messages"):
            await asyncio.sleep(0.01)
    assert caplog.text.count("what has lapsed stays for now") == 2


@pytest.mark.parametrize("function", [mutes.sweep, messages.sweep])
async def test_the_sweep_reads_no_whole_table(api, function):
    seen: list[str] = []

    def work(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(seen.append)
        function(connection, START_MS, AT_ONCE)
        connection.set_trace_callback(None)
        plan = connection.execute(f"EXPLAIN QUERY PLAN {seen[0]}").fetchall()
        seen[:] = [step for *_, step in plan]

    await api.service.write(work)
    assert seen
    assert not [step for step in seen if "SCAN" in step or "TEMP B-TREE" in step]
