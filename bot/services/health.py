"""Whether we can do our work, and how much is outstanding: what `/readyz` and `/metrics` tell (design section 10).

Nothing here says who, where or what about: no name, id, text or secret gets into an answer.
"""

from __future__ import annotations

import asyncio
import platform
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from prometheus_client import Gauge, Histogram, Info, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.im import Lane
from bot.im.errors import IMError
from bot.services.cleanup.model import RunState
from bot.services.clock import to_ms
from bot.services.complaints import Complaints
from bot.store.standing import standing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from prometheus_client import Metric

    from bot.im import IMClient
    from bot.services.clock import Clock
    from bot.services.meters import Meters
    from bot.services.reconcile import Reconcile
    from bot.store import Store
    from bot.store.standing import Standing

T = TypeVar("T")

LATEST_TIMER_SECONDS: Final = 60.0
"""How late an unmute may be before we are not ready any more."""

IM_PATIENCE_SECONDS: Final = 3.0
DATABASE_PATIENCE_SECONDS: Final = 2.0
WRITE_PATIENCE_SECONDS: Final = 1.0
_IM_ASKED_EVERY_SECONDS: Final = 10.0
_TICK_SECONDS: Final = 1.0
_LAG_BUCKETS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing we depend on: whether it is all right, in a few words, and the seconds it took (timers: their lag)."""

    ok: bool
    detail: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether we can do our work; `compared_seconds` is the age of the last comparison with the IM."""

    discord: Part
    im: Part
    database: Part
    timers: Part
    compared_seconds: float | None
    callbacks_waiting: int | None

    @property
    def ready(self) -> bool:
        """Tell whether all parts are all right."""
        return self.discord.ok and self.im.ok and self.database.ok and self.timers.ok

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {"ready": self.ready} | asdict(self)


class Health:
    """Looks at what we depend on, with little patience, once at a time however many ask.

    `discord` tells whether we are connected to Discord; whoever lives there sets it.
    """

    def __init__(
        self, *, store: Store, im: IMClient, clock: Clock, reconcile: Reconcile, meters: Meters, stuck_after: int
    ) -> None:
        self._store = store
        self._im = im
        self._clock = clock
        self._reconcile = reconcile
        self._meters = meters
        self._stuck_after = stuck_after
        self.discord: Callable[[], bool] = _nowhere
        self._asking_im = _Look(self._ask_im, keep_seconds=_IM_ASKED_EVERY_SECONDS)
        self._reading = _Look(self._read)
        self._collector = _Outstanding()
        self._complaints = Complaints()
        self._lag = Histogram(
            "warden_event_loop_lag_seconds", "How much later than due the event loop came round, once a second.",
            buckets=_LAG_BUCKETS, registry=meters.registry,
        )  # fmt: skip
        self._register()
        self._ticking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch the event loop."""
        self._ticking = asyncio.create_task(self._tick(), name="event loop lag")

    async def stop(self) -> None:
        """Stop watching; safe without a start."""
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)

    async def readiness(self) -> Readiness:
        """Return the state of all that we depend on within 4 s; what does not answer is said, never raised."""
        im, (database, found) = await asyncio.gather(self._im_part(), self._database_part())
        last = self._reconcile.last
        return Readiness(
            discord=self._discord_part(),
            im=im,
            database=database,
            timers=self._timers_part(found),
            compared_seconds=None if last is None else round((self._clock.now() - last.at).total_seconds(), 3),
            callbacks_waiting=None if found is None else found.callbacks,
        )

    async def metrics(self) -> bytes:
        """Return everything that is counted in Prometheus' format; without what the database would tell, if it fails.

        Takes at most 3 s.
        """
        part, found = await self._database_part()
        self._collector.set(found, to_ms(self._clock.now()), up=part.ok)
        return self._meters.rendered()

    # The parts

    def _is_connected(self) -> bool:
        return self.discord()

    def _discord_part(self) -> Part:
        connected = self._is_connected()
        return Part(connected, "connected" if connected else "not connected", 0.0)

    async def _im_part(self) -> Part:
        part = await self._asking_im.within(IM_PATIENCE_SECONDS)
        return part or Part(ok=False, detail=_late(IM_PATIENCE_SECONDS), seconds=IM_PATIENCE_SECONDS)

    async def _ask_im(self) -> Part:
        begun = _seconds()
        try:
            # What waits for its turn behind a cleanup is no sign of an IM that is down.
            with self._im.lane(Lane.URGENT):
                async with asyncio.timeout(IM_PATIENCE_SECONDS):
                    await self._im.communities.list().page(limit=1)
        except IMError as error:
            return Part(ok=False, detail=_plainly(error), seconds=_since(begun))
        except TimeoutError:
            return Part(ok=False, detail=_late(IM_PATIENCE_SECONDS), seconds=IM_PATIENCE_SECONDS)
        return Part(ok=True, detail="answers", seconds=_since(begun))

    async def _database_part(self) -> tuple[Part, Standing | None]:
        begun = _seconds()
        read = await self._reading.within(DATABASE_PATIENCE_SECONDS)
        if read is None:
            return Part(ok=False, detail=_late(DATABASE_PATIENCE_SECONDS), seconds=DATABASE_PATIENCE_SECONDS), None
        found = read[0]
        if found is None:
            return Part(ok=False, detail="cannot be read", seconds=_since(begun)), None
        writable = await self._store.writable(WRITE_PATIENCE_SECONDS)
        return Part(writable, "answers" if writable else "cannot be written", _since(begun)), found

    async def _read(self) -> tuple[Standing | None]:
        now = to_ms(self._clock.now())
        try:
            found = await self._store.read(
                lambda connection: standing(connection, now_ms=now, stuck_after=self._stuck_after)
            )
        except Exception as error:  # noqa: BLE001 - said in the log; who probes wants an answer
            self._complaints.say("health not read", error)
            return (None,)
        return (found,)

    def _timers_part(self, found: Standing | None) -> Part:
        if found is None:
            return Part(ok=False, detail="not known without the database", seconds=0.0)
        late = _lag_seconds(found, to_ms(self._clock.now()))
        return Part(late <= LATEST_TIMER_SECONDS, f"oldest due timer {late:.0f} s late", late)

    # What is measured without being asked

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _TICK_SECONDS
            await asyncio.sleep(_TICK_SECONDS)
            self._lag.observe(max(0.0, loop.time() - due))

    def _register(self) -> None:
        registry = self._meters.registry
        for name, help_text, look in (
            ("warden_im_calls_waiting", "Calls of the IM's API that wait for their turn.", lambda: self._im.waiting),
            (
                "warden_im_circuit_open", "1 while calls are turned away because the IM does not answer.",
                lambda: self._im.circuit_open,
            ),
            ("warden_discord_connected", "1 while we are connected to Discord.", self._is_connected),
        ):  # fmt: skip
            Gauge(name, help_text, registry=registry).set_function(look)
        versions = {label: _version(package) for label, package in _BUILD.items()}
        build = Info("warden_build", "What is running.", registry=registry)
        build.info(versions | {"python": platform.python_version()})
        ProcessCollector(registry=registry)
        registry.register(self._collector)


class _Look(Generic[T]):
    """One look at a time: who asks meanwhile waits for the same one, and what was seen is kept for so long."""

    def __init__(self, look: Callable[[], Awaitable[T]], *, keep_seconds: float = 0.0) -> None:
        self._look = look
        self._keep_seconds = keep_seconds
        self._task: asyncio.Task[T] | None = None
        self._seen: tuple[float, T] | None = None

    async def within(self, seconds: float) -> T | None:
        """Return what is to be seen, None if it takes longer; the look goes on then, for who asks next."""
        if self._seen is not None and _seconds() - self._seen[0] < self._keep_seconds:
            return self._seen[1]
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._remembered())
        task = self._task
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await asyncio.shield(task)
        return None

    async def _remembered(self) -> T:
        seen = await self._look()
        self._seen = (_seconds(), seen)
        return seen


class _Outstanding(Collector):
    """What the database last told; nothing where it told nothing, as a wrong figure is worse than none."""

    def __init__(self) -> None:
        self._found: Standing | None = None
        self._now_ms = 0
        self._up = False

    def set(self, found: Standing | None, now_ms: int, *, up: bool) -> None:
        self._found, self._now_ms, self._up = found, now_ms, up

    def describe(self) -> Iterable[Metric]:
        return self.collect()

    def collect(self) -> Iterable[Metric]:
        found = self._found
        yield GaugeMetricFamily("warden_database_up", "1 if the database can be read and written.", int(self._up))
        if found is None:
            return
        for name, help_text, value in (
            ("warden_timers_outstanding", "Mutes that end by themselves and have not yet.", found.timers),
            (
                "warden_oldest_due_lag_seconds", "How long the mute is overdue that should have ended first.",
                _lag_seconds(found, self._now_ms),
            ),
            ("warden_mutes_stuck", "Mutes whose end was tried in vain often enough for an alert.", found.stuck),
            ("warden_alerts_open", "Alerts that have not healed.", found.alerts),
            ("warden_cleanup_items_left", "Items that runs under way have yet to do.", found.items_left),
            ("warden_posts_waiting", "Messages of the log channels that are to be sent or edited.", found.posts),
            ("warden_feed_waiting", "Messages of the IM that wait to be shown in a feed channel.", found.feed),
            ("warden_schema_revision", "The migration that the database is at.", found.schema_revision),
        ):  # fmt: skip
            yield GaugeMetricFamily(name, help_text, value)
        runs = GaugeMetricFamily("warden_cleanup_runs", "Runs of cleanups and restores by state.", labels=["state"])
        for state in RunState:
            runs.add_metric([state], found.runs.get(state, 0))
        yield runs


_BUILD: Final = {"version": "circle-warden", "discord_py": "discord.py"}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _lag_seconds(found: Standing, now_ms: int) -> float:
    return 0.0 if found.oldest_due_ms is None else max(0.0, (now_ms - found.oldest_due_ms) / 1000)


def _plainly(error: IMError) -> str:
    """Say what kind of error it is; the IM's own words may hold names."""
    return f"{type(error).__name__} {error.status}" if error.status else type(error).__name__


def _late(seconds: float) -> str:
    return f"no answer within {seconds:.0f} s"


def _nowhere() -> bool:
    return False


def _since(begun: float) -> float:
    return round(_seconds() - begun, 3)


def _seconds() -> float:
    return asyncio.get_running_loop().time()
