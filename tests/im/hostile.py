"""A server on a real socket that breaks HTTP as it is told, beside a client whose leaks are counted."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import traceback
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.im import IMClient, IMError
from tests.im.scripted import SECRET, TOKEN, client

PLACE = ("c", "1")
CLOSE = "close"


def http(body: bytes, *headers: bytes, status: bytes = b"200 OK", version: bytes = b"HTTP/1.1") -> bytes:
    """Make an answer; its length is stated unless `headers` say how the body ends."""
    lines = [version + b" " + status, *headers]
    if not any(h.lower().startswith((b"content-length", b"transfer-encoding")) for h in headers):
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def channel(channel_id: str) -> bytes:
    """Make the right answer to whoever asks for this channel."""
    return json.dumps({"code": 200, "channel": {"channel_id": channel_id, "name": f"name of {channel_id}"}}).encode()


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; `id` is the last segment of its path."""

    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode()

    @property
    def id(self) -> str:
        return self.head.split(b" ", 2)[1].partition(b"?")[0].rpartition(b"/")[2].decode()


class Line:
    """One connection, seen from the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, *parts: bytes, pause: float = 0.0) -> None:
        """Write the parts, each in a segment of its own, `pause` seconds apart."""
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
            await asyncio.sleep(pause)

    def reset(self) -> None:
        """End the connection with an RST, which also throws away what the other side has not read."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def until_the_end(self) -> None:
        """Wait until the client hangs up."""
        while await self.reader.read(65536):
            pass


Play = Callable[[Line, Asked], Awaitable[object]]
Step = bytes | Play


@dataclass
class Hostile:
    """Answers requests with `steps`, one each, then rightly; token requests are always answered rightly.

    Bytes are said and the connection is closed. A play may do what it likes; the connection stays open if it returns
    None and is closed otherwise. `greet` is called for every new connection that is not the first. `share_read` is
    how much of a request's body is read before it is answered.
    """

    steps: deque[Step] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    tokens: int = 0
    greet: Callable[[Line], Awaitable[object]] | None = None
    share_read: float = 1.0
    connections: int = 0
    open: set[asyncio.Task[Any]] = field(default_factory=set)
    url: str = ""

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.open.add(task)
        self.connections += 1
        try:
            line = Line(reader, writer)
            if self.connections > 1 and self.greet is not None and await self.greet(line) is not None:
                return
            while await self._answer(line) is None:
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self.open.discard(task)

    async def _answer(self, line: Line) -> object:
        head = await line.reader.readuntil(b"\r\n\r\n")
        length = 0
        for header in head.lower().split(b"\r\n"):
            if header.startswith(b"content-length:"):
                length = int(header.partition(b":")[2])
        asked = Asked(head, await line.reader.readexactly(int(length * self.share_read)))
        if asked.id == "token":
            self.tokens += 1
            grant = {"access_token": f"{TOKEN}{self.tokens}", "expires_in": 1000}
            return await line.say(http(json.dumps(grant).encode()))
        self.asked.append(asked)
        if not self.steps:
            return await line.say(http(channel(asked.id)))
        step = self.steps.popleft()
        if isinstance(step, bytes):
            await line.say(step)
            return CLOSE
        return await step(line, asked)


@asynccontextmanager
async def hostile(*steps: Step, **options: Any) -> AsyncIterator[tuple[Hostile, IMClient]]:
    """Run a server and a client that has its token; at the end nothing of the client may be left."""
    played = Hostile(deque(steps))
    server = await asyncio.start_server(played.connected, "127.0.0.1", 0)
    played.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    before = asyncio.all_tasks()
    try:
        async with client(played.url, **options) as im:
            await im.authenticate()
            yield played, im
            await eventually(lambda: in_use(im) == 0)
        await eventually(lambda: not played.open)
        current = asyncio.current_task()
        assert all(task in before or task is current for task in asyncio.all_tasks()), "the client left a task behind"
    finally:
        server.close()
        for task in played.open:
            task.cancel()


async def eventually(holds: Callable[[], bool], seconds: float = 2.0) -> None:
    """Wait until something holds, at most so long."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.002)


def in_use(im: IMClient) -> int:
    """Count the connections that the client believes to be busy."""
    session = im._transport._wire._session
    return 0 if session is None else len(session.connector._acquired)  # pyright: ignore


async def refused(im: IMClient, server: Hostile) -> IMError:
    """Make a call that is not repeated, which must fail; return its error after looking for what it gives away."""
    before = len(server.asked)
    with pytest.raises(IMError) as caught:
        await im.channels.create("c", "name")
    error = caught.value
    assert len(server.asked) - before <= 1
    assert error.sent or len(server.asked) == before, "the server has seen a call that is said not to have been sent"
    gives_nothing_away(error)
    return error


async def works(im: IMClient) -> None:
    """The client is as good as new."""
    assert (await im.channels.get("c", "77")).name == "name of 77"


def gives_nothing_away(error: IMError) -> None:
    """No secret in any text of the error, no cause that prints one, one printable line."""
    for text in (str(error), repr(error), "".join(traceback.format_exception(error))):
        assert SECRET not in text
        assert TOKEN not in text
    assert str(error).isprintable()
    assert error.__cause__ is None
    assert error.__context__ is None
