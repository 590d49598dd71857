"""The context menus on messages that show a message of the IM."""

import re
from typing import Any

import discord
from discord import app_commands

from bot.bot import sync
from bot.services.access import Level
from bot.services.mirrors import ImMessage
from bot.ui.answer import Answer
from bot.ui.circle.mirror import post_mirror
from bot.ui.levels import set_hints
from tests.cogs.conftest import ODD_NAME, World, allow_guest, buttons_of, said, text_of


async def mirror(world: World, author: str = "bob", text: str = "Anyone up for a raid?") -> Any:
    """A Discord message that shows a message of the IM, posted as by a command that has said something there."""
    services = world.warden.services
    place = (await services.directory.channel(world.guild.id, "general")).place
    im_message = await world.warden.im.messages.send_text(world.general, "hello", sender=author)
    shown = ImMessage(place, im_message, author, text, services.clock.now())
    tree = world.warden.bot.tree

    async def show(interaction: discord.Interaction) -> None:
        answer = await Answer.private(interaction)
        await answer.show(text="said")
        await post_mirror(answer, shown)

    tree.add_command(app_commands.Command(name="mirror", description="mirror", callback=show))
    await sync(tree)
    posted = (await world.admin.slash(world.room, "mirror")).followups[0]
    tree.remove_command("mirror")
    await sync(tree)
    allow_guest(world)
    return posted


async def menu(world: World, name: str, message: Any, who: Any = None):
    return await (who or world.mod).context_menu(world.room, name, message)


async def test_a_mirror_shows_author_channel_and_text_and_formats_nothing(world: World):
    posted = await mirror(world, text=f"{ODD_NAME}\nsecond line")
    (card,) = posted.embeds
    assert not posted.ephemeral
    assert (card.author.name, card.footer.text) == ("bob", "#general")
    assert card.description.endswith("\nsecond line")
    for raw in ("**odd**", "@everyone", "[x](", "<@1>", "||s||"):
        assert raw not in card.description


async def test_mute_author_asks_for_how_long_and_mutes(world: World):
    posted = await mirror(world)
    asked = await menu(world, "Mute author", posted)
    assert asked.ephemeral
    assert "Mute **bob** in #general for how long?" in said(asked)
    (select,) = [part for row in asked.response.components for part in row["components"]]
    assert [option["label"] for option in select["options"]] == ["10 minutes", "1 hour", "1 day", "1 week", "permanent"]
    # The select works after a restart as well.
    await world.restart()
    muted = await world.mod.select(asked.response, ["1h"])
    assert "🔇 Muted bob · #general" in text_of(asked.response)
    assert "**For** 1 hour" in text_of(asked.response)
    assert await world.muted() == {"bob"}
    # Without a log channel the others see the case here.
    assert not muted.followups[0].ephemeral
    assert buttons_of(muted.followups[0]) == ["cw:undo:1", "cw:extend:1"]
    again = await menu(world, "Mute author", posted)
    refused = await world.mod.select(again.response, ["1h"])
    assert "is muted in #general already" in said(refused)


async def test_muting_a_moderator_of_the_community_asks_once_more(world: World):
    await world.log_here()
    asked = await menu(world, "Mute author", await mirror(world, "mia"))
    await world.mod.select(asked.response, ["permanent"])
    assert "is a moderator of the community" in text_of(asked.response)
    assert await world.muted() == set()
    pressed = await world.mod.click(asked.response, label="Confirm")
    assert "🔇 Muted mia · #general" in text_of(asked.response)
    assert await world.muted() == {"mia"}
    assert pressed.followups == []
    await world.show_posts()
    assert "Muted mia · #general" in text_of(world.log.last_message)


async def test_history_lists_what_was_done_about_the_author(world: World):
    posted = await mirror(world)
    await world.mod.slash(world.room, "mute", member="bob", channel="general", reason="spam")
    result = await menu(world, "History", posted)
    assert result.ephemeral
    assert "History of bob" in said(result)
    assert "> spam" in said(result)


async def test_start_thread_asks_for_the_name_with_the_beginning_of_the_text_filled_in(world: World):
    text = "Who brings bread, water and a very long rope to the raid tonight?"
    form = await menu(world, "Start thread", await mirror(world, text=text))
    assert form.modal["title"] == "Start a thread"
    (label,) = form.modal["components"]
    assert (label["component"]["value"], label["component"]["max_length"]) == (text[:49] + "…", 50)
    done = await world.mod.submit_modal(form, {"name": "Bread and rope"})
    assert "Started thread “Bread and rope” in #general" in said(done)
    assert "**Owner** bob" in said(done)
    (thread,) = [thread async for thread in world.warden.im.threads.list(world.general)]
    assert (thread.owner, thread.name) == ("bob", "Bread and rope")
    # Its owner may have left the channel between the two.
    form = await menu(world, "Start thread", await mirror(world, "dora"))
    await world.warden.im.members.remove(world.community, world.general, "dora")
    refused = await world.mod.submit_modal(form, {"name": "Too late"})
    assert "“dora” is not in #general" in said(refused)


async def test_what_shows_nothing_who_may_not_and_who_is_no_member_get_one_sentence(world: World):
    nothing = (await world.mod.slash(world.room, "mute", member="carl", channel="general")).response
    posted = await mirror(world)
    for name in ("Mute author", "History", "Start thread"):
        refused = await menu(world, name, nothing)
        assert refused.ephemeral
        assert re.fullmatch(r"This message shows no message of the IM[^\n]*\.", said(refused))
        denied = await menu(world, name, posted, world.guest)
        assert (said(denied), denied.ephemeral) == ("This is for moderators.", True)
    world.locale = "zh-CN"
    assert said(await menu(world, "History", nothing)).startswith("这条消息不对应")
    world.locale = "en-US"
    # What was said in the name of the app itself is from nobody whom one could mute.
    asked = await menu(world, "Mute author", await mirror(world, "admin"))
    assert "“admin” is not in #general" in said(await world.mod.select(asked.response, ["1h"]))


async def test_who_lost_the_right_cannot_use_an_open_question(world: World):
    asked = await menu(world, "Mute author", await mirror(world))
    form = await menu(world, "Start thread", await mirror(world))
    world.env.backend.get_guild(world.guild.id).members[world.mod.id].role_ids.clear()
    assert said(await world.mod.select(asked.response, ["1h"])) == "This is for moderators."
    assert said(await world.mod.submit_modal(form, {"name": "x"})) == "This is for moderators."
    assert await world.muted() == set()


async def test_menus_follow_the_configured_hint_and_go_with_the_extension(world: World):
    bot = world.warden.bot

    def menus() -> list[app_commands.ContextMenu]:
        return bot.tree.get_commands(type=discord.AppCommandType.message)

    assert {menu.default_permissions for menu in menus()} == {discord.Permissions(moderate_members=True)}
    assert all(menu.guild_only for menu in menus())
    set_hints(bot.tree, {Level.MODERATOR: None, Level.ADMIN: "manage_guild"})
    assert {menu.default_permissions for menu in menus()} == {None}
    await bot.reload_extension("cogs")
    assert sorted(menu.name for menu in menus()) == ["History", "Mute author", "Start thread"]
    await bot.unload_extension("cogs")
    assert menus() == []
    await bot.load_extension("cogs")
