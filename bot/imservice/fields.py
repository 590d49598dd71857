"""Reading and checking what comes in: query strings and JSON bodies, with every spelling the SDKs use (A5, A6)."""

import json
import re
from typing import Any, NoReturn, cast
from urllib.parse import unquote_plus

from bot.imservice.errors import broken_json, illegal_argument, illegal_username, shown

_USERNAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WHOLE = re.compile(r"[0-9]{1,9}")
_HUMP = re.compile(r"(?<=[a-z])([A-Z])")
_MAX_FIELDS = 200
_INT64 = 1 << 63
_EXTRA_SPELLINGS = {"userId": ("user_Id",), "max_users": ("maxusers",), "messageId": ("msgId",)}
_spellings: dict[str, tuple[str, ...]] = {}

JsonObject = dict[str, Any]


def spellings(name: str) -> tuple[str, ...]:
    """Return every accepted spelling of a parameter, the documented one first."""
    known = _spellings.get(name)
    if known is None:
        snake = _HUMP.sub(r"_\1", name).lower()
        head, *tail = snake.split("_")
        camel = head + "".join(part.capitalize() for part in tail)
        known = tuple(dict.fromkeys((name, snake, camel, *_EXTRA_SPELLINGS.get(name, ()))))
        _spellings[name] = known
    return known


def is_username(value: object) -> bool:
    """Whether the value is text that could be a user name (facts 3)."""
    return isinstance(value, str) and _USERNAME.fullmatch(value) is not None


class Query:
    """The parameters behind the `?`; unknown ones are ignored (A62)."""

    __slots__ = ("_values",)

    def __init__(self, raw: str) -> None:
        values: dict[str, list[str]] = {}
        if raw:
            pairs = raw.split("&")
            if len(pairs) > _MAX_FIELDS:
                raise illegal_argument("too many query parameters")
            for pair in pairs:
                name, _, value = pair.partition("=")
                values.setdefault(_unquoted(name), []).append(_unquoted(value))
        self._values = values

    def optional(self, name: str) -> str | None:
        """Return the value or None; one that is given twice must not differ (400)."""
        found: str | None = None
        for spelling in spellings(name):
            for value in self._values.get(spelling, ()):
                if found is not None and value != found:
                    raise illegal_argument(f"{name} is given twice with different values")
                found = value
        return found

    def every(self, name: str) -> list[str]:
        """Return all values of a parameter that may be repeated, in any spelling."""
        return [value for spelling in spellings(name) for value in self._values.get(spelling, ())]

    def text(self, name: str) -> str:
        """Return a required value (400 if missing or empty)."""
        value = self.optional(name)
        if not value:
            raise illegal_argument(f"{name} is required")
        return value

    def username(self, name: str) -> str:
        """Return a required value that could be a user name (400 otherwise)."""
        value = self.text(name)
        if not is_username(value):
            raise illegal_username(value)
        return value

    def choice(self, name: str, allowed: tuple[int, ...]) -> int:
        """Return a required whole number out of a few (400 otherwise)."""
        value = self.text(name)
        if not _WHOLE.fullmatch(value) or int(value) not in allowed:
            raise illegal_argument(f"{name} must be one of {', '.join(map(str, allowed))}")
        return int(value)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false in any case of letters (400 otherwise)."""
        value = self.optional(name)
        if not value:
            return default
        if value.lower() not in ("true", "false"):
            raise illegal_argument(f"{name} must be true or false")
        return value.lower() == "true"

    def limit(self, *, max_limit: int) -> int:
        """Return how many rows a page may have, `max_limit` if nothing is said (400 outside of 1 to that)."""
        limit = self.optional("limit")
        if limit is None:
            return max_limit
        if _WHOLE.fullmatch(limit) and 1 <= int(limit) <= max_limit:
            return int(limit)
        raise illegal_argument(f"limit must be a whole number from 1 to {max_limit}")


class Body:
    """A JSON object from a request, read field by field; null counts as absent."""

    __slots__ = ("_values",)

    def __init__(self, values: JsonObject) -> None:
        self._values = values

    def value(self, name: str) -> Any:
        """Return the raw value or None; spellings that contradict each other are refused (400)."""
        found: Any = None
        for spelling in spellings(name):
            value = self._values.get(spelling)
            if value is None:
                continue
            if found is not None and (type(value) is not type(found) or value != found):
                raise illegal_argument(f"{name} is given twice with different values")
            found = value
        return found

    def optional(self, name: str, *, max_length: int, min_length: int = 0) -> str | None:
        """Return text of a length in characters, or None if it is absent (400 for anything else)."""
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise illegal_argument(f"{name} must be a string")
        check_text(name, value)
        if not min_length <= len(value) <= max_length or (min_length and not value.strip()):
            raise illegal_argument(f"{name} must have {min_length} to {max_length} characters")
        return value

    def text(self, name: str, *, max_length: int = 128) -> str:
        """Return required text of 1 to `max_length` characters (400 otherwise)."""
        value = self.optional(name, max_length=max_length, min_length=1)
        if value is None:
            raise illegal_argument(f"{name} is required")
        return value

    def username(self, name: str) -> str:
        """Return a required user name (400 otherwise)."""
        value = self.text(name, max_length=1024)
        if not is_username(value):
            raise illegal_username(value)
        return value

    def integer(self, name: str) -> int | None:
        """Return a whole number of at most 64 bits, or None if it is absent (400 for anything else)."""
        value = self.value(name)
        if value is None:
            return None
        if type(value) is not int or not -_INT64 <= value < _INT64:
            raise illegal_argument(f"{name} must be a whole number")
        return value

    def choice(self, name: str, allowed: tuple[int, ...]) -> int | None:
        """Return one of a few whole numbers, or None if it is absent (400 for anything else)."""
        value = self.integer(name)
        if value is not None and value not in allowed:
            raise illegal_argument(f"{name} must be one of {', '.join(map(str, allowed))}")
        return value

    def texts(self, name: str, *, max_items: int) -> list[str]:
        """Return a required list of 1 to `max_items` texts (400 otherwise)."""
        value = self.value(name)
        if not isinstance(value, list):
            raise illegal_argument(f"{name} must be a list")
        items = cast("list[object]", value)
        if not 1 <= len(items) <= max_items:
            raise illegal_argument(f"{name} must have 1 to {max_items} entries")
        return [_listed_text(name, item) for item in items]


def check_text(name: str, value: str) -> None:
    """Refuse text that cannot be stored and shown again: NUL and lone surrogates (400)."""
    if "\0" in value or (not value.isascii() and _SURROGATE.search(value)):
        raise illegal_argument(f"{name} contains characters that are not allowed")


def parse_json(raw: bytes) -> Any:
    """Return the JSON value of a body or raise ApiError 400 `json_parse`."""
    try:
        return _decode(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise broken_json("the body is not UTF-8") from None
    except RecursionError:
        raise broken_json("the body is nested too deeply") from None
    except ValueError as error:
        raise broken_json(shown(str(error))) from None


def _listed_text(name: str, item: object) -> str:
    if not isinstance(item, str) or not item:
        raise illegal_argument(f"{name} must contain nothing but strings")
    check_text(name, item)
    return item


def _object(pairs: list[tuple[str, Any]]) -> JsonObject:
    values = dict(pairs)
    if len(values) != len(pairs):
        # Which of the two is meant cannot be known, and another parser on the way may have read the other one.
        raise ValueError("a key is given twice")
    return values


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decode = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant).decode


def _unquoted(text: str) -> str:
    if "%" not in text and "+" not in text:
        return text
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        raise illegal_argument("the query is not UTF-8") from None
