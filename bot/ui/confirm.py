"""Confirm or Cancel: a second look before something that hurts."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Final, Protocol, TypeVar, cast
from weakref import WeakKeyDictionary

import discord

from bot.services.access import Level
from bot.services.refusals import NeedsConfirmation
from bot.ui.answer import Answer
from bot.ui.cards import AMBER, GREY
from bot.ui.funnel import answer_error, judge
from bot.ui.host import voice_of
from bot.ui.levels import check, level_needed
from bot.ui.live import LiveButton
from bot.ui.notes import note_card

SECONDS: Final = 120
Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


class Confirmable(Protocol[Result_co]):
    """A service call that asks for a second look unless it is `confirmed`."""

    def __call__(self, *, confirmed: bool) -> Awaitable[Result_co]:
        """Make the call."""
        ...


class Question(discord.ui.View):
    """One open question in the place of an answer; `agree` is what Confirm carries out."""

    def __init__(self, answer: Answer, agree: Callable[[], Awaitable[None]], needed: Level | None = None) -> None:
        super().__init__(timeout=SECONDS)
        self.id = secrets.token_hex(4)
        self.asked = answer.staff.id
        self.needed = level_needed(answer.interaction.command) if needed is None else needed
        self._answer = answer
        self._agree = agree
        self._taken = False
        self.add_item(QuestionButton(self.id, "yes", answer.voice("button-confirm")))
        self.add_item(QuestionButton(self.id, "no", answer.voice("button-cancel")))

    def take(self) -> bool:
        """Take an answer; False if there is one already, which is being carried out."""
        first, self._taken = not self._taken, True
        self.stop()
        return first

    async def agree(self) -> None:
        """Carry out what was asked; an error takes the place of the question."""
        self._answer.reopen()
        try:
            await self._agree()
        except Exception as error:  # noqa: BLE001 - the funnel, by way of the command's own answer
            await answer_error(self._answer.interaction, error)
        finally:
            # Until then a further press is no press on a question that is gone: it would say that nothing was changed.
            self.close()

    async def decline(self) -> None:
        """Say that nothing was done."""
        self.close()
        await self._say("question-cancelled")

    async def on_timeout(self) -> None:
        """Say that it is too late."""
        self.close()
        await self._say("question-timed-out")

    async def open(self, card: discord.Embed) -> None:
        """Show a card with the question's buttons in place of the answer."""
        _open.setdefault(self._answer.interaction.client, {})[self.id] = self
        await self._answer.show(card, self)

    def close(self) -> None:
        """Take no answer any more."""
        self.stop()
        _open.get(self._answer.interaction.client, {}).pop(self.id, None)

    async def _say(self, key: str) -> None:
        try:
            await self._answer.show(note_card(self._answer.voice(key), colour=GREY))
        except discord.HTTPException as error:
            await answer_error(self._answer.interaction, error)


# Open questions of each bot; after a restart there are none, and the buttons say what to do.
_open: WeakKeyDictionary[discord.Client, dict[str, Question]] = WeakKeyDictionary()


def drop_questions(bot: discord.Client) -> None:
    """Stop waiting for answers to a bot's open questions, which nobody could carry out any more."""
    for question in _open.pop(bot, {}).values():
        question.stop()


class QuestionButton(
    LiveButton,
    template=r"cw:ask:(?P<question>[0-9a-f]{8}):(?P<says>yes|no)",
):
    """Confirm or Cancel. A dynamic item, so that a press after a restart gets an answer as well."""

    def __init__(self, question: str, says: str, label: str | None = None) -> None:
        style = discord.ButtonStyle.danger if says == "yes" else discord.ButtonStyle.secondary
        super().__init__(f"cw:ask:{question}:{says}", label=label, style=style)
        self._question = question
        self._says = says

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Take the answer of the person who was asked; tell everybody else why not."""
        question = await open_question(interaction, self._question)
        if question is not None:
            # Before anything is waited for: a second press of the same thumb must not carry it out once more.
            first = question.take()
            await interaction.response.defer()
            if first:
                await (question.agree() if self._says == "yes" else question.decline())


async def open_question(interaction: discord.Interaction, question_id: str) -> Question | None:
    """Return the open question that a button belongs to; if there is none, or it is not the presser's, say so.

    Raises NotAllowed where the right to do what was asked has been taken away since.
    """
    question = _open.get(interaction.client, {}).get(question_id)
    if question is None:
        gone = note_card(voice_of(interaction)("question-gone"), colour=GREY)
        await interaction.response.edit_message(content=None, embed=gone, view=None)
        return None
    if interaction.user.id != question.asked:
        await interaction.response.send_message(voice_of(interaction)("question-not-yours"), ephemeral=True)
        return None
    check(interaction, question.needed)
    return question


async def confirmed(
    answer: Answer,
    call: Confirmable[Result],
    show: Callable[[Answer, Result], Awaitable[None]],
    *,
    needed: Level | None = None,
) -> None:
    """Make a service call and show its result; if it needs a second look, ask first.

    Confirm repeats the call with `confirmed=True`. Cancel, or two minutes without an answer, change nothing. `needed`
    is who may confirm what began with a button or select; a command declares it.
    """
    try:
        result = await call(confirmed=False)
    except NeedsConfirmation as needs:
        # By what the names meant when it was asked: another channel may be called so by now.
        again = cast("Callable[..., Awaitable[Result]]", call)
        meant = needs.meant

        async def agree() -> None:
            await show(answer, await again(confirmed=True, **meant))

        card = note_card(judge(needs, answer.voice).text, colour=AMBER)
        await ask(answer, card, agree, needed)
    else:
        await show(answer, result)


async def ask(
    answer: Answer, card: discord.Embed, agree: Callable[[], Awaitable[None]], needed: Level | None = None
) -> None:
    """Show a card with Confirm and Cancel; Confirm carries out `agree`, the person who asked only."""
    await Question(answer, agree, needed).open(card)
