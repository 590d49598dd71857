"""The parameters of the API, each declared once: what is read and checked is what the OpenAPI document says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from bot.imservice.errors import illegal_argument
from bot.imservice.fields import check_text
from bot.imservice.paging import MAX_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.imservice.call import Call
    from bot.imservice.fields import Body, JsonObject

T = TypeVar("T")

USERNAME_SCHEMA: JsonObject = {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$"}
_INT64 = 1 << 63
_INTEGER = re.compile(r"-?[0-9]{1,19}")


@dataclass(frozen=True, slots=True, eq=False)
class Parameter(Generic[T]):
    """One parameter: where it stands, the JSON schema of what is accepted, and how a call's value is read.

    `call[PARAMETER]` returns the checked value or raises ApiError 400. A parameter without a name is the whole body.
    """

    name: str
    place: Literal["query", "body"]
    schema: JsonObject
    required: bool
    read: Callable[[Call], T]


def query_text(name: str) -> Parameter[str]:
    """Declare required text in the query."""
    schema: JsonObject = {"type": "string", "minLength": 1}
    return Parameter(name, "query", schema, required=True, read=lambda call: call.query.text(name))


def query_optional(name: str) -> Parameter[str | None]:
    """Declare text in the query; the empty text counts as absent."""
    schema: JsonObject = {"type": "string"}
    return Parameter(name, "query", schema, required=False, read=lambda call: call.query.optional(name) or None)


def query_username(name: str) -> Parameter[str]:
    """Declare a required user name in the query."""
    return Parameter(name, "query", USERNAME_SCHEMA, required=True, read=lambda call: call.query.username(name))


def query_choice(name: str, *allowed: int) -> Parameter[int]:
    """Declare a required whole number out of a few in the query."""
    schema: JsonObject = {"type": "integer", "enum": list(allowed)}
    return Parameter(name, "query", schema, required=True, read=lambda call: call.query.choice(name, allowed))


def query_choice_or(name: str, *allowed: int, default: int) -> Parameter[int]:
    """Declare a whole number out of a few in the query; absent or empty it is the default."""

    def read(call: Call) -> int:
        return call.query.choice(name, allowed) if call.query.optional(name) else default

    schema: JsonObject = {"type": "integer", "enum": list(allowed), "default": default}
    return Parameter(name, "query", schema, required=False, read=read)


def query_flag(name: str, *, default: bool) -> Parameter[bool]:
    """Declare true or false in the query, in any case of letters."""
    schema: JsonObject = {"type": "boolean", "default": default}
    return Parameter(name, "query", schema, required=False, read=lambda call: call.query.flag(name, default=default))


def query_integer(name: str, *, low: int, high: int) -> Parameter[int | None]:
    """Declare a whole number in the query that may be absent."""

    def read(call: Call) -> int | None:
        value = call.query.optional(name)
        if value is None:
            return None
        if not _INTEGER.fullmatch(value) or not low <= int(value) <= high:
            raise illegal_argument(f"{name} must be a whole number from {low} to {high}")
        return int(value)

    schema: JsonObject = {"type": "integer", "minimum": low, "maximum": high}
    return Parameter(name, "query", schema, required=False, read=read)


def body_text(name: str, *, max_length: int = 128) -> Parameter[str]:
    """Declare required text of 1 to `max_length` characters in the body."""
    schema: JsonObject = {"type": "string", "minLength": 1, "maxLength": max_length}
    return Parameter(name, "body", schema, required=True, read=lambda call: call.body.text(name, max_length=max_length))


def body_string(name: str, *, max_length: int | None = None) -> Parameter[str]:
    """Declare text in the body that must be there but may be empty or blank, of any length if none is given."""
    schema: JsonObject = {"type": "string"} if max_length is None else {"type": "string", "maxLength": max_length}
    return Parameter(
        name, "body", schema, required=True, read=lambda call: read_string(call.body, name, max_length=max_length)
    )


def read_string(body: Body, name: str, *, min_length: int = 0, max_length: int | None = None) -> str:
    """Return required text as it is, blank or not; raise ApiError 400 for anything else."""
    value = body.value(name)
    if value is None:
        raise illegal_argument(f"{name} is required")
    if not isinstance(value, str):
        raise illegal_argument(f"{name} must be a string")
    check_text(name, value)
    if len(value) < min_length or (max_length is not None and len(value) > max_length):
        raise illegal_argument(f"{name} must have {min_length} to {max_length} characters")
    return value


def body_optional(name: str, *, max_length: int, min_length: int = 0) -> Parameter[str | None]:
    """Declare text in the body that may be absent or null."""
    schema: JsonObject = {"type": ["string", "null"], "minLength": min_length, "maxLength": max_length}
    return Parameter(
        name,
        "body",
        schema,
        required=False,
        read=lambda call: call.body.optional(name, max_length=max_length, min_length=min_length),
    )


def body_username(name: str) -> Parameter[str]:
    """Declare a required user name in the body."""
    return Parameter(name, "body", USERNAME_SCHEMA, required=True, read=lambda call: call.body.username(name))


def body_user_optional(name: str) -> Parameter[str | None]:
    """Declare a user name in the body that may be absent or null."""

    def read(call: Call) -> str | None:
        body = call.body
        return None if body.value(name) is None else body.username(name)

    return Parameter(name, "body", USERNAME_SCHEMA | {"type": ["string", "null"]}, required=False, read=read)


def body_integer(name: str, *, low: int = -_INT64, high: int = _INT64 - 1) -> Parameter[int | None]:
    """Declare a whole number in the body that may be absent or null."""

    def read(call: Call) -> int | None:
        value = call.body.integer(name)
        if value is not None and not low <= value <= high:
            raise illegal_argument(f"{name} must be a whole number from {low} to {high}")
        return value

    schema: JsonObject = {"type": ["integer", "null"], "minimum": low, "maximum": high}
    return Parameter(name, "body", schema, required=False, read=read)


def body_choice(name: str, *allowed: int) -> Parameter[int | None]:
    """Declare one of a few whole numbers in the body that may be absent or null."""
    schema: JsonObject = {"enum": [*allowed, None]}
    return Parameter(name, "body", schema, required=False, read=lambda call: call.body.choice(name, allowed))


def body_texts(name: str, *, max_items: int) -> Parameter[list[str]]:
    """Declare a required list of 1 to `max_items` texts in the body."""
    schema: JsonObject = {
        "type": "array",
        "minItems": 1,
        "maxItems": max_items,
        "items": {"type": "string", "minLength": 1},
    }
    return Parameter(name, "body", schema, required=True, read=lambda call: call.body.texts(name, max_items=max_items))


def body_words(name: str, *, max_items: int, max_length: int) -> Parameter[list[str]]:
    """Declare a required list of 1 to `max_items` texts of 1 to `max_length` characters, none of them blank."""

    def read(call: Call) -> list[str]:
        words = call.body.texts(name, max_items=max_items)
        for word in words:
            if len(word) > max_length or not word.strip():
                raise illegal_argument(f"each of {name} must have 1 to {max_length} characters")
        return words

    schema: JsonObject = {
        "type": "array",
        "minItems": 1,
        "maxItems": max_items,
        "items": {"type": "string", "minLength": 1, "maxLength": max_length, "pattern": "\\S"},
    }
    return Parameter(name, "body", schema, required=True, read=read)


def whole_body(schema: JsonObject, read: Callable[[Any], T]) -> Parameter[T]:
    """Declare a body that is more than an object of independent fields; `read` gets its JSON value."""
    return Parameter("", "body", schema, required=True, read=lambda call: read(call.json))


def _read_limit(call: Call) -> int:
    return call.query.limit(max_limit=MAX_LIMIT)


def _read_cursor(call: Call) -> str | None:
    return call.query.optional("cursor") or None


LIMIT: Parameter[int] = Parameter(
    "limit",
    "query",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": MAX_LIMIT},
    required=False,
    read=_read_limit,
)
CURSOR: Parameter[str | None] = Parameter("cursor", "query", {"type": "string"}, required=False, read=_read_cursor)
PAGING = (LIMIT, CURSOR)
"""What every list of Circle takes; read through `call.page`."""
