"""A strict counter of calls a second, as a process: fixed and sliding windows, jitter before or after the count.

`python -m tests.bench.counter before|after`; every DELETE is a counted call, GET /stats tells what was seen.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import Counter, deque

from aiohttp import web

from tests.bench.floor import serve

LIMIT = 100
JITTER = (0.005, 0.080)


class Strict:
    """Counts calls; refuses the one that is too many in its second, whichever way a second is laid."""

    def __init__(self, *, before: bool) -> None:
        self._before = before
        self._sliding: deque[float] = deque()
        self._fixed: Counter[int] = Counter()
        self.taken = 0
        self.refused = 0
        self._random = random.Random(7)

    async def call(self, _request: web.Request) -> web.Response:
        wait = self._random.uniform(*JITTER)
        if self._before:
            await asyncio.sleep(wait)
        accepted = self._count(time.monotonic())
        if not self._before:
            await asyncio.sleep(wait)
        if accepted:
            return web.json_response({"code": 200})
        return web.json_response({"error": "reach_limit", "error_description": "too many"}, status=429)

    def _count(self, now: float) -> bool:
        while self._sliding and self._sliding[0] <= now - 1:
            self._sliding.popleft()
        if len(self._sliding) >= LIMIT or self._fixed[int(now)] >= LIMIT:
            self.refused += 1
            return False
        self._sliding.append(now)
        self._fixed[int(now)] += 1
        self.taken += 1
        return True

    async def token(self, _request: web.Request) -> web.Response:
        return web.json_response({"access_token": "t", "expires_in": 86400, "application": "a"})

    async def stats(self, _request: web.Request) -> web.Response:
        return web.json_response({"taken": self.taken, "refused": self.refused})


async def main(before: bool) -> None:
    strict = Strict(before=before)
    app = web.Application()
    app.router.add_post("/{org}/{app}/token", strict.token)
    app.router.add_get("/stats", strict.stats)
    app.router.add_delete("/{rest:.*}", strict.call)
    await serve(app)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] == "before"))
