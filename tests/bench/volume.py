"""A service with a million collections and a hundred thousand members beside one with a thousand of each."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from bot.imservice import IMService, IMServiceOptions
from bot.imservice.paging import encode_cursor
from tests.bench.measure import Result, interleaved
from tests.bench.writes import PREFIX, load

OWNER = "owner"
SAVER = "saver"
START_MS = 1_700_000_000_000
DELETED_AT_ONCE = 20
_DELETED = 600
TEXT = "a saved message of about the usual length " * 2
CONCURRENCY = 4


@dataclass(frozen=True)
class Size:
    collections: int
    members: int


SMALL, LARGE = Size(1_000, 1_000), Size(1_000_000, 100_000)


@dataclass
class Stock:
    """A filled service that runs as a process of its own."""

    size: Size
    community: str
    token: str
    url: str
    process: psutil.Process

    def request(self, method: str, target: str, body: object = None) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {PREFIX}{target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content


async def fill(data: Path, size: Size) -> tuple[str, str]:
    """Fill a fresh data directory; return the community's id and a token."""
    service = IMService(data, options=IMServiceOptions(rate_limit=None), id_seed=1)
    await service.start()
    try:
        community = await service.write(lambda connection: _fill(connection, service, size))
        token = service._gateway._shared.tokens.issue(ttl_seconds=0, now_ms=0)
    finally:
        await service.stop()
    return community, token


def _fill(connection: sqlite3.Connection, service: IMService, size: Size) -> str:
    from bot.imservice.domain import communities

    names = [OWNER, SAVER, *(f"m{number}" for number in range(size.members))]
    connection.executemany(
        "INSERT INTO users (key, username, uuid, nickname, created, modified) VALUES (?, ?, ?, NULL, ?, ?)",
        ((name, name, f"uuid-{name}", START_MS, START_MS) for name in names),
    )
    new = communities.NewCommunity(OWNER, "Large", 0, "", "", "", "", "text", "general")
    community = communities.create(connection, new, ids=service.ids, now=START_MS, per_user=100)
    (row,) = connection.execute("SELECT seq FROM communities WHERE id = ?", (community,)).fetchone()
    connection.execute(
        "INSERT INTO community_members (community, user, role) SELECT ?, seq, 2 FROM users WHERE key <> ?", (row, OWNER)
    )
    (saver,) = connection.execute("SELECT seq FROM users WHERE key = ?", (SAVER,)).fetchone()
    connection.executemany(
        "INSERT INTO collections (user, id, data, type, ext, created, updated, seq) VALUES (?, ?, ?, ?, NULL, ?, ?, ?)",
        _collections(saver, size.collections),
    )
    return community


def _collections(saver: int, count: int) -> Iterator[tuple[int, str, str, int, int, int, int]]:
    draw = random.Random(1)
    for number, created in enumerate(_times(count)):
        yield saver, f"c{number}", TEXT, draw.randrange(4), created, created, number


@functools.cache
def _times(count: int) -> list[int]:
    """When each of them was saved, in no order."""
    draw = random.Random(2)
    return [START_MS + draw.randrange(10**10) for _ in range(count)]


@functools.cache
def _by_age(count: int) -> list[str]:
    """Return the ids of the collections, newest first."""
    times = _times(count)
    return [f"c{number}" for number in sorted(range(count), key=lambda number: -times[number])]


@contextlib.asynccontextmanager
async def started(data: Path) -> AsyncIterator[tuple[str, psutil.Process]]:
    """Run `warden im-service` without rate limits on a data directory; yield its URL and its process."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.unlimited", str(data), stdout=asyncio.subprocess.PIPE
    )
    assert running.stdout is not None
    try:
        line = (await asyncio.wait_for(running.stdout.readline(), 60)).decode()
        yield line.split("listening on ")[1].strip(), psutil.Process(running.pid)
    finally:
        running.terminate()
        await running.wait()


async def seconds_to_start(data: Path) -> float:
    begun = time.perf_counter()
    async with started(data):
        return time.perf_counter() - begun


def reads(stock: Stock, target: Callable[[random.Random], str]) -> list[bytes]:
    draw = random.Random(2)
    return [stock.request("GET", target(draw)) for _ in range(500)]


async def compared(what: str, large: Stock, small: Stock, make: Callable[[Stock], list[bytes]]) -> Result:
    """Compare the time a request takes on both services, several at a time."""
    ours, floor = await interleaved(
        3,
        lambda: load(large.url, make(large), CONCURRENCY),
        lambda: load(small.url, make(small), CONCURRENCY),
    )
    return Result(
        what, f"{1e6 / ours:.0f} us", f"{1e6 / floor:.0f} us at 1,000", f"{floor / ours:.2f}", "<= 2", floor / ours <= 2
    )


async def deletes(what: str, large: Stock, small: Stock, choose: Callable[[int], list[str]]) -> Result:
    """Compare deleting 20 at a time; both services are given back what they lost after each round."""
    chosen = {id(stock): choose(stock.size.collections) for stock in (large, small)}

    async def once(stock: Stock) -> float:
        ids = chosen[id(stock)]
        batches = [ids[at : at + DELETED_AT_ONCE] for at in range(0, len(ids), DELETED_AT_ONCE)]
        requests = [
            stock.request("DELETE", f"/users/{SAVER}/collections", {"collection_ids": batch}) for batch in batches
        ]
        begun = time.perf_counter()
        await _send(stock, requests)
        taken = (time.perf_counter() - begun) / len(batches)
        await _send(stock, [stock.request("POST", "/collections", _again(batch, stock)) for batch in batches])
        return taken

    ours, floor = await interleaved(7, lambda: once(large), lambda: once(small))
    return Result(
        what, f"{ours * 1e6:.0f} us", f"{floor * 1e6:.0f} us at 1,000", f"{ours / floor:.2f}", "<= 2", ours / floor <= 2
    )


def _of_one_time(count: int) -> list[str]:
    """Return what a cleanup deletes: the oldest ones, in their order."""
    return _by_age(count)[: -_DELETED - 1 : -1]


def _from_anywhere(count: int) -> list[str]:
    return random.Random(3).sample(_by_age(count), _DELETED)


def _again(ids: list[str], stock: Stock) -> dict[str, object]:
    times = _times(stock.size.collections)
    rows = [{"id": name, "data": TEXT, "type": 1, "ext": "", "createdAt": times[int(name[1:])]} for name in ids]
    return {"username": SAVER, "collections": rows}


async def _send(stock: Stock, requests: list[bytes]) -> None:
    """Send one request after the other on one connection."""
    host, _, port = stock.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        body = await reader.readexactly(length)
        assert head.startswith(b"HTTP/1.1 200"), (head, body)
    writer.close()


async def run() -> list[Result]:
    """Lists, deletes, start and memory with much in the service and with little."""
    with tempfile.TemporaryDirectory() as folder:
        places = {size: Path(folder) / str(size.collections) for size in (SMALL, LARGE)}
        filled = {size: await fill(place, size) for size, place in places.items()}
        results = [await _start(places[LARGE], Path(folder))]
        async with started(places[LARGE]) as (large_url, large_process), started(places[SMALL]) as (url, process):
            large = Stock(LARGE, *filled[LARGE], large_url, large_process)
            small = Stock(SMALL, *filled[SMALL], url, process)
            results += await _lists(large, small)
            results.append(await deletes("delete the 20 oldest collections", large, small, _of_one_time))
            results.append(await deletes("delete 20 collections from anywhere", large, small, _from_anywhere))
            megabytes = [stock.process.memory_info().rss / 2**20 for stock in (large, small)]
        stored = sum(file.stat().st_size for file in places[LARGE].iterdir()) / 2**20
        results.append(
            Result(
                "resident memory after all that",
                f"{megabytes[0]:.0f} MB ({stored:.0f} MB stored)",
                f"{megabytes[1]:.0f} MB at 1,000",
                f"{megabytes[0] / megabytes[1]:.2f}",
                "stated",
                None,
            )
        )
        return results


async def _start(large: Path, folder: Path) -> Result:
    fresh = iter(range(1000))
    ours, floor = await interleaved(
        5,
        lambda: seconds_to_start(large),
        lambda: seconds_to_start(folder / f"empty-{next(fresh)}"),
    )
    return Result(
        "start with 1,000,000 collections, 100,000 members",
        f"{ours * 1000:.0f} ms",
        f"{floor * 1000:.0f} ms empty, with migrations",
        f"{ours / floor:.2f}",
        "< 2",
        ours / floor < 2,
    )


async def _lists(large: Stock, small: Stock) -> list[Result]:
    def newest(stock: Stock) -> list[bytes]:
        return reads(stock, lambda _: f"/users/{SAVER}/collections?limit=200")

    def anywhere(stock: Stock) -> list[bytes]:
        # Not from the oldest ones: every page is to be a full one, on the small service too.
        inner = _by_age(stock.size.collections)[: -stock.size.collections // 2]
        return reads(stock, lambda draw: f"/users/{SAVER}/collections?limit=200&collection_id={draw.choice(inner)}")

    def of_one_type(stock: Stock) -> list[bytes]:
        inner = _by_age(stock.size.collections)[: -stock.size.collections // 2]
        return reads(
            stock, lambda draw: f"/users/{SAVER}/collections?limit=20&type=1&collection_id={draw.choice(inner)}"
        )

    return [
        await compared("newest 200 collections", large, small, newest),
        await compared("200 collections from anywhere", large, small, anywhere),
        await compared("20 collections of one type from anywhere", large, small, of_one_type),
        await compared("20 members of a community from anywhere", large, small, _members),
    ]


def _members(stock: Stock) -> list[bytes]:
    """Requests for pages from anywhere in the list of members, by cursors as the service makes them."""
    scope = f"server users\n{stock.community}"
    draw = random.Random(4)
    cursors = [encode_cursor(scope, draw.randrange(stock.size.members // 2)) for _ in range(500)]
    target = f"/circle/server/{stock.community}/users?limit=20&cursor="
    return [stock.request("GET", target + cursor) for cursor in cursors]
