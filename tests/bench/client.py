"""Calls of the IM client beside plain aiohttp that makes the same requests, against a server with its answers ready."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable

import aiohttp

from bot.im import IMClient
from tests.bench.im import AUTH
from tests.bench.measure import Result, interleaved
from tests.bench.writes import process

SECONDS = 3.0
CONCURRENCY = 16
GOAL = 0.6
COMMUNITY, CHANNEL, MEMBER = "19VM9oPBas000000tvWViEsdM", "205900000001542", "member-1"

Call = Callable[[], Awaitable[object]]


def ours(im: IMClient) -> dict[str, Call]:
    """The calls by what they read, models and all."""
    return {
        "a channel": lambda: im.channels.get(COMMUNITY, CHANNEL),
        "is a member": lambda: im.members.contains(COMMUNITY, CHANNEL, MEMBER),
        "20 members": lambda: im.members.list(COMMUNITY, CHANNEL).page(),
        "20 mutes": lambda: im.mutes.list(COMMUNITY, CHANNEL).page(),
    }


def plain(session: aiohttp.ClientSession, url: str) -> dict[str, Call]:
    """The same requests: what is sent, whether the status is 200, and the JSON."""
    one, query = f"{url}{AUTH.prefix}/circle/channel/{CHANNEL}", f"serverId={COMMUNITY}"
    headers = {"Authorization": "Bearer YWMt" + "x" * 100}

    def get(target: str) -> Call:
        async def call() -> object:
            async with session.get(target, headers=headers) as answer:
                if answer.status != 200:
                    raise AssertionError(answer.status)
                return await answer.json()

        return call

    return {
        "a channel": get(f"{one}?{query}"),
        "is a member": get(f"{one}/user/{MEMBER}?{query}"),
        "20 members": get(f"{one}/users?{query}&limit=20"),
        "20 mutes": get(f"{one}/user/mute/list?{query}&limit=20"),
    }


async def rate(calls: list[Call]) -> float:
    """Return the calls a second of so many workers that make the calls in turn."""
    done, begun = 0, time.perf_counter()

    async def work() -> None:
        nonlocal done
        for call in itertools.cycle(calls):
            if time.perf_counter() - begun >= SECONDS:
                return
            await call()
            done += 1

    await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
    return done / (time.perf_counter() - begun)


async def run() -> list[Result]:
    """Measure all four reads in turn, then each of them."""
    results: list[Result] = []
    async with (
        process("tests.bench.pages", "1000") as url,
        IMClient(url, AUTH, rate_per_second=None) as im,
        aiohttp.ClientSession() as session,
    ):
        mine, floor = ours(im), plain(session, url)
        for what, names in {"all four in turn": list(mine), **{name: [name] for name in mine}}.items():
            found, beside = await interleaved(
                3,
                lambda names=names: rate([mine[name] for name in names]),
                lambda names=names: rate([floor[name] for name in names]),
            )
            results.append(
                Result(
                    f"client, {CONCURRENCY} calls at once: {what}",
                    f"{found:.0f}/s",
                    f"{beside:.0f}/s, plain aiohttp",
                    f"{found / beside:.2f}",
                    f">= {GOAL}",
                    found >= GOAL * beside,
                )
            )
    return results
