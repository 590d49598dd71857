"""Reactions to messages (seed 002, 管理消息 Reaction)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from bot.im import arguments
from bot.im.endpoint import Endpoint
from bot.im.errors import Conflict, InvalidArgument
from bot.im.models import MessageReactions
from bot.im.transport import done

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.im.answers import Answer
    from bot.im.transport import Transport

# The second time is refused because the reaction is there, which is all that was wanted (A20).
ADD = Endpoint("POST", "/circle/reaction/user/{user_id}", idempotent=True)
LIST = Endpoint("GET", "/circle/reaction/user/{user_id}")
REMOVE = Endpoint("DELETE", "/circle/reaction/user/{user_id}")

LONGEST = 128
BATCH = 20


class Reactions:
    """`im.reactions`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def add(self, user_id: str, message_id: str, reaction: str) -> str:
        """Add a user's reaction of 1..128 characters to a message and return its id (002 添加消息 Reaction).

        The id is empty if the user had added it already, for then the API does not say it (A20). Raises LimitReached
        for the 21st different reaction, NotFound for an unknown user or message, IllegalArgument for who may not react.
        """
        user_id = arguments.username("user_id", user_id)
        body = {
            "user_id": user_id,
            "message_id": arguments.identifier("message_id", message_id),
            "message": _reaction(reaction),
        }
        try:
            return await self._transport.call(ADD, _reaction_id, {"user_id": user_id}, body=body)
        except Conflict as error:
            if error.status == 409:
                raise
            return ""

    async def remove(self, user_id: str, message_id: str, reaction: str) -> None:
        """Take a user's reaction back (002 删除指定消息的 Reaction).

        Raises IllegalArgument if the user has not added it, NotFound for an unknown user or message.
        """
        query = {"messageId": arguments.identifier("message_id", message_id), "message": _reaction(reaction)}
        await self._transport.call(REMOVE, done, {"user_id": arguments.username("user_id", user_id)}, query)

    async def list(self, user_id: str, channel_id: str, *message_ids: str) -> list[MessageReactions]:
        """Return the reactions to messages of a channel, seen by a user (002 获取指定消息的 Reaction).

        The result has a row for each distinct message, in the order asked; 20 go with a request. Raises NotFound if
        one of them is not in the channel, InvalidArgument.
        """
        ids = {"user_id": arguments.username("user_id", user_id)}
        channel_id = arguments.identifier("channel_id", channel_id)
        wanted = list(dict.fromkeys(_listed_id(message_id) for message_id in message_ids))
        if not wanted:
            raise InvalidArgument("message_ids", "must not be empty")
        found: list[MessageReactions] = []
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            query = {"msgIdList": ",".join(batch), "channelId": channel_id}
            found += await self._transport.call(LIST, lambda answer, batch=batch: _read(answer, batch), ids, query)
        return found


def _reaction(reaction: str) -> str:
    return arguments.text("reaction", reaction, shortest=1, longest=LONGEST)


def _listed_id(message_id: str) -> str:
    if "," in arguments.identifier("message_ids", message_id):
        raise InvalidArgument("message_ids", "must not contain commas")
    return message_id


def _reaction_id(answer: Answer) -> str:
    return answer.text("reaction_id")


def _read(answer: Answer, message_ids: Sequence[str]) -> list[MessageReactions]:
    """Read a row for each message; one that the answer leaves out has no reactions."""
    rows: Any = answer.data.get("reactions")
    if rows is None:
        # The API's table shows the list of a single message at the top (A17).
        rows = [{"msgId": message_ids[0], "reactionList": answer.data.get("reactionList")}]
    if not isinstance(rows, list):
        raise answer.bad("reactions is no list")
    models = [answer.model(row, MessageReactions) for row in cast("list[object]", rows)]
    found = {model.message_id: model for model in models}
    return [found.get(message_id) or MessageReactions(message_id=message_id) for message_id in message_ids]
