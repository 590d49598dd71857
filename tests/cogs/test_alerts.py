"""An alert's life in Discord: who is called, what can be pressed, and where it goes without a log channel."""

from typing import Any

import discord
import pytest

from bot.services.alerts import Trouble
from bot.services.clock import to_ms
from bot.services.model import Staff
from tests.cogs.conftest import World, said, text_of

DAYS = range(7)


async def alert(world: World, trouble: Trouble = Trouble.CALLBACKS_REFUSED, why: str = "") -> None:
    services = world.warden.services
    now = to_ms(services.clock.now())
    await services.posts.write(
        lambda connection: services.alerts.raise_alert(connection, world.guild.id, trouble, why=why, now_ms=now)
    )
    await shown(world)


async def heal(world: World, trouble: Trouble = Trouble.CALLBACKS_REFUSED) -> None:
    services = world.warden.services
    now = to_ms(services.clock.now())
    await services.posts.write(
        lambda connection: services.alerts.heal_alert(connection, world.guild.id, trouble, now_ms=now)
    )
    await shown(world)


async def shown(world: World) -> None:
    for _ in range(4):
        await world.show_posts()


async def call_again(world: World) -> None:
    """Let the ten minutes be over."""
    services, store = world.warden.services, world.warden.store
    await store.write(lambda connection: connection.exec_driver_sql("UPDATE alerts SET call_ms = 1"))
    await services.alerts.call_due()
    await shown(world)


async def on_duty(world: World, person: Any) -> None:
    services = world.warden.services
    await services.settings.set_rota(world.guild.id, dict.fromkeys(DAYS, Staff(person.id, "mod2")))


def written(world: World) -> list[Any]:
    return sorted(world.log.history(), key=lambda message: message.id)


def direct(person: Any) -> list[Any]:
    """The bot's direct messages to somebody, oldest first."""
    return sorted(person.user.dm_channel.history(), key=lambda message: message.id)


async def test_the_person_on_duty_is_called_first_then_the_role_as_well(world: World) -> None:
    await world.log_here()
    role = world.guild.create_role("on-call")
    await world.warden.services.settings.set_oncall(world.guild.id, role.id)
    await on_duty(world, world.mod2)
    await alert(world)
    (first,) = written(world)
    assert first.content == f"<@{world.mod2.id}>"
    assert "Alert: callbacks are refused" in text_of(first)
    assert buttons_of_message(first) == ["cw:alert-ack:1", "cw:alert-snooze:1"]
    await call_again(world)
    before, second = written(world)
    assert "It goes on in a new message" in text_of(before)
    assert buttons_of_message(before) == []
    assert second.content == f"<@{world.mod2.id}> <@&{role.id}>"
    assert "Call 2 of 6" in text_of(second)
    sent = [request.json for request in world.env.http_requests if request.method == "POST" and request.json]
    allowed = [body["allowed_mentions"] for body in sent if body.get("content") == second.content]
    assert [(one["users"], one["roles"], one.get("parse")) for one in allowed] == [([world.mod2.id], [role.id], [])]


async def test_a_snooze_is_quiet_an_acknowledged_alert_names_who_cares_and_healed_it_is_green(world: World) -> None:
    await world.log_here()
    await alert(world)
    (message,) = written(world)
    assert "Nobody is on call: set a role with `/settings oncall`." in text_of(message)
    assert "This is for moderators." in said(await world.guest.click(message, custom_id="cw:alert-ack:1"))
    await world.mod.select(message, ["1800000"], custom_id="cw:alert-snooze:1")
    (message,) = written(world)
    assert f"by <@{world.mod.id}>" in text_of(message)
    assert "Quiet until" in text_of(message)
    await world.restart()
    await world.mod2.click(message, custom_id="cw:alert-ack:1")
    (message,) = written(world)
    assert f"<@{world.mod2.id}> takes care" in text_of(message)
    assert buttons_of_message(message) == []
    await heal(world)
    (message,) = written(world)
    assert message.embeds[0].colour == discord.Colour(0x23A55A)
    assert "**It lasted** " in text_of(message)
    assert f"**Taken care of by** <@{world.mod2.id}>" in text_of(message)


async def test_a_moderator_may_not_go_on_with_a_cleanup_and_the_guild_reads_its_own_language(world: World) -> None:
    await world.log_here()
    await world.warden.services.settings.set_language(world.guild.id, "zh-CN")
    services = world.warden.services
    now = to_ms(services.clock.now())
    await services.posts.write(
        lambda connection: services.alerts.raise_alert(
            connection, world.guild.id, Trouble.RUN_FAILED, why="<@1>", now_ms=now, subject="7"
        )
    )
    await shown(world)
    (message,) = written(world)
    assert "一次清理失败了" in text_of(message)
    assert "<@1>" not in text_of(message)
    assert "administrators" in said(await world.mod.click(message, custom_id="cw:alert-retry:1"))
    assert "no cleanup “7” here" in said(await world.admin.click(message, custom_id="cw:alert-retry:1"))


@pytest.mark.parametrize("code", [(404, 10003), (403, 50013)])
async def test_without_a_log_channel_to_write_in_who_is_on_duty_is_told_in_person(
    world: World, code: tuple[int, int], fault: Any
) -> None:
    await world.log_here()
    await on_duty(world, world.mod2)
    world.env.inject_error("POST", f"/channels/{world.log.id}/messages", status=code[0], code=code[1], times=None)
    await world.mod.slash(world.room, "mute", member="bob", channel="general")
    await shown(world)
    await alert(world)
    refused, callbacks = direct(world.mod2)
    assert f"**{world.guild.name}**: I cannot show this" in refused.content
    assert [message.embeds[0].title for message in (refused, callbacks)] == [
        "🚨 The log channel refuses me",
        "🚨 I refuse the IM's callbacks",
    ]
    assert "reached nobody" not in said(await world.mod.slash(world.room, "status"))
    # It can be answered there, after a restart too.
    await world.restart()
    await world.mod2.user.click(refused, custom_id="cw:alert-ack:1")
    assert f"<@{world.mod2.id}> takes care" in text_of(direct(world.mod2)[0])
    await world.admin.slash(world.room, "settings log", channel=world.room)
    await shown(world)
    here = [text_of(message) for message in world.room.history()]
    assert sum("I refuse the IM's callbacks" in text for text in here) == 1
    assert sum("Muted bob" in text for text in here) == 1
    refused, callbacks = direct(world.mod2)
    assert "✅ The log is shown again" in text_of(refused)
    assert "It goes on in a new message" in text_of(callbacks)
    fault("log channel deleted or forbidden", alerts=2, told_in_person=2, cases=1, lost=0)


async def test_in_person_who_is_on_duty_and_the_owner_are_called_by_turns_and_past_who_takes_no_messages(
    world: World,
) -> None:
    await world.log_here()
    await on_duty(world, world.mod2)
    world.env.inject_error("POST", f"/channels/{world.log.id}/messages", status=404, code=10003, times=None)
    await alert(world)
    (message, _log) = direct(world.mod2)
    roles = world.env.backend.get_guild(world.guild.id).members[world.mod2.id].role_ids
    before, roles[:] = list(roles), []
    pressed = await world.mod2.user.click(message, custom_id="cw:alert-ack:1")
    assert "This is for moderators." in said(pressed)
    roles[:] = before
    await call_again(world)
    owner = world.guild.owner
    assert {message.embeds[0].title for message in owner.dm_channel.history()} == {
        "🚨 The log channel refuses me",
        "🚨 I refuse the IM's callbacks",
    }
    await call_again(world)
    assert len(direct(world.mod2)) == 4
    # A message to somebody who has blocked the bot is not tried over and over.
    for message in direct(world.mod2):
        path = f"/channels/{world.mod2.user.dm_channel.id}/messages/{message.id}"
        world.env.inject_error("PATCH", path, status=403, code=50007, times=None)
    await world.warden.services.alerts.acknowledge(world.guild.id, 1, Staff(world.admin.id, "admin"))
    await shown(world)
    assert await world.warden.services.posts.next_due_in() is None
    for person in (world.mod2.user, owner):
        closed = f"/channels/{person.dm_channel.id}/messages"
        world.env.inject_error("POST", closed, status=403, code=50007, times=None)
    await alert(world, Trouble.STUCK, "down")
    assert "**1** of them reached nobody" in said(await world.mod.slash(world.room, "status"))


async def test_who_has_left_or_is_no_moderator_any_more_is_not_called(world: World) -> None:
    await world.log_here()
    await on_duty(world, world.guest)
    await alert(world)
    (message,) = written(world)
    assert message.content == ""
    assert "Nobody is on call" in text_of(message)
    role = world.guild.create_role("on-call")
    await world.warden.services.settings.set_oncall(world.guild.id, role.id)
    await on_duty(world, world.mod2)
    world.env.backend.get_guild(world.guild.id).members.pop(world.mod2.id)
    await alert(world, Trouble.STUCK, "down")
    assert written(world)[-1].content == f"<@&{role.id}>"


async def test_what_is_over_is_told_to_nobody_in_person(world: World) -> None:
    await world.log_here()
    await on_duty(world, world.mod2)
    await alert(world)
    (message,) = written(world)
    world.env.inject_error(
        "PATCH", f"/channels/{world.log.id}/messages/{message.id}", status=403, code=50001, times=None
    )
    world.env.inject_error("POST", f"/channels/{world.log.id}/messages", status=403, code=50001, times=None)
    await heal(world)
    (told,) = direct(world.mod2)
    assert "The log channel refuses me" in text_of(told)


async def test_without_any_log_channel_an_alert_waits_until_somebody_is_on_call_or_there_is_a_log(world: World) -> None:
    owner = world.guild.owner
    await alert(world)
    assert list(owner.dm_channel.history()) == []
    role = world.guild.create_role("on-call")
    await world.warden.services.settings.set_oncall(world.guild.id, role.id)
    closed = f"/channels/{owner.dm_channel.id}/messages"
    world.env.inject_error("POST", closed, status=403, code=50007, times=1)
    await call_again(world)
    assert list(owner.dm_channel.history()) == []
    assert await world.warden.services.posts.next_due_in() is None
    await call_again(world)
    assert len(list(owner.dm_channel.history())) == 1
    await world.warden.services.settings.set_log_channel(world.guild.id, world.log.id)
    await shown(world)
    (moved,) = written(world)
    assert moved.content == f"<@&{role.id}>"
    # It is told once and has not been counted as another call.
    assert moved.embeds[0].footer.text is None


async def test_what_cannot_be_drawn_keeps_nothing_else_away(world: World) -> None:
    await world.log_here()
    # An alert comes before everything else, and this one is about no run at all.
    await alert(world, Trouble.RUN_FAILED)
    await world.mod.slash(world.room, "mute", member="bob", channel="general")
    await shown(world)
    assert ["Muted bob" in text_of(message) for message in written(world)] == [True]


def buttons_of_message(message: discord.Message) -> list[str]:
    return [child.custom_id for row in message.components for child in row.children]
