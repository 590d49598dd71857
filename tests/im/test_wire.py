"""One exchange against a server that writes what bytes it likes, and breaks off where it likes."""

from __future__ import annotations

import asyncio
import zlib

import pytest

from bot.im import BadResponse, NewUser, Timeout, Unavailable
from bot.im.errors import InvalidArgument
from bot.im.wire import checked_base_url
from tests.im.scripted import client, raw_server, slow

TOKEN_ANSWER = b'{"access_token": "t", "expires_in": 1000}'
OK = b'{"code": 200}'
PLACE = ("c", "1")


def http(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, *headers]
    if not any(h.lower().startswith((b"content-length", b"transfer-encoding")) for h in headers):
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


class Script:
    """Answers token requests well and every other request with the next of `steps`; None resets the connection."""

    def __init__(self, *steps: bytes | None) -> None:
        self.steps = list(steps)
        self.requests = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    await reader.readexactly(int(line.split(b":")[1]))
            if b"/token" in head.split(b"\r\n")[0]:
                writer.write(http(TOKEN_ANSWER))
                continue
            self.requests += 1
            step = self.steps.pop(0) if self.steps else http(OK)
            if step is None:
                writer.transport.abort()
                return
            writer.write(step)
            if step != http(OK):
                await writer.drain()
                return


BROKEN = {
    "reset before the answer": None,
    "closed before the answer": b"",
    "garbage": b"\x00\xff garbage\r\n\r\n",
    "half a status line": b"HTTP/1.1 20",
    "half a header": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half a body": http(OK, b"Content-Length: 500"),
    "a broken chunk": http(b"zz\r\n{", b"Transfer-Encoding: chunked"),
    "a chunk cut short": http(b"20\r\n{", b"Transfer-Encoding: chunked"),
    "broken gzip": http(b"not gzip", b"Content-Encoding: gzip"),
    "not UTF-8": http(b'{"code": "\xff"}'),
    "no object": http(b"[200]"),
    "nesting without end": http(b"[" * 200_000),
    "too many digits": http(b'{"code": ' + b"9" * 5000 + b"}"),
    "empty": http(b""),
    "too large a claim": http(OK, b"Content-Length: 99999999999"),
    "too large": http(OK + b" " * (10 * 1024 * 1024)),
    "a bomb": http(zlib.compress(OK + b" " * (40 * 1024 * 1024)), b"Content-Encoding: deflate"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_answer_is_one_of_ours_and_a_repeatable_call_gets_over_it(name):
    script = Script(BROKEN[name])
    async with raw_server(script) as url, client(url) as im:
        await im.channels.delete(*PLACE)
    assert script.requests == 2


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_answer_to_a_create_is_an_unknown_outcome_sent_once(name):
    script = Script(*[BROKEN[name]] * 3)
    async with raw_server(script) as url, client(url) as im:
        with pytest.raises((BadResponse, Unavailable)) as caught:
            await im.channels.create("c", "name")
    assert caught.value.sent is True
    assert script.requests == 1


async def test_a_put_or_delete_is_never_sent_twice_behind_the_pacing():
    """On a reused connection aiohttp by itself would send such a request a second time."""
    attempts: list[int] = []
    script = Script(http(OK), None, None, http(OK))
    async with raw_server(script) as url, client(url, on_call=lambda r: attempts.append(r.attempts)) as im:
        await im.channels.delete(*PLACE)
        await im.channels.delete(*PLACE)
    assert script.requests == sum(attempts[1:])


@pytest.mark.parametrize("opening", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"])
async def test_an_answer_that_stops_coming_is_a_timeout(opening):
    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"/token" not in head.split(b"\r\n")[0]:
                writer.write(opening)
                await reader.read()
                return
            await reader.readuntil(b"}")
            writer.write(http(TOKEN_ANSWER))

    async with raw_server(stall) as url, client(url, timeout_seconds=0.15) as im:
        with pytest.raises(Timeout) as caught:
            await im.users.create(NewUser("u"))
    assert caught.value.sent is True


async def test_a_chunked_answer_of_sane_size_is_read():
    body = b"5\r\n" + OK[:5] + b"\r\n8\r\n" + OK[5:] + b"\r\n0\r\n\r\n"
    script = Script(http(body, b"Transfer-Encoding: chunked"))
    async with raw_server(script) as url, client(url) as im:
        await im.channels.delete(*PLACE)
    assert script.requests == 1


async def test_cancelling_a_call_leaves_the_client_usable(server, im):
    server.steps.append(slow(5))
    call = asyncio.create_task(im.channels.delete(*PLACE))
    await asyncio.sleep(0.1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await im.channels.delete(*PLACE)


@pytest.mark.parametrize(
    "url", ["", "localhost:80", "ftp://x", "http://", "http://u:p@x", "http://x?a=b", "http://[", None]
)
def test_a_wrong_base_url_is_refused(url):
    with pytest.raises(InvalidArgument) as caught:
        checked_base_url(url)
    assert caught.value.field == "base_url"


def test_a_base_url_may_have_a_path():
    assert checked_base_url("https://a1.example/im/") == "https://a1.example/im"
