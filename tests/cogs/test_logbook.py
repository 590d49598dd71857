"""The log channel: every case once, in the guild's language, kept up to date, whatever Discord does."""

import asyncio
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.services.alerts import Trouble
from bot.services.clock import to_ms
from tests.cogs.conftest import World, said, text_of


@pytest.fixture
async def logged(world: World) -> World:
    await world.log_here()
    return world


async def mute(world: World, member: str = "bob", **options: str):
    return await world.mod.slash(world.room, "mute", **({"member": member, "channel": "general"} | options))


def log_of(world: World) -> list[Any]:
    return world.log.history()


async def test_a_case_is_posted_once_with_its_buttons(logged: World):
    await mute(logged, reason="spam")
    await logged.show_posts()
    await logged.show_posts()
    (post,) = log_of(logged)
    assert "Muted bob · #general" in text_of(post)
    assert "spam" in text_of(post)
    assert post.embeds[0].colour == discord.Colour(0xF0B232)


async def test_the_logbook_posts_by_itself(logged: World):
    await mute(logged)
    async with asyncio.timeout(5):
        while not log_of(logged):
            await asyncio.sleep(0.01)


async def test_a_post_follows_its_case(logged: World):
    await mute(logged)
    await logged.show_posts()
    await logged.mod2.slash(logged.room, "unmute", member="bob", channel="general")
    await logged.show_posts()
    first, second = sorted(log_of(logged), key=lambda message: message.id)
    assert "Mute lifted: bob" in text_of(first)
    assert first.embeds[0].colour == discord.Colour(0x23A55A)
    assert first.components == []
    assert "Unmuted bob" in text_of(second)


async def test_undo_on_the_log_post_works_and_edits_it(logged: World):
    await mute(logged)
    await logged.show_posts()
    (post,) = log_of(logged)
    pressed = await logged.mod2.click(post, custom_id="cw:undo:1")
    assert "Case #1 is undone" in said(pressed)
    assert await logged.muted() == set()
    shown = next(message for message in log_of(logged) if message.id == post.id)
    assert "Undone: bob" in text_of(shown)


async def test_extend_on_the_log_post_leaves_the_new_case_to_the_log(logged: World):
    await mute(logged)
    await logged.show_posts()
    asked = await logged.mod2.click(log_of(logged)[0], custom_id="cw:extend:1")
    chosen = await logged.mod2.select(asked.response, ["3600000"])
    await logged.show_posts()
    assert chosen.followups == []
    titles = [message.embeds[0].title for message in log_of(logged)]
    assert sorted(titles) == ["🔁 Mute replaced: bob · #general", "🔇 Mute changed: bob · #general"]


async def test_a_crash_between_sending_and_noting_it_makes_no_second_post(logged: World):
    posts = logged.warden.services.posts
    await mute(logged)
    (post,) = await posts.due()
    await logged.show_posts()
    sent = [request for request in logged.env.http_requests if request.path == f"/channels/{logged.log.id}/messages"]
    assert [(body["nonce"], body["enforce_nonce"]) for body in (request.json for request in sent)] == [
        (f"cw{post.id}c{logged.log.id % 10**6}", True)
    ]


async def test_discord_being_down_only_delays_a_post(logged: World):
    logged.env.inject_error("POST", f"/channels/{logged.log.id}/messages", status=500, times=None)
    await mute(logged)
    await logged.show_posts()
    assert log_of(logged) == []
    assert await logged.warden.services.posts.next_due_in() is not None
    assert logged.warden.services.settings.log_problem(logged.guild.id) is None


@pytest.mark.parametrize(
    ("status", "code", "why"), [(403, 50013, "forbidden"), (403, 50001, "forbidden"), (404, 10003, "gone")]
)
async def test_a_log_channel_that_refuses_is_given_up_and_the_mute_stays(
    logged: World, status: int, code: int, why: str
):
    logged.env.inject_error("POST", f"/channels/{logged.log.id}/messages", status=status, code=code, times=None)
    await mute(logged)
    await logged.show_posts()
    assert logged.warden.services.settings.log_problem(logged.guild.id) == why
    assert await logged.warden.services.posts.next_due_in() is None
    assert await logged.muted() == {"bob"}


async def test_a_deleted_post_is_posted_anew_when_its_case_changes(logged: World):
    await mute(logged)
    await logged.show_posts()
    await log_of(logged)[0].delete()
    await logged.mod2.slash(logged.room, "unmute", member="bob", channel="general")
    await logged.show_posts()
    assert any("Mute lifted: bob" in text_of(message) for message in log_of(logged))


async def test_a_deleted_public_answer_stays_deleted(world: World):
    answer = await mute(world)
    await answer.response.message.delete()
    await world.mod.slash(world.room, "unmute", member="bob", channel="general")
    await world.show_posts()
    assert not any("Mute lifted" in text_of(message) for message in world.room.history())
    assert "🟡" not in said(await world.mod.slash(world.room, "status"))


async def test_the_log_speaks_the_guilds_language_and_the_answer_the_persons(logged: World):
    settings = logged.warden.services.settings
    settings._known[logged.guild.id] = replace(settings.get(logged.guild.id), language="zh-CN")
    assert "Muted bob" in said(await mute(logged))
    await logged.show_posts()
    assert "已禁言 bob" in text_of(log_of(logged)[0])


async def test_posts_mention_nobody(logged: World):
    await mute(logged, reason="@everyone <@&1>")
    await logged.show_posts()
    sent = [request for request in logged.env.http_requests if request.path == f"/channels/{logged.log.id}/messages"]
    assert all(request.json["allowed_mentions"] == {"parse": []} for request in sent)


async def stuck_alert(world: World) -> Any:
    """An alert that mutes cannot be ended."""
    services = world.warden.services
    now = to_ms(services.clock.now())

    await world.warden.store.write(
        lambda connection: services.alerts.raise_alert(
            connection, world.guild.id, Trouble.STUCK, why="it **broke**", now_ms=now
        )
    )
    await world.show_posts()
    return next(message for message in log_of(world) if "Mutes that I cannot end" in text_of(message))


async def test_an_alert_calls_the_role_on_call_and_nobody_else(logged: World):
    settings = logged.warden.services.settings
    role = logged.guild.create_role("on-call")
    settings._known[logged.guild.id] = replace(settings.get(logged.guild.id), oncall_role_id=role.id)
    alert = await stuck_alert(logged)
    assert alert.content == f"<@&{role.id}>"
    assert "**broke**" not in text_of(alert)
    sent = [request.json for request in logged.env.http_requests if request.method == "POST" and request.json]
    mentions = [body["allowed_mentions"] for body in sent if body.get("content") == f"<@&{role.id}>"]
    assert [{name: value for name, value in mention.items() if value} for mention in mentions] == [{"roles": [role.id]}]


async def test_acknowledge_shows_who_takes_care(logged: World):
    alert = await stuck_alert(logged)
    await logged.mod2.click(alert, custom_id="cw:alert-ack:1")
    shown = next(message for message in log_of(logged) if message.id == alert.id)
    assert f"<@{logged.mod2.id}> takes care" in text_of(shown)
    assert buttons_in(shown) == ["cw:alert-retry:1"]


async def test_retry_answers_and_guests_may_not(logged: World):
    alert = await stuck_alert(logged)
    assert "This is for moderators." in said(await logged.guest.click(alert, custom_id="cw:alert-retry:1"))
    await logged.restart()
    assert "Trying again now" in said(await logged.mod.click(alert, custom_id="cw:alert-retry:1"))


async def test_an_alert_that_healed_says_so(logged: World):
    alert = await stuck_alert(logged)
    services, store = logged.warden.services, logged.warden.store
    now = to_ms(services.clock.now())
    await store.write(lambda connection: services.alerts.heal(connection, logged.guild.id, now))
    await logged.show_posts()
    shown = next(message for message in log_of(logged) if message.id == alert.id)
    assert "Mutes end again" in text_of(shown)
    assert buttons_in(shown) == []


def buttons_in(message: discord.Message) -> list[str]:
    return [child.custom_id for row in message.components for child in row.children]
