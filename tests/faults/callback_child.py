"""Processes that do nothing but take callbacks in: forked from one that has everything imported, so made in a moment.

`python -m tests.faults.callback_child DATABASE PORT` forks one for each line it reads, and prints its process id.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert

from bot.app import wire
from bot.config import Settings
from bot.im import EasemobAuth, IMClient
from bot.services.callbacks.model import MessageSent
from bot.services.clock import SystemClock
from bot.store import Store
from bot.store.mirrors import MirrorRow
from bot.store.tables import mirrors
from bot.web.callbacks import routes
from bot.web.server import WebServer
from tests.services.signed import SECRET


class Noting:
    """A feed that writes down every message that it is given."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()

    async def prepare(self, messages: Sequence[MessageSent]) -> Sequence[MirrorRow]:
        return [
            MirrorRow(0, None, 1, 0, "c", m.channel_id, "hall", m.message_id, m.author_id, m.text, m.kind)
            for m in messages
        ]

    def add(self, connection: Connection, rows: Sequence[MirrorRow]) -> None:
        columns = ("guild_id", "at_ms", "community_id", "channel_id", "channel_name", "im_message_id", "author_id")
        connection.execute(insert(mirrors), [{name: getattr(row, name) for name in columns} for row in rows])


async def serve(database: str, port: int) -> None:
    settings: Any = Settings(
        storage={"url": f"sqlite+aiosqlite:///{database}"},
        http={"callback_secret": SECRET},  # pyright: ignore
    )
    store = Store(settings.storage.url.get_secret_value())
    im = IMClient("http://127.0.0.1:1", EasemobAuth("o", "a", "i", "s"))
    services = wire(settings, store=store, im=im, clock=SystemClock(), arm=lambda _ms: None)
    services.callbacks._processing._feed = Noting()  # pyright: ignore
    await services.callbacks.start()
    await WebServer("127.0.0.1", port, [routes(services.callbacks)]).start()
    await asyncio.Event().wait()


def main(database: str, port: int) -> None:
    # Nobody waits for the children: they are killed.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            # What is logged is not meant for who reads our process ids.
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
            asyncio.run(serve(database, port))
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
