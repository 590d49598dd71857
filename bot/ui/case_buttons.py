"""Undo and Extend under a case card: they carry the case in their id, so they outlive any restart."""

from datetime import timedelta
from typing import Final

import discord

from bot.services.cases import UNTOLD
from bot.services.durations import DAY, HOUR, MINUTE, WEEK
from bot.services.model import MUTES, REVERSIBLE, Action, CaseView, MuteState, Outcome
from bot.services.refusals import Refusal
from bot.ui.answer import Answer
from bot.ui.cards import case_card
from bot.ui.funnel import answer_error
from bot.ui.host import guild_voice, host_of, keeps_private, level_of
from bot.ui.live import LiveButton, LiveSelect
from bot.ui.progress import progress_aside
from bot.ui.words import Voice, when

PERMANENT: Final = "permanent"
_WORTH_IT: Final = timedelta(seconds=10)
PRESETS_MS: Final = (10 * MINUTE, HOUR, DAY, WEEK)


class UndoButton(LiveButton, template=r"cw:undo:(?P<case>\d{1,18})"):
    """Takes a case back."""

    def __init__(self, case: int | str, label: str | None = None) -> None:
        super().__init__(f"cw:undo:{case}", label=label, emoji="↩️")
        self._case_id = int(case)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Undo the case, show it as it stands on the same message, and tell the presser alone."""
        await interaction.response.defer()
        answer = Answer(interaction)
        try:
            with progress_aside(answer):
                undoing = await answer.services.undo.undo(
                    staff=answer.staff, guild_id=answer.guild_id, case_id=self._case_id, level=level_of(interaction)
                )
        except Refusal as refusal:
            await _refuse_and_refresh(answer, self._case_id, refusal)
            return
        await _refresh(answer, self._case_id)
        if undoing.live:
            await show_to_all(answer, undoing)
        await interaction.followup.send(
            answer.voice("undo-done", case=str(self._case_id), undoing=str(undoing.id)), ephemeral=True
        )


class ExtendButton(LiveButton, template=r"cw:extend:(?P<case>\d{1,18})"):
    """Asks how much longer a mute shall last."""

    def __init__(self, case: int | str, label: str | None = None) -> None:
        super().__init__(f"cw:extend:{case}", label=label, emoji="⏱️")
        self._case_id = int(case)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Offer the presets: on a private card in place, else to the presser alone."""
        answer = Answer(interaction)
        view = discord.ui.View(timeout=None).add_item(ExtendSelect(self._case_id, answer.voice))
        if _on_private_message(interaction):
            await interaction.response.edit_message(view=view)
        else:
            question = answer.voice("extend-question", case=str(self._case_id))
            await interaction.response.send_message(question, view=view, ephemeral=True)


class ExtendSelect(LiveSelect, template=r"cw:extend-by:(?P<case>\d{1,18})"):
    """The presets for a longer mute."""

    def __init__(self, case: int | str, voice: Voice | None = None) -> None:
        super().__init__(
            f"cw:extend-by:{case}",
            placeholder=None if voice is None else voice("extend-placeholder"),
            options=None if voice is None else _preset_options(voice),
        )
        self._case_id = int(case)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Extend the mute, say until when it lasts now, and show the new case where the old one was shown.

        An old card in a channel follows by itself: the logbook edits what it posted.
        """
        await interaction.response.defer()
        answer = Answer(interaction)
        chosen = self.chosen
        extended = await answer.services.mutes.extend(
            staff=answer.staff,
            guild_id=answer.guild_id,
            case_id=self._case_id,
            add_ms=None if chosen == PERMANENT else int(chosen),
        )
        on_card = interaction.message is not None and bool(interaction.message.embeds)
        await interaction.edit_original_response(
            content=_extended(extended, answer.voice),
            embed=case_card(extended, answer.voice) if on_card else None,
            view=case_buttons(extended, answer.voice) if on_card else None,
        )
        await show_to_all(answer, extended)


def case_buttons(case: CaseView, voice: Voice) -> discord.ui.View | None:
    """Return the buttons that fit a case as it stands, None if there are none."""
    if not _reversible(case):
        return None
    view = discord.ui.View(timeout=None).add_item(UndoButton(case.id, voice("button-undo")))
    if case.live and case.ends_at is not None:
        view.add_item(ExtendButton(case.id, voice("button-extend")))
    return view


def _reversible(case: CaseView) -> bool:
    """Tell whether Undo made sense when the card was drawn; the service decides when it is pressed."""
    if case.outcome not in {Outcome.APPLIED, Outcome.VERIFIED} or case.erased:
        return False
    if case.action not in MUTES:
        return case.action in REVERSIBLE
    if case.action is Action.UNMUTE:
        if case.details.get(UNTOLD):
            return False
        return case.ends_at is None or case.ends_at - case.at > _WORTH_IT
    return case.mute_state is MuteState.ACTIVE


async def show_to_all(answer: Answer, case: CaseView) -> None:
    """Show a new mute where everybody saw the old one, unless the log channel does; the logbook keeps it up to date."""
    if keeps_private(answer.interaction):
        return
    voice = guild_voice(host_of(answer.interaction), answer.guild_id)
    message = await answer.interaction.followup.send(
        embed=case_card(case, voice), view=case_buttons(case, voice) or discord.utils.MISSING, wait=True
    )
    await answer.services.posts.answer_is(case, channel_id=message.channel.id, message_id=message.id)


async def _refuse_and_refresh(answer: Answer, case_id: int, refusal: Refusal) -> None:
    # Somebody was quicker, or the mute is over: say so, and let the card tell it too.
    await answer_error(answer.interaction, refusal)
    await _refresh(answer, case_id)


async def _refresh(answer: Answer, case_id: int) -> None:
    voice = answer.voice
    if not _on_private_message(answer.interaction):
        voice = guild_voice(host_of(answer.interaction), answer.guild_id)
    case = await answer.services.cases.view(answer.guild_id, case_id)
    await answer.interaction.edit_original_response(embed=case_card(case, voice), view=case_buttons(case, voice))


def _on_private_message(interaction: discord.Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral


def _preset_options(voice: Voice) -> list[discord.SelectOption]:
    options = [
        discord.SelectOption(label=voice("extend-by", duration=voice.duration(preset)), value=str(preset))
        for preset in PRESETS_MS
    ]
    return [*options, discord.SelectOption(label=voice("duration-permanent"), value=PERMANENT)]


def _extended(case: CaseView, voice: Voice) -> str:
    if case.ends_at is None:
        return voice("extend-done-permanent")
    return voice("extend-done", until=when(case.ends_at))
