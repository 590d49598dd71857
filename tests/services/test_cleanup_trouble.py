"""Cleanups whose IM gives trouble, and who is stopped and goes on (design section 8)."""

from __future__ import annotations

import pytest

from bot.imservice import FaultAction, RequestInfo
from bot.services.cleanup.model import RunState
from bot.services.model import Outcome
from bot.services.refusals import Refusal
from tests.services.conftest import ANNA, GUILD, World
from tests.services.cupboard import (
    DELETE,
    NOW,
    clean,
    community,
    down,
    during_the_first_delete,
    finished,
    left,
    restore,
    rule,
    save,
    start,
)


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
    during_the_first_delete(world, lambda: world.services.cleanups.cancel(GUILD, run.id))
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
