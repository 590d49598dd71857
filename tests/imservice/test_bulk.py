"""The large random community: the same for the same size, plausible to every list of the API, and never made twice."""

import asyncio
import os
import signal
import sqlite3
import sys

import pytest

from bot.imservice import IMService, bulk_rows, seed_bulk, seed_sample, serve
from bot.imservice.errors import ApiError
from tests.imservice.conftest import START_MS
from tests.imservice.test_start import ROOT

TABLES = (
    "users", "communities", "categories", "channels", "community_members", "channel_members", "mutes", "contacts",
    "blocks", "messages", "reactions", "reaction_users", "threads", "thread_members", "collections",
)  # fmt: skip


def rows(service: IMService) -> dict[str, list[tuple]]:
    reader = service.database.reader
    return {table: reader.execute(f"SELECT * FROM {table} ORDER BY seq").fetchall() for table in TABLES}


def counts(service: IMService) -> dict[str, int]:
    return {table: len(found) for table, found in rows(service).items()}


async def test_the_same_size_makes_the_same_community(launch):
    one, two = await launch(), await launch()
    assert await seed_bulk(one.service, 300) == await seed_bulk(two.service, 300)
    assert rows(one.service) == rows(two.service)


async def test_another_size_makes_another_community_beside_it(launch):
    api = await launch()
    first = await seed_bulk(api.service, 50)
    second = await seed_bulk(api.service, 51)
    sample = await seed_sample(api.service)
    listed = (await api.get("/circle/server/list/by-app")).json["servers"]
    assert [server["server_id"] for server in listed] == [first, second, sample]


@pytest.mark.parametrize("members", [1, 2, 3, 10, 1000])
async def test_there_are_as_many_members_as_asked_and_the_rest_in_proportion(launch, members):
    api = await launch()
    community = await seed_bulk(api.service, members)
    assert (await api.get(f"/circle/server/{community}/users/count")).json["users_count"] == members
    found = counts(api.service)
    assert (found["users"], found["messages"]) == (members, members)
    assert found["channels"] >= 5
    if members == 1000:
        assert 1500 < found["contacts"] <= 2000
        assert 1700 < found["collections"] < 2300
        assert 45 <= found["blocks"] <= 50
        assert (found["reactions"], found["threads"]) == (100, 20)
        assert found["mutes"] > 0


async def test_every_rule_of_the_api_holds_in_it(launch):
    """What requests could not have made is not there."""
    api = await launch()
    await seed_bulk(api.service, 5000)

    def none(sql: str) -> None:
        assert api.service.database.reader.execute(sql).fetchall() == [], sql

    member = "SELECT 1 FROM channel_members m WHERE m.channel = {} AND m.user = {}"
    none("SELECT channel FROM channel_members GROUP BY channel HAVING count(*) > 2000")
    none(
        "SELECT ch.seq FROM channel_members m JOIN channels ch ON ch.seq = m.channel "
        "GROUP BY ch.seq HAVING count(*) > ch.max_users"
    )
    none(
        "SELECT 1 FROM channel_members m JOIN channels ch ON ch.seq = m.channel WHERE NOT EXISTS "
        "(SELECT 1 FROM community_members c WHERE c.community = ch.community AND c.user = m.user)"
    )
    owner = "(SELECT owner FROM communities)"
    none(f"SELECT 1 FROM channels ch WHERE ch.mode = 0 AND NOT EXISTS ({member.format('ch.seq', owner)})")
    none(f"SELECT 1 FROM channels ch WHERE ch.mode = 1 AND EXISTS ({member.format('ch.seq', owner)})")
    none(f"SELECT 1 FROM mutes x WHERE x.user = {owner}")
    none(f"SELECT 1 FROM mutes x WHERE NOT EXISTS ({member.format('x.channel', 'x.user')})")
    none(f"SELECT 1 FROM mutes x WHERE x.expire <= {START_MS}")
    none(f"SELECT 1 FROM threads t WHERE NOT EXISTS ({member.format('t.channel', 't.owner')})")
    none(
        "SELECT 1 FROM thread_members x JOIN threads t ON t.seq = x.thread "
        f"WHERE NOT EXISTS ({member.format('t.channel', 'x.user')})"
    )
    none("SELECT 1 FROM threads t WHERE NOT EXISTS (SELECT 1 FROM thread_members x WHERE x.user = t.owner)")
    none("SELECT 1 FROM threads t LEFT JOIN messages m ON m.id = t.message_id WHERE m.channel IS NOT t.channel")
    none(
        "SELECT 1 FROM reaction_users x JOIN reactions r ON r.seq = x.reaction JOIN messages m ON m.seq = r.message "
        f"WHERE NOT EXISTS ({member.format('m.channel', 'x.user')})"
    )
    none("SELECT 1 FROM contacts c WHERE owner = friend")
    none(
        "SELECT 1 FROM contacts c WHERE NOT EXISTS "
        "(SELECT 1 FROM contacts d WHERE d.owner = c.friend AND d.friend = c.owner)"
    )
    none("SELECT 1 FROM blocks WHERE owner = blocked")
    none(f"SELECT 1 FROM messages WHERE created NOT BETWEEN {START_MS - 25 * 86_400_000} AND {START_MS}")
    none(f"SELECT 1 FROM collections WHERE created > {START_MS}")
    none("SELECT 1 FROM users WHERE key <> lower(username) OR length(username) > 64")
    none("SELECT 1 FROM channels WHERE length(name) > 50")
    assert api.service.database.reader.execute("PRAGMA foreign_key_check").fetchall() == []


async def test_every_list_shows_something(launch):
    api = await launch()
    community = await seed_bulk(api.service, 1000)
    public = (await api.get("/circle/channel/public", serverId=community)).json["channels"]
    private = (await api.get("/circle/channel/private", serverId=community)).json["channels"]
    assert private
    assert {channel["mode"] for channel in public} == {0, 1}
    assert public[0]["default_channel"] == 1
    channel = public[0]["channel_id"]
    assert len((await api.get(f"/circle/channel/{channel}/users", serverId=community)).json["users"]) == 20
    api.community = community
    assert await api.muted(channel)
    await api.users("newcomer")
    joined = await api.post(f"/circle/server/{community}/join", userId="newcomer")
    assert joined.status == 200, "the default channel has room"


async def test_what_was_changed_since_is_left_alone(launch, tmp_path):
    api = await launch(data=tmp_path)
    community = await seed_bulk(api.service, 100)
    assert (await api.delete(f"/circle/server/{community}")).status == 200
    before = rows(api.service)
    assert await seed_bulk(api.service, 100) == community
    assert rows(api.service) == before


async def test_what_was_interrupted_is_completed(launch, monkeypatch):
    """As after a crash: the last of its writes are missing, and some of the rows of others have come in between."""
    monkeypatch.setattr(bulk_rows, "BATCH", 50)
    whole, broken = await launch(), await launch()
    await seed_bulk(whole.service, 300)
    true_write = broken.service.database.write
    left = [12]

    def fail_soon(work):
        left[0] -= 1
        if left[0] < 0:
            raise ApiError(503, "service_unavailable", "the disk is full")
        return true_write(work)

    monkeypatch.setattr(broken.service.database, "write", fail_soon)
    with pytest.raises(ApiError):
        await seed_bulk(broken.service, 300)
    left[0] = 10**9
    assert 0 < sum(counts(broken.service).values()) < sum(counts(whole.service).values())
    await seed_bulk(broken.service, 300)
    assert counts(broken.service) == counts(whole.service)


async def test_progress_is_told_about_every_second(launch, monkeypatch):
    monkeypatch.setattr(bulk_rows, "BATCH", 100)
    api = await launch()
    lines: list[str] = []
    passing = iter(range(10_000))
    await seed_bulk(api.service, 1000, report=lines.append, monotonic=lambda: next(passing) / 4)
    writes = next(passing)
    assert len(lines) == pytest.approx(writes / 5, abs=3)
    assert lines[0].startswith("seeding 1,000 members: users, ")
    assert lines[0].endswith("%")


async def test_requests_are_answered_meanwhile(launch, monkeypatch):
    monkeypatch.setattr(bulk_rows, "BATCH", 20)
    api = await launch()
    await api.users("ann")
    looks = 0

    def monotonic() -> float:
        nonlocal looks
        looks += 1
        return 0.0

    seeding = asyncio.create_task(seed_bulk(api.service, 200, monotonic=monotonic))
    answered_at = set()
    while not seeding.done():
        assert (await api.get("/circle/user/ann")).json["result"]
        answered_at.add(looks)
    await seeding
    assert len(answered_at) > 20, "requests wait for many writes"


async def test_a_full_disk_is_one_clear_sentence(monkeypatch, capsys):
    async def full(*_arguments, **_options):
        raise ApiError(503, "service_unavailable", "Service temporarily unavailable, please try again later.")

    monkeypatch.setattr("bot.imservice.command.seed_bulk", full)
    with pytest.raises(SystemExit) as ended:
        await serve(seed=5)
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("the data cannot be filled: ")


def test_a_plan_is_a_pure_function():
    plans = [bulk_rows.BulkPlan(members=700, now=START_MS) for _ in range(2)]
    assert list(bulk_rows.pieces(plans[0])) == list(bulk_rows.pieces(plans[1]))


def test_names_are_distinct_and_legal():
    plan = bulk_rows.BulkPlan(members=20_000, now=START_MS)
    names = {plan.name(number) for number in range(20_000)}
    assert len(names) == 20_000
    assert len({name.rstrip("0123456789") for name in names}) > 500


async def run(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "im-service", "--port", "0", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
    )


async def test_the_command_fills_a_service_that_is_filled_once(tmp_path):
    for _ in range(2):
        running = await run("--data", str(tmp_path), "--seed", "200")
        async with asyncio.timeout(30):
            assert (await running.stdout.readline()).startswith(b"listening on ")
            running.send_signal(signal.SIGTERM)
            await running.communicate()
        assert running.returncode == 0
    with sqlite3.connect(tmp_path / "imservice.db") as database:
        assert database.execute("SELECT count(*) FROM users").fetchone() == (200,)
    database.close()


async def test_filling_stops_when_the_service_is_told_to(tmp_path):
    running = await run("--data", str(tmp_path), "--seed", "300000")
    async with asyncio.timeout(60):
        line = await running.stderr.readline()
        assert line.startswith(b"seeding 300,000 members: ")
        running.send_signal(signal.SIGTERM)
        out, _ = await running.communicate()
    assert (running.returncode, out) == (0, b"")
    with sqlite3.connect(tmp_path / "imservice.db") as database:
        assert 0 < database.execute("SELECT count(*) FROM users").fetchone()[0] <= 300_000
        assert database.execute("SELECT * FROM seeds").fetchall() == []
    database.close()
