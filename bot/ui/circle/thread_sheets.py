"""The threads of a channel, ten a page."""

from collections import Counter
from typing import Final, cast

from bot.services.thread_book import Scope, ThreadInfo, ThreadList
from bot.ui.answer import Answer
from bot.ui.safe import code, escape
from bot.ui.sheet import Sheet, SheetTexts, list_sheet
from bot.ui.words import Voice, stamp

_TITLES: Final = {"all": "threads-title", "created": "threads-title-created", "joined": "threads-title-joined"}
# A page's subject has to be short, so that the longest member's name fits a button's id.
_LETTERS: Final = {"all": "a", "created": "c", "joined": "j"}
_SCOPES: Final = {letter: scope for scope, letter in _LETTERS.items()}


def thread_subject(scope: str, channel: str, member: str) -> str:
    """Return the subject of a list of threads; a member's name holds no colon, a channel's may."""
    return f"{_LETTERS[scope]}:{channel}:{member}"


async def thread_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw the threads of a channel, the newest first; the subject is `thread_subject`'s."""
    letter, _, rest = subject.partition(":")
    channel, _, member = rest.rpartition(":")
    scope = _SCOPES[letter]
    found = await answer.services.thread_book.of_channel(answer.guild_id, channel, cast("Scope", scope), member)
    labels = Counter(thread.label for thread in found.threads)
    entries = [_line(thread, answer.voice, twins=labels[thread.label] > 1) for thread in found.threads]
    again = thread_subject(scope, found.place.channel_id, found.member_id)
    texts = SheetTexts(_title(scope, found, answer.voice), "count-threads", "threads-none")
    sheet = list_sheet(answer.voice, texts, again, page, entries)
    if found.more:
        more = answer.voice("threads-more", count=len(found.threads))
        sheet.card.description = f"{more}\n\n{sheet.card.description}"
    return sheet


def _title(scope: str, found: ThreadList, voice: Voice) -> str:
    channel = escape(found.place.channel_name, 60)
    return voice(_TITLES[scope], channel=channel, member=escape(found.member_id, 64))


def _line(thread: ThreadInfo, voice: Voice, *, twins: bool) -> str:
    name, owner = escape(thread.label, 50), escape(thread.owner_id, 64)
    if thread.started_at is None:
        line = voice("thread-line-undated", thread=name, owner=owner)
    else:
        line = voice("thread-line", thread=name, owner=owner, when=stamp(thread.started_at, "R"))
    # Two threads of one name can only be told apart by id, and only then is it worth its width.
    return f"{line}\n{code(thread.thread_id)}" if twins else line
