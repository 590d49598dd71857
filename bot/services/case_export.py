"""Cases as lines of a file: the columns that `warden export cases` and `/case export` share."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from bot.store.rows import CaseRow

FileFormat: TypeAlias = Literal["csv", "jsonl"]
Row: TypeAlias = "dict[str, str | int | None]"

COLUMNS: Final = (
    "case", "time", "guild", "staff", "action", "member", "channel", "duration_ms", "reason", "outcome"
)  # fmt: skip

MOST_FILES: Final = 10
"""As many files as one message of Discord takes."""
_IN_MEMORY = 1_000_000

# What a spreadsheet takes for the start of a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class CaseExport:
    """Cases as files of limited size, oldest first; `complete` False: there were more than fit."""

    files: tuple[IO[bytes], ...]
    count: int
    complete: bool


class CaseLines:
    """Writes cases as lines of one format, the newest reason of each."""

    def __init__(self, file_format: FileFormat) -> None:
        self._csv = file_format == "csv"

    @property
    def head(self) -> str:
        """What each file begins with."""
        return _csv_line(COLUMNS) if self._csv else ""

    def line(self, case: CaseRow, outcome: str) -> str:
        """Return a case's line, its end included; in CSV a reason may hold line breaks."""
        row = _row(case, outcome)
        if self._csv:
            return _csv_line([_cell(row[column]) for column in COLUMNS])
        return json.dumps(row, ensure_ascii=False) + "\n"


class CaseFiles:
    """Lines on temporary files of at most `largest` bytes each; what is small never touches the disk."""

    def __init__(self, lines: CaseLines, largest: int) -> None:
        self._lines = lines
        self._largest = largest
        self._files: list[IO[bytes]] = []
        self._size = 0
        self.count = 0

    def write(self, case: CaseRow, outcome: str) -> bool:
        """Write a case down; False if there is no room any more."""
        line = self._lines.line(case, outcome).encode("utf-8", "backslashreplace")
        if not self._files or self._size + len(line) > self._largest:
            if len(self._files) == MOST_FILES:
                return False
            head = self._lines.head.encode()
            self._files.append(tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - closed by whoever sends it
            self._files[-1].write(head)
            self._size = len(head)
        self._files[-1].write(line)
        self._size += len(line)
        self.count += 1
        return True

    def finished(self, *, complete: bool) -> CaseExport:
        """Return what was written, to be read from the beginning."""
        for file in self._files:
            file.seek(0)
        return CaseExport(tuple(self._files), self.count, complete)

    def close(self) -> None:
        """Throw away what was written."""
        for file in self._files:
            file.close()


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


def _csv_line(cells: tuple[str, ...] | list[str | int | None]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _cell(value: str | int | None) -> str | int | None:
    """Make one CSV cell; text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if isinstance(value, str):
        # A NUL ends the cell for some readers, and some skip blanks before they look for a formula.
        value = value.replace("\0", "")
        return f"'{value}" if value.lstrip(" ").startswith(_FORMULA_STARTS) else value
    return value
