"""What others do between a look and the deed, and between a question and its answer: nobody is hit by mistake."""

from __future__ import annotations

import asyncio
import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.im import NewCollection
from bot.im.models import Collection, Contact
from bot.imservice import FaultAction, RequestInfo
from bot.services.channel_deeds import edit_deed
from bot.services.channels import ChannelDraft
from bot.services.friends import Friend
from bot.services.mirrors import ImMessage
from bot.services.model import CaseView, Ending, Failure, MuteState, Outcome, Place
from bot.services.refusals import NeedsConfirmation, Refusal, Unsettled
from bot.services.saved.items import SavedItem
from bot.services.saved.kinds import edition
from bot.store import alerts as alert_rows
from bot.store import deeds as deed_rows
from bot.store.cleanup_rows import KeptItem
from tests.services.conftest import ANNA, BEN, GUILD, World

CHANNEL = "GET /circle/channel/{channel_id}"
REMOVE_MANY = "POST /circle/channel/{channel_id}/users/remove"


async def undo(world: World, case: CaseView) -> CaseView:
    return await world.services.undo.undo(staff=BEN, guild_id=GUILD, case_id=case.id)


async def remove(world: World, member: str = "bob") -> CaseView:
    return await world.services.memberships.remove(
        staff=ANNA, guild_id=GUILD, channel="general", member=member, reason=""
    )


async def describe(world: World, words: str) -> CaseView:
    known = await world.services.directory.channel(GUILD, world.channel)
    shown = ChannelDraft.of(known)
    wanted = ChannelDraft(shown.name, words, shown.max_users, shown.custom)
    return await world.services.channels.edit(
        staff=ANNA, guild_id=GUILD, channel=world.channel, shown=shown, wanted=wanted
    )


async def test_an_undo_that_has_looked_too_early_looks_again(world: World) -> None:
    case = await describe(world, "first")
    deeds, known = world.services.deeds, await world.services.directory.channel(GUILD, world.channel)
    async with deeds.turn(f"channel:{world.channel}"):
        looked = world.calls(CHANNEL)
        undoing = asyncio.create_task(undo(world, case))
        while world.calls(CHANNEL) == looked:
            await asyncio.sleep(0)
        await deeds.do(edit_deed(known, {"description": "second"}), staff=ANNA, guild_id=GUILD)
    with pytest.raises(Refusal, match="refusal-moved-on"):
        await undoing
    assert (await world.im.channels.get(world.community, world.channel)).description == "second"


async def test_an_edit_is_not_taken_back_to_what_the_im_never_told(world: World) -> None:
    case = await describe(world, "first")
    untold = json.dumps({**case.details, "before": {"description": None}})
    await world.store.write(
        lambda connection: connection.execute(text("UPDATE cases SET details = :details"), {"details": untold})
    )
    with pytest.raises(Refusal, match="refusal-moved-on"):
        await undo(world, case)


async def test_an_unmute_is_not_taken_back_after_another_mute(world: World) -> None:
    await world.mute(duration="1h")
    world.pass_time(seconds=1)
    lifted = await world.unmute()
    world.pass_time(seconds=1)
    later = await world.mute(duration="5m")
    with pytest.raises(Refusal, match="refusal-already-muted"):
        await undo(world, lifted)
    world.pass_time(seconds=1)
    await undo(world, later)
    with pytest.raises(Refusal, match="refusal-moved-on"):
        await undo(world, lifted)
    assert await world.listed() == {}


async def test_a_mute_whose_end_the_im_does_not_tell_cannot_be_brought_back(world: World) -> None:
    await world.outside_mute("bob", 600_000)
    await world.service.write(lambda connection: connection.execute("UPDATE mutes SET expire = 86400000"))
    lifted = await world.unmute()
    assert not world.services.cases.reversible(lifted)
    with pytest.raises(Refusal, match="refusal-end-untold"):
        await undo(world, lifted)
    assert await world.listed() == {}
    # A permanent one is told as such, and comes back.
    await world.outside_mute("carl", None)
    await undo(world, await world.unmute("carl"))
    assert set(await world.listed()) == {"carl"}


async def test_a_mute_is_over_with_the_membership(world: World) -> None:
    permanent, timed, other = await world.mute("bob", "permanent"), await world.mute("carl"), await world.mute("dora")
    await remove(world, "bob")
    await world.services.purges.carry_out(
        staff=ANNA, guild_id=GUILD, channel="general", members=["carl", "olga"], reason=""
    )
    for case in (permanent, timed):
        over = await world.case(case.id)
        assert (over.mute_state, over.ending) == (MuteState.LIFTED, Ending.LEFT)
    assert (await world.case(other.id)).mute_state is MuteState.ACTIVE
    # Back in the channel they may be muted anew; and who goes by himself is told so as well.
    await world.im.members.add(world.community, world.channel, "bob")
    again = await world.mute("bob")
    await world.im.members.remove(world.community, world.channel, "bob")
    await world.im.mutes.remove(world.community, world.channel, "dora")
    assert (await world.services.reconcile.run()).ended_outside == 2
    assert (await world.case(again.id)).ending is Ending.LEFT
    assert (await world.case(other.id)).ending is Ending.OUTSIDE
    story = await world.services.records.story(GUILD, again.id)
    assert [happening.step for happening in story.happenings] == ["asked", "applied", "left"]


async def test_a_removal_whose_answer_was_lost_ends_the_mute_when_it_settles(world: World) -> None:
    muted = await world.mute("bob")

    def lose(request: RequestInfo) -> FaultAction | None:
        return FaultAction.reset(carried_out=True) if request.method == "POST" else None

    world.service.fault = lose
    with pytest.raises(Unsettled):
        await remove(world)
    world.service.fault = None
    assert await world.services.deeds.settle() == 1
    assert (await world.case(muted.id)).ending is Ending.LEFT


async def test_a_purge_that_was_cut_off_half_way_tells_of_those_alone_who_are_gone(world: World) -> None:
    def lose(request: RequestInfo) -> FaultAction | None:
        if request.route != REMOVE_MANY:
            return None
        world.service.fault = lambda _request: FaultAction.reset()
        return FaultAction.reset()

    world.service.fault = lose
    with pytest.raises(Unsettled) as unsettled:
        await world.services.purges.carry_out(
            staff=ANNA, guild_id=GUILD, channel="general", members=["bob", "carl"], reason=""
        )
    world.service.fault = None
    await world.im.members.remove(world.community, world.channel, "carl")
    await world.services.deeds.settle()
    case = await world.case(unsettled.value.case_id)
    assert (case.outcome, case.details["done"], case.details["failed"]) == (
        Outcome.APPLIED,
        ["carl"],
        {"bob": "unreachable"},
    )
    undone = await undo(world, case)
    assert undone.subjects == ("carl",)


async def test_what_was_confirmed_is_what_is_deleted(world: World) -> None:
    channels, im = world.services.channels, world.im.channels
    spam = await im.create(world.community, "spam")
    with pytest.raises(NeedsConfirmation) as asked:
        await channels.delete(staff=ANNA, guild_id=GUILD, channel="spam")
    assert asked.value.meant == {"channel": spam.channel_id, "called": "spam"}
    # Somebody renames it, and gives its name to another one.
    await im.update(world.community, spam.channel_id, name="rules")
    await im.create(world.community, "spam")
    world.pass_time(minutes=2)
    with pytest.raises(Refusal, match="refusal-renamed"):
        await channels.delete(staff=ANNA, guild_id=GUILD, confirmed=True, **asked.value.meant)
    assert (await im.get(world.community, spam.channel_id)).name == "rules"
    with pytest.raises(NeedsConfirmation) as asked:
        await world.services.mutes.mute(
            staff=ANNA, guild_id=GUILD, channel="general", member="mia", duration=None, reason=""
        )
    assert asked.value.meant == {"channel": world.channel}


async def test_a_deed_that_cannot_be_settled_keeps_no_other_waiting(world: World) -> None:
    world.service.fault = lambda request: FaultAction.reset() if request.method != "GET" else None
    with pytest.raises(Unsettled):
        await remove(world, "bob")
    with pytest.raises(Unsettled) as second:
        await remove(world, "carl")
    world.service.fault = None
    # A case of an action that nobody knows how to look for.
    await world.store.write(lambda connection: connection.exec_driver_sql("UPDATE cases SET action='mute' WHERE id=1"))
    assert await world.services.deeds.settle() == 1
    assert (await world.case(second.value.case_id)).failure is Failure.INTERRUPTED


async def test_a_case_is_undone_once_by_whichever_process(world: World) -> None:
    case = await remove(world)
    await undo(world, case)
    await world.im.members.remove(world.community, world.channel, "bob")
    # As another process would go on that looked before the first undo was over.
    with pytest.raises(Refusal, match="refusal-already-undone"):
        await world.services.deeds.take_back(case, staff=ANNA, guild_id=GUILD)
    assert not await world.im.members.contains(world.community, world.channel, "bob")
    assert (await world.case(case.id)).ended_by == BEN


async def test_a_failing_write_tells_the_log_nothing_of_what_was_to_be_written(world: World) -> None:
    def twice(connection: object) -> None:
        for _ in range(2):
            deed_rows.add_open(connection, 1, "private words", "us", 1)  # pyright: ignore

    await world.mute()
    with pytest.raises(IntegrityError) as failed:
        await world.store.write(twice)
    assert "private words" not in str(failed.value)
    kept = KeptItem("i1", 0, "private words", "private words", 1)
    new = NewCollection("i1", "private words", 0, 1, "private words")
    deed = edition("bob", SavedItem("i1", 0, "private words", None, 1), "private words")
    shown = [kept, new, deed, Friend("bob", "private words")]
    shown += [
        Collection(id="i1", type=0, createdAt=1, data="private words"),
        Contact(username="b", remark="private words"),
    ]
    assert "private words" not in repr(shown)


async def test_one_alert_and_one_post_however_many_processes_ask(world: World) -> None:
    def raise_twice(connection: object) -> list[int | None]:
        return [alert_rows.add_alert(connection, GUILD, "stuck", 1, "") for _ in range(2)]  # pyright: ignore

    first, second = await world.store.write(raise_twice)
    assert first is not None
    assert second is None


async def test_mirrors_are_forgotten_after_a_month(world: World) -> None:
    shows = ImMessage(Place(world.community, world.channel, "general"), "123", "bob", "hello", world.clock.now())
    await world.services.mirrors.note(guild_id=GUILD, message_id=77, shows=shows)
    await world.services.housekeeping.recover()
    for days, known in ((29, True), (2, False)):
        world.pass_time(days=days)
        await world.services.housekeeping.run_due()
        assert (await world.services.mirrors.find(GUILD, "123") is not None) == known
