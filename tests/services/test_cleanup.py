"""Collection cleanup: what goes, what stays, what it costs, and what survives (design section 8)."""

from __future__ import annotations

import asyncio
import contextlib
import math
from typing import Any

import pytest

from bot.im import NewUser
from bot.imservice import FaultAction, RequestInfo
from bot.services.cleanup.model import RunState
from bot.services.model import Action, Outcome
from bot.services.refusals import Refusal
from tests.services.conftest import ANNA, GUILD, World
from tests.services.cupboard import (
    ADD,
    DAY,
    DELETE,
    LIST,
    NOW,
    calls,
    clean,
    community,
    down,
    finished,
    forget,
    left,
    rule,
    save,
    spent,
    start,
)


def least(*counts: int) -> int:
    """The fewest requests: only a page that is not full tells that nothing follows."""
    return sum(count // 200 + 1 + math.ceil(count / 20) for count in counts)


class Death:
    """SIGKILL at the `at`-th write to the database, before or behind its commit: nothing is written from then on."""

    def __init__(self, world: World, at: int, *, committed: bool) -> None:
        self.left, self.committed, self.dead = at, committed, False
        self._write = world.store.write
        world.store.write = self.write  # pyright: ignore

    async def write(self, work: Any) -> Any:
        self.left -= 1
        if self.dead or (self.left == 0 and not self.committed):
            self.dead = True
            raise asyncio.CancelledError
        result = await self._write(work)
        if self.left == 0:
            self.dead = True
            raise asyncio.CancelledError
        return result


async def run_until_death(world: World, at: int, *, committed: bool) -> bool:
    """Work on what is due until we are killed; return whether we were."""
    death = Death(world, at, committed=committed)
    with contextlib.suppress(asyncio.CancelledError):
        await world.services.housekeeping.run_due()
    return death.dead


# What goes and what stays


async def test_only_what_is_old_enough_of_the_type_and_without_the_keep_word_goes(world: World) -> None:
    await save(world, "bob", 45, days=60, item_type=1, name="old")
    await save(world, "bob", 3, days=60, item_type=1, ext="Please KEEP this", name="kept")
    await save(world, "bob", 2, days=60, item_type=2, name="other")
    await save(world, "bob", 4, days=29, item_type=1, name="young")
    await save(world, "carl", 5, days=60, item_type=1)
    view = await clean(world, rule(item_type=1))
    assert set(await left(world, "bob")) == {f"kept{n}" for n in range(3)} | {"other0", "other1"} | {
        f"young{n}" for n in range(4)
    }
    assert len(await left(world, "carl")) == 5
    assert (view.state, view.tally.done, view.tally.kept) == (RunState.DONE, 45, 3)
    case = await world.case(view.case_id)
    assert (case.action, case.outcome, case.member_id, case.staff) == (Action.CLEANUP, Outcome.APPLIED, "bob", ANNA)
    assert (case.details["done"], case.details["run"], case.details["keep"]) == (45, view.id, "keep")


async def test_the_cut_off_is_to_the_millisecond_and_stays_where_it_was_at_the_beginning(world: World) -> None:
    for name, days in (("exactly", 30), ("younger", 30 - 1 / DAY), ("older", 30 + 1 / DAY)):
        await save(world, "bob", 1, days=days, name=name)
    run = await start(world, rule())
    world.clock.move(days=5)
    await world.services.housekeeping.run_due()
    assert set(await left(world, "bob")) == {"younger0"}
    assert (await world.services.cleanups.view(GUILD, run.id)).tally.done == 2


async def test_members_of_a_channel_and_of_a_community(world: World) -> None:
    await world.im.users.create(NewUser(username="eve"))
    for owner in ("olga", "bob", "carl", "eve"):
        await save(world, owner, 3)
    target = community(world)
    await clean(world, rule(target=target))
    assert [len(await left(world, owner)) for owner in ("olga", "bob", "carl", "eve")] == [0, 0, 0, 3]


async def test_as_few_requests_as_can_be_also_with_kept_items_in_between(world: World) -> None:
    counts = {"bob": 399, "carl": 231, "dora": 20, "mia": 1, "olga": 0}
    for owner, count in counts.items():
        await save(world, owner, count)
    before = calls(world)
    view = await clean(world, rule(target=community(world)))
    assert view.tally.done == 651
    assert spent(world, before) <= 1.02 * least(*counts.values())

    for part in range(20):
        # 10 to go and 9 to stay, again and again: a page has no whole number of batches.
        await save(world, "bob", 10, days=60 - part, name=f"go{part}-")
        await save(world, "bob", 9, days=59.5 - part, ext="keep", name=f"stay{part}-")
    before = calls(world)
    view = await clean(world, rule())
    assert (view.tally.done, view.tally.kept) == (200, 180)
    assert world.calls(DELETE) - before[DELETE] == 10
    assert world.calls(LIST) - before[LIST] == 2


async def test_what_others_delete_meanwhile_is_not_counted_as_ours(world: World) -> None:
    ids = await save(world, "bob", 40)
    taken = False

    def somebody_else(request: RequestInfo) -> None:
        nonlocal taken
        if request.route == DELETE and not taken:
            taken = True
            world.service.fault = None
            task = asyncio.ensure_future(forget(world, "bob", [ids[3]]))
            others.append(task)

    others: list[Any] = []
    world.service.fault = somebody_else
    view = await clean(world, rule())
    assert others
    assert await left(world, "bob") == {}
    assert view.tally.done in {39, 40}
    kept = await restore(world, view.id)
    assert len(await left(world, "bob")) == view.tally.done == kept.tally.done


async def test_two_runs_at_once_on_one_owner_count_each_item_once(world: World) -> None:
    await save(world, "bob", 210)
    before = calls(world)
    runs = [await start(world, rule()), await start(world, rule(days=20))]
    await world.services.housekeeping.run_due()
    views = [await world.services.cleanups.view(GUILD, run.id) for run in runs]
    assert sum(view.tally.done for view in views) == 210
    assert spent(world, before) <= least(210) + 1


async def test_progress_tells_how_fast_it_goes_and_how_long_it_will_take(world: World) -> None:
    await save(world, "bob", 400)
    run = await start(world, rule(), planned=400)
    views: list[Any] = []

    def a_second_each(request: RequestInfo) -> None:
        if request.route == DELETE:
            world.clock.move(seconds=1)
            if request.number == 15:
                views.append(asyncio.ensure_future(world.services.cleanups.view(GUILD, run.id)))

    world.service.fault = a_second_each
    await world.services.housekeeping.run_due()
    view = await views[0]
    assert (view.state, view.planned, view.tally.done) == (RunState.RUNNING, 400, 200)
    assert view.rate is not None
    assert view.seconds_left is not None
    assert 10 <= view.rate <= 20
    assert 10 <= view.seconds_left <= 20


# Crashes


@pytest.mark.parametrize("committed", [False, True], ids=["before the commit", "behind the commit"])
async def test_killed_at_every_point_the_counts_stay_exact_and_nothing_else_goes(world: World, committed: bool) -> None:
    for owner in ("bob", "carl"):
        await save(world, owner, 215)
        await save(world, owner, 7, days=50, ext="keep", name="kept")
        await save(world, owner, 6, days=10, name="young")
    everything = {owner: await left(world, owner) for owner in ("bob", "carl")}
    run = await start(world, rule(target=community(world)))
    deaths = 0
    for at in [*range(1, 9), *range(1, 9), *range(8, 0, -1)]:
        deaths += await run_until_death(world, at, committed=committed)
        await world.restart()
    view = await finished(world, run)
    assert deaths > 8
    assert (view.state, view.tally.done, view.tally.kept) == (RunState.DONE, 430, 14)
    for owner in ("bob", "carl"):
        assert len(await left(world, owner)) == 13
    restored = await restore(world, view.id)
    assert restored.tally.done == 430
    assert {owner: await left(world, owner) for owner in ("bob", "carl")} == everything


@pytest.mark.parametrize("carried_out", [False, True], ids=["not carried out", "carried out"])
async def test_an_answer_that_is_lost_changes_no_count(world: World, carried_out: bool) -> None:
    await save(world, "bob", 60)

    def lost(request: RequestInfo) -> FaultAction | None:
        return (
            FaultAction.reset(carried_out=carried_out) if request.route == DELETE and request.number % 3 == 2 else None
        )

    world.service.fault = lost
    view = await finished(world, await start(world, rule()))
    assert (view.state, view.tally.done) == (RunState.DONE, 60)
    assert await left(world, "bob") == {}
    assert (await restore(world, view.id)).tally.done == 60


async def test_what_got_the_keep_word_while_we_were_dead_stays(world: World) -> None:
    await save(world, "bob", 30)
    run = await start(world, rule())
    # Intended, not deleted: the first DELETE is never answered, and we die of it.
    world.service.fault = lambda request: FaultAction.reset() if request.route == DELETE else None
    await world.services.housekeeping.run_due()
    await world.restart()
    world.service.fault = None
    await world.im.collections.update("bob", "i3", "keep it")
    view = await finished(world, run)
    assert set(await left(world, "bob")) == {"i3"}
    assert (view.tally.done, view.tally.kept) == (29, 1)


async def test_a_restart_gives_a_run_a_new_message_and_leaves_a_note_in_the_old_one(world: World) -> None:
    await world.services.settings.set_log_channel(GUILD, 99)
    await save(world, "bob", 5)
    run = await start(world, rule())
    (post,) = await world.services.posts.due()
    assert (post.kind, post.subject_id) == ("run", run.id)
    await world.services.posts.shown(post, channel_id=99, message_id=500)
    assert await run_until_death(world, 4, committed=True)
    await world.restart()
    posts = {post.kind: post for post in await world.services.posts.due()}
    assert posts["run"].message_id is None
    assert posts["run"].id != post.id
    assert posts["run-before"].message_id == 500
    assert (await finished(world, run)).tally.done == 5


# Trouble


async def test_one_owner_whom_the_im_refuses_stops_nobody_else(world: World) -> None:
    for owner in ("bob", "carl", "dora"):
        await save(world, owner, 25)

    def refuse(request: RequestInfo) -> FaultAction | None:
        return FaultAction.answer(403) if request.route == DELETE and request.params["user_id"] == "carl" else None

    world.service.fault = refuse
    view = await clean(world, rule(target=community(world)))
    assert (view.state, view.tally.done, view.tally.owners_failed) == (RunState.DONE, 50, 1)
    assert [owner for owner, why in view.failures if why] == ["carl"]
    assert len(await left(world, "carl")) == 25
    world.service.fault = None
    assert (await restore(world, view.id)).tally.done == 50


async def test_one_owner_whose_requests_always_break_is_given_up_in_the_end(world: World) -> None:
    await save(world, "bob", 5)
    await save(world, "carl", 5)

    def broken(request: RequestInfo) -> FaultAction | None:
        return FaultAction.answer(500) if request.params.get("user_id") == "carl" else None

    world.service.fault = broken
    view = await finished(world, await start(world, rule(target=community(world))))
    assert (view.state, view.tally.done, view.tally.owners_failed) == (RunState.DONE, 5, 1)


async def test_an_im_that_is_down_is_waited_for_however_long(world: World) -> None:
    await save(world, "bob", 45)
    world.service.fault = down
    run = await start(world, rule(target=community(world)))
    waits: list[int] = []
    for _ in range(20):
        await world.services.housekeeping.run_due()
        wake = await world.services.housekeeping.next_wake()
        assert wake is not None
        waits.append(wake - NOW - round((world.clock.now().timestamp() * 1000) - NOW))
        assert await world.services.housekeeping.run_due() == 0
        world.clock.move(milliseconds=waits[-1])
    assert 800 <= waits[0] <= 1200
    assert 24_000 <= waits[-1] <= 36_000
    view = await world.services.cleanups.view(GUILD, run.id)
    assert view.going
    assert view.retry_at is not None
    world.service.fault = None
    view = await finished(world, run)
    assert (view.tally.done, view.tally.owners_failed) == (45, 0)


async def test_a_run_that_waits_for_the_im_can_be_cancelled(world: World) -> None:
    await save(world, "bob", 5)
    world.service.fault = down
    run = await start(world, rule())
    await world.services.housekeeping.run_due()
    await world.services.cleanups.cancel(GUILD, run.id)
    await world.services.housekeeping.run_due()
    assert (await world.services.cleanups.view(GUILD, run.id)).state is RunState.CANCELLED


async def test_a_channel_that_is_gone_ends_its_run_with_the_reason(world: World) -> None:
    place = (await world.services.directory.channel(GUILD, "general")).place
    target = community(world)
    gone = type(target)(type(target.kind).CHANNEL, world.community, place.channel_id, "general")
    await world.im.channels.delete(world.community, place.channel_id)
    view = await clean(world, rule(target=gone))
    assert view.state is RunState.FAILED
    assert view.why
    assert (await world.case(view.case_id)).outcome is Outcome.FAILED


# Cancel and go on


async def test_cancel_stops_at_the_next_request_and_what_went_can_be_restored_or_the_rest_done(world: World) -> None:
    await save(world, "bob", 400)
    run = await start(world, rule())
    cancelling: list[Any] = []

    def cancel(request: RequestInfo) -> None:
        if request.route == DELETE and not cancelling:
            cancelling.append(asyncio.ensure_future(world.services.cleanups.cancel(GUILD, run.id)))

    world.service.fault = cancel
    await world.services.housekeeping.run_due()
    view = await world.services.cleanups.view(GUILD, run.id)
    assert view.state is RunState.CANCELLED
    assert 0 < view.tally.done < 200
    assert len(await left(world, "bob")) == 400 - view.tally.done
    assert (await world.case(view.case_id)).details["cancelled"]
    with pytest.raises(Refusal, match="refusal-run-over"):
        await world.services.cleanups.cancel(GUILD, run.id)
    again = await world.services.jobs.run(GUILD, f"run-{run.id}", ANNA)
    assert again.run
    assert again.run.case_id != view.case_id
    view = await finished(world, run)
    assert (view.state, view.tally.done) == (RunState.DONE, 400)


# Restore


async def restore(world: World, run_id: int) -> Any:
    run = await world.services.cleanups.restore(run_id, staff=ANNA, guild_id=GUILD)
    return await finished(world, run)


async def test_restore_puts_back_ids_times_and_ext_and_skips_what_is_there(world: World) -> None:
    await save(world, "bob", 30, ext="a note 🙂", item_type=7)
    await save(world, "carl", 221)
    before = {owner: await left(world, owner) for owner in ("bob", "carl")}
    view = await clean(world, rule(target=community(world)))
    await save(world, "bob", 2, days=60, item_type=7, ext="another", name="i")  # i0 and i1 are there again, changed
    asked = calls(world)
    restored = await restore(world, view.id)
    assert (restored.state, restored.tally.done, restored.tally.kept) == (RunState.DONE, 249, 2)
    assert world.calls(ADD) - asked[ADD] <= 2 + 12 + 4
    after = {owner: await left(world, owner) for owner in ("bob", "carl")}
    assert after["carl"] == before["carl"]
    assert {item: after["bob"][item] for item in after["bob"] if item not in {"i0", "i1"}} == {
        item: before["bob"][item] for item in before["bob"] if item not in {"i0", "i1"}
    }
    case = await world.case(restored.case_id)
    assert (case.action, case.details["done"]) == (Action.RESTORE, 249)
    with pytest.raises(Refusal, match="refusal-restore-nothing"):
        await world.services.cleanups.restorable(GUILD, view.id)


@pytest.mark.parametrize("committed", [False, True])
async def test_a_restore_killed_at_every_point_is_complete_and_counted_right(world: World, committed: bool) -> None:
    await save(world, "bob", 250)
    before = await left(world, "bob")
    view = await clean(world, rule())
    await save(world, "bob", 1, days=60, name="i249-")
    await forget(world, "bob", ["i249-0"])
    run = await world.services.cleanups.restore(view.id, staff=ANNA, guild_id=GUILD)
    for at in [6, 7, 6, 8, *range(1, 9), 6]:
        await run_until_death(world, at, committed=committed)
        await world.restart()
    restored = await finished(world, run)
    assert (restored.tally.done, restored.tally.kept) == (250, 0)
    assert await left(world, "bob") == before


async def test_restore_is_refused_while_it_makes_no_sense(world: World) -> None:
    cleanups = world.services.cleanups
    await save(world, "bob", 3)
    run = await start(world, rule())
    with pytest.raises(Refusal, match="refusal-run-going"):
        await cleanups.restorable(GUILD, run.id)
    await world.services.housekeeping.run_due()
    for guild, number in ((GUILD + 1, run.id), (GUILD, run.id + 1)):
        with pytest.raises(Refusal, match="refusal-unknown-run"):
            await cleanups.restorable(guild, number)
    nothing = await clean(world, rule("carl"))
    with pytest.raises(Refusal, match="refusal-restore-nothing"):
        await cleanups.restorable(GUILD, nothing.id)
    world.pass_time(days=6.9)
    assert (await cleanups.restorable(GUILD, run.id))[1] == 3
    world.pass_time(days=0.2)
    with pytest.raises(Refusal, match="refusal-restore-late"):
        await cleanups.restorable(GUILD, run.id)
    # What cannot be restored any more is not kept any more.
    await world.services.housekeeping.run_due()
    rows = await world.store.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM cleanup_kept").scalar())
    assert rows == 0


# Preview


async def preview(world: World, **typed: Any) -> Any:
    given: dict[str, Any] = {"owner": None, "channel": None, "community": None, "item_type": None, "keep": None}
    made = await world.services.cleanups.rule(GUILD, **({"older_than": "30d"} | given | typed))
    return await world.services.cleanups.preview(made)


async def test_a_preview_counts_and_deletes_nothing(world: World) -> None:
    await save(world, "bob", 205, days=40)
    await save(world, "carl", 1, days=300, name="oldest")
    await save(world, "carl", 2, days=70, ext="KEEP", name="kept")
    seen = await preview(world, channel="general")
    assert (seen.count, seen.kept, seen.exact) == (206, 2, True)
    assert [(owner, item.collection_id) for owner, item in seen.sample] == [
        ("carl", "oldest0"),
        ("bob", "i0"),
        ("bob", "i1"),
    ]
    assert len(await left(world, "bob")) == 205
    world.clock.move(hours=1)
    run = await world.services.cleanups.start(seen, staff=ANNA, guild_id=GUILD)
    assert run.cutoff.timestamp() * 1000 == NOW - 30 * DAY
    view = await finished(world, run)
    assert (view.tally.done, view.planned) == (206, 206)


async def test_a_preview_that_would_take_too_long_says_at_least(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.cleanup.service.MOST_PAGES", 2)
    await save(world, "bob", 450)
    seen = await preview(world, owner="bob")
    assert (seen.count, seen.exact) == (399, False)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ({}, "refusal-one-target"),
        ({"owner": "bob", "channel": "general"}, "refusal-one-target"),
        ({"owner": "bob", "older_than": "permanent"}, "refusal-older-permanent"),
        ({"owner": "bob", "older_than": "30"}, "refusal-duration-bare"),
        ({"owner": "nobody"}, "refusal-unknown-user"),
        ({"channel": "nowhere"}, "refusal-unknown-channel"),
        ({"owner": "bob"}, "refusal-cleanup-nothing"),
    ],
)
async def test_what_cannot_be_is_refused_in_one_sentence(world: World, typed: dict[str, str], key: str) -> None:
    with pytest.raises(Refusal, match=key):
        await preview(world, **typed)
