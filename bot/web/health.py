"""`/healthz`, `/readyz`, `/metrics` (design section 10); nothing in them is secret, and nothing names anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.services.meters import CONTENT_TYPE

if TYPE_CHECKING:
    from bot.services.health import Health


def routes(health: Health) -> web.RouteTableDef:
    """Return the routes for probes and Prometheus; they answer GET and HEAD."""
    table = web.RouteTableDef()

    @table.get("/healthz")
    async def alive(_request: web.Request) -> web.Response:  # pyright: ignore[reportUnusedFunction]
        """Answer as long as the event loop turns, whatever else is broken."""
        return web.Response(text="ok")

    @table.get("/readyz")
    async def ready(_request: web.Request) -> web.Response:  # pyright: ignore[reportUnusedFunction]
        """Say whether we can do our work, and if not, what is missing."""
        found = await health.readiness()
        return web.json_response(found.as_json(), status=200 if found.ready else 503)

    @table.get("/metrics")
    async def metrics(_request: web.Request) -> web.Response:  # pyright: ignore[reportUnusedFunction]
        """Tell Prometheus everything that is counted."""
        return web.Response(body=await health.metrics(), headers={"Content-Type": CONTENT_TYPE})

    return table
