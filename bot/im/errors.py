"""What can go wrong between us and the IM, as exceptions sorted by what the caller can do about it."""

# ruff: noqa: N818 - the names say what happened; "Error" behind each would say nothing more

from __future__ import annotations

from typing import Self


class IMError(Exception):
    """A call of the IM API did not succeed.

    `sent` is False when the call was surely not carried out: it never left us, or the server refused it.
    True means that the outcome may be unknown (time-out, connection lost after sending, 5xx, a broken answer,
    also of an earlier attempt of the same call): read the state back before deciding anything.
    `retry_after` is what the server asked for, in seconds.
    """

    def __init__(
        self,
        description: str = "",
        *,
        status: int | None = None,
        error: str = "",
        endpoint: str = "",
        request_id: str = "",
        sent: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(description)
        self.description = description
        self.status = status
        self.error = error
        self.endpoint = endpoint
        self.request_id = request_id
        self.sent = sent
        self.retry_after = retry_after

    def __str__(self) -> str:
        head = " ".join(part for part in (self.endpoint, str(self.status or ""), self.error) if part)
        tail = f" [{self.request_id}]" if self.request_id else ""
        return f"{head}: {self.description}{tail}" if head else f"{self.description}{tail}"

    @property
    def summary(self) -> str:
        """What happened, without the IM's own words: those may name people, and logs do not."""
        parts = (type(self).__name__, self.endpoint, str(self.status or ""), self.error)
        tail = f" [{self.request_id}]" if self.request_id else ""
        return " ".join(part for part in parts if part) + tail

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.description!r}, status={self.status}, error={self.error!r}, "
            f"endpoint={self.endpoint!r}, request_id={self.request_id!r}, sent={self.sent})"
        )

    def fresh(self, *, endpoint: str | None = None, request_id: str | None = None, sent: bool | None = None) -> Self:
        """Return a new exception of the same content, so that waiters of one request do not share a traceback."""
        return type(self)(
            self.description,
            status=self.status,
            error=self.error,
            endpoint=self.endpoint if endpoint is None else endpoint,
            request_id=self.request_id if request_id is None else request_id,
            sent=self.sent if sent is None else sent,
            retry_after=self.retry_after,
        )


class NotFound(IMError):
    """404: the user, channel, community or app does not exist."""


class Forbidden(IMError):
    """403: the IM does not allow this, whoever asks."""


class LimitReached(IMError):
    """A quota of the plan or of an object is used up (403 exceed_limit, 429 resource_limited): waiting is no help."""


class IllegalArgument(IMError):
    """400, 405, 413, 415, 422: the server did not accept the request as written."""


class Unauthorized(IMError):
    """401, or refused credentials: the token or the client secret is not accepted."""


class RateLimited(IMError):
    """429, or 403 message_send_error: too many calls in this second; the call was not carried out."""


class Conflict(IMError):
    """409, or 400 duplicate_unique_property_exists: it exists already, or somebody else is changing it."""


class Unavailable(IMError):
    """The IM cannot be reached, or answered 5xx."""


class Timeout(Unavailable):
    """No answer within the time allowed, or (with `sent` False) no pacing slot within `queue_seconds`."""


class CircuitOpen(Unavailable):
    """The IM failed several times in a row, so this call was not tried; `retry_after` says when one may be."""


class BadResponse(IMError):
    """The answer is not what the API promises: not JSON, truncated, too large, a redirect, wrong types."""


class InvalidArgument(IMError, ValueError):
    """An argument was refused before anything was sent; `field` names it."""

    def __init__(self, field: str, description: str) -> None:
        super().__init__(f"{field}: {description}", error="invalid_argument")
        self.field = field

    def fresh(self, *, endpoint: str | None = None, request_id: str | None = None, sent: bool | None = None) -> Self:  # noqa: ARG002 - never sent
        """Return a new exception of the same content."""
        return type(self)(self.field, self.description.removeprefix(f"{self.field}: "))

    def __repr__(self) -> str:
        return f"InvalidArgument(field={self.field!r}, {self.description!r})"

    def __reduce__(self) -> tuple[type[InvalidArgument], tuple[str, str]]:
        return type(self), (self.field, self.description.removeprefix(f"{self.field}: "))
