"""The alert of a log channel that refuses us, and what becomes of what it refused."""

from __future__ import annotations

from typing import Any

from bot.services.alerts import Trouble
from bot.services.posts import ALERT
from tests.services.alerting import KIND, LOG, Page, alert, page, rows
from tests.services.conftest import ANNA, GUILD, World

__all__ = ["page"]


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
