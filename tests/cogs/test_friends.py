"""/friend: what it says and lists; what it does is tried in tests/services/test_friends.py."""

from bot.im import NewUser
from tests.cogs.conftest import World, buttons_of, said, text_of

BOB_CARL = {"owner": "bob", "friend": "carl"}


async def give(world: World, command: str, **options: str):
    return await world.admin.slash(world.room, f"friend {command}", **options)


async def test_friendships_are_told_with_both_sides_and_taken_back_with_their_remark(world: World):
    added = await give(world, "add", **BOB_CARL)
    assert "🤝 Made carl a friend of bob" in said(added)
    assert "Both ways: each is on the other's list." in said(added)
    assert "carl is a friend of bob already" in said(await give(world, "add", **BOB_CARL))
    remark = "**Captain** @everyone [x](https://evil.example)"
    remarked = await give(world, "remark", remark=remark, **BOB_CARL)
    assert "Changed what bob calls carl" in said(remarked)
    assert "\\*\\*Captain\\*\\*" in said(remarked)
    assert "@everyone" not in said(remarked)
    removed = await give(world, "remove", **BOB_CARL)
    assert "💔 Removed carl from the friends of bob" in said(removed)
    assert "neither is on the other's list" in said(removed)
    await world.admin.click(removed.response, label="Undo")
    assert "Undone: remove carl from the friends of bob" in text_of(removed.response)
    shown = said(await give(world, "list", owner="Bob"))
    assert "Friends of bob" in shown
    assert "• carl · \\*\\*Captain" in shown
    assert "1 friend" in shown


async def test_a_remark_that_is_cleared_or_too_long_or_of_a_stranger(world: World):
    assert "is no friend of bob. Make them friends first" in said(await give(world, "remark", remark="x", **BOB_CARL))
    await world.warden.im.contacts.add("bob", "carl")
    await world.warden.im.contacts.set_remark("bob", "carl", "Captain")
    too_long = said(await give(world, "remark", remark="x" * 101, **BOB_CARL))
    assert too_long == "A remark has at most 100 characters; this one has 101."
    cleared = said(await give(world, "remark", remark=" ", **BOB_CARL))
    assert "**Remark** none any more" in cleared
    assert "**Before** Captain" in cleared


async def test_the_owners_friends_are_suggested_by_name_or_remark_once_there_is_an_owner(world: World):
    await world.warden.im.contacts.add("bob", "carl")
    await world.warden.im.contacts.set_remark("bob", "carl", "Captain")

    async def offered(typed: str, **filled: str):
        return await world.admin.autocomplete(world.room, "friend remove", "friend", typed, **filled)

    assert await offered("capt", owner="bob") == [{"name": "carl · Captain", "value": "carl"}]
    assert await offered("", owner="dora") == []
    for half in ({}, {"owner": "bo"}, {"owner": "no name"}):
        assert await offered("", **half) == []


async def test_many_friends_have_pages_for_admins_only(world: World):
    im = world.warden.im
    names = [f"user{number:02}" for number in range(12)]
    await im.users.create(*[NewUser(username=name) for name in names])
    for name in names:
        await im.contacts.add("bob", name)
    shown = await give(world, "list", owner="bob")
    assert shown.ephemeral
    assert "12 friends · page 1 of 2" in said(shown)
    assert buttons_of(shown.response) == ["cw:p:f:1:bob"]
    await world.admin.click(shown.response, label="Next")
    assert "• user00" in text_of(shown.response)
    roles = world.env.backend.get_guild(world.guild.id).members[world.admin.id].role_ids
    roles[:] = world.env.backend.get_guild(world.guild.id).members[world.mod.id].role_ids
    pressed = await world.admin.click(shown.response, label="Back")
    assert "administrators" in said(pressed)
