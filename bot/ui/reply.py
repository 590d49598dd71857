"""A case as the answer to the command that made it."""

from bot.services.model import CaseView
from bot.ui.answer import Answer
from bot.ui.cards import case_card
from bot.ui.case_buttons import case_buttons


async def show_case(answer: Answer, case: CaseView) -> None:
    """Answer with a case's card and its buttons.

    A public answer is the case's post from then on: the logbook edits it when the case changes. A private one cannot
    be edited later than 15 minutes from now; the log channel shows the case then.
    """
    message = await answer.show(case_card(case, answer.voice), case_buttons(case, answer.voice))
    if not answer.is_private:
        await answer.services.posts.answer_is(case, channel_id=message.channel.id, message_id=message.id)
