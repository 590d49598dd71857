"""How a floor is served: a bare aiohttp application in a process of its own."""

from __future__ import annotations

import asyncio

from aiohttp import web


async def serve(app: web.Application) -> None:
    """Say where it listens, and serve until the process ends."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"listening on http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()
