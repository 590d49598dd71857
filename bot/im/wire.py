"""One HTTP exchange: what is sent is sent once, what arrives is read within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from bot.im.answers import Raw
from bot.im.connections import SilentConnector, SpokeFirst
from bot.im.errors import InvalidArgument

if TYPE_CHECKING:
    from aiohttp.client_middlewares import ClientHandlerType

MAX_ANSWER_BYTES = 10 * 1024 * 1024

_CONNECT_SHARE = 0.5
_CHUNK = 64 * 1024
# Shorter than what servers keep idle connections for (60 s and more), so that they do not close one as we reuse it.
_KEEPALIVE_SECONDS = 30.0
_HEADERS = {"Accept": "application/json", "User-Agent": "circle-warden"}


class WireFailure(Exception):  # noqa: N818 - internal, always turned into an IMError
    """The exchange did not come to an answer.

    Carries text instead of the cause: aiohttp's exceptions print the request's headers, and with them the token.
    """

    def __init__(self, description: str, *, sent: bool, timed_out: bool = False, broken: bool = False) -> None:
        super().__init__(description)
        self.description = description
        self.sent = sent
        self.timed_out = timed_out
        self.broken = broken


class Wire:
    """The connection pool below the client; `session` is used and left open if given.

    A session of the caller's has his connector, so what SilentConnector is for is not held then.
    """

    def __init__(
        self, base_url: str, *, timeout_seconds: float, connections: int, session: aiohttp.ClientSession | None
    ) -> None:
        self.base_url = checked_base_url(base_url)
        self._connections = connections
        self._timeout_seconds = timeout_seconds
        self._timeout = _client_timeout(timeout_seconds)
        self._session = session
        self._owned = session is None
        self._closed = False

    def __repr__(self) -> str:
        return f"<Wire {self.base_url}>"

    async def exchange(
        self, method: str, target: str, *, headers: dict[str, str], body: bytes | None, timeout_seconds: float
    ) -> Raw:
        """Send one request and read its answer; `target` is an encoded path with query. Raises WireFailure."""
        session = self._session or self._open()
        if session.closed:
            raise WireFailure("the session was closed", sent=False)
        timeout = self._timeout if timeout_seconds >= self._timeout_seconds else _client_timeout(timeout_seconds)
        try:
            async with session.request(
                method,
                URL(self.base_url + target, encoded=True),
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=timeout,
                middlewares=_MIDDLEWARES,
            ) as response:
                content = await _read(response)
                got = response.headers
                return Raw(response.status, content, got.get("Date"), got.get("Retry-After"))
        except WireFailure:
            raise
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as exc:
            failure = _failure(exc)
        raise failure

    async def close(self) -> None:
        """Close the connections that are ours."""
        self._closed = True
        session, self._session = self._session, None
        if session is not None and self._owned:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise WireFailure("the client was closed", sent=False)
        self._session = aiohttp.ClientSession(
            headers=_HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=SilentConnector(limit=self._connections, keepalive_timeout=_KEEPALIVE_SECONDS),
            raise_for_status=False,
        )
        return self._session


def checked_base_url(base_url: str) -> str:
    """Return the base URL without a trailing slash; raises InvalidArgument naming `base_url`."""
    try:
        url = URL(base_url)
    except (ValueError, TypeError):
        raise InvalidArgument("base_url", "is no URL") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise InvalidArgument("base_url", "must begin with http:// or https:// and name a host")
    if url.user is not None or url.query_string or url.fragment:
        raise InvalidArgument("base_url", "must have no user name, query or fragment")
    return str(url).rstrip("/")


async def _send_once(request: aiohttp.ClientRequest, handler: ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from silently sending a GET, PUT or DELETE again, which pacing would not know of."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as exc:
        failure = _failure(exc)
    raise failure


_MIDDLEWARES = (_send_once,)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Read the body, at most MAX_ANSWER_BYTES of it after decompression."""
    length = response.content_length
    if length is not None and length <= MAX_ANSWER_BYTES and "Content-Encoding" not in response.headers:
        return await response.read()
    if length is None or length <= MAX_ANSWER_BYTES:
        content = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            content += chunk
            if len(content) > MAX_ANSWER_BYTES:
                break
        else:
            return bytes(content)
    response.close()
    raise WireFailure(f"the answer is larger than {MAX_ANSWER_BYTES} bytes", sent=True, broken=True)


def _client_timeout(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, sock_connect=seconds * _CONNECT_SHARE)


def _failure(exc: Exception) -> WireFailure:
    for kinds, sent, timed_out, broken, description in _FAILURES:
        if isinstance(exc, kinds):
            return WireFailure(description, sent=sent, timed_out=timed_out, broken=broken)
    return WireFailure(f"the exchange failed ({type(exc).__name__})", sent=True, broken=True)


# The first that fits: kinds, sent, timed_out, broken, description.
_FAILURES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], bool, bool, bool, str], ...] = (
    (aiohttp.ConnectionTimeoutError, False, True, False, "no connection in time"),
    (TimeoutError, True, True, False, "no answer in time"),
    (aiohttp.ClientConnectorError, False, False, False, "cannot connect"),
    (SpokeFirst, False, False, True, "the server did not wait for a request"),
    (aiohttp.ClientPayloadError, True, False, True, "the answer was cut short"),
    (aiohttp.ClientResponseError, True, False, True, "the answer is not HTTP"),
    ((aiohttp.ClientConnectionError, OSError), True, False, False, "the connection was lost"),
)
