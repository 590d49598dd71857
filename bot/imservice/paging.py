"""Pages by key: limits, opaque cursors, and the answer of a list (A26)."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import NotRequired, Protocol, TypeVar

from typing_extensions import TypedDict

from bot.imservice.errors import illegal_argument, shown

MAX_LIMIT = 20
_SEQ_BYTES = 8
_CHECK_BYTES = 10


class Sequenced(Protocol):
    """A row that knows its place in the order of its list."""

    @property
    def seq(self) -> int:
        """The key that the list is ordered by."""
        ...


R = TypeVar("R", bound=Sequenced)


def encode_cursor(scope: str, seq: int) -> str:
    """Return the cursor that continues the list `scope` behind the row `seq`."""
    number = seq.to_bytes(_SEQ_BYTES, "big")
    return base64.urlsafe_b64encode(number + _check(scope, number)).decode()


def decode_cursor(scope: str, cursor: str) -> int:
    """Return the row a cursor points to; raise ApiError 400 if it was not given out for this list."""
    try:
        raw = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raw = b""
    number = raw[:_SEQ_BYTES]
    if len(number) != _SEQ_BYTES or raw[_SEQ_BYTES:] != _check(scope, number):
        raise illegal_argument(f"cursor {shown(cursor)} is not valid")
    return int.from_bytes(number, "big")


def _check(scope: str, number: bytes) -> bytes:
    # Not a secret: it tells a cursor of another list, or a made-up one, from one that belongs here.
    return hashlib.blake2s(number + scope.encode(), digest_size=_CHECK_BYTES).digest()


class PageTail(TypedDict):
    """The part of a list's answer that all lists of Circle have in common."""

    code: int
    count: int
    cursor: NotRequired[str]


class PageRequest:
    """Which part of a list is wanted: at most `limit` rows behind the row `after`."""

    __slots__ = ("after", "limit", "scope")

    def __init__(self, *, scope: str, limit: int, after: int) -> None:
        self.scope = scope
        self.limit = limit
        self.after = after

    @property
    def fetch(self) -> int:
        """How many rows to read: one more than asked shows whether the list goes on."""
        return self.limit + 1

    def cut(self, rows: Sequence[R]) -> Sequence[R]:
        """Return the rows of this page out of those read."""
        return rows[: self.limit]

    def tail(self, rows: Sequence[R]) -> PageTail:
        """Return what stands beside the rows in an answer: their number and, only if there is more, the cursor."""
        if len(rows) <= self.limit:
            return {"code": 200, "count": len(rows)}
        return {"code": 200, "count": self.limit, "cursor": self.cursor(rows)}

    def cursor(self, rows: Sequence[R]) -> str:
        """Return the cursor that continues behind this page; there must be more rows than fit on it."""
        return encode_cursor(self.scope, rows[self.limit - 1].seq)
