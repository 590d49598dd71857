"""Answers that nobody asked for: they are never taken for the answer to the next call."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tests.im.hostile import CLOSE, Asked, Line, channel, hostile, http, works

GHOST = http(channel("ghost"))


async def in_one_segment(line: Line, asked: Asked) -> None:
    await line.say(http(channel(asked.id)) + GHOST)


async def behind_the_end_of_the_body(line: Line, asked: Asked) -> None:
    """The head is read already when the end of the body comes in one segment with the ghost."""
    answer = http(channel(asked.id))
    at = answer.index(b"\r\n\r\n") + 10
    await line.say(answer[:at], answer[at:] + GHOST, pause=0.02)


async def behind_the_last_chunk(line: Line, asked: Asked) -> None:
    body = channel(asked.id)
    first = http(b"%x\r\n%s\r\n" % (len(body), body), b"Transfer-Encoding: chunked")
    await line.say(first, b"0\r\n\r\n" + GHOST, pause=0.02)


async def behind_a_length_too_short(line: Line, asked: Asked) -> None:
    body = channel(asked.id)
    await line.say(http(body + GHOST, b"Content-Length: %d" % len(body)))


async def in_a_segment_of_its_own(line: Line, asked: Asked) -> None:
    line.writer.write(http(channel(asked.id)))
    line.writer.write(GHOST)


async def only_its_head(line: Line, asked: Asked) -> None:
    await line.say(http(channel(asked.id)))
    await asyncio.sleep(0.02)
    await line.say(GHOST[:40])


async def only_an_empty_line(line: Line, asked: Asked) -> None:
    await line.say(http(channel(asked.id)), b"\r\n", pause=0.02)


async def a_408_for_being_idle(line: Line, asked: Asked) -> object:
    """What balancers say before they close a connection that was idle for too long."""
    await line.say(http(channel(asked.id)), http(b"", b"Connection: close", status=b"408 Request Timeout"), pause=0.02)
    return CLOSE


async def a_moment_later(line: Line, asked: Asked) -> None:
    await line.say(http(channel(asked.id)))
    await asyncio.sleep(0.02)
    await line.say(GHOST)


AT_ONCE = [
    in_one_segment,
    behind_the_end_of_the_body,
    behind_the_last_chunk,
    behind_a_length_too_short,
    in_a_segment_of_its_own,
    only_its_head,
    only_an_empty_line,
    a_408_for_being_idle,
]


@pytest.mark.parametrize("ghost", AT_ONCE)
async def test_an_answer_too_many_is_not_the_answer_to_a_call_right_after(ghost):
    async with hostile(ghost) as (_, im):
        for number in ("1", "2", "3"):
            assert (await im.channels.get("c", number)).channel_id == number


@pytest.mark.parametrize("ghost", [*AT_ONCE, a_moment_later])
async def test_an_answer_too_many_costs_a_later_call_not_even_a_second_attempt(ghost):
    attempts: list[int] = []
    async with hostile(ghost, on_call=lambda record: attempts.append(record.attempts)) as (server, im):
        assert (await im.channels.get("c", "1")).channel_id == "1"
        await asyncio.sleep(0.06)
        for number in ("2", "3"):
            assert (await im.channels.get("c", number)).channel_id == number
        await im.channels.create("c", "name")
    assert attempts == [1] * len(attempts)
    assert len(server.asked) == 4


async def test_among_many_calls_at_once_everybody_gets_his_own():
    rng = Random(3)

    async def answer(line: Line, asked: Asked) -> object:
        if rng.random() < 0.3:
            return await rng.choice(AT_ONCE)(line, asked)
        return await line.say(http(channel(asked.id)))

    async with hostile(*[answer] * 600, rate_per_second=None, breaker_threshold=1000) as (_, im):

        async def ask(first: int) -> None:
            for number in map(str, range(first, first + 25)):
                assert (await im.channels.get("c", number)).channel_id == number

        await asyncio.gather(*(ask(1000 * worker) for worker in range(16)))


async def test_a_server_that_speaks_before_it_is_asked_is_not_believed_and_nothing_is_sent_to_it():
    attempts: list[int] = []

    async def greet(line: Line) -> None:
        if server.connections <= 4:
            await line.say(GHOST)

    async def last(line: Line, asked: Asked) -> object:
        await line.say(http(channel(asked.id), b"Connection: close"))
        return CLOSE

    async with hostile(last, breaker_threshold=100, on_call=lambda call: attempts.append(call.attempts)) as (
        server,
        im,
    ):
        await works(im)
        server.greet = greet
        assert (await im.channels.create("c", "name")).channel_id == "channel"
        assert attempts[-1] == 4
        assert len(server.asked) == 2


@pytest.mark.parametrize("how", ["closed", "reset"])
async def test_a_connection_that_the_server_has_ended_between_two_calls_costs_not_even_a_create(how):
    async def answer_and_leave(line: Line, asked: Asked) -> object:
        await line.say(http(channel(asked.id)))
        if how == "reset":
            line.reset()
        return CLOSE

    attempts: list[int] = []
    async with hostile(*[answer_and_leave] * 100, on_call=lambda call: attempts.append(call.attempts)) as (server, im):
        for number in range(50):
            await im.channels.create("c", "name")
            if number % 2:
                await asyncio.sleep(0.002)
    assert len(server.asked) == 50
    assert attempts == [1] * 51
