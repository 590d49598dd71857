"""Reads of the IM service beside a bare aiohttp handler that reads as many rows and answers JSON of the same size."""

from __future__ import annotations

import aiohttp

from tests.bench.floor_reads import KEYS
from tests.bench.im import crowd
from tests.bench.measure import Result, interleaved
from tests.bench.writes import PREFIX, _token, _unlimited, load, process

CONCURRENCY = 16
GOAL = 0.7
MEMBERS = 1000


def request(target: str, token: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


async def size_of(url: str, target: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as session, session.get(url + target, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return len(await answer.read())


async def run() -> list[Result]:
    """Whether somebody is a member, a page of mutes and a page of members, with their token checked."""
    results: list[Result] = []
    async with crowd(MEMBERS, muted_ms=86_400_000) as found, _unlimited(found.data) as url:
        channel, members = next(iter(found.members.items()))
        one, server, token = f"{PREFIX}/circle/channel/{channel}", f"serverId={found.community}", await _token(url)
        kinds = {
            "contains": (1, [f"{one}/user/{member}?{server}" for member in members]),
            "20 mutes": (20, [f"{one}/user/mute/list?{server}&limit=20"]),
            "20 members": (20, [f"{one}/users?{server}&limit=20"]),
        }
        for what, (rows, targets) in kinds.items():
            size = await size_of(url, targets[0], token)
            async with process("tests.bench.floor_reads", str(rows), str(size)) as floor_url:
                ours = [request(target, token) for target in targets]
                floor = [request(f"/answers/{number}", token) for number in range(KEYS)]
                found_rate, beside = await interleaved(
                    3,
                    lambda ours=ours: load(url, ours, CONCURRENCY),
                    lambda floor=floor, floor_url=floor_url: load(floor_url, floor, CONCURRENCY),
                )
            results.append(
                Result(
                    f"reads of the IM service, {CONCURRENCY} at once: {what}, {size} bytes",
                    f"{found_rate:.0f}/s",
                    f"{beside:.0f}/s, bare handler, {rows} read",
                    f"{found_rate / beside:.2f}",
                    f">= {GOAL}",
                    found_rate >= GOAL * beside,
                )
            )
    return results
