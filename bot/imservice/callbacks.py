"""Callbacks: what happened, sent as signed POSTs to one URL, in order, without ever holding up a request (facts 7)."""

import asyncio
import contextlib
import hashlib
import json
import logging
import zlib
from collections import deque
from collections.abc import Callable, Sequence

import aiohttp
from yarl import URL

from bot.imservice.events import Event
from bot.imservice.fields import JsonObject
from bot.imservice.ids import Ids
from bot.imservice.options import IMServiceOptions, ServiceCredentials, StartupError

_log = logging.getLogger("bot.imservice")

QUEUE_SIZE = 10_000
_LANES = 4
_TIMEOUT_SECONDS = 5.0
_LAST_CHANCE_SECONDS = 2.0
_LONGEST_REPLY = 1000
_LONGEST_REPLY_BYTES = 4 * _LONGEST_REPLY
_HOST = "im-service"
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def check_target(options: IMServiceOptions) -> None:
    """Raise StartupError, without showing the URL, for a callback URL that is none or has no secret to sign with."""
    if options.callback_url is None:
        return
    try:
        url = URL(options.callback_url)
        fits = url.scheme in ("http", "https") and bool(url.host) and url.port is not None
    except ValueError:
        fits = False
    if not fits:
        raise StartupError("the callback URL must be a complete http:// or https:// address (--callback-url)")
    if not options.callback_secret:
        raise StartupError("a callback URL needs a secret that its callbacks are signed with: pass --callback-secret")


class Bans:
    """Counts failures: 90 within 30 s ban the rule for 5 minutes, each further time in a day for 5 more, up to 25."""

    FAILURES = 90
    WINDOW_SECONDS = 30.0
    _STEP_SECONDS = 300.0
    _MOST_STEPS = 5
    _DAY_SECONDS = 24 * 3600.0

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: deque[float] = deque(maxlen=self.FAILURES)
        self._starts: deque[float] = deque(maxlen=self._MOST_STEPS)
        self._until = float("-inf")

    @property
    def in_force(self) -> bool:
        """Whether nothing may be sent now."""
        return self._clock() < self._until

    def failed(self) -> float | None:
        """Count a failed request; return the seconds of the ban that it begins, if it does."""
        now = self._clock()
        if now < self._until:
            return None
        self._failures.append(now)
        if len(self._failures) < self.FAILURES or now - self._failures[0] > self.WINDOW_SECONDS:
            return None
        while self._starts and now - self._starts[0] >= self._DAY_SECONDS:
            self._starts.popleft()
        seconds = min(len(self._starts) + 1, self._MOST_STEPS) * self._STEP_SECONDS
        self._failures.clear()
        self._starts.append(now)
        self._until = now + seconds
        return seconds


class Callbacks:
    """Sends events to the configured URL; without one it does nothing.

    What concerns one group, or one pair of users, arrives in its order. Anything but HTTP 200 within 5 s is tried once
    more at once, with the same call id, and then given up. Redirects are not followed. At most 10,000 callbacks wait;
    what comes on top, or during a ban, is dropped (facts 7).
    """

    def __init__(
        self,
        options: IMServiceOptions,
        *,
        credentials: ServiceCredentials,
        ids: Ids,
        now_ms: Callable[[], int],
        monotonic: Callable[[], float],
    ) -> None:
        self._target = options.callback_url
        self._url = URL()
        self._secret = options.callback_secret
        self._app_key = f"{credentials.org}#{credentials.app}"
        self._ids = ids
        self._now = now_ms
        self._bans = Bans(monotonic)
        self._lanes: list[asyncio.Queue[bytes]] = []
        self._workers: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None
        self._waiting = 0
        self._full = False
        self.sent = 0
        """How many arrived: answered with 200."""
        self.failed = 0
        """How many were tried, twice unless a ban began, and did not arrive."""
        self.dropped = 0
        """How many were never tried to the end: the queue was full, the rule banned, or the service stopped."""

    def start(self) -> None:
        """Begin to send, on the running event loop; `check_target` has to be content with the options."""
        if self._target is None:
            return
        self._url = URL(self._target)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_LANES),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS),
            headers={"Content-Type": "application/json", "User-Agent": _HOST},
        )
        self._lanes = [asyncio.Queue() for _ in range(_LANES)]
        self._workers = [asyncio.create_task(self._work(lane)) for lane in self._lanes]

    async def stop(self) -> None:
        """Send what waits for up to 2 s, then drop the rest; stopping twice is harmless."""
        if self._session is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_CHANCE_SECONDS):
                await asyncio.gather(*(lane.join() for lane in self._lanes))
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self._session.close()
        if self._waiting:
            _log.warning("%d callbacks were not sent before the end", self._waiting)
        self.dropped += self._waiting
        self._waiting = 0
        self._full = False
        self._session, self._lanes, self._workers = None, [], []

    def tell(self, events: Sequence[Event]) -> None:
        """Queue events that have happened just now; returns at once."""
        if self._session is None:
            return
        for event in events:
            if self._bans.in_force:
                self.dropped += 1
            elif self._waiting >= QUEUE_SIZE:
                self._overflow()
            else:
                self._waiting += 1
                lane = zlib.crc32(_order(event.body).encode("utf-8", "replace")) % _LANES
                self._lanes[lane].put_nowait(self._signed(event.body))

    def _overflow(self) -> None:
        self.dropped += 1
        if not self._full:
            self._full = True
            _log.warning("%d callbacks wait for %s: more are dropped", QUEUE_SIZE, self._shown())

    def _signed(self, event: JsonObject) -> bytes:
        call_id, timestamp = self._ids.call_id(self._app_key), self._now()
        body = event | {
            "callId": call_id,
            "timestamp": timestamp,
            "appkey": self._app_key,
            "securityVersion": "1.0.0",
            "security": signature(call_id, self._secret, timestamp),
        }
        if "eventType" in event:
            body["host"] = _HOST
        if event.get("chat_type") == "roster":
            body["from"] = f"{self._app_key}_{event['from']}@easemob.com"
        return _encode(body).encode("utf-8", "replace")

    async def _work(self, lane: asyncio.Queue[bytes]) -> None:
        while True:
            body = await lane.get()
            if self._bans.in_force:
                self.dropped += 1
            else:
                await self._deliver(body)
            self._waiting -= 1
            self._full = self._full and self._waiting > QUEUE_SIZE // 2
            lane.task_done()

    async def _deliver(self, body: bytes) -> None:
        problem = await self._attempt(body)
        if problem is not None and not self._bans.in_force:
            problem = await self._attempt(body)
        if problem is None:
            self.sent += 1
        else:
            self.failed += 1
            _log.warning("a callback to %s was given up: %s", self._shown(), problem)

    async def _attempt(self, body: bytes) -> str | None:
        """Send once; return what went wrong, or None if it arrived.

        A reply is not looked at, but one of more than 1000 characters counts towards a ban all the same.
        """
        assert self._session is not None
        try:
            async with self._session.post(self._url, data=body, allow_redirects=False) as response:
                problem = None if response.status == 200 else f"answered with {response.status}"
                too_long = problem is None and await _is_too_long(response)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            problem, too_long = type(error).__name__, False
        if problem is not None or too_long:
            self._count_failure()
        return problem

    def _count_failure(self) -> None:
        seconds = self._bans.failed()
        if seconds is not None:
            _log.warning(
                "no callbacks to %s for %d minutes: %d failures within %d seconds",
                self._shown(), seconds // 60, Bans.FAILURES, Bans.WINDOW_SECONDS,
            )  # fmt: skip

    def _shown(self) -> str:
        """Return the URL without what may be secret in it: user, query and fragment."""
        return str(self._url.with_user(None).with_query(None).with_fragment(None))


def signature(call_id: str, secret: str, timestamp: int) -> str:
    """Return the `security` of a callback: it covers neither body nor headers (facts 7)."""
    return hashlib.md5(
        f"{call_id}{secret}{timestamp}".encode("utf-8", "surrogatepass"), usedforsecurity=False
    ).hexdigest()


def _order(event: JsonObject) -> str:
    """Return what an event has in common with those that must not overtake it."""
    group = event.get("group_id") or event.get("id")
    return group or " ".join(sorted((str(event.get("from")).lower(), str(event.get("to")).lower())))


async def _is_too_long(response: aiohttp.ClientResponse) -> bool:
    reply = b""
    while len(reply) <= _LONGEST_REPLY_BYTES:
        chunk = await response.content.read(_LONGEST_REPLY_BYTES + 1)
        if not chunk:
            break
        reply += chunk
    return len(reply.decode("utf-8", "replace")) > _LONGEST_REPLY
