"""The floor for durable writes: an aiohttp handler that commits once a request with aiosqlite, as a process."""

from __future__ import annotations

import asyncio
import sys
import time

import aiosqlite
from aiohttp import web

from tests.bench.floor import serve


async def main(file: str) -> None:
    database = await aiosqlite.connect(file)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        await database.execute(f"PRAGMA {pragma}")
    await database.execute("CREATE TABLE mutes (channel TEXT, user TEXT, expire INT, PRIMARY KEY (channel, user))")
    await database.commit()
    one_at_a_time = asyncio.Lock()

    async def mute(request: web.Request) -> web.Response:
        body = await request.json()
        async with one_at_a_time:
            await database.execute(
                "INSERT OR REPLACE INTO mutes VALUES (?, ?, ?)",
                (request.match_info["channel"], body["user_id"], int(time.time() * 1000) + body["duration"]),
            )
            await database.commit()
        return web.json_response({"code": 200})

    app = web.Application()
    app.router.add_post("/{org}/{app}/circle/channel/{channel}/user/mute", mute)
    await serve(app)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
