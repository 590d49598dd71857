"""Our own state on disk: migrations, durability, transactions, and every way a database can be unusable."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, event, inspect, select, text
from sqlalchemy.exc import IntegrityError

from bot.store import NotMigratedError, Store, StoreError, alerts, cases, database, mutes, tables, timers, upgrade
from bot.store.rows import MuteRow
from tests.empty_database import lay_empty_database

CASE = {
    "at_ms": 1_000, "guild_id": 2**60, "staff_id": 2**60, "staff_name": "anna", "action": "mute", "community_id": "s",
    "channel_id": "c", "channel_name": "general", "member_id": "bob", "duration_ms": 600_000, "reason": "spam 刷屏",
}  # fmt: skip
MUTE = MuteRow(
    id=0, case_id=0, guild_id=1, community_id="s", channel_id="c", member_id="bob", state="", version=0, begun_ms=0,
    requested_ms=None, due_ms=None, im_end_ms=None, supersedes=None, lifting_case_id=None, closed_ms=None, ending=None,
    ended_by_case=None, adopted=0,
)  # fmt: skip


def url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    await lay_empty_database(tmp_path / "warden.db")
    store = Store(url(tmp_path / "warden.db"))
    yield store
    await store.close()


async def count(store: Store, table: Any) -> int:
    return await store.read(lambda connection: len(connection.execute(select(table)).all()))


async def add_case(store: Store, **changes: Any) -> int:
    return await store.write(lambda connection: cases.add_case(connection, **(CASE | changes)))


async def members(store: Store) -> list[str]:
    query = select(tables.cases.c.member_id).order_by(tables.cases.c.id)
    return await store.read(lambda connection: list(connection.execute(query).scalars()))


async def note(store: Store, case_id: int, kind: str) -> None:
    await store.write(lambda connection: cases.add_event(connection, case_id, 1, kind))


def lines(error: BaseException) -> int:
    return str(error).count("\n") + 1


# Migrations


async def test_an_empty_database_is_brought_to_the_head_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    store = Store(url(tmp_path / "new" / "folder" / "warden.db"))
    assert await store.revision() is None
    assert await store.migrate() == (None, store.head)
    await add_case(store)
    assert await store.migrate() == (store.head, store.head)
    assert await count(store, tables.cases) == 1
    await store.require_migrated()
    await store.close()


async def test_the_tables_and_the_migrations_agree(store: Store) -> None:
    def differences(connection: Any) -> list[Any]:
        return compare_metadata(MigrationContext.configure(connection), tables.metadata)

    assert await store.read(differences) == []
    assert upgrade.newest() == tables.REVISION


async def test_defaults_and_partial_indexes_of_the_migrations_are_those_of_the_tables(
    store: Store, tmp_path: Path
) -> None:
    """Alembic compares no WHERE of an index: an outcome or a live mute would be unique nowhere, or everywhere."""
    other = Store(url(tmp_path / "other.db"))
    await other.write(tables.metadata.create_all)

    def schema(connection: Connection) -> set[Any]:
        indexes = connection.execute(text("SELECT sql FROM sqlite_master WHERE type = 'index'"))
        found: set[Any] = {" ".join(row.sql.split()) for row in indexes if row.sql}
        for table in tables.metadata.tables:
            found |= {(table, *row[1:]) for row in connection.execute(text(f"PRAGMA table_info({table})"))}
        return found

    assert await store.read(schema) == await other.read(schema)
    await other.close()


async def test_a_schema_of_a_newer_version_is_refused_with_one_sentence_and_left_alone(store: Store) -> None:
    await add_case(store)
    await store.write(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    for attempt in (store.migrate, store.require_migrated):
        with pytest.raises(NotMigratedError) as refused:
            await attempt()
        assert "9999" in str(refused.value)
        assert lines(refused.value) == 1
    assert await count(store, tables.cases) == 1


async def test_an_empty_database_is_not_served(tmp_path: Path) -> None:
    store = Store(url(tmp_path / "warden.db"))
    with pytest.raises(NotMigratedError, match="run `warden migrate`"):
        await store.require_migrated()
    await store.close()


async def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(url(tmp_path / "warden.db"))
    real = upgrade.upgrade

    def broken(connection: Any) -> None:
        real(connection)
        raise RuntimeError("power cut")

    monkeypatch.setattr(upgrade, "upgrade", broken)
    with pytest.raises(RuntimeError):
        await store.migrate()
    monkeypatch.setattr(upgrade, "upgrade", real)
    assert await store.revision() is None
    assert await store.read(lambda connection: inspect(connection).get_table_names()) == []
    await store.migrate()
    await store.require_migrated()
    await store.close()


# Durability and transactions


async def test_what_is_committed_survives_a_power_cut(store: Store) -> None:
    def pragmas(connection: Connection) -> list[Any]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.execute(text(f"PRAGMA {name}")).scalar() for name in names]

    assert await store.write(pragmas) == ["wal", 2, 1]  # 2 is FULL


async def test_what_is_committed_is_there_after_sigkill(tmp_path: Path) -> None:
    program = """
import asyncio, os, signal, sys
from bot.store import Store, cases
CASE = dict(at_ms=1, guild_id=1, staff_id=1, staff_name="a", action="mute", community_id="s", channel_id="c",
            channel_name="g")
def half(connection):
    cases.add_case(connection, **CASE, member_id="half")
    os.kill(os.getpid(), signal.SIGKILL)
async def main():
    store = Store(sys.argv[1])
    await store.migrate()
    await store.write(lambda connection: cases.add_case(connection, **CASE, member_id="bob"))
    await store.write(half)
asyncio.run(main())
"""
    where = url(tmp_path / "warden.db")
    root = Path(__file__).parents[2]
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program, where], cwd=root, check=False, timeout=60
    )
    assert done.returncode == -9
    store = Store(where)
    assert await members(store) == ["bob"]
    await store.close()


@pytest.mark.parametrize("error", [RuntimeError, OSError, IntegrityError])
async def test_an_exception_rolls_everything_back_and_passes_through(store: Store, error: Any) -> None:
    def interrupted(connection: Connection) -> None:
        cases.add_case(connection, **CASE)
        raise error("stop", None, Exception())

    with pytest.raises(error):
        await store.write(interrupted)
    assert await count(store, tables.cases) == 0
    assert await add_case(store) > 0


async def test_writers_wait_for_each_other_and_none_is_refused(store: Store) -> None:
    numbers = await asyncio.gather(*(add_case(store) for _ in range(100)))
    assert sorted(numbers) == list(range(1, 101))


async def test_readers_do_not_wait_for_a_writer_and_see_only_what_is_committed(store: Store) -> None:
    written, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        cases.add_case(connection, **CASE)
        written.set()
        assert go_on.wait(5)

    writer = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(written.wait, 5)
    async with asyncio.timeout(2):
        assert await count(store, tables.cases) == 0
    go_on.set()
    await writer
    assert await count(store, tables.cases) == 1


async def test_a_caller_who_gives_up_leaves_whole_transactions_only(store: Store) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        cases.add_case(connection, **CASE)
        started.set()
        assert go_on.wait(5)
        cases.add_case(connection, **CASE)

    writer = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(started.wait, 5)
    writer.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await writer
    assert await add_case(store) in {1, 3}
    assert await count(store, tables.cases) in {1, 3}


async def test_the_event_loop_comes_round_while_a_transaction_is_slow(store: Store) -> None:
    writer = asyncio.create_task(store.write(lambda _connection: time.sleep(0.3)))
    begun = time.monotonic()
    await asyncio.sleep(0.01)
    assert time.monotonic() - begun < 0.25
    await writer


async def test_case_numbers_are_never_given_twice(store: Store) -> None:
    await add_case(store)
    last = await add_case(store)
    await store.write(lambda connection: connection.execute(tables.cases.delete()))
    assert await add_case(store) == last + 1


# What the database itself holds


async def test_there_is_one_live_mute_of_a_member_in_a_channel(store: Store) -> None:
    async def add(state: str, **changes: Any) -> int:
        def work(connection: Connection) -> int:
            case_id = cases.add_case(connection, **CASE)
            return mutes.add_mute(connection, replace(MUTE, case_id=case_id, state=state, **changes))

        return await store.write(work)

    for state in ("failed", "lifted", "superseded", "lifted"):
        await add(state)
    await add("active", channel_id="other")
    await add("active", member_id="carl")
    await add("pending")
    for state in ("pending", "active", "lifting"):
        with pytest.raises(IntegrityError):
            await add(state)
    assert await count(store, tables.cases) == 7


async def test_an_outcome_is_noted_once_and_other_notes_as_often_as_they_happen(store: Store) -> None:
    case_id = await add_case(store)
    for kind in ("applied", "verified", "undone", "adopted", "adopted"):
        await note(store, case_id, kind)
    for kind in ("applied", "verified", "undone"):
        with pytest.raises(IntegrityError):
            await note(store, case_id, kind)


async def test_a_note_on_a_case_that_does_not_exist_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError):
        await note(store, 12, "applied")


async def test_all_cases_are_paged_in_order_with_their_last_outcome(store: Store) -> None:
    def fill(connection: Connection) -> None:
        for number in range(1_100):
            case_id = cases.add_case(connection, **(CASE | {"at_ms": number}))
            for kind in ((), ("applied",), ("applied", "verified", "adopted"))[number % 3]:
                cases.add_event(connection, case_id, number, kind)

    async def walk(since_ms: int | None) -> list[tuple[int, str]]:
        def page(connection: Connection) -> list[Any]:
            return cases.page_after(connection, found[-1][0] if found else 0, since_ms, 500)

        found: list[tuple[int, str]] = []
        while more := await store.read(page):
            found += [(case.id, outcome) for case, outcome in more]
        return found

    await store.write(fill)
    outcomes = ("intended", "applied", "verified")
    assert await walk(None) == [(number + 1, outcomes[number % 3]) for number in range(1_100)]
    assert [number for number, _outcome in await walk(1_090)] == list(range(1_091, 1_101))


async def test_a_mark_holds_what_was_noted_last(store: Store) -> None:
    assert await store.mark("tree") is None
    await store.set_mark("tree", "one")
    await store.set_mark("tree", "two")
    assert await store.mark("tree") == "two"


# Unusable databases


async def test_a_database_locked_by_another_process_is_said_in_one_line(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_TIMEOUT_SECONDS", 0.1)
    impatient = Store(url(tmp_path / "warden.db"))
    other = sqlite3.connect(tmp_path / "warden.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="is locked by another process") as refused:
        await add_case(impatient)
    assert lines(refused.value) == 1
    await impatient.check()  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    assert await add_case(impatient) == 1
    await impatient.close()


async def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    store = Store(url(tmp_path / "warden.db"))
    await store.migrate()
    await add_case(store)
    await store.close()

    full = Store(url(tmp_path / "warden.db"))
    # No page more than there are: what a full disk looks like to SQLite.
    event.listen(full._backend._engine, "connect", lambda c, _r: c.execute("PRAGMA max_page_count=1"))

    def too_much(connection: Connection) -> None:
        cases.add_case(connection, **(CASE | {"member_id": "small"}))
        cases.add_case(connection, **(CASE | {"reason": "x" * 1_000_000}))

    with pytest.raises(StoreError, match="has no room left") as refused:
        await full.write(too_much)
    assert lines(refused.value) == 1
    assert await members(full) == ["bob"]
    await full.close()

    room = Store(url(tmp_path / "warden.db"))
    assert await add_case(room) == 2
    await room.close()


async def test_a_file_that_is_no_database_is_said_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "warden.db"
    file.write_bytes(b"dear diary " * 1_000)
    store = Store(url(file))
    for attempt in (store.revision, store.migrate, store.require_migrated, store.check):
        with pytest.raises(StoreError) as refused:
            await attempt()
        assert "warden.db" in str(refused.value)
        assert lines(refused.value) == 1
    await store.close()
    assert file.read_bytes() == b"dear diary " * 1_000


async def test_a_path_that_is_a_folder_is_said(tmp_path: Path) -> None:
    store = Store(url(tmp_path))
    with pytest.raises(StoreError) as refused:
        await store.migrate()
    assert lines(refused.value) == 1
    await store.close()


async def test_a_path_below_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as refused:
        Store(url(tmp_path / "file" / "warden.db"))
    assert lines(refused.value) == 1


async def test_a_server_that_is_away_is_said_without_the_password() -> None:
    pytest.importorskip("asyncpg")
    store = Store("postgresql+asyncpg://warden:p4ssw0rd@127.0.0.1:1/warden")
    assert "p4ssw0rd" not in repr(store)
    for attempt in (store.revision, store.check):
        with pytest.raises(StoreError) as refused:
            await attempt()
        assert "p4ssw0rd" not in str(refused.value)
        assert "127.0.0.1" in str(refused.value)
    with pytest.raises(StoreError):
        await add_case(store)
    await store.close()


@pytest.mark.parametrize(
    "query",
    [
        lambda connection: mutes.live_mute(connection, "c", "bob"),
        lambda connection: mutes.live_in_channel(connection, "c"),
        lambda connection: mutes.count_active(connection, 1),
        timers.next_wake,
        lambda connection: timers.count_stuck(connection, 1, 8),
        lambda connection: alerts.open_alert(connection, 1, "stuck_unmutes"),
    ],
    ids=["live mute", "live in channel", "live in guild", "next wake", "stuck", "open alert"],
)
async def test_what_every_command_asks_is_found_by_an_index(store: Store, query: Any) -> None:
    """100,000 outstanding timers cost nothing (T8): no question of the hot path reads a table from end to end."""

    def plan(connection: Connection) -> list[str]:
        asked: list[tuple[str, Any]] = []

        def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
            asked.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        try:
            query(connection)
        finally:
            event.remove(connection, "before_cursor_execute", note)
        (statement, parameters) = asked[0]
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]

    steps = await store.read(plan)
    assert steps
    assert not [step for step in steps if step.startswith("SCAN") and "USING" not in step], steps
