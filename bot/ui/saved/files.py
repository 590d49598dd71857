"""What users saved as files: taken in with a preview, given out in parts."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, cast

import aiohttp
import discord

from bot.services.model import CaseView
from bot.services.progress import watched_by
from bot.services.refusals import Refusal
from bot.services.saved.imports import LARGEST_FILE, BadLines, Flaw, read_rows, too_large
from bot.ui.answer import Answer
from bot.ui.confirm import confirmed
from bot.ui.face import AMBER
from bot.ui.notes import note_card
from bot.ui.reply import show_case
from bot.ui.safe import escape
from bot.ui.saved.forms import LONGEST_TEXT, Draft, MendButton, keep_draft, units
from bot.ui.words import Voice

if TYPE_CHECKING:
    import io

_MOST_FILES: Final = 10
_LINES_TOLD: Final = 5
_SECONDS_BETWEEN: Final = 2.0
_WORTH_TELLING: Final = 200
_FLAWS: Final = {
    Flaw.JSON: "flaw-json",
    Flaw.CSV: "flaw-csv",
    Flaw.FIELD: "flaw-field",
    Flaw.DATA: "flaw-data",
    Flaw.TYPE: "flaw-type",
    Flaw.EXT: "flaw-ext",
    Flaw.ID: "flaw-id",
    Flaw.TWICE: "flaw-twice",
    Flaw.CREATED: "flaw-created",
    Flaw.SIZE: "flaw-size",
}


class Progress:
    """Shows on an answer how far something has come, at most every 2 s, and nothing if it is soon over."""

    def __init__(self, answer: Answer, key: str) -> None:
        self._answer = answer
        self._key = key
        self._next = 0.0

    async def __call__(self, done: int, total: int) -> None:
        """Tell that so many are done; `total` 0: not known."""
        now = asyncio.get_running_loop().time()
        if now < self._next or max(done, total) <= _WORTH_TELLING or done == total:
            return
        self._next = now + _SECONDS_BETWEEN
        text = self._answer.voice(self._key, done=done, total=total)
        # What is done does not depend on somebody watching.
        with suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await self._answer.show(note_card(f"⏳ {text}"))
        self._answer.reopen()


async def import_attachment(answer: Answer, owner: str, file: discord.Attachment) -> None:
    """Read an attached file and offer to import it; raises Refusal if it cannot be had or read."""
    if file.size > LARGEST_FILE:
        raise too_large()
    try:
        content = await file.read()
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError):
        raise Refusal("refusal-import-unreadable") from None
    await import_content(owner, answer, content)


async def import_content(owner: str, answer: Answer, content: bytes) -> None:
    """Offer to import a file's content; where lines are wrong, tell which, and let a small one be mended here."""
    try:
        rows = read_rows(content)
    except BadLines as bad:
        await _show_bad_lines(answer, owner, content, bad)
        return
    importing = partial(
        answer.services.saved.import_rows, staff=answer.staff, guild_id=answer.guild_id, owner=owner, rows=rows
    )

    async def call(*, confirmed: bool) -> CaseView:
        with watched_by(Progress(answer, "saved-importing")):
            return await importing(confirmed=confirmed)

    await confirmed(answer, call, show_case)


async def export_saved(answer: Answer, owner: str) -> None:
    """Attach all that a user saved to the answer, as JSON lines."""
    voice = answer.voice
    with watched_by(Progress(answer, "saved-reading")):
        written = await answer.services.saved.export(
            owner, limit_bytes=answer.interaction.filesize_limit, most_parts=_MOST_FILES
        )
    try:
        text = voice("saved-exported", owner=escape(written.owner_id, 64), count=written.count)
        if written.missing:
            text += f"\n{voice('saved-export-missing', count=written.missing)}"
        files = [
            discord.File(cast("io.BufferedIOBase", part), _file_name(written.owner_id, number, len(written.parts)))
            for number, part in enumerate(written.parts, 1)
        ]
        await answer.show(note_card(text), files=files)
    finally:
        written.close()


async def _show_bad_lines(answer: Answer, owner: str, content: bytes, bad: BadLines) -> None:
    voice = answer.voice
    lines = [voice("refusal-import-lines", count=len(bad.lines))]
    lines += [_bad_line(line.number, line.flaw, voice) for line in bad.lines[:_LINES_TOLD]]
    if len(bad.lines) > _LINES_TOLD:
        lines.append(voice("saved-more-lines", count=len(bad.lines) - _LINES_TOLD))
    text = content.decode("utf-8-sig")
    view: discord.ui.View | None = None
    if units(text) <= LONGEST_TEXT:
        draft = Draft(answer.staff.id, text, partial(import_content, owner))
        name = keep_draft(answer.interaction.client, draft)
        view = discord.ui.View(timeout=None).add_item(MendButton(name, voice("button-mend")))
    await answer.show(note_card("\n".join(lines), colour=AMBER), view)


def _bad_line(number: int, flaw: Flaw, voice: Voice) -> str:
    return voice("saved-bad-line", number=str(number), why=voice(_FLAWS[flaw]))


def _file_name(owner_id: str, number: int, parts: int) -> str:
    return f"collections-{owner_id}{f'-{number}' if parts > 1 else ''}.jsonl"
