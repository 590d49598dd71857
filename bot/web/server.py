"""The bot's own HTTP server: what it serves is given to it as tables of routes."""

from __future__ import annotations

import asyncio
import errno
import logging
from typing import TYPE_CHECKING, Final

import structlog
from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.services.callbacks.service import LONGEST_BODY
from bot.services.callbacks.wordless import wordless

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_KEEPALIVE_SECONDS: Final = 75.0
_SHUTDOWN_SECONDS: Final = 0.7
_BACKLOG: Final = 512
_FAULTS_OF_THEIRS: Final = (HttpProcessingError, web.RequestPayloadError, ConnectionError)


class WebError(Exception):
    """The server cannot start; the text is one sentence for the operator."""


class WebServer:
    """Listens on `host` and `port` (0: a free one); `url` says where, once it is started."""

    def __init__(self, host: str, port: int, tables: Sequence[web.RouteTableDef]) -> None:
        self._host = host
        self._port = port
        self._tables = tables
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        """Begin to listen; raises WebError if that is not possible."""
        app = web.Application(client_max_size=LONGEST_BODY, middlewares=[_plainly])
        for table in self._tables:
            app.add_routes(table)
        app.on_response_prepare.append(_say_little)
        runner = web.AppRunner(
            app,
            access_log=None,
            logger=_of_aiohttp,
            keepalive_timeout=_KEEPALIVE_SECONDS,
            shutdown_timeout=_SHUTDOWN_SECONDS,
        )
        try:
            await runner.setup()
            await web.TCPSite(runner, self._host, self._port, backlog=_BACKLOG).start()
        except (OSError, OverflowError, UnicodeError) as error:
            await runner.cleanup()
            raise WebError(
                f"cannot listen on {self._host} port {self._port} (http.host, http.port): {_reason(error)}"
            ) from None
        except asyncio.CancelledError:
            await runner.cleanup()
            raise
        self._runner = runner
        host, port = runner.addresses[0][:2]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        log.info("web server listens", url=self.url)

    async def stop(self) -> None:
        """Stop listening and let answers under way finish for a moment; stopping twice is harmless."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()


@web.middleware
async def _plainly(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer in a few plain words whatever goes wrong."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        headers = {hdrs.ALLOW: error.headers[hdrs.ALLOW]} if hdrs.ALLOW in error.headers else None
        return web.Response(status=error.status, text=error.reason.lower(), headers=headers)
    except ConnectionError:
        raise
    except web.RequestPayloadError:
        return web.Response(status=400, text="the body cannot be read")
    except Exception as error:  # noqa: BLE001 - the last line: whoever asks gets an answer
        log.error("a request was not answered", route=_route(request), **wordless(error))  # noqa: TRY400
        return web.Response(status=500, text="internal error")


def _tell_briefly(record: logging.LogRecord) -> bool:
    """Say in our own words what aiohttp logs with a traceback for each thing sent that is no request.

    That quotes what was sent, and anybody may send as many as they like: it is told at level debug.
    """
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return True
    say = log.debug if isinstance(error, _FAULTS_OF_THEIRS) else log.error
    say("a connection has failed", **wordless(error))
    return False


_of_aiohttp = logging.getLogger(f"{__name__}.aiohttp")
_of_aiohttp.addFilter(_tell_briefly)


def _route(request: web.Request) -> str:
    """Return the route's own path: what was asked for may hold anything."""
    resource = request.match_info.route.resource
    return "-" if resource is None else resource.canonical


async def _say_little(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.pop(hdrs.SERVER, None)


def _reason(error: Exception) -> str:
    if getattr(error, "errno", None) == errno.EADDRINUSE:
        return "the port is in use by another program"
    return getattr(error, "strerror", None) or str(error)
