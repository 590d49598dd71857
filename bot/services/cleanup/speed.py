"""How fast runs go in this process, and how long they will take."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.store.cleanup_rows import RunRow, Tally

_SHORTEST_MS = 2_000
"""What was measured for less says nothing."""


class Speed:
    """Items a second of each run that this process works on, since it began to."""

    def __init__(self) -> None:
        self._begun: dict[int, tuple[int, int]] = {}

    def entered(self, run_id: int, tally: Tally, now_ms: int) -> None:
        """Measure from here on."""
        self._begun[run_id] = (now_ms, _handled(tally))

    def left(self, run_id: int) -> None:
        """Measure no more."""
        self._begun.pop(run_id, None)

    def rate(self, run_id: int, tally: Tally, now_ms: int) -> float | None:
        """Return the items a second, None if that is not known."""
        begun, before = self._begun.get(run_id, (now_ms, 0))
        if now_ms - begun < _SHORTEST_MS:
            return None
        return max(0.0, (_handled(tally) - before) * 1000 / (now_ms - begun))


def seconds_left(run: RunRow, tally: Tally, rate: float | None, now_ms: int) -> float | None:
    """Estimate by items if the preview counted them all, else by owners."""
    if run.planned is not None:
        return max(0, run.planned - tally.done - tally.refused) / rate if rate else None
    finished = tally.owners - tally.owners_left
    if not rate or not finished:
        return None
    return (now_ms - run.begun_ms) / 1000 / finished * tally.owners_left


def _handled(tally: Tally) -> int:
    return tally.done + tally.kept + tally.refused
