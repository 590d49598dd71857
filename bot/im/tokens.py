"""The app token in use: one fetch at a time, ahead of its end, and once more after a 401."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.im.errors import IMError, Unauthorized, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.im.clock import Clock

logger = logging.getLogger(__name__)

_REFRESH_AT = 0.8
_STALE_AT = 0.95
_FIRST_COOLDOWN = 0.5
_LONGEST_COOLDOWN = 30.0
_UNPROVEN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Grant:
    """A token as it was given out, with its lifetime in seconds."""

    value: str = field(repr=False)
    lifetime_seconds: float


@dataclass(slots=True, eq=False)
class Token:
    """A token in use; `proven` once a call with it was not answered 401."""

    value: str = field(repr=False)
    bearer: str = field(repr=False)
    fetched_at: float
    refresh_at: float
    stale_at: float
    proven: bool = False


class TokenKeeper:
    """Keeps the current token and renews it, however many calls ask at once.

    `expires_in` is not trusted to the end (fact 1.1): from 80 % of the lifetime on a new token is fetched beside
    the running calls, from 95 % on calls wait for it. A failing token endpoint is left alone for 0.5 s, doubling
    to 30 s. A server that refuses every token is not asked for one with every call: after a token that never worked,
    the next one is kept for 5 s at least.
    """

    def __init__(self, fetch: Callable[[], Awaitable[Grant]], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._current: Token | None = None
        self._task: asyncio.Task[Token | IMError] | None = None
        self._cooldown = 0.0
        self._blocked_until = 0.0
        self._last_error: IMError | None = None
        self._never_worked = False

    def __repr__(self) -> str:
        return f"<TokenKeeper {'no token' if self._current is None else 'token held'}>"

    def ready(self) -> Token | None:
        """Return the token if it needs no attention, the common case, without suspending."""
        token = self._current
        return token if token is not None and self._clock.monotonic() < token.refresh_at else None

    async def get(self) -> Token:
        """Return a usable token, fetching one if need be; raises what the token endpoint said, with `sent` False."""
        token, now = self._current, self._clock.monotonic()
        if token is not None and now < token.stale_at:
            if now >= token.refresh_at and now >= self._blocked_until:
                self._start()
            return token
        if self._task is None and self._last_error is not None and now < self._blocked_until:
            error = self._last_error.fresh()
            error.retry_after = self._blocked_until - now
            raise error
        return await self._renewed()

    async def renew(self) -> Token:
        """Fetch a token now, whatever there is and whatever failed before."""
        return await self._renewed()

    def refused(self, token: Token) -> bool:
        """Take note of a 401 for `token`; True if a call may be tried again with what `get` returns then."""
        if self._current is not token:
            return True
        if self._never_worked and not token.proven and self._clock.monotonic() - token.fetched_at < _UNPROVEN_SECONDS:
            return False
        self._never_worked = not token.proven
        logger.info("401 from the IM: the token is exchanged")
        self._current = None
        return True

    def secrets(self) -> tuple[str, ...]:
        """Return what must not appear in any text."""
        return () if self._current is None else (self._current.value,)

    async def close(self) -> None:
        """Stop a fetch that is under way."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _start(self) -> asyncio.Task[Token | IMError]:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())
        return self._task

    async def _renewed(self) -> Token:
        # The fetch belongs to everybody who waits for it, so a cancelled caller does not end it.
        outcome = await asyncio.shield(self._start())
        if isinstance(outcome, IMError):
            raise outcome.fresh()
        return outcome

    async def _run(self) -> Token | IMError:
        try:
            grant = await self._fetch()
        except IMError as error:
            return self._failed(error)
        except asyncio.CancelledError:
            # Only close() cancels this task; those who wait for it are not cancelled themselves.
            return Unavailable("the client was closed")
        else:
            return self._renew(grant)
        finally:
            self._task = None

    def _renew(self, grant: Grant) -> Token:
        now = self._clock.monotonic()
        lifetime = grant.lifetime_seconds
        token = Token(
            grant.value, f"Bearer {grant.value}", now, now + lifetime * _REFRESH_AT, now + lifetime * _STALE_AT
        )
        self._current, self._last_error = token, None
        self._cooldown = self._blocked_until = 0.0
        return token

    def _failed(self, error: IMError) -> IMError:
        self._cooldown = min(self._cooldown * 2, _LONGEST_COOLDOWN) if self._cooldown else _FIRST_COOLDOWN
        self._blocked_until = self._clock.monotonic() + self._cooldown
        # Not the IM call itself: whatever became of the token request, the call that needed it was not sent.
        self._last_error = error.fresh(sent=False)
        level = logging.ERROR if isinstance(error, Unauthorized) else logging.WARNING
        logger.log(level, "no token from the IM: %s", self._last_error)
        return self._last_error
