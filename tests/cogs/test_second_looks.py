"""Confirm: one press is one deed, however nervous the thumb, and about what the question named."""

import discord
import pytest

from bot.ui import confirm
from tests.cogs.conftest import World, buttons_of, said


async def test_a_question_takes_no_second_press_while_discord_is_told_of_the_first(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    asked = await world.admin.slash(world.room, "channel create", name="general")
    yes = next(one for one in buttons_of(asked.response) if one.endswith(":yes"))
    defer = discord.InteractionResponse.defer
    takes_another: list[bool] = []

    async def slowly(response: discord.InteractionResponse, **how: bool) -> None:
        # SimCord lets nobody press twice at once, so this is where the second press would come in.
        takes_another.append(confirm._open[world.warden.bot][yes.split(":")[2]].take())  # pyright: ignore[reportPrivateUsage]
        await defer(response, **how)

    monkeypatch.setattr(discord.InteractionResponse, "defer", slowly)
    await world.admin.click(asked.response, custom_id=yes)
    assert takes_another == [False]
    assert confirm._open[world.warden.bot] == {}  # pyright: ignore[reportPrivateUsage]
    listed = world.warden.im.channels.public(world.community)
    assert [channel.name async for channel in listed].count("general") == 2


async def test_a_channel_renamed_before_confirm_is_not_deleted(world: World):
    im = world.warden.im.channels
    spam = await im.create(world.community, "spam")
    asked = await world.admin.slash(world.room, "channel delete", channel="spam")
    await im.update(world.community, spam.channel_id, name="rules")
    await im.create(world.community, "spam")
    yes = next(one for one in buttons_of(asked.response) if one.endswith(":yes"))
    pressed = await world.admin.click(asked.response, custom_id=yes)
    assert "is called “rules” by now" in said(pressed)
    assert [channel.name async for channel in im.public(world.community)].count("spam") == 1
    assert (await im.get(world.community, spam.channel_id)).name == "rules"
