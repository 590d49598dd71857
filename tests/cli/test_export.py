import asyncio
import csv
import json
import os
import re
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.export import parse_since
from bot.services.case_export import COLUMNS
from bot.store import Store
from bot.store.cases import add_case, add_event
from tests.cli.lines import only_line
from tests.empty_database import lay_empty_database

ROOT = Path(__file__).parents[2]


def test_migrate_brings_the_schema_up_and_says_so_once(warden):
    code, out, _ = warden("migrate")
    assert code == 0
    assert re.fullmatch(r"sqlite\+aiosqlite:///warden\.db migrated from empty to \w+", only_line(out))
    assert warden("migrate")[1].startswith("sqlite+aiosqlite:///warden.db is at ")


def test_migrate_of_a_broken_database_is_one_line(warden):
    Path("warden.db").write_bytes(b"not a database, surely not one of SQLite's" * 100)
    code, out, err = warden("migrate")
    assert (code, out) == (1, "")
    assert "warden.db" in only_line(err)


def test_migrate_of_an_unreachable_server_is_one_line_without_the_password(warden, monkeypatch):
    monkeypatch.setenv("WARDEN_STORAGE__URL", "postgresql+asyncpg://warden:p4ssw0rd@127.0.0.1:1/warden")
    code, _, err = warden("migrate")
    assert code == 1
    assert "127.0.0.1" in only_line(err)
    assert "p4ssw0rd" not in err


A_CASE = {
    "at_ms": 0,
    "guild_id": 2**60,
    "staff_id": 1,
    "staff_name": "mod",
    "action": "mute",
    "community_id": "c1",
    "channel_id": "general",
    "channel_name": "General",
    "member_id": "-bob",
    "duration_ms": None,
    "reason": "",
}


@pytest.fixture
def some_cases(empty_place):
    """A database with three cases, of 2026-01-01, 02 and 03."""

    async def fill():
        await lay_empty_database(Path("warden.db"))
        store = Store("sqlite+aiosqlite:///warden.db")

        def put(connection):
            for day, reason in ((1, 'spam, "links"\nand more'), (2, "=HYPERLINK(1)"), (3, "广告")):
                at_ms = int(datetime(2026, 1, day, tzinfo=UTC).timestamp() * 1000)
                duration_ms = 60_000 if day < 3 else None
                values = {"at_ms": at_ms, "staff_id": 2**60 + day, "duration_ms": duration_ms, "reason": reason}
                case = add_case(connection, **{**A_CASE, **values})
                if day == 1:
                    add_event(connection, case, at_ms, "applied")

        await store.write(put)
        await store.close()

    asyncio.run(fill())


def test_cases_are_exported_as_csv(warden, some_cases):
    code, out, _ = warden("export", "cases")
    assert code == 0
    header, *rows = csv.reader(out.splitlines(keepends=True))
    assert tuple(header) == COLUMNS
    assert len(rows) == 3
    first = dict(zip(header, rows[0], strict=True))
    assert first["time"] == "2026-01-01T00:00:00.000Z"
    assert first["guild"] == str(2**60)
    assert first["staff"] == str(2**60 + 1)
    assert first["reason"] == 'spam, "links"\nand more'
    assert (first["action"], first["duration_ms"], first["outcome"]) == ("mute", "60000", "applied")
    assert dict(zip(header, rows[2], strict=True))["reason"] == "广告"


def test_text_in_csv_cannot_become_a_formula(warden, some_cases):
    _, out, _ = warden("export", "cases")
    rows = list(csv.DictReader(out.splitlines(keepends=True)))
    assert rows[1]["reason"] == "'=HYPERLINK(1)"
    assert rows[1]["member"] == "'-bob"


def test_cases_are_exported_as_json_lines(warden, some_cases):
    code, out, _ = warden("export", "cases", "--format", "jsonl")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert all(tuple(row) == COLUMNS for row in rows)
    assert [row["reason"] for row in rows] == ['spam, "links"\nand more', "=HYPERLINK(1)", "广告"]
    assert [row["duration_ms"] for row in rows] == [60_000, 60_000, None]
    assert rows[0]["guild"] == str(2**60), "more digits than JavaScript keeps in a number"


def test_only_cases_since_a_time_are_exported(warden, some_cases):
    _, out, _ = warden("export", "cases", "--format", "jsonl", "--since", "2026-01-02")
    assert [json.loads(line)["time"][:10] for line in out.splitlines()] == ["2026-01-02", "2026-01-03"]


def test_an_export_to_a_file_is_private_and_says_how_many(warden, some_cases):
    code, out, _ = warden("export", "cases", "--output", "cases.csv")
    file = Path("cases.csv")
    assert (code, only_line(out)) == (0, "3 cases written to cases.csv")
    assert file.read_text(encoding="utf-8").startswith("case,time,")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in Path().iterdir() if "cases" in path.name) == ["cases.csv"]


def test_a_failed_export_leaves_the_old_file(warden, some_cases):
    Path("cases.csv").write_text("old")
    with sqlite3.connect("warden.db") as database:
        database.execute("DROP TABLE case_events")
    assert warden("export", "cases", "--output", "cases.csv")[0] == 1
    assert Path("cases.csv").read_text() == "old"
    assert not Path("cases.csv.part").exists()


def test_an_export_to_a_device_does_not_replace_it(warden, some_cases):
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert warden("export", "cases", "--output", "pipe")[0] == 0
    assert os.read(reader, 10) == b"case,time,"
    os.close(reader)
    assert stat.S_ISFIFO(Path("pipe").stat().st_mode)


def test_a_reader_that_goes_away_is_no_fault(warden):
    warden("migrate")

    async def fill():
        store = Store("sqlite+aiosqlite:///warden.db")

        def put(connection):
            for number in range(100):
                add_case(connection, **{**A_CASE, "at_ms": number, "reason": "x" * 1000})

        await store.write(put)
        await store.close()

    asyncio.run(fill())
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "bot", "export", "cases"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_an_export_to_a_missing_folder_is_one_line(warden, some_cases):
    code, _, err = warden("export", "cases", "--output", "no/such/cases.csv")
    assert code == 1
    assert "no/such/cases.csv" in only_line(err)


def test_an_export_without_a_database_creates_none(warden):
    code, _, err = warden("export", "cases")
    assert code == 1
    assert "there is nothing to export" in only_line(err)
    assert list(Path().iterdir()) == []


def test_an_export_of_an_old_schema_asks_for_the_migration(warden):
    sqlite3.connect("warden.db").close()
    Path("warden.db").touch()
    code, _, err = warden("export", "cases")
    assert code == 1
    assert "run `warden migrate` first" in only_line(err)


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("7d", NOW - timedelta(days=7)),
        ("12h", NOW - timedelta(hours=12)),
        (" 90m ", NOW - timedelta(minutes=90)),
        ("30s", NOW - timedelta(seconds=30)),
        ("2w", NOW - timedelta(weeks=2)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:30", datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
        ("2026-01-31T12:30Z", datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
        ("2026-01-31T12:30+08:00", datetime(2026, 1, 31, 4, 30, tzinfo=UTC)),
    ],
)
def test_since_is_a_date_a_time_or_an_age(text, moment):
    assert parse_since(text, now=NOW) == moment


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "7M", "1d2h", "2026-13-01", "0001-01-01T00:00+23:59", "999999w"])
def test_since_refuses_what_is_none_of_them(text):
    with pytest.raises(ValueError, match="a date"):
        parse_since(text, now=NOW)
