"""What cleanups take and give back: plain frozen records, no text for people in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.im import Collection
    from bot.services.cleanup.schedule import Schedule
    from bot.services.model import Staff
    from bot.store.cleanup_rows import Tally

DEFAULT_KEEP = "keep"


class TargetKind(StrEnum):
    """Whose collections a rule is about."""

    OWNER = "owner"
    CHANNEL = "channel"
    COMMUNITY = "community"


class RunKind(StrEnum):
    """What a run does."""

    CLEANUP = "cleanup"
    RESTORE = "restore"


class RunState(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    CANCELLING = "cancelling"  # what is under way is being finished and written down
    CANCELLED = "cancelled"
    DONE = "done"
    FAILED = "failed"


GOING = frozenset({RunState.RUNNING, RunState.CANCELLING})


class PolicyState(StrEnum):
    """How a policy stands."""

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Target:
    """One user, the members of one channel, or those of one community; `name` is the IM's, untrusted."""

    kind: TargetKind
    community_id: str
    channel_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What a cleanup deletes: items of the target that are old enough, of the type (None: any), and not kept."""

    target: Target
    older_than_ms: int
    item_type: int | None
    keep: str

    def keeps(self, ext: str | None) -> bool:
        """Tell whether an item is never deleted: its ext contains the word, in whatever case."""
        return ext is not None and self.keep.casefold() in ext.casefold()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a cleanup would delete; `exact` False: at least so much, not everything was looked at."""

    rule: Rule
    cutoff_ms: int
    count: int
    kept: int
    exact: bool
    owners: int
    oldest: datetime | None
    newest: datetime | None
    sample: tuple[tuple[str, Collection], ...]  # owner and item; untrusted


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as people see it."""

    id: int
    guild_id: int
    kind: RunKind
    of_run: int | None
    policy_id: int | None
    case_id: int
    staff: Staff
    rule: Rule
    cutoff: datetime
    state: RunState
    why: str  # untrusted
    begun_at: datetime
    ended_at: datetime | None
    planned: int | None
    tally: Tally
    failures: tuple[tuple[str, str], ...]  # a few owners that could not be done, and why; untrusted
    retry_at: datetime | None  # the IM gives trouble; tried again then
    rate: float | None  # items a second since this process works on it
    seconds_left: float | None
    restorable_until: datetime | None  # of a cleanup that is over, if something of it can be put back
    resumable: bool  # it was stopped, and nothing of it was put back since
    home_channel_id: int | None

    @property
    def going(self) -> bool:
        """Whether it is being worked on."""
        return self.state in GOING


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A policy as people see it."""

    id: int
    guild_id: int
    staff: Staff
    rule: Rule
    schedule: Schedule
    state: PolicyState
    next_at: datetime | None
    running: int | None  # the run of it that is under way


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is scheduled or runs; `id` is what /job run and /job cancel take."""

    id: str
    run: RunView | None = None
    policy: PolicyView | None = None
    last_reconcile: datetime | None = None
