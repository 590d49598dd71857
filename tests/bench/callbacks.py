"""Callbacks in: how long the IM waits for our 200 at 1,000 a second, beside a bare handler; and how many a second."""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.measure import Result
from tests.bench.writes import load, process
from tests.services.signed import muted, said, signed

RATE, SECONDS, ROUNDS = 1_000, 8, 3
LIMIT_SECONDS = 0.050
CONCURRENCY = 64
MOST = 60_000


def requests(count: int, first: int = 0) -> list[bytes]:
    """Callbacks that are signed now, two of three a message; each is another one."""
    stamp = time.time_ns() // 1_000_000
    made: list[bytes] = []
    for number in range(first, first + count):
        body = said("hall", "some words that people say", number) if number % 3 else muted("hall", f"m{number}")
        raw = signed(body, stamp)
        made.append(
            f"POST /callbacks/im HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(raw)}\r\n\r\n".encode()
            + raw
        )
    return made


class _Line(asyncio.Protocol):
    """A keep-alive connection that carries one request at a time."""

    def __init__(self, idle: list[_Line]) -> None:
        self._idle = idle
        self._answer: asyncio.Future[float] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def send(self, request: bytes) -> asyncio.Future[float]:
        assert self.transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        # Head and body of so short an answer come in one piece, or the body after it: the head is what counts.
        if self._answer is None or self._answer.done():
            return
        assert data.startswith(b"HTTP/1.1 200"), data
        self._answer.set_result(time.perf_counter())
        self._idle.append(self)


async def open_loop(url: str) -> float:
    """Send 1,000 a second whatever the answers do; return the 99th percentile from due to answered, in seconds."""
    place, loop = urlsplit(url), asyncio.get_running_loop()
    sent = requests(RATE * SECONDS)
    idle: list[_Line] = []
    waits: list[tuple[float, asyncio.Future[float]]] = []

    async def line() -> _Line:
        return (await loop.create_connection(lambda: _Line(idle), place.hostname, place.port))[1]

    lines = [await line() for _ in range(32)]
    idle += lines
    begun = time.perf_counter()
    for number, request in enumerate(sent):
        due = begun + number / RATE
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        if not idle:
            lines.append(await line())
            idle.append(lines[-1])
        waits.append((due, idle.pop().send(request)))
    taken = sorted([await answer - due for due, answer in waits])
    for each in lines:
        assert each.transport is not None
        each.transport.close()
    return taken[int(0.99 * len(taken))]


def _kept(folder: str) -> int:
    with closing(sqlite3.connect(Path(folder) / "warden.db", timeout=20)) as connection:
        return connection.execute("SELECT count(*) FROM callback_events").fetchone()[0]


async def run() -> list[Result]:
    """The wait for an answer at 1,000 a second, and the most a second over 64 connections."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            process("tests.bench.callback_server", folder) as ours,
            process("tests.bench.floor_callbacks") as floor,
        ):
            mine: list[float] = []
            bare: list[float] = []
            for _ in range(ROUNDS + 1):
                mine.append(await open_loop(ours))
                bare.append(await open_loop(floor))
            kept = _kept(folder)
            p99, p99_bare = statistics.median(mine[1:]), statistics.median(bare[1:])
            rates: tuple[list[float], list[float]] = ([], [])
            for number in range(ROUNDS):
                sent = requests(MOST, number * MOST)
                for url, found in zip((ours, floor), rates, strict=True):
                    found.append(await load(url, sent, CONCURRENCY))
            most, most_bare = (statistics.median(found[1:]) for found in rates)
    needed = RATE * SECONDS * (ROUNDS + 1)
    return [
        Result(
            f"callbacks, {RATE}/s for {SECONDS} s: 99 of 100 are durable and answered within",
            f"{p99 * 1e3:.1f} ms ({kept} of {needed} kept)",
            f"{p99_bare * 1e3:.1f} ms (bare handler)",
            f"+{(p99 - p99_bare) * 1e3:.1f} ms",
            f"< {LIMIT_SECONDS * 1e3:.0f} ms",
            p99 < LIMIT_SECONDS and kept == needed,
        ),
        Result(
            f"callbacks, as many as go, {CONCURRENCY} at once",
            f"{most:.0f}/s",
            f"{most_bare:.0f}/s (bare handler)",
            f"{most / most_bare:.2f}",
            f">= {RATE}/s",
            most >= RATE,
        ),
    ]
