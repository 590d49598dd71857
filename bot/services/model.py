"""What services take and give back: plain frozen records, no text for people in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Details: TypeAlias = "Mapping[str, Any]"
"""What a case knows besides who, where and when: plain JSON values; texts in it may be the IM's, untrusted."""


class Action(StrEnum):
    """What a case is about."""

    MUTE = "mute"
    UNMUTE = "unmute"
    EXTEND = "extend"
    MEMBER_ADD = "member-add"
    MEMBER_REMOVE = "member-remove"
    MEMBER_PURGE = "member-purge"
    CHANNEL_CREATE = "channel-create"
    CHANNEL_EDIT = "channel-edit"
    CHANNEL_DELETE = "channel-delete"
    CHANNEL_SAY = "channel-say"
    THREAD_CREATE = "thread-create"
    THREAD_RENAME = "thread-rename"
    THREAD_DELETE = "thread-delete"
    THREAD_ADD = "thread-add"
    THREAD_REMOVE = "thread-remove"
    REACTION_ADD = "reaction-add"
    REACTION_REMOVE = "reaction-remove"
    FRIEND_ADD = "friend-add"
    FRIEND_REMOVE = "friend-remove"
    FRIEND_REMARK = "friend-remark"
    BLOCK_ADD = "block-add"
    BLOCK_REMOVE = "block-remove"
    COLLECTION_ADD = "collection-add"
    COLLECTION_EDIT = "collection-edit"
    COLLECTION_DELETE = "collection-delete"
    COLLECTION_IMPORT = "collection-import"
    CLEANUP = "cleanup"
    RESTORE = "restore"
    POLICY = "policy"
    SETTING = "setting"


MUTES: Final = frozenset({Action.MUTE, Action.UNMUTE, Action.EXTEND})
"""Actions that have a mute with states and timers of its own; the others are deeds (bot/services/deeds.py)."""

REVERSIBLE: Final = frozenset(
    {
        Action.MEMBER_ADD,
        Action.MEMBER_REMOVE,
        Action.MEMBER_PURGE,
        Action.CHANNEL_EDIT,
        Action.THREAD_RENAME,
        Action.THREAD_ADD,
        Action.THREAD_REMOVE,
        Action.REACTION_ADD,
        Action.REACTION_REMOVE,
        Action.FRIEND_ADD,
        Action.FRIEND_REMOVE,
        Action.FRIEND_REMARK,
        Action.BLOCK_ADD,
        Action.BLOCK_REMOVE,
        Action.COLLECTION_ADD,
        Action.COLLECTION_EDIT,
        Action.COLLECTION_DELETE,
        Action.COLLECTION_IMPORT,
        Action.SETTING,
    }
)
"""Deeds that can be taken back while the world has not moved on; mutes decide for themselves."""


class Outcome(StrEnum):
    """How far a case has come (design section 7)."""

    INTENDED = "intended"
    APPLIED = "applied"
    VERIFIED = "verified"
    FAILED = "failed"
    UNDONE = "undone"


class MuteState(StrEnum):
    """Where a mute stands (design section 7)."""

    PENDING = "pending"
    ACTIVE = "active"
    LIFTING = "lifting"
    LIFTED = "lifted"
    FAILED = "failed"
    SUPERSEDED = "superseded"


LIVE_STATES = (MuteState.PENDING, MuteState.ACTIVE, MuteState.LIFTING)


class Ending(StrEnum):
    """Why a mute is over."""

    ENDED = "ended"  # its time was up
    LIFTED = "lifted"  # by staff, through us
    OUTSIDE = "outside"  # by somebody else: console, client, another bot
    EXTENDED = "extended"  # a later case gave it another end
    GONE = "gone"  # its channel is gone
    LEFT = "left"  # the member is not in the channel any more


class Failure(StrEnum):
    """Why a case failed; each has a text `failure-...`."""

    REFUSED = "refused"  # the IM said no
    UNREACHABLE = "unreachable"  # the IM could not be reached, nothing was changed
    INTERRUPTED = "interrupted"  # we stopped in between, and the IM shows it never happened
    OVERTAKEN = "overtaken"  # somebody else changed it meanwhile
    UNKNOWN = "unknown"  # the IM cannot tell any more whether it happened


@dataclass(frozen=True, slots=True)
class Staff:
    """The Discord user who acts."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """One IM channel in its community."""

    community_id: str
    channel_id: str
    channel_name: str


NOWHERE: Final = Place("", "", "")
"""The place of what concerns no channel, such as friends, blocks and collections."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case as people see it: the intent, its outcome, and for a mute how it stands now."""

    id: int
    at: datetime
    guild_id: int
    staff: Staff
    action: Action
    place: Place
    member_id: str
    duration_ms: int | None  # None: permanent, or not a matter of time
    reason: str
    outcome: Outcome
    failure: Failure | None = None
    failure_detail: str = ""  # the IM's own words; untrusted
    undo_of: int | None = None
    mute_state: MuteState | None = None  # for mute and extend
    ends_at: datetime | None = None  # of a mute; None: permanent or not yet in force
    closed_at: datetime | None = None
    ending: Ending | None = None
    ended_by: Staff | None = None  # who lifted, extended or undid it
    adopted: bool = False  # somebody else changed its end, which was taken over
    stuck: bool = False  # due, and not to be lifted for many tries
    details: Details = field(default_factory=dict[str, Any])  # of a deed: what was intended, and what came of it
    subjects: tuple[str, ...] = ()  # people it concerns besides the member
    reason_by: Staff | None = None  # who gave it another reason than it began with
    erased: bool = False  # whom it was about and what was said is deleted

    @property
    def live(self) -> bool:
        """Tell whether the mute is (or is about to be) in force."""
        return self.mute_state in LIVE_STATES


@dataclass(frozen=True, slots=True)
class MutedMember:
    """One entry of a channel's mute list, joined with what we know of it."""

    member_id: str
    ends_at: datetime | None  # None: permanent, or the IM did not say (see permanent)
    permanent: bool
    case: CaseView | None  # None: muted by somebody else


@dataclass(frozen=True, slots=True)
class MutedList:
    """A channel's mute list as the IM tells it; `reachable` False: only what we know."""

    place: Place
    entries: tuple[MutedMember, ...]
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of an autocomplete list."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """What one Discord server has set; None: not set, the program's default holds."""

    guild_id: int
    community_id: str | None = None
    log_channel_id: int | None = None
    default_duration_ms: int = 600_000
    language: str | None = None
    oncall_role_id: int | None = None
    feed_channel_id: int | None = None
    oncall_zone: str | None = None
    oncall_handover_minutes: int | None = None
