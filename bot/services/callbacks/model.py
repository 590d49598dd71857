"""What the IM tells by callback, as far as it is of use (facts 7).

Nothing but the call id and the time of a callback is signed: its content may be anybody's. So it is taken as a hint
where something depends on it, and what it says is looked up at the IM before our state follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class MutesChanged:
    """Somebody was muted or unmuted in a channel."""

    channel_id: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MembersChanged:
    """Somebody joined or left a channel, or was added or removed."""

    channel_id: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChannelChanged:
    """A channel was made, changed or deleted."""

    channel_id: str
    deleted: bool


@dataclass(frozen=True, slots=True)
class MessageSent:
    """A message was sent in a channel or thread; `text` is untrusted, and empty for other kinds than `txt`."""

    channel_id: str
    message_id: str
    author_id: str
    kind: str  # of its first body: txt, img, audio, video, file, location, cmd, custom
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class OfNoUse:
    """Something that we know and need not act upon: reactions, threads, friends, blocks."""

    kind: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that we do not know; it is kept and counted."""

    kind: str


ImEvent = MutesChanged | MembersChanged | ChannelChanged | MessageSent | OfNoUse | Unknown
