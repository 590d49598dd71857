"""The disk of our database is full: nothing is begun that could not be written down, mutes end all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.imservice import FaultAction, RequestInfo
from bot.jobs.alarm import Alarm
from bot.services.complaints import EVERY_SECONDS, Complaints
from bot.services.ledger import LEASE_MS
from bot.services.model import Ending, Outcome
from bot.services.refusals import Unsettled
from bot.store import StoreError, StoreTrouble
from tests.fault_table import Tell
from tests.faults.database import Disk, PretendedDisk, disk, move_to
from tests.faults.home import Home, bucket, discord, home
from tests.services.conftest import ANNA, GUILD, MakeWorld
from tests.services.mute_routes import LIFT, MUTE

__all__ = ["bucket", "discord", "disk", "home"]

FULL = "disk full"


async def test_commands_are_refused_and_change_nothing_while_mutes_end_in_the_im_and_later_in_our_books(
    make_world: MakeWorld, disk: Disk, fault: Tell
) -> None:
    world = await make_world()
    await move_to(world, disk)
    first, second = await world.mute("bob", "10m"), await world.mute("carl", "20m")
    disk.fill(world.store)
    world.service.count.clear()
    services, refused = world.services, 0
    for _ in range(5):
        world.pass_time(minutes=2)
        for attempt in (
            world.mute("dora"),
            world.unmute("carl"),
            services.mutes.extend(staff=ANNA, guild_id=GUILD, case_id=second.id, add_ms=60_000),
            services.memberships.remove(staff=ANNA, guild_id=GUILD, channel="general", member="dora", reason=""),
            services.settings.set_duration(GUILD, 60_000),
        ):
            with pytest.raises(StoreError, match="no room left") as raised:
                await attempt
            assert raised.value.trouble is StoreTrouble.FULL
            refused += 1
    changing = {route: count for route, count in world.service.count.items() if not route.startswith("GET")}
    assert changing == {}, "the IM was asked for what could not be written down"
    assert list(await world.listed()) == ["carl"], "the IM itself ends what is over"
    assert [view.id for view in (await services.cases.history(GUILD, "dora")).cases] == []
    with pytest.raises(StoreError):
        await world.run_due()

    disk.clear(world.store)
    assert await world.run_due() == 1
    assert (await world.case(first.id)).ending is Ending.ENDED
    assert (await world.mute("dora", "1h")).id == second.id + 1
    world.pass_time(minutes=10)
    assert await world.run_due() == 1
    assert (await world.case(second.id)).ending is Ending.ENDED
    fault(FULL, refused=refused, lost=0, double=world.calls(MUTE) - 1, early=world.calls(LIFT))


async def test_readyz_and_status_name_a_database_that_can_only_be_read_until_there_is_room(
    make_world: MakeWorld, disk: Disk
) -> None:
    world = await make_world()
    await move_to(world, disk)
    services = world.services
    disk.fill(world.store)
    with pytest.raises(StoreError):
        await world.mute("bob")
    found = await services.health.readiness()
    assert (found.database.ok, found.database.detail, found.timers.ok) == (False, "cannot be written", True)
    metrics = await services.health.metrics()
    assert b"warden_database_up 0.0" in metrics
    assert b"warden_timers_outstanding 0.0" in metrics, "what can be read is told"
    assert not (await services.status.status(GUILD)).database_ok
    disk.clear(world.store)
    # Nobody has given a command meanwhile.
    assert (await services.health.readiness()).database.detail == "answers"
    assert b"warden_database_up 1.0" in await services.health.metrics()
    assert (await services.status.status(GUILD)).database_ok


async def test_a_disk_that_gets_full_in_the_middle_leaves_a_case_that_settles_when_there_is_room(
    make_world: MakeWorld, disk: Disk, fault: Tell
) -> None:
    world = await make_world(keep_expired_mutes=True)
    await move_to(world, disk)
    due = await world.mute("bob", "10m")

    def fill(request: RequestInfo) -> FaultAction | None:
        if not request.route.startswith("GET"):
            disk.fill(world.store)
        return None

    world.service.fault = fill
    with pytest.raises(Unsettled) as muted:
        await world.mute("carl", "1h")
    disk.clear(world.store)
    with pytest.raises(Unsettled) as made:
        await world.services.memberships.remove(staff=ANNA, guild_id=GUILD, channel="general", member="dora", reason="")
    disk.clear(world.store)
    world.pass_time(minutes=10)
    with capture_logs() as log:
        await world.run_due()
    assert [line["event"] for line in log if line["log_level"] != "info"] == ["expiry failed"], "lifted, not noted"
    assert [line for line in log if "exc_info" in line] == []
    world.service.fault = None
    disk.clear(world.store)
    world.pass_time(milliseconds=LEASE_MS + 1)
    await world.services.expiry.renew()
    await world.run_due()
    assert await world.services.deeds.settle() == 1
    settled = [await world.case(unsettled.value.case_id) for unsettled in (muted, made)]
    assert [case.outcome for case in settled] == [Outcome.APPLIED] * 2
    assert (await world.case(due.id)).ending is Ending.ENDED
    assert list(await world.listed()) == ["carl"]
    fault(FULL, settled=3, lost=0, double=world.calls(LIFT) - 1)


async def test_a_log_message_that_could_not_be_noted_is_not_sent_again(home: Home, tmp_path: Path, fault: Tell) -> None:
    """Discord takes a second one with the same nonce for the same for some minutes only; a disk is full for longer."""
    log, store = home.discord.add_channel("mod-log"), home.warden.store
    logbook: Any = home.warden.bot.get_cog("WardenLogbook")
    await logbook.cog_unload()
    await home.warden.services.settings.set_log_channel(home.discord.guild.id, log.id)
    await home.people(["bob"])
    await home.mute("bob", "10m")
    disk = PretendedDisk(tmp_path)
    disk.fill(store)
    for _ in range(4):
        with pytest.raises(StoreError, match="no room left"):
            await logbook.show_due()
    disk.clear(store)
    await home.show_all()
    home.clock.move(minutes=10)
    await home.warden.services.expiry.run_due()
    await home.show_all()
    (message,) = home.discord.messages(log)
    assert "Mute over: bob" in message.text
    sent = home.discord.requested("POST", rf"/channels/{log.id}/messages$")
    fault(FULL, sent=len(sent), double=len(sent) - 1)


async def test_the_log_says_it_once_a_minute_not_once_a_second() -> None:
    seconds = [0.0]
    complaints = Complaints(lambda: seconds[0])
    with capture_logs() as log:
        for _ in range(180):
            seconds[0] += 1
            complaints.say("job failed", StoreError("no room left", StoreTrouble.FULL))
        complaints.say("job failed", ValueError("a surprise"))
    full = [line for line in log if line["log_level"] == "warning"]
    assert len(full) == 180 / EVERY_SECONDS
    assert [line.get("silent_since") for line in full] == [None, EVERY_SECONDS - 1, EVERY_SECONDS - 1]
    assert isinstance(log[-1]["exc_info"], ValueError)


async def test_the_alarm_goes_on_and_says_it_once(make_world: MakeWorld, disk: Disk, fault: Tell) -> None:
    world = await make_world()
    await move_to(world, disk)
    await world.mute("bob", "10m")
    world.pass_time(minutes=10)
    alarm = Alarm(reconcile_seconds=3600)
    alarm._services = world.services
    drain = alarm._guarded(alarm._drain)
    disk.fill(world.store)
    with capture_logs() as log:
        for _ in range(30):
            await drain()
    assert [line["event"] for line in log] == ["job failed: _drain"]
    disk.clear(world.store)
    await drain()
    await world.services.expiry.join()
    assert await world.services.expiry.next_wake() is None
    fault(FULL, tries=30, log_lines=1, lost=0)
