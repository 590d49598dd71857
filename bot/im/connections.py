"""The connection pool: a kept connection is used again only if the server has been silent on it."""

from __future__ import annotations

import select
import sys
from typing import TYPE_CHECKING
from weakref import WeakSet

import aiohttp

if TYPE_CHECKING:
    import asyncio

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
        self._used: WeakSet[ResponseHandler] = WeakSet()

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Connection:
        """Return a connection, a new one if need be; raises what aiohttp raises, and SpokeFirst."""
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol, transport = connection.protocol, connection.transport
            if protocol is None or transport is None:
                return connection
            new = protocol not in self._used
            # TLS speaks by itself on a new connection: tickets for the next one.
            ours = new and transport.get_extra_info("ssl_object") is not None
            if not protocol.should_close and (ours or not _has_something_to_read(transport)):
                if new:
                    self._used.add(protocol)
                return connection
            connection.close()
            if new:
                raise SpokeFirst("the server did not wait for a request")


def _has_something_to_read(transport: asyncio.Transport) -> bool:
    """Whether bytes, or the end of the stream, have arrived that the event loop has not read yet."""
    number: int = transport.get_extra_info("socket").fileno()
    if sys.platform == "win32":
        return bool(select.select([number], [], [], 0)[0])
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))
