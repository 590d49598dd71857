"""/block: what it says, lists and suggests; what it does is tried in tests/services/test_blocks.py."""

from bot.im import NewUser
from bot.ui.lists import ADMIN_SHEETS
from tests.cogs.conftest import World, said, text_of


async def give(world: World, command: str, **options: str):
    return await world.admin.slash(world.room, f"block {command}", owner="bob", **options)


async def test_a_batch_tells_who_was_blocked_and_who_not_and_undo_takes_back_its_own(world: World):
    await world.warden.im.blocks.add("bob", "mia")
    result = await give(world, "add", members="carl, dora，mia nobody bob")
    text = said(result)
    for part in (
        "⛔ Blocked 2 users for bob",
        "**Names** carl, dora",
        "**Blocked already** mia",
        "**Not in the IM** nobody",
        "**The owner, left out** bob",
    ):
        assert part in text
    shown = said(await give(world, "list"))
    assert "Blocked by bob" in shown
    assert "3 blocked" in shown
    assert "b" in ADMIN_SHEETS
    await world.admin.click(result.response, label="Undo")
    assert "Undone: block 2 users for bob" in text_of(result.response)
    assert await world.warden.im.blocks.latest("bob") == ("mia",)
    removed = said(await give(world, "remove", member="mia"))
    assert "🕊️ Unblocked mia for bob" in removed
    assert "**Names**" not in removed
    assert said(await give(world, "remove", member="mia")) == "bob does not block “mia”."
    assert "Nobody is blocked." in said(await give(world, "list"))


async def test_the_longest_names_fit_on_one_card(world: World):
    names = [f"{'_' * 62}{number}" for number in range(10, 60)]
    await world.warden.im.users.create(*[NewUser(username=name) for name in names[:40]])
    await world.warden.im.blocks.add("bob", *names[20:40])
    result = await give(world, "add", members=" ".join(names))
    assert "Blocked 20 users for bob" in said(result)
    assert " and 16 more" in said(result)
    assert len(result.response.embeds[0].description) <= 4096


async def test_refusals_say_why_in_one_sentence(world: World):
    await world.warden.im.blocks.add("bob", "mia")
    sentences = {
        "mia": "bob blocks mia already.",
        "bob": "bob cannot block themselves.",
        "nobody": "The IM has no user “nobody”.",
        " ".join(f"u{number}" for number in range(51)): "These are 51 names; at most 50 go at once.",
    }
    for members, sentence in sentences.items():
        assert said(await give(world, "add", members=members)) == sentence


async def test_the_last_name_of_a_list_is_completed_and_the_whole_text_kept(world: World):
    async def offered(typed: str):
        return await world.admin.autocomplete(world.room, "block add", "members", typed, owner="bob")

    assert await offered("ca") == [{"name": "carl", "value": "carl"}]
    assert await offered("carl，do") == [{"name": "carl，dora", "value": "carl，dora"}]
    # Who is named already is not offered again.
    assert [choice["value"] for choice in await offered("bob bo")] == ["bob bob_92"]
    # What Discord would cut is not offered.
    assert await offered(f"{'x' * 64} {'y' * 32} bob") == []
    found = await world.admin.autocomplete(world.room, "block remove", "member", "", owner="bob")
    assert found == []
    await give(world, "add", members="carl")
    found = await world.admin.autocomplete(world.room, "block remove", "member", "", owner="bob")
    assert found == [{"name": "carl", "value": "carl"}]
