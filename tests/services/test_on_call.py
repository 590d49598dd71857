"""An alert calls until somebody answers: when, whom, how often, and when no more."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from bot.services.clock import to_ms
from bot.services.posts import ALERT, ALERT_BEFORE
from bot.store import alerts as alert_rows
from bot.store import tables
from tests.services.alerting import KIND, ROLE, Page, alert, calls_until, heal, page
from tests.services.conftest import ANNA, BEN, GUILD, START, World

__all__ = ["page"]


async def test_nobody_answers_so_it_calls_six_times_in_all_and_the_old_message_says_that_it_goes_on(
    world: World, page: Page
) -> None:
    number = await alert(world)
    await alert(world)
    assert await page.show() == [ALERT]
    assert await calls_until(world, page, 24) == [10, 30, 90, 150, 210]
    kinds = await world.store.read(lambda connection: connection.execute(select(tables.posts.c.kind)).scalars().all())
    assert sorted(kinds) == [ALERT, ALERT_BEFORE]
    assert (await world.services.alerts.view(number)).calls == 6
    assert await world.services.alerts.next_wake() is None
    assert world.services.meters.alerts.labels(KIND, "called")._value.get() == 5


async def test_each_call_is_made_once_also_over_restarts_and_by_two_at_once(world: World, page: Page) -> None:
    await alert(world)
    # Killed before it was shown: the message is in the outbox.
    await world.restart()
    assert await page.show() == [ALERT]
    world.pass_time(minutes=10)
    assert sorted(await asyncio.gather(*(world.services.alerts.call_due() for _ in range(3)))) == [0, 0, 1]
    # Killed between the call and its message.
    await world.restart()
    assert await world.services.alerts.call_due() == 0
    assert await page.show() == [ALERT]
    await world.restart()
    assert await page.show() == []
    assert await world.services.housekeeping.next_wake() == to_ms(START + timedelta(minutes=30))
    world.pass_time(minutes=20)
    await world.services.housekeeping.dispatch()
    assert await page.show() == [ALERT]


async def test_a_process_that_comes_second_to_a_call_does_not_make_it(world: World, page: Page) -> None:
    """Several processes on PostgreSQL may find an alert due at once; SQLite lets them do so one after another only."""
    await alert(world)
    soon = to_ms(START + timedelta(minutes=10))
    found = await world.store.read(lambda connection: alert_rows.to_call(connection, soon, soon))
    for made in (True, False):
        set_call = partial(alert_rows.set_call, alert=found[0], call_ms=soon + 1, calls=2)
        assert await world.store.write(set_call) is made


async def test_who_acknowledges_first_takes_care_and_nobody_is_called_any_more(world: World, page: Page) -> None:
    number = await alert(world)
    await page.show()
    alerts = world.services.alerts
    seen = await asyncio.gather(*(alerts.acknowledge(GUILD, number, staff) for staff in (ANNA, BEN)))
    assert {view.acknowledged_by for view in seen} == {ANNA}
    assert not seen[0].calling
    assert await calls_until(world, page, 24) == []
    await heal(world)
    view = await alerts.view(number)
    assert (view.acknowledged_by, view.healed_at) == (ANNA, START + timedelta(hours=24))
    (edit,) = await world.services.posts.due()
    assert (edit.kind, edit.message_id) == (ALERT, 1001)


async def test_a_snoozed_alert_is_quiet_until_then_and_begins_to_call_anew(world: World, page: Page) -> None:
    number = await alert(world)
    await page.show()
    alerts = world.services.alerts
    view = await alerts.snooze(GUILD, number, BEN, 2 * 3_600_000)
    assert (view.snoozed_by, view.snoozed_until) == (BEN, START + timedelta(hours=2))
    assert not view.calling
    assert await calls_until(world, page, 2.6) == [120, 130, 150]
    assert (await alerts.view(number)).snoozed_by is None
    # One that heals meanwhile calls nobody, and one that somebody takes care of is not snoozed.
    await alerts.snooze(GUILD, number, BEN, 3_600_000)
    await alerts.acknowledge(GUILD, number, ANNA)
    assert (await alerts.snooze(GUILD, number, BEN, 3_600_000)).snoozed_until == START + timedelta(hours=3.6)
    await heal(world)
    await page.show()
    assert await calls_until(world, page, 10) == []


async def test_while_nobody_is_on_call_or_discord_is_away_it_waits_and_counts_no_call(world: World, page: Page) -> None:
    await world.services.settings.set_oncall(GUILD, None)
    number = await alert(world)
    assert (await world.services.alerts.view(number)).on_call.nobody
    # Discord is away: nothing is shown for an hour.
    for _ in range(6):
        world.pass_time(minutes=10)
        assert await world.services.alerts.call_due() == 0
    assert await page.show() == [ALERT]
    assert await calls_until(world, page, 3) == []
    await world.services.settings.set_oncall(GUILD, ROLE)
    assert (await calls_until(world, page, 24))[1:] == pytest.approx([30, 90, 150, 210], abs=10)


async def test_a_clock_set_back_does_not_silence_an_alert(world: World, page: Page) -> None:
    await alert(world)
    await page.show()
    world.pass_time(minutes=30)
    await world.services.alerts.call_due()
    await page.show()
    world.clock.move(hours=-2)
    assert await world.services.alerts.call_due() == 1


async def test_the_rotas_person_is_on_call_and_the_role_besides(world: World, page: Page) -> None:
    preferences = world.services.preferences
    await preferences.set_days(staff=ANNA, guild_id=GUILD, days=[6], person=BEN)  # the world begins on a Sunday at 12
    number = await alert(world)
    view = await world.services.alerts.view(number)
    assert (view.on_call.person, view.on_call.role_id) == (BEN, ROLE)
    world.pass_time(hours=21)
    assert (await world.services.alerts.view(number)).on_call.person is None


async def test_an_alert_that_heals_before_anybody_saw_it_is_still_shown_and_calls_nobody(
    world: World, page: Page
) -> None:
    number = await alert(world)
    await heal(world)
    assert not (await world.services.alerts.view(number)).calling
    assert await page.show() == [ALERT]
    assert await calls_until(world, page, 24) == []
    assert await alert(world) != number
