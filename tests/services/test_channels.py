"""Channels: made, changed, deleted and spoken in, against the real IM service."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.im import ChannelMode, ChannelType
from bot.im.errors import NotFound
from bot.imservice import FaultAction, RequestInfo
from bot.services.channels import ChannelDraft, NewChannel
from bot.services.model import Action, CaseView, Ending, MuteState, Outcome, Staff
from bot.services.refusals import NeedsConfirmation, Refusal, Unsettled
from tests.services.conftest import ANNA, BEN, GUILD, World

CREATE = "POST /circle/channel"
SEND = "POST /messages/chatgroups"


async def create(world: World, name: str = "new", *, confirmed: bool = False, **more: object) -> CaseView:
    wanted = NewChannel(**({"name": name} | more))  # pyright: ignore
    return await world.services.channels.create(wanted, staff=ANNA, guild_id=GUILD, confirmed=confirmed)


async def draft(world: World, channel: str = "general") -> ChannelDraft:
    return ChannelDraft.of(await world.services.directory.channel(GUILD, channel))


async def edit(world: World, shown: ChannelDraft, staff: Staff = ANNA, channel: str = "", **changes: str) -> CaseView:
    wanted = replace(shown, **changes)
    return await world.services.channels.edit(
        staff=staff, guild_id=GUILD, channel=channel or world.channel, shown=shown, wanted=wanted
    )


async def delete(world: World, channel: str = "general", *, confirmed: bool = True, staff: Staff = ANNA) -> CaseView:
    return await world.services.channels.delete(staff=staff, guild_id=GUILD, channel=channel, confirmed=confirmed)


async def say(world: World, text: str, channel: str = "general") -> CaseView:
    return await world.services.channels.say(staff=ANNA, guild_id=GUILD, channel=channel, text=text)


async def undo(world: World, case: CaseView) -> CaseView:
    return await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=case.id)


def lose(method: str, *, carried_out: bool):
    def fault(request: RequestInfo) -> FaultAction | None:
        return FaultAction.reset(carried_out=carried_out) if request.method == method else None

    return fault


async def test_a_channel_is_created_as_wanted_and_known_at_once(world: World) -> None:
    shelf = await world.im.categories.create(world.community, "Games")
    await world.services.directory.channel(GUILD, "general")  # what is cached must not hide the new one
    case = await create(
        world, " raid\u202e  plans\x07 ", public=False, max_users=50, description="Who\nwhen", category="games"
    )
    assert (case.action, case.outcome, case.place.channel_name) == (
        Action.CHANNEL_CREATE,
        Outcome.APPLIED,
        "raid plans",
    )
    made = await world.im.channels.get(world.community, case.details["channel_id"])
    assert (made.name, made.type, made.mode) == ("raid plans", ChannelType.PRIVATE, ChannelMode.TEXT)
    assert (made.max_users, made.description, made.category_id) == (50, "Who\nwhen", shelf.category_id)
    assert (await world.services.directory.channel(GUILD, "raid plans")).place.channel_id == made.channel_id
    voice = await create(world, "lobby", voice=True, category=shelf.category_id)
    assert (await world.im.channels.get(world.community, voice.details["channel_id"])).mode is ChannelMode.VOICE
    assert not world.services.cases.reversible(case)


async def test_what_the_im_would_not_take_is_refused_before_anything_is_sent(world: World) -> None:
    for _ in range(2):
        await world.im.categories.create(world.community, "Twice")
    bad = [
        ({"name": "x" * 51}, "refusal-channel-name"),
        ({"name": " \u202e\x00 "}, "refusal-channel-name"),
        ({"description": "x" * 501}, "refusal-channel-text"),
        ({"max_users": 0}, "refusal-channel-room"),
        ({"max_users": 2001}, "refusal-channel-room"),
        ({"max_users": 21, "voice": True}, "refusal-channel-room"),
        ({"category": "Nowhere"}, "refusal-unknown-category"),
        ({"category": "Twice"}, "refusal-ambiguous-category"),
    ]
    for options, key in bad:
        with pytest.raises(Refusal, match=key):
            await create(world, **({"name": "fine"} | options))  # pyright: ignore
    assert world.calls(CREATE) == 1  # the fixture's own


async def test_a_second_channel_of_one_name_asks_first(world: World) -> None:
    with pytest.raises(NeedsConfirmation, match="confirm-channel-twin"):
        await create(world, "General")
    await create(world, "General", confirmed=True)
    with pytest.raises(Refusal, match="refusal-ambiguous-channel"):
        await world.services.directory.channel(GUILD, "general")


@pytest.mark.parametrize(("carried_out", "outcome"), [(True, Outcome.APPLIED), (False, Outcome.FAILED)])
async def test_lost_answers_are_settled_by_what_the_im_shows(world: World, carried_out: bool, outcome: Outcome) -> None:
    await create(world, "twin")
    await world.mute("bob", "permanent")
    shown = await draft(world)
    attempts = [
        ("POST", create(world, "twin", confirmed=True)),
        ("PUT", edit(world, shown, description="other")),
        ("DELETE", delete(world)),
    ]
    for method, attempt in attempts:
        world.service.fault = lose(method, carried_out=carried_out)
        with pytest.raises(Unsettled) as unsettled:
            await attempt
        world.service.fault = None
        assert await world.services.deeds.settle() == 1
        assert (await world.case(unsettled.value.case_id)).outcome is outcome, method
    # The books on a channel that turns out to be deleted are closed as well.
    assert (await world.case(2)).live is not carried_out


async def test_an_edit_changes_what_was_changed_in_the_form_and_can_be_taken_back(world: World) -> None:
    shown = await draft(world)
    # Somebody else writes a description meanwhile: it is not ours to reset.
    await world.im.channels.update(world.community, world.channel, description="theirs")
    case = await edit(world, shown, name="agora", max_users="１００")
    assert case.details["before"] == {"name": "general", "max_users": 2000}
    assert case.details["after"] == {"name": "agora", "max_users": 100}
    now = await world.im.channels.get(world.community, world.channel)
    assert (now.name, now.max_users, now.description) == ("agora", 100, "theirs")
    assert (await world.services.directory.channel(GUILD, "agora")).place.channel_id == world.channel
    undoing = await undo(world, case)
    now = await world.im.channels.get(world.community, world.channel)
    assert (now.name, now.max_users, now.description) == ("general", 2000, "theirs")
    assert await undo(world, undoing)  # an undo is a case like others


async def test_an_edit_is_not_taken_back_when_any_of_its_fields_was_changed_again(world: World) -> None:
    case = await edit(world, await draft(world), name="agora", custom="x")
    await world.im.channels.update(world.community, world.channel, custom="y")
    with pytest.raises(Refusal, match="refusal-moved-on"):
        await undo(world, case)
    await world.im.channels.update(world.community, world.channel, custom="x")
    assert (await undo(world, case)).outcome is Outcome.APPLIED
    gone = await edit(world, await draft(world), custom="z")
    await world.im.channels.delete(world.community, world.channel)
    with pytest.raises(Refusal, match="refusal-moved-on"):
        await undo(world, gone)


async def test_a_form_with_nothing_new_or_something_wrong_is_refused(world: World) -> None:
    shown = await draft(world)
    bad: list[tuple[dict[str, str], str]] = [
        ({}, "refusal-channel-unchanged"),
        ({"name": " general "}, "refusal-channel-unchanged"),
        ({"max_users": "02000"}, "refusal-channel-unchanged"),
        ({"name": ""}, "refusal-channel-name"),
        ({"max_users": "many"}, "refusal-channel-room"),
        ({"max_users": ""}, "refusal-channel-room"),
        ({"max_users": "-5"}, "refusal-channel-room"),
        ({"max_users": "9" * 5000}, "refusal-channel-room"),
        ({"max_users": "2001"}, "refusal-channel-room"),
        ({"custom": "x" * 501}, "refusal-channel-text"),
    ]
    for changes, key in bad:
        with pytest.raises(Refusal, match=key):
            await edit(world, shown, ANNA, "", **changes)
    # Both change the name by the same form: one effect, and the other is told.
    results = await asyncio.gather(
        edit(world, shown, name="one"), edit(world, shown, staff=BEN, name="two"), return_exceptions=True
    )
    assert [getattr(r, "key", "done") for r in results] == ["done", "refusal-channel-overtaken"]
    cleared = await edit(world, await draft(world, world.channel), description="words")
    assert await edit(world, await draft(world, world.channel), description="")
    assert (await world.im.channels.get(world.community, world.channel)).description == ""
    assert cleared.details["before"] == {"description": ""}


async def test_deleting_says_what_goes_and_closes_the_mutes_there(world: World) -> None:
    with pytest.raises(NeedsConfirmation) as needs:
        await delete(world, confirmed=False)
    assert needs.value.values == {"channel": "general", "kind": "public", "count": 5}
    known = await world.services.directory.known_channels(GUILD)
    default = next(channel for channel in known if channel.is_default)
    with pytest.raises(Refusal, match="refusal-delete-default"):
        await delete(world, default.place.channel_id)
    timed, permanent = await world.mute("bob"), await world.mute("carl", "permanent")
    results = await asyncio.gather(delete(world), delete(world, staff=BEN), return_exceptions=True)
    assert sum(isinstance(result, CaseView) for result in results) == 1
    for case in (timed, permanent):
        over = await world.case(case.id)
        assert (over.mute_state, over.ending) == (MuteState.LIFTED, Ending.GONE)
    with pytest.raises(Refusal, match="refusal-unknown-channel"):
        await world.services.directory.channel(GUILD, "general")
    assert await world.run_due() == 0


async def test_a_permanent_mute_of_a_channel_that_others_deleted_leaves_the_books(world: World) -> None:
    case = await world.mute("bob", "permanent")
    await world.im.channels.delete(world.community, world.channel)
    report = await world.services.reconcile.run()
    assert (report.unread, report.ended_outside) == (0, 1)
    assert (await world.case(case.id)).ending is Ending.GONE


async def test_what_is_said_reaches_the_channel_once_and_is_no_matter_of_undo(world: World) -> None:
    room = await world.im.channels.create(world.community, "lobby", mode=ChannelMode.VOICE)
    case = await say(world, "  Hello,\x00 all\u202e \n二 ")
    assert case.details["text"] == "Hello, all \n二"
    assert case.details["message_id"].isdigit()
    assert await world.im.reactions.add("bob", case.details["message_id"], "👍")
    assert (await say(world, "voices", room.channel_id)).outcome is Outcome.APPLIED
    assert (world.calls(SEND), world.calls("POST /messages/chatrooms")) == (1, 1)
    for text, key in ((" \u202e\n ", "refusal-say-nothing"), ("字" * 1_705, "refusal-say-long")):
        with pytest.raises(Refusal, match=key):
            await say(world, text)
    assert (await say(world, "字" * 1_700)).outcome is Outcome.APPLIED
    # The IM takes messages to channels that are gone without a word; we do not.
    await world.im.channels.delete(world.community, world.channel)
    with pytest.raises(NotFound):
        await say(world, "anybody?")
    assert world.calls(SEND) == 2


async def test_a_lost_answer_to_what_was_said_is_told_as_unknown_and_keeps_nobody_from_speaking(world: World) -> None:
    world.service.fault = lose("POST", carried_out=True)
    with pytest.raises(Unsettled) as unsettled:
        await say(world, "once")
    world.service.fault = None
    world.pass_time(seconds=1)
    assert (await say(world, "twice")).outcome is Outcome.APPLIED
    assert await world.services.deeds.settle() == 1
    failed = await world.case(unsettled.value.case_id)
    assert (failed.outcome, failed.failure) == (Outcome.FAILED, "unknown")


async def test_the_channels_somebody_created_and_is_in(world: World) -> None:
    await world.im.channels.create(world.community, "secret", type=ChannelType.PRIVATE)
    of_member = world.services.channels.of_member
    _, user, created = await of_member(GUILD, "@Olga", "created")
    assert user == "olga"
    assert {c.place.channel_name for c in created} >= {"general", "secret"}
    _, _, joined = await of_member(GUILD, "bob", "joined")
    assert "general" in {c.place.channel_name for c in joined}
    assert "secret" not in {c.place.channel_name for c in joined}
    assert (await of_member(GUILD, "bob", "created"))[2] == []
    with pytest.raises(Refusal, match="refusal-unknown-user"):
        await of_member(GUILD, "nobody", "joined")
