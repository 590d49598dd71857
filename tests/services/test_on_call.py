"""Alerts call until somebody answers: who, when, how often, each call once; and they reach somebody."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from bot.services.alerts import Trouble
from bot.services.cleanup.model import RunState
from bot.services.clock import to_ms
from bot.services.model import Staff
from bot.services.posts import ALERT, ALERT_BEFORE, Post
from bot.services.refusals import Refusal
from bot.store import alerts as alert_rows
from bot.store import cleanup as run_rows
from bot.store import cleanup_tables, tables
from tests.services.conftest import ANNA, BEN, GUILD, START, World

LOG, ROLE = 99, 5000
KIND = Trouble.CALLBACKS_REFUSED


class Page:
    """What stands in Discord: messages by id, and which of them were sent anew."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sent: list[Post] = []
        self.refusing: dict[int, str] = {}
        self.sending = True

    async def show(self) -> list[str]:
        """Show all that is due, as the logbook does; return what was sent (not edited)."""
        posts, new = self.world.services.posts, list[str]()
        for post in await posts.due():
            log = self.world.services.settings.get(GUILD).log_channel_id
            place = post.channel_id or log
            assert place is not None
            if place in self.refusing:
                await posts.failed(post, permanent=True, why=self.refusing[place], channel_id=place)
                continue
            if post.message_id is None:
                if not self.sending:
                    await posts.failed(post, permanent=True, why="forbidden", channel_id=place)
                    continue
                self.sent.append(post)
                new.append(post.kind)
            await posts.shown(post, channel_id=place, message_id=post.message_id or 1000 + len(self.sent))
        return new


@pytest.fixture
async def page(world: World) -> Page:
    await world.services.settings.set_log_channel(GUILD, LOG)
    await world.services.settings.set_oncall(GUILD, ROLE)
    return Page(world)


async def alert(world: World, trouble: Trouble = KIND, subject: str = "") -> int:
    now = to_ms(world.clock.now())
    raise_alert = world.services.alerts.raise_alert

    def put(connection: Any) -> None:
        raise_alert(connection, GUILD, trouble, why="it broke", now_ms=now, subject=subject)

    await world.services.posts.write(put)
    (row,) = [row for row in await rows(world) if (row.kind, row.subject, row.healed_ms) == (trouble, subject, None)]
    return row.id


async def heal(world: World, trouble: Trouble = KIND) -> None:
    now = to_ms(world.clock.now())
    heal_alert = world.services.alerts.heal_alert
    await world.services.posts.write(lambda connection: heal_alert(connection, GUILD, trouble, now_ms=now))


async def rows(world: World) -> list[Any]:
    return await world.store.read(lambda connection: list(connection.execute(select(tables.alerts))))


async def calls_until(world: World, page: Page, hours: float) -> list[float]:
    """Let time pass, woken as the alarm clock would; return the minutes at which a new message was sent."""
    begun, at = world.clock.now(), list[float]()
    end = begun + timedelta(hours=hours)
    while (wake := await world.services.alerts.next_wake()) is not None and wake <= to_ms(end):
        world.pass_time(milliseconds=max(0, wake - to_ms(world.clock.now())))
        await world.services.alerts.call_due()
        if ALERT in await page.show():
            at.append((world.clock.now() - begun) / timedelta(minutes=1))
    world.pass_time(milliseconds=to_ms(end) - to_ms(world.clock.now()))
    return at


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


# Failed runs


async def failed_run(world: World, *, policy_id: int | None = None, run_id: int | None = None) -> int:
    """Let a run fail, as the engine does."""
    runs = world.services.cleanups._runs

    def put(connection: Any) -> int:
        values: dict[str, Any] = {"kind": "cleanup", "target": "owner", "community_id": "", "channel_id": ""}
        values |= {"name": "bob", "older_than_ms": 1, "cutoff_ms": 1, "item_type": None, "keep": "keep"}
        order: dict[str, Any] = {"staff_id": ANNA.id, "staff_name": ANNA.name, "guild_id": GUILD, "state": "running"}
        found = run_id
        if found is None:
            case: dict[str, Any] = {"at_ms": 1, "action": "cleanup", "community_id": "", "channel_id": ""}
            case |= {"channel_name": "", "member_id": "bob", "duration_ms": None, "reason": "", "undo_of": None}
            case |= {name: order[name] for name in ("staff_id", "staff_name", "guild_id")}
            case_id = connection.execute(tables.cases.insert().returning(tables.cases.c.id), case).scalar_one()
            more = {"case_id": case_id, "begun_ms": 1, "wake_ms": 1, "policy_id": policy_id}
            found = run_rows.add_run(connection, **order, **values, **more)
        run = run_rows.get_run(connection, found)
        assert run is not None
        runs.finish(connection, run, RunState.FAILED, "it said no")
        return found

    return await world.services.posts.write(put)


async def end_run(world: World, run_id: int) -> None:
    def put(connection: Any) -> None:
        run = run_rows.get_run(connection, run_id)
        assert run is not None
        world.services.cleanups._runs.finish(connection, run, RunState.DONE)

    await world.services.posts.write(put)


async def test_a_failed_run_calls_until_it_goes_on_and_heals_when_it_ends(world: World, page: Page) -> None:
    run = await failed_run(world)
    (row,) = await rows(world)
    assert (row.kind, row.subject) == (Trouble.RUN_FAILED, str(run))
    await page.show()
    alerts = world.services.alerts
    view = await alerts.retry(GUILD, row.id, BEN)
    assert view.acknowledged_by == BEN
    assert view.run is not None
    assert view.run.going
    # It fails once more: who went on with it is to know, and everybody else.
    await failed_run(world, run_id=run)
    assert ALERT in await page.show()
    assert (await alerts.view(row.id)).calling
    await world.services.cleanups._runs.resume(GUILD, run, ANNA)
    await end_run(world, run)
    view = await alerts.view(row.id)
    assert (view.acknowledged_by, view.healed_at) == (ANNA, world.clock.now())
    with pytest.raises(Refusal, match="refusal-run-done"):
        await alerts.retry(GUILD, row.id, BEN)


async def test_a_policys_failure_heals_when_the_policys_next_run_succeeds(world: World) -> None:
    policy, other = await world.store.write(lambda connection: [add_policy(connection) for _ in range(2)])
    for of_policy in (policy, policy, other):
        await failed_run(world, policy_id=of_policy)
    # Its next run fails, is gone on with, and ends.
    again = await failed_run(world, policy_id=policy)
    await world.services.cleanups._runs.resume(GUILD, again, ANNA)
    await end_run(world, again)
    assert [row.healed_ms is not None for row in await rows(world)] == [True, True, False, True]


async def test_a_failed_run_that_nobody_can_go_on_with_is_not_open_for_ever(world: World, page: Page) -> None:
    runs = world.services.cleanups._runs
    cleaned, left = await failed_run(world), await failed_run(world)
    await world.store.write(lambda connection: keep_one(connection, cleaned))
    policy = await world.store.write(add_policy)
    await failed_run(world, policy_id=policy)
    # Put back: there is nothing to go on with any more, also while that is under way.
    restore = await runs.begin_restore(cleaned, staff=BEN, guild_id=GUILD)
    assert await open_subjects(world) == {str(left), str(left + 1)}
    await failed_run(world, run_id=restore.id)
    assert str(restore.id) in await open_subjects(world)
    (failed,) = [row for row in await rows(world) if row.subject == str(restore.id)]
    run = (await world.services.alerts.view(failed.id)).run
    assert run is not None
    assert run.is_restore
    await runs.begin_restore(cleaned, staff=BEN, guild_id=GUILD)
    assert str(restore.id) not in await open_subjects(world)
    await world.services.policies.remove(GUILD, policy, ANNA)
    assert await open_subjects(world) == {str(left)}
    # What it deleted is forgotten after a week, and so is its failure.
    world.pass_time(days=6)
    await runs.purge()
    assert await open_subjects(world) == {str(left)}
    world.pass_time(days=2)
    await runs.purge()
    assert await open_subjects(world) == set()
    assert ALERT in await page.show()


def keep_one(connection: Any, run_id: int) -> None:
    item: dict[str, Any] = {"run_id": run_id, "owner": "bob", "state": "gone", "count": 1}
    item |= {"first_ms": 1, "last_ms": 1, "content": b""}
    connection.execute(cleanup_tables.cleanup_kept.insert(), item)


def add_policy(connection: Any) -> int:
    values: dict[str, Any] = {"guild_id": GUILD, "staff_id": 1, "staff_name": "x", "made_ms": 1, "target": "owner"}
    values |= {"community_id": "", "channel_id": "", "name": "bob", "older_than_ms": 1, "keep": "keep"}
    values |= {"schedule": "04:00", "timezone": "UTC", "state": "active"}
    return connection.execute(
        cleanup_tables.policies.insert().returning(cleanup_tables.policies.c.id), values
    ).scalar_one()


async def open_subjects(world: World) -> set[str]:
    return {row.subject for row in await rows(world) if row.healed_ms is None}


# A log that refuses


async def test_a_log_that_refuses_is_an_alert_and_nothing_is_lost_when_another_is_chosen(
    world: World, page: Page, fault: Any
) -> None:
    members = ("bob", "carl", "dora")
    await world.mute("bob")
    await page.show()
    page.refusing[LOG] = "gone"
    await alert(world)
    for member in members[1:]:
        await world.mute(member)
    await world.unmute("bob")
    await page.show()
    await page.show()
    assert {row.kind for row in await rows(world)} == {KIND, Trouble.LOG_REFUSED}
    assert await world.services.alerts.told(GUILD) == (2, 2)
    assert (await world.services.status.status(GUILD)).alerts_unseen == 2
    assert await world.services.posts.next_due_in() is None
    await world.restart()
    before = len(page.sent)
    await world.services.preferences.set_log(staff=ANNA, guild_id=GUILD, channel_id=LOG + 1)
    while await world.services.posts.due():
        await page.show()
    shown = page.sent[before:]
    cases = {post.subject_id for post in shown if post.kind == "case"}
    assert cases == {1, 2, 3, 4, 5}
    assert [post.subject_id for post in shown if post.kind == ALERT] == [row.id for row in await rows(world)]
    healed = {row.kind: row.healed_ms for row in await rows(world)}
    assert healed[KIND] is None
    assert healed[Trouble.LOG_REFUSED] is not None
    assert len(shown) == 7
    fault("log channel deleted or forbidden", alerts=2, cases=5, lost=7 - len(shown), double=len(shown) - 7)


async def test_an_alert_does_not_wait_for_the_cases_that_are_shown_late(world: World, page: Page) -> None:
    await world.mute("bob")
    await world.mute("carl")
    world.pass_time(seconds=1)
    await alert(world)
    assert [post.kind for post in await world.services.posts.due(2)] == [ALERT, "case"]


async def test_a_log_that_may_be_written_again_heals_by_the_next_post_and_shows_what_it_refused(
    world: World, page: Page
) -> None:
    page.refusing[LOG] = "forbidden"
    await world.mute("bob")
    await page.show()
    page.refusing.clear()
    await world.mute("carl")
    while await world.services.posts.due():
        await page.show()
    assert [post.subject_id for post in page.sent if post.kind == "case"] == [2, 1]
    assert all(row.healed_ms is not None for row in await rows(world))
    assert world.services.settings.log_problem(GUILD) is None


async def test_a_log_where_we_may_edit_and_not_send_is_one_alert(world: World, page: Page) -> None:
    for member in ("bob", "carl"):
        await world.mute(member)
    await page.show()
    page.sending = False
    for member in ("bob", "carl"):
        await world.unmute(member)
        for _ in range(3):
            await page.show()
    (trouble,) = await rows(world)
    assert (trouble.kind, trouble.healed_ms) == (Trouble.LOG_REFUSED, None)
    page.sending = True
    await world.mute("bob")
    while await world.services.posts.due():
        await page.show()
    (trouble,) = await rows(world)
    assert trouble.healed_ms is not None
    assert [post.subject_id for post in page.sent if post.kind == "case"] == [1, 2, 5, 3, 4]


async def test_an_old_message_in_a_channel_that_is_gone_moves_to_the_log_and_is_not_its_trouble(
    world: World, page: Page
) -> None:
    await world.mute("bob")
    await page.show()
    await world.services.settings.set_log_channel(GUILD, LOG + 1)
    page.refusing[LOG] = "gone"
    await world.unmute("bob")
    while await world.services.posts.due():
        await page.show()
    assert world.services.settings.log_problem(GUILD) is None
    assert await rows(world) == []
    assert sorted(post.subject_id for post in page.sent) == [1, 1, 2]


# Settings


async def test_two_people_who_fill_in_different_days_keep_both_and_undo_gives_back_what_was(world: World) -> None:
    preferences, settings = world.services.preferences, world.services.settings
    await asyncio.gather(
        preferences.set_days(staff=ANNA, guild_id=GUILD, days=[0, 1], person=ANNA),
        preferences.set_days(staff=BEN, guild_id=GUILD, days=[2], person=BEN),
    )
    freed = await preferences.set_days(staff=ANNA, guild_id=GUILD, days=[1], person=None)
    await world.restart()
    settings, preferences = world.services.settings, world.services.preferences
    assert settings.rota(GUILD).days == {0: ANNA, 2: BEN}
    assert freed.details["before"]["1"] == [11, "anna"]
    await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=freed.id)
    assert settings.rota(GUILD).days == {0: ANNA, 1: ANNA, 2: BEN}
    cleared = await preferences.clear_rota(staff=ANNA, guild_id=GUILD)
    assert settings.rota(GUILD).days == {}
    with pytest.raises(Refusal, match="refusal-same-setting"):
        await preferences.clear_rota(staff=ANNA, guild_id=GUILD)
    await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=cleared.id)
    assert settings.rota(GUILD).days == {0: ANNA, 1: ANNA, 2: BEN}
    with pytest.raises(Refusal, match="refusal-rota-bot"):
        await preferences.set_days(staff=ANNA, guild_id=GUILD, days=[3], person=Staff(1, "bot"), bot=True)


async def test_the_handover_is_set_by_a_city_and_undone(world: World) -> None:
    preferences = world.services.preferences
    case = await preferences.set_handover(staff=ANNA, guild_id=GUILD, time="7:30", zone="shanghai")
    assert case.details["after"] == {"minutes": 450, "zone": "Asia/Shanghai"}
    duty = preferences.duty(GUILD)
    assert (duty.today, duty.until) == (6, START.replace(hour=23, minute=30))
    await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=case.id)
    assert (world.services.settings.rota(GUILD).zone, world.services.settings.rota(GUILD).handover) == ("UTC", 540)
