"""How far something of many parts has come, shown to whoever waits for it."""

import contextlib
import time
from collections.abc import Awaitable, Callable, Generator
from typing import Final

import aiohttp
import discord

from bot.services.progress import watched_by
from bot.ui.answer import Answer
from bot.ui.notes import note_card

_WORTH_IT: Final = 20
_SECONDS: Final = 2.0


@contextlib.contextmanager
def progress_in_place(answer: Answer) -> Generator[None]:
    """Show in the answer's place how far the service call in here has come, if it has more than 20 parts."""

    async def show(card: discord.Embed) -> None:
        await answer.show(card)
        answer.reopen()

    with watched_by(_Progress(answer, show)):
        yield


@contextlib.contextmanager
def progress_aside(answer: Answer) -> Generator[None]:
    """Show it to the presser alone, below a card that is to stay as it is."""
    shown: list[discord.WebhookMessage] = []

    async def show(card: discord.Embed) -> None:
        if shown:
            await shown[0].edit(embed=card)
        else:
            shown.append(await answer.interaction.followup.send(embed=card, ephemeral=True, wait=True))

    with watched_by(_Progress(answer, show)):
        yield


class _Progress:
    """Shows the first part, then every two seconds; what Discord does not take is no reason to stop working."""

    def __init__(self, answer: Answer, show: Callable[[discord.Embed], Awaitable[None]]) -> None:
        self._answer = answer
        self._show = show
        self._last: float | None = None

    async def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if total <= _WORTH_IT or (self._last is not None and now - self._last < _SECONDS):
            return
        self._last = now
        card = note_card(self._answer.voice("progress-line", done=done, total=total))
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
            await self._show(card)
