"""/collection cleanup and restore, /policy, /job: from the look before to the report, as admins see them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.imservice.domain import collections
from bot.services.clock import to_ms
from bot.ui.cleanup.flow import stop_following
from tests.cogs.conftest import World, buttons_of, said, text_of


@pytest.fixture(autouse=True)
async def in_a_hurry(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Let answers follow their runs at once, and no run outlive its test."""
    monkeypatch.setattr("bot.ui.cleanup.flow.EVERY_SECONDS", 0.01)
    yield
    await stop_following(world.warden.bot)
    await world.warden.services.housekeeping.stop(0)


async def shown(result: Any, part: str) -> str:
    """Wait until an answer that follows a run says something; return all it says."""
    async with asyncio.timeout(5):
        while part not in text_of(result.response):
            await asyncio.sleep(0.01)
    return text_of(result.response)


async def save(world: World, owner: str = "bob", count: int = 3, *, days: float = 60, **more: Any) -> None:
    """Save items in the IM, a second apart, the last one so many days old."""
    newest = to_ms(datetime.now(UTC) - timedelta(days=days))
    given = {"ext": None, "name": "i", "data": "**hello** @everyone"} | more
    new = [
        collections.NewCollection(
            f"{given['name']}{n}", given["data"], 1, given["ext"], newest - (count - 1 - n) * 1000
        )
        for n in range(count)
    ]
    await world.im_service.write(lambda connection: collections.add(connection, owner, new))


async def left(world: World, owner: str = "bob") -> int:
    return len([item async for item in world.warden.im.collections.list(owner)])


async def work(world: World) -> None:
    """Let the housekeeping do what it would do by itself a moment later."""
    await world.warden.services.housekeeping.run_due()


def pressable(message: Any) -> list[str]:
    """The buttons of a message in a channel's history."""
    return [child.custom_id for row in message.components for child in row.children]


async def cleanup(world: World, **options: Any) -> Any:
    return await world.admin.slash(world.room, "collection cleanup", **({"older_than": "30d"} | options))


def button(message: Any, says: str) -> str:
    return next(
        custom_id for custom_id in buttons_of(message) if custom_id.endswith(says) or custom_id.startswith(says)
    )


async def confirm(world: World, asked: Any) -> Any:
    return await world.admin.click(asked.response, custom_id=button(asked.response, "yes"))


async def reload(world: World) -> None:
    """What a start does about cleanups; the alarm clock is not wound up in these tests."""
    await stop_following(world.warden.bot)
    await world.warden.services.housekeeping.stop(0)
    await world.restart()
    await world.warden.services.housekeeping.recover()


async def test_from_the_look_before_to_the_report_and_back(world: World):
    await save(world, count=25)
    await save(world, count=2, ext="keep me", name="kept")
    await save(world, count=1, days=2, name="young")
    asked = await cleanup(world, channel="general")
    assert asked.ephemeral
    for part in (
        "Clean up: collections of members of #general?",
        "**25** saved items will be deleted.",
        "2 items stay, because of “keep”",
        "bob, <t:",
        "\\*\\*hello\\*\\* @\u200beveryone",
        "Older than 30 days: saved before <t:",
        "Can be put back for 7 days.",
    ):
        assert part in text_of(asked.response)
    assert await left(world) == 28
    await confirm(world, asked)
    assert "Cleaning up: collections of members of #general" in text_of(asked.response)
    assert buttons_of(asked.response) == ["cw:run-cancel:1"]
    await work(world)
    report = await shown(asked, "Cleaned up")
    for part in (
        "Cleaned up: collections of members of #general",
        "**25** items deleted",
        "2 items kept",
        "`/collection restore` run-1",
    ):
        assert part in report
    assert buttons_of(asked.response) == ["cw:run-restore:1"]
    assert await left(world) == 3
    assert [choice["value"] for choice in await offered(world, "collection restore", "run")] == ["run-1"]

    again = await world.admin.slash(world.room, "collection restore", run="run-1")
    assert "Put **25** items of run-1 back" in said(again)
    await confirm(world, again)
    await work(world)
    assert "**25** items put back" in await shown(again, "Put back: ")
    assert await left(world) == 28
    history = await world.mod.slash(world.room, "case list")
    assert (
        "clean up collections of members of #general" in said(history).lower() or "cleaned up" in said(history).lower()
    )


async def offered(world: World, command: str, option: str, typed: str = "", who: str = "admin") -> list[Any]:
    return await getattr(world, who).autocomplete(world.room, command, option, typed)


async def test_the_log_channel_follows_a_run_and_a_restart_goes_on_in_a_new_message(world: World):
    await world.log_here()
    await save(world, count=30)
    asked = await cleanup(world, owner="bob")
    await confirm(world, asked)
    await world.show_posts()
    (first,) = world.log.history()
    assert pressable(first) == ["cw:run-cancel:1"]
    # The machine dies while the IM is away, and comes back with it.
    world.im_down()
    await work(world)
    await reload(world)
    await world.show_posts()
    newest = max(world.log.history(), key=lambda message: message.id)
    assert newest.id != first.id
    assert pressable(newest) == ["cw:run-cancel:1"]
    assert "goes on in a newer message" in text_of(next(m for m in world.log.history() if m.id == first.id))
    pressed = await world.mod.click(newest, custom_id="cw:run-cancel:1")
    assert "administrators" in said(pressed)
    world.im_up()
    await world.admin.click(newest, custom_id="cw:run-cancel:1")
    await work(world)
    await world.show_posts()
    stopped = text_of(next(m for m in world.log.history() if m.id == newest.id))
    assert "Stopped: collections of bob" in stopped
    assert await left(world) == 30
    resumed = await world.admin.slash(world.room, "job run", job="run-1")
    assert "Cleaning up: collections of bob" in said(resumed)
    await work(world)
    assert await left(world) == 0
    assert "clean up collections of bob" in said(await world.mod.slash(world.room, "history", member="bob"))
    # The button on the private answer, which nobody could bring up to date, tells the truth.
    late = await world.admin.click(asked.response, custom_id="cw:run-cancel:1")
    assert "over already" in said(late)


async def test_restore_is_one_tap_on_the_report_wherever_that_is_and_after_a_restart(world: World):
    await world.log_here()
    await save(world, count=30)
    await confirm(world, await cleanup(world, owner="bob"))
    await work(world)
    await reload(world)
    await world.show_posts()
    report = max(world.log.history(), key=lambda message: message.id)
    assert "**30** items deleted" in text_of(report)
    assert pressable(report) == ["cw:run-restore:1"]
    assert "administrators" in said(await world.mod.click(report, custom_id="cw:run-restore:1"))
    asked = await world.admin.click(report, custom_id="cw:run-restore:1")
    assert asked.ephemeral
    assert "Put **30** items of run-1 back" in said(asked)
    # The log channel is gone by now: the run does not ask for it.
    world.env.inject_error("*", f"/channels/{world.log.id}/messages*", status=404, code=10003, times=None)
    await confirm(world, asked)
    await world.show_posts()
    await work(world)
    assert "**30** items put back" in await shown(asked, "Put back: ")
    assert buttons_of(asked.response) == []
    assert await left(world) == 30
    late = await world.admin.click(report, custom_id="cw:run-restore:1")
    assert "nothing of run-1 to put back" in said(late)


async def test_without_a_log_a_restart_goes_on_where_it_was_started(world: World):
    await save(world)
    asked = await cleanup(world, owner="bob")
    await confirm(world, asked)
    world.im_down()
    await work(world)
    await reload(world)
    await world.show_posts()
    messages = [m for m in world.room.history() if pressable(m) == ["cw:run-cancel:1"] and m.id != asked.response.id]
    assert len(messages) == 1
    assert "The IM gives trouble" in text_of(messages[0])


async def test_an_answer_that_cannot_be_edited_any_longer_hands_over_to_a_message(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    await save(world)
    asked = await cleanup(world, owner="bob")
    monkeypatch.setattr("bot.ui.cleanup.flow.TOKEN_LIVES_SECONDS", 0)
    await confirm(world, asked)
    async with asyncio.timeout(5):
        while not any(pressable(message) for message in world.room.history() if message.id != asked.response.id):
            await asyncio.sleep(0.01)


async def test_what_cannot_be_is_said_before_anything_happens(world: World):
    await save(world)
    assert "exactly one of owner, channel and community" in said(await cleanup(world))
    assert "exactly one of owner, channel and community" in said(await cleanup(world, owner="bob", channel="general"))
    assert "has no unit" in said(await cleanup(world, owner="bob", older_than="30"))
    assert "nothing that old to delete" in said(await cleanup(world, owner="bob", older_than="300d"))
    assert "There is no cleanup “9”" in said(await world.admin.slash(world.room, "collection restore", run="run-9"))
    policy = {"older_than": "30d", "owner": "bob"}
    added = await world.admin.slash(world.room, "policy add", schedule="whenever", **policy)
    assert "is no schedule" in said(added)
    added = await world.admin.slash(world.room, "policy add", schedule="03:00", timezone="Moon", **policy)
    assert "There is no time zone “Moon”" in said(added)
    asked = await cleanup(world, owner="bob")
    yes = button(asked.response, "yes")
    world.im_down()
    assert "Reference `" in said(await cleanup(world, owner="bob"))
    world.im_up()
    await reload(world)
    await world.admin.click(asked.response, custom_id=yes)
    assert "no longer open" in text_of(asked.response)
    assert await left(world) == 3
    assert await world.warden.services.cleanups.list(world.guild.id) == []


async def test_policies_and_jobs_by_command(world: World):
    await save(world)
    added = await world.admin.slash(
        world.room,
        "policy add",
        older_than="30d",
        schedule="03:00",
        timezone="Asia/Shanghai",
        community="Aurora",
        keep="wichtig",
        type=1,
    )
    for part in (
        "policy-1 is set.",
        "members of Aurora",
        "Every day at 03:00 (Asia/Shanghai)",
        "Only type 1",
        "wichtig",
        "Next <t:",
    ):
        assert part in said(added)
    listed = said(await world.admin.slash(world.room, "policy list"))
    assert "**policy-1** · collections of members of Aurora" in listed
    jobs = said(await world.admin.slash(world.room, "job list"))
    assert "policy-1" in jobs
    assert "reconcile" in jobs
    (choice,) = await offered(world, "policy pause", "policy")
    assert (choice["name"], choice["value"]) == (
        "policy-1: collections of members of Aurora, Every day at 03:00",
        "policy-1",
    )
    paused = await world.admin.slash(world.room, "policy pause", policy="policy-1")
    assert "is paused" in said(paused)
    assert "is resumed" in said(await world.admin.slash(world.room, "policy pause", policy="1"))

    run = await world.admin.slash(world.room, "job run", job="policy-1")
    assert "Cleaning up: collections of members of Aurora" in said(run)
    assert [one["value"] for one in await offered(world, "job cancel", "job")] == ["run-1"]
    assert "run-1" in said(await world.admin.slash(world.room, "job list"))
    cancelled = await world.admin.slash(world.room, "job cancel", job="run-1")
    assert "Stopping: collections of members of Aurora" in said(cancelled)
    await work(world)
    assert "run-1" in [one["value"] for one in await offered(world, "job run", "job")]
    removed = await world.admin.slash(world.room, "policy remove", policy="policy-1")
    assert "is removed" in said(removed)
    assert "There are no policies" in said(await world.admin.slash(world.room, "policy list"))
    assert "Compared with the IM" in said(await world.admin.slash(world.room, "job run", job="reconcile"))


async def test_the_same_in_chinese(world: World):
    world.locale = "zh-CN"
    await save(world, count=2)
    asked = await cleanup(world, owner="bob")
    assert "将删除 **2** 条收藏。" in said(asked)
    await confirm(world, asked)
    await work(world)
    assert "已删除 **2** 条" in await shown(asked, "已清理：bob 的收藏")
