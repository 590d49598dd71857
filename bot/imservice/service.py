"""The embedded IM service as an object: start, stop, and what tests may look at."""

import asyncio
import contextlib
import errno
import logging
import sqlite3
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from bot.imservice import routes
from bot.imservice.call import Surroundings
from bot.imservice.callbacks import Callbacks, check_target
from bot.imservice.database import Database
from bot.imservice.errors import ApiError
from bot.imservice.events import Event
from bot.imservice.faults import FaultHook
from bot.imservice.ids import Ids
from bot.imservice.limits import call_limits, message_limits
from bot.imservice.options import (
    DEFAULT_CREDENTIALS,
    IMServiceOptions,
    ServiceCredentials,
    StartupError,
    refuse_public_defaults,
)
from bot.imservice.routes.pages import pages
from bot.imservice.routing import RouteTable
from bot.imservice.sweeping import sweep
from bot.imservice.tokens import Tokens
from bot.imservice.wire import Gateway, Journal, RequestRecord

_log = logging.getLogger("bot.imservice")
_SHUTDOWN_SECONDS = 2.0
_KEEPALIVE_SECONDS = 75.0

T = TypeVar("T")


def system_now_ms() -> int:
    """Return the system's time in Unix milliseconds."""
    return time.time_ns() // 1_000_000


class _Connection(web.RequestHandler):
    """aiohttp's connection, whose own error pages are JSON, too."""

    __slots__ = ("_gateway",)

    def __init__(self, gateway: Gateway, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gateway = gateway

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        _log.debug("unreadable request: %s", message, exc_info=exc)
        response = self._gateway.malformed(request, status)
        response.force_close()
        return response


class _Server(web.Server):
    """aiohttp's low-level server: no application, no middlewares; the gateway has its own table of routes."""

    def __init__(self, gateway: Gateway, *, max_body_bytes: int) -> None:
        super().__init__(gateway.handle, request_factory=self._request)
        self._gateway = gateway
        self._max_body_bytes = max_body_bytes

    def __call__(self) -> _Connection:
        return _Connection(
            self._gateway,
            self,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=_KEEPALIVE_SECONDS,
            access_log=None,
        )

    def _request(self, message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        return web.BaseRequest(
            message,
            payload,
            protocol,
            writer,
            task,
            asyncio.get_running_loop(),
            client_max_size=self._max_body_bytes,
        )


class IMService:
    """One embedded IM service: `url = await service.start()`, `await service.stop()`.

    `data` is the directory to keep the data in, None for one that is removed at the end. `now_ms` is the service's
    clock, `monotonic` the one of its call limits (seconds), `id_seed` makes ids repeatable. A stopped service may be
    started again; what it kept in a temporary directory is gone then.
    """

    def __init__(
        self,
        data: Path | None = None,
        *,
        options: IMServiceOptions | None = None,
        credentials: ServiceCredentials = DEFAULT_CREDENTIALS,
        now_ms: Callable[[], int] = system_now_ms,
        monotonic: Callable[[], float] = time.monotonic,
        id_seed: int | None = None,
    ) -> None:
        self.options = options or IMServiceOptions()
        self.credentials = credentials
        self.now_ms = now_ms
        self.ids = Ids(id_seed)
        self.requests: deque[RequestRecord] = deque(maxlen=self.options.request_log)
        """The latest requests; `count` has the calls by route since the start (`POST /circle/channel`)."""
        self.count: Counter[str] = Counter()
        self.told: deque[Event] = deque(maxlen=self.options.request_log)
        """The latest events, whether or not a callback carries them to somebody."""
        self.callbacks = Callbacks(
            self.options, credentials=credentials, ids=Ids(id_seed), now_ms=now_ms, monotonic=monotonic
        )
        """Who is told them; counts what was `sent`, `failed` and `dropped`."""
        self.database = Database(data, busy_timeout_ms=self.options.busy_timeout_ms)
        shared = Surroundings(
            credentials=credentials,
            options=self.options,
            ids=self.ids,
            tokens=Tokens(credentials, self.ids),
            message_limits=message_limits(self.options, monotonic),
        )
        self._gateway = Gateway(
            shared=shared,
            table=RouteTable((*routes.ALL, *pages(routes.ALL, credentials)), credentials),
            database=self.database,
            limits=call_limits(self.options, monotonic),
            journal=Journal(self.requests, self.count),
            now_ms=now_ms,
            announce=self._announce,
        )
        self.url = ""
        """Where it listens, `http://HOST:PORT`; empty before the start."""
        self._runner: web.ServerRunner | None = None
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def fault(self) -> FaultHook | None:
        """The hook that may break a request: called with a RequestInfo, returns a FaultAction or None."""
        return self._gateway.fault

    @fault.setter
    def fault(self, hook: FaultHook | None) -> None:
        self._gateway.fault = hook

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Open the data and listen; return `http://HOST:PORT`.

        Raises StartupError, one clear sentence, for default credentials on a public address, a callback URL that cannot
        work, a port that is taken, and data that cannot be used.
        """
        refuse_public_defaults(host, self.credentials)
        check_target(self.options)
        if self._runner is not None:
            raise StartupError("the IM service is running already")
        self.database.open(asyncio.get_running_loop())
        runner = web.ServerRunner(
            _Server(self._gateway, max_body_bytes=self.options.max_body_bytes), shutdown_timeout=_SHUTDOWN_SECONDS
        )
        try:
            self.callbacks.start()
            await runner.setup()
            await web.TCPSite(runner, host, port, backlog=512).start()
        except (OSError, OverflowError) as error:
            await runner.cleanup()
            await self.callbacks.stop()
            await self.database.close()
            raise StartupError(f"cannot listen on {host} port {port}: {_reason(error)}") from error
        self._runner = runner
        self._sweeper = asyncio.create_task(self._sweep())
        bound = runner.addresses[0]
        self.url = f"http://{_bracketed(bound[0])}:{bound[1]}"
        return self.url

    async def stop(self) -> None:
        """Stop listening, send the last callbacks for up to 2 s, finish what was handed to the database, and close it.

        Stopping twice is harmless.
        """
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
            self._sweeper = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self.callbacks.stop()
        await self.database.close()

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function of the domain layer as one durable write, past HTTP (sample data, tests)."""
        return await self.database.write(work)

    def _announce(self, events: Sequence[Event]) -> None:
        self.told.extend(events)
        self.callbacks.tell(events)

    async def _sweep(self) -> None:
        """Delete what has lapsed from time to time; whether a mute is in force is decided when it is read."""
        while True:
            await asyncio.sleep(self.options.sweep_seconds)
            try:
                await sweep(self.database, self.options, self.now_ms())
            except (ApiError, sqlite3.Error) as error:
                _log.warning("what has lapsed stays for now: %s", error)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _reason(error: Exception) -> str:
    if getattr(error, "errno", None) == errno.EADDRINUSE:
        return "the port is in use by another program"
    return getattr(error, "strerror", None) or str(error)
