"""What a call costs depends on what it asks for, never on how much there is."""

import json
import re
import sqlite3

import pytest

from bot.imservice.domain import blocks, collections, contacts
from bot.imservice.domain.collections import NewCollection, Reading
from bot.imservice.paging import PageRequest
from bot.imservice.schema import migrate

LITTLE = 1000
MUCH = 50_000
TIES = 20_000
_PLAIN = re.compile(r"SCAN (?!CONSTANT ROW|json_each)|TEMP B-TREE")


def stored(count):
    """A database where `ann` saved many items, most of them within one millisecond, and has friends and blocks."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    connection.execute("BEGIN")
    for name in ("ann", *(f"f{number}" for number in range(count // 25))):
        connection.execute("INSERT INTO users VALUES (NULL, ?1, ?1, '', NULL, 0, 0)", (name,))
    connection.execute("INSERT INTO contacts (owner, friend) SELECT 1, seq FROM users WHERE seq > 1")
    connection.execute("INSERT INTO contacts (owner, friend) SELECT seq, 1 FROM users WHERE seq > 1")
    connection.execute("INSERT INTO blocks (owner, blocked) SELECT 1, seq FROM users WHERE seq > 1")
    rows = ((number, f"i{number}", number % 3, max(number, count * TIES // MUCH)) for number in range(count))
    connection.executemany(
        "INSERT INTO collections (user, seq, id, data, type, created, updated) VALUES (1, ?, ?, 'd', ?, ?, 0)", rows
    )
    connection.execute("COMMIT")
    return connection


@pytest.fixture(scope="module")
def databases():
    small, large = stored(LITTLE), stored(MUCH)
    yield {LITTLE: small, MUCH: large}
    small.close()
    large.close()


def calls(connection, count):
    """Every kind of call, with the arguments that cost most in this database."""
    middle, ties = f"i{count // 5}", count * TIES // MUCH
    for newest_first in (True, False):
        for of_type in (None, 1):
            reading = Reading(of_type, newest_first, 20)
            yield lambda reading=reading: collections.within(connection, "ann", 0, 1 << 62, reading)
            yield lambda reading=reading: collections.within(connection, "ann", 0, ties, reading)
            yield lambda reading=reading: collections.within(connection, "ann", ties, ties, reading)
            yield lambda reading=reading: collections.within(connection, "ann", count - 1, count - 1, reading)
            yield lambda reading=reading: collections.onwards(connection, "ann", middle, reading)
            yield lambda reading=reading: collections.onwards(connection, "ann", f"i{count - 1}", reading)
            yield lambda reading=reading: collections.onwards(connection, "ann", "i0", reading)
    ids = [f"i{number}" for number in range(count // 2, count // 2 + 20)]
    yield lambda: collections.delete(connection, "ann", ids)
    yield lambda: collections.add(connection, "ann", [NewCollection(f"new {one}", "d", 1, None, 5) for one in ids])
    again = NewCollection("i0", "d", 0, None, 5)
    yield lambda: collections.add(connection, "ann", [again])
    yield lambda: collections.update(connection, "ann", middle, "x", now=5)
    request = PageRequest(scope="", limit=20, after=count // 25)
    yield lambda: contacts.page(connection, "ann", request)
    yield lambda: contacts.set_remark(connection, "ann", "f5", "x")
    yield lambda: contacts.remove(connection, "ann", "f5")
    yield lambda: blocks.page(connection, "ann", request)
    yield lambda: blocks.remove(connection, "ann", "f5")


def steps(connection, call):
    """How many instructions SQLite's machine carries out for a call, which is then undone."""
    done = 0

    def count():
        nonlocal done
        done += 1

    connection.execute("BEGIN")
    connection.set_progress_handler(count, 1)
    call()
    connection.set_progress_handler(None, 0)
    connection.execute("ROLLBACK")
    return done


def test_no_call_costs_more_where_there_is_fifty_times_as_much(databases):
    costs = [[steps(one, call) for call in calls(one, count)] for count, one in databases.items()]
    assert len(costs[0]) == 37
    for few, many in zip(*costs, strict=True):
        assert many <= 1.1 * few + 20, costs


def test_every_statement_finds_its_rows_by_an_index_and_sorts_nothing(databases):
    connection, seen = databases[LITTLE], set()
    connection.set_trace_callback(seen.add)
    for call in calls(connection, LITTLE):
        steps(connection, call)
    connection.set_trace_callback(None)
    found = {sentence for sentence in seen if sentence.split(maxsplit=1)[0] in {"SELECT", "UPDATE", "DELETE"}}
    assert len(found) > 20
    plans = [(sentence, row[3]) for sentence in found for row in connection.execute(f"EXPLAIN QUERY PLAN {sentence}")]
    assert not [plan for plan in plans if _PLAIN.search(plan[1])]


def test_ids_with_any_text_are_found_in_a_list(databases):
    connection = databases[LITTLE]
    names = ["a'b", 'a"b', "频道 ✨😀", "null", "5", "\\u0041", json.dumps(["x"]), " "]
    collections.add(connection, "ann", [NewCollection(name, "d", 0, None, 5) for name in names])
    collections.delete(connection, "ann", names)
    assert not {row.id for row in collections.within(connection, "ann", 5, 5, Reading(0, True, 200))} & set(names)
