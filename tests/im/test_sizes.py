"""Large and compressed answers: what is right is read, what is too large is dropped early."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib

import pytest

from bot.im import BadResponse
from bot.im.wire import MAX_ANSWER_BYTES
from tests.im.hostile import Asked, Line, channel, hostile, http, refused, works

BODY = channel("channel")
MEGABYTE = 1024 * 1024


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def padded(size: int) -> bytes:
    return BODY + b" " * (size - len(BODY))


ENCODED = {
    "gzip": http(gzip.compress(BODY), b"Content-Encoding: gzip"),
    "GZIP": http(gzip.compress(BODY), b"Content-Encoding: GZIP"),
    "gzip, a larger one": http(gzip.compress(padded(3 * MEGABYTE)), b"Content-Encoding: gzip"),
    "gzip in two members": http(gzip.compress(BODY[:20]) + gzip.compress(BODY[20:]), b"Content-Encoding: gzip"),
    "deflate": http(zlib.compress(BODY), b"Content-Encoding: deflate"),
    "deflate without its head": http(raw_deflate(BODY), b"Content-Encoding: deflate"),
    "identity": http(BODY, b"Content-Encoding: identity"),
    "none, the largest": http(padded(MAX_ANSWER_BYTES)),
    "gzip, the largest": http(gzip.compress(padded(MAX_ANSWER_BYTES)), b"Content-Encoding: gzip"),
}


@pytest.mark.parametrize("encoding", ENCODED)
async def test_a_right_answer_is_read_however_it_is_packed(encoding):
    async with hostile(ENCODED[encoding]) as (_, im):
        assert (await im.channels.create("c", "name")).channel_id == "channel"


PACKED = gzip.compress(BODY)
BROKEN = {
    "gzip cut short": http(PACKED[:-12], b"Content-Encoding: gzip"),
    "gzip of another checksum": http(PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], b"Content-Encoding: gzip"),
    "gzip broken inside": http(PACKED[:20] + b"\xff\xff\xff\xff" + PACKED[24:], b"Content-Encoding: gzip"),
    "gzip that is none": http(BODY, b"Content-Encoding: gzip"),
    "deflate cut short": http(zlib.compress(BODY)[:-12], b"Content-Encoding: deflate"),
    "deflate that is none": http(BODY, b"Content-Encoding: deflate"),
    "gzip twice": http(gzip.compress(PACKED), b"Content-Encoding: gzip, gzip"),
    "brotli, which was not offered": http(b"\x8b\x02\x80", b"Content-Encoding: br"),
    "zstd, which was not offered": http(b"(\xb5/\xfd ", b"Content-Encoding: zstd"),
    "something unheard of": http(b"?" + BODY, b"Content-Encoding: rot13"),
    "one byte too large": http(padded(MAX_ANSWER_BYTES + 1)),
    "one byte too large, gzip": http(gzip.compress(padded(MAX_ANSWER_BYTES + 1)), b"Content-Encoding: gzip"),
}


@pytest.mark.parametrize("encoding", BROKEN)
async def test_what_cannot_be_unpacked_is_a_bad_response(encoding):
    async with hostile(BROKEN[encoding]) as (server, im):
        error = await refused(im, server)
        assert type(error) is BadResponse
        assert error.sent is True
        await works(im)


def bomb() -> bytes:
    """128 megabytes in 128 kilobytes."""
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(MEGABYTE)
    return b"".join(packer.compress(zeros) for _ in range(128)) + packer.flush()


ENDLESS = {
    "chunks": (http(b"", b"Transfer-Encoding: chunked"), b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "until it closes": (b"HTTP/1.0 200 OK\r\n\r\n", b" " * 65536),
    "a stated gigabyte": (http(b"", b"Content-Length: 1000000000"), b" " * 65536),
    "one header": (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 10_000),
    "a reason": (b"HTTP/1.1 200 ", b"x" * 65536),
    "a trailer": (http(b"0\r\n", b"Transfer-Encoding: chunked"), b"X: y\r\n" * 10_000),
    "gzip": (http(b"", b"Content-Encoding: gzip", b"Content-Length: 1000000000"), None),
}


@pytest.mark.parametrize("name", ENDLESS)
async def test_an_answer_without_end_is_dropped_before_it_takes_much_memory(name):
    opening, piece = ENDLESS[name]
    said = 0
    pieces = [piece] * 4096 if piece is not None else [bomb()]

    async def play(line: Line, asked: Asked) -> object:
        nonlocal said
        await line.say(opening)
        for part in pieces:
            await line.say(part)
            said += len(part)
        return await line.until_the_end()

    async with hostile(play, timeout_seconds=5) as (server, im):
        await works(im)
        server.steps.append(play)
        tracemalloc.start()
        try:
            start = asyncio.get_running_loop().time()
            error = await refused(im, server)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert asyncio.get_running_loop().time() - start < 4
        assert type(error) is BadResponse
        assert error.sent is True
        assert peak < 4 * MAX_ANSWER_BYTES
        assert said < 4 * MAX_ANSWER_BYTES
        await works(im)
