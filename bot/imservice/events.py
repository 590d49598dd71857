"""What happened, for the callbacks: a write that is worth telling returns `Told`, and it is told once it is durable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.imservice.fields import JsonObject

A_co = TypeVar("A_co", covariant=True)

APP_ADMIN = "@ppAdmin"
"""The operator of whatever the app does itself (facts 7)."""


class Event(NamedTuple):
    """One callback without what every callback has: call id, timestamp, App Key and signature."""

    body: JsonObject


class Told(NamedTuple, Generic[A_co]):
    """The answer of a write, and what is to be told about it."""

    answer: A_co
    events: Sequence[Event]


def group_op(group_id: str, operation: str, payload: JsonObject, *, chat_room: bool = False) -> Event:
    """Tell what happened to a channel or its members (facts 7, group and room events)."""
    return Event(
        {
            "event": "group_op_event",
            "id": group_id,
            "type": "CHATROOM" if chat_room else "GROUP",
            "operation": operation,
            "operator": APP_ADMIN,
            "payload": payload,
        }
    )


def message(
    *,
    message_id: str,
    sender: str,
    group_id: str,
    bodies: Sequence[JsonObject],
    ext: JsonObject | None,
    kind: str,
    chat_room: bool = False,
) -> Event:
    """Tell that a message was sent to a channel or thread (facts 7, post-send); `kind` is `text`, `image`..."""
    payload: JsonObject = {
        "ext": ext or {},
        "bodies": list(bodies),
        "from": sender,
        "to": group_id,
        "type": "chatroom" if chat_room else "groupchat",
    }
    return Event(
        {
            "eventType": "chat",
            "chat_type": "groupchat",
            "group_id": group_id,
            "from": sender,
            "to": group_id,
            "msg_id": message_id,
            "content_type": f"chat:{'room' if chat_room else 'group'}:{kind}",
            "payload": payload,
        }
    )


def roster(user: str, other: str, operation: str, **more: Any) -> Event:
    """Tell what happened between two users: add, remove, ban, allow, and our own `remark` (facts 7)."""
    return Event(
        {
            "eventType": "chat",
            "chat_type": "roster",
            "from": user,
            "to": other,
            "payload": {"operation": operation, **more},
        }
    )


def notify(kind: str, group_id: str, data: Sequence[JsonObject]) -> Event:
    """Tell that a reaction or a thread changed (facts 7); `kind` is `reaction` or `thread`."""
    return Event(
        {
            "eventType": "chat",
            "chat_type": "notify",
            "group_id": group_id,
            "payload": {"type": kind, "data": list(data)},
        }
    )
