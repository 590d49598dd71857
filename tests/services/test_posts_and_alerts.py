"""What should be visible in Discord: the outbox of cases and alerts."""

from __future__ import annotations

import pytest

from bot.imservice import FaultAction, RequestInfo
from bot.services.model import Ending, MuteState
from bot.services.posts import Post
from bot.services.refusals import Refusal
from tests.services.conftest import ANNA, BEN, GUILD, World

LOG = 99


def down(_request: RequestInfo) -> FaultAction:
    return FaultAction.reset()


async def log_here(world: World) -> None:
    await world.services.settings.set_log_channel(GUILD, LOG)


async def due(world: World, kind: str = "case") -> list[Post]:
    return [post for post in await world.services.posts.due() if post.kind == kind]


async def show(world: World, post: Post, message_id: int = 500) -> None:
    await world.services.posts.shown(post, channel_id=LOG, message_id=message_id)


# The outbox


async def test_without_a_log_channel_nothing_waits_to_be_shown(world: World) -> None:
    await world.mute()
    assert await world.services.posts.due() == []
    assert await world.services.posts.next_due_in() is None


async def test_a_case_is_shown_once_and_edited_there_when_it_ends(world: World) -> None:
    await log_here(world)
    case = await world.mute()
    (post,) = await due(world)
    assert (post.guild_id, post.subject_id, post.message_id) == (GUILD, case.id, None)
    await show(world, post)
    assert await due(world) == []
    world.pass_time(minutes=10)
    await world.run_due()
    (edit,) = await due(world)
    assert (edit.id, edit.channel_id, edit.message_id) == (post.id, LOG, 500)
    assert (await world.case(case.id)).ending is Ending.ENDED


async def test_an_answer_that_is_the_post_is_edited_when_the_case_changes(world: World) -> None:
    """No log channel: the command's own public answer is kept true (design section 9)."""
    case = await world.mute()
    await world.services.posts.answer_is(case, channel_id=7, message_id=8)
    assert await due(world) == []
    await world.unmute()
    (edit,) = await due(world)
    assert (edit.subject_id, edit.channel_id, edit.message_id) == (case.id, 7, 8)


async def test_an_answer_that_was_drawn_before_the_case_changed_is_edited_at_once(world: World) -> None:
    case = await world.mute(duration="10m")
    world.pass_time(minutes=10)
    await world.run_due()
    await world.services.posts.answer_is(case, channel_id=7, message_id=8)
    (edit,) = await due(world)
    assert (edit.subject_id, edit.message_id) == (case.id, 8)


async def test_many_changes_while_discord_is_away_are_one_edit(world: World) -> None:
    await log_here(world)
    case = await world.mute()
    (post,) = await due(world)
    await show(world, post)
    for _ in range(5):
        await world.outside_mute("bob", 3_600_000)
        await world.services.reconcile.run()
        world.pass_time(seconds=30)
    (edit,) = await due(world)
    await show(world, edit)
    assert await due(world) == []
    assert (await world.case(case.id)).adopted


async def test_a_change_while_it_is_being_shown_is_shown_after_it(world: World) -> None:
    await log_here(world)
    await world.mute()
    (post,) = await due(world)
    await world.unmute()
    await show(world, post)
    assert [again.id for again in await due(world) if again.subject_id == post.subject_id] == [post.id]


async def test_what_could_not_be_shown_is_tried_again_ever_more_rarely(world: World) -> None:
    await log_here(world)
    await world.mute()
    for expected in (1, 2, 4, 8, 16, 32, 60, 60):
        (post,) = await due(world)
        await world.services.posts.failed(post, permanent=False, why="503")
        assert await due(world) == []
        assert await world.services.posts.next_due_in() == expected
        world.pass_time(seconds=expected)
    assert world.services.settings.log_problem(GUILD) is None


async def test_the_outbox_survives_a_restart(world: World) -> None:
    await log_here(world)
    case = await world.mute()
    await world.restart()
    (post,) = await due(world)
    assert post.subject_id == case.id


@pytest.mark.parametrize("why", ["gone", "forbidden"])
async def test_a_log_channel_that_refuses_undoes_no_case_and_is_said(world: World, why: str) -> None:
    await log_here(world)
    case = await world.mute()
    (post,) = await due(world)
    await world.services.posts.failed(post, permanent=True, why=why)
    assert await due(world) == []
    assert (await world.case(case.id)).mute_state is MuteState.ACTIVE
    assert world.services.settings.log_problem(GUILD) == why
    assert (await world.services.status.status(GUILD)).log_problem == why
    # What changes next is shown afresh, and a log that works again is not complained about any more.
    await world.services.settings.set_log_channel(GUILD, LOG + 1)
    await world.unmute()
    assert all(post.message_id is None for post in await due(world))
    await show(world, (await due(world))[0])
    assert world.services.settings.log_problem(GUILD) is None


async def test_a_post_that_discord_does_not_take_is_its_own_trouble(world: World) -> None:
    await log_here(world)
    await world.mute()
    (post,) = await due(world)
    await world.services.posts.failed(post, permanent=True, why="too long")
    assert world.services.settings.log_problem(GUILD) is None
    assert await due(world) == []


async def test_whoever_shows_posts_is_woken(world: World) -> None:
    await log_here(world)
    world.services.posts.changed.clear()
    await world.mute()
    assert world.services.posts.changed.is_set()
    assert await world.services.posts.next_due_in() == 0


# Alerts


async def stuck(world: World, *members: str) -> int:
    """Let mutes be stuck; return the alert's number."""
    await log_here(world)
    for member in members:
        await world.mute(member)
    world.service.fault = down
    world.pass_time(minutes=10)
    for _ in range(8):
        await world.run_due()
        world.pass_time(seconds=40)
    (alert,) = await due(world, "alert")
    return alert.subject_id


async def test_who_acknowledges_first_stays(world: World) -> None:
    alert = await stuck(world, "bob")
    assert (await world.services.alerts.acknowledge(GUILD, alert, ANNA)).acknowledged_by == ANNA
    assert (await world.services.alerts.acknowledge(GUILD, alert, BEN)).acknowledged_by == ANNA
    assert (await world.services.alerts.retry(GUILD, alert, BEN)).acknowledged_by == ANNA


async def test_retry_tries_at_once_and_not_only_at_the_next_turn(world: World) -> None:
    alert = await stuck(world, "bob")
    await world.run_due()
    assert await world.run_due() == 0
    world.service.fault = None
    world.armed.clear()
    await world.services.alerts.retry(GUILD, alert, ANNA)
    assert world.armed
    assert await world.run_due() == 1
    assert await world.listed() == {}


async def test_an_alert_heals_only_when_the_last_stuck_mute_is_over(world: World) -> None:
    alert = await stuck(world, "bob", "carl")
    view = await world.services.alerts.view(alert)
    assert (view.stuck_count, {case.member_id for case in view.stuck}) == (2, {"bob", "carl"})
    assert view.why
    assert all(case.stuck for case in view.stuck)
    world.service.fault = None
    await world.unmute("bob")
    assert (await world.services.alerts.view(alert)).healed_at is None
    await world.unmute("carl")
    healed = await world.services.alerts.view(alert)
    assert (healed.healed_at, healed.stuck_count) == (world.clock.now(), 0)


async def test_an_alert_heals_when_an_extension_takes_the_stuck_mutes_place(world: World) -> None:
    alert = await stuck(world, "bob")
    world.service.fault = None
    (case,) = (await world.services.cases.history(GUILD, "bob")).cases
    await world.services.mutes.extend(staff=ANNA, guild_id=GUILD, case_id=case.id, add_ms=3_600_000)
    assert (await world.services.alerts.view(alert)).healed_at == world.clock.now()


async def test_an_im_that_answers_again_and_says_not_yet_heals_the_alert(world: World) -> None:
    await log_here(world)
    case = await world.mute(duration="12h")
    world.clock.move(hours=13)  # only ours: the IM still has half a day to go
    world.service.fault = down
    for _ in range(8):
        await world.run_due()
        world.pass_time(seconds=40)
    (alert,) = await due(world, "alert")
    world.service.fault = None
    await world.run_due()
    assert list(await world.listed()) == ["bob"]
    assert not (await world.case(case.id)).stuck
    assert (await world.services.alerts.view(alert.subject_id)).healed_at is not None


async def test_new_trouble_after_healing_is_a_new_alert(world: World) -> None:
    first = await stuck(world, "bob")
    world.service.fault = None
    await world.services.alerts.retry(GUILD, first, ANNA)
    await world.run_due()
    for post in await world.services.posts.due():
        await show(world, post)
    second = await stuck(world, "carl")
    assert second != first
    assert (await world.services.alerts.view(first)).healed_at is not None


@pytest.mark.parametrize("action", ["acknowledge", "retry"])
async def test_an_alert_of_another_guild_does_not_exist(world: World, action: str) -> None:
    alert = await stuck(world, "bob")
    with pytest.raises(Refusal, match="refusal-unknown-alert"):
        await getattr(world.services.alerts, action)(GUILD + 1, alert, ANNA)
    with pytest.raises(Refusal, match="refusal-unknown-alert"):
        await getattr(world.services.alerts, action)(GUILD, alert + 1, ANNA)
    assert (await world.services.alerts.view(alert)).acknowledged_by is None
