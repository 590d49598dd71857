"""The client: one object that knows the IM app, with its resources as attributes."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from random import Random
from typing import TYPE_CHECKING, Self

from bot.im.auth import Auth, EasemobAuth
from bot.im.blocks import Blocks
from bot.im.breaker import CircuitBreaker
from bot.im.categories import Categories
from bot.im.channels import Channels
from bot.im.clock import Clock, SystemClock
from bot.im.collections import Collections
from bot.im.communities import Communities
from bot.im.contacts import Contacts
from bot.im.endpoint import Family
from bot.im.errors import Forbidden, IllegalArgument, InvalidArgument, NotFound
from bot.im.members import Members
from bot.im.messages import Messages
from bot.im.mutes import Mutes
from bot.im.pacing import Lane, Pacer, Unpaced, current_lane
from bot.im.reactions import Reactions
from bot.im.threads import Threads
from bot.im.transport import CallRecord, Transport
from bot.im.users import Users
from bot.im.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import datetime
    from types import TracebackType

    import aiohttp

_FEWEST_CONNECTIONS = 512
_CAPS = {Family.BLOCKS: 50.0, Family.MESSAGES: 20.0}
_TOKENS_PER_SECOND = 300.0


class IMClient:
    """The IM app over its REST API.

    `auth` decides the dialect. `timeout_seconds` bounds one attempt, `deadline_seconds` all attempts of a call from
    its first pacing slot on, `queue_seconds` the wait for a slot. `rate_per_second` is the App Key's default budget
    (fact 4; blocks and group messages have their own, lower ones); None switches pacing off. At most
    `background_share` of a budget goes to the BACKGROUND lane. After `breaker_threshold` failures in a row calls
    are turned away for 1 to 5 s. `on_call` is told about every call. `session` stays the caller's to close.

    One client serves any number of tasks of one event loop; use `async with`, or `close` it.
    """

    def __init__(
        self,
        base_url: str,
        auth: Auth,
        *,
        timeout_seconds: float = 10.0,
        deadline_seconds: float = 30.0,
        queue_seconds: float = 600.0,
        rate_per_second: float | None = 100,
        background_share: float = 0.3,
        breaker_threshold: int = 5,
        session: aiohttp.ClientSession | None = None,
        clock: Clock | None = None,
        rng: Random | None = None,
        on_call: Callable[[CallRecord], None] | None = None,
    ) -> None:
        for name, value in (
            ("timeout_seconds", timeout_seconds),
            ("deadline_seconds", deadline_seconds),
            ("queue_seconds", queue_seconds),
        ):
            if not value > 0:
                raise InvalidArgument(name, "must be positive")
        if rate_per_second is not None and not rate_per_second >= 1:
            raise InvalidArgument("rate_per_second", "must be at least 1, or None for no pacing")
        if not 0 < background_share <= 1:
            raise InvalidArgument("background_share", "must be above 0 and at most 1")
        if breaker_threshold < 1:
            raise InvalidArgument("breaker_threshold", "must be at least 1")
        clock = clock or SystemClock()
        rng = rng or Random()  # noqa: S311 - jitter, ids of requests and of new collections, no secrets
        self._auth = auth
        self._wire = Wire(
            base_url,
            timeout_seconds=timeout_seconds,
            connections=max(_FEWEST_CONNECTIONS, int(2 * (rate_per_second or 0))),
            session=session,
        )
        self._transport = Transport(
            wire=self._wire,
            auth=auth,
            clock=clock,
            rng=rng,
            pacers=_pacers(rate_per_second, clock, background_share),
            timeout_seconds=timeout_seconds,
            deadline_seconds=deadline_seconds,
            queue_seconds=queue_seconds,
            breaker=CircuitBreaker(clock, threshold=breaker_threshold),
            on_call=on_call,
        )
        self.channels = Channels(self._transport)
        self.members = Members(self._transport)
        self.mutes = Mutes(self._transport)
        self.messages = Messages(self._transport)
        self.reactions = Reactions(self._transport)
        self.threads = Threads(self._transport)
        self.contacts = Contacts(self._transport)
        self.blocks = Blocks(self._transport)
        self.collections = Collections(self._transport, rng)
        self.communities = Communities(self._transport)
        self.categories = Categories(self._transport)
        self.users = Users(self._transport)

    def __repr__(self) -> str:
        return f"<IMClient {self._wire.base_url}{self._auth.prefix}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections and end a token fetch; may be called twice."""
        await self._transport.close()

    @staticmethod
    @contextmanager
    def lane(lane: Lane) -> Generator[None]:
        """Send the calls made inside, also those of tasks started there, with another priority than NORMAL."""
        token = current_lane.set(lane)
        try:
            yield
        finally:
            current_lane.reset(token)

    async def authenticate(self) -> None:
        """Prove now that the IM accepts us: fetch a token, or have a locally built one accepted.

        Raises Unauthorized or NotFound for wrong credentials or a wrong app, Unavailable if the IM cannot be reached.
        """
        await self._transport.tokens.renew()
        if isinstance(self._auth, EasemobAuth):
            return
        # Any answer but 401 means that the token was accepted, even if the app has no Circle.
        with suppress(NotFound, Forbidden, IllegalArgument):
            await self.communities.list().page(limit=1)

    def time_there(self) -> datetime | None:
        """Return the IM's present moment (UTC, to about a second), None while it has answered nothing yet.

        It comes from its last answer and from how long ago that was, so it is right also where our own clock is not.
        """
        return self._transport.time_there()

    @property
    def circuit_open(self) -> bool:
        """Whether calls are being turned away because the IM does not answer."""
        return self._transport.breaker.is_open

    @property
    def waiting(self) -> int:
        """How many calls wait for a pacing slot."""
        return self._transport.waiting


def _pacers(rate: float | None, clock: Clock, background_share: float) -> dict[Family, Pacer | Unpaced]:
    if rate is None:
        return dict.fromkeys(Family, Unpaced())
    pacers: dict[Family, Pacer | Unpaced] = {}
    for family in Family:
        budget = _TOKENS_PER_SECOND if family is Family.TOKEN else min(rate, _CAPS.get(family, rate))
        pacers[family] = Pacer(family.value, budget, clock, background_share=background_share)
    return pacers
