"""Mirrors: which Discord message shows which message of the IM."""

from __future__ import annotations

import pytest

from bot.services.clock import to_ms
from bot.services.mirrors import ImMessage
from bot.services.model import Place
from bot.services.refusals import Refusal
from tests.services.conftest import GUILD, World

PLACE = Place("community", "2001", "general")


async def note(world: World, message_id: int, im_message_id: str, text: str = "hello", **more) -> None:
    values = {"place": PLACE, "author_id": "Bob", "sent_at": world.clock.now()} | more
    shows = ImMessage(message_id=im_message_id, text=text, **values)  # pyright: ignore
    await world.services.mirrors.note(guild_id=GUILD, message_id=message_id, shows=shows)


async def test_a_mirror_is_found_by_its_discord_message_in_its_own_guild_and_after_a_restart(world: World) -> None:
    await note(world, 11, "900", "x" * 500)
    await note(world, 11, "901", "x" * 500)
    await world.restart()
    mirrors = world.services.mirrors
    (found,) = await mirrors.shown_by(GUILD, 11)
    assert (found.im_message_id, found.author_id, found.place, found.said) == ("901", "bob", PLACE, "x" * 200)
    assert found.text == "x" * 500
    for guild, message in ((GUILD, 12), (GUILD + 1, 11)):
        with pytest.raises(Refusal, match="refusal-no-mirror"):
            await mirrors.shown_by(guild, message)


async def test_the_last_mirrors_are_offered_newest_first_and_each_message_once(world: World) -> None:
    for number in range(30):
        await note(world, number, str(900 + number), f"text {number}")
        world.pass_time(seconds=1)
    await note(world, 50, "900", "text 0")
    await note(world, 60, "999", "Elsewhere", place=Place("community", "2002", "off-topic"), author_id="carl")
    mirrors = world.services.mirrors
    assert [mirror.im_message_id for mirror in await mirrors.recent(GUILD)][:3] == ["999", "900", "929"]
    assert len(await mirrors.recent(GUILD)) == 25
    assert [found.value for found in await mirrors.suggest(GUILD, "TEXT 0")] == ["900"]
    assert [found.label for found in await mirrors.suggest(GUILD, "carl")] == ["carl: Elsewhere"]
    assert [found.value for found in await mirrors.suggest(GUILD, "", "#Off-Topic")] == ["999"]
    assert [found.value for found in await mirrors.suggest(GUILD, "", "2002")] == ["999"]
    assert await mirrors.suggest(GUILD + 1, "") == []


async def test_ids_are_taken_of_the_im_or_of_discord_and_only_as_digits(world: World) -> None:
    await note(world, 11, "900")
    mirrors = world.services.mirrors
    assert [(await mirrors.meant(GUILD, text))[0] for text in ("900", " ９００ ", "11", "77")] == [
        *["900"] * 3,
        "77",
    ]
    assert (await mirrors.meant(GUILD, "1" * 30))[1] is None
    for text in ("abc", "", "-1", "1" * 31, "½", "900 901"):
        with pytest.raises(Refusal, match="refusal-message-id"):
            await mirrors.meant(GUILD, text)


async def test_old_mirrors_are_forgotten(world: World) -> None:
    await note(world, 1, "900")
    world.pass_time(days=1)
    await note(world, 2, "901")
    assert await world.services.mirrors.forget_before(to_ms(world.clock.now())) == 1
    assert [mirror.message_id for mirror in await world.services.mirrors.recent(GUILD)] == [2]
