"""What users saved: lists that read no further than their page, changes that can be taken back, nothing lost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.im import IMError, NewCollection
from bot.imservice import FaultAction, RequestInfo
from bot.imservice.domain import collections
from bot.services.clock import to_ms
from bot.services.model import Action, CaseView, Failure, Outcome
from bot.services.progress import watched_by
from bot.services.refusals import NeedsConfirmation, Refusal, Unsettled
from bot.services.saved.imports import Row
from bot.services.saved.items import SavedItem
from bot.services.saved.kinds import importing
from bot.services.saved.service import Wanted, aside, handle
from tests.services.conftest import ANNA, GUILD, START, World

LIST, ADD = "GET /users/{user_id}/collections", "POST /collections"
NOW = to_ms(START)
Item = tuple[str, int, str | None, int]


async def shelve(world: World, count: int, *, owner: str = "bob", kind: int = 1, ext: str | None = None) -> list[str]:
    """Save items a minute apart, the newest now; return their ids, newest first."""
    new = [collections.NewCollection(f"i{n}", f"data {n}", kind, ext, NOW - n * 60_000) for n in range(count)]
    await world.service.write(lambda connection: collections.add(connection, owner, new))
    return [item.id for item in new]


async def there(world: World, owner: str = "bob") -> dict[str, Item]:
    """What a user has, by the IM itself."""
    listed = world.im.collections.list(owner, begin=0)
    return {row.collection_id: (row.data, row.type, row.ext, row.created) async for row in listed}


async def act(world: World, name: str, **more: Any) -> CaseView:
    return await getattr(world.services.saved, name)(**({"staff": ANNA, "guild_id": GUILD, "owner": "bob"} | more))


async def add(world: World, data: str = "Bring bread", **more: Any) -> CaseView:
    return await act(world, "add", data=data, **({"type": 1} | more))


async def delete(world: World, named: str, **more: Any) -> CaseView:
    return await act(world, "delete", collections=named, **({"confirmed": True} | more))


async def take_in(world: World, *rows: Row, **more: Any) -> CaseView:
    return await act(world, "import_rows", rows=rows, **({"confirmed": True} | more))


async def undo(world: World, case: CaseView) -> CaseView:
    return await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=case.id)


def rows(count: int, start: int = 0) -> list[Row]:
    return [Row(f"r{n}", n % 3, f"data {n}", None, NOW - n) for n in range(start, start + count)]


def changes_fail(world: World, action: FaultAction) -> None:
    changing = lambda request: request.method != "GET" and "/token" not in request.path  # noqa: E731
    world.service.fault = lambda request: action if changing(request) else None


# Lists


async def test_the_first_pages_of_a_long_list_cost_one_request_and_say_at_least(world: World) -> None:
    ids = await shelve(world, 1_000)
    first = await world.services.saved.page("Bob", Wanted(), 0, 10)
    assert [item.id for item in first.items] == ids[:10]
    assert (first.owner_id, first.page, first.seen, first.total) == ("bob", 0, 11, None)
    third = await world.services.saved.page("bob", Wanted(), 2, 10)
    assert [item.id for item in third.items] == ids[20:30]
    assert world.calls(LIST) == 2
    deep = await world.services.saved.page("bob", Wanted(), 60, 10)
    assert [item.id for item in deep.items] == ids[600:610]
    assert world.calls(LIST) == 2 + 4


@pytest.mark.parametrize("count", [0, 9, 10, 11, 23, 40])
async def test_a_page_past_the_end_is_the_last_one_and_knows_the_total(world: World, count: int) -> None:
    ids = await shelve(world, count) if count else []
    last = await world.services.saved.page("bob", Wanted(), 99, 10)
    at = max(0, count - 1) // 10
    assert ([item.id for item in last.items], last.page, last.total) == (ids[at * 10 :], at, count)


async def test_a_list_is_of_a_type_and_a_span_of_time_and_has_items_of_a_time_to_come(world: World) -> None:
    await shelve(world, 5, kind=7)
    tomorrow = NOW + 86_400_000
    await world.im.collections.add_many("bob", [NewCollection("late", "soon", 8, tomorrow)])
    found = await world.services.saved.page("bob", Wanted(), 0, 10)
    assert [item.id for item in found.items] == ["late", "i0", "i1", "i2", "i3", "i4"]
    found = await world.services.saved.page("bob", Wanted(7, NOW - 180_000, NOW - 60_000), 0, 10)
    assert [item.id for item in found.items] == ["i1", "i2", "i3"]
    with pytest.raises(Refusal, match="refusal-unknown-user"):
        await world.services.saved.page("nobody", Wanted(), 0, 10)


async def test_suggestions_search_the_latest_and_are_asked_for_once(world: World) -> None:
    await shelve(world, 30)
    await add(world, "Bring bread", ext="Rye")
    assert [item.data for item in await world.services.saved.suggest("bob", "")][:2] == ["Bring bread", "data 0"]
    for typed in ("BREAD", "rye"):
        assert [item.data for item in await world.services.saved.suggest("Bob ", typed)] == ["Bring bread"]
    assert len(await world.services.saved.suggest("bob", "data")) == 25
    assert world.calls(LIST) == 1
    assert world.services.saved.known("@Bob", "i3") == world.services.saved.known("bob", handle("i3")) is not None
    assert world.services.saved.known("carl", "i3") is None


# One item


async def test_adding_is_a_case_of_its_beginning_alone_and_undo_deletes_what_is_unchanged(world: World) -> None:
    secret = "x" * 200 + "SECRET"
    case = await add(world, secret, type=-(2**31), ext="tag")
    assert (case.action, case.member_id, case.outcome) == (Action.COLLECTION_ADD, "bob", Outcome.APPLIED)
    assert "SECRET" not in str(case)
    assert list((await there(world)).values()) == [(secret, -(2**31), "tag", NOW)]
    undone = await undo(world, case)
    assert (undone.action, undone.undo_of) == (Action.COLLECTION_DELETE, case.id)
    assert await there(world) == {}
    # What was taken back can itself be taken back.
    await undo(world, undone)
    assert list((await there(world)).values()) == [(secret, -(2**31), "tag", NOW)]


async def test_undo_of_adding_refuses_once_the_item_is_changed_or_gone(world: World) -> None:
    case, other = await add(world), await add(world, "more")
    await world.im.collections.update("bob", case.details["id"], "mine")
    await world.im.collections.delete("bob", other.details["id"])
    for done in (case, other):
        with pytest.raises(Refusal, match="refusal-moved-on"):
            await undo(world, done)
    assert len(await there(world)) == 1


async def test_what_the_api_does_not_take_is_refused_before_a_case_is_made(world: World) -> None:
    for more, key in (
        ({"type": 2**31}, "refusal-saved-type"),
        ({"data": "x" * 500_000}, "refusal-saved-size"),
        ({"owner": "nobody"}, "refusal-unknown-user"),
    ):
        with pytest.raises(Refusal, match=key):
            await act(world, "add", **({"data": "d", "type": 1} | more))
    with pytest.raises(Refusal, match="refusal-unknown-case"):
        await world.case(1)


async def test_editing_sets_and_clears_an_ext_and_undo_restores_the_former_one(world: World) -> None:
    [item] = await shelve(world, 1, ext="old")
    case = await act(world, "edit", collection=item, ext="new")
    assert (await there(world))[item][2] == "new"
    with pytest.raises(Refusal, match="refusal-same-ext"):
        await act(world, "edit", collection=handle(item), ext="new")
    cleared = await act(world, "edit", collection=handle(item), ext="")
    assert (await there(world))[item][2] is None
    with pytest.raises(Refusal, match="refusal-moved-on"):
        await undo(world, case)
    await undo(world, cleared)
    await undo(world, case)
    assert (await there(world))[item][2] == "old"
    for unknown in ("nothing", "~00000000", "x" * 513):
        with pytest.raises(Refusal, match="refusal-unknown-collection"):
            await act(world, "edit", collection=unknown, ext="new")


# Deleting


async def test_deleting_asks_first_and_undo_brings_back_ids_times_and_ext(world: World) -> None:
    ids = await shelve(world, 45, ext='{"标签":"🥖"}')
    before = await there(world)
    named = f"{ids[0]}, {ids[1]}，{handle(ids[2])} {aside('3 d ago · i9 data')} " + " ".join(ids[2:43])
    with pytest.raises(NeedsConfirmation) as asked:
        await delete(world, named, confirmed=False)
    assert asked.value.values == {
        "owner": "bob", "count": 43, "first": "data 0", "second": "data 1", "third": "data 2"
    }  # fmt: skip
    assert "data" not in repr(asked.value)
    assert await there(world) == before
    case = await delete(world, named)
    assert list(await there(world)) == ids[43:]
    assert (case.details["done"], case.details["types"]) == (43, {"1": 43})
    assert "data 1" not in str(case)
    back = await undo(world, case)
    assert (back.action, back.details["how"], back.details["done"]) == (Action.COLLECTION_IMPORT, "back", 43)
    assert await there(world) == before
    with pytest.raises(Refusal, match="refusal-already-undone"):
        await undo(world, case)


async def test_nothing_is_deleted_if_one_is_unknown_or_they_are_too_many_or_too_large_to_keep(world: World) -> None:
    ids = await shelve(world, 3)
    for named, key in (
        (f"{ids[0]} nothing", "refusal-unknown-collection"),
        (" , ", "refusal-no-collections"),
        (" ".join(f"n{n}" for n in range(101)), "refusal-many-collections"),
    ):
        with pytest.raises(Refusal, match=key):
            await delete(world, named)
    noise = "".join(chr(0x4E00 + (n * 7919) % 20_000) for n in range(150_000))
    big = [collections.NewCollection(f"b{n}", noise[n:] + noise[:n], 1, None, NOW) for n in range(4)]
    await world.service.write(lambda connection: collections.add(connection, "bob", big))
    with pytest.raises(Refusal, match="refusal-saved-too-much"):
        await delete(world, "b0 b1 b2 b3")
    assert len(await there(world)) == 7


async def test_undo_of_deleting_restores_what_is_missing_and_leaves_alone_what_is_there_again(world: World) -> None:
    ids = await shelve(world, 3)
    before = await there(world)
    case = await delete(world, " ".join(ids))
    await world.im.collections.add("bob", "other", 1, collection_id=ids[0])
    back = await undo(world, case)
    assert (back.details["done"], back.details["others"]) == (2, 1)
    now = await there(world)
    assert now[ids[0]][0] == "other"
    assert {one: now[one] for one in ids[1:]} == {one: before[one] for one in ids[1:]}
    again = await delete(world, " ".join(ids[1:]))
    await world.im.collections.add_many("bob", [NewCollection(one, *before[one][:2], NOW, None) for one in ids[1:]])
    with pytest.raises(Refusal, match="refusal-moved-on"):
        await undo(world, again)


async def test_two_who_delete_the_same_get_one_effect_and_two_true_answers(world: World) -> None:
    ids = await shelve(world, 2)
    outcomes = await asyncio.gather(*(delete(world, " ".join(ids)) for _ in range(2)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["CaseView", "Refusal"]
    assert await there(world) == {}


# Importing


async def test_importing_leaves_alone_what_is_there_and_undo_deletes_what_it_added(world: World) -> None:
    await take_in(world, *rows(3))
    await world.im.collections.update("bob", "r2", "mine")
    new = Row(None, 5, "no id", "e", None)
    with pytest.raises(NeedsConfirmation) as asked:
        await take_in(world, *rows(6), new, confirmed=False)
    assert asked.value.values == {
        "owner": "bob", "count": 4, "types": "0 (1), 1 (1), 2 (1), 5 (1)", "same": 2, "others": 1
    }  # fmt: skip
    case = await take_in(world, *rows(6), new)
    assert (case.details["done"], case.details["same"], case.details["others"]) == (4, 2, 1)
    assert (await there(world))["r4"] == ("data 4", 1, None, NOW - 4)
    assert ("no id", 5, "e", NOW) in (await there(world)).values()
    with pytest.raises(Refusal, match="refusal-import-nothing-new"):
        await take_in(world, *rows(6))
    await world.im.collections.update("bob", "r5", "changed since")
    undone = await undo(world, case)
    assert (undone.details["done"], undone.details["changed"]) == (3, 1)
    assert sorted(await there(world)) == ["r0", "r1", "r2", "r5"]


async def test_a_long_import_tells_how_far_it_is_and_takes_few_requests(world: World) -> None:
    told: list[tuple[int, int]] = []

    async def watch(done: int, total: int) -> None:
        told.append((done, total))

    with watched_by(watch):
        await take_in(world, *rows(450))
    assert told == [(min(n * 20, 450), 450) for n in range(1, 24)]
    assert (world.calls(ADD), len(await there(world))) == (23, 450)


async def test_an_import_that_breaks_off_tells_what_was_done_and_undo_concerns_that_alone(world: World) -> None:
    def fault(request: RequestInfo) -> FaultAction | None:
        if request.method == "POST" and request.path.endswith("/collections") and world.calls(ADD) > 2:
            return FaultAction.answer(503)
        return None

    world.service.fault = fault
    case = await take_in(world, *rows(100))
    world.service.fault = None
    done = len(await there(world))
    assert 20 <= done <= 60
    assert (case.outcome, case.details["done"], case.details["failed"]) == (
        Outcome.APPLIED, done, {"unreachable": 100 - done}
    )  # fmt: skip
    # What did not go through is added by somebody else: it is not ours to take back.
    await world.im.collections.add_many("bob", [NewCollection(r.id or "", r.data, r.type, NOW) for r in rows(1, 90)])
    assert (await undo(world, case)).details["done"] == done
    assert list(await there(world)) == ["r90"]


async def test_one_item_that_the_im_refuses_keeps_no_other_from_being_saved(world: World) -> None:
    await world.im.collections.add("bob", "quick", 1, collection_id="r3")
    # As if r3 had come between our look and our request.
    deed = importing("bob", [SavedItem(f"r{n}", 1, f"data {n}", None, NOW) for n in range(50)], how="file")
    case = await world.services.deeds.do(deed, staff=ANNA, guild_id=GUILD)
    assert (case.details["done"], case.details["failed"]) == (49, {"other": 1})
    assert len(await there(world)) == 50


# Lost answers


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("what", ["add", "edit", "delete", "import"])
async def test_a_lost_answer_is_settled_by_what_the_im_shows(world: World, what: str, carried_out: bool) -> None:
    ids = await shelve(world, 2, ext="old")
    before = await there(world)
    changes_fail(world, FaultAction.reset(carried_out=carried_out))
    deed = {
        "add": lambda: add(world),
        "edit": lambda: act(world, "edit", collection=ids[0], ext="new"),
        "delete": lambda: delete(world, " ".join(ids)),
        "import": lambda: take_in(world, *rows(3)),
    }[what]
    try:
        case = await deed()
    except Unsettled as unsettled:
        world.service.fault = None
        await world.services.deeds.settle()
        case = await world.case(unsettled.case_id)
    except IMError:  # it was found out at once that nothing happened
        case = await world.case(1)
    world.service.fault = None
    assert (case.outcome is Outcome.APPLIED) == carried_out
    assert case.failure in ({None} if carried_out else {Failure.INTERRUPTED, Failure.UNREACHABLE})
    assert (await there(world) != before) == carried_out
    if carried_out:
        await undo(world, case)
        assert await there(world) == before


async def test_a_case_is_found_in_the_history_of_whose_item_it_is(world: World) -> None:
    await add(world)
    assert (await world.services.cases.history(GUILD, "bob")).counts == {Action.COLLECTION_ADD: 1}
