"""Reading saved items from a file: JSON lines, or CSV with a header."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from bot.im.timeline import LATEST_MS
from bot.services.refusals import Refusal
from bot.services.saved.items import LARGEST_ITEM
from bot.services.saved.service import LARGEST_TYPE, SMALLEST_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LARGEST_FILE = 4_000_000
MOST_ROWS = 5_000
_LONGEST_ID = 512
_FIELDS = {"id", "data", "type", "ext", "created", "createdAt", "updatedAt"}
_NUMBER = re.compile(r"-?\d{1,20}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Flaw(StrEnum):
    """What is wrong with a line; each has a text."""

    JSON = "json"
    CSV = "csv"
    FIELD = "field"
    DATA = "data"
    TYPE = "type"
    EXT = "ext"
    ID = "id"
    TWICE = "twice"
    CREATED = "created"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a file; without an id it gets a new one, without a time (Unix milliseconds) that of the import."""

    id: str | None
    type: int
    data: str = field(repr=False)
    ext: str | None = field(repr=False)
    created: int | None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line, counted from 1, that is no item."""

    number: int
    flaw: Flaw


class BadLines(Refusal):
    """A file with lines that are no items: nothing of it is imported."""

    def __init__(self, lines: list[BadLine]) -> None:
        super().__init__("refusal-import-lines", count=len(lines))
        self.lines = tuple(lines)


class _Flawed(Exception):  # noqa: N818 - never leaves this file
    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


def read_rows(content: bytes) -> list[Row]:
    """Read a file of items; raises BadLines if lines are wrong, Refusal if it is wrong as a whole."""
    if len(content) > LARGEST_FILE:
        raise too_large()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal("refusal-import-encoding") from None
    rows: list[Row] = []
    bad: list[BadLine] = []
    ids: set[str] = set()
    for number, cells in _json_lines(text) if text.lstrip()[:1] in {"{", "["} else _csv_lines(text):
        try:
            row = _row(cells, ids)
        except _Flawed as flawed:
            bad.append(BadLine(number, flawed.flaw))
        else:
            rows.append(row)
            ids |= {row.id} if row.id is not None else set()
        if len(rows) + len(bad) > MOST_ROWS:
            raise Refusal("refusal-import-many", most=f"{MOST_ROWS:,}")
    if bad:
        raise BadLines(bad)
    if not rows:
        raise Refusal("refusal-import-empty")
    return rows


def too_large() -> Refusal:
    """Say that a file is larger than what is read."""
    return Refusal("refusal-import-size", limit=LARGEST_FILE // 1_000_000)


def _json_lines(text: str) -> Iterator[tuple[int, Mapping[str, Any] | Flaw]]:
    # Not splitlines(): that also cuts where JSON may have a character of its own.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found: object = json.loads(line)
        except (ValueError, RecursionError):
            yield number, Flaw.JSON
        else:
            yield number, cast("dict[str, Any]", found) if isinstance(found, dict) else Flaw.JSON


def _csv_lines(text: str) -> Iterator[tuple[int, Mapping[str, Any] | Flaw]]:
    head = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = next((sign for sign in (",", ";", "\t") if sign in head), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] | None = None
    number = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # Nobody knows where the next line begins.
            yield number, Flaw.CSV
            return
        if any(cell.strip() for cell in cells):
            if names is None:
                names = [cell.strip() for cell in cells]
                if not {"data", "type"} <= set(names) or len(set(names)) < len(names):
                    raise Refusal("refusal-import-header")
            elif len(cells) > len(names):
                yield number, Flaw.CSV
            else:
                # An empty cell says nothing, but for data, which may be empty.
                told = dict(zip(names, cells, strict=False))
                yield number, {name: cell for name, cell in told.items() if cell or name == "data"}
        number = reader.line_num + 1


def _row(cells: Mapping[str, Any] | Flaw, ids: set[str]) -> Row:
    if isinstance(cells, Flaw):
        raise _Flawed(cells)
    if not cells.keys() <= _FIELDS:
        raise _Flawed(Flaw.FIELD)
    row = Row(
        id=_text(cells.get("id"), Flaw.ID, longest=_LONGEST_ID),
        type=_type(cells.get("type")),
        data=_required(cells.get("data")),
        ext=_text(cells.get("ext"), Flaw.EXT) or None,
        created=_created(cells.get("created", cells.get("createdAt"))),
    )
    if row.id in ids:
        raise _Flawed(Flaw.TWICE)
    if len(json.dumps([row.id, row.data, row.ext])) + 100 > LARGEST_ITEM:
        raise _Flawed(Flaw.SIZE)
    return row


def _text(value: object, flaw: Flaw, *, longest: int = LARGEST_ITEM) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > longest or (flaw is Flaw.ID and not value):
        raise _Flawed(flaw)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _Flawed(flaw) from None
    return value


def _required(value: object) -> str:
    text = _text(value, Flaw.DATA)
    if text is None:
        raise _Flawed(Flaw.DATA)
    return text


def _type(value: object) -> int:
    number = _whole(value)
    if number is None or not SMALLEST_TYPE <= number <= LARGEST_TYPE:
        raise _Flawed(Flaw.TYPE)
    return number


def _created(value: object) -> int | None:
    if value is None:
        return None
    number = _whole(value)
    if number is None and isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
            since = (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment) - _EPOCH
            number = since // timedelta(milliseconds=1)
        except (ValueError, OverflowError):
            pass
    if number is None or not 0 <= number <= LATEST_MS:
        raise _Flawed(Flaw.CREATED)
    return number


def _whole(value: object) -> int | None:
    """Return a whole number, also if it is written as text, as all is in CSV."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return int(value)
    return None
