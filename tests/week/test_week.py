"""Two days of the week that `python -m tests.week` lives through: the weekend on which summer time begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fault_table import Tell
from tests.week.keeper import kept
from tests.week.town import SUMMER_TIME
from tests.week.truth import ALLOWED_MS

DAYS = 2


async def test_nothing_is_lost_early_or_late_in_two_days_of_everything(tmp_path: Path, fault: Tell) -> None:
    days: list[str] = []
    async with kept(tmp_path, seed=3, begin=SUMMER_TIME, days=DAYS) as keeper:
        await keeper.live(days.append)
        said = dict(await keeper.summary())
    truth, told = keeper.truth, keeper.town.told
    assert truth.problems == []
    assert truth.worst_ms <= ALLOWED_MS
    assert [said[bad] for bad in ("lost", "early", "double", "otherwise wrong")] == ["0"] * 4
    # What was to happen did happen: a week in which nothing is tried proves nothing.
    assert len(days) == DAYS
    assert told["mutes"] >= 60
    assert int(said["ended by their time"]) >= 40
    assert told["policy runs"] >= DAYS + 1, "daily, also where its hour is left out, and once weekly"
    assert truth.counts["deleted"] > 50
    assert told["restarts in the middle of work"] == DAYS
    assert truth.worst_in_trouble_ms > 60_000, "a mute fell due in the middle of trouble"
    assert sum(count for kind, count in told.items() if kind.startswith("outages")) >= DAYS
    fault("DST change", policy_runs=told["policy runs"], lost=truth.counts["lost"], early=truth.counts["early"])


@pytest.mark.parametrize("broken", ["early", "lost", "collections"])
async def test_the_model_sees_what_is_wrong(tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with kept(tmp_path, seed=3, begin=SUMMER_TIME, days=1) as keeper:
        town, truth = keeper.town, keeper.truth
        place = town.places["general"], "member1"
        await town.world.im.mutes.add(town.world.community, *place, duration_ms=60_000)
        truth.promised(place, town.now + 60_000, town.now)
        listed = await town.listed()
        if broken == "early":
            town.world.pass_time(seconds=59)
            truth.look(town, {})
        elif broken == "lost":
            town.world.pass_time(seconds=121)
            truth.look(town, listed)
        else:
            truth.items[("member1", "c1")] = (0, 0, None)
            truth.hold(await town.saved())
            truth.cleaned(1, {"member1"}, 1, None, done=2)
    expected = {"early": {"early": 1}, "lost": {"lost": 1}, "collections": {"lost": 1, "wrong": 1}}
    assert {kind: truth.counts[kind] for kind in expected[broken]} == expected[broken]
    assert truth.problems
