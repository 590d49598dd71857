"""/settings and /status."""

import discord
import pytest

from tests.cogs.conftest import World, said


async def test_settings_community_takes_a_name_or_an_id(world: World):
    for text in ("Aurora", world.community):
        result = await world.admin.slash(world.room, "settings community", community=text)
        assert result.ephemeral
        assert "looks after **Aurora**" in said(result)
    assert world.warden.services.settings.get(world.guild.id).community_id == world.community


async def test_settings_community_refuses_an_unknown_one(world: World):
    result = await world.admin.slash(world.room, "settings community", community="Nope")
    assert said(result) == "There is no community “Nope”."
    assert world.warden.services.settings.get(world.guild.id).community_id is None


async def test_settings_log_is_set(world: World):
    result = await world.admin.slash(world.room, "settings log", channel=world.log)
    assert f"<#{world.log.id}>" in said(result)
    assert world.warden.services.settings.get(world.guild.id).log_channel_id == world.log.id


@pytest.mark.parametrize(
    ("denied", "says"), [({"send_messages": False}, "Send Messages"), ({"view_channel": False}, "View Channel")]
)
async def test_settings_log_refuses_a_channel_where_the_bot_may_not_write(world: World, denied: dict, says: str):
    deny = discord.PermissionOverwrite(**denied)
    shut = world.guild.create_text_channel("shut", overwrites={world.guild.me: deny})
    result = await world.admin.slash(world.room, "settings log", channel=shut)
    assert says in said(result)
    assert world.warden.services.settings.get(world.guild.id).log_channel_id is None


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
