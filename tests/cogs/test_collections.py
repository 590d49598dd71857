"""/collection: list, add, edit, delete, import, export."""

import json
import re
from datetime import timedelta
from typing import Any

import discord

from bot.im import NewCollection
from bot.imservice import FaultAction
from bot.services.clock import to_ms
from bot.services.saved.service import handle
from tests.cogs.conftest import World, buttons_of, said, text_of

LIST = "GET /users/{user_id}/collections"
HOSTILE = "**odd** [x](https://evil.example) @everyone <@1> `c` ||s|| \u202egnp\n# head"


async def shelve(world: World, count: int, *, owner: str = "bob", kind: int = 1) -> list[str]:
    """Save items a minute apart, the newest a minute ago; return their ids, newest first."""
    now = to_ms(world.warden.services.clock.now())
    new = [NewCollection(f"i{n}", f"data {n}", kind, now - (n + 1) * 60_000, "note") for n in range(count)]
    await world.warden.im.collections.add_many(owner, new)
    return [item.collection_id for item in new]


async def there(world: World, owner: str = "bob") -> dict[str, tuple[str, int, str | None]]:
    listed = world.warden.im.collections.list(owner, begin=0)
    return {row.collection_id: (row.data, row.type, row.ext) async for row in listed}


async def slash(world: World, command: str, **options: Any) -> Any:
    return await world.admin.slash(world.room, f"collection {command}", **({"owner": "bob"} | options))


async def click(world: World, shown: Any, part: str, who: Any = None) -> Any:
    found = next(custom_id for custom_id in buttons_of(shown.response) if part in custom_id)
    return await (who or world.admin).click(shown.response, custom_id=found)


async def offered(world: World, command: str, option: str, typed: str, who: Any = None) -> list[dict[str, Any]]:
    return await (who or world.admin).autocomplete(world.room, f"collection {command}", option, typed, owner="bob")


async def test_list_pages_through_what_is_there_and_keeps_its_place_over_a_restart(world: World):
    await shelve(world, 25)
    first = await slash(world, "list")
    assert first.ephemeral
    text = said(first)
    assert "🔖 Collections of bob" in text
    assert re.search(r"\*\*data 0\*\*\n<t:\d+:R> · type 1 · note\n\n\*\*data 1\*\*", text)
    assert text.endswith("at least 11 items · page 1")
    await world.restart()
    before = world.im_service.count[LIST]
    await click(world, first, ":1:")
    assert "**data 10**" in text_of(first.response)
    assert world.im_service.count[LIST] == before + 1
    await click(world, first, ":2:")
    assert text_of(first.response).endswith("25 items · page 3 of 3")
    assert [one.split(":")[3] for one in buttons_of(first.response) if ":p:" in one] == ["1"]


async def test_an_item_is_opened_edited_and_deleted_from_the_list_without_typing(world: World):
    listed = await slash(world, "list")
    assert buttons_of(listed.response) == []
    long = HOSTILE * 10 + "the end"
    item = (await world.warden.im.collections.add("bob", long, 1, ext="old")).collection_id
    listed = await slash(world, "list")
    await world.restart()
    opened = await world.admin.select(listed.response, [handle(item)], custom_id="cw:saved:bob")
    assert opened.ephemeral
    assert "the end" in said(opened)
    assert item in said(opened)
    form = await click(world, opened, "cw:saved-edit:")
    field = form.modal["components"][0]["component"]
    assert field["value"] == "old"
    edited = await world.admin.submit_modal(form, {field["custom_id"]: "new"})
    assert "Changed the ext" in said(edited)
    asked = await click(world, opened, "cw:saved-delete:")
    assert "Delete **1** item of **bob**?" in said(asked)
    await click(world, asked, ":yes")
    assert "Deleted 1 item of bob" in text_of(asked.response)
    gone = await world.admin.select(listed.response, [handle(item)], custom_id="cw:saved:bob")
    assert "bob has no item" in said(gone)


async def test_list_shows_one_type_and_a_span_and_refuses_what_is_no_time(world: World):
    await shelve(world, 25, kind=-(2**31), owner="x" * 64)
    now = world.warden.services.clock.now()
    since, until = now - timedelta(minutes=20, seconds=30), (now - timedelta(minutes=5, seconds=30)).isoformat()
    options = {"owner": "X" * 64, "type": -(2**31), "since": since.isoformat(), "until": until}
    listed = await slash(world, "list", **options)
    text = said(listed)
    assert "**data 5**" in text
    assert "**data 4**" not in text
    assert f"Only type -2147483648 · Since <t:{int(since.timestamp())}:f> · Until <t:" in text
    # Even with the longest name there is room for all of it in a button.
    await click(world, listed, ":1:")
    assert text_of(listed.response).endswith("15 items · page 2 of 2")
    assert "Only type" in text_of(listed.response)
    assert "Nothing is saved here." in said(await slash(world, "list", type=1, since="7d", until="2100-01-01"))
    assert "I do not understand “soon” as a time" in said(await slash(world, "list", since="soon"))
    assert "“since” is later" in said(await slash(world, "list", since="1d", until="2d"))
    assert "The IM has no user “nobody”" in said(await slash(world, "list", owner="nobody"))


async def test_add_shows_the_beginning_alone_and_undo_takes_it_back(world: World):
    await world.log_here()
    added = await slash(world, "add", data=HOSTILE + "x" * 200 + "SECRET", type=-7, ext="tag")
    text = said(added)
    assert added.ephemeral
    assert "🔖 Saved an item for bob" in text
    assert "\\*\\*odd\\*\\*" in text
    assert "type -7" in text
    await world.show_posts()
    assert "SECRET" not in text + text_of(world.log.history()[-1])
    [saved] = (await there(world)).values()
    assert saved == (HOSTILE + "x" * 200 + "SECRET", -7, "tag")
    assert "is undone" in said(await click(world, added, "cw:undo:"))
    assert "Undone: save an item for bob" in text_of(added.response)
    assert await there(world) == {}
    history = said(await world.mod.slash(world.room, "history", member="bob"))
    assert "save an item for bob" in history
    assert "odd" not in history


async def test_edit_changes_the_ext_at_once_or_in_a_form_with_the_present_one(world: World):
    [item] = await shelve(world, 1)
    edited = await slash(world, "edit", collection=item, ext="new")
    assert "🏷️ Changed the ext of an item of bob" in said(edited)
    assert (await there(world))[item][2] == "new"
    assert (await offered(world, "edit", "collection", "0"))[0]["value"] == item
    opened = await slash(world, "edit", collection=item)
    assert opened.modal["title"] == "Ext of an item"
    label = opened.modal["components"][0]
    assert (label["component"]["value"], label["description"]) == ("new", "data 0")
    cleared = await world.admin.submit_modal(opened, {label["component"]["custom_id"]: ""})
    assert "**Ext** empty now" in said(cleared)
    assert (await there(world))[item][2] is None
    assert "is undone" in said(await click(world, cleared, "cw:undo:"))
    assert (await there(world))[item][2] == "new"
    assert "bob has no item “other”" in said(await slash(world, "edit", collection="other"))
    await world.warden.im.collections.update("bob", item, "x" * 4_001)
    world.warden.services.saved._recent.drop("bob")
    await offered(world, "edit", "collection", "")
    assert "too long for a form" in said(await slash(world, "edit", collection=item))
    # What cannot be had in time is not waited for: the form is empty and says so.
    world.im_down()
    blank = await slash(world, "edit", collection="other")
    assert "do not have the present ext at hand" in blank.modal["components"][0]["component"]["placeholder"]


async def test_items_are_chosen_by_their_age_and_beginning_one_after_the_other(world: World):
    ids = await shelve(world, 12)
    odd = "id with spaces, and ⟨commas⟩"
    await world.warden.im.collections.add("bob", HOSTILE, 1, collection_id=odd)
    one = await offered(world, "edit", "collection", "data 3")
    assert one == [{"name": "4 minutes ago · data 3", "value": ids[3]}]
    assert (await offered(world, "edit", "collection", "odd"))[0]["value"].startswith("~")
    text = ""
    for typed in ("data", "odd", "data"):
        # As Discord does it: the label is in the field, and one types on behind it.
        choice = (await offered(world, "delete", "collections", f"{text} {typed}"))[0]
        assert len(choice["name"]) <= 100
        text = choice["name"]
    assert re.fullmatch(r"~\w{8} ~\w{8} ~\w{8} ⟨2 minutes ago · data 1⟩", text)
    for command, option in (("edit", "collection"), ("delete", "collections"), ("list", "owner")):
        assert await offered(world, command, option, "", world.mod) == []
        assert await offered(world, command, option, "", world.guest) == []
    asked = await slash(world, "delete", collections=text)
    assert "Delete **3** items of **bob**? The first three:\n• data 0\n• \\*\\*odd\\*\\*" in said(asked)
    assert "Undo brings everything back" in said(asked)
    assert len(await there(world)) == 13
    before = await there(world)
    await click(world, asked, ":yes")
    assert "🗑️ Deleted 3 items of bob" in text_of(asked.response)
    assert not {ids[0], ids[1], odd} & set(await there(world))
    await click(world, asked, "cw:undo:")
    assert await there(world) == before


async def test_delete_refuses_unknown_and_too_many_items_in_one_sentence(world: World):
    [item] = await shelve(world, 1)
    assert "bob has no item “nothing”" in said(await slash(world, "delete", collections=f"{item}，nothing"))
    many = " ".join(f"n{n}" for n in range(101))
    assert "101 are too many at once: name at most 100" in said(await slash(world, "delete", collections=many))
    asked = await slash(world, "delete", collections=item)
    assert "Delete **1** item of **bob**?\n• data 0\nUndo brings" in said(asked)
    await click(world, asked, ":no")
    assert await there(world) != {}


async def test_import_previews_reports_progress_and_can_be_taken_back(world: World):
    rows = [{"id": f"n{n}", "data": f"text {n}", "type": n % 2, "created": 1_700_000_000_000 + n} for n in range(250)]
    content = "\n".join(json.dumps(row) for row in rows).encode()
    await world.warden.im.collections.add("bob", "mine", 1, collection_id="n0")
    asked = await slash(world, "import", file=("a.bin", content))
    text = said(asked)
    assert "Import **249** items for **bob**?" in text
    assert r"Types (how many): 1 \(125\), 0 \(124\)" in text
    assert "There already: 0" in text
    assert "other content: 1" in text
    seen = len(world.env.backend.http_requests)
    await click(world, asked, ":yes")
    assert "📥 Imported 249 items for bob" in text_of(asked.response)
    assert "1 was left alone" in text_of(asked.response)
    told = [str(request) for request in world.env.backend.http_requests[seen:]]
    assert any("of 249" in one for one in told)
    assert len(await there(world)) == 250
    await click(world, asked, "cw:undo:")
    assert list(await there(world)) == ["n0"]


async def test_a_bad_line_is_named_and_a_small_file_is_mended_on_the_spot(world: World):
    bad = b'{"data": "one", "type": 1}\n{"data": "two", "typ": 2}\n' + b"oops\n" * 6
    asked = await slash(world, "import", file=("a.jsonl", bad))
    text = said(asked)
    assert "7 lines are wrong. Nothing was imported." in text
    assert "Line 2: an unknown field" in text
    assert "Line 3: not a JSON object" in text
    assert "… and 2 more" in text
    assert await there(world) == {}
    assert "Only the person who gave the command" in said(await click(world, asked, "cw:mend:", owner_of(world)))
    assert "administrators" in said(await click(world, asked, "cw:mend:", world.mod))
    opened = await click(world, asked, "cw:mend:")
    field = opened.modal["components"][0]["component"]
    assert field["value"] == bad.decode()
    mended = await world.admin.submit_modal(opened, {field["custom_id"]: 'data,type\none,1\n"two",2\n'})
    assert "Import **2** items for **bob**?" in said(mended)
    await click(world, mended, ":yes")
    assert "Imported 2 items for bob" in text_of(mended.response)
    assert sorted(row[0] for row in (await there(world)).values()) == ["one", "two"]
    custom_id = next(one for one in buttons_of(asked.response) if "cw:mend:" in one)
    await world.restart()
    await world.admin.click(asked.response, custom_id=custom_id)
    assert "no longer open" in text_of(asked.response)
    large = await slash(world, "import", file=("a.jsonl", b"{oops\n" * 700))
    assert buttons_of(large.response) == []
    assert "not UTF-8" in said(await slash(world, "import", file=("a.csv", b"\xff\xfe")))


async def test_export_attaches_what_import_reads_back(world: World):
    await shelve(world, 205)
    await world.warden.im.collections.add("bob", HOSTILE, 2**31 - 1)
    exported = await slash(world, "export")
    assert exported.ephemeral
    assert "206 items of **bob**" in said(exported)
    [file] = exported.response.attachments
    assert file.filename == "collections-bob.jsonl"
    content = await file.read()
    asked = await slash(world, "import", owner="carl", file=("x", content))
    await click(world, asked, ":yes")
    assert await there(world, "carl") == await there(world)
    assert "dora has saved nothing" in said(await slash(world, "export", owner="dora"))


async def test_a_part_that_could_not_be_done_is_told_with_its_reason_in_chinese_too(world: World):
    ids = await shelve(world, 25)
    world.locale = "zh-CN"
    asked = await slash(world, "delete", collections=" ".join(ids))
    assert "确定删除 **bob** 的 **25** 条收藏吗？前三条：\n• data 0" in said(asked)
    calls = 0

    def fault(request: Any) -> Any:
        nonlocal calls
        calls += request.method == "DELETE"
        return FaultAction.answer(400) if calls > 1 and request.method == "DELETE" else None

    world.im_service.fault = fault
    await click(world, asked, ":yes")
    world.im_service.fault = None
    text = text_of(asked.response)
    assert "已删除 bob 的 20 条收藏" in text
    assert "5 条未处理：IM 拒绝" in text
    assert len(await there(world)) == 5
    await click(world, asked, "cw:undo:")
    assert len(await there(world)) == 25


def owner_of(world: World) -> Any:
    """Another admin."""
    role = world.guild.create_role("more admins", permissions=discord.Permissions(manage_guild=True))
    return world.guild.add_member(world.env.create_user("second"), roles=[role])
