"""A walk takes no more memory for forty thousand items than for four thousand."""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.im import IMClient
from tests.im.scripted import AUTH


@asynccontextmanager
async def a_list_of(count: int) -> AsyncIterator[str]:
    """A server in a process of its own, so that only the client's memory is seen here."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.pages", str(count), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 20)
        yield line.decode().split("listening on ")[1].strip()
    finally:
        process.terminate()
        await process.wait()


async def peak(count: int) -> int:
    """Walk all members of a channel and return the most memory that was taken meanwhile, in bytes."""
    async with a_list_of(count) as url, IMClient(url, AUTH, rate_per_second=None) as im:
        members = im.members.list("c", "1")
        await members.page()
        gc.collect()
        gc.freeze()  # what is there already need not be looked through again and again
        tracemalloc.start()
        try:
            first, last, seen = "", "", 0
            async for member in members:
                first, last = first or member.user_id, member.user_id
                seen += 1
                if seen % 2000 == 0:
                    gc.collect()  # or the peak shows when the collector came by
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            gc.unfreeze()
    assert (first, last, seen) == ("member-0", f"member-{count - 1}", count)
    return most


@pytest.mark.slow
async def test_a_walk_of_ten_times_as_many_takes_no_more_memory():
    few, many = await peak(4_000), await peak(40_000)
    assert many < 1.25 * few
