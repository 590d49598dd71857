"""Collection cleanup: what goes, what stays, what it costs, and what survives (design section 8)."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from bot.im import NewUser
from bot.imservice import RequestInfo
from bot.services.cleanup.model import RunState
from bot.services.model import Action, Outcome
from bot.services.refusals import Refusal
from tests.services.conftest import ANNA, GUILD, World
from tests.services.cupboard import (
    DAY,
    DELETE,
    LIST,
    NOW,
    calls,
    clean,
    community,
    finished,
    forget,
    left,
    restore,
    rule,
    save,
    spent,
    start,
)


def least(*counts: int) -> int:
    """The fewest requests: only a page that is not full tells that nothing follows."""
    return sum(count // 200 + 1 + math.ceil(count / 20) for count in counts)


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
