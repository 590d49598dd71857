"""What a message of each type contains, declared once for the check and for the OpenAPI document (facts 5)."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from bot.imservice.errors import malformed_message, message_refused
from bot.imservice.fields import JsonObject

_EVENT = re.compile(r"[a-zA-Z0-9_/.-]{1,32}")
_MOST_EXTRAS = 16


class _Kind(NamedTuple):
    """A kind of value: its JSON schema, and whether a value is one."""

    schema: JsonObject
    accepts: Callable[[Any], bool]


class _Field(NamedTuple):
    name: str
    kind: _Kind
    required: bool = False


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_degrees(value: Any) -> bool:
    return type(value) in (str, int, float)


def _is_size(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    sides = cast("JsonObject", value)
    return all(_is_count(sides[side]) for side in ("width", "height") if sides.get(side) is not None)


def _is_event(value: Any) -> bool:
    return isinstance(value, str) and _EVENT.fullmatch(value) is not None


def _is_extras(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    extras = cast("JsonObject", value)
    return len(extras) <= _MOST_EXTRAS and all(isinstance(one, str) for one in extras.values())


_NULL: JsonObject = {"type": "null"}
_COUNT_SCHEMA: JsonObject = {"type": "integer", "minimum": 0}
_SIDE: JsonObject = {"anyOf": [_COUNT_SCHEMA, _NULL]}

_TEXT = _Kind({"type": "string"}, _is_text)
_COUNT = _Kind(_COUNT_SCHEMA, _is_count)
_DEGREES = _Kind({"type": ["string", "number"]}, _is_degrees)
_SIZE = _Kind({"type": "object", "properties": {"width": _SIDE, "height": _SIDE}}, _is_size)
_EVENT_NAME = _Kind({"type": "string", "pattern": f"^{_EVENT.pattern}$"}, _is_event)
_EXTRAS = _Kind(
    {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": _MOST_EXTRAS}, _is_extras
)

_ATTACHMENT = (_Field("url", _TEXT, required=True), _Field("filename", _TEXT), _Field("secret", _TEXT))
_FIELDS: dict[str, tuple[_Field, ...]] = {
    "txt": (_Field("msg", _TEXT, required=True),),
    "img": (*_ATTACHMENT, _Field("size", _SIZE)),
    # The documentation's table has a capital L, its example has not.
    "audio": (*_ATTACHMENT, _Field("Length", _COUNT), _Field("length", _COUNT)),
    "video": (
        *_ATTACHMENT,
        _Field("thumb", _TEXT),
        _Field("thumb_secret", _TEXT),
        _Field("length", _COUNT),
        _Field("file_length", _COUNT),
    ),
    "file": _ATTACHMENT,
    "loc": (
        _Field("lat", _DEGREES, required=True),
        _Field("lng", _DEGREES, required=True),
        _Field("addr", _TEXT, required=True),
    ),
    "cmd": (_Field("action", _TEXT, required=True),),
    "custom": (_Field("customEvent", _EVENT_NAME), _Field("customExts", _EXTRAS)),
}
TYPES = tuple(_FIELDS)
"""The types of messages."""


def check_content(kind: Any, body: Any) -> tuple[str, JsonObject]:
    """Return type and body of a message; raise ApiError 400 if one is missing or does not fit the other.

    Fields that are not known are kept as they are, and null counts as absent.
    """
    if kind is None or kind == "":
        raise message_refused("param type can't be empty")
    if not isinstance(kind, str) or kind not in _FIELDS:
        raise malformed_message()
    if body is None or body == {}:
        raise message_refused("param body can't be empty")
    if not isinstance(body, dict):
        raise malformed_message()
    content = cast("JsonObject", body)
    for field in _FIELDS[kind]:
        value = content.get(field.name)
        if field.required if value is None else not field.kind.accepts(value):
            raise malformed_message()
    return kind, content


def content_schemas() -> list[JsonObject]:
    """Return what `type` and `body` may be together, a JSON schema a type."""
    return [
        {
            "type": "object",
            "title": kind,
            "properties": {"type": {"const": kind}, "body": _body_schema(fields)},
            "required": ["type", "body"],
        }
        for kind, fields in _FIELDS.items()
    ]


def _body_schema(fields: tuple[_Field, ...]) -> JsonObject:
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {
            field.name: field.kind.schema if field.required else {"anyOf": [field.kind.schema, _NULL]}
            for field in fields
        },
        "required": [field.name for field in fields if field.required],
    }
