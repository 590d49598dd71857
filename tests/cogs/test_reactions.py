"""/reaction: what it says and lists; what it does is tried in tests/services/test_reactions.py."""

from tests.cogs.conftest import World, buttons_of, said, text_of
from tests.cogs.table import stock

FAMILY = "👨\u200d👩\u200d👧"


async def give(world: World, command: str, **options: str):
    return await world.mod.slash(world.room, f"reaction {command}", **{"message_id": world.message_id} | options)


async def test_reactions_are_told_with_whose_and_where_and_can_be_taken_back(world: World):
    await stock(world)
    added = await give(world, "add", emoji=FAMILY, member="dora")
    text = said(added)
    assert f"Added {FAMILY} to a message for dora" in text
    assert "**Channel** #general" in text
    assert "> Anyone up for a raid?" in text
    await world.mod.click(added.response, label="Undo")
    assert f"Undone: add {FAMILY} to a message for dora" in text_of(added.response)
    removed = await give(world, "remove", emoji="👍", member="carl")
    assert "Removed 👍 of carl from a message" in said(removed)
    assert buttons_of(removed.response) == ["cw:undo:3"]
    assert "custom emoji" in said(await give(world, "add", emoji="<:blob:123456789012345678>", member="dora"))
    assert "has digits only" in said(await give(world, "add", message_id="first", emoji="👍", member="dora"))


async def test_the_list_tells_emoji_counts_and_who_with_the_members_own_in_bold(world: World):
    await stock(world)
    for member in ("bob", "dora", "mia", "x" * 64, "bob_92"):
        await world.warden.im.reactions.add(member, world.message_id, "👍")
    await world.warden.im.reactions.add("dora", world.message_id, "**x** @everyone")
    result = await give(world, "list", channel="general", member="bob_92")
    text = said(result)
    assert result.ephemeral
    assert "Reactions in #general" in text
    assert "> **bob** Anyone up for a raid?" in text
    assert "👍 **6** · **bob\\_92**, carl, bob, dora, mia, 1 more" in text
    assert "@everyone" not in text
    assert "As bob_92 sees it" in text
