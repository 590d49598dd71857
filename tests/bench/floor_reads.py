"""The floor for reads: an aiohttp handler that reads one row by its primary key, as a process: `... SIZE`.

The answer is JSON of SIZE bytes.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys

from aiohttp import web

ROWS = 1000


async def main(size: int) -> None:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE answers (id INTEGER PRIMARY KEY, text TEXT)")
    frame = len(json.dumps({"code": 200, "text": ""}))
    database.executemany("INSERT INTO answers VALUES (?, ?)", [(n, "x" * (size - frame)) for n in range(ROWS)])

    async def read(request: web.Request) -> web.Response:
        number = int(request.match_info["id"])
        (text,) = database.execute("SELECT text FROM answers WHERE id = ?", (number,)).fetchone()
        return web.json_response({"code": 200, "text": text})

    app = web.Application()
    app.router.add_get("/answers/{id}", read)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"listening on http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
