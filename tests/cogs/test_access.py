"""Who may do what: every command, every autocomplete, in code, whatever Discord lets through."""

import pytest

from tests.cogs.conftest import World, said

MODERATOR_COMMANDS = {
    "mute": {"member": "bob", "channel": "general"},
    "unmute": {"member": "bob", "channel": "general"},
    "muted": {"channel": "general"},
    "history": {"member": "bob"},
    "undo": {},
    "channel list": {},
    "channel show": {"channel": "general"},
    "member list": {"channel": "general"},
    "member show": {"channel": "general", "member": "bob"},
    "status": {},
}
ADMIN_COMMANDS = {"settings community": {"community": "Aurora"}}
COMPLETED = [
    ("mute", "member", "bob"),
    ("mute", "channel", "gen"),
    ("mute", "duration", "1"),
    ("unmute", "member", "bob"),
    ("unmute", "channel", "gen"),
    ("muted", "channel", "gen"),
    ("history", "member", "bob"),
    ("channel list", "community", "Aur"),
    ("channel show", "channel", "gen"),
    ("member list", "channel", "gen"),
    ("member show", "channel", "gen"),
    ("member show", "member", "bob"),
]


@pytest.mark.parametrize("command", [*MODERATOR_COMMANDS, *ADMIN_COMMANDS])
async def test_a_guest_is_refused_privately_before_anything_is_asked_of_the_im(world: World, command: str):
    world.im_service.count.clear()
    result = await world.guest.slash(world.room, command, **(MODERATOR_COMMANDS | ADMIN_COMMANDS)[command])
    assert said(result) in {"This is for moderators.", "This is for administrators of this server."}
    assert result.ephemeral
    assert not world.im_service.count


async def test_a_moderator_is_refused_what_is_for_admins(world: World):
    before = world.warden.services.settings.get(world.guild.id)
    for command, options in {"settings log": {"channel": world.log}, **ADMIN_COMMANDS}.items():
        assert "administrators" in said(await world.mod.slash(world.room, command, **options))
    assert world.warden.services.settings.get(world.guild.id) == before


@pytest.mark.parametrize(("command", "option", "typed"), COMPLETED)
async def test_autocomplete_helps_moderators_and_tells_guests_nothing(
    world: World, command: str, option: str, typed: str
):
    assert await world.mod.autocomplete(world.room, command, option, typed)
    assert await world.guest.autocomplete(world.room, command, option, typed) == []


async def test_autocomplete_of_admin_commands_tells_moderators_nothing(world: World):
    assert await world.admin.autocomplete(world.room, "settings community", "community", "Aur")
    assert await world.mod.autocomplete(world.room, "settings community", "community", "Aur") == []


async def test_autocomplete_of_undo_offers_ones_own_cases(world: World):
    await world.mod.slash(world.room, "mute", member="bob", channel="general")
    offered = await world.mod.autocomplete(world.room, "undo", "case", "")
    assert offered == [{"name": "#1 mute bob in #general, 10 minutes", "value": "1"}]
    assert await world.mod2.autocomplete(world.room, "undo", "case", "") == []


async def test_members_are_those_of_the_channel_already_chosen(world: World):
    await world.warden.im.channels.create(world.community, "empty")
    offered = await world.mod.autocomplete(world.room, "mute", "member", "bob", channel="empty")
    assert offered == []
    offered = await world.mod.autocomplete(world.room, "mute", "member", "bob", channel="general")
    assert [choice["value"] for choice in offered] == ["bob", "bob_92"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("", {"name": "10 minutes", "value": "10m"}),
        ("90m", {"name": "1 hour 30 minutes", "value": "1h30m"}),
        ("２天", {"name": "2 days", "value": "2d"}),
        ("perm", {"name": "permanent", "value": "permanent"}),
        ("永久", {"name": "permanent", "value": "permanent"}),
        ("nonsense", {"name": "10 minutes", "value": "10m"}),
    ],
)
async def test_durations_are_offered_and_typed_ones_echoed(world: World, typed: str, first: dict):
    offered = await world.mod.autocomplete(world.room, "mute", "duration", typed)
    assert offered[0] == first
    assert len(offered) == len({choice["value"] for choice in offered})


async def test_autocomplete_is_empty_and_in_time_while_the_im_is_down(world: World):
    world.im_down()
    assert await world.mod.autocomplete(world.room, "mute", "member", "bob") == []


async def test_suggested_names_have_no_invisible_characters(world: World):
    await world.warden.im.channels.create(world.community, "a\u202eb\u200bc")
    offered = await world.mod.autocomplete(world.room, "mute", "channel", "")
    assert not any(mark in choice["name"] for choice in offered for mark in "\u202e\u200b")
