"""The file that a start on no database makes; made once a process, as that takes longer than many a test."""

import tempfile
from pathlib import Path

from bot.store import Store

_made: list[bytes] = []


async def lay_empty_database(file: Path) -> None:
    """Write a database with the newest schema and nothing in it; how it gets there is tested in tests/store."""
    if not _made:
        with tempfile.TemporaryDirectory() as folder:
            first = Path(folder) / "warden.db"
            store = Store(f"sqlite+aiosqlite:///{first}")
            await store.migrate()
            await store.close()
            _made.append(first.read_bytes())
    file.write_bytes(_made[0])  # noqa: ASYNC240
