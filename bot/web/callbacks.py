"""`/callbacks/im`: where the IM's console is told to send its callbacks (facts 7)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiohttp import web

from bot.services.callbacks.service import Receipt

if TYPE_CHECKING:
    from bot.services.callbacks.service import Callbacks

PATH: Final = "/callbacks/im"
_READ_SECONDS: Final = 4.0
# The IM asks some rules before it sends a message, and does not send it unless it is told so in this way.
_TAKEN: Final = '{"valid":true}'
_ANSWERS: dict[Receipt, tuple[int, str]] = {
    Receipt.ACCEPTED: (200, _TAKEN),
    Receipt.DUPLICATE: (200, _TAKEN),
    Receipt.UNSIGNED: (200, _TAKEN),
    Receipt.MALFORMED: (400, "not a callback of the IM"),
    Receipt.TOO_LARGE: (413, "larger than 1 MB"),
    Receipt.FORGED: (403, "not signed with the secret of http.callback_secret"),
    Receipt.STALE: (403, "signed too long ago, or in the future"),
    Receipt.BUSY: (503, "could not be kept, send it again"),
}


def routes(callbacks: Callbacks) -> web.RouteTableDef:
    """Return the route that takes callbacks in; without a secret it says what is missing."""
    table = web.RouteTableDef()

    @table.post(PATH)
    async def take_in(request: web.Request) -> web.Response:  # pyright: ignore[reportUnusedFunction]
        if not callbacks.enabled:
            return web.Response(status=404, text="callbacks are off: http.callback_secret is not set")
        try:
            async with asyncio.timeout(_READ_SECONDS):
                raw = await request.read()
        except TimeoutError:
            return web.Response(status=408, text="the body did not arrive in time")
        status, said = _ANSWERS[await callbacks.accept(raw)]
        return web.Response(status=status, text=said, content_type="application/json" if status == 200 else None)

    return table
