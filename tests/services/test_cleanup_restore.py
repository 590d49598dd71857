"""What a cleanup deleted is put back (design section 8, C4)."""

from __future__ import annotations

import pytest

from bot.services.cleanup.model import RunState
from bot.services.model import Action
from bot.services.refusals import Refusal
from tests.services.conftest import ANNA, GUILD, World
from tests.services.cupboard import (
    ADD,
    calls,
    clean,
    community,
    during_the_first_delete,
    finished,
    left,
    restore,
    rule,
    save,
    start,
)


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


async def test_a_cleanup_does_not_go_on_when_what_it_deleted_is_put_back(world: World) -> None:
    await save(world, "bob", 400)
    run = await start(world, rule())
    during_the_first_delete(world, lambda: world.services.cleanups.cancel(GUILD, run.id))
    await world.services.housekeeping.run_due()
    gone = 400 - len(await left(world, "bob"))
    stopped = await world.services.cleanups.view(GUILD, run.id)
    assert (stopped.restorable_until is not None, stopped.resumable) == (True, True)
    back = await world.services.cleanups.restore(run.id, staff=ANNA, guild_id=GUILD)
    with pytest.raises(Refusal, match="refusal-restore-going"):
        await world.services.jobs.run(GUILD, f"run-{run.id}", ANNA)
    assert (await finished(world, back)).tally.done == gone > 0
    with pytest.raises(Refusal, match="refusal-run-put-back"):
        await world.services.jobs.run(GUILD, f"run-{run.id}", ANNA)
    stopped = await world.services.cleanups.view(GUILD, run.id)
    assert (stopped.restorable_until, stopped.resumable) == (None, False)
    assert len(await left(world, "bob")) == 400
