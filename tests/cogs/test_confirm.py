"""The second look before a moderator is muted."""

from bot.services.model import Staff
from tests.cogs.conftest import World, buttons_of, said, text_of


async def ask(world: World):
    return await world.mod.slash(world.room, "mute", member="mia", channel="general", reason="why")


def button(result, says: str) -> str:
    return next(custom_id for custom_id in buttons_of(result.response) if custom_id.endswith(says))


async def test_muting_a_moderator_asks_first_and_confirm_carries_it_out(world: World):
    asked = await ask(world)
    assert "is a moderator of the community" in said(asked)
    assert await world.muted() == set()
    await world.mod.click(asked.response, custom_id=button(asked, "yes"))
    assert "Muted mia · #general" in text_of(asked.response)
    assert await world.muted() == {"mia"}


async def test_cancel_changes_nothing(world: World):
    asked = await ask(world)
    await world.mod.click(asked.response, custom_id=button(asked, "no"))
    assert text_of(asked.response) == "Cancelled. Nothing was changed."
    assert buttons_of(asked.response) == []
    assert await world.muted() == set()


async def test_only_the_invoker_may_answer(world: World):
    asked = await ask(world)
    pressed = await world.mod2.click(asked.response, custom_id=button(asked, "yes"))
    assert "Only the person who gave the command" in said(pressed)
    assert pressed.ephemeral
    assert await world.muted() == set()
    await world.mod.click(asked.response, custom_id=button(asked, "yes"))
    assert await world.muted() == {"mia"}


async def test_an_unanswered_question_closes_visibly_after_two_minutes(world: World):
    asked = await ask(world)
    await world.env.advance_time(121)
    assert "No answer within 2 minutes" in text_of(asked.response)
    assert buttons_of(asked.response) == []
    assert await world.muted() == set()


async def test_a_question_from_before_a_restart_says_what_to_do(world: World):
    asked = await ask(world)
    yes = button(asked, "yes")
    await world.restart()
    await world.mod.click(asked.response, custom_id=yes)
    assert "no longer open" in text_of(asked.response)
    assert buttons_of(asked.response) == []
    assert await world.muted() == set()


async def test_a_refusal_after_confirm_takes_the_place_of_the_question(world: World):
    asked = await ask(world)
    await world.mod2.slash(world.room, "mute", member="bob", channel="general")
    await world.warden.services.mutes.mute(
        staff=world_staff(world),
        guild_id=world.guild.id,
        channel="general",
        member="mia",
        duration="1h",
        reason="",
        confirmed=True,
    )
    await world.mod.click(asked.response, custom_id=button(asked, "yes"))
    assert "is muted in #general already" in text_of(asked.response)
    assert buttons_of(asked.response) == []


def world_staff(world: World) -> Staff:
    return Staff(world.mod2.id, "mod2")
