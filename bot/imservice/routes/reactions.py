"""Reactions: rows 23 to 25 (002 管理消息 Reaction)."""

import sqlite3

from typing_extensions import TypedDict

from bot.imservice.call import Call
from bot.imservice.domain import reactions
from bot.imservice.domain.reactions import MessageReactions
from bot.imservice.errors import bad_request, illegal_argument
from bot.imservice.events import Told
from bot.imservice.parameters import Parameter, body_text, body_user_optional, query_text
from bot.imservice.routing import DONE, BodyKind, Done, Route, Work

_MOST_MESSAGES = 20
_LONGEST = 128


class ReactionAdded(Done):
    """The id of a reaction, which all have in common who add the same one to a message."""

    reaction_id: str


class ReactionView(TypedDict):
    """A reaction to a message; `state` says whether the user who asks has added it, `userList` has all who did."""

    reactionId: str
    message: str
    count: int
    state: bool
    userList: list[str]


class MessageView(TypedDict):
    """A message's reactions."""

    msgId: str
    reactionList: list[ReactionView]


class ReactionsFound(Done):
    """Those of the messages that have reactions, and how many these are (A17)."""

    count: int
    reactions: list[MessageView]


def _message_ids(call: Call) -> list[str]:
    """Return the distinct ids, which come in one text with commas, in a repeated parameter, or both (A17)."""
    ids = [one for value in call.query.every("msgIdList") for one in value.split(",")]
    if not ids or "" in ids:
        raise illegal_argument("msgIdList must contain message ids")
    if len(ids) > _MOST_MESSAGES:
        raise bad_request("msgIdList exceeds the maximum number limit")
    return list(dict.fromkeys(ids))


def _reaction(call: Call) -> str:
    value = call.query.text("message")
    if len(value) > _LONGEST:
        raise illegal_argument(f"message must have 1 to {_LONGEST} characters")
    return value


_BODY_USER = body_user_optional("user_id")
_BODY_MESSAGE = body_text("message_id")
_BODY_REACTION = body_text("message", max_length=_LONGEST)
_MESSAGE_IDS = Parameter(
    "msgIdList",
    "query",
    {"type": "array", "items": {"type": "string", "pattern": "^[^,]+$"}, "minItems": 1, "maxItems": _MOST_MESSAGES},
    required=True,
    read=_message_ids,
)
_CHANNEL = query_text("channelId")
_MESSAGE = query_text("messageId")
_REACTION = Parameter(
    "message", "query", {"type": "string", "minLength": 1, "maxLength": _LONGEST}, required=True, read=_reaction
)


def add(call: Call) -> Work[ReactionAdded]:
    """Add a reaction (002 添加消息 Reaction); the body may repeat the user of the path, not contradict it (A16)."""
    user, copy = call.user_in_path(), call[_BODY_USER]
    message_id, reaction = call[_BODY_MESSAGE], call[_BODY_REACTION]
    if copy is not None and copy.lower() != user.lower():
        raise illegal_argument("user_id is not the user of the path")

    def work(connection: sqlite3.Connection) -> Told[ReactionAdded]:
        reaction_id, told = reactions.add(connection, user, message_id, reaction, ids=call.shared.ids, now=call.now)
        return Told({"code": 200, "reaction_id": reaction_id}, [told])

    return work


def listing(call: Call) -> ReactionsFound:
    """List the reactions to messages (002 获取指定消息的 Reaction)."""
    found = reactions.of_messages(call.reader, call.user_in_path(), call[_CHANNEL], call[_MESSAGE_IDS])
    return {"code": 200, "count": len(found), "reactions": [_view(message) for message in found]}


def remove(call: Call) -> Work[Done]:
    """Take a reaction back (002 删除指定消息的 Reaction)."""
    user, message_id, reaction = call.user_in_path(), call[_MESSAGE], call[_REACTION]

    def work(connection: sqlite3.Connection) -> Told[Done]:
        return Told(DONE, [reactions.remove(connection, user, message_id, reaction, now=call.now)])

    return work


def _view(message: MessageReactions) -> MessageView:
    rows: list[ReactionView] = [
        {
            "reactionId": row.reaction_id,
            "message": row.reaction,
            "count": len(row.users),
            "state": row.mine,
            "userList": row.users,
        }
        for row in message.reactions
    ]
    return {"msgId": message.message_id, "reactionList": rows}


_PATH = "/circle/reaction/user/{user_id}"

ROUTES = (
    Route(
        method="POST",
        template=_PATH,
        write=add,
        takes=(_BODY_USER, _BODY_MESSAGE, _BODY_REACTION),
        body=BodyKind.JSON,
    ),
    Route(method="GET", template=_PATH, read=listing, takes=(_MESSAGE_IDS, _CHANNEL)),
    Route(method="DELETE", template=_PATH, write=remove, takes=(_MESSAGE, _REACTION)),
)
