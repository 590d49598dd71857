"""Undo, Extend and the presets: on public and private cards, after restarts, two at once."""

import asyncio

import pytest

from bot.services.model import Staff
from tests.cogs.conftest import World, buttons_of, logbook_of, said, text_of


@pytest.fixture
async def card(world: World):
    return await world.mod.slash(world.room, "mute", member="bob", channel="general")


async def test_undo_lifts_edits_the_card_and_tells_the_presser_alone(world: World, card):
    pressed = await world.mod2.click(card.response, custom_id="cw:undo:1")
    assert await world.muted() == set()
    assert "Undone: bob" in text_of(card.response)
    assert buttons_of(card.response) == []
    assert [note.ephemeral for note in pressed.followups] == [True]
    assert "Case #1 is undone" in text_of(pressed.followups[0])


async def test_second_press_on_undo_is_told_the_truth_and_the_card_too(world: World, card):
    # The second finger is quicker than the logbook, which would take the button away.
    await logbook_of(world.warden.bot).cog_unload()
    await world.warden.services.undo.undo(staff=_staff(world), guild_id=world.guild.id, case_id=1)
    pressed = await world.mod2.click(card.response, custom_id="cw:undo:1")
    assert "Case #1 is undone already." in said(pressed)
    assert "Undone: bob" in text_of(card.response)


async def test_two_people_undoing_at_once_change_one_thing(world: World, card):
    undo = world.warden.services.undo
    calls = [undo.undo(staff=_staff(world), guild_id=world.guild.id, case_id=1) for _ in range(2)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 1


async def test_extend_asks_privately_and_lengthens(world: World, card):
    asked = await world.mod2.click(card.response, custom_id="cw:extend:1")
    assert asked.response.ephemeral
    assert buttons_of(asked.response) == ["cw:extend-by:1"]
    chosen = await world.mod2.select(asked.response, ["3600000"])
    assert "Now until <t:" in text_of(asked.response)
    assert any("**For** 1 hour 10 minutes" in text_of(note) and not note.ephemeral for note in chosen.followups)
    await world.show_posts()
    assert "Mute replaced: bob" in text_of(card.response)


async def test_extend_to_permanent(world: World, card):
    asked = await world.mod.click(card.response, custom_id="cw:extend:1")
    await world.mod.select(asked.response, ["permanent"])
    assert "Now until somebody lifts it" in text_of(asked.response)


async def test_extend_of_a_private_card_happens_in_place(world: World):
    await world.log_here()
    card = await world.mod.slash(world.room, "mute", member="carl", channel="general")
    assert card.ephemeral
    asked = await world.mod.click(card.response, custom_id="cw:extend:1")
    assert asked.followups == []
    assert buttons_of(card.response) == ["cw:extend-by:1"]
    await world.mod.select(card.response, ["3600000"])
    assert "Mute changed: carl" in text_of(card.response)
    assert buttons_of(card.response) == ["cw:undo:2", "cw:extend:2"]


async def test_undo_of_an_extension_shows_the_old_end_again(world: World, card):
    asked = await world.mod.click(card.response, custom_id="cw:extend:1")
    chosen = await world.mod.select(asked.response, ["3600000"])
    pressed = await world.mod.click(chosen.followups[0], custom_id="cw:undo:2")
    assert any("**For** 10 minutes" in text_of(note) for note in pressed.followups)
    assert await world.muted() == {"bob"}


async def test_buttons_are_for_moderators_only(world: World, card):
    for custom_id in ("cw:undo:1", "cw:extend:1"):
        pressed = await world.guest.click(card.response, custom_id=custom_id)
        assert said(pressed).startswith("This is for moderators.")
        assert pressed.ephemeral
    assert await world.muted() == {"bob"}


async def test_undo_and_extend_work_after_a_restart(world: World, card):
    await world.restart()
    asked = await world.mod.click(card.response, custom_id="cw:extend:1")
    await world.restart()
    await world.mod.select(asked.response, ["3600000"])
    assert "Now until <t:" in text_of(asked.response)
    await world.restart()
    other = await world.mod.slash(world.room, "mute", member="carl", channel="general")
    await world.restart()
    await world.mod.click(other.response, custom_id="cw:undo:3")
    assert await world.muted() == {"bob"}


async def test_undo_while_the_im_is_down_leaves_the_card_and_gives_a_reference(world: World, card):
    world.im_down()
    pressed = await world.mod.click(card.response, custom_id="cw:undo:1")
    assert "Reference `" in said(pressed)
    assert buttons_of(card.response) == ["cw:undo:1", "cw:extend:1"]


def _staff(world: World) -> Staff:
    return Staff(world.mod.id, "mod")
