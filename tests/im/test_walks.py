"""Walks over a list whose pages fail in between: every item comes once, in its order."""

from __future__ import annotations

import asyncio
import json
from random import Random

import pytest

from bot.im import ChannelMember, IMClient, Page, Unauthorized
from tests.im.hostile import CLOSE, Asked, Hostile, Line, gives_nothing_away, hostile, http
from tests.im.scripted import TOKEN

PAGES = 6
NAMES = [f"u{number}" for number in range(20 * PAGES - 7)]
UNAUTHORIZED = http(b'{"error": "unauthorized"}', status=b"401 Unauthorized")


def cursor_of(asked: Asked) -> int:
    query = asked.head.split(b" ", 2)[1].partition(b"?")[2].decode()
    return int(dict(pair.split("=") for pair in query.split("&")).get("cursor", "0"))


async def page(line: Line, asked: Asked) -> None:
    first = cursor_of(asked)
    names = NAMES[first : first + 20]
    more = {"cursor": str(first + 20)} if first + 20 < len(NAMES) else {}
    rows = [{"user_id": name, "role": 1} for name in names]
    await line.say(http(json.dumps({"code": 200, "count": len(rows), "users": rows, **more}).encode()))


async def half_a_page(line: Line, asked: Asked) -> object:
    await line.say(http(b'{"code": 200, "users": [{"user_id": "u0"', b"Content-Length: 1000"))
    return CLOSE


async def a_page_of_the_wrong_type(line: Line, asked: Asked) -> None:
    await line.say(http(b'{"code": 200, "users": [{"user_id": "u0"}, {"user_id": []}]}'))


async def a_page_that_does_not_end(line: Line, asked: Asked) -> object:
    await line.say(http(b'{"code": 200, "users": [', b"Content-Length: 1000"))
    return await line.until_the_end()


async def a_reset(line: Line, asked: Asked) -> object:
    line.reset()
    return CLOSE


async def a_page_too_many(line: Line, asked: Asked) -> None:
    await page(line, asked)
    await page(line, asked)


def says(answer: bytes):
    async def play(line: Line, asked: Asked) -> None:
        await line.say(answer)

    return play


FAULTS = {
    "429": says(http(b'{"error": "reach_limit"}', status=b"429 Too Many Requests")),
    "429 with a time to wait": says(http(b"{}", b"Retry-After: 0.05", status=b"429 Too Many Requests")),
    "503": says(http(b"", status=b"503 Service Unavailable")),
    "401": says(UNAUTHORIZED),
    "garbage": says(http(b"<html>")),
    "half a page": half_a_page,
    "a page of the wrong type": a_page_of_the_wrong_type,
    "a page that does not end": a_page_that_does_not_end,
    "a reset": a_reset,
}


async def walked(im: IMClient) -> list[str]:
    return [member.user_id async for member in im.members.list("c", "1")]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", [0, 1, PAGES - 1])
async def test_a_page_that_fails_once_neither_loses_nor_repeats_an_item(fault, at):
    # Only the one that never ends has to be waited for.
    patience = 1.5 if fault == "a page that does not end" else 10.0
    async with hostile(*[page] * at, FAULTS[fault], *[page] * PAGES, timeout_seconds=patience) as (server, im):
        assert await walked(im) == NAMES
        assert [cursor_of(asked) // 20 for asked in server.asked] == sorted([*range(PAGES), at])
        assert server.tokens == (2 if fault == "401" else 1)


@pytest.mark.parametrize("seed", range(5))
async def test_any_mixture_of_failures_neither_loses_nor_repeats_an_item(seed):
    rng = Random(seed)
    kinds = [*(play for name, play in FAULTS.items() if name != "401"), a_page_too_many]

    async def play(line: Line, asked: Asked) -> object:
        return await (rng.choice(kinds) if rng.random() < 0.4 else page)(line, asked)

    options = {"timeout_seconds": 0.1, "deadline_seconds": 10, "breaker_threshold": 1000, "rate_per_second": None}
    async with hostile(*[play] * 5000, **options) as (_, im):
        assert await asyncio.gather(*(walked(im) for _ in range(4))) == [NAMES] * 4


def accepting(server: Hostile, good: set[int]):
    """Play a list that is only for tokens of these numbers."""

    async def play(line: Line, asked: Asked) -> None:
        accepted = any(f"Bearer {TOKEN}{number}\r\n".encode() in asked.head for number in good)
        await (page(line, asked) if accepted else line.say(UNAUTHORIZED))

    return play


async def test_a_token_that_dies_under_several_walks_is_renewed_once():
    async with hostile() as (server, im):
        good = {1}
        server.steps.extend([accepting(server, good)] * 1000)

        async def walk() -> list[str]:
            names: list[str] = []
            async for member in im.members.list("c", "1"):
                names.append(member.user_id)
                if len(names) == 50:
                    good.clear()
                    good.add(2)
            return names

        assert await asyncio.gather(*(walk() for _ in range(8))) == [NAMES] * 8
        assert server.tokens == 2


async def test_after_a_second_401_the_walk_ends_and_can_be_taken_up_where_it_was():
    async with hostile() as (server, im):
        good = {1}
        server.steps.extend([accepting(server, good)] * 1000)
        seen: list[Page[ChannelMember]] = []

        async def walk() -> None:
            async for found in im.members.list("c", "1").pages():
                seen.append(found)
                if len(seen) == 3:
                    good.clear()

        with pytest.raises(Unauthorized) as caught:
            await walk()
        assert (caught.value.status, caught.value.sent) == (401, False)
        gives_nothing_away(caught.value)
        assert [member.user_id for found in seen for member in found.items] == NAMES[:60]
        assert (server.tokens, len(server.asked)) == (2, 5)
        good.update(range(100))
        rest = await im.members.list("c", "1").page(seen[-1].cursor)
        assert [member.user_id for member in rest.items] == NAMES[60:80]
        assert await walked(im) == NAMES
