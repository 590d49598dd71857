"""Lists of what a user has to do with others: friends and blocks. The subject of both is the user."""

from bot.ui.answer import Answer
from bot.ui.safe import escape
from bot.ui.sheet import Sheet, SheetTexts, list_sheet


async def friend_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw somebody's friends, newest first, with what they are called; later pages are of the same reading."""
    owner, friends = await answer.services.friends.list(subject, afresh=page == 0)
    entries = [
        answer.voice("friend-line-named", friend=escape(friend.user_id, 64), remark=escape(friend.remark, 60))
        if friend.remark
        else answer.voice("friend-line", friend=escape(friend.user_id, 64))
        for friend in friends
    ]
    title = answer.voice("friends-title", member=escape(owner, 64))
    return list_sheet(answer.voice, SheetTexts(title, "count-friends", "friends-none"), owner, page, entries)


async def block_sheet(answer: Answer, subject: str, page: int) -> Sheet:
    """Draw whom somebody blocks, latest first; later pages are of the same reading."""
    owner, blocked = await answer.services.blocks.list(subject, afresh=page == 0)
    entries = [answer.voice("block-line", member=escape(name, 64)) for name in blocked]
    title = answer.voice("blocks-title", member=escape(owner, 64))
    return list_sheet(answer.voice, SheetTexts(title, "count-blocks", "blocks-none"), owner, page, entries)
