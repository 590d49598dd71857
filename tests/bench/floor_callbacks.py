"""The floor for callbacks: an aiohttp handler that reads the body and answers, and keeps nothing."""

from __future__ import annotations

import asyncio

from aiohttp import web

from tests.bench.floor import serve


async def main() -> None:
    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(text='{"valid":true}', content_type="application/json")

    app = web.Application()
    app.router.add_post("/callbacks/im", take)
    await serve(app)


if __name__ == "__main__":
    asyncio.run(main())
