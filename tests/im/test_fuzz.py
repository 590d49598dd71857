"""Thousands of broken answers to one client over one server: only IMError comes out, in time, and nothing sticks."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections import deque
from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.im import CircuitOpen, IMClient, IMError, InvalidArgument
from tests.effort import tries
from tests.im.hostile import CLOSE, Asked, Hostile, Line, channel, gives_nothing_away, hostile, http, in_use

ROUNDS = tries(400)
"""How many answers of each kind are tried."""
TIMEOUT, DEADLINE, SLACK = 0.5, 1.0, 1.0

BODY = channel("channel")
VALID = [
    http(BODY, b"Content-Type: application/json", b"Date: Fri, 20 Nov 2026 13:00:00 GMT"),
    http(b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY), b"Transfer-Encoding: chunked"),
    http(gzip.compress(BODY, mtime=0), b"Content-Encoding: gzip"),
    http(zlib.compress(BODY), b"Content-Encoding: deflate", b"Connection: keep-alive"),
    http(b'{"error": "reach_limit"}', b"Retry-After: 0", status=b"429 Too Many Requests"),
    http(b'{"error": "unauthorized", "error_description": "expired"}', status=b"401 Unauthorized"),
    http(b"", b"Location: /elsewhere", status=b"302 Found"),
    http(BODY, version=b"HTTP/1.0").replace(b"Content-Length", b"X-Length"),
    b"HTTP/1.1 100 Continue\r\n\r\n" + http(BODY),
]
TELLING = [
    b"\r\n", b"\r\n\r\n", b"0\r\n\r\n", b"\0", b"\xff", b"HTTP/1.1 200 OK", b"Content-Length: 5\r\n", b"{", b"}", b" ",
    b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"ffffffffffffffff\r\n", b"-1", b"Upgrade: x\r\n",
    b"Connection: close\r\n", b"Retry-After: 1e400\r\n", b"Retry-After: 99999999\r\n",
]  # fmt: skip


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """Take a valid answer and change it in one to four places."""
    answer = bytearray(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 4))):
        first = draw(st.integers(0, len(answer)))
        last = min(len(answer), first + draw(st.integers(0, 12)))
        match draw(st.integers(0, 5)):
            case 0:
                answer[first:last] = draw(st.binary(max_size=8))
            case 1:
                answer[first:last] = draw(st.sampled_from(TELLING))
            case 2:
                answer[first:first] = answer[first:last] * draw(st.integers(1, 3))
            case 3:
                del answer[first:last]
            case 4:
                answer[first:] = draw(st.sampled_from(VALID))[first:]
            case _:
                if first < len(answer):
                    answer[first] ^= 1 << draw(st.integers(0, 7))
    return bytes(answer)


def looked_at(error: IMError) -> None:
    assert not isinstance(error, (CircuitOpen, InvalidArgument))
    assert error.sent or error.status is not None, "the server has seen it"
    gives_nothing_away(error)


class Bench:
    """One server and one client for all rounds of a test, on an event loop that stays."""

    def __init__(self, runner: asyncio.Runner, server: Hostile, im: IMClient) -> None:
        self.runner = runner
        self.server = server
        self.im = im
        self.number = 0

    def round(self, answer: bytes, *, leave_open: bool, repeatable: bool) -> None:
        self.runner.run(self._round(answer, leave_open=leave_open, repeatable=repeatable))

    async def _round(self, answer: bytes, *, leave_open: bool, repeatable: bool) -> None:
        async def play(line: Line, asked: Asked) -> object:
            await line.say(answer)
            return None if leave_open else CLOSE

        im, loop = self.im, asyncio.get_running_loop()
        self.server.steps = deque([play])
        begun = loop.time()
        try:
            if repeatable:
                await im.channels.get("c", "channel")
            else:
                await im.channels.create("c", "name")
        except IMError as error:
            looked_at(error)
        assert loop.time() - begun < DEADLINE + SLACK
        self.number += 1
        assert (await im.channels.get("c", f"n{self.number}")).channel_id == f"n{self.number}"
        assert in_use(im) == 0


@pytest.fixture(scope="module")
def bench():
    with asyncio.Runner() as runner:
        closing = AsyncExitStack()
        options = {"timeout_seconds": TIMEOUT, "deadline_seconds": DEADLINE, "breaker_threshold": 10**9}

        async def opened() -> Bench:
            server, im = await closing.enter_async_context(hostile(rate_per_second=None, **options))
            return Bench(runner, server, im)

        bench = runner.run(opened())
        yield bench
        runner.run(closing.aclose())


SETTINGS = settings(
    max_examples=ROUNDS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SETTINGS
@given(answer=mutations(), repeatable=st.booleans())
def test_a_valid_answer_with_random_changes_is_read_or_an_im_error(bench, answer, repeatable):
    bench.round(answer, leave_open=False, repeatable=repeatable)


@SETTINGS
@given(answer=st.binary(max_size=200), repeatable=st.booleans())
def test_random_bytes_are_an_im_error(bench, answer, repeatable):
    bench.round(answer, leave_open=False, repeatable=repeatable)


@SETTINGS
@given(body=st.binary(max_size=100), status=st.integers(100, 999), packed=st.sampled_from([b"gzip", b"deflate", b"x"]))
def test_random_bodies_in_valid_frames_are_an_im_error(bench, body, status, packed):
    answer = http(body, b"Content-Encoding: " + packed, status=b"%d X" % status)
    bench.round(answer, leave_open=False, repeatable=False)


@settings(SETTINGS, max_examples=max(1, ROUNDS // 40))
@given(answer=mutations())
def test_a_changed_answer_on_a_connection_that_stays_open_is_over_in_time(bench, answer):
    bench.round(answer, leave_open=True, repeatable=False)
