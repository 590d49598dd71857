"""Finding communities, channels and members by what staff type, against the real IM service."""

from __future__ import annotations

import asyncio
import gc

import pytest

from bot.im import ChannelType
from bot.im.errors import IMError, NotFound, Unavailable
from bot.imservice import FaultAction, RequestInfo
from bot.services.model import Suggestion
from bot.services.refusals import Refusal
from tests.services.conftest import GUILD, World

COMMUNITIES = "GET /circle/server"
PRESENCE = "GET /circle/channel/{channel_id}/user/{user_id}"


def down(_request: RequestInfo) -> FaultAction:
    return FaultAction.reset()


def asked(world: World) -> int:
    return sum(world.service.count.values())


# Communities


async def test_the_only_community_is_taken_without_being_set(world: World) -> None:
    assert (await world.services.directory.community(GUILD)).community_id == world.community


async def test_of_several_communities_none_is_guessed(world: World) -> None:
    await world.im.communities.create("mia", "Borealis")
    with pytest.raises(Refusal, match="refusal-no-community"):
        await world.services.directory.community(GUILD)
    await world.services.settings.set_community(GUILD, world.community)
    assert (await world.services.directory.community(GUILD)).name == "Aurora"


async def test_a_community_that_was_set_and_is_gone_is_said(world: World) -> None:
    await world.services.settings.set_community(GUILD, "gone")
    with pytest.raises(Refusal, match="refusal-community-gone"):
        await world.services.directory.community(GUILD)


async def test_a_community_is_found_by_id_or_exact_name_whatever_the_case(world: World) -> None:
    find = world.services.directory.find_community
    for text in (world.community, "Aurora", " aurora ", "ＡＵＲＯＲＡ"):
        assert (await find(text)).community_id == world.community
    for text in ("Auror", "", "Aurora Borealis", "x" * 5_000):
        with pytest.raises(Refusal, match="refusal-unknown-community") as refused:
            await find(text)
        assert len(str(refused.value.values["text"])) <= 100
    gc.collect()  # a look-up that was prepared and not made would be reported here


async def test_a_new_community_is_found_without_waiting_for_the_cache(world: World) -> None:
    await world.services.directory.find_community("Aurora")
    made = await world.im.communities.create("mia", "Borealis")
    assert (await world.services.directory.find_community("Borealis")).community_id == made


async def test_an_ambiguous_community_is_refused_with_its_candidates(world: World) -> None:
    twin = await world.im.communities.create("mia", "AURORA")
    with pytest.raises(Refusal, match="refusal-ambiguous-community") as refused:
        await world.services.directory.find_community("Aurora")
    assert twin in str(refused.value.values["candidates"])
    assert world.community in str(refused.value.values["candidates"])
    assert (await world.services.directory.find_community(twin)).community_id == twin


# Channels


async def test_a_channel_is_found_by_id_or_exact_name_with_or_without_the_sign(world: World) -> None:
    find = world.services.directory.channel
    for text in (world.channel, "general", "#general", " GENERAL ", "＃general"):
        assert (await find(GUILD, text)).place.channel_id == world.channel
    for text in ("gener", "#", "", "general2"):
        with pytest.raises(Refusal, match="refusal-unknown-channel"):
            await find(GUILD, text)


async def test_an_id_wins_over_a_name(world: World) -> None:
    await world.im.channels.create(world.community, world.channel)  # named like the other one's id
    assert (await world.services.directory.channel(GUILD, world.channel)).place.channel_name == "general"


async def test_a_private_channel_is_found_and_listed_as_private(world: World) -> None:
    made = await world.im.channels.create(world.community, "staff room", type=ChannelType.PRIVATE)
    found = await world.services.directory.channel(GUILD, "staff room")
    assert (found.place.channel_id, found.public) == (made.channel_id, False)
    for visibility, expected in (("private", {"staff room"}), ("all", {"general", "staff room"})):
        _, channels = await world.services.directory.channels(GUILD, visibility)  # pyright: ignore
        names = {channel.place.channel_name for channel in channels}
        assert expected <= names
    _, channels = await world.services.directory.channels(GUILD, "public")
    assert "staff room" not in {channel.place.channel_name for channel in channels}
    assert channels[0].is_default


async def test_a_channel_is_looked_for_in_the_guilds_own_community_only(world: World) -> None:
    other = await world.im.communities.create("mia", "Elsewhere")
    secret = await world.im.channels.create(other, "secret")
    await world.services.settings.set_community(GUILD, world.community)
    for text in ("secret", secret.channel_id):
        with pytest.raises(Refusal, match="refusal-unknown-channel"):
            await world.services.directory.channel(GUILD, text)
    found = await world.services.directory.channel(GUILD, "secret", community="Elsewhere")
    assert found.place.community_id == other


async def test_channels_are_asked_for_once_a_minute(world: World) -> None:
    await world.services.directory.channel(GUILD, "general")
    world.service.count.clear()
    world.pass_time(seconds=59)
    await world.services.directory.channel(GUILD, "general")
    await world.services.directory.suggest_channels(GUILD, "gen")
    assert asked(world) == 0
    world.pass_time(seconds=2)
    await world.services.directory.channel(GUILD, "general")
    assert asked(world) > 0


async def test_many_who_ask_at_once_make_one_request(world: World) -> None:
    world.service.count.clear()
    found = await asyncio.gather(*(world.services.directory.channel(GUILD, "general") for _ in range(50)))
    assert len({info.place for info in found}) == 1
    assert max(world.service.count.values()) == 1


async def test_one_who_gives_up_does_not_spoil_it_for_the_others(world: World) -> None:
    world.service.fault = lambda _request: FaultAction.delay(100)
    first = asyncio.create_task(world.services.directory.channel(GUILD, "general"))
    second = asyncio.create_task(world.services.directory.channel(GUILD, "general"))
    await asyncio.sleep(0.05)
    first.cancel()
    assert (await second).place.channel_id == world.channel


async def test_a_new_channel_is_found_at_once(world: World) -> None:
    await world.services.directory.channel(GUILD, "general")
    world.pass_time(seconds=3)
    made = await world.im.channels.create(world.community, "new")
    assert (await world.services.directory.channel(GUILD, "new")).place.channel_id == made.channel_id


async def test_an_im_that_is_down_is_answered_from_what_is_known(world: World) -> None:
    await world.services.directory.channel(GUILD, "general")
    world.service.fault = down
    world.pass_time(hours=3)
    assert (await world.services.directory.channel(GUILD, "general")).place.channel_id == world.channel
    assert await world.services.directory.suggest_channels(GUILD, "gen")


async def test_an_im_that_is_down_and_was_never_asked_is_said_and_not_remembered(world: World) -> None:
    world.service.fault = down
    with pytest.raises(Unavailable):
        await world.services.directory.channel(GUILD, "general")
    world.service.fault = None
    assert (await world.services.directory.channel(GUILD, "general")).place.channel_id == world.channel


# Suggestions


async def test_suggestions_hold_the_text_those_that_begin_with_it_first(world: World) -> None:
    for name in ("my general", "Generations", "off-topic"):
        await world.im.channels.create(world.community, name)
    found = await world.services.directory.suggest_channels(GUILD, "#GENER")
    assert [suggestion.label for suggestion in found] == ["#general", "#Generations", "#my general"]
    assert found[0] == Suggestion(world.channel, "#general")


async def test_there_are_never_more_suggestions_than_discord_takes(world: World) -> None:
    for number in range(30):
        await world.im.channels.create(world.community, f"room {number}")
    assert len(await world.services.directory.suggest_channels(GUILD, "")) == 25
    assert len(await world.services.directory.suggest_channels(GUILD, "room")) == 25


async def test_members_are_suggested_of_the_channel_or_of_the_community(world: World) -> None:
    await world.im.members.remove(world.community, world.channel, "dora")
    in_channel = await world.services.directory.suggest_members(GUILD, "", "general")
    everybody = await world.services.directory.suggest_members(GUILD, "")
    assert {s.value for s in in_channel} == {"olga", "mia", "bob", "carl"}
    assert {s.value for s in everybody} == {"olga", "mia", "bob", "carl", "dora"}
    assert [s.value for s in await world.services.directory.suggest_members(GUILD, "@BO", "general")] == ["bob"]


# Members


async def test_a_member_is_read_afresh_with_role_and_mute(world: World) -> None:
    place = (await world.services.directory.channel(GUILD, "general")).place
    await world.outside_mute("mia", 600_000)
    info = await world.services.directory.member(place, "@Mia")
    assert (info.member_id, info.in_channel, info.role) == ("mia", True, "moderator")
    assert info.muted is not None
    assert info.muted.ends_at is not None
    assert not info.muted.permanent
    await world.im.members.remove(world.community, world.channel, "mia")
    gone = await world.services.directory.member(place, "mia")
    assert (gone.in_channel, gone.role, gone.muted) == (False, None, None)
    assert (await world.services.directory.member(place, "olga")).role == "owner"


async def test_who_has_just_joined_is_found_although_the_list_is_known(world: World) -> None:
    from bot.im import NewUser

    place = (await world.services.directory.channel(GUILD, "general")).place
    await world.services.directory.suggest_members(GUILD, "", "general")
    with pytest.raises(Refusal, match="refusal-unknown-member"):
        await world.services.directory.member_id(place, "eve")
    await world.im.users.create(NewUser(username="eve"))
    await world.im.communities.join(world.community, "eve")
    await world.im.members.add(world.community, world.channel, "eve")
    assert await world.services.directory.member_id(place, "eve") == "eve"


async def test_the_owner_comes_first_in_the_list_of_members(world: World) -> None:
    place = (await world.services.directory.channel(GUILD, "general")).place
    assert await world.services.directory.members(place) == [
        ("olga", True), ("bob", False), ("carl", False), ("dora", False), ("mia", False),
    ]  # fmt: skip


async def test_what_the_im_denies_is_forgotten(world: World) -> None:
    """A mute that is answered with 404 must not be tried against the same stale channel again."""
    await world.mute("carl")
    await world.im.channels.delete(world.community, world.channel)
    with pytest.raises((IMError, Refusal)) as first:
        await world.mute("bob")
    if isinstance(first.value, NotFound):
        with pytest.raises(Refusal, match="refusal-unknown-channel"):
            await world.mute("bob")


async def test_a_clock_set_back_does_not_keep_old_lists_for_ever(world: World) -> None:
    await world.services.directory.channel(GUILD, "general")
    world.clock.move(hours=-5)
    world.service.count.clear()
    await world.services.directory.channel(GUILD, "general")
    assert asked(world) > 0
