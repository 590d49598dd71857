"""One interaction as the user who caused it sees it: what the bot answered, and when."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.wire.model import Channel, Member, Message

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9


@dataclass(slots=True, frozen=True)
class Choice:
    """One suggestion of an autocomplete answer."""

    name: str
    value: str | int | float
    name_localizations: dict[str, str] | None = None


@dataclass(slots=True, eq=False)
class Reply:
    """The bot's answer to one interaction.

    `sent_at`, `acknowledged_at`, `answered_at` and `edited_at` are time.perf_counter() seconds: INTERACTION_CREATE
    given to the gateway, the first callback, the first content a user can read, each later edit of `message`.
    `created` is the fake's own clock, which decides the time limits. `delivered` is False if no bot was there.
    """

    id: int
    token: str
    kind: int
    member: Member
    channel: Channel
    created: float
    source: Message | None = None
    data: dict[str, Any] = field(default_factory=dict)
    delivered: bool = False
    sent_at: float = 0.0
    acknowledged_at: float | None = None
    answered_at: float | None = None
    edited_at: list[float] = field(default_factory=list)
    callback_type: int | None = None
    ephemeral: bool = False
    message: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: dict[str, Any] | None = None
    choices: list[Choice] | None = None
    trigger: "Reply | None" = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def deferred(self) -> bool:
        """Whether the first answer was a defer (with or without a loading message)."""
        return self.callback_type in {DEFER, DEFER_UPDATE}

    @property
    def text(self) -> str:
        """What the answer's message says now; empty without a message."""
        return "" if self.message is None else self.message.text

    @property
    def ack_seconds(self) -> float | None:
        """From the event to the first callback."""
        return None if self.acknowledged_at is None else self.acknowledged_at - self.sent_at

    @property
    def answer_seconds(self) -> float | None:
        """From the event to the first content."""
        return None if self.answered_at is None else self.answered_at - self.sent_at

    def note(self, *, acknowledged: bool = False, answered: bool = False, edited: bool = False) -> None:
        """Write down what has just happened and wake who waits for it."""
        now = time.perf_counter()
        if acknowledged:
            self.acknowledged_at = now
        if answered and self.answered_at is None:
            self.answered_at = now
        if edited:
            self.edited_at.append(now)
        self._changed.set()
        self._changed = asyncio.Event()

    async def acknowledged(self, timeout: float = 3.0) -> "Reply":
        """Wait for the first callback of any kind; raises TimeoutError."""
        return await self._until("acknowledge", timeout, lambda: self.acknowledged_at is not None)

    async def answered(self, timeout: float = 10.0) -> "Reply":
        """Wait for something the user can read, fill in or choose from; raises TimeoutError.

        That is a message (immediate, or the fill of a defer), an updated message, a modal or autocomplete choices.
        """
        return await self._until("answer", timeout, lambda: self.answered_at is not None)

    async def shows(self, text: str, timeout: float = 10.0) -> "Reply":
        """Wait until the answer's message contains `text`; raises TimeoutError."""
        return await self._until(f"show {text!r}", timeout, lambda: text in self.text)

    async def followed_up(self, count: int = 1, timeout: float = 10.0) -> Message:
        """Wait for the n-th follow-up message and return it; raises TimeoutError."""
        await self._until(f"send follow-up {count}", timeout, lambda: len(self.followups) >= count)
        return self.followups[count - 1]

    async def _until(self, what: str, timeout: float, done: Callable[[], bool]) -> "Reply":
        try:
            async with asyncio.timeout(timeout):
                while not done():
                    await self._changed.wait()
        except TimeoutError:
            raise TimeoutError(f"the bot did not {what} within {timeout} s: {self!r}") from None
        return self

    def __repr__(self) -> str:
        """Short, for failed assertions."""
        name = self.data.get("name") or self.data.get("custom_id")
        return f"<Reply to {name!r} delivered={self.delivered} callback={self.callback_type} text={self.text[:200]!r}>"
