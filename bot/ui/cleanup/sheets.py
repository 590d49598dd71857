"""Lists of policies and jobs."""

from typing import Final

from bot.ui.answer import Answer
from bot.ui.cleanup.cards import job_lines, policy_lines
from bot.ui.safe import cut
from bot.ui.sheet import Sheet, SheetTexts, list_sheet

_LONGEST_TEXT: Final = 4096


async def policy_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw the policies of a guild, oldest first; there is one subject, `all`."""
    policies = await answer.services.policies.list(answer.guild_id)
    entries = [f"{policy_lines(policy, answer.voice)}\n" for policy in policies]
    texts = SheetTexts(answer.voice("policies-title"), "count-policies", "policies-none")
    return _fitting(list_sheet(answer.voice, texts, subject, page, entries))


async def job_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw what is under way and scheduled in a guild; there is one subject, `all`."""
    jobs = await answer.services.jobs.list(answer.guild_id)
    entries = [f"{job_lines(job, answer.voice)}\n" for job in jobs]
    texts = SheetTexts(answer.voice("jobs-title"), "count-jobs", "policies-none")
    return _fitting(list_sheet(answer.voice, texts, subject, page, entries))


def _fitting(sheet: Sheet) -> Sheet:
    sheet.card.description = cut(sheet.card.description or "", _LONGEST_TEXT)
    return sheet
