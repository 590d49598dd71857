"""From the JSON of a callback to what it means for us (facts 7); pure, and never raises on any JSON value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from bot.services.callbacks.model import (
    ChannelChanged,
    MembersChanged,
    MessageSent,
    MutesChanged,
    OfNoUse,
    Unknown,
)
from bot.services.clock import from_ms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.services.callbacks.model import ImEvent

_MUTES = frozenset({"MUTE", "UNMUTE", "ADD_MUTE", "REMOVE_MUTE"})
# Whoever joins or leaves, is thrown out or banned leaves the mute behind or comes back without it.
_MEMBERS = frozenset(
    {
        "JOIN", "LEAVE", "KICK", "PRESENCE", "ABSENCE", "DIRECT_JOINED", "INVITE_ACCEPT", "APPLY_ACCEPT", "BAN",
        "BLOCK", "ADD", "REMOVE",
    }
)  # fmt: skip
_MADE_OR_CHANGED = frozenset({"CREATE", "UPDATE"})
_DELETED = frozenset({"DELETE", "DESTROY"})
_OTHER_OPERATIONS = frozenset(
    {
        "ADMIN", "ADD_ADMIN", "REMOVE_ADMIN", "ALLOW", "ANNOUNCEMENT", "APPLY", "APPLY_DECLINE", "ASSIGN_OWNER",
        "INVITE", "INVITE_DECLINE", "METADATA", "ROOM_SUPER_ADMIN", "SHARE_FILE", "SHIELD", "UNBLOCK", "WHITELIST",
    }
)  # fmt: skip
_GROUP_CHATS = frozenset({"group", "groupchat", "chatroom"})
_NO_USE = {"chat": "direct-message", "roster": "contact", "recall": "recall", "read_ack": "receipt"}
_NOTICES = frozenset({"reaction", "thread"})
_LONGEST_ID, _LONGEST_NAME, _LONGEST_KIND, _MOST_MEMBERS = 128, 64, 64, 1_000


def parse(body: object) -> ImEvent:
    """Tell what a callback means; whatever is not understood is Unknown."""
    if not isinstance(body, dict):
        return Unknown("")
    data = cast("dict[str, Any]", body)
    payload = _object(data.get("payload"))
    chat = data.get("chat_type")
    # The latter is how groups were told before 2023.
    if data.get("event") == "group_op_event" or chat == "muc":
        return _group_operation(data, payload)
    if "eventType" not in data and "msg_id" in data:
        # Asked before a message is sent; that it was is told by another one.
        return OfNoUse("pre-send")
    if data.get("eventType") == "chat_offline":
        return OfNoUse("offline")
    if isinstance(chat, str) and chat in _GROUP_CHATS:
        return _message(data, payload)
    return _other(chat, data, payload)


def _other(chat: object, data: Mapping[str, Any], payload: Mapping[str, Any]) -> ImEvent:
    if chat == "notify":
        kind = payload.get("type")
        if isinstance(kind, str) and kind in _NOTICES:
            return OfNoUse(kind)
        return Unknown(_shown(chat, kind))
    if isinstance(chat, str) and chat in _NO_USE:
        return OfNoUse(_NO_USE[chat])
    return Unknown(_shown(chat, data.get("event"), data.get("eventType")))


def _group_operation(data: Mapping[str, Any], payload: Mapping[str, Any]) -> ImEvent:
    named = data.get("operation") or payload.get("operation")
    operation = named.upper() if isinstance(named, str) else ""
    channel_id = _id(data.get("id") or data.get("group_id"))
    if operation in _OTHER_OPERATIONS:
        return OfNoUse("group")
    if channel_id is None:
        return Unknown(_shown("group", named))
    if operation in _MUTES:
        return MutesChanged(channel_id, _members(data, payload))
    if operation in _MEMBERS:
        return MembersChanged(channel_id, _members(data, payload))
    if operation in _MADE_OR_CHANGED or operation in _DELETED:
        return ChannelChanged(channel_id, deleted=operation in _DELETED)
    return Unknown(_shown("group", named))


def _message(data: Mapping[str, Any], payload: Mapping[str, Any]) -> ImEvent:
    channel_id = _id(data.get("group_id") or data.get("to"))
    message_id = _id(data.get("msg_id"))
    author = _id(data.get("from"))
    sent_at = _moment(data.get("timestamp"))
    first = _first(payload.get("bodies"))
    kind = first.get("type")
    if channel_id is None or message_id is None or sent_at is None or author is None:
        return Unknown(_shown("message", data.get("content_type")))
    if not isinstance(kind, str) or not kind.isprintable() or not kind:
        return Unknown(_shown("message", data.get("content_type")))
    said = first.get("msg") if kind == "txt" else ""
    return MessageSent(
        channel_id=channel_id,
        message_id=message_id,
        author_id=author[:_LONGEST_NAME].lower(),
        kind=kind[:_LONGEST_KIND],
        # No PostgreSQL could take a NUL.
        text=said.replace("\0", "") if isinstance(said, str) else "",
        sent_at=sent_at,
    )


def _members(data: Mapping[str, Any], payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names in lower case (fact 3); none if they are not told, or too many to be told one by one."""
    for found in (payload.get("member"), payload.get("members"), data.get("to")):
        names = [found] if isinstance(found, str) else cast("list[object]", found) if isinstance(found, list) else []
        if len(names) > _MOST_MEMBERS:
            return ()
        told = [name.lower() for name in names if isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME]
        if told:
            return tuple(dict.fromkeys(told))
    return ()


def _object(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _first(bodies: object) -> Mapping[str, Any]:
    """Return the first of a message's bodies; older ones have a single one that is no list."""
    if isinstance(bodies, list):
        parts = cast("list[object]", bodies)
        return _object(parts[0]) if parts else {}
    return _object(bodies)


def _id(value: object) -> str | None:
    if type(value) is int and 0 <= value < 1 << 63:
        return str(value)
    if isinstance(value, str) and 0 < len(value) <= _LONGEST_ID and value.isprintable():
        return value
    return None


def _moment(value: object) -> datetime | None:
    if type(value) is not int or value < 0:
        return None
    try:
        return from_ms(value)
    except OverflowError:
        return None


def _shown(*parts: object) -> str:
    """Return what names an unknown callback, short and of one line; untrusted all the same."""
    words = [part[:_LONGEST_KIND] for part in parts if isinstance(part, str) and part]
    text = "/".join(words)[:_LONGEST_KIND]
    return "".join(c if c.isprintable() else " " for c in text)
