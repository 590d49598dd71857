"""What /member purge asks before it does anything: who would go, who not; the names can be changed in a form."""

from typing import Final

import discord

from bot.im.errors import IMError
from bot.services.access import Level
from bot.services.purges import PurgePlan, TooManyNames
from bot.ui.answer import Answer
from bot.ui.cards import AMBER, GREY
from bot.ui.circle.member_faces import names_line
from bot.ui.confirm import Question, open_question
from bot.ui.forms import Form
from bot.ui.funnel import PRIVATE, answered, judge, note
from bot.ui.levels import check
from bot.ui.live import LiveButton
from bot.ui.notes import note_card
from bot.ui.progress import progress_in_place
from bot.ui.reply import show_case
from bot.ui.safe import cut, escape
from bot.ui.words import Voice

_LONGEST_INPUT: Final = 4000
_LONGEST_NAMES: Final = 1500
_LONGEST_OTHERS: Final = 500


async def ask_purge(answer: Answer, channel: str, members: str, reason: str) -> None:
    """Show who would be removed, with Confirm, Cancel and Change the names; raises Refusal.

    Where the IM is down or the names are too many, they can be sent again without being typed again.
    """
    try:
        plan = await answer.services.purges.plan(guild_id=answer.guild_id, channel=channel, members=members)
    except (IMError, TooManyNames) as error:
        verdict = judge(error, answer.voice)
        note(error, verdict.reference, answer.interaction)
        question = PurgeQuestion(answer, channel, members, reason, None)
        await question.open(note_card(verdict.text, colour=GREY))
    else:
        question = PurgeQuestion(answer, plan.place.channel_id, " ".join(plan.names), reason, plan)
        await question.open(_preview(plan, answer.voice))


class PurgeQuestion(Question):
    """An open question about a purge; keeps the names so that a form can show them again."""

    def __init__(self, answer: Answer, channel: str, names: str, reason: str, plan: PurgePlan | None) -> None:
        going = () if plan is None else plan.going

        async def carry_out() -> None:
            with progress_in_place(answer):
                case = await answer.services.purges.carry_out(
                    staff=answer.staff, guild_id=answer.guild_id, channel=channel, members=going, reason=reason
                )
            await show_case(answer, case)

        super().__init__(answer, carry_out, Level.ADMIN)
        self.channel = channel
        self.reason = reason
        self.private = answer.is_private
        self.agreed = False
        self.names = names
        if not going:
            # There is nothing to confirm.
            self.remove_item(self.children[0])
        if len(self.names) <= _LONGEST_INPUT:
            self.add_item(NamesButton(self.id, answer.voice("purge-change")))

    async def agree(self) -> None:
        """Carry it out; a form that is still open has nothing to change any more."""
        self.agreed = True
        await super().agree()


class NamesButton(LiveButton, template=r"cw:names:(?P<question>[0-9a-f]{8})"):
    """Opens the form with all names of a purge that is being asked about."""

    needed = Level.ADMIN

    def __init__(self, question: str, label: str | None = None) -> None:
        super().__init__(f"cw:names:{question}", label=label, emoji="✏️")
        self._question = question

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Open the form for the person who was asked; tell everybody else why not."""
        question = await open_question(interaction, self._question)
        if isinstance(question, PurgeQuestion):
            await interaction.response.send_modal(NamesForm(question, Answer(interaction).voice))


class NamesForm(Form):
    """All names of a purge in one field; what is sent is looked at anew."""

    def __init__(self, question: PurgeQuestion, voice: Voice) -> None:
        super().__init__(voice("purge-form-title"))
        self._question = question
        self._names: discord.ui.TextInput[NamesForm] = discord.ui.TextInput(
            custom_id="members",
            style=discord.TextStyle.long,
            default=question.names,
            max_length=_LONGEST_INPUT,
        )
        self.add_item(discord.ui.Label(text=voice("purge-form-names"), component=self._names))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Draw the preview anew, also if the question has timed out meanwhile; a refusal leaves it as it was."""
        async with answered(interaction, type(self).__name__):
            check(interaction, Level.ADMIN)
            question = self._question
            answer = Answer(interaction)
            if question.agreed:
                await interaction.response.send_message(answer.voice("question-gone"), ephemeral=True)
                return
            await interaction.response.defer()
            interaction.extras[PRIVATE] = question.private
            question.names = self._names.value
            await ask_purge(answer, question.channel, self._names.value, question.reason)
            # The new question has taken its place; it must not say later that nobody answered.
            question.close()


def _preview(plan: PurgePlan, voice: Voice) -> discord.Embed:
    channel = escape(plan.place.channel_name, 60)
    lines: list[str] = []
    if plan.going:
        title = voice("purge-title", channel=channel, count=len(plan.going))
        lines.append(names_line(plan.going, voice, _LONGEST_NAMES))
    else:
        title = voice("purge-title-nobody", channel=channel)
        lines.append(voice("purge-advice"))
    if plan.moderators:
        lines.append(voice("purge-moderators", names=names_line(plan.moderators, voice, _LONGEST_OTHERS)))
    if plan.owner:
        lines.append(voice("purge-owner", member=escape(plan.owner, 64)))
    if plan.unknown:
        lines.append(voice("purge-unknown", names=names_line(plan.unknown, voice, _LONGEST_OTHERS)))
    if plan.going:
        lines.append(voice("purge-promise"))
    return discord.Embed(
        title=cut(title, 256), description=cut("\n".join(lines), 4096), colour=AMBER if plan.going else GREY
    )
