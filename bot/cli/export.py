"""`warden export`: cases as CSV or JSON lines, streamed, so that memory does not grow with their number."""

import io
import os
import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO, cast

from bot.cli import CommandError
from bot.config import StorageSettings
from bot.services.case_export import CaseLines, FileFormat
from bot.services.moments import parse_moment
from bot.services.refusals import Refusal
from bot.store import Store
from bot.store.cases import page_after

_PAGE = 500


def parse_since(text: str, *, now: datetime) -> datetime:
    """Read a start of time: an ISO date or time (UTC if it has no offset), or an age like `7d`, `12h`, `90m`.

    Raises ValueError with a sentence for the operator.
    """
    try:
        return parse_moment(text, now=now)
    except Refusal:
        raise ValueError(
            "a date (2026-01-31), a time (2026-01-31T12:00Z) or an age (7d, 12h, 90m) is expected"
        ) from None


async def write_cases(
    storage: StorageSettings, file_format: FileFormat, since: datetime | None, output: Path | None
) -> int:
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
            lines = CaseLines(file_format)
            stream.write(lines.head)
            count = last = 0
            # A page at a time, so that memory does not grow; cases are only ever added, so the pages fit together.
            while page := await store.read(partial(page_after, last=last, since_ms=since_ms, limit=_PAGE)):
                for case, outcome in page:
                    stream.write(lines.line(case, outcome))
                count += len(page)
                last = page[-1][0].id
            stream.flush()
            return count
    finally:
        await store.close()


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
