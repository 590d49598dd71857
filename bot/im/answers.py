"""From the bytes of an answer to its content, or to the exception that says what it means."""

from __future__ import annotations

import codecs
import json
import math
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import ValidationError

from bot.im.errors import (
    BadResponse,
    Conflict,
    Forbidden,
    IllegalArgument,
    IMError,
    LimitReached,
    NotFound,
    RateLimited,
    Timeout,
    Unauthorized,
    Unavailable,
)
from bot.im.models import Model
from bot.im.paging import Page

if TYPE_CHECKING:
    from collections.abc import Sequence

M = TypeVar("M", bound=Model)

_BY_STATUS: dict[int, type[IMError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    408: Timeout,
    409: Conflict,
    429: RateLimited,
}
_BY_STATUS_AND_ERROR: dict[tuple[int, str], type[IMError]] = {
    (400, "invalid_grant"): Unauthorized,
    (400, "duplicate_unique_property_exists"): Conflict,
    (403, "exceed_limit"): LimitReached,
    (403, "message_send_error"): RateLimited,
    (429, "resource_limited"): LimitReached,
}
# Where one status and error name stand for several things, the text tells them apart (fact 2.3).
_BY_TEXT: dict[tuple[int, str], type[IMError]] = {
    (400, "the user is already operation this message"): Conflict,
    (400, "the quantity has exceeded the limit"): LimitReached,
    (403, "msg already create thread"): Conflict,
}
_LIMIT_WORDS = ("reached limit", "reach limit", "exceed limit", "limit reached")
_LONGEST_DESCRIPTION = 500
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Raw:
    """An HTTP answer as it arrived."""

    status: int
    body: bytes
    date: str | None
    retry_after: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer's JSON object, with readers that raise BadResponse where it breaks the contract."""

    data: dict[str, Any]
    date: str | None
    endpoint: str
    request_id: str

    def bad(self, description: str) -> BadResponse:
        """Make the error for an answer that came with success and wrong content: it was carried out."""
        return BadResponse(
            description, status=200, error="bad_response", endpoint=self.endpoint, request_id=self.request_id, sent=True
        )

    def model(self, raw: object, model: type[M]) -> M:
        """Read one object of the answer."""
        if not isinstance(raw, dict):
            raise self.bad(f"no {model.__name__} in the answer")
        try:
            return model.read(cast("dict[str, Any]", raw))
        except ValidationError as exc:
            fields = ", ".join(sorted({".".join(map(str, row["loc"])) for row in exc.errors(include_input=False)}))
        # Raised outside of the except block: pydantic's own message would repeat the answer's content.
        raise self.bad(f"{model.__name__} with missing or wrong {fields}")

    def page(self, key: str, model: type[M]) -> Page[M]:
        """Read one page of a list; a missing list is an empty one, a missing or empty cursor the end (A4, A26)."""
        rows: object = self.data.get(key)
        if rows is None:
            rows = ()
        elif not isinstance(rows, list):
            raise self.bad(f"{key} is no list")
        cursor: object = self.data.get("cursor")
        if not (cursor is None or isinstance(cursor, str)):
            raise self.bad("cursor is no text")
        return Page(self._rows(cast("list[object]", rows), model), cursor or None, parsed_date(self.date))

    def _rows(self, rows: Sequence[object], model: type[M]) -> tuple[M, ...]:
        with suppress(ValidationError, AttributeError):
            return tuple(map(model.read, cast("Sequence[dict[str, Any]]", rows)))
        # One by one, to say what is wrong with the first that is; all at once takes half as long.
        return tuple([self.model(row, model) for row in rows])

    def flag(self, key: str = "result") -> bool:
        """Read a boolean; the texts "true" and "false" count too (A48)."""
        value = self.data.get(key)
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        raise self.bad(f"{key} is no boolean")

    def number(self, key: str) -> int:
        """Read a whole number."""
        value = self.data.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.isdecimal() and len(value) < 20:
            return int(value)
        raise self.bad(f"{key} is no number")

    def text(self, key: str) -> str:
        """Read a text that is not empty; a number counts as its digits, as ids are sometimes written."""
        value = self.data.get(key)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise self.bad(f"{key} is no text")


def understand(raw: Raw, endpoint: str, request_id: str) -> Answer | IMError:
    """Decide what an HTTP answer means: its content if it is a success, else the exception to raise.

    Success is HTTP 2xx with `code` absent or 200 (A27); statuses and error names are those of fact 2.1.
    """
    data = decoded(raw.body)
    if 200 <= raw.status < 300:
        if data is None:
            return BadResponse(
                "the answer is no JSON object",
                status=raw.status,
                error="bad_response",
                endpoint=endpoint,
                request_id=request_id,
                sent=True,
            )
        code = data.get("code")
        if code is None or code in (200, "200"):
            return Answer(data, raw.date, endpoint, request_id)
        return _refusal(_code_status(code), data, raw, endpoint, request_id)
    return _refusal(raw.status, data or {}, raw, endpoint, request_id)


def decoded(body: bytes) -> dict[str, Any] | None:
    """Parse a JSON object; None for anything else.

    Halves of surrogate pairs, which a server leaves when it cuts a name in the middle of an emoji, become "?": no
    database, log or request could take them.
    """
    try:
        text = body.removeprefix(codecs.BOM_UTF8).decode()
        data: object = json.loads(text)
        if _SURROGATE.search(text):
            data = json.loads(json.dumps(data, ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", data) if isinstance(data, dict) else None


@lru_cache(maxsize=8)
def parsed_date(header: str | None) -> datetime | None:
    """Read a Date header as UTC; None for a missing or malformed one."""
    if header is None:
        return None
    try:
        stamp = parsedate_to_datetime(header)
    except (ValueError, OverflowError, TypeError):
        return None
    return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)


def _code_status(code: object) -> int | None:
    return code if isinstance(code, int) and 400 <= code < 600 else None


def _refusal(status: int | None, data: dict[str, Any], raw: Raw, endpoint: str, request_id: str) -> IMError:
    error = _shortened(data.get("error"))
    description = _shortened(data.get("error_description")) or _shortened(data.get("message"))
    # The IM says what it has not found (fact 2); a page that says nothing is a proxy's, while the IM is away.
    kind = Unavailable if status == 404 and not data else _kind(status, error, description)
    return kind(
        description or (f"HTTP {raw.status}" if data else f"HTTP {raw.status} without a JSON body"),
        status=raw.status if status is None else status,
        error=error,
        endpoint=endpoint,
        request_id=request_id,
        # 408 and 5xx do not say how far the server got, 3xx and an unknown `code` do not say who answered.
        sent=status is None or not 400 <= status < 500 or status == 408,
        retry_after=_seconds(raw.retry_after, raw.date),
    )


def _kind(status: int | None, error: str, description: str) -> type[IMError]:
    if status is None or status < 400:
        return BadResponse
    if status >= 500:
        return Unavailable
    known = _BY_STATUS_AND_ERROR.get((status, error))
    if known is not None:
        return known
    text = description.lower()
    for (known_status, words), kind in _BY_TEXT.items():
        if status == known_status and words in text:
            return kind
    if status == 403 and any(words in text for words in _LIMIT_WORDS):
        return LimitReached
    return _BY_STATUS.get(status, IllegalArgument)


def _shortened(value: object) -> str:
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in value[:_LONGEST_DESCRIPTION])


def _seconds(retry_after: str | None, date: str | None) -> float | None:
    """Read Retry-After, in seconds or as a date; the latter is compared with the server's own Date."""
    if retry_after is None:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        then, now = parsed_date(retry_after), parsed_date(date)
        if then is None or now is None:
            return None
        seconds = (then - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None
