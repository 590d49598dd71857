"""One call against servers that break off, dawdle, lie about lengths, reset, redirect or speak odd HTTP."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from bot.im import BadResponse, NewUser, Timeout, Unavailable
from tests.im.hostile import CLOSE, PLACE, Asked, Line, channel, hostile, http, refused, works

BODY = channel("channel")
OF_STATED_LENGTH = http(BODY, b"Content-Type: application/json", b"Date: Fri, 20 Nov 2026 13:00:00 GMT")
IN_CHUNKS = http(
    b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:9], BODY[9:40], BODY[40:])) + b"0\r\n\r\n",
    b"Transfer-Encoding: chunked",
)
COMPRESSED = http(gzip.compress(BODY, mtime=0), b"Content-Encoding: gzip")
FRAMINGS = {"of stated length": OF_STATED_LENGTH, "in chunks": IN_CHUNKS, "compressed": COMPRESSED}


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_each_framing_is_read_when_it_is_whole(framing):
    async with hostile(FRAMINGS[framing], FRAMINGS[framing]) as (_, im):
        assert (await im.channels.create("c", "name")).channel_id == "channel"
        assert (await im.channels.get(*PLACE)).channel_id == "channel"


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("end", ["closed", "reset"])
async def test_an_answer_that_breaks_off_after_any_byte_is_an_unknown_outcome(framing, end):
    answer = FRAMINGS[framing]
    position = 0

    async def cut(line: Line, asked: Asked) -> object:
        await line.say(answer[:position])
        if end == "reset":
            line.reset()
        return CLOSE

    async with hostile(rate_per_second=None, breaker_threshold=10_000) as (server, im):
        for position in range(len(answer)):
            server.steps.append(cut)
            error = await refused(im, server)
            assert type(error) in {Unavailable, BadResponse}, position
            assert error.sent is True
        await works(im)


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_a_repeatable_call_gets_over_answers_that_break_off(framing):
    answer = FRAMINGS[framing]
    for position in range(0, len(answer), 17):
        async with hostile(answer[:position]) as (server, im):
            await works(im)
            assert len(server.asked) == 2


async def drip(line: Line, answer: bytes) -> None:
    while answer:
        await line.say(answer[:1], pause=0.03)
        answer = answer[1:]


async def drips_its_head(line: Line, asked: Asked) -> object:
    return await drip(line, OF_STATED_LENGTH)


async def drips_its_body(line: Line, asked: Asked) -> object:
    at = OF_STATED_LENGTH.index(b"{")
    await line.say(OF_STATED_LENGTH[:at])
    return await drip(line, OF_STATED_LENGTH[at:])


async def drips_chunks(line: Line, asked: Asked) -> object:
    await line.say(http(b"", b"Transfer-Encoding: chunked"))
    return await drip(line, b"1\r\n \r\n" * 1000)


def for_ever(opening: bytes, piece: bytes):
    async def play(line: Line, asked: Asked) -> object:
        await line.say(opening)
        while True:
            await line.say(piece, pause=0.001)

    play.__name__ = repr(piece[:20])
    return play


DAWDLERS = [
    drips_its_head,
    drips_its_body,
    drips_chunks,
    for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    for_ever(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100),
    for_ever(http(b"5;", b"Transfer-Encoding: chunked"), b"extension" * 100),
    for_ever(http(BODY, b"Transfer-Encoding: chunked")[: -len(BODY)], b"1\r\n \r\n"),
    for_ever(http(BODY, b"Content-Length: 5000000"), b" "),
]


@pytest.mark.parametrize("dawdler", DAWDLERS, ids=lambda play: play.__name__)
async def test_the_time_of_an_attempt_is_not_prolonged_by_a_byte_every_now_and_then(dawdler):
    loop = asyncio.get_running_loop()
    async with hostile(dawdler, timeout_seconds=0.25) as (server, im):
        start = loop.time()
        error = await refused(im, server)
        assert 0.2 < loop.time() - start < 1.5
        assert type(error) is Timeout
        assert error.sent is True
        await works(im)


async def test_the_deadline_holds_over_all_attempts_at_a_dawdler():
    loop = asyncio.get_running_loop()
    async with hostile(*[drips_its_body] * 20, timeout_seconds=0.2, deadline_seconds=0.5) as (server, im):
        start = loop.time()
        with pytest.raises(Timeout):
            await im.channels.get(*PLACE)
        assert 0.4 < loop.time() - start < 1.5
        assert 2 <= len(server.asked) <= 3
        server.steps.clear()
        await works(im)


LENGTHS = {
    "short": http(BODY, b"Content-Length: %d" % (len(BODY) - 5)),
    "none at all": http(BODY, b"Content-Length: 0"),
    "long": http(BODY, b"Content-Length: %d" % (len(BODY) + 5)),
    "negative": http(BODY, b"Content-Length: -1"),
    "no number": http(BODY, b"Content-Length: many"),
    "signed": http(BODY, b"Content-Length: +%d" % len(BODY)),
    "empty": http(BODY, b"Content-Length: "),
    "beyond 64 bits": http(BODY, b"Content-Length: 18446744073709551617"),
    "two that differ": http(BODY, b"Content-Length: %d" % len(BODY), b"Content-Length: 3"),
    "beside chunks": http(IN_CHUNKS.partition(b"\r\n\r\n")[2], b"Transfer-Encoding: chunked", b"Content-Length: 3"),
}


@pytest.mark.parametrize("lie", LENGTHS)
async def test_a_length_that_is_a_lie_is_a_bad_response(lie):
    async with hostile(LENGTHS[lie]) as (server, im):
        error = await refused(im, server)
        assert type(error) is BadResponse
        assert error.sent is True
        await works(im)


async def test_a_length_too_long_on_a_connection_that_stays_open_is_a_timeout():
    async def play(line: Line, asked: Asked) -> None:
        await line.say(LENGTHS["long"])

    async with hostile(play, timeout_seconds=0.2) as (server, im):
        assert type(await refused(im, server)) is Timeout
        await works(im)


@pytest.mark.parametrize("wait", [0, 0.02])
async def test_a_connection_reset_before_the_request_is_read_is_unavailable(wait):
    async def hang_up(line: Line) -> object:
        await asyncio.sleep(wait)
        line.reset()
        return CLOSE

    async def last(line: Line, asked: Asked) -> object:
        await line.say(http(channel(asked.id), b"Connection: close"))
        return CLOSE

    async with hostile(last, deadline_seconds=0.2, breaker_threshold=1000) as (server, im):
        await works(im)
        server.greet = hang_up
        error = await refused(im, server)
        assert type(error) in {Unavailable, BadResponse}
        server.greet = None
        await works(im)


@pytest.mark.parametrize("share", [0, 0.2, 0.9])
async def test_a_connection_reset_in_the_middle_of_a_large_request_is_an_unknown_outcome(share):
    users = [NewUser(f"user{number}", nickname="x" * 100, password="p4ssword" * 8) for number in range(60)]

    async def hang_up(line: Line, asked: Asked) -> object:
        line.reset()
        return CLOSE

    async with hostile(hang_up) as (server, im):
        server.share_read = share
        with pytest.raises(Unavailable) as caught:
            await im.users.create(*users)
        assert caught.value.sent is True
        assert "p4ssword" not in str(caught.value) + repr(caught.value)
        await works(im)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("own", [True, False])
async def test_a_redirect_is_one_clear_error_and_the_token_goes_nowhere(status, own):
    async with hostile() as (other, _):
        elsewhere = (b"" if own else other.url.encode()) + b"/org/app/token"
        redirect = http(b"", b"Location: " + elsewhere, status=b"%d Elsewhere" % status)
        async with hostile(redirect, redirect) as (server, im):
            error = await refused(im, server)
            assert type(error) is BadResponse
            assert (error.status, error.sent) == (status, True)
            with pytest.raises(BadResponse):
                await im.channels.get(*PLACE)
            assert len(server.asked) == 2
            await works(im)
            assert (server.tokens, other.tokens, len(other.asked)) == (1, 1, 0)


ODD = {
    "100 before": (b"HTTP/1.1 100 Continue\r\n\r\n" + OF_STATED_LENGTH, None),
    "several 1xx before": (
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\n" + OF_STATED_LENGTH,
        None,
    ),
    "201": (http(BODY, status=b"201 Created"), None),
    "no reason": (http(BODY, status=b"200"), None),
    "HTTP/1.0 to its end": (http(BODY, version=b"HTTP/1.0").replace(b"Content-Length", b"X-Length"), None),
    "HTTP/1.0 of stated length": (http(BODY, version=b"HTTP/1.0"), None),
    "HTTP/1.0 kept alive": (http(BODY, b"Connection: keep-alive", version=b"HTTP/1.0"), None),
    "no length, closed": (http(BODY).replace(b"Content-Length", b"X-Length"), None),
    "two equal lengths": (
        http(BODY, b"Content-Length: %d" % len(BODY), b"Content-Length: %d" % len(BODY)),
        BadResponse,
    ),
    "HTTP/1.0 cut": (http(BODY[:-3], version=b"HTTP/1.0").replace(b"Content-Length", b"X-Length"), BadResponse),
    "101": (http(b"", b"Upgrade: websocket", b"Connection: upgrade", status=b"101 Switching Protocols"), BadResponse),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", BadResponse),
    "204 with a body": (http(BODY, status=b"204 No Content"), BadResponse),
    "205": (http(b"", status=b"205 Reset Content"), BadResponse),
    "304": (b"HTTP/1.1 304 Not Modified\r\n\r\n", BadResponse),
    "304 with a length": (http(BODY, status=b"304 Not Modified"), BadResponse),
    "600": (http(BODY, status=b"600 What"), Unavailable),
    "99": (http(BODY, status=b"99 What"), BadResponse),
    "HTTP/2.0": (http(BODY, version=b"HTTP/2.0"), None),
    "HTTP/3.7": (http(BODY, version=b"HTTP/3.7"), BadResponse),
    "HTTP/0.9": (BODY, BadResponse),
    "no HTTP at all": (b"220 mail.example ESMTP ready\r\n", BadResponse),
    "a TLS alert": (b"\x15\x03\x01\x00\x02\x02\x28", BadResponse),
    "a NUL in a header": (http(BODY, b"X: a\x00b"), BadResponse),
    "a folded header": (http(BODY, b"X: a\r\n b"), None),
    "too many headers": (http(BODY, *[b"X-%d: y" % number for number in range(500)]), BadResponse),
    "a header too long": (http(BODY, b"X: " + b"y" * 100_000), BadResponse),
    "a reason too long": (http(BODY, status=b"200 " + b"y" * 100_000), BadResponse),
}


@pytest.mark.parametrize("oddity", ODD)
async def test_odd_http_is_read_or_a_bad_response(oddity):
    answer, kind = ODD[oddity]
    async with hostile(answer) as (server, im):
        if kind is None:
            assert (await im.channels.create("c", "name")).channel_id == "channel"
        else:
            error = await refused(im, server)
            assert type(error) is kind
            assert error.sent is True
        await works(im)
        await works(im)
