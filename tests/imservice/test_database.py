import asyncio
import sqlite3

import pytest

from bot.imservice import IMService, IMServiceOptions, StartupError
from bot.imservice.database import FILE_NAME, Database
from bot.imservice.errors import ApiError
from tests.imservice.conftest import assert_refusal


def insert(name):
    def work(connection):
        connection.execute(
            "INSERT INTO users (key, username, uuid, created, modified) VALUES (?, ?, 'u', 1, 1)", (name, name)
        )
        return name

    return work


async def opened(directory, **options):
    database = Database(directory, **options)
    database.open(asyncio.get_running_loop())
    return database


def names(database):
    return [row[0] for row in database.reader.execute("SELECT key FROM users ORDER BY seq")]


async def test_one_failing_write_leaves_its_neighbours_alone(tmp_path):
    database = await opened(tmp_path)

    def half(connection):
        insert("half")(connection)
        raise ApiError(400, "illegal_argument", "no")

    def faulty(connection):
        insert("faulty")(connection)
        connection.execute("SELECT * FROM no_such_table")

    before = database.commits
    works = [insert("a"), half, insert("b"), insert("a"), faulty, insert("c")]
    results = await asyncio.gather(*(database.write(work) for work in works), return_exceptions=True)
    assert [type(result) for result in results] == [
        str,
        ApiError,
        str,
        sqlite3.IntegrityError,
        sqlite3.OperationalError,
        str,
    ]
    assert names(database) == ["a", "b", "c"]
    assert database.commits <= before + 2
    await database.close()


async def test_a_refusal_before_any_change_costs_its_neighbours_nothing(tmp_path):
    database = await opened(tmp_path)
    runs = []

    def counted(name):
        def work(connection):
            runs.append(name)
            return insert(name)(connection)

        return work

    def refused(connection):
        runs.append("refused")
        raise ApiError(403, "forbidden_op", "no")

    works = [counted("a"), refused, counted("b")]
    results = await asyncio.gather(*(database.write(work) for work in works), return_exceptions=True)
    assert [type(result) for result in results] == [str, ApiError, str]
    assert runs == ["a", "refused", "b"]
    assert names(database) == ["a", "b"]
    await database.close()


async def test_writes_that_wait_together_share_a_commit(tmp_path):
    database = await opened(tmp_path)
    await asyncio.gather(*(database.write(insert(f"u{n}")) for n in range(200)))
    assert names(database) == [f"u{n}" for n in range(200)]
    assert database.commits < 50
    await database.close()


async def test_settings_make_an_acknowledged_write_durable(tmp_path):
    database = await opened(tmp_path)
    assert await database.write(lambda connection: connection.execute("PRAGMA journal_mode").fetchone()) == ("wal",)
    assert await database.write(lambda connection: connection.execute("PRAGMA synchronous").fetchone()) == (2,)
    assert await database.write(lambda connection: connection.execute("PRAGMA foreign_keys").fetchone()) == (1,)
    await database.close()


async def test_closing_finishes_what_was_handed_over(tmp_path):
    database = await opened(tmp_path)
    futures = [database.write(insert(f"u{n}")) for n in range(50)]
    await database.close()
    assert await asyncio.gather(*futures) == [f"u{n}" for n in range(50)]
    with pytest.raises(ApiError) as refused:
        database.write(insert("late"))
    assert refused.value.status == 503
    again = await opened(tmp_path)
    assert len(names(again)) == 50
    await again.close()


async def test_temporary_data_is_removed_at_close():
    database = await opened(None)
    directory = database._directory
    assert (directory / FILE_NAME).exists()
    await database.close()
    assert not directory.exists()


async def test_the_reader_cannot_write(tmp_path):
    database = await opened(tmp_path)
    with pytest.raises(sqlite3.OperationalError):
        insert("a")(database.reader)
    await database.close()


async def test_a_locked_database_is_503_and_recovers(launch, tmp_path):
    api = await launch(data=tmp_path, busy_timeout_ms=50)
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert_refusal(await api.post("/users", {"username": "ann"}), 503, "service_unavailable", circle=False)
    assert (await api.get("/circle/user/ann")).json == {"code": 200, "result": False}
    other.execute("ROLLBACK")
    other.close()
    assert (await api.post("/users", {"username": "ann"})).status == 200


async def test_a_full_disk_is_503_with_nothing_half_written_and_recovers(launch, tmp_path):
    api = await launch(data=tmp_path)
    await api.users("owner")
    api.community = await api.new_community()

    def cap(pages):
        return api.service.write(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone())

    (pages,) = api.service.database.reader.execute("PRAGMA page_count").fetchone()
    await cap(pages)
    statuses = []
    for number in range(40):
        reply = await api.post(
            "/circle/channel", {"server_id": api.community, "name": f"c{number}", "custom": "x" * 500}
        )
        statuses.append(reply.status)
        if reply.status == 503:
            break
    assert statuses[-1] == 503
    listed = (await api.get("/circle/channel/public", serverId=api.community)).json
    assert listed["count"] == min(20, statuses.count(200) + 1)
    counted = api.service.database.reader.execute(
        "SELECT (SELECT count(*) FROM channels), (SELECT count(*) FROM channel_members)"
    ).fetchone()
    assert counted == (statuses.count(200) + 1, statuses.count(200) + 1)
    await cap(1_000_000)
    assert (await api.post("/circle/channel", {"server_id": api.community, "name": "again"})).status == 200


async def test_a_newer_schema_is_refused_in_one_sentence(tmp_path):
    database = await opened(tmp_path)
    await database.write(lambda connection: None)
    await database.close()
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StartupError, match="schema version 99, this release knows versions up to"):
        await opened(tmp_path)


async def test_a_directory_has_one_service_at_a_time(tmp_path):
    first = await opened(tmp_path)
    with pytest.raises(StartupError, match="in use by another IM service"):
        await opened(tmp_path)
    await first.close()
    await (await opened(tmp_path)).close()


async def test_what_is_not_a_database_is_refused_in_one_sentence(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"this is no database" * 100)
    with pytest.raises(StartupError, match="cannot use the data directory"):
        await opened(tmp_path)
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(StartupError, match="cannot use the data directory"):
        await opened(blocked)


async def test_data_is_there_after_a_restart_of_the_same_service(tmp_path):
    service = IMService(tmp_path, options=IMServiceOptions(rate_limit=None))
    await service.start()
    await service.write(insert("ann"))
    await service.stop()
    await service.stop()
    await service.start()
    assert names(service.database) == ["ann"]
    await service.stop()
