"""What staff do about mutes, against the real IM service."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.services.model import Action, Ending, MuteState, Outcome
from bot.services.refusals import NeedsConfirmation, Refusal
from tests.services.conftest import ANNA, BEN, GUILD, World


async def test_a_mute_gives_the_im_exactly_the_requested_duration(world: World) -> None:
    case = await world.mute(duration="10m", reason="spam")
    assert (case.action, case.outcome, case.mute_state) == (Action.MUTE, Outcome.APPLIED, MuteState.ACTIVE)
    assert case.ends_at == world.clock.now() + timedelta(minutes=10)
    assert case.reason == "spam"
    listed = await world.listed()
    assert listed == {"bob": int((world.im_clock.now() + timedelta(minutes=10)).timestamp() * 1000)}


async def test_a_permanent_mute_has_no_timer_and_no_end(world: World) -> None:
    case = await world.mute(duration="permanent")
    assert case.ends_at is None
    assert await world.services.expiry.next_wake() is None


async def test_unmute_lifts_and_both_cases_say_so(world: World) -> None:
    muted = await world.mute()
    case = await world.unmute(staff=BEN, reason="sorry")
    assert (case.action, case.outcome) == (Action.UNMUTE, Outcome.APPLIED)
    assert await world.listed() == {}
    before = await world.case(muted.id)
    assert (before.mute_state, before.ending, before.ended_by) == (MuteState.LIFTED, Ending.LIFTED, BEN)
    assert await world.services.expiry.next_wake() is None


async def test_unmute_lifts_what_somebody_else_muted(world: World) -> None:
    await world.outside_mute("bob", 600_000)
    case = await world.unmute()
    assert case.outcome is Outcome.APPLIED
    assert await world.listed() == {}


async def test_unmute_of_who_is_not_muted_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match="refusal-not-muted"):
        await world.unmute()


@pytest.mark.parametrize(
    ("member", "key"),
    [
        ("nobody", "refusal-unknown-member"),
        ("b\0b", "refusal-member-name"),
        ("**bob**", "refusal-member-name"),
        ("<@123>", "refusal-member-name"),
        ("\u202ebob", "refusal-member-name"),
        ("x" * 65, "refusal-member-name"),
        ("x" * 64, "refusal-unknown-member"),
        ("", "refusal-member-name"),
        ("olga", "refusal-owner"),
    ],
)
async def test_a_wrong_member_is_refused_and_nothing_is_written(world: World, member: str, key: str) -> None:
    with pytest.raises(Refusal, match=key):
        await world.mute(member)
    assert await world.listed() == {}
    assert (await world.services.cases.history(GUILD, member)).total == 0


async def test_a_member_is_found_whatever_the_case_of_the_letters(world: World) -> None:
    assert (await world.mute("@BOB")).member_id == "bob"


async def test_muting_twice_is_refused_with_the_end_of_the_first(world: World) -> None:
    first = await world.mute()
    with pytest.raises(Refusal, match="refusal-already-muted") as refused:
        await world.mute(duration="1h")
    assert first.ends_at is not None
    assert refused.value.values["until"] == int(first.ends_at.timestamp())
    assert (await world.services.cases.history(GUILD, "bob")).total == 1


async def test_two_moderators_at_once_get_one_mute_and_two_true_answers(world: World) -> None:
    answers = await asyncio.gather(
        world.mute(staff=ANNA, duration="10m"), world.mute(staff=BEN, duration="1h"), return_exceptions=True
    )
    refused = [a for a in answers if isinstance(a, Refusal)]
    done = [a for a in answers if not isinstance(a, BaseException)]
    assert (len(refused), len(done)) == (1, 1)
    assert refused[0].key in {"refusal-busy", "refusal-already-muted"}
    assert list(await world.listed()) == ["bob"]
    assert (await world.services.cases.history(GUILD, "bob")).total == 1


async def test_muting_a_moderator_asks_first(world: World) -> None:
    with pytest.raises(NeedsConfirmation):
        await world.mute("mia")
    assert await world.listed() == {}
    assert (await world.mute("mia", confirmed=True)).outcome is Outcome.APPLIED


async def test_a_channel_of_another_community_is_unknown(world: World) -> None:
    other = await world.im.communities.create("mia", "Elsewhere")
    channel = await world.im.channels.create(other, "secret")
    await world.services.settings.set_community(GUILD, world.community)
    for text in (channel.channel_id, "secret"):
        with pytest.raises(Refusal, match="refusal-unknown-channel"):
            await world.mute(channel=text)


async def test_an_ambiguous_channel_name_is_refused_with_its_candidates(world: World) -> None:
    twin = await world.im.channels.create(world.community, "general")
    with pytest.raises(Refusal, match="refusal-ambiguous-channel") as refused:
        await world.mute()
    assert twin.channel_id in str(refused.value.values["candidates"])
    assert world.channel in str(refused.value.values["candidates"])
    assert (await world.mute(channel=world.channel)).outcome is Outcome.APPLIED


async def test_extend_moves_the_end_and_supersedes_the_first(world: World) -> None:
    first = await world.mute(duration="10m")
    world.pass_time(minutes=4)
    case = await world.services.mutes.extend(staff=BEN, guild_id=GUILD, case_id=first.id, add_ms=3_600_000)
    assert first.ends_at is not None
    assert case.ends_at == first.ends_at + timedelta(hours=1)
    before = await world.case(first.id)
    assert (before.mute_state, before.ending, before.ended_by) == (MuteState.SUPERSEDED, Ending.EXTENDED, BEN)
    world.pass_time(minutes=7)
    assert await world.run_due() == 0
    assert list(await world.listed()) == ["bob"]


async def test_undo_of_an_extension_brings_the_first_end_back(world: World) -> None:
    first = await world.mute(duration="10m")
    longer = await world.services.mutes.extend(staff=ANNA, guild_id=GUILD, case_id=first.id, add_ms=3_600_000)
    undone = await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=longer.id)
    assert undone.ends_at == first.ends_at
    assert (await world.case(longer.id)).outcome is Outcome.UNDONE


async def test_undo_of_a_mute_lifts_it_and_marks_the_case(world: World) -> None:
    case = await world.mute()
    undone = await world.services.undo.undo(staff=BEN, guild_id=GUILD, case_id=case.id)
    assert (undone.action, undone.undo_of) == (Action.UNMUTE, case.id)
    assert await world.listed() == {}
    assert (await world.case(case.id)).outcome is Outcome.UNDONE
    with pytest.raises(Refusal, match="refusal-already-undone"):
        await world.services.undo.undo(staff=BEN, guild_id=GUILD, case_id=case.id)


async def test_undo_of_an_unmute_mutes_for_what_was_left(world: World) -> None:
    muted = await world.mute(duration="10m")
    world.pass_time(minutes=3)
    lifted = await world.unmute()
    world.pass_time(minutes=1)
    again = await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=lifted.id)
    assert again.ends_at == muted.ends_at
    assert list(await world.listed()) == ["bob"]


async def test_undo_without_a_case_takes_ones_own_latest(world: World) -> None:
    await world.mute("bob", staff=ANNA)
    world.pass_time(seconds=1)
    await world.mute("carl", staff=BEN)
    undone = await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=None)
    assert undone.member_id == "bob"
    with pytest.raises(Refusal, match="refusal-nothing-to-undo"):
        await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=None)


async def test_undo_without_a_case_forgets_after_a_day(world: World) -> None:
    await world.mute(duration="7d")
    world.pass_time(hours=25)
    with pytest.raises(Refusal, match="refusal-nothing-to-undo"):
        await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=None)


async def test_a_case_of_another_guild_does_not_exist(world: World) -> None:
    case = await world.mute()
    with pytest.raises(Refusal, match="refusal-unknown-case"):
        await world.services.undo.undo(staff=ANNA, guild_id=GUILD + 1, case_id=case.id)


async def test_muted_shows_ours_and_those_of_others(world: World) -> None:
    case = await world.mute("bob", duration="10m")
    await world.outside_mute("carl", None)
    found = await world.services.mutes.muted(guild_id=GUILD, channel="general")
    assert [(m.member_id, m.permanent, m.case.id if m.case else None) for m in found.entries] == [
        ("bob", False, case.id),
        ("carl", True, None),
    ]
