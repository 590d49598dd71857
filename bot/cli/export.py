"""`warden export`: cases as CSV or JSON lines, streamed, so that memory does not grow with their number."""

import csv
import io
import json
import os
import re
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TextIO, cast

from bot.cli import CommandError
from bot.config import StorageSettings
from bot.store import Store
from bot.store.cases import page_after
from bot.store.rows import CaseRow

Row = dict[str, str | int | None]

COLUMNS = ("case", "time", "guild", "staff", "action", "member", "channel", "duration_ms", "reason", "outcome")

# What a spreadsheet takes for the start of a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_PAGE = 500
_AGE = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_since(text: str, *, now: datetime) -> datetime:
    """Read a start of time: an ISO date or time (UTC if it has no offset), or an age like `7d`, `12h`, `90m`.

    Raises ValueError with a sentence for the operator.
    """
    text = text.strip()
    try:
        if age := _AGE.fullmatch(text):
            return now - timedelta(**{_UNITS[age[2]]: int(age[1])})
        moment = datetime.fromisoformat(text)
        # Out of the years that can be had in UTC is out of range too, hence inside the try.
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            "a date (2026-01-31), a time (2026-01-31T12:00Z) or an age (7d, 12h, 90m) is expected"
        ) from None


async def write_cases(storage: StorageSettings, file_format: str, since: datetime | None, output: Path | None) -> int:
    """Write the cases since `since` to `output` (None: stdout) as `csv` or `jsonl`; return their number.

    A file appears only when it is complete. Raises CommandError if there is no database of this version, StoreError if
    it cannot be read, OSError if the file cannot be written.
    """
    if storage.sqlite_file is not None and not storage.sqlite_file.exists():
        raise CommandError(f"there is nothing to export: {storage.display_url} does not exist")
    since_ms = None if since is None else round(since.timestamp() * 1000)
    store = Store(storage.url.get_secret_value())
    try:
        if await store.revision() != store.head:
            raise CommandError(f"{storage.display_url} has not the schema of this version: run `warden migrate` first")
        with _target(output) as stream:
            write = _csv_writer(stream) if file_format == "csv" else _jsonl_writer(stream)
            count = last = 0
            # A page at a time, so that memory does not grow; cases are only ever added, so the pages fit together.
            while page := await store.read(partial(page_after, last=last, since_ms=since_ms, limit=_PAGE)):
                for case, outcome in page:
                    write(_row(case, outcome))
                count += len(page)
                last = page[-1][0].id
            stream.flush()
            return count
    finally:
        await store.close()


def _row(case: CaseRow, outcome: str) -> Row:
    return {
        "case": case.id,
        "time": _time(case.at_ms),
        # Ids of Discord have more digits than a spreadsheet or JavaScript keeps in a number.
        "guild": str(case.guild_id),
        "staff": str(case.staff_id),
        "action": case.action,
        "member": case.member_id,
        "channel": case.channel_id,
        "duration_ms": case.duration_ms,
        "reason": case.reason,
        "outcome": outcome,
    }


def _time(at_ms: int) -> str:
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _target(output: Path | None) -> AbstractContextManager[TextIO]:
    if output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            cast("io.TextIOWrapper[Any]", sys.stdout).reconfigure(encoding="utf-8", errors="backslashreplace")
        return nullcontext(cast("TextIO", sys.stdout))
    if output.exists() and not output.is_file():
        # A device or a pipe is written to, not replaced.
        return output.open("w", encoding="utf-8", errors="backslashreplace", newline="")
    return _replacing(output)


@contextmanager
def _replacing(output: Path) -> Generator[TextIO]:
    part = output.with_name(f"{output.name}.part")
    try:
        with open(part, "w", encoding="utf-8", errors="backslashreplace", newline="", opener=_private) as stream:
            yield stream
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    """Open for the owner only: the file holds who was punished for what."""
    return os.open(path, flags, 0o600)


def _csv_writer(stream: TextIO) -> Callable[[Row], None]:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)

    def write(row: Row) -> None:
        writer.writerow([_cell(row[column]) for column in COLUMNS])

    return write


def _jsonl_writer(stream: TextIO) -> Callable[[Row], None]:
    def write(row: Row) -> None:
        stream.write(json.dumps(row, ensure_ascii=False) + "\n")

    return write


def _cell(value: str | int | None) -> str | int | None:
    """Make one CSV cell; text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if isinstance(value, str):
        # A NUL ends the cell for some readers, and some skip blanks before they look for a formula.
        value = value.replace("\0", "")
        return f"'{value}" if value.lstrip(" ").startswith(_FORMULA_STARTS) else value
    return value
