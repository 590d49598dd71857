"""The fault matrix: every fault that must be survived, with what its tests counted.

A test that tries one says `fault("...", kills=50, wrong=0)`; numbers of several tests of one fault are added up. After
a whole run each fault must have been tried, and nothing that is counted as lost or wrong may be more than none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

Tally = Mapping[str, float]
Tell = Callable[..., None]
PROPERTY = "fault"

FAULTS = (
    "SIGKILL in the middle of a cleanup",
    "SIGKILL after a callback's 200",
    "IM refuses one user of a thousand",
    "429 storm",
    "callbacks replayed",
    "callbacks forged",
    "callbacks reordered",
    "10,000 callbacks in a burst",
    "database locked for 30 s",
    "disk full",
    "clock 2 h back and forth",
    "DST change",
    "policy removed while it runs",
    "Discord gone for 10 minutes while 200 mutes end",
    "log channel deleted or forbidden",
)
BAD = frozenset({"lost", "wrong", "early", "forged_accepted", "outside_filter", "double"})
"""Counts of what must not happen."""


def added_up(told: Iterable[tuple[str, Tally]]) -> dict[str, dict[str, float]]:
    """Return the sums of what was counted, by fault."""
    sums: dict[str, dict[str, float]] = {}
    for name, tally in told:
        of_it = sums.setdefault(name, defaultdict(float))
        for key, value in tally.items():
            of_it[key] += value
    return sums


def complaints(sums: Mapping[str, Tally], *, whole: bool) -> list[str]:
    """Return what is wrong, a sentence each; with `whole` also which faults nobody has tried."""
    found = [f"fault “{name}” was not tried by any test" for name in FAULTS if whole and name not in sums]
    found += [
        f"fault “{name}”: {key} {value:g}"
        for name, tally in sums.items()
        for key, value in tally.items()
        if key in BAD and value
    ]
    return found


def rendered(sums: Mapping[str, Tally]) -> str:
    """Return the matrix, a line a fault."""
    lines = [f"{name:<50} {_counts(sums[name]) if name in sums else 'NOT TRIED'}" for name in FAULTS]
    return "\n".join(lines)


def _counts(tally: Tally) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value:g}" for key, value in tally.items())
