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
from bot.ui.reply import show_case
from bot.ui.safe import escape
from bot.ui.words import Voice

_NEEDED: Final = Level.MODERATOR


class MuteAuthorSelect(LiveSelect, template=r"cw:mute-author:(?P<mirror>\d{1,18})"):
    """The presets for muting the author of a message of the IM that is mirrored here."""

    def __init__(self, mirror: int | str, voice: Voice | None = None) -> None:
        super().__init__(
            f"cw:mute-author:{mirror}",
            placeholder=None if voice is None else voice("mute-author-placeholder"),
            options=None if voice is None else _options(voice),
        )
        self._mirror_id = int(mirror)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Mute the author in the message's channel, as /mute does, and show the case in place of the question."""
        answer = await Answer.in_place(interaction)
        mirror = await answer.services.mirrors.get(answer.guild_id, self._mirror_id)
        await mute_in(answer, mirror.place.channel_id, mirror.author_id, self.chosen)


async def ask_how_long(answer: Answer, mirror: Mirror) -> None:
    """Ask the acting person alone for how long a message's author is to be muted."""
    voice = answer.voice
    question = voice(
        "mute-author-question", member=escape(mirror.author_id, 64), channel=escape(mirror.place.channel_name, 60)
    )
    view = discord.ui.View(timeout=None).add_item(MuteAuthorSelect(mirror.id, voice))
    await answer.show(text=f"{question}\n{quote(mirror, voice)}", view=view)


async def mute_in(answer: Answer, channel_id: str, member_id: str, duration: str, *, aside: bool = True) -> None:
    """Mute somebody as /mute does, after a question where it asks one, and show the case as the answer.

    `aside`: the answer is private, so that the others are shown the case as well, as they are of a mute by command.
    """
    mute = partial(
        answer.services.mutes.mute,
        staff=answer.staff,
        guild_id=answer.guild_id,
        channel=channel_id,
        member=member_id,
        duration=duration,
        reason="",
    )
    await confirmed(answer, mute, _show_aside if aside else show_case, needed=_NEEDED)


async def _show_aside(answer: Answer, case: CaseView) -> None:
    await answer.show(case_card(case, answer.voice), case_buttons(case, answer.voice))
    await show_to_all(answer, case)


def _options(voice: Voice) -> list[discord.SelectOption]:
    options = [
        discord.SelectOption(label=voice.duration(preset), value=compact_duration(preset)) for preset in PRESETS_MS
    ]
    return [*options, discord.SelectOption(label=voice("duration-permanent"), value=PERMANENT)]
