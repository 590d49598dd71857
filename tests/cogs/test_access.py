"""What autocomplete suggests; who may do what is tried for every command in `test_all_commands.py`."""

import pytest

from tests.cogs.conftest import World


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
