"""Small real servers for the tests: one that plays a script over HTTP, one that writes raw bytes."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import web
from multidict import CIMultiDictProxy

from bot.im import EasemobAuth, IMClient

SECRET = "s3cret-of-the-client"
TOKEN = "YWMt-token-number-"
AUTH = EasemobAuth("org", "app", "client", SECRET)
EXAMPLES: dict[str, Any] = {
    name: example["answer"]
    for name, example in json.loads((Path(__file__).parent / "examples" / "circle.json").read_text("utf-8")).items()
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Step = Handler | dict[str, Any] | tuple[int, Any] | tuple[int, Any, dict[str, str]]


class NoJitter(Random):
    """Chooses the shortest delay, so that retries take no time."""

    def uniform(self, a: float, b: float) -> float:
        return min(a, b)


@dataclass
class Seen:
    """A request as it arrived."""

    method: str
    target: str
    path: str
    query: dict[str, str]
    headers: CIMultiDictProxy[str]
    body: Any


@dataclass
class Scripted:
    """Plays `steps` one a request, then `default` for ever; hands out tokens TOKEN1, TOKEN2, ..."""

    steps: deque[Step] = field(default_factory=deque)
    default: Step = field(default_factory=lambda: {"code": 200})
    token_steps: deque[Step] = field(default_factory=deque)
    seen: list[Seen] = field(default_factory=list)
    token_requests: list[Seen] = field(default_factory=list)
    accepted: set[str] | None = None
    connections: set[Any] = field(default_factory=set)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.connections.add(request.transport)
        raw = await request.read()
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = raw
        path, _, _ = request.raw_path.partition("?")
        seen = Seen(request.method, request.raw_path, path, dict(request.query), request.headers, body)
        if path.endswith("/token"):
            self.token_requests.append(seen)
            step = self.token_steps.popleft() if self.token_steps else self._token()
            return await self._play(step, request)
        self.seen.append(seen)
        if self.accepted is not None and seen.headers.get("Authorization") not in self.accepted:
            return web.json_response({"error": "unauthorized", "error_description": "expired"}, status=401)
        return await self._play(self.steps.popleft() if self.steps else self.default, request)

    def _token(self) -> Step:
        value = f"{TOKEN}{len(self.token_requests)}"
        return {"access_token": value, "expires_in": 5_184_000, "application": "8be0"}

    async def _play(self, step: Step, request: web.Request) -> web.StreamResponse:
        if callable(step):
            return await step(request)
        status, content, headers = (200, step, {}) if isinstance(step, dict) else (*step, {})[:3]
        if isinstance(content, bytes):
            return web.Response(body=content, status=status, headers=headers)
        return web.json_response(content, status=status, headers=headers)


def bearer(number: int) -> str:
    return f"Bearer {TOKEN}{number}"


def slow(seconds: float, content: Any = None) -> Handler:
    async def answer(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return web.json_response(content or {"code": 200})

    return answer


async def reset(request: web.Request) -> web.StreamResponse:
    """Lose the connection after the request was read."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@asynccontextmanager
async def serving(server: Scripted) -> AsyncIterator[Scripted]:
    runner = web.ServerRunner(web.Server(server.handle, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw_server(
    play: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """Serve raw bytes: `play` is called for every connection and closes it by returning."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await play(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def client(url: str, **options: Any) -> IMClient:
    options = {"rng": NoJitter(), "timeout_seconds": 2.0, "deadline_seconds": 5.0, **options}
    return IMClient(url, options.pop("auth", AUTH), **options)
