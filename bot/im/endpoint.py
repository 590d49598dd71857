"""One row of the API's table: method, path template, budget and whether repeating it is harmless."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import quote

from bot.im.errors import InvalidArgument

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*", re.ASCII)
_MAX_SEGMENT = 512


class Family(Enum):
    """Endpoints that share one rate limit (fact 4)."""

    DEFAULT = "default"
    BLOCKS = "blocks"
    MESSAGES = "messages"
    TOKEN = "token"  # noqa: S105 - a family of endpoints


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An operation of the API; `label` names it in errors and metrics, without any id.

    `idempotent` says that carrying it out twice leaves the same state as once; by default that is what the
    method promises.
    """

    method: str
    template: str
    family: Family = Family.DEFAULT
    idempotent: bool | None = None
    label: str = field(init=False)
    repeatable: bool = field(init=False)
    _pieces: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", f"{self.method} {self.template}")
        repeatable = self.method in {"GET", "PUT", "DELETE"} if self.idempotent is None else self.idempotent
        object.__setattr__(self, "repeatable", repeatable)
        object.__setattr__(self, "_pieces", tuple(_PLACEHOLDER.split(self.template)))

    def path(self, ids: dict[str, str]) -> str:
        """Fill the template, each id percent-encoded as one segment.

        Raises InvalidArgument naming the id for an empty one, for "." and "..", which any URL library or proxy
        on the way would take for another path, and for text that has no UTF-8 form.
        """
        pieces = self._pieces
        if len(pieces) == 1:
            return self.template
        out = [pieces[0]]
        for at in range(1, len(pieces), 2):
            name = pieces[at]
            out.append(encoded(name, ids[name]))
            out.append(pieces[at + 1])
        return "".join(out)


def encoded(name: str, value: str) -> str:
    """Percent-encode one path segment; raises InvalidArgument naming it when it cannot be one."""
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may be untyped
        raise InvalidArgument(name, "must be a string")
    if not value or value in {".", ".."}:
        raise InvalidArgument(name, "must not be empty, '.' or '..'")
    if len(value) > _MAX_SEGMENT:
        raise InvalidArgument(name, f"must have at most {_MAX_SEGMENT} characters")
    return _quoted(name, value)


def query_string(query: dict[str, str]) -> str:
    """Encode query parameters, keeping their order; raises InvalidArgument naming one that has no UTF-8 form."""
    return "&".join(f"{name}={_quoted(name, value)}" for name, value in query.items())


def _quoted(name: str, value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value  # as nearly all ids and names are
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise InvalidArgument(name, "contains characters that cannot be sent") from None
