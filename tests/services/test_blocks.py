"""Blocks: a batch with a result for each name, and an undo of only what the case did."""

from __future__ import annotations

import pytest

from bot.im import NewUser
from bot.im.errors import IMError
from bot.imservice import FaultAction, RequestInfo
from bot.services.blocks import carried_out
from bot.services.model import Action, CaseView, Outcome
from bot.services.name_lists import last_name, split_names
from bot.services.refusals import Refusal, Unsettled
from tests.services.conftest import ANNA, GUILD, World

ADD = "POST /users/{user_id}/blocks/users"


async def block(world: World, members: str, owner: str = "bob") -> CaseView:
    return await world.services.blocks.add(staff=ANNA, guild_id=GUILD, owner=owner, members=members)


async def unblock(world: World, member: str) -> CaseView:
    return await world.services.blocks.remove(staff=ANNA, guild_id=GUILD, owner="bob", member=member)


async def undo(world: World, case: CaseView) -> CaseView:
    return await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=case.id)


async def blocked(world: World) -> set[str]:
    return set(await world.im.blocks.latest("bob"))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("carl", ("carl",)),
        (" carl,dora  mia ", ("carl", "dora", "mia")),
        ("carl，dora、mia；olga", ("carl", "dora", "mia", "olga")),
        ("ｃａｒｌ\u3000dora\ncarl", ("carl", "dora")),
        (" ,， ", ()),
    ],
)
def test_names_are_separated_by_spaces_or_commas_of_any_keyboard(text: str, names: tuple[str, ...]) -> None:
    assert split_names(text) == names


@pytest.mark.parametrize(
    ("text", "parts"),
    [("", ("", "")), ("ca", ("", "ca")), ("carl, do", ("carl, ", "do")), ("carl、", ("carl、", "")), (" c", ("", "c"))],
)
def test_the_last_name_of_a_list_is_the_one_that_is_being_typed(text: str, parts: tuple[str, str]) -> None:
    assert last_name(text) == parts


async def test_a_batch_tells_each_name_and_undo_takes_back_only_its_own(world: World) -> None:
    await world.im.blocks.add("bob", "mia")
    case = await block(world, "Carl, dora，mia nobody bob @carl b%d")
    assert (case.action, case.member_id, case.subjects) == (Action.BLOCK_ADD, "bob", ("carl", "dora"))
    assert case.details["already"] == ["mia"]
    assert case.details["failed"] == {"nobody": "unknown", "bob": "owner", "b%d": "unknown"}
    assert carried_out(case) == ("carl", "dora")
    assert await blocked(world) == {"carl", "dora", "mia"}
    undone = await undo(world, case)
    assert (undone.action, carried_out(undone)) == (Action.BLOCK_REMOVE, ("carl", "dora"))
    assert await blocked(world) == {"mia"}
    await undo(world, undone)
    assert await blocked(world) == {"carl", "dora", "mia"}


async def test_undo_takes_back_what_is_left_of_a_batch_and_refuses_when_nothing_is(world: World) -> None:
    case = await block(world, "carl dora")
    await world.im.blocks.remove("bob", "carl")
    assert carried_out(await undo(world, case)) == ("dora",)
    case = await block(world, "carl")
    await world.im.blocks.remove("bob", "carl")
    with pytest.raises(Refusal, match="refusal-moved-on"):
        await undo(world, case)


@pytest.mark.parametrize(
    ("members", "refusal"),
    [
        (" , ", "refusal-no-names"),
        ("mia", "refusal-already-blocked"),
        ("bob", "refusal-own-block"),
        ("nobody", "refusal-unknown-user"),
        ("mia nobody", "refusal-nobody-to-block"),
        (" ".join(f"user{number}" for number in range(51)), "refusal-too-many-names"),
    ],
)
async def test_what_would_block_nobody_is_refused_before_it_is_sent(world: World, members: str, refusal: str) -> None:
    await world.im.blocks.add("bob", "mia")
    sent = world.calls(ADD)
    with pytest.raises(Refusal, match=refusal):
        await block(world, members)
    assert world.calls(ADD) == sent
    assert (await world.services.cases.history(GUILD, "bob")).total == 0


async def test_fifty_names_are_one_request(world: World) -> None:
    names = [f"user{number:02}" for number in range(50)]
    await world.im.users.create(*[NewUser(username=name) for name in names])
    case = await block(world, ",".join(names))
    assert len(carried_out(case)) == 50
    assert world.calls(ADD) == 1
    await undo(world, case)
    assert await blocked(world) == set()


async def test_unblocking_and_its_undo(world: World) -> None:
    await world.im.blocks.add("bob", "carl")
    case = await unblock(world, "@CARL")
    assert await blocked(world) == set()
    with pytest.raises(Refusal, match="refusal-not-blocked"):
        await unblock(world, "carl")
    await undo(world, case)
    assert await blocked(world) == {"carl"}
    with pytest.raises(Refusal, match="refusal-already-undone"):
        await undo(world, case)


async def test_the_others_are_blocked_if_one_name_is_gone_by_then(world: World) -> None:
    def whole_request_refused(request: RequestInfo) -> FaultAction | None:
        many = request.method == "POST" and request.number == 1
        return FaultAction.answer(404) if many else None

    world.service.fault = whole_request_refused
    case = await block(world, "carl dora")
    assert carried_out(case) == ("carl", "dora")
    assert world.calls(ADD) == 3


async def test_of_a_partial_undo_the_rest_is_told(world: World) -> None:
    case = await block(world, "carl dora")
    world.service.fault = lambda request: FaultAction.answer(400) if request.path.endswith("/carl") else None
    undone = await undo(world, case)
    assert carried_out(undone) == ("dora",)
    assert undone.details["failed"] == {"carl": "refused"}
    assert await blocked(world) == {"carl"}


@pytest.mark.parametrize("carried", [True, False])
async def test_what_was_never_answered_is_settled_by_the_list(world: World, carried: bool) -> None:
    world.service.fault = lambda r: None if r.method == "GET" else FaultAction.reset(carried_out=carried)
    if carried:
        # The list is read at once, and says that it happened.
        case = await block(world, "carl dora")
    else:
        with pytest.raises(Unsettled) as unsettled:
            await block(world, "carl dora")
        world.service.fault = None
        assert await world.services.deeds.settle() == 1
        case = await world.case(unsettled.value.case_id)
    assert case.outcome is (Outcome.APPLIED if carried else Outcome.FAILED)
    assert await blocked(world) == ({"carl", "dora"} if carried else set())


async def test_a_refusal_of_the_im_fails_the_case(world: World) -> None:
    world.service.fault = lambda r: None if r.method == "GET" else FaultAction.answer(403)
    with pytest.raises(IMError):
        await block(world, "carl dora")
    world.service.fault = None
    assert (await world.case(1)).outcome is Outcome.FAILED


async def test_suggestions_follow_what_was_changed(world: World) -> None:
    assert await world.services.blocks.suggest("bob", "") == []
    await block(world, "carl dora")
    assert [s.value for s in await world.services.blocks.suggest("bob", "")] == ["carl", "dora"]
    await unblock(world, "carl")
    assert [s.value for s in await world.services.blocks.suggest("BOB", "d")] == ["dora"]
