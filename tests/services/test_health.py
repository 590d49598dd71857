"""What `/readyz` and `/metrics` tell: the truth, soon, and nothing about anybody."""

import asyncio
import re
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.imservice import FaultAction
from bot.services.alerts import Trouble
from bot.services.cleanup.model import RunState
from bot.services.health import Readiness
from bot.services.meters import Meters
from tests.services.conftest import ANNA, GUILD, MakeWorld, World
from tests.services.cupboard import clean, restore, rule, save

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"


async def ready(world: World) -> Readiness:
    begun = time.monotonic()
    found = await world.services.health.readiness()
    assert time.monotonic() - begun < 5
    return found


async def figures(world: World) -> dict[str, float]:
    text = (await world.services.health.metrics()).decode()
    rows = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in rows}


async def test_all_is_well_where_all_answer(world: World) -> None:
    world.services.health.discord = lambda: True
    await world.services.reconcile.run()
    world.pass_time(seconds=7)
    found = await ready(world)
    assert found.ready
    assert found.as_json() == {
        "ready": True,
        "discord": {"ok": True, "detail": "connected", "seconds": 0.0},
        "im": {"ok": True, "detail": "answers", "seconds": found.im.seconds},
        "database": {"ok": True, "detail": "answers", "seconds": found.database.seconds},
        "timers": {"ok": True, "detail": "oldest due timer 0 s late", "seconds": 0.0},
        "compared_seconds": 7.0,
        "callbacks_waiting": 0,
    }
    world.services.health.discord = lambda: False
    found = await ready(world)
    assert (found.ready, found.discord.detail) == (False, "not connected")


async def test_what_is_rolled_back_is_not_counted(world: World) -> None:
    def work(connection: Connection) -> None:
        world.services.alerts.raise_alert(connection, GUILD, Trouble.LOG_REFUSED, why="gone", now_ms=1)

    def fail(connection: Connection) -> None:
        work(connection)
        raise ZeroDivisionError

    counter = 'warden_alerts_total{event="raised",kind="log_refused"}'
    with pytest.raises(ZeroDivisionError):
        await world.services.posts.write(fail)
    await world.services.posts.write(lambda _connection: None)
    assert (await figures(world)).get(counter, 0) == 0
    await world.services.posts.write(work)
    assert (await figures(world))[counter] == 1


async def test_an_unmute_that_is_a_minute_late_is_not_ready(world: World) -> None:
    world.services.health.discord = lambda: True
    await world.mute(duration="10m")
    world.pass_time(minutes=10, seconds=59)
    assert (await ready(world)).ready
    world.pass_time(seconds=2)
    late = await ready(world)
    assert (late.ready, late.timers.ok, late.timers.seconds) == (False, False, 61.0)
    assert (await figures(world))["warden_oldest_due_lag_seconds"] == 61
    await world.run_due()
    assert (await ready(world)).ready
    counted = await figures(world)
    assert counted['warden_unmutes_total{ending="ended"}'] == 1
    assert counted["warden_unmute_lateness_seconds_sum"] == 61


async def test_the_im_is_asked_once_however_many_look_and_its_words_are_not_repeated(world: World) -> None:
    asked = 0

    def refuse(_request: object) -> FaultAction:
        nonlocal asked
        asked += 1
        return FaultAction.answer(503)

    world.service.fault = refuse
    both = await asyncio.gather(ready(world), ready(world))
    again = await ready(world)
    assert asked == 1
    assert {one.im.detail for one in (*both, again)} == {"Unavailable 503"}


async def test_an_im_and_a_database_that_hang_delay_nobody_for_long(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await make_world()
    monkeypatch.setattr("bot.services.health.IM_PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr("bot.services.health.DATABASE_PATIENCE_SECONDS", 0.1)
    world.service.fault = lambda _request: FaultAction.delay(2_000)
    go_on = asyncio.Event()
    reads = 0
    true_read = world.store.read

    async def slow_read(work):
        nonlocal reads
        reads += 1
        await go_on.wait()
        return await true_read(work)

    monkeypatch.setattr(world.store, "read", slow_read)
    begun = time.monotonic()
    for _ in range(3):
        found = await world.services.health.readiness()
        assert (found.im.detail, found.database.detail) == ("no answer within 0 s", "no answer within 0 s")
        assert not found.timers.ok
        shown = await figures(world)
        assert shown["warden_database_up"] == 0
        assert "warden_timers_outstanding" not in shown
        assert "warden_im_circuit_open" in shown
    assert time.monotonic() - begun < 2
    # Whoever asked next joined the look that was under way, instead of blocking another reader.
    assert reads == 1
    go_on.set()
    assert (await figures(world))["warden_database_up"] == 1


async def test_metrics_count_what_is_outstanding(world: World) -> None:
    await world.services.settings.set_log_channel(GUILD, 5)
    for member in ("bob", "carl"):
        await world.mute(member, duration="10m")
    await world.mute("dora", duration="permanent")
    await save(world, "bob", 30)
    preview = await world.services.cleanups.preview(rule("bob"))
    await world.services.cleanups.start(preview, staff=ANNA, guild_id=GUILD)
    shown = await figures(world)
    assert shown["warden_timers_outstanding"] == 2
    assert shown["warden_posts_waiting"] == 4
    assert shown["warden_alerts_open"] == shown["warden_mutes_stuck"] == shown["warden_feed_waiting"] == 0
    assert {state: shown[f'warden_cleanup_runs{{state="{state}"}}'] for state in RunState} == {
        "running": 1, "cancelling": 0, "cancelled": 0, "done": 0, "failed": 0,
    }  # fmt: skip
    assert shown["warden_cleanup_items_left"] == 30
    assert shown["warden_schema_revision"] == 4
    assert shown["process_resident_memory_bytes"] > 1e6
    await world.services.cleanups.cancel(GUILD, 1)
    # Eight tries in vain: stuck, with an alert.
    world.service.fault = lambda _request: FaultAction.answer(503)
    world.pass_time(minutes=10)
    for _ in range(8):
        await world.run_due()
        world.pass_time(seconds=40)
    shown = await figures(world)
    assert (shown["warden_mutes_stuck"], shown["warden_alerts_open"]) == (2, 1)


async def test_what_cleanups_and_unmutes_have_done_is_counted(world: World) -> None:
    await save(world, "bob", 45)
    await save(world, "bob", 5, ext="keep", name="k")
    run = await clean(world, rule("bob"))
    assert run.tally.done == 45
    await restore(world, run.id)
    await world.mute("carl")
    await world.unmute("carl")
    await world.mute("carl", duration="1m")
    await world.im.mutes.remove(world.community, world.channel, "carl")
    await world.services.reconcile.run()
    shown = await figures(world)
    items = {
        name: shown.get(f'warden_cleanup_items_total{{outcome="{name}"}}') for name in ("deleted", "restored", "kept")
    }
    assert items == {"deleted": 45, "restored": 45, "kept": 5}
    assert shown['warden_unmutes_total{ending="lifted"}'] == shown['warden_unmutes_total{ending="outside"}'] == 1
    assert shown["warden_unmute_lateness_seconds_count"] == 0


async def test_no_label_holds_a_name_or_an_id(world: World) -> None:
    await world.mute("bob", duration="10m", reason="shouting")
    text = (await world.services.health.metrics()).decode()
    for told in ("bob", "general", "Aurora", "shouting", world.channel, world.community, str(GUILD), "anna"):
        assert told not in text, told


async def test_the_guide_lists_every_metric_and_no_others(world: World) -> None:
    text = (await world.services.health.metrics()).decode()
    told = re.findall(r"^# HELP (warden_\w+) ", text, flags=re.MULTILINE)
    ours = {name for name in told if not name.endswith("_created")}
    assert ours == set(re.findall(r"^\| `(warden_\w+)", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_two_programs_in_one_process_share_no_figures() -> None:
    one, other = Meters(), Meters()
    one.unmutes.labels("ended").inc()
    assert b'warden_unmutes_total{ending="ended"} 1.0' in one.rendered()
    assert b'ending="ended"' not in other.rendered()
