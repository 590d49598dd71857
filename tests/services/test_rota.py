"""Who is on duty: exactly one day at each instant, handed over by the clocks of the rota's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.services.model import Staff
from bot.services.refusals import Refusal
from bot.services.rota import Rota, handover_of, on_duty, parse_handover, parse_zone

# Half-hour changes, changes at midnight, a day left out at the date line, no change at all.
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Pacific/Apia",
    "Asia/Shanghai",
)
moments = st.datetimes(datetime(2008, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
zones, times = st.sampled_from(ZONES), st.integers(0, 24 * 60 - 1)


@given(moments, zones, times)
@settings(max_examples=300, deadline=None)
def test_every_instant_belongs_to_the_last_day_whose_handover_has_come(now: datetime, zone: str, handover: int) -> None:
    today = on_duty(zone, handover, now)
    assert handover_of(today, zone, handover) <= now < handover_of(today + timedelta(days=1), zone, handover)


@given(moments, zones, times)
@settings(max_examples=100, deadline=None)
def test_handovers_of_following_days_never_go_back(now: datetime, zone: str, handover: int) -> None:
    days = [now.date() + timedelta(days=step) for step in range(8)]
    assert all(one <= other for one, other in pairwise(handover_of(day, zone, handover) for day in days))


@given(st.sampled_from([date(2026, 3, 29), date(2026, 10, 25)]), times, st.sampled_from([0, 1, -1]))
@settings(max_examples=100, deadline=None)
def test_a_handover_is_at_local_time_also_around_the_change_days(change: date, handover: int, step: int) -> None:
    day = change + timedelta(days=step)
    at = handover_of(day, "Europe/Berlin", handover)
    local = at.astimezone(ZoneInfo("Europe/Berlin"))
    missing = day == date(2026, 3, 29) and 2 * 60 <= handover < 3 * 60
    assert local.date() == day
    assert local.hour * 60 + local.minute == handover + (60 if missing else 0)
    assert local.fold == 0
    assert on_duty("Europe/Berlin", handover, at - timedelta(seconds=1)) < on_duty("Europe/Berlin", handover, at) == day


def test_a_day_of_duty_is_as_long_as_its_clocks_say(fault: Any) -> None:
    def hours(day: date) -> float:
        begin, end = (handover_of(day + timedelta(days=step), "Europe/Berlin", 9 * 60) for step in (0, 1))
        return (end - begin) / timedelta(hours=1)

    assert [hours(date(2026, 3, day)) for day in (27, 28, 29)] == [24, 23, 24]
    assert [hours(date(2026, 10, day)) for day in (23, 24, 25)] == [24, 25, 24]
    fault("DST change", days_of_duty=6, wrong=0)


def test_nobody_is_on_duty_on_a_day_that_is_free_and_the_night_belongs_to_the_day_before() -> None:
    rota = Rota({0: Staff(1, "anna"), 2: Staff(2, "ben")}, "Asia/Shanghai", 9 * 60)
    monday = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
    seen = [rota.person(monday + timedelta(hours=hour)) for hour in (-1, 0, 23, 24, 48, 71, 72)]
    assert [None if person is None else person.name for person in seen] == [
        None,
        "anna",
        "anna",
        None,
        "ben",
        "ben",
        None,
    ]


def test_a_zone_that_the_machine_does_not_know_any_more_counts_as_utc() -> None:
    assert on_duty("Mars/Olympus", 0, datetime(2026, 3, 2, 0, 30, tzinfo=UTC)) == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("9", 540), ("9:00", 540), ("0930", 570), (" 23.59 ", 1439), ("９：３０", 570), ("00:00", 0), ("7h30", 450)],
)
def test_a_time_of_day_is_understood_as_people_write_it(typed: str, minutes: int) -> None:
    assert parse_handover(typed) == minutes


@pytest.mark.parametrize("typed", ["", "24:00", "12:60", "noon", "-1", "9:0:0", "99999"])
def test_what_is_no_time_of_day_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match="refusal-handover"):
        parse_handover(typed)


def test_a_time_zone_is_found_by_its_city() -> None:
    assert [parse_zone(typed) for typed in ("berlin", "Europe/Berlin", "asia/shanghai", "new york", "  ", "utc")] == [
        "Europe/Berlin",
        "Europe/Berlin",
        "Asia/Shanghai",
        "America/New_York",
        "UTC",
        "UTC",
    ]
    # Etc/GMT+8 is eight hours behind UTC.
    for unknown in ("Atlantis", "GMT+8", "UTC+8"):
        with pytest.raises(Refusal, match="refusal-handover-zone"):
            parse_zone(unknown)
