"""The database is held by another process: commands say so or wait, what is due ends right after, nothing twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.app import assemble
from bot.config import Settings
from bot.im import NewUser
from bot.imservice import FaultAction, IMService, IMServiceOptions, RequestInfo
from bot.services.ledger import LEASE_MS
from bot.services.model import Ending, MuteState, Outcome
from bot.services.refusals import Unsettled
from bot.store import StoreError, StoreTrouble
from tests.fault_table import Tell
from tests.faults.database import impatient, locked
from tests.services.conftest import ANNA, GUILD, MakeWorld
from tests.services.mute_routes import LIFT, MUTE

__all__ = ["impatient"]

LOCKED = "database locked for 30 s"
HELD_SECONDS = 30


@pytest.mark.usefixtures("impatient")
async def test_a_locked_database_refuses_commands_and_what_fell_due_ends_right_after(
    make_world: MakeWorld, fault: Tell
) -> None:
    world = await make_world(keep_expired_mutes=True)
    due = [await world.mute(member, "20s") for member in ("bob", "carl")]
    world.service.count.clear()
    refused = 0
    async with locked(world.folder / "warden.db"):
        for _ in range(3):
            world.pass_time(seconds=10)
            for attempt in (world.mute("dora"), world.unmute("carl"), world.run_due()):
                with pytest.raises(StoreError) as raised:
                    await attempt
                assert raised.value.trouble is StoreTrouble.LOCKED
                refused += 1
        assert (await world.services.health.readiness()).database.detail == "cannot be written"
    assert (await world.services.health.readiness()).database.ok
    assert world.calls(MUTE) == world.calls(LIFT) == 0, "the IM was asked for what was not written down"
    assert await world.run_due() == 2
    assert await world.listed() == {}
    cases = [await world.case(case.id) for case in due]
    assert [(case.ending, case.closed_at) for case in cases] == [(Ending.ENDED, world.clock.now())] * 2
    assert (await world.mute("dora")).id == due[-1].id + 1, "a refused command has left something behind"
    fault(LOCKED, refused=refused, ended_right_after=2, lost=0, double=world.calls(LIFT) - 2)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("what", ["mute", "unmute"])
async def test_a_lock_between_the_ims_answer_and_our_books_is_settled_from_what_the_im_shows(
    make_world: MakeWorld, fault: Tell, what: str
) -> None:
    world = await make_world(keep_expired_mutes=True)
    muted = await world.mute("bob", "10m")
    holding: list[asyncio.Task[None]] = []
    async with locked(world.folder / "warden.db") as lock:
        await lock.let_go()

        def hold(request: RequestInfo) -> FaultAction | None:
            if request.route != (MUTE if what == "mute" else LIFT):
                return None
            holding.append(asyncio.ensure_future(lock.hold()))
            return FaultAction.delay(300)

        world.service.fault = hold
        with pytest.raises(Unsettled) as unsettled:
            await (world.mute("carl", "10m") if what == "mute" else world.unmute("bob"))
        world.service.fault = None
        assert isinstance(unsettled.value.cause, StoreError)
    world.pass_time(milliseconds=LEASE_MS + 1)
    await world.services.expiry.renew()
    assert await world.run_due() == 1
    settled = await world.case(unsettled.value.case_id)
    assert settled.outcome is Outcome.APPLIED
    state = (await world.case(muted.id)).mute_state
    assert state is (MuteState.ACTIVE if what == "mute" else MuteState.LIFTED)
    fault(LOCKED, settled=1, lost=0)


@pytest.mark.slow
async def test_with_all_its_patience_the_real_machine_outlives_a_lock_of_30_seconds(
    tmp_path: Path, fault: Tell
) -> None:
    service = IMService(tmp_path / "im", options=IMServiceOptions(keep_expired_mutes=True))
    await service.start()
    settings = Settings(storage={"url": f"sqlite+aiosqlite:///{tmp_path}/warden.db"})  # pyright: ignore
    machine = await assemble(settings, im_service=service)
    mutes, im = machine.services.mutes, machine.im
    await im.users.create(*[NewUser(username=name) for name in ("olga", "bob", "carl", "dora")])
    community = await im.communities.create("olga", "Aurora")
    channel = (await im.channels.create(community, "general")).channel_id
    for name in ("bob", "carl", "dora"):
        await im.communities.join(community, name)
        await im.members.add(community, channel, name)
    await machine.start()
    loop = asyncio.get_running_loop()
    order = {"staff": ANNA, "guild_id": GUILD, "channel": "general", "reason": ""}
    try:
        cases = [await mutes.mute(member=name, duration="4s", **order) for name in ("bob", "carl")]
        async with locked(tmp_path / "warden.db") as lock:
            begun = loop.time()
            with pytest.raises(StoreError, match="locked by another process"):
                await mutes.mute(member="dora", duration="1h", **order)
            assert 9 < loop.time() - begun < HELD_SECONDS
            await asyncio.sleep(HELD_SECONDS - (loop.time() - begun))
            await lock.let_go()
            released = loop.time()
        async with asyncio.timeout(10):
            while {one.user_id async for one in im.mutes.list(community, channel)}:
                await asyncio.sleep(0.05)
        late = loop.time() - released
        async with asyncio.timeout(10):
            while [(await machine.services.cases.view(GUILD, case.id)).ending for case in cases] != [Ending.ENDED] * 2:
                await asyncio.sleep(0.05)
        assert late < 2, "ended right after the lock"
    finally:
        await machine.stop()
        await service.stop()
    fault(LOCKED, held_seconds=HELD_SECONDS, ended_right_after=2, lost=0, double=service.count[LIFT] - 2)
