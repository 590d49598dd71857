"""Sending messages: row 22, and its twin for voice channels (002 发送消息, facts 5)."""

import json
import sqlite3
from typing import Any, cast

from bot.imservice.call import Call, Envelope
from bot.imservice.contents import check_content, content_schemas
from bot.imservice.domain import messages
from bot.imservice.domain.messages import NewMessage
from bot.imservice.errors import malformed_message, message_refused
from bot.imservice.events import Told
from bot.imservice.fields import JsonObject
from bot.imservice.parameters import Parameter, whole_body
from bot.imservice.routing import BodyKind, Route, Work

_MOST_GROUPS = 3
_MOST_ROOMS = 10
_MOST_IGNORED = 20
_LONGEST_ID = 128
_LARGEST_BYTES = 5 * 1024
_DEFAULT_SENDER = "admin"
_LEVELS = ("high", "normal", "low")


class MessagesSent(Envelope):
    """The id of the message for every target."""

    data: dict[str, str]


def to_groups(call: Call) -> Work[MessagesSent]:
    """Send a message to up to 3 text channels or threads (002 发送消息)."""
    return _send(call, call[_TO_GROUPS])


def to_rooms(call: Call) -> Work[MessagesSent]:
    """Send a message to up to 10 voice channels, which are chat rooms (facts 5)."""
    return _send(call, call[_TO_ROOMS])


def _send(call: Call, new: NewMessage) -> Work[MessagesSent]:
    call.shared.message_limits.count(len(new.targets), chat_room=new.chat_room)

    def work(connection: sqlite3.Connection) -> Told[MessagesSent]:
        sent, events = messages.send(connection, new, ids=call.shared.ids, now=call.now)
        return Told({**call.envelope("post"), "data": sent}, events)

    return work


def _to_groups(payload: Any) -> NewMessage:
    request = _request(payload)
    _check_optional(request, "need_group_ack", isinstance(request.get("need_group_ack"), bool))
    _check_optional(request, "routetype", request.get("routetype") == "ROUTE_ONLINE")
    return _message(request, most=_MOST_GROUPS, chat_room=False)


def _to_rooms(payload: Any) -> NewMessage:
    request = _request(payload)
    _check_optional(request, "chatroom_msg_level", request.get("chatroom_msg_level") in _LEVELS)
    return _message(request, most=_MOST_ROOMS, chat_room=True)


def _request(payload: Any) -> JsonObject:
    if not isinstance(payload, dict):
        raise malformed_message()
    return cast("JsonObject", payload)


def _check_optional(request: JsonObject, name: str, fits: bool) -> None:  # noqa: FBT001 - what was found out
    """Refuse a wrong value of a field that makes no difference here: nobody is offline, nothing roams."""
    if request.get(name) is not None and not fits:
        raise malformed_message()


def _message(request: JsonObject, *, most: int, chat_room: bool) -> NewMessage:
    """Check a request in the order of the documented errors; null counts as absent, but for `ext`."""
    sender = _sender(request.get("from"))
    targets = _targets(request.get("to"), most)
    kind, body = check_content(request.get("type"), request.get("body"))
    _check_optional(request, "roam_ignore_users", _are_ignored(request.get("roam_ignore_users")))
    ext = _ext(request)
    if _size(body) + (0 if ext is None else _size(ext)) > _LARGEST_BYTES:
        raise message_refused("message is too large")
    return NewMessage(sender, targets, kind, body, ext, chat_room)


def _sender(value: Any) -> str:
    if value is None:
        return _DEFAULT_SENDER
    if value == "":
        raise message_refused("param from can't be empty")
    if not _is_id(value):
        raise malformed_message()
    return value


def _targets(value: Any, most: int) -> tuple[str, ...]:
    if value is None or value == []:
        raise message_refused("param to can't be empty")
    if not isinstance(value, list) or not all(map(_is_id, cast("list[object]", value))):
        raise malformed_message()
    targets = cast("list[str]", value)
    if len(targets) > most:
        raise message_refused(f"params to's size can't exceed limit {most}")
    return tuple(dict.fromkeys(targets))


def _ext(request: JsonObject) -> JsonObject | None:
    if "ext" not in request:
        return None
    value: Any = request["ext"]
    if not isinstance(value, dict):
        raise message_refused("param ext must be JSONObject")
    return cast("JsonObject", value)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_ID and _is_unicode(value)


def _are_ignored(value: object) -> bool:
    if not isinstance(value, list):
        return False
    names = cast("list[object]", value)
    return len(names) <= _MOST_IGNORED and all(isinstance(name, str) for name in names)


def _is_unicode(text: str) -> bool:
    """Whether the text has a UTF-8 form, which half of a surrogate pair has not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _size(content: JsonObject) -> int:
    """Return how many bytes a part of a message has on the wire; what cannot be sent on is malformed."""
    try:
        return len(json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode())
    except ValueError:  # half of a surrogate pair, or a number that is no number
        raise malformed_message() from None


_ID: JsonObject = {"type": "string", "minLength": 1, "maxLength": _LONGEST_ID}


def _schema(most: int, **more: JsonObject) -> JsonObject:
    return {
        "type": "object",
        "properties": {
            "from": {"anyOf": [_ID, {"type": "null"}], "default": _DEFAULT_SENDER},
            "to": {"type": "array", "items": _ID, "minItems": 1, "maxItems": most},
            "ext": {"type": "object"},
            "roam_ignore_users": {
                "type": ["array", "null"],
                "items": {"type": "string"},
                "maxItems": _MOST_IGNORED,
            },
            **more,
        },
        "required": ["to", "type", "body"],
        "oneOf": content_schemas(),
    }


_TO_GROUPS: Parameter[NewMessage] = whole_body(
    _schema(_MOST_GROUPS, need_group_ack={"type": ["boolean", "null"]}, routetype={"enum": ["ROUTE_ONLINE", None]}),
    _to_groups,
)
_TO_ROOMS: Parameter[NewMessage] = whole_body(
    _schema(_MOST_ROOMS, chatroom_msg_level={"enum": [*_LEVELS, None]}), _to_rooms
)

ROUTES = (
    Route(
        method="POST",
        template="/messages/chatgroups",
        write=to_groups,
        takes=(_TO_GROUPS,),
        body=BodyKind.JSON,
        family="messages",
    ),
    Route(
        method="POST",
        template="/messages/chatrooms",
        write=to_rooms,
        takes=(_TO_ROOMS,),
        body=BodyKind.JSON,
        family="room messages",
    ),
)
