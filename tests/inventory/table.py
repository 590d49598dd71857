"""The inventory of the API (facts 10 and 6) against what the tests have really called."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.inventory.recording import Touch, plain

ANYTHING_GOES = {"test_wrong_types.py", "test_fuzz.py", "test_schemathesis.py"}
"""Tests that call everything with no particular answer in mind: they would tick off what nothing else holds."""


@dataclass(frozen=True)
class Row:
    """One row of the inventory: its number, the call as documented, and the client's methods for it."""

    number: str
    call: str
    client: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A row and the test files that called it with success, through a client's method and at the service's route."""

    row: Row
    client: frozenset[str]
    service: frozenset[str]


def rows() -> list[Row]:
    raw = json.loads(Path(__file__).with_name("rows.json").read_text(encoding="utf-8"))
    return [Row(number, call, tuple(client)) for number, call, client in raw]


def lines(inventory: Iterable[Row], touches: Iterable[Touch]) -> list[Line]:
    """Put the recorded calls beside the rows; each method that a row names must have made its call."""
    by_side: dict[tuple[str, str], set[str]] = {}
    for side, what, file in touches:
        if Path(file).name not in ANYTHING_GOES:
            by_side.setdefault((side, what), set()).add(file)
    table = []
    for row in inventory:
        call = plain(row.call)
        methods = [by_side.get(("client", f"{method} {call}"), set()) for method in row.client]
        client = set().union(*methods) if methods and all(methods) else set()
        table.append(Line(row, frozenset(client), frozenset(by_side.get(("service", call), set()))))
    return table


def complaints(table: Iterable[Line]) -> list[str]:
    """Say of each row what no test has called."""
    found = []
    for line in table:
        methods = " and ".join(f"im.{method}" for method in line.row.client) or "a method of the client"
        if not line.client:
            found.append(f"row {line.row.number}, {line.row.call}: no test calls it through {methods}")
        if not line.service:
            found.append(f"row {line.row.number}, {line.row.call}: no test has it answered by the service")
    return found


def rendered(table: Iterable[Line]) -> str:
    """Show the table with the numbers of test files on each side."""
    shown = [("row", "call", "client", "tests", "service")]
    for line in table:
        methods = ", ".join(line.row.client)
        shown.append((line.row.number, line.row.call, methods, str(len(line.client)), str(len(line.service))))
    widths = [max(len(row[column]) for row in shown) for column in range(5)]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in shown]
    return "\n".join("  ".join(row).rstrip() for row in padded)
