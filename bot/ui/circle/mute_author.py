"""Muting whoever wrote a message: for how long is one tap."""

from functools import partial
from typing import Final

import discord

from bot.services.access import Level
from bot.services.durations import compact_duration
from bot.services.mirrors import Mirror
from bot.services.model import CaseView
from bot.ui.answer import Answer
from bot.ui.cards import case_card
from bot.ui.case_buttons import PERMANENT, PRESETS_MS, case_buttons, show_to_all
from bot.ui.circle.thread_looks import quote
from bot.ui.confirm import confirmed
from bot.ui.live import LiveSelect
from bot.ui.safe import escape
from bot.ui.words import Voice

_NEEDED: Final = Level.MODERATOR


class MuteAuthorSelect(LiveSelect, template=r"cw:mute-author:(?P<message>\d{1,20})"):
    """The presets for muting the author of what a Discord message shows."""

    def __init__(self, message: int | str, voice: Voice | None = None) -> None:
        super().__init__(
            f"cw:mute-author:{message}",
            placeholder=None if voice is None else voice("mute-author-placeholder"),
            options=None if voice is None else _options(voice),
        )
        self._message_id = int(message)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Mute the author in the message's channel, as /mute does, and show the case in place of the question."""
        await interaction.response.defer()
        answer = Answer(interaction)
        mirror = await answer.services.mirrors.shown_by(answer.guild_id, self._message_id)
        mute = partial(
            answer.services.mutes.mute,
            staff=answer.staff,
            guild_id=answer.guild_id,
            channel=mirror.place.channel_id,
            member=mirror.author_id,
            duration=self.chosen,
            reason="",
        )
        await confirmed(answer, mute, _show_muted, needed=_NEEDED)


async def ask_how_long(answer: Answer, mirror: Mirror) -> None:
    """Ask the acting person alone for how long a message's author is to be muted."""
    voice = answer.voice
    question = voice(
        "mute-author-question", member=escape(mirror.author_id, 64), channel=escape(mirror.place.channel_name, 60)
    )
    view = discord.ui.View(timeout=None).add_item(MuteAuthorSelect(mirror.message_id, voice))
    await answer.show(text=f"{question}\n{quote(mirror, voice)}", view=view)


async def _show_muted(answer: Answer, case: CaseView) -> None:
    # The question was private and so is this; the others learn of it as they do of a mute by command.
    await answer.show(case_card(case, answer.voice), case_buttons(case, answer.voice))
    await show_to_all(answer, case)


def _options(voice: Voice) -> list[discord.SelectOption]:
    options = [
        discord.SelectOption(label=voice.duration(preset), value=compact_duration(preset)) for preset in PRESETS_MS
    ]
    return [*options, discord.SelectOption(label=voice("duration-permanent"), value=PERMANENT)]
