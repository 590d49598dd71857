"""What each Discord server has set: read from memory, kept in the database."""

from __future__ import annotations

import asyncio

import pytest

from bot.services.access import Grants, Level
from bot.services.model import Action, CaseView, GuildSettings, Outcome
from bot.services.refusals import NeedsConfirmation, Refusal, Unsettled
from bot.services.settings import SettingsService
from bot.store import StoreError
from tests.services.conftest import ANNA, BEN, GUILD, World


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


async def change(world: World, setting: str, **options: object) -> CaseView:
    operation = getattr(world.services.preferences, f"set_{setting}")
    return await operation(staff=ANNA, guild_id=GUILD, **options)


async def role(world: World, level: str, role_id: int, *, confirmed: bool = False) -> CaseView:
    return await change(world, "role", level=level, role_id=role_id, role_name="crew", confirmed=confirmed)


async def undo(world: World, case: CaseView) -> CaseView:
    return await world.services.undo.undo(staff=BEN, guild_id=GUILD, case_id=case.id)


def level(world: World, *roles: int, guild_id: int = GUILD) -> Level:
    return world.services.access.level(guild_id=guild_id, role_ids=roles, permissions=())


CHANGES = [
    ("community", {"community": "Aurora"}, "community_id", None),
    ("log", {"channel_id": 99}, "log_channel_id", None),
    ("duration", {"duration": "1h30m"}, "default_duration_ms", 600_000),
    ("language", {"language": "zh-CN"}, "language", None),
    ("oncall", {"role_id": 5}, "oncall_role_id", None),
    ("feed", {"channel_id": 98}, "feed_channel_id", None),
]


@pytest.mark.parametrize(("setting", "options", "field", "unset"), CHANGES)
async def test_each_change_is_a_case_and_can_be_taken_back_while_it_holds(
    world: World, setting: str, options: dict, field: str, unset: object
) -> None:
    case = await change(world, setting, **options)
    assert (case.action, case.outcome, case.details["name"]) == (Action.SETTING, Outcome.APPLIED, setting)
    value = getattr(world.services.settings.get(GUILD), field)
    assert (case.details["before"], case.details["after"]) == (unset, value)
    with pytest.raises(Refusal, match="refusal-same-setting"):
        await change(world, setting, **options)
    undone = await undo(world, case)
    assert getattr((await reloaded(world)).get(GUILD), field) == unset
    again = await undo(world, undone)
    assert getattr(world.services.settings.get(GUILD), field) == value
    # Somebody else sets it otherwise, past us: what is theirs is left alone.
    await world.services.settings._set(GUILD, **{field: 77 if setting != "language" else "en-US"})
    with pytest.raises(Refusal, match="refusal-moved-on"):
        await undo(world, again)


async def test_a_case_about_the_community_keeps_its_names(world: World) -> None:
    other = await world.im.communities.create("dora", "Borealis")
    await change(world, "community", community="Aurora")
    case = await change(world, "community", community=other)
    assert (case.details["before_label"], case.details["after_label"]) == ("Aurora", "Borealis")
    back = await undo(world, case)
    assert (back.details["before_label"], back.details["after_label"]) == ("Borealis", "Aurora")
    with pytest.raises(Refusal, match="refusal-unknown-community"):
        await change(world, "community", community="Nope")


async def test_the_log_channel_chosen_again_after_trouble_is_tried_anew(world: World) -> None:
    await change(world, "log", channel_id=99)
    await world.services.settings.note_log_problem(GUILD, "forbidden")
    await change(world, "log", channel_id=99)
    assert world.services.settings.log_problem(GUILD) is None


async def test_the_usual_duration_is_checked_and_holds_for_mutes(world: World) -> None:
    for text, refusal in [("permanent", "refusal-duration-usual-permanent"), ("10", "refusal-duration-bare")]:
        with pytest.raises(Refusal, match=refusal):
            await change(world, "duration", duration=text)
    await change(world, "duration", duration="２小时")
    assert (await world.mute(duration=None)).duration_ms == 7_200_000


async def test_roles_are_given_held_over_restarts_and_taken_off_after_a_question(world: World) -> None:
    assert level(world, 500) is Level.NONE
    given = await role(world, "moderator", 500)
    await role(world, "admin", 600)
    assert (level(world, 500), level(world, 600), level(world, 500, 600)) == (
        Level.MODERATOR,
        Level.ADMIN,
        Level.ADMIN,
    )
    assert level(world, 500, guild_id=GUILD + 1) is Level.NONE
    await world.restart()
    assert level(world, 500) is Level.MODERATOR
    with pytest.raises(NeedsConfirmation, match="confirm-role-away"):
        await role(world, "moderator", 500)
    assert level(world, 500) is Level.MODERATOR
    taken = await role(world, "moderator", 500, confirmed=True)
    assert level(world, 500) is Level.NONE
    # Two were asked; the second answer must not give the role again.
    with pytest.raises(Refusal, match="refusal-role-gone"):
        await role(world, "moderator", 500, confirmed=True)
    with pytest.raises(Refusal, match="refusal-moved-on"):
        await undo(world, given)
    await undo(world, taken)
    assert level(world, 500) is Level.MODERATOR


async def test_everybody_is_no_role_and_configured_roles_keep_holding(world: World) -> None:
    for refused in (role(world, "admin", GUILD), change(world, "oncall", role_id=GUILD)):
        with pytest.raises(Refusal, match="refusal-everyone"):
            await refused
    world.services.access._roles[Level.MODERATOR] = frozenset({300})
    with pytest.raises(Refusal, match="refusal-role-configured"):
        await role(world, "moderator", 300)
    await role(world, "moderator", 500)
    assert (level(world, 300), level(world, 500)) == (Level.MODERATOR, Level.MODERATOR)
    seen = await world.services.preferences.overview(GUILD)
    assert seen.moderators == Grants("moderate_members", frozenset({300}), frozenset({500}))
    assert seen.admins == Grants("manage_guild", frozenset(), frozenset())


async def test_the_overview_tells_what_is_set_and_what_holds_by_itself(world: World) -> None:
    seen = await world.services.preferences.overview(GUILD)
    assert seen.own == GuildSettings(GUILD)
    assert seen.community is not None
    assert seen.community.name == "Aurora"
    await world.services.settings.set_community(GUILD, "gone")
    assert (await world.services.preferences.overview(GUILD)).community is None


async def test_a_change_that_the_crash_kept_from_being_told_is_settled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_args: object) -> bool:
        raise StoreError("the database is gone")

    monkeypatch.setattr(world.services.deeds, "_applied", lost)
    with pytest.raises(Unsettled):
        await change(world, "oncall", role_id=5)
    monkeypatch.undo()
    await world.restart()
    assert await world.services.deeds.settle() == 1
    assert (await world.case(1)).outcome is Outcome.APPLIED
    assert world.services.settings.get(GUILD).oncall_role_id == 5


async def test_two_changes_of_one_setting_at_once_are_one_change(world: World) -> None:
    outcomes = await asyncio.gather(
        *(change(world, "language", language="zh-CN") for _ in range(2)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
