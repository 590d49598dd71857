"""What each Discord server has set: read from memory, kept in the database."""

from __future__ import annotations

import asyncio

from bot.services.model import GuildSettings
from bot.services.settings import SettingsService
from tests.services.conftest import GUILD, World


async def reloaded(world: World, **options: str) -> SettingsService:
    service = SettingsService(world.store, **options)
    await service.load()
    return service


async def test_a_guild_that_has_set_nothing_has_the_defaults(world: World) -> None:
    assert world.services.settings.get(GUILD) == GuildSettings(GUILD)
    assert world.services.settings.get(GUILD).default_duration_ms == 600_000


async def test_what_was_set_survives_a_restart_and_is_the_guilds_own(world: World) -> None:
    settings = world.services.settings
    assert (await settings.set_community(GUILD, "s1")).community_id == "s1"
    changed = await settings.set_log_channel(GUILD, 2**63 - 1)
    assert changed == GuildSettings(GUILD, community_id="s1", log_channel_id=2**63 - 1)
    assert settings.get(GUILD) == changed
    again = await reloaded(world)
    assert again.get(GUILD) == changed
    assert again.get(GUILD + 1) == GuildSettings(GUILD + 1)


async def test_a_log_channel_can_be_taken_away_again(world: World) -> None:
    await world.services.settings.set_log_channel(GUILD, 99)
    assert (await world.services.settings.set_log_channel(GUILD, None)).log_channel_id is None
    assert (await reloaded(world)).get(GUILD).log_channel_id is None


async def test_the_programs_default_community_holds_where_none_is_set(world: World) -> None:
    settings = await reloaded(world, default_community="house")
    assert settings.get(GUILD).community_id == "house"
    await settings.set_log_channel(GUILD, 99)
    assert settings.get(GUILD).community_id == "house"
    await settings.set_community(GUILD, "own")
    assert settings.get(GUILD).community_id == "own"
    # The default is the program's, never written down as the guild's wish.
    await settings.set_log_channel(GUILD + 1, 99)
    assert (await reloaded(world)).get(GUILD + 1).community_id is None


async def test_a_log_channel_that_refuses_is_remembered_until_it_works_or_is_changed(world: World) -> None:
    settings = world.services.settings
    assert settings.log_problem(GUILD) is None
    await settings.note_log_problem(GUILD, "forbidden")
    assert (await reloaded(world)).log_problem(GUILD) == "forbidden"
    await settings.note_log_problem(GUILD, None)
    assert (await reloaded(world)).log_problem(GUILD) is None
    await settings.note_log_problem(GUILD, "gone")
    await settings.set_log_channel(GUILD, 100)
    assert settings.log_problem(GUILD) is None
    assert (await reloaded(world)).log_problem(GUILD) is None


async def test_settings_of_one_guild_set_at_once_are_all_kept(world: World) -> None:
    settings = world.services.settings
    await asyncio.gather(
        settings.set_community(GUILD, "s1"),
        settings.set_log_channel(GUILD, 99),
        *(settings.set_log_channel(GUILD + number, number) for number in range(1, 20)),
    )
    expected = GuildSettings(GUILD, community_id="s1", log_channel_id=99)
    assert settings.get(GUILD) == expected
    assert (await reloaded(world)).get(GUILD) == expected
