"""/thread: what it says, asks and lists; what it does is tried in tests/services/test_threads.py."""

from tests.cogs.conftest import ODD_NAME, World, buttons_of, said, text_of
from tests.cogs.table import stock


async def give(world: World, command: str, **options: str):
    return await world.mod.slash(world.room, f"thread {command}", **options)


async def thread(world: World, name: str, owner: str = "bob") -> str:
    message = await world.warden.im.messages.send_text(world.general, "hello", sender=owner)
    return await world.warden.im.threads.create(world.general, message, owner, name)


async def test_a_thread_is_started_shown_renamed_and_taken_back(world: World):
    await stock(world)
    created = await give(world, "create", channel="general", message_id=world.message_id, name="Supplies", owner="bob")
    text = said(created)
    assert "🧵 Started thread “Supplies” in #general" in text
    assert "**Owner** bob" in text
    assert "> Anyone up for a raid?" in text
    assert buttons_of(created.response) == []
    shown = await give(world, "show", thread="supplies")
    assert shown.ephemeral
    assert "> **bob** Anyone up for a raid?" in said(shown)
    renamed = await give(world, "rename", thread="Supplies", name="Bread")
    assert "Renamed thread “Supplies” to “Bread”" in said(renamed)
    await world.mod.click(renamed.response, label="Undo")
    assert "Undone: rename thread “Supplies” to “Bread”" in text_of(renamed.response)
    assert "🧵 Supplies" in said(await give(world, "show", thread="Supplies"))


async def test_deleting_says_what_goes_for_good_and_asks_first(world: World):
    await stock(world)
    asked = await give(world, "delete", thread="Raid plans")
    text = said(asked)
    assert "Delete thread **Raid plans** in #general, owned by carl?" in text
    assert "gone for good" in text
    await world.mod.click(asked.response, label="Cancel")
    assert "Raid plans" in said(await give(world, "list", channel="general"))
    asked = await give(world, "delete", thread="Raid plans")
    await world.mod.click(asked.response, label="Confirm")
    assert "🗑️ Deleted thread “Raid plans” in #general" in text_of(asked.response)
    assert buttons_of(asked.response) == []
    assert "no thread “Raid plans”" in said(await give(world, "show", thread="Raid plans"))


async def test_members_of_a_thread_are_told_by_name_with_undo(world: World):
    await stock(world)
    added = await give(world, "add", thread="Raid plans", member="bob")
    assert "Added bob to thread “Raid plans”" in said(added)
    removed = await give(world, "remove", thread="Raid plans", member="bob")
    assert "Removed bob from thread “Raid plans”" in said(removed)
    assert buttons_of(removed.response) == ["cw:undo:2"]
    assert "owns thread “Raid plans”" in said(await give(world, "remove", thread="Raid plans", member="carl"))
    history = said(await world.mod.slash(world.room, "history", member="bob"))
    assert "add bob to thread “Raid plans”" in history


async def test_lists_are_private_name_who_and_when_and_page_by_scope(world: World):
    await stock(world)
    longest = "x" * 64
    for number in range(11):
        await thread(world, f"topic {number}", longest)
    await thread(world, ODD_NAME[:50])
    result = await give(world, "list", channel="general")
    text = said(result)
    assert result.ephemeral
    assert "Threads of #general" in text
    assert "13 threads · page 1 of 2" in text
    for raw in ("**odd**", "@everyone", "[x]("):
        assert raw not in text
    await world.mod.click(result.response, label="Next")
    assert "🧵 **Raid plans** · carl, <t:" in text_of(result.response)
    # The longest name has room in the buttons' ids.
    own = await give(world, "list", channel="general", scope="created", member=longest)
    assert "11 threads · page 1 of 2" in said(own)
    await world.mod.click(own.response, label="Next")
    assert "🧵 **topic 0**" in text_of(own.response)
    assert "choose a member" in said(await give(world, "list", channel="general", scope="joined"))
    assert "There are none." in said(await give(world, "list", channel="general", scope="joined", member="dora"))


async def test_threads_and_messages_are_suggested_by_name_and_text(world: World):
    await stock(world)

    async def offered(command: str, option: str, typed: str, who=world.mod, **filled: str) -> list[str]:
        choices = await who.autocomplete(world.room, command, option, typed, **filled)
        return [choice["name"] for choice in choices]

    assert await offered("thread show", "thread", "plans") == ["Raid plans · #general"]
    assert await offered("thread create", "message_id", "raid") == ["bob: Anyone up for a raid?"]
    assert await offered("thread create", "message_id", "", channel="elsewhere") == []
    assert await offered("thread show", "thread", "plans", world.guest) == []
    assert await offered("reaction add", "message_id", "", world.guest) == []
