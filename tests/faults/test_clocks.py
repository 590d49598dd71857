"""The machine's clock is set two hours forward, back, and right again; a zone changes to summer time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.services.cleanup.model import RunState
from bot.services.clock import to_ms
from bot.services.model import Ending
from bot.ui.cards import case_card
from bot.ui.texts import shipped_texts
from bot.ui.words import Voice
from tests.fault_table import Tell
from tests.services.conftest import ANNA, GUILD, START, MakeWorld, World
from tests.services.cupboard import community, down, left, rule, save

JUMPS, SUMMER = "clock 2 h back and forth", "DST change"
STEP_SECONDS = 30
ALLOWED_MS = 60_000


class Watch:
    """Lets true time pass in steps, does what the alarm clock does then, and looks at the IM's mute list."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ends: dict[str, int] = {}
        self.early = self.late = 0
        self.worst_ms = 0
        self.well_since = 0

    def true_now(self) -> int:
        return to_ms(self.world.im_clock.now())

    async def mute(self, member: str, minutes: int) -> int:
        case = await self.world.mute(member, f"{minutes}m")
        self.ends[member] = self.true_now() + minutes * 60_000
        return case.id

    async def live(self, minutes: int) -> None:
        for _ in range(minutes * 60 // STEP_SECONDS):
            self.world.pass_time(seconds=STEP_SECONDS)
            services = self.world.services
            await services.expiry.renew()
            await services.reconcile.run()
            await services.expiry.run_due()
            await services.housekeeping.run_due()
            if self.world.service.fault is not None:
                self.well_since = self.true_now()
            else:
                self._look(await self.world.listed())

    def _look(self, listed: dict[str, int]) -> None:
        now = self.true_now()
        for member, end in list(self.ends.items()):
            if member in listed:
                self.late += now > max(end, self.well_since) + ALLOWED_MS
                continue
            del self.ends[member]
            self.early += now < end
            self.worst_ms = max(self.worst_ms, now - max(end, self.well_since))


@pytest.mark.parametrize("hours", [2, -2])
async def test_no_mute_ends_early_or_late_and_nothing_is_done_twice_when_the_clock_jumps(
    make_world: MakeWorld, fault: Tell, hours: int
) -> None:
    world = await make_world(keep_expired_mutes=True)
    watch, services = Watch(world), world.services
    await services.settings.set_log_channel(GUILD, 99)
    made = services.policies.add(
        rule(target=community(world)), schedule="13:00", timezone=None, staff=ANNA, guild_id=GUILD
    )
    policy = await made
    await save(world, "bob", 5)
    cases = [await watch.mute("bob", 10), await watch.mute("carl", 40), await watch.mute("dora", 70)]
    await watch.live(5)
    world.clock.move(hours=hours)
    await watch.live(3)
    # Long enough for the alert, which is raised after eight tries.
    world.service.fault = down
    await watch.live(10)
    world.service.fault = None
    await watch.live(4)
    cases.append(await watch.mute("bob", 15))
    await watch.live(6)
    world.clock.move(hours=-hours)
    await watch.live(50)
    assert (watch.early, watch.late, watch.ends) == (0, 0, {})
    views = [await world.case(case) for case in cases]
    assert [view.ending for view in views] == [Ending.ENDED] * 4
    assert not any(view.adopted for view in views)
    runs = await services.cleanups.list(GUILD)
    assert [(run.policy_id, run.state) for run in runs] == [(policy.id, RunState.DONE)], "once that day"
    assert await left(world, "bob") == {}
    (policy,) = await services.policies.list(GUILD)
    assert policy.next_at == START.replace(day=2, hour=13)
    alerts = await world.store.read(lambda c: c.exec_driver_sql("SELECT kind, healed_ms FROM alerts").all())
    assert [(kind, healed is not None) for kind, healed in alerts] == [("stuck_unmutes", True)]
    tally = {"early": watch.early, "lost": watch.late, "double": len(runs) - 1}
    fault(JUMPS, mutes=len(cases), policy_runs=len(runs), alerts=len(alerts), **tally)
    assert watch.worst_ms <= ALLOWED_MS


async def test_what_a_wrong_clock_has_put_off_goes_on_when_the_clock_is_put_right(world: World, fault: Tell) -> None:
    await world.services.settings.set_log_channel(GUILD, 99)
    await save(world, "bob", 5)
    world.clock.move(hours=2)
    runs = world.services.cleanups._runs
    world.service.fault = down
    run = await runs.begin(
        rule(), staff=ANNA, guild_id=GUILD, cutoff_ms=to_ms(world.clock.now()) - rule().older_than_ms
    )
    await world.services.housekeeping.run_due()
    world.service.fault = None
    case = await world.mute("carl", "1h")
    (post,) = [post for post in await world.services.posts.due() if (post.kind, post.subject_id) == ("case", case.id)]
    await world.services.posts.failed(post, permanent=False, why="Discord is away")
    world.clock.move(hours=-2)
    world.pass_time(minutes=1)
    assert post.id in {one.id for one in await world.services.posts.due()}
    await Watch(world).live(3)
    assert (await world.services.cleanups.view(GUILD, run.id)).state is RunState.DONE
    fault(JUMPS, put_off=2, lost=0)


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the machine into a zone that has summer time."""
    with monkeypatch.context() as there:
        there.setenv("TZ", BERLIN.key)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    "begin",
    [datetime(2026, 3, 28, 22, 30, tzinfo=BERLIN), datetime(2026, 10, 24, 22, 30, tzinfo=BERLIN)],
    ids=["spring", "autumn"],
)
async def test_a_day_of_mute_is_24_hours_and_is_shown_as_such_when_the_clocks_change(
    world: World, fault: Tell, begin: datetime
) -> None:
    world.pass_time(seconds=(begin - START).total_seconds())
    case = await world.mute(duration="1d")
    shown = case_card(case, Voice(shipped_texts(), "en-US"))
    end = to_ms(begin) + 86_400_000
    assert f"<t:{end // 1000}:" in f"{shown.title} {shown.description}"
    assert await world.listed() == {"bob": end}
    early = 0
    for minutes in (23 * 60, 59, 1):
        early += await world.listed() == {}
        world.pass_time(minutes=minutes)
        await world.services.reconcile.run()
        await world.run_due()
    assert await world.listed() == {}
    assert (await world.case(case.id)).ending is Ending.ENDED
    fault(SUMMER, mutes=1, early=early, lost=0)
