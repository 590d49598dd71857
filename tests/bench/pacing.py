"""Thirty seconds of full demand against a strict counter: how much of the budget is used, and is anything refused."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

import aiohttp

from bot.im import CallRecord, IMClient
from tests.bench.counter import LIMIT
from tests.bench.im import AUTH
from tests.bench.measure import Result

SECONDS = 30
WORKERS = 200


async def _measure(where: str) -> Result:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.counter", where, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().split("listening on ")[1].strip()
    trips: list[float] = []

    def note(call: CallRecord) -> None:
        trips.append(call.seconds - call.waited)

    try:
        async with IMClient(url, AUTH, rate_per_second=LIMIT, on_call=note) as im, aiohttp.ClientSession() as session:

            async def stats() -> dict[str, int]:
                async with session.get(f"{url}/stats") as answer:
                    return await answer.json()

            async def work() -> None:
                while True:
                    await im.mutes.remove("community", "channel", "member")

            workers = [asyncio.create_task(work()) for _ in range(WORKERS)]
            await asyncio.sleep(3)
            first, begun = await stats(), time.perf_counter()
            await asyncio.sleep(SECONDS)
            last, seconds = await stats(), time.perf_counter() - begun
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
    finally:
        process.terminate()
        await process.wait()
    rate = (last["taken"] - first["taken"]) / seconds
    bound = LIMIT / (1 + statistics.mean(trips))
    goal = 0.97 if where == "before" else 0.98
    return Result(
        f"pacing, jitter {where} the count",
        f"{rate:.1f}/s, {last['refused']} refused",
        f"{bound:.1f}/s = {LIMIT}/(1 + mean RTT)",
        f"{rate / bound:.3f}",
        f">= {goal}, none refused",
        last["refused"] == 0 and rate >= goal * bound,
    )


async def run() -> list[Result]:
    """Jitter before the count, then after it."""
    return [await _measure("before"), await _measure("after")]
