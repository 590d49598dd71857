"""The floor for reads: a bare aiohttp handler with one SQLite read, as a process: `... ROWS SIZE`.

It reads so many rows by a key and answers them as JSON of about SIZE bytes.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys

from aiohttp import web

from tests.bench.floor import serve

KEYS = 1000


async def main(rows: int, size: int) -> None:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE answers (id INTEGER, number INTEGER, text TEXT, PRIMARY KEY (id, number))")
    frame = len(json.dumps({"code": 200, "rows": [{"number": n, "text": ""} for n in range(rows)]}))
    text = "x" * max(1, (size - frame) // rows)
    database.executemany(
        "INSERT INTO answers VALUES (?, ?, ?)", ((key, number, text) for key in range(KEYS) for number in range(rows))
    )

    async def read(request: web.Request) -> web.Response:
        found = database.execute("SELECT number, text FROM answers WHERE id = ?", (int(request.match_info["id"]),))
        return web.json_response({"code": 200, "rows": [{"number": number, "text": text} for number, text in found]})

    app = web.Application()
    app.router.add_get("/answers/{id}", read)
    await serve(app)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
