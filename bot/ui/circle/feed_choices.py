"""Which of several: a message of a batch, or somebody of a summary."""

import re
from collections.abc import Sequence
from typing import Final

import discord

from bot.services.feed import Summary, Talker
from bot.services.mirrors import Mirror
from bot.ui.answer import Answer
from bot.ui.circle.feed_actions import answer_apart, show_chosen
from bot.ui.circle.mirror import mirror_option
from bot.ui.circle.mute_author import ask_how_long, mute_in
from bot.ui.circle.thread_form import ThreadForm
from bot.ui.face import GREY
from bot.ui.host import guild_id_of, services_of, voice_of
from bot.ui.live import LiveButton, LiveSelect
from bot.ui.notes import note_card
from bot.ui.pager import PageButton, show_list
from bot.ui.safe import escape, plain
from bot.ui.words import Voice

_CHANNEL: Final = r"[0-9A-Za-z_-]{1,24}"
_MEMBER: Final = r"[a-z0-9_.-]{1,64}"
_TALKER: Final = re.compile(rf"{_CHANNEL}:{_MEMBER}")
_MUTE_LABELS: Final = {"10m": "feed-mute-10m", "1h": "feed-mute-1h", "1d": "feed-mute-1d"}


class ActSelect(LiveSelect, template=r"cw:feed-act"):
    """Opens one message of a batch, with its buttons."""

    def __init__(self, mirrors: Sequence[Mirror] = (), voice: Voice | None = None) -> None:
        super().__init__(
            "cw:feed-act",
            placeholder=None if voice is None else voice("feed-act"),
            options=None if voice is None else [mirror_option(mirror, voice) for mirror in mirrors],
        )

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Show the message to the presser alone."""
        answer = await Answer.private(interaction)
        await show_chosen(answer, await answer.services.mirrors.get(answer.guild_id, int(self.chosen)))


class WhichSelect(LiveSelect, template=r"cw:which:(?P<deed>mute|history|thread)"):
    """Goes on with a context menu for one of the messages that a Discord message shows."""

    def __init__(self, deed: str, mirrors: Sequence[Mirror] = (), voice: Voice | None = None) -> None:
        super().__init__(
            f"cw:which:{deed}",
            placeholder=None if voice is None else voice("which-placeholder"),
            options=None if voice is None else [mirror_option(mirror, voice) for mirror in mirrors],
        )
        self._deed = deed

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Do what the menu does about the chosen one, in place of the question."""
        mirror = await services_of(interaction).mirrors.get(guild_id_of(interaction), int(self.chosen))
        if self._deed == "thread":
            await interaction.response.send_modal(ThreadForm(mirror, voice_of(interaction)))
            return
        answer = await Answer.in_place(interaction)
        if self._deed == "mute":
            await ask_how_long(answer, mirror)
        else:
            await show_list(answer, "h", mirror.author_id)


class TalkerSelect(LiveSelect, template=r"cw:feed-talker"):
    """Opens somebody of a summary, with buttons to mute them where they talk."""

    def __init__(self, talkers: Sequence[Talker] = (), voice: Voice | None = None) -> None:
        super().__init__(
            "cw:feed-talker",
            placeholder=None if voice is None else voice("feed-talker"),
            options=None if voice is None else [_option(talker, voice) for talker in talkers],
        )

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Show the buttons to the presser alone."""
        answer = await Answer.private(interaction)
        channel_id, _, member_id = self.chosen.partition(":")
        name = (await answer.services.directory.channel(answer.guild_id, channel_id)).place.channel_name
        text = answer.voice("feed-talker-card", member=escape(member_id, 64), channel=escape(name, 60))
        view = discord.ui.View(timeout=None)
        for length in _MUTE_LABELS:
            view.add_item(MuteTalkerButton(length, channel_id, member_id, answer.voice))
        view.add_item(PageButton("h", 0, member_id, label=answer.voice("feed-history")))
        await answer.show(note_card(text, colour=GREY), view)


class MuteTalkerButton(
    LiveButton, template=rf"cw:ft:(?P<length>10m|1h|1d):(?P<channel>{_CHANNEL}):(?P<member>{_MEMBER})"
):
    """Mutes somebody in a channel at once."""

    def __init__(self, length: str, channel: str, member: str, voice: Voice | None = None) -> None:
        label = None if voice is None else voice(_MUTE_LABELS[length])
        super().__init__(f"cw:ft:{length}:{channel}:{member}", label=label)
        self._length = length
        self._channel_id = channel
        self._member_id = member

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Mute as /mute does, and show the case in place of the buttons."""
        await mute_in(await answer_apart(interaction), self._channel_id, self._member_id, self._length)


def which_message(deed: str, mirrors: Sequence[Mirror], voice: Voice) -> discord.ui.View:
    """Return the question which of a Discord message's messages a context menu (mute, history, thread) is about."""
    return discord.ui.View(timeout=None).add_item(WhichSelect(deed, mirrors, voice))


def talkers_to_choose(summary: Summary) -> list[Talker]:
    """Return those of a summary who can be acted on: names and ids that are none fit into no button."""
    return [talker for talker in summary.talkers if _TALKER.fullmatch(_value(talker))]


def _value(talker: Talker) -> str:
    return f"{talker.place.channel_id}:{talker.author_id}"


def _option(talker: Talker, voice: Voice) -> discord.SelectOption:
    return discord.SelectOption(
        label=plain(talker.author_id, 100),
        value=_value(talker),
        description=voice("feed-talker-option", channel=plain(talker.place.channel_name, 50), count=talker.count),
    )
