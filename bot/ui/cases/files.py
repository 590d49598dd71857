"""Cases as files on an answer."""

from datetime import datetime
from typing import TYPE_CHECKING, cast

import discord

from bot.ui.answer import Answer
from bot.ui.notes import note_card
from bot.ui.progress import progress_in_place

if TYPE_CHECKING:
    import io

    from bot.services.case_export import FileFormat


async def show_export(answer: Answer, file_format: "FileFormat", since: datetime | None) -> None:
    """Attach a guild's cases to the answer, as many files as it takes; tell how far it is while it takes long."""
    # What a file may weigh here; a little less, so that what goes with it fits as well.
    largest = answer.interaction.filesize_limit * 99 // 100
    with progress_in_place(answer):
        export = await answer.services.records.export(answer.guild_id, file_format, since, largest=largest)
    try:
        if not export.count:
            await answer.show(note_card(answer.voice("case-export-none")))
            return
        text = answer.voice("case-export-done", count=export.count)
        if not export.complete:
            text += "\n" + answer.voice("case-export-more")
        files = [
            discord.File(cast("io.BufferedIOBase", file), _name(answer, file_format, number, len(export.files)))
            for number, file in enumerate(export.files, 1)
        ]
        await answer.show(note_card(text), files=files)
    finally:
        for file in export.files:
            file.close()


def _name(answer: Answer, file_format: str, number: int, count: int) -> str:
    day = answer.services.clock.now().date().isoformat()
    return f"cases-{day}.{file_format}" if count == 1 else f"cases-{day}-{number}.{file_format}"
