"""/channel, /member, /history and paging."""

import re

import pytest

from bot.im import NewUser
from tests.cogs.conftest import World, buttons_of, said, text_of


async def crowd(world: World, count: int) -> None:
    im = world.warden.im
    names = [f"user{number:03}" for number in range(count)]
    await im.users.create(*[NewUser(username=name) for name in names])
    for name in names:
        await im.communities.join(world.community, name)
        await im.members.add(world.community, world.general, name)


async def test_channel_list_names_all_with_their_kind(world: World):
    await world.warden.im.channels.create(world.community, "secret", type=1)
    result = await world.mod.slash(world.room, "channel list")
    assert result.ephemeral
    text = said(result)
    assert "Channels of Aurora" in text
    assert "💬 **general**" in text
    assert "💬 **secret** · private" in text
    assert "4 channels" in text


@pytest.mark.parametrize(
    ("visibility", "there", "away"), [("public", "general", "secret"), ("private", "secret", "general")]
)
async def test_channel_list_by_visibility(world: World, visibility: str, there: str, away: str):
    await world.warden.im.channels.create(world.community, "secret", type=1)
    text = said(await world.mod.slash(world.room, "channel list", visibility=visibility))
    assert f"**{there}**" in text
    assert away not in text


async def test_channel_list_of_another_community_by_name_or_not_at_all(world: World):
    other = await world.warden.im.communities.create("dora", "Borealis")
    await world.warden.im.channels.create(other, "elsewhere")
    assert "elsewhere" in said(await world.mod.slash(world.room, "channel list", community="Borealis"))
    assert "no community “Nope”" in said(await world.mod.slash(world.room, "channel list", community="Nope"))


async def test_several_communities_without_a_choice_are_refused_with_the_way_out(world: World):
    await world.warden.im.communities.create("dora", "Borealis")
    assert "/settings community" in said(await world.mod.slash(world.room, "channel list"))


async def test_two_channels_of_one_name_show_their_ids_and_are_refused_by_name(world: World):
    twin = await world.warden.im.channels.create(world.community, "general")
    text = said(await world.mod.slash(world.room, "channel list"))
    assert f"`{twin.channel_id}`" in text
    assert f"`{world.general}`" in text
    refused = said(await world.mod.slash(world.room, "channel show", channel="general"))
    assert twin.channel_id in refused
    assert world.general in refused
    assert "**ID**" in said(await world.mod.slash(world.room, "channel show", channel=twin.channel_id))


async def test_odd_channel_names_are_shown_but_format_nothing(world: World):
    text = said(await world.mod.slash(world.room, "channel list"))
    assert "odd" in text
    for raw in ("**odd", "@everyone", "[x](", " <@1>"):
        assert raw not in text


async def test_channel_show(world: World):
    result = await world.mod.slash(world.room, "channel show", channel="general")
    assert result.ephemeral
    text = said(result)
    for part in ("#general", "Talk", "Public", "**Owner** olga", f"`{world.general}`"):
        assert part in text


async def test_channel_show_of_an_unknown_one_is_refused(world: World):
    assert "no channel “nope”" in said(await world.mod.slash(world.room, "channel show", channel="nope"))


async def test_member_list_has_the_owner_first(world: World):
    text = said(await world.mod.slash(world.room, "member list", channel="general"))
    assert text.splitlines()[:3] == ["Members of #general", "👑 olga", "• bob"]
    assert "7 members" in text


async def test_member_show(world: World):
    text = said(await world.mod.slash(world.room, "member show", channel="general", member="mia"))
    assert "Member of #general" in text
    assert "Moderator of the community" in text
    assert "Not muted" in text
    await world.mod.slash(world.room, "mute", member="bob", channel="general")
    text = said(await world.mod.slash(world.room, "member show", channel="general", member="bob"))
    assert re.search(r"Muted until <t:\d+:f>", text)
    assert "outside" not in text


async def test_member_show_of_a_stranger_says_not_in_the_channel(world: World):
    text = said(await world.mod.slash(world.room, "member show", channel="general", member="stranger"))
    assert "Not in #general" in text


async def test_long_lists_have_pages_that_keep_their_place_and_survive_a_restart(world: World):
    await crowd(world, 20)
    shown = await world.mod.slash(world.room, "member list", channel="general")
    assert "27 members · page 1 of 3" in said(shown)
    assert buttons_of(shown.response) == [f"cw:p:m:1:{world.general}"]
    await world.mod.click(shown.response, label="Next")
    assert "page 2 of 3" in text_of(shown.response)
    await world.restart()
    await world.mod.click(shown.response, label="Next")
    assert "page 3 of 3" in text_of(shown.response)
    assert buttons_of(shown.response) == [f"cw:p:m:1:{world.general}"]
    assert len(text_of(shown.response).splitlines()) == 9
    await world.mod.click(shown.response, label="Back")
    assert "page 2 of 3" in text_of(shown.response)


async def test_a_page_that_is_no_more_shows_the_last_one(world: World):
    await crowd(world, 20)
    shown = await world.mod.slash(world.room, "member list", channel="general")
    await world.mod.click(shown.response, label="Next")
    for number in range(20):
        await world.warden.im.members.remove(world.community, world.general, f"user{number:03}")
    await world.mod.click(shown.response, label="Next")
    assert "7 members" in text_of(shown.response)
    assert buttons_of(shown.response) == []


async def test_history_tells_each_case_in_words_newest_first(world: World):
    await world.mod.slash(world.room, "mute", member="bob", channel="general", reason="spam")
    await world.mod2.slash(world.room, "unmute", member="bob", channel="general")
    result = await world.mod.slash(world.room, "history", member="Bob")
    assert result.ephemeral
    text = said(result)
    assert "History of bob" in text
    assert "1 mute" in text
    assert "1 unmute" in text
    assert text.index("**#2**") < text.index("**#1**")
    assert f"by <@{world.mod2.id}>" in text
    assert "> spam" in text
    assert "2 cases" in text


async def test_history_pages(world: World):
    for _ in range(6):
        await world.mod.slash(world.room, "mute", member="bob", channel="general")
        await world.mod.slash(world.room, "unmute", member="bob", channel="general")
    shown = await world.mod.slash(world.room, "history", member="bob")
    assert "12 cases · page 1 of 2" in said(shown)
    await world.mod.click(shown.response, label="Next")
    text = text_of(shown.response)
    assert "**#2**" in text
    assert "**#1**" in text
    assert "**#3**" not in text


async def test_a_page_of_the_longest_reasons_fits(world: World):
    reason = "`" * 400
    for _ in range(5):
        await world.mod.slash(world.room, "mute", member="bob", channel="general", reason=reason)
        await world.mod.slash(world.room, "unmute", member="bob", channel="general", reason=reason)
    shown = await world.mod.slash(world.room, "history", member="bob")
    assert "**#1**" in said(shown)
    assert len(shown.response.embeds[0].description) <= 4096


async def test_history_of_somebody_without_cases_says_so(world: World):
    assert "Nothing was ever done" in said(await world.mod.slash(world.room, "history", member="carl"))


async def test_history_of_the_longest_name_can_be_paged(world: World):
    longest = "x" * 64
    for _ in range(6):
        await world.mod.slash(world.room, "mute", member=longest, channel="general")
        await world.mod.slash(world.room, "unmute", member=longest, channel="general")
    shown = await world.mod.slash(world.room, "history", member=longest)
    assert buttons_of(shown.response) == [f"cw:p:h:1:{longest}"]


async def test_page_buttons_check_the_level(world: World):
    await crowd(world, 10)
    shown = await world.mod.slash(world.room, "member list", channel="general")
    world.guild._env.backend.get_guild(world.guild.id).members[world.mod.id].role_ids.clear()
    pressed = await world.mod.click(shown.response, label="Next")
    assert "This is for moderators." in said(pressed)
