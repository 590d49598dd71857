"""When a standing rule is due: a time of day, or five cron fields, in a time zone."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from datetime import datetime

_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)
_FIELD = re.compile(r"[0-9A-Za-z*/,\-]{1,40}", re.ASCII)
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST = 60
_CHOICES = 25


@dataclass(frozen=True, slots=True)
class Schedule:
    """A checked rule: `text` is a time of day or five cron fields, `timezone` a name of the IANA list."""

    text: str
    timezone: str

    @property
    def is_daily(self) -> bool:
        """Whether it is a time of day."""
        return ":" in self.text

    def after(self, moment: datetime) -> datetime | None:
        """Return the first due moment after this one, in UTC, None if there is none within a hundred years.

        A time of day that a change of the clocks leaves out is due when the clocks have gone on, one that comes twice
        is due the first time; only what goes by `*` hours happens in both.
        """
        trigger = _trigger(self.text, self.timezone)
        moment = moment.astimezone(UTC)
        # A change of the clocks repeats less than three hours, and a rule is due less often than every second.
        for _ in range(200):
            due: datetime | None = trigger.get_next_fire_time(None, moment + timedelta(microseconds=1))
            if due is None:
                return None
            # In UTC: two equal local times cannot be told apart.
            moment = due.astimezone(UTC)
            if not due.fold or self._goes_by_the_hour:
                return moment
        return None

    @property
    def _goes_by_the_hour(self) -> bool:
        return not self.is_daily and "*" in self.text.split()[1]


def parse_schedule(text: str, timezone: str | None, now: datetime) -> Schedule:
    """Return what was typed as `HH:MM` or as five cron fields (weekdays: 0 or 7 is Sunday); without a zone: UTC.

    Raises Refusal for anything else, and for what is never due.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    zone = _zone(timezone)
    time = _TIME.fullmatch(plain)
    if time is not None:
        return Schedule(f"{int(time[1]):02}:{time[2]}", zone)
    fields = plain.split(" ")
    if len(fields) != 5 or not all(_FIELD.fullmatch(field) for field in fields):
        raise Refusal("refusal-schedule", text=plain[:_LONGEST])
    schedule = Schedule(plain.lower(), zone)
    try:
        due = schedule.after(now)
    except (ValueError, KeyError):
        raise Refusal("refusal-schedule", text=plain[:_LONGEST]) from None
    if due is None:
        raise Refusal("refusal-schedule-never", text=plain[:_LONGEST])
    return schedule


def suggest_timezones(text: str) -> list[str]:
    """Return the names of time zones that hold the text, those that begin with it first."""
    wanted = text.strip().casefold().replace(" ", "_")
    found = [name for name in _zones() if wanted in name.casefold()]
    last = {name: name.casefold().rpartition("/")[2] for name in found}
    return sorted(found, key=lambda name: (not last[name].startswith(wanted), name))[:_CHOICES]


def find_timezone(text: str) -> str:
    """Return the time zone that is called so, or the only one whose city is; raises Refusal."""
    typed = unicodedata.normalize("NFKC", text).strip().replace(" ", "_").casefold()
    # Etc/GMT+8 is eight hours behind UTC, which nobody means who writes GMT+8.
    named = [zone for zone in _zones() if not zone.startswith(("Etc/GMT+", "Etc/GMT-"))]
    cities = [zone for zone in named if zone.casefold().rpartition("/")[2] == typed]
    return cities[0] if len(cities) == 1 else _zone(text)


def _zone(name: str | None) -> str:
    typed = unicodedata.normalize("NFKC", name or "").strip().replace(" ", "_")
    if not typed:
        return "UTC"
    found = {zone.casefold(): zone for zone in _zones()}.get(typed.casefold())
    if found is None:
        raise Refusal("refusal-timezone", text=typed[:_LONGEST])
    return found


@lru_cache(maxsize=1)
def _zones() -> tuple[str, ...]:
    return tuple(sorted(name for name in available_timezones() if "/" in name or name == "UTC"))


@lru_cache(maxsize=256)
def _trigger(text: str, timezone: str) -> Any:
    """Make APScheduler's trigger of a checked text; it is asked for moments and never fires anything."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    if ":" in text:
        hour, minute = text.split(":")
        return CronTrigger(hour=int(hour), minute=int(minute), timezone=zone)
    minute, hour, day, month, weekday = text.split(" ")
    fields = {"minute": minute, "hour": hour, "month": month, "timezone": zone}
    weekday = _weekdays(weekday)
    if "*" in (day[:1], weekday[:1]):
        return CronTrigger(day=day, day_of_week=weekday, **fields)
    # As in cron: where both are given, either will do.
    return OrTrigger([CronTrigger(day=day, **fields), CronTrigger(day_of_week=weekday, **fields)])


def _weekdays(field: str) -> str:
    """Write cron's weekdays the way APScheduler 3 understands them: its own 0 is Monday."""
    days: list[str] = []
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span == "*" and not step:
            return "*"
        first, dash, last = ("0", "-", "6") if span == "*" else span.partition("-")
        low, high = _weekday(first), _weekday(last if dash else first)
        if step and not dash:
            high = 6
        if low > high or (step and not 0 < int(step) <= 7):
            raise ValueError(field)
        days += [_WEEKDAYS[day] for day in range(low, high + 1, int(step or 1))]
    return ",".join(dict.fromkeys(days))


def _weekday(word: str) -> int:
    """Return a weekday's number in cron; raises ValueError."""
    if not word.isdigit():
        return _WEEKDAYS.index(word)
    if int(word) >= len(_WEEKDAYS):
        raise ValueError(word)
    return int(word)
