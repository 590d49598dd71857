"""What admins change by taps below /settings show and /settings oncall."""

from typing import Any

import discord

from bot.services.model import Staff
from tests.cogs.conftest import World, buttons_of, said, text_of


async def opened(world: World, what: str) -> Any:
    """Open the settings and choose what to change; return the answer, which everything happens on."""
    shown = await world.admin.slash(world.room, "settings show")
    assert shown.ephemeral
    await world.admin.select(shown.response, [what], custom_id="cw:set")
    return shown.response


def own(world: World) -> Any:
    return world.warden.services.settings.own(world.guild.id)


async def test_a_feed_channel_is_chosen_shown_undone_and_cleared(world: World) -> None:
    page = await opened(world, "feed")
    assert "Which channel shows what is said in the IM?" in text_of(page)
    # It works after a restart, and only where we may write.
    await world.restart()
    deny = discord.PermissionOverwrite(embed_links=False)
    shut = world.guild.create_text_channel("shut", overwrites={world.guild.me: deny})
    refused = await world.admin.select(page, [shut], custom_id="cw:set-channel:feed")
    assert "cannot write in #shut yet. Allow me there: Embed Links" in said(refused)
    assert own(world).feed_channel_id is None
    await world.admin.select(page, [world.log], custom_id="cw:set-channel:feed")
    assert f"What is said in the IM is now shown in <#{world.log.id}>" in text_of(page)
    assert own(world).feed_channel_id == world.log.id
    await world.admin.click(page, custom_id="cw:set-back")
    assert f"💬 **Feed** <#{world.log.id}>\n↳ **Change…** below" in text_of(page)
    await world.admin.select(page, ["feed"], custom_id="cw:set")
    await world.admin.click(page, custom_id="cw:set-none:feed")
    assert "No channel shows what is said in the IM." in text_of(page)
    assert own(world).feed_channel_id is None
    undo = next(one for one in buttons_of(page) if one.startswith("cw:undo:"))
    await world.admin.click(page, custom_id=undo)
    assert own(world).feed_channel_id == world.log.id


async def test_the_log_the_role_and_the_language_are_chosen_and_cleared_by_taps(world: World) -> None:
    page = await opened(world, "log")
    await world.admin.select(page, [world.log], custom_id="cw:set-channel:log")
    assert own(world).log_channel_id == world.log.id
    page = await opened(world, "log")
    await world.admin.click(page, custom_id="cw:set-none:log")
    assert own(world).log_channel_id is None
    crew = world.guild.create_role("crew")
    page = await opened(world, "oncall")
    await world.admin.select(page, [crew], custom_id="cw:set-role")
    assert own(world).oncall_role_id == crew.id
    assert "cw:rota" in buttons_of(page)
    page = await opened(world, "oncall")
    refused = await world.admin.select(page, [world.guild.default_role], custom_id="cw:set-role")
    assert "@everyone cannot be chosen" in said(refused)
    await world.admin.click(page, custom_id="cw:set-none:oncall")
    assert own(world).oncall_role_id is None
    page = await opened(world, "language")
    await world.admin.select(page, ["zh-CN"], custom_id="cw:set-language")
    assert own(world).language == "zh-CN"
    page = await opened(world, "language")
    await world.admin.select(page, ["default"], custom_id="cw:set-language")
    assert own(world).language is None
    same = await world.admin.select(await opened(world, "language"), ["default"], custom_id="cw:set-language")
    assert "That is set already" in said(same)


async def test_only_admins_change_settings_by_taps(world: World) -> None:
    page = await opened(world, "rota")
    roles = world.env.backend.get_guild(world.guild.id).members[world.admin.id].role_ids
    before, roles[:] = list(roles), []
    for press in (
        world.admin.select(page, ["0"], custom_id="cw:rota-days"),
        world.admin.click(page, custom_id="cw:rota-handover"),
    ):
        assert "administrators" in said(await press)
    roles[:] = before


async def test_a_rota_is_filled_in_with_a_thumb(world: World) -> None:
    crew = world.guild.create_role("crew", mentionable=True)
    page = (await world.admin.slash(world.room, "settings oncall", role=crew)).response
    await world.admin.click(page, custom_id="cw:rota")
    assert f"<@&{crew.id}>" in text_of(page)
    assert "**A day begins at** 09:00 · UTC" in text_of(page)
    await world.restart()
    await world.admin.select(page, ["4", "0"], custom_id="cw:rota-days")
    assert "cw:rota-who:04" in buttons_of(page)
    await world.admin.select(page, [world.mod], custom_id="cw:rota-who:04")
    text = text_of(page)
    assert f"**Mon** <@{world.mod.id}>" in text
    assert f"**Fri** <@{world.mod.id}>" in text
    assert f"**Tue** <@&{crew.id}>" in text
    assert text.count("▶️") == 1
    # Who cannot be on duty is refused.
    bot = world.guild.add_member(world.env.create_user("robot", bot=True))
    await world.admin.select(page, ["1"], custom_id="cw:rota-days")
    assert "A bot cannot be on duty." in said(await world.admin.select(page, [bot], custom_id="cw:rota-who:1"))
    refused = await world.admin.select(page, [world.guest], custom_id="cw:rota-who:1")
    assert "guest is no moderator here" in said(refused)
    form = await world.admin.click(page, custom_id="cw:rota-handover")
    refused = await world.admin.submit_modal(form, {"time": "25:00", "zone": ""})
    assert "“25:00” is no time of day." in said(refused)
    form = await world.admin.click(page, custom_id="cw:rota-handover")
    await world.admin.submit_modal(form, {"time": "8", "zone": "new york"})
    assert "**A day begins at** 08:00 · America/New\\_York" in text_of(page)
    await world.admin.select(page, ["0"], custom_id="cw:rota-days")
    await world.admin.click(page, custom_id="cw:rota-free:0")
    rota = world.warden.services.settings.rota(world.guild.id)
    assert rota.days == {4: Staff(world.mod.id, "mod")}
    assert (rota.handover, rota.zone) == (480, "America/New_York")
    await world.admin.click(page, custom_id="cw:rota-clear")
    assert world.warden.services.settings.rota(world.guild.id).days == {}
    undo = next(one for one in buttons_of(page) if one.startswith("cw:undo:"))
    await world.admin.click(page, custom_id=undo)
    assert "Undone: change the weekly rota" in text_of(page)
    assert world.warden.services.settings.rota(world.guild.id).days == rota.days
    shown = said(await world.admin.slash(world.room, "settings show"))
    assert "🗓️ **Rota** " in shown


async def test_the_rota_and_the_select_speak_chinese(world: World) -> None:
    world.locale = "zh-CN"
    page = await opened(world, "rota")
    assert "值班安排" in text_of(page)
    await world.admin.select(page, ["6"], custom_id="cw:rota-days")
    await world.admin.select(page, [world.mod2], custom_id="cw:rota-who:6")
    assert f"**周日** <@{world.mod2.id}>" in text_of(page)
    # Where they do not see the log, no message there reaches them.
    hidden = discord.PermissionOverwrite(view_channel=False)
    staff_only = world.guild.create_text_channel("staff", overwrites={world.guild.default_role: hidden})
    await world.warden.services.settings.set_log_channel(world.guild.id, staff_only.id)
    await world.admin.select(page, ["5"], custom_id="cw:rota-days")
    await world.admin.select(page, [world.mod2], custom_id="cw:rota-who:5")
    assert f"看不到显示警报的 <#{staff_only.id}>" in text_of(page)
    page = await opened(world, "feed")
    await world.admin.select(page, [world.room], custom_id="cw:set-channel:feed")
    assert "已修改消息流频道" in text_of(page)
