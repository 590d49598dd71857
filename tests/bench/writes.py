"""Durable writes of the IM service beside a handler that commits once a request."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp

from bot.imservice import DEFAULT_CREDENTIALS as DEMO
from tests.bench.im import crowd
from tests.bench.measure import Result, interleaved

SECONDS = 3.0
PREFIX = f"/{DEMO.org}/{DEMO.app}"


@contextlib.asynccontextmanager
async def process(module: str, *arguments: str) -> AsyncIterator[str]:
    """Run a module of ours that prints where it listens; yield the URL."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert running.stdout is not None
    try:
        line = (await asyncio.wait_for(running.stdout.readline(), 20)).decode()
        yield line.split("listening on ")[1].strip()
    finally:
        running.terminate()
        await running.wait()


class _Caller(asyncio.Protocol):
    """One keep-alive connection that sends the next request as soon as it has read an answer; no HTTP library."""

    def __init__(self, requests: list[bytes], first: int, step: int) -> None:
        self._requests = requests
        self._at = first
        self._step = step
        self.done = 0
        self.wrong = 0
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        assert self._transport is not None
        self._transport.write(self._requests[self._at % len(self._requests)])
        self._at += self._step

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        self.done += 1
        self.wrong += not head.startswith(b"HTTP/1.1 200")
        self._buffer = body[length:]
        self._send()


async def load(url: str, requests: list[bytes], concurrency: int) -> float:
    """Return the successful requests a second over so many connections."""
    place = urlsplit(url)
    loop = asyncio.get_running_loop()
    callers: list[_Caller] = []
    transports: list[asyncio.BaseTransport] = []
    begun = time.perf_counter()
    for number in range(concurrency):
        transport, caller = await loop.create_connection(
            lambda number=number: _Caller(requests, number, concurrency), place.hostname, place.port
        )
        transports.append(transport)
        callers.append(caller)
    await asyncio.sleep(SECONDS)
    done, seconds = sum(caller.done for caller in callers), time.perf_counter() - begun
    for transport in transports:
        transport.close()
    assert not any(caller.wrong for caller in callers), "an answer was not 200"
    return done / seconds


def requests_for(channel: str, community: str, members: list[str], token: str) -> list[bytes]:
    made: list[bytes] = []
    for member in members:
        body = json.dumps({"server_id": community, "user_id": member, "duration": 600_000}).encode()
        made.append(
            (
                f"POST {PREFIX}/circle/channel/{channel}/user/mute HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            ).encode()
            + body
        )
    return made


async def run() -> list[Result]:
    """Mutes a second at concurrency 16 and 64."""
    results: list[Result] = []
    async with crowd(200) as found:
        data = found.data
        community, (channel, members) = found.community, next(iter(found.members.items()))
        # The service of `crowd` is limited; ours opens the same data once that one is gone.
        async with _unlimited(data) as url:
            token = await _token(url)
            requests = requests_for(channel, community, members, token)
            with tempfile.TemporaryDirectory() as folder:
                async with process("tests.bench.floor_writes", f"{folder}/floor.db") as floor_url:
                    for concurrency, goal in ((16, 5), (64, 8)):
                        ours, floor = await interleaved(
                            3,
                            lambda c=concurrency: load(url, requests, c),
                            lambda c=concurrency: load(floor_url, requests, c),
                        )
                        results.append(
                            Result(
                                f"durable writes, {concurrency} at once",
                                f"{ours:.0f}/s",
                                f"{floor:.0f}/s (a commit a request)",
                                f"{ours / floor:.1f}",
                                f">= {goal}",
                                ours >= goal * floor,
                            )
                        )
    return results


@contextlib.asynccontextmanager
async def _unlimited(data: object) -> AsyncIterator[str]:
    import shutil
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "data"
        shutil.copytree(str(data), copy)
        async with process("tests.bench.unlimited", str(copy)) as url:
            yield url


async def _token(url: str) -> str:
    body = {"grant_type": "client_credentials", "client_id": DEMO.client_id, "client_secret": DEMO.client_secret}
    async with aiohttp.ClientSession() as session, session.post(f"{url}{PREFIX}/token", json=body) as answer:
        return (await answer.json())["access_token"]
