"""The weekly rota: who is on duty at a moment, by the clocks of the rota's own time zone."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.services.cleanup.schedule import find_timezone
from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.services.model import Staff

DAYS: Final = tuple(range(7))
"""Weekdays; 0 is Monday."""
USUAL_ZONE: Final = "UTC"
USUAL_HANDOVER: Final = 9 * 60

_HOURS, _MINUTES = 24, 60
_TIME: Final = re.compile(r"(\d{1,2})(?:[:.h ]?(\d{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rota:
    """Who is on duty on which weekday: from that day's hand-over (minutes after midnight in `zone`) to the next day's.

    A day that is not in `days` has nobody.
    """

    days: Mapping[int, Staff] = field(default_factory=dict[int, "Staff"])
    zone: str = USUAL_ZONE
    handover: int = USUAL_HANDOVER

    def person(self, now: datetime) -> Staff | None:
        """Return who is on duty."""
        return self.days.get(on_duty(self.zone, self.handover, now).weekday())


@dataclass(frozen=True, slots=True)
class OnCall:
    """Whom an alert calls at this moment: the rota's person, the role; neither: nobody."""

    person: Staff | None = None
    role_id: int | None = None

    @property
    def nobody(self) -> bool:
        """Tell whether there is nobody to be called."""
        return self.person is None and self.role_id is None


def on_duty(zone: str, handover: int, now: datetime) -> date:
    """Return the day whose duty it is at `now`: the last one whose hand-over has come.

    A hand-over that a change of the clocks leaves out happens when they have gone on, one that comes twice the first
    time; so each instant has exactly one day.
    """
    local = now.astimezone(_zone(zone)).date()
    # A zone that moves across the date line leaves out or repeats a day.
    days = (local + timedelta(days=step) for step in (1, 0, -1, -2))
    return next(day for day in days if handover_of(day, zone, handover) <= now)


def handover_of(day: date, zone: str, handover: int) -> datetime:
    """Return the moment, in UTC, at which a day's duty begins."""
    return datetime.combine(day, time(*divmod(handover, 60)), tzinfo=_zone(zone)).astimezone(UTC)


def parse_handover(text: str) -> int:
    """Return a time of day as minutes after midnight: `9`, `9:00`, `0900`, `９：３０`; raises Refusal."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    found = _TIME.fullmatch(plain)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (_HOURS, 0)
    if hour >= _HOURS or minute >= _MINUTES:
        raise Refusal("refusal-handover", text=plain[:20])
    return hour * 60 + minute


def parse_zone(text: str) -> str:
    """Return a time zone by its name, in any case, or by its city alone; raises Refusal, also for an ambiguous one."""
    try:
        return find_timezone(text) if text.strip() else USUAL_ZONE
    except Refusal as refusal:
        # The form has no list to choose from.
        raise Refusal("refusal-handover-zone", **refusal.values) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        # The machine's list of zones has lost it; what is due must go on.
        return ZoneInfo(USUAL_ZONE)
