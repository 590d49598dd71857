"""Everything between a resource's method and the wire: lane, slot, token, breaker, deadline, retry, report."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from bot.im.answers import Answer, Raw, parsed_date, understand
from bot.im.auth import Auth, EasemobAuth
from bot.im.endpoint import Endpoint, Family, query_string
from bot.im.errors import (
    BadResponse,
    CircuitOpen,
    IMError,
    RateLimited,
    Timeout,
    Unauthorized,
    Unavailable,
)
from bot.im.pacing import Lane, Pacer, Slot, Unpaced, current_lane
from bot.im.retry import delay_before, worth_repeating
from bot.im.token007 import build_app_token
from bot.im.tokens import Grant, Token, TokenKeeper
from bot.im.wire import Wire, WireFailure

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from random import Random

    from bot.im.breaker import CircuitBreaker
    from bot.im.clock import Clock

logger = logging.getLogger(__name__)

TOKEN = Endpoint("POST", "/token", Family.TOKEN)
R = TypeVar("R")

_NO_IDS: dict[str, str] = {}
_DEFAULT_LIFETIME = 3600.0
_LONG_SECRET = 6


@dataclass(frozen=True, slots=True)
class CallRecord:
    """How one call went: `outcome` is "ok" or the exception's name, times are in seconds.

    `seconds` is the whole of it, `waited` the part spent waiting for pacing slots.
    """

    endpoint: str
    outcome: str
    status: int | None
    seconds: float
    attempts: int
    waited: float
    lane: Lane
    request_id: str


@dataclass(slots=True, eq=False)
class _Call:
    """The state of one call over its attempts."""

    endpoint: Endpoint
    read: Callable[[Answer], Any] = field(repr=False)
    target: str
    body: bytes | None = field(repr=False)
    request_id: str
    lane: Lane
    started: float
    hide: tuple[str, ...] = field(default=(), repr=False)
    deadline: float | None = None
    attempts: int = 0
    waited: float = 0.0
    maybe_done: bool = False
    renewed: bool = False
    token: Token | None = None
    last_error: IMError | None = None


class Transport:
    """Carries calls out as the design's section 4 asks; shared by all resources of a client."""

    def __init__(
        self,
        *,
        wire: Wire,
        auth: Auth,
        clock: Clock,
        rng: Random,
        pacers: dict[Family, Pacer | Unpaced],
        timeout_seconds: float,
        deadline_seconds: float,
        queue_seconds: float,
        breaker: CircuitBreaker,
        on_call: Callable[[CallRecord], None] | None,
    ) -> None:
        self._wire = wire
        self._auth = auth
        self._clock = clock
        self._rng = rng
        self._pacers = pacers
        self._timeout_seconds = timeout_seconds
        self._deadline_seconds = deadline_seconds
        self._queue_seconds = queue_seconds
        self._closed = False
        self._heard: tuple[str, float] | None = None
        self.breaker = breaker
        self.on_call = on_call
        self.tokens = TokenKeeper(self._fetch_token if isinstance(auth, EasemobAuth) else self._build_token, clock)

    async def call(
        self,
        endpoint: Endpoint,
        read: Callable[[Answer], R],
        ids: dict[str, str] = _NO_IDS,
        query: dict[str, str] | None = None,
        *,
        body: dict[str, Any] | list[dict[str, str]] | None = None,
        hide: tuple[str, ...] = (),
    ) -> R:
        """Carry out one operation and return what `read` makes of the answer; raises IMError.

        The deadline counts from the first slot granted: the time spent in the queue is not part of it, and an attempt
        after the first goes to the front of its lane. `hide` are secrets in the body: should the server repeat them
        in its answer, the error will not.
        """
        target = self._auth.prefix + endpoint.path(ids)
        if query:
            target = f"{target}?{query_string(query)}"
        call = _Call(
            endpoint,
            read,
            target,
            None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
            f"{self._rng.getrandbits(48):012x}",
            current_lane.get(),
            self._clock.monotonic(),
            hide,
        )
        try:
            result = await self._carry_out(call)
        except IMError as error:
            self._report(call, type(error).__name__, error.status)
            raise
        except BaseException as exc:
            self._report(call, type(exc).__name__, None)
            raise
        self._report(call, "ok", 200)
        return result

    @property
    def waiting(self) -> int:
        """How many calls wait for a slot, over all families."""
        return sum({id(pacer): pacer.waiting for pacer in self._pacers.values()}.values())

    def time_there(self) -> datetime | None:
        """Return the server's present moment, by the Date of its last answer and the time that has passed since."""
        if self._heard is None:
            return None
        header, at = self._heard
        told = parsed_date(header)
        return None if told is None else told + timedelta(seconds=self._clock.monotonic() - at)

    async def close(self) -> None:
        """End a token fetch, the timers and the connections; calls that wait are told."""
        self._closed = True
        await self.tokens.close()
        for pacer in self._pacers.values():
            pacer.close()
        await self._wire.close()

    async def _carry_out(self, call: _Call) -> Any:
        while True:
            outcome = await self._attempt(call)
            if not isinstance(outcome, IMError):
                return outcome
            call.maybe_done = call.maybe_done or outcome.sent
            if isinstance(outcome, Unauthorized) and self._exchange_token(call):
                continue
            await self._pause_or_raise(call, outcome)

    async def _pause_or_raise(self, call: _Call, error: IMError) -> None:
        """Wait before the next attempt, or raise when there is to be none."""
        final = error.fresh(sent=call.maybe_done)
        if call.deadline is None or self._closed or not worth_repeating(error, call.endpoint):
            raise final
        delay = delay_before(call.attempts + 1, error, self._rng)
        if self._clock.monotonic() + delay >= call.deadline:
            raise final
        logger.debug("%s again in %.2f s after %s", call.endpoint.label, delay, type(error).__name__)
        await self._clock.sleep(delay)
        call.last_error = error
        if self.breaker.wait_seconds() is not None:
            raise final

    async def _attempt(self, call: _Call) -> Any | IMError:
        """Try once; returns the error instead of raising it, so that nothing is chained to it."""
        if self._closed:
            return self._error(call, Unavailable, "the client was closed", error="closed")
        if self.breaker.wait_seconds() is not None:
            return self._circuit_open(call)
        slot = await self._slot(call)
        if slot is None:
            if self._closed:
                return self._error(call, Unavailable, "the client was closed", error="closed")
            return call.last_error or self._error(
                call, Timeout, f"no pacing slot within {self._queue_seconds:g} s", error="queue_timeout"
            )
        permit = self.breaker.enter()
        if permit is None:
            slot.unused()
            return call.last_error or self._circuit_open(call)
        call.attempts += 1
        try:
            outcome = await self._send(call, slot)
        except BaseException:
            slot.abandoned(self._clock.monotonic())
            self.breaker.left(permit)
            raise
        if isinstance(outcome, (Unavailable, BadResponse)):
            self.breaker.failed(permit)
        else:
            self.breaker.healthy(permit)
        return outcome

    async def _slot(self, call: _Call) -> Slot | None:
        pacer = self._pacers[call.endpoint.family]
        slot = pacer.try_acquire(call.lane)
        if slot is None:
            before = self._clock.monotonic()
            longest = self._queue_seconds if call.deadline is None else call.deadline - before
            slot = await pacer.acquire(call.lane, longest, ahead=call.attempts > 0)
            call.waited += self._clock.monotonic() - before
        if call.deadline is None and slot is not None:
            call.deadline = self._clock.monotonic() + self._deadline_seconds
        return slot

    async def _send(self, call: _Call, slot: Slot) -> Any | IMError:
        try:
            token = self.tokens.ready() or await self.tokens.get()
        except IMError as error:
            slot.unused()
            return error.fresh(request_id=call.request_id)
        call.token = token
        headers = {"Authorization": token.bearer, "X-Request-Id": call.request_id}
        if call.endpoint.method in {"POST", "PUT"} or call.body is not None:
            headers["Content-Type"] = "application/json"
        outcome = await self._exchange(call, headers, slot)
        if not isinstance(outcome, Unauthorized):
            token.proven = True
        return outcome

    async def _exchange(self, call: _Call, headers: dict[str, str], slot: Slot) -> Any | IMError:
        """Send, read, and settle the slot by what came of it."""
        now = self._clock.monotonic()
        left = self._timeout_seconds if call.deadline is None else min(self._timeout_seconds, call.deadline - now)
        try:
            raw = await self._wire.exchange(
                call.endpoint.method,
                call.target,
                headers=headers,
                body=call.body,
                timeout_seconds=max(left, 0.001),
            )
        except WireFailure as exc:
            failure = exc
        else:
            return self._understood(call, raw, slot)
        now = self._clock.monotonic()
        if failure.sent:
            slot.abandoned(now)
        else:
            slot.answered(now)
        kind = Timeout if failure.timed_out else BadResponse if failure.broken else Unavailable
        return self._error(call, kind, failure.description, sent=failure.sent)

    def _understood(self, call: _Call, raw: Raw, slot: Slot) -> Any | IMError:
        outcome = understand(raw, call.endpoint.label, call.request_id)
        now = self._clock.monotonic()
        if isinstance(outcome, Answer):
            slot.answered(now)
            if raw.date is not None:
                self._heard = raw.date, now
            try:
                return call.read(outcome)
            except BadResponse as error:
                return error
        if isinstance(outcome, RateLimited):
            slot.rejected(now, outcome.retry_after)
        else:
            slot.answered(now)
        outcome.description = self._scrubbed(call, outcome.description)
        outcome.error = self._scrubbed(call, outcome.error)
        return outcome

    def _exchange_token(self, call: _Call) -> bool:
        """After a 401: whether to try again, which a call does once, with another token."""
        if call.renewed or call.token is None:
            return False
        call.renewed = True
        return self.tokens.refused(call.token)

    async def _fetch_token(self) -> Grant:
        """Ask the token endpoint once (fact 1.1); the keeper decides when to ask again."""
        auth = self._auth
        assert isinstance(auth, EasemobAuth)
        body = {"grant_type": "client_credentials", "client_id": auth.client_id, "client_secret": auth.secret}
        now = self._clock.monotonic()
        call = _Call(
            TOKEN,
            _grant,
            auth.prefix + TOKEN.template,
            json.dumps(body).encode(),
            f"{self._rng.getrandbits(48):012x}",
            Lane.URGENT,
            now,
            deadline=now + self._timeout_seconds,
            attempts=1,
        )
        slot = await self._pacers[Family.TOKEN].acquire(Lane.URGENT, self._queue_seconds)
        if slot is None:
            raise self._error(call, Timeout, "no pacing slot for the token", error="queue_timeout")
        try:
            outcome = await self._exchange(call, {"Content-Type": "application/json"}, slot)
        except BaseException:
            slot.abandoned(self._clock.monotonic())
            raise
        if isinstance(outcome, IMError):
            self._report(call, type(outcome).__name__, outcome.status)
            raise outcome
        self._report(call, "ok", 200)
        return outcome

    async def _build_token(self) -> Grant:
        auth = self._auth
        assert not isinstance(auth, EasemobAuth)
        value = build_app_token(
            auth.app_id,
            auth.secret,
            issued_at=int(self._clock.wall()),
            lifetime_seconds=auth.lifetime_seconds,
            salt=self._rng.randrange(1, 2**32),
        )
        return Grant(value, auth.lifetime_seconds)

    def _circuit_open(self, call: _Call) -> IMError:
        error = self._error(call, CircuitOpen, "the IM failed several times in a row and is not asked for a moment")
        error.retry_after = self.breaker.wait_seconds()
        return error

    def _error(
        self, call: _Call, kind: type[IMError], description: str, *, sent: bool = False, error: str = ""
    ) -> IMError:
        return kind(
            self._scrubbed(call, description),
            error=error,
            endpoint=call.endpoint.label,
            request_id=call.request_id,
            sent=sent,
        )

    def _scrubbed(self, call: _Call, text: str) -> str:
        """Take out secrets that a server or a proxy repeated in its answer."""
        used = () if call.token is None else (call.token.value,)
        for secret in (self._auth.secret, *used, *self.tokens.secrets(), *call.hide):
            # A very short one is taken out where it stands alone, or it would take letters out of every word.
            pattern = re.escape(secret)
            text = re.sub(pattern if len(secret) >= _LONG_SECRET else rf"(?<!\w){pattern}(?!\w)", "***", text)
        return text

    def _report(self, call: _Call, outcome: str, status: int | None) -> None:
        if self.on_call is None:
            return
        record = CallRecord(
            call.endpoint.label,
            outcome,
            status,
            self._clock.monotonic() - call.started,
            call.attempts,
            call.waited,
            call.lane,
            call.request_id,
        )
        try:
            self.on_call(record)
        except Exception:
            logger.exception("the observer of IM calls failed")


def done(_answer: Answer) -> None:
    """Read nothing: that the call succeeded is all there is to know."""


def _grant(answer: Answer) -> Grant:
    """Read the token endpoint's answer; a missing or odd lifetime counts as one hour."""
    value = answer.data.get("access_token")
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value or " " in value:
        raise answer.bad("no usable access_token in the answer")
    lifetime = answer.data.get("expires_in")
    if isinstance(lifetime, str) and lifetime.isdecimal() and len(lifetime) < 20:
        lifetime = int(lifetime)
    if not isinstance(lifetime, (int, float)) or isinstance(lifetime, bool) or not lifetime > 0:
        lifetime = _DEFAULT_LIFETIME
    return Grant(value, float(lifetime))
