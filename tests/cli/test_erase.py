"""`warden erase`: what is gone, what stays countable, and when it is refused."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Text, insert

from bot.services.cases import Cases
from bot.services.clock import SystemClock
from bot.services.model import Outcome
from bot.store import Store, tables
from bot.store.cases import add_case, add_event, add_subjects
from bot.store.erasure import _EMPTIED, _NAMES, _TEXTS
from tests.cli.lines import only_line
from tests.empty_database import lay_empty_database

NAME = "zelda.q"
GUILD = 7
CASE = {
    "at_ms": 5_000, "guild_id": GUILD, "staff_id": 1, "staff_name": "mod", "action": "member-remove",
    "community_id": "c1", "channel_id": "general", "channel_name": "General", "member_id": NAME, "duration_ms": None,
    "reason": "insulted everybody", "details": json.dumps({"before": {NAME: "remark of hers", "n": 3}}),
}  # fmt: skip
MUTE = {
    "guild_id": GUILD, "community_id": "c1", "channel_id": "general", "member_id": NAME, "version": 0, "begun_ms": 1,
}  # fmt: skip


def in_store(work) -> Any:
    async def whole():
        store = Store("sqlite+aiosqlite:///warden.db")
        try:
            return await store.write(work)
        finally:
            await store.close()

    return asyncio.run(whole())


def known(connection) -> None:
    """Everything that can be known of one member, and what is known of others."""
    case = add_case(connection, **CASE)
    add_event(connection, case, 1, "applied", json.dumps({"told": "words of hers"}))
    add_event(connection, case, 2, "reason", json.dumps({"text": "worse", "staff_id": 2, "staff_name": "ben"}))
    failed = add_case(connection, **CASE)
    add_event(connection, failed, 1, "failed", json.dumps({"failure": "refused", "text": f"no user {NAME}"}))
    purge = {
        "member_id": "",
        "action": "member-purge",
        "details": json.dumps({"done": ["bob", NAME]}),
        "reason": "raid",
    }
    batch = add_case(connection, **(CASE | purge))
    add_subjects(connection, batch, ["bob", NAME])
    other = {"member_id": "bob", "details": "{}", "reason": f"like Zelda.Q, but not {NAME}x or x{NAME}"}
    add_case(connection, **(CASE | other))
    connection.execute(insert(tables.mutes), MUTE | {"case_id": case, "state": "lifted", "closed_ms": 9})
    mirror = {"guild_id": GUILD, "at_ms": 1, "community_id": "c1", "channel_id": "general", "channel_name": "General"}
    for message_id, author in ((1, NAME), (2, "bob")):
        values = {"message_id": message_id, "im_message_id": f"m{message_id}", "author_id": author}
        connection.execute(insert(tables.mirrors), mirror | values | {"said": f"hello {NAME}!"})
    connection.execute(insert(tables.posts), {"guild_id": GUILD, "kind": "case", "subject_id": case, "wake_ms": 1})
    connection.execute(tables.posts.update().values(shown=1))
    connection.execute(insert(tables.alerts), {"guild_id": GUILD, "kind": "x", "raised_ms": 1, "why": f"no {NAME}"})
    told = {"at_ms": 1, "kind": "new/thing", "state": "unknown", "owner": "x"}
    for number, who in enumerate((f"org#app_{NAME}@easemob.com", f"x{NAME}")):
        body = json.dumps({"from": who, "word": f"told of {who}"})
        connection.execute(insert(tables.callback_events), told | {"call_id": f"call{number}", "body": body})


def known_before(connection) -> None:
    """Something of a member that was deleted once: its bytes stay in the file until they are written over."""
    words = {"message_id": 9, "im_message_id": "m9", "author_id": NAME, "said": "words of old " * 900}
    place = {"guild_id": GUILD, "at_ms": 1, "community_id": "c1", "channel_id": "general", "channel_name": "General"}
    connection.execute(insert(tables.mirrors), place | words)


def forgotten_before(connection) -> None:
    # Some builds of SQLite overwrite what is deleted, others leave it there.
    connection.exec_driver_sql("PRAGMA secure_delete = OFF")
    connection.execute(tables.mirrors.delete().where(tables.mirrors.c.message_id == 9))


@pytest.fixture
def filled(empty_place):
    asyncio.run(lay_empty_database(Path("warden.db")))
    in_store(known)
    in_store(known_before)
    in_store(forgotten_before)


def everything() -> str:
    """The bytes of the database, its log of changes included, as text."""
    return "".join(
        path.read_bytes().decode("latin-1").lower() for path in sorted(Path().glob("warden.db*")) if path.is_file()
    )


def test_everything_about_a_member_is_gone_from_the_file_and_counts_stay(warden, filled):
    assert "insulted" in everything()
    assert "words of old" in everything()
    code, out, err = warden("erase", " Zelda.Q ", "--yes")
    assert (code, err) == (0, "")
    assert "2 cases, 1 case of others with them in it, 1 mute, 1 mirrored message" in out
    left = everything()
    for word in ("insulted", "remark of hers", "words of hers", "worse", "raid", "no user", "words of old"):
        assert word not in left
    # What only looks like the name stays.
    assert left.replace(f"{NAME}x", "").replace(f"x{NAME}", "").count(NAME) == 0
    assert f"{NAME}x" in left
    with closing(sqlite3.connect("warden.db")) as database:
        rows = database.execute("SELECT action, member_id, staff_name, at_ms FROM cases ORDER BY id").fetchall()
        name = rows[0][1]
        assert rows[:2] == [("member-remove", name, "mod", 5_000)] * 2
        assert rows[2][0] == "member-purge"
        assert [len(name), name[:7], rows[3][1]] == [15, "erased-", "bob"]
        (details,) = database.execute("SELECT details FROM cases WHERE id = 3").fetchone()
        assert json.loads(details) == {"done": ["bob", name]}
        assert database.execute("SELECT member_id FROM mutes").fetchall() == [(name,)]
        assert database.execute("SELECT author_id, said FROM mirrors").fetchall() == [("bob", f"hello {name}!")]
        told = database.execute("SELECT state, body FROM callback_events ORDER BY id").fetchall()
        assert told == [("done", ""), ("unknown", json.dumps({"from": f"x{NAME}", "word": f"told of x{NAME}"}))]
        (wanted, shown) = database.execute("SELECT wanted, shown FROM posts").fetchone()
        assert wanted > shown, "the log message is to be drawn anew"


def test_an_erased_case_is_told_without_words_and_cannot_be_undone(warden, filled):
    warden("erase", NAME, "--yes")

    async def look():
        store = Store("sqlite+aiosqlite:///warden.db")
        cases = Cases(store=store, clock=SystemClock(), max_attempts=8)
        views = [await cases.view(GUILD, number) for number in (1, 2, 4)]
        await store.close()
        return views, cases.reversible(views[0]), cases.reversible(views[2])

    (first, failed, other), reversible, theirs = asyncio.run(look())
    assert (first.outcome, first.reason, first.erased, reversible) == (Outcome.APPLIED, "", True, False)
    assert first.details == {"before": {first.member_id: "", "n": 3}, "told": ""}
    assert first.reason_by.name == "ben"
    assert (failed.outcome, failed.failure_detail) == (Outcome.FAILED, "")
    assert (other.erased, theirs) == (False, False)


@pytest.mark.parametrize("state", ["active", "pending", "lifting"])
def test_a_member_who_is_muted_is_not_erased(warden, filled, state):
    in_store(lambda connection: connection.execute(tables.mutes.update().values(state=state)))
    before = everything()
    code, out, err = warden("erase", NAME, "--yes")
    assert (code, out) == (1, "")
    assert only_line(err) == f"warden: {NAME} is muted at the moment: lift the mute first, then erase"
    assert everything() == before


def test_what_is_under_way_is_waited_for(warden, filled):
    deed = {"case_id": 3, "subject": "purge:1", "owner": "x", "begun_ms": 1}
    in_store(lambda connection: connection.execute(insert(tables.open_deeds), deed))
    code, _, err = warden("erase", NAME, "--yes")
    assert code == 1
    assert "is under way" in only_line(err)


def test_it_asks_first_and_does_nothing_without_a_yes(warden, filled, monkeypatch):
    code, _, err = warden("erase", NAME)
    assert code == 1
    assert "give --yes" in only_line(err)
    monkeypatch.setattr("bot.cli.erase.is_interactive", lambda: True)
    asked = []
    for answer in (False, True):
        monkeypatch.setattr("typer.confirm", lambda question, answer=answer: asked.append(question) or answer)
        code, out, _ = warden("erase", NAME)
        assert code == (0 if answer else 1)
        assert "2 cases" in out
        assert ("insulted" in everything()) is not answer
    assert asked == ["Erase that for good?"] * 2


def test_a_member_of_whom_nothing_is_known_is_told_so(warden, filled):
    code, out, _ = warden("erase", "nobody", "--yes")
    assert (code, only_line(out)) == (0, "nothing is known of nobody")


def test_a_database_in_use_is_told_and_its_traces_go_the_second_time(warden, filled, monkeypatch):
    with closing(sqlite3.connect("warden.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM cases").fetchall()
        monkeypatch.setattr("bot.store.database._BUSY_TIMEOUT_SECONDS", 0.2)
        code, out, _ = warden("erase", NAME, "--yes")
        assert code == 0
        assert "stop the bot and give this command again" in out
        reader.execute("ROLLBACK")
    assert warden("erase", NAME, "--yes")[0] == 0
    assert "insulted" not in everything()


def test_without_a_database_there_is_nothing_to_erase(warden):
    code, _, err = warden("erase", "bob", "--yes")
    assert code == 1
    assert "there is nothing to erase" in only_line(err)
    assert list(Path().iterdir()) == []


def test_every_text_of_ours_was_thought_of():
    """A new column of text holds a member's name or not: whoever adds it decides it here or in bot/store/erasure.py."""
    others = {
        "cases": "staff_name action community_id channel_id channel_name",
        "case_events": "kind",
        "open_deeds": "subject owner",
        "mutes": "community_id channel_id state ending",
        "timers": "owner",
        "posts": "kind",
        "alerts": "kind acknowledged_name snoozed_name subject",
        "guild_settings": "community_id language log_problem oncall_zone feed_problem",
        "guild_roles": "level",
        "mirrors": "community_id channel_id channel_name im_message_id author_id kind",
        "feed_counts": "community_id channel_id channel_name",
        "oncall_rota": "staff_name",
        "callback_events": "call_id kind state owner",
        "marks": "name value",
        "policies": "staff_name target community_id channel_id name keep schedule timezone state",
        "cleanup_runs": "kind staff_name target community_id channel_id name keep state holder",
        "cleanup_owners": "state",
        "cleanup_kept": "owner state",
    }
    decided = {f"{table}.{name}" for table, names in others.items() for name in names.split()}
    decided |= {str(column) for column in (*_NAMES, *_TEXTS, *_EMPTIED)}
    there = {
        str(column)
        for table in tables.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Text)
    }
    assert there - decided == set()
