"""The connection pool: a kept connection is used again only if the server has been silent on it."""

from __future__ import annotations

import select
import sys
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.client_proto import ResponseHandler
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace


class SpokeFirst(aiohttp.ClientConnectionError):
    """The server spoke, or hung up, on a new connection before it was asked anything."""


class SilentConnector(aiohttp.TCPConnector):
    """Hands out connections on which nothing has arrived that belongs to no request.

    aiohttp takes an answer that came while a connection was idle for the answer to the next request on it, which
    would show one member's data for another's. An end of the stream that waits to be read is found as well, so that
    a call is not lost on a connection that the server has closed. What arrives after a request was written cannot be
    told from its answer: HTTP/1.1 has nothing to tell them apart by.
    """

    def __init__(self, *, limit: int, keepalive_timeout: float) -> None:
        super().__init__(limit=limit, keepalive_timeout=keepalive_timeout)  # pyright: ignore[reportUnknownMemberType]
        self._used: WeakKeyDictionary[ResponseHandler, Callable[[], bool]] = WeakKeyDictionary()

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Connection:
        """Return a connection, a new one if need be; raises what aiohttp raises, and SpokeFirst."""
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            if protocol is None or protocol.transport is None:
                return connection
            has_more = self._used.get(protocol)
            new = has_more is None
            if has_more is None:
                has_more = self._used[protocol] = _look_out(protocol.transport.get_extra_info("socket").fileno())
            # TLS speaks by itself on a new connection: tickets for the next one.
            greets = new and protocol.transport.get_extra_info("ssl_object") is not None
            if not protocol.should_close and (greets or not has_more()):
                return connection
            connection.close()
            if new:
                raise SpokeFirst("the server did not wait for a request")


def _look_out(number: int) -> Callable[[], bool]:
    """Return what says whether bytes, or the end of the stream, have arrived that the event loop has not read yet."""
    if sys.platform == "win32":
        return lambda: bool(select.select([number], [], [], 0)[0])
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return lambda: bool(poll.poll(0))
