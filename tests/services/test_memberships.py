"""Who is in a channel: shown, added, removed, purged and put back, against the real IM service."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.im import ChannelMode, NewUser
from bot.im.errors import IMError
from bot.imservice import FaultAction, RequestInfo
from bot.services.model import CaseView, Outcome, Staff
from bot.services.progress import watched_by
from bot.services.refusals import Refusal, Unsettled
from tests.services.conftest import ANNA, GUILD, World

REMOVE_MANY = "POST /circle/channel/{channel_id}/users/remove"
ADD = "POST /circle/channel/{channel_id}/join"
MEMBERS = "GET /circle/channel/{channel_id}/users"


async def add(world: World, member: str, channel: str = "general") -> CaseView:
    return await world.services.memberships.add(staff=ANNA, guild_id=GUILD, channel=channel, member=member, reason="")


async def remove(world: World, member: str, channel: str = "general") -> CaseView:
    return await world.services.memberships.remove(
        staff=ANNA, guild_id=GUILD, channel=channel, member=member, reason=""
    )


async def purge(world: World, *members: str) -> CaseView:
    return await world.services.purges.carry_out(
        staff=ANNA, guild_id=GUILD, channel="general", members=members, reason="raid"
    )


async def undo(world: World, case: CaseView) -> CaseView:
    return await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=case.id)


async def crowd(world: World, count: int, *, joins: bool = True) -> list[str]:
    names = [f"user{number:03}" for number in range(count)]
    for start in range(0, count, 60):
        await world.im.users.create(*[NewUser(username=name) for name in names[start : start + 60]])
    for name in names:
        await world.im.communities.join(world.community, name)
        if joins:
            await world.im.members.add(world.community, world.channel, name)
    return names


async def present(world: World) -> set[str]:
    return {member.user_id async for member in world.im.members.list(world.community, world.channel)}


async def default_channel(world: World) -> str:
    known = await world.services.directory.known_channels(GUILD)
    return next(channel.place.channel_id for channel in known if channel.is_default)


async def test_what_the_im_forbids_about_members_is_said_before_it_is_asked(world: World) -> None:
    room = (await world.im.channels.create(world.community, "lobby", mode=ChannelMode.VOICE)).channel_id
    default = await default_channel(world)
    await world.im.members.add(world.community, room, "olga")
    await world.im.users.create(NewUser(username="eve"))
    before = world.calls(ADD)
    refused = [
        (add(world, "eve"), "refusal-not-in-community"),
        (add(world, "nobody"), "refusal-unknown-user"),
        (add(world, "bob"), "refusal-already-member"),
        (remove(world, "olga"), "refusal-remove-owner"),
        (remove(world, "olga", room), "refusal-remove-owner"),
        (remove(world, "bob", default), "refusal-default-channel"),
        (remove(world, "eve"), "refusal-unknown-member"),
    ]
    for attempt, key in refused:
        with pytest.raises(Refusal, match=key):
            await attempt
    assert world.calls(ADD) == before
    assert world.calls("POST /circle/channel/{channel_id}/user/remove") == 0


async def test_undo_of_adding_and_removing_knows_the_same_rules(world: World) -> None:
    default = await default_channel(world)
    await world.im.users.create(NewUser(username="eve"))
    await world.im.communities.join(world.community, "eve", join_default_channel=False)
    into_default = await add(world, "eve", default)
    with pytest.raises(Refusal, match="refusal-default-channel"):
        await undo(world, into_default)
    removed = await remove(world, "bob")
    # What the command looked up first must not be believed after the undo.
    assert not (await world.services.memberships.show(guild_id=GUILD, channel="general", member="bob"))[1].in_channel
    await world.im.communities.remove(world.community, "bob")
    with pytest.raises(Refusal, match="refusal-not-in-community"):
        await undo(world, removed)
    await world.im.communities.join(world.community, "bob")
    await undo(world, removed)
    assert (await world.mute("bob")).outcome is Outcome.APPLIED


async def test_a_mute_of_ours_is_shown_with_its_case_and_others_without(world: World) -> None:
    async def shown(member: str, guild_id: int = GUILD):
        found = await world.services.memberships.show(guild_id=guild_id, channel="general", member=member)
        return found[1].muted

    case = await world.mute("bob")
    await world.outside_mute("carl", 60_000)
    ours, theirs = await shown("bob"), await shown("carl")
    assert ours is not None
    assert ours.case is not None
    assert ours.case.id == case.id
    assert theirs is not None
    assert theirs.case is None
    elsewhere = await shown("bob", GUILD + 1)
    assert elsewhere == replace(ours, case=None)
    assert await shown("dora") is None


async def test_a_purge_is_planned_with_one_reading_of_the_members(world: World) -> None:
    await world.services.directory.channel(GUILD, "general")
    world.service.count.clear()
    plan = await world.services.purges.plan(
        guild_id=GUILD, channel="general", members="@Bob, ｃａｒｌ、bob，MIA; olga nobody **x** mia"
    )
    assert (plan.going, plan.moderators, plan.owner) == (("bob", "carl", "mia"), ("mia",), "olga")
    assert plan.unknown == ("nobody", "**x**")
    assert world.calls(MEMBERS) == 1
    nobody = await world.services.purges.plan(guild_id=GUILD, channel="general", members="x y")
    assert nobody.going == ()
    for text, key in ((" ，、@ ", "refusal-no-names"), (" ".join(map(str, range(201))), "refusal-too-many-names")):
        with pytest.raises(Refusal, match=key):
            await world.services.purges.plan(guild_id=GUILD, channel="general", members=text)
    with pytest.raises(Refusal, match="refusal-default-channel"):
        await world.services.purges.plan(guild_id=GUILD, channel=await default_channel(world), members="bob")


async def test_a_purge_is_one_case_in_batches_and_undo_puts_back_who_is_missing(world: World) -> None:
    names = await crowd(world, 45)
    told: list[tuple[int, int]] = []

    async def watch(done: int, total: int) -> None:
        told.append((done, total))

    with watched_by(watch):
        case = await purge(world, *names, "olga")
    assert told == [(0, 45), (20, 45), (40, 45), (45, 45)]
    assert world.calls(REMOVE_MANY) == 3
    assert (case.outcome, case.reason, sorted(case.subjects)) == (Outcome.APPLIED, "raid", names)
    assert await present(world) == {"olga", "mia", "bob", "carl", "dora"}
    assert (await world.services.cases.history(GUILD, names[7])).total == 1
    await world.im.members.add(world.community, world.channel, names[0])
    told.clear()
    with watched_by(watch):
        back = await undo(world, case)
    assert told[-1] == (44, 44)
    assert sorted(back.details["done"]) == names[1:]
    assert await present(world) >= set(names)
    assert (await world.case(case.id)).outcome is Outcome.UNDONE
    # An undo is a case as well: taken back, they are out again.
    await undo(world, back)
    assert await present(world) == {"olga", "mia", "bob", "carl", "dora", names[0]}


async def test_a_purge_tells_who_stayed_and_undo_is_about_the_others_only(world: World) -> None:
    names = await crowd(world, 25)

    def second_refused(request: RequestInfo) -> FaultAction | None:
        refused = request.route == REMOVE_MANY and names[24] in request.json["usernames"]
        return FaultAction.answer(400) if refused else None

    world.service.fault = second_refused
    case = await purge(world, *names)
    assert case.details["done"] == names[:20]
    assert case.details["failed"] == dict.fromkeys(names[20:], "refused")
    back = await undo(world, case)
    assert sorted(back.details["done"]) == names[:20]
    with pytest.raises(IMError):
        await purge(world, *names[20:])
    failed = await world.case(back.id + 1)
    assert (failed.outcome, failed.failure) == (Outcome.FAILED, "refused")
    world.service.fault = None
    with pytest.raises(Refusal, match="refusal-purge-nobody"):
        await purge(world, "olga", "nobody")


async def test_a_batch_without_an_answer_is_looked_up(world: World) -> None:
    names = await crowd(world, 25)

    def lose_second(request: RequestInfo) -> FaultAction | None:
        lost = request.route == REMOVE_MANY and names[24] in request.json["usernames"]
        return FaultAction.reset(carried_out=True) if lost else None

    world.service.fault = lose_second
    case = await purge(world, *names)
    assert sorted(case.details["done"]) == names
    assert case.details["failed"] == {}


async def test_a_purge_that_was_cut_off_settles_and_can_be_taken_back(world: World) -> None:
    def lose_all(request: RequestInfo) -> FaultAction | None:
        if request.route == REMOVE_MANY:
            world.service.fault = lambda _request: FaultAction.reset()
            return FaultAction.reset(carried_out=True)
        return None

    world.service.fault = lose_all
    with pytest.raises(Unsettled) as unsettled:
        await purge(world, "bob", "carl")
    world.service.fault = None
    await world.restart()
    assert await world.services.deeds.settle() == 1
    case = await world.case(unsettled.value.case_id)
    assert case.outcome is Outcome.APPLIED
    await undo(world, case)
    assert await present(world) >= {"bob", "carl"}
    assert case.staff == Staff(ANNA.id, ANNA.name)
