"""Faults on request, for trying what depends on the service: scripted by a test or at random."""

import random
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

FaultKind = Literal["pass", "status", "garbage", "truncated", "reset", "hang_up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestInfo:
    """What a scripted fault may look at: the route (`POST /circle/channel`), its parameters, query and JSON body."""

    method: str
    route: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    json: Any
    number: int
    """The how-manyeth request to this route it is, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultAction:
    """What happens to one request; `carried_out` says whether the request takes effect all the same."""

    kind: FaultKind = "pass"
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    delay_ms: int = 0
    carried_out: bool = False

    @classmethod
    def answer(
        cls, status: int, *, retry_after: int | None = None, carried_out: bool = False, delay_ms: int = 0
    ) -> "FaultAction":
        """Answer with a status (429, 500, 503...), after the work if `carried_out`."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return cls(kind="status", status=status, headers=headers, carried_out=carried_out, delay_ms=delay_ms)

    @classmethod
    def garbage(cls, *, carried_out: bool = True) -> "FaultAction":
        """Answer 200 with a body that is not JSON."""
        return cls(kind="garbage", carried_out=carried_out)

    @classmethod
    def truncated(cls, *, carried_out: bool = True) -> "FaultAction":
        """Close the connection in the middle of the body."""
        return cls(kind="truncated", carried_out=carried_out)

    @classmethod
    def reset(cls, *, carried_out: bool = False) -> "FaultAction":
        """Reset the connection without an answer; for every request this is a service that is down."""
        return cls(kind="reset", carried_out=carried_out)

    @classmethod
    def hang_up(cls, *, carried_out: bool = False) -> "FaultAction":
        """Close the connection without an answer."""
        return cls(kind="hang_up", carried_out=carried_out)

    @classmethod
    def delay(cls, milliseconds: int) -> "FaultAction":
        """Answer as usual, but late."""
        return cls(delay_ms=milliseconds, carried_out=True)


FaultHook = Callable[[RequestInfo], FaultAction | None]

_ACTIONS = (
    FaultAction.answer(500),
    FaultAction.answer(500, carried_out=True),
    FaultAction.answer(503),
    FaultAction.answer(503, retry_after=1, carried_out=True),
    FaultAction.reset(),
    FaultAction.reset(carried_out=True),
    FaultAction.hang_up(),
    FaultAction.hang_up(carried_out=True),
    FaultAction.garbage(),
    FaultAction.truncated(),
)


class RandomFaults:
    """Breaks a share of the answers, half of them after the work is done; the same seed breaks the same ones."""

    def __init__(self, rate: float, seed: int | None) -> None:
        self._rate = rate
        self._random = random.Random(seed)  # noqa: S311 (no secret hangs on it)

    def choose(self) -> FaultAction | None:
        """Return what to do to the next request, None for nothing."""
        if self._random.random() >= self._rate:
            return None
        return self._random.choice(_ACTIONS)


def break_connection(request: web.BaseRequest, kind: FaultKind, *, date: str) -> web.Response:
    """Break the connection of a request; the answer returned is for the server to drop."""
    transport = request.transport
    if transport is not None:
        if kind == "truncated":
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4096\r\nDate: {date}\r\n\r\n"
            transport.write(head.encode() + b'{"code":200,"cha')
            transport.close()
        elif kind == "hang_up":
            transport.close()
        else:
            raw = transport.get_extra_info("socket")
            if raw is not None:
                # With a linger time of zero, closing sends RST instead of FIN.
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
    return web.Response(status=500)
