"""/case, and what /history says of everything that is no mute."""

import re

from bot.im import NewUser
from bot.services.clock import from_ms
from bot.services.records import ActionGroup, Sought
from bot.store.cases import add_case
from bot.ui.cases.sheets import _sought, case_subject
from bot.ui.lists import ADMIN_SHEETS
from tests.cogs.conftest import World, buttons_of, said, text_of


async def some_cases(world: World) -> None:
    """Three cases: a mute of bob and its end by mod2, and carl taken out of the channel."""
    await world.mod.slash(world.room, "mute", member="bob", channel="general", reason="spam")
    await world.mod2.slash(world.room, "unmute", member="bob", channel="general")
    await world.mod.slash(world.room, "member remove", member="carl", channel="general", reason="left")


async def test_show_tells_what_happened_in_order_and_has_the_buttons(world: World):
    await some_cases(world)
    shown = await world.mod2.slash(world.room, "case show", case="1")
    assert shown.ephemeral
    text = said(shown)
    assert "Mute lifted: bob · #general" in text
    told = text[text.index("**What happened**") :]
    assert re.search(
        rf"· asked for by <@{world.mod.id}>\n.* · done\n.* · lifted by <@{world.mod2.id}> \(case #2\)", told
    )
    assert buttons_of(shown.response) == []
    deed = await world.mod.slash(world.room, "case show", case="#3")
    assert "Removed carl from #general" in said(deed)
    assert buttons_of(deed.response) == ["cw:undo:3"]
    await world.mod.click(deed.response, custom_id="cw:undo:3")
    assert "Undone" in text_of(deed.response)
    assert "There is no case" in said(await world.mod.slash(world.room, "case show", case="99"))
    offered = await world.mod.autocomplete(world.room, "case show", "case", "carl")
    assert [choice["value"] for choice in offered] == ["4", "3"]
    assert offered[1]["name"] == "#3 remove carl from #general"


async def test_another_reason_is_shown_on_the_card_in_the_log_and_in_lists(world: World):
    await world.log_here()
    await some_cases(world)
    await world.show_posts()
    changed = await world.mod2.slash(world.room, "case reason", case="3", reason="asked to **leave**")
    assert changed.ephemeral
    for part in (r"**Reason** asked to \*\*leave\*\*", f"**Reason edited** by <@{world.mod2.id}>", "new reason by"):
        assert part in said(changed)
    await world.show_posts()
    post = next(message for message in world.log.history() if "Removed carl" in text_of(message))
    assert f"**Reason edited** by <@{world.mod2.id}>" in text_of(post)
    assert "**By** <@" + str(world.mod.id) in text_of(post)
    assert r"> asked to \*\*leave" in said(await world.mod.slash(world.room, "history", member="carl"))
    same = await world.mod.slash(world.room, "case reason", case="3", reason="asked to **leave**")
    assert said(same) == "Case #3 has this reason already."


async def test_list_combines_filters_and_says_which(world: World):
    await some_cases(world)

    async def listed(**options: object) -> str:
        return said(await world.mod.slash(world.room, "case list", **options))

    text = await listed()
    assert [int(number) for number in re.findall(r"\*\*#(\d+)\*\*", text)] == [3, 2, 1]
    assert "🔇 **#1** · bob · #general" in text
    assert "3 cases" in text
    text = await listed(member="BOB", staff=world.mod, action="mutes", since="1d")
    assert re.findall(r"\*\*#(\d+)\*\*", text) == ["1"]
    assert re.search(rf"bob · Mutes · by <@{world.mod.id}> · since <t:\d+:f>", text)
    assert "There is no such case." in await listed(action="settings")
    assert "There is no such case." in await listed(since="2999-01-01")
    assert "sometime" in await listed(since="sometime")


async def test_list_pages_keep_the_filter_over_a_restart(world: World):
    longest = "x" * 64
    values = {"staff_name": "mod", "channel_name": "general", "reason": "", "duration_ms": 60_000, "action": "mute"}
    values |= {"guild_id": world.guild.id, "staff_id": world.mod.id, "community_id": "c", "channel_id": "c"}

    def put(connection) -> None:
        for at in range(25):
            add_case(connection, **values, at_ms=10**12 + at, member_id=longest if at % 2 else "bob")

    await world.warden.store.write(put)
    shown = await world.mod.slash(
        world.room, "case list", member=longest, staff=world.mod, action="mutes", since="2001-01-01"
    )
    assert "12 cases · page 1 of 2" in said(shown)
    await world.restart()
    await world.mod.click(shown.response, label="Next")
    assert re.findall(r"\*\*#(\d+)\*\*", text_of(shown.response)) == ["4", "2"]
    assert len(buttons_of(shown.response)[0]) <= 100


def test_what_is_sought_fits_into_a_button_and_is_found_again():
    longest = Sought("x" * 64, 2**63 - 1, ActionGroup.SETTINGS, from_ms(4_000_000_000_000))
    for sought in (longest, Sought(), Sought(member="a:b"), Sought(since=from_ms(-5_000_000)), Sought(staff_id=0)):
        subject = case_subject(sought)
        assert len(f"cw:p:l:9999:{subject}") <= 100
        assert _sought(subject) == sought


async def test_export_attaches_the_servers_cases_and_is_for_admins(world: World):
    none = await world.admin.slash(world.room, "case export")
    assert "no cases to export" in said(none)
    await some_cases(world)
    done = await world.admin.slash(world.room, "case export", format="csv", since="7d")
    assert done.ephemeral
    assert "3 cases" in said(done)
    (file,) = done.response.attachments
    assert re.fullmatch(r"cases-\d{4}-\d\d-\d\d\.csv", file.filename)
    assert "administrators" in said(await world.mod.slash(world.room, "case export"))


async def test_history_counts_everything_that_was_done_about_a_member(world: World):
    await some_cases(world)
    await world.mod.slash(world.room, "undo", case="3")
    text = said(await world.mod.slash(world.room, "history", member="carl"))
    assert "2 membership changes" in text
    assert "➖ **#3** · remove carl from #general" in text
    assert "1 mute · 1 unmute" in said(await world.mod.slash(world.room, "history", member="bob"))


async def test_page_buttons_of_lists_for_admins_are_for_admins(world: World, monkeypatch):
    monkeypatch.setattr("bot.ui.pager.ADMIN_SHEETS", ADMIN_SHEETS | {"m"})
    names = [f"user{number:02}" for number in range(10)]
    await world.warden.im.users.create(*[NewUser(username=name) for name in names])
    for name in names:
        await world.warden.im.communities.join(world.community, name)
        await world.warden.im.members.add(world.community, world.general, name)
    shown = await world.mod.slash(world.room, "member list", channel="general")
    pressed = await world.mod.click(shown.response, label="Next")
    assert "administrators" in said(pressed)
