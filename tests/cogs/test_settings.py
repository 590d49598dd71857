"""/settings and /status."""

from typing import Any

import discord
import pytest

from tests.cogs.conftest import World, buttons_of, said, text_of


async def test_settings_community_takes_a_name_or_an_id_and_is_a_case_that_can_be_undone(world: World):
    result = await world.admin.slash(world.room, "settings community", community="Aurora")
    assert result.ephemeral
    assert "looks after **Aurora**" in said(result)
    assert world.warden.services.settings.get(world.guild.id).community_id == world.community
    again = await world.admin.slash(world.room, "settings community", community=world.community)
    assert said(again) == "That is set already. Nothing was changed."
    await world.admin.click(result.response, label="Undo")
    assert "Undone: choose the community" in text_of(result.response)
    assert "looks after" not in text_of(result.response)
    assert world.warden.services.settings.get(world.guild.id).community_id is None


async def test_settings_community_refuses_an_unknown_one(world: World):
    result = await world.admin.slash(world.room, "settings community", community="Nope")
    assert said(result) == "There is no community “Nope”."
    assert world.warden.services.settings.get(world.guild.id).community_id is None


async def test_settings_log_is_set(world: World):
    result = await world.admin.slash(world.room, "settings log", channel=world.log)
    assert f"<#{world.log.id}>" in said(result)
    assert world.warden.services.settings.get(world.guild.id).log_channel_id == world.log.id
    # The case is the first that the log shows.
    await world.show_posts()
    assert "Log channel changed" in text_of(world.log.last_message)


@pytest.mark.parametrize(
    ("denied", "says"), [({"send_messages": False}, "Send Messages"), ({"view_channel": False}, "View Channel")]
)
async def test_settings_log_refuses_a_channel_where_the_bot_may_not_write(world: World, denied: dict, says: str):
    deny = discord.PermissionOverwrite(**denied)
    shut = world.guild.create_text_channel("shut", overwrites={world.guild.me: deny})
    result = await world.admin.slash(world.room, "settings log", channel=shut)
    assert says in said(result)
    assert world.warden.services.settings.get(world.guild.id).log_channel_id is None


async def settings(world: World, command: str, **options: Any):
    return await world.admin.slash(world.room, f"settings {command}", **options)


async def test_a_role_gets_commands_is_told_of_discords_hint_and_is_taken_off_after_a_question(world: World):
    crew = world.guild.create_role("*crew*")
    world.env.backend.get_guild(world.guild.id).members[world.guest.id].role_ids.append(crew.id)
    given = await settings(world, "roles", level="moderator", role=crew)
    assert f"<@&{crew.id}> may give the commands of moderators." in said(given)
    assert "only to people with Timeout Members. Let \\*crew\\* see them" in said(given)
    assert "🟢 Database" in said(await world.guest.slash(world.room, "status"))
    asked = await settings(world, "roles", level="moderator", role=crew)
    assert said(asked) == "\\*crew\\* is a role of moderators already. Take it off?"
    confirm = next(one for one in buttons_of(asked.response) if one.endswith("yes"))
    await world.admin.click(asked.response, custom_id=confirm)
    assert "is no role of moderators any more" in text_of(asked.response)
    assert said(await world.guest.slash(world.room, "status")) == "This is for moderators."
    await world.admin.click(asked.response, label="Undo")
    assert "🟢 Database" in said(await world.guest.slash(world.room, "status"))


async def test_a_role_with_the_permission_needs_no_hint_and_everyone_is_no_role(world: World):
    lead = world.guild.create_role("leads", permissions=discord.Permissions(manage_guild=True))
    given = await settings(world, "roles", level="admin", role=lead)
    assert "may give all commands" in said(given)
    assert "Integrations" not in said(given)
    everyone = world.guild.default_role
    for command, more in (("roles", {"level": "admin"}), ("oncall", {})):
        assert "@everyone cannot be chosen" in said(await settings(world, command, role=everyone, **more))


async def test_the_usual_duration_is_offered_without_permanent_and_refused_as_such(world: World):
    offered = await world.admin.autocomplete(world.room, "settings duration", "duration", "")
    assert [choice["value"] for choice in offered] == ["10m", "1h", "1d", "1w"]
    assert "should end by itself" in said(await settings(world, "duration", duration="永久"))
    text = said(await settings(world, "duration", duration="2h"))
    assert "A mute without a duration now lasts 2 hours." in text
    assert "**Before** 10 minutes" in text
    muted = said(await world.mod.slash(world.room, "mute", member="bob", channel="general"))
    assert "**For** 2 hours" in muted


async def test_the_language_is_that_of_the_log_from_then_on(world: World):
    await world.log_here()
    assert "is now in 简体中文" in said(await settings(world, "language", language="zh-CN"))
    await world.show_posts()
    assert "已修改语言" in text_of(world.log.last_message)


async def test_a_role_that_cannot_be_called_is_chosen_and_the_answer_says_so(world: World):
    silent, loud = world.guild.create_role("crew"), world.guild.create_role("loud", mentionable=True)
    text = said(await settings(world, "oncall", role=loud))
    assert f"Alerts now call <@&{loud.id}>." in text
    assert "no notification" not in text
    await world.log_here()
    deny = discord.PermissionOverwrite(mention_everyone=False)
    shut = world.guild.create_text_channel("quiet", overwrites={world.guild.me: deny})
    await world.warden.services.settings.set_log_channel(world.guild.id, shut.id)
    assert "crew gets no notification yet" in said(await settings(world, "oncall", role=silent))


async def test_show_tells_what_is_set_what_is_default_and_how_to_change_it(world: World):
    text = said(await settings(world, "show"))
    for part in (
        "🏘️ **Community** **Aurora** (default)\n↳ `/settings community`",
        "📜 **Log** none",
        "**Usual duration** 10 minutes (default)",
        "**Language** English (default)",
        "**On call** nobody",
        "**Moderators** who has Timeout Members\n↳ `/settings roles`",
        "**Administrators** who has Manage Server",
    ):
        assert part in text
    crew = world.guild.create_role("crew", mentionable=True)
    await settings(world, "community", community="Aurora")
    await settings(world, "log", channel=world.log)
    await settings(world, "duration", duration="1h")
    await settings(world, "language", language="zh-CN")
    await settings(world, "oncall", role=crew)
    await settings(world, "roles", level="admin", role=crew)
    await world.show_posts()
    await world.warden.services.settings.note_log_problem(world.guild.id, "forbidden")
    text = said(await settings(world, "show"))
    for part in (
        "**Community** **Aurora**\n",
        f"**Log** <#{world.log.id}>\n🟡 I may not write",
        "**Usual duration** 1 hour\n",
        "**Language** 简体中文\n",
        f"**On call** <@&{crew.id}>",
        f"who has Manage Server · <@&{crew.id}>",
    ):
        assert part in text


async def test_status_of_a_fresh_bot(world: World):
    result = await world.mod.slash(world.room, "status")
    assert result.ephemeral
    text = said(result)
    for part in ("🟢 IM (embedded)", "🟢 Database", "Community **Aurora**", "No log", "No mutes in force"):
        assert part in text


async def test_status_counts_mutes_and_names_the_log(world: World):
    await world.log_here()
    await world.mod.slash(world.room, "mute", member="bob", channel="general")
    text = said(await world.mod.slash(world.room, "status"))
    assert "**1** mute in force" in text
    assert f"<#{world.log.id}>" in text


async def test_status_shows_that_the_log_channel_refuses(world: World):
    await world.log_here()
    world.env.inject_error("POST", f"/channels/{world.log.id}/messages", status=403, code=50013, times=None)
    result = await world.mod.slash(world.room, "mute", member="bob", channel="general")
    assert "Muted bob" in said(result)
    await world.show_posts()
    assert "may not write in the log channel" in said(await world.mod.slash(world.room, "status"))


async def test_status_says_that_the_im_is_down_and_keeps_quiet_about_what_it_cannot_know(world: World):
    world.im_down()
    text = said(await world.mod.slash(world.room, "status"))
    assert "🔴 IM (embedded)" in text
    assert "No community" not in text
