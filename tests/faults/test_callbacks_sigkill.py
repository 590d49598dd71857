"""SIGKILL right after callbacks were answered with 200, many times: none of them is lost, none is acted upon twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import pytest

from tests.e2e.processes import ROOT, eventually, free_port
from tests.empty_database import lay_empty_database
from tests.fault_table import Tell
from tests.services.signed import muted, said, signed

pytestmark = pytest.mark.slow

KILLS = 60
SENDERS = 6


class Senders:
    """Customers of the server: each sends one callback after the other, and again what was not answered."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._numbers: Iterator[int] = count(1)
        self.answered: dict[str, int] = {}  # by call id: its number
        self.sent_again = 0
        self.stopping = False

    async def send_on(self) -> None:
        while not self.stopping:
            number = next(self._numbers)
            body = said("hall", f"words {number}", number) if number % 3 else muted("hall", "bob")
            call_id = f"org#app_{number}"
            raw = signed(body, time.time_ns() // 1_000_000, call_id=call_id)
            while not await self._answered(raw):
                self.sent_again += 1
                await asyncio.sleep(0.003)
            self.answered[call_id] = number

    async def _answered(self, raw: bytes) -> bool:
        head = f"POST /callbacks/im HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(raw)}\r\n\r\n"
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        try:
            writer.write(head.encode() + raw)
            return (await reader.readline()).startswith(b"HTTP/1.1 200")
        except OSError:
            return False
        finally:
            writer.close()


async def test_none_is_lost_over_sigkill_after_its_200(tmp_path: Path, fault: Tell) -> None:
    database, port, rng = tmp_path / "warden.db", free_port(), random.Random(5)
    await lay_empty_database(database)
    zygote = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.callback_child", str(database), str(port),
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert zygote.stdin is not None
    assert zygote.stdout is not None

    async def start() -> int:
        assert zygote.stdin is not None
        assert zygote.stdout is not None
        zygote.stdin.write(b"\n")
        return int(await zygote.stdout.readline())

    senders = Senders(port)
    pid = await start()
    sending = [asyncio.create_task(senders.send_on()) for _ in range(SENDERS)]
    try:
        for _ in range(KILLS):
            enough = len(senders.answered) + rng.randrange(1, 40)
            async with asyncio.timeout(30):
                while len(senders.answered) < enough:
                    await asyncio.sleep(0.002)
            os.kill(pid, signal.SIGKILL)
            pid = await start()
        senders.stopping = True
        await asyncio.wait_for(asyncio.gather(*sending), 30)
        await eventually("all are processed", lambda: not _rows(database, "state = 'waiting'"), 30)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        zygote.kill()
        await zygote.wait()
        for task in sending:
            task.cancel()
    kept = {row[1]: row[4] for row in _rows(database)}
    lost = [call_id for call_id in senders.answered if kept.get(call_id) != "done"]
    with closing(sqlite3.connect(database)) as connection:
        shown = [int(row[0]) for row in connection.execute("SELECT im_message_id FROM mirrors")]
    unshown = {number for number in senders.answered.values() if number % 3} - set(shown)
    fault(
        "SIGKILL after a callback's 200",
        kills=KILLS,
        answered=len(senders.answered),
        sent_again=senders.sent_again,
        lost=len(lost) + len(unshown),
        double=len(shown) - len(set(shown)),
    )


def _rows(database: Path, where: str = "true") -> list[tuple[int, str, int, str, str]]:
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        return connection.execute(f"SELECT * FROM callback_events WHERE {where}").fetchall()
