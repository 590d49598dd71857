"""What a route handler is given: the request, checked as far as all routes have it in common."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypeVar, cast

from typing_extensions import TypedDict

from bot.imservice.errors import illegal_argument, user_not_found
from bot.imservice.fields import Body, JsonObject, Query, is_username
from bot.imservice.ids import Ids
from bot.imservice.limits import MessageLimits
from bot.imservice.options import IMServiceOptions, ServiceCredentials
from bot.imservice.paging import PageRequest, decode_cursor
from bot.imservice.parameters import CURSOR, LIMIT, Parameter
from bot.imservice.tokens import Tokens

T = TypeVar("T")


class Envelope(TypedDict):
    """What the answers of the users, contacts and messages family have in common (facts 2)."""

    action: str
    path: str
    uri: str
    application: NotRequired[str]
    organization: NotRequired[str]
    applicationName: NotRequired[str]
    timestamp: int
    duration: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all calls of one service share."""

    credentials: ServiceCredentials
    options: IMServiceOptions
    ids: Ids
    tokens: Tokens
    message_limits: MessageLimits


class Call:
    """One request on its way through a handler; `now` is the service's time in milliseconds."""

    __slots__ = (
        "_body", "_query", "by_app_id", "json", "now", "params", "path", "raw_query", "reader", "shared", "takes",
        "url",
    )  # fmt: skip

    def __init__(
        self,
        *,
        shared: Surroundings,
        reader: sqlite3.Connection,
        now: int,
        params: dict[str, str],
        path: str,
        raw_query: str,
        by_app_id: bool,
        url: str,
        takes: Sequence[Parameter[Any]],
        json: Any = None,
    ) -> None:
        self.shared = shared
        self.reader = reader
        self.now = now
        self.params = params
        self.path = path
        self.raw_query = raw_query
        self.by_app_id = by_app_id
        self.url = url
        self.takes = takes
        self.json = json
        self._query: Query | None = None
        self._body: Body | None = None

    def __getitem__(self, parameter: Parameter[T]) -> T:
        """Return the checked value of a parameter that the route declares; raises ApiError 400."""
        if parameter not in self.takes:
            raise LookupError(f"the route does not declare {parameter.name}")
        return parameter.read(self)

    @property
    def query(self) -> Query:
        """The query parameters (400 if they cannot be read)."""
        if self._query is None:
            self._query = Query(self.raw_query)
        return self._query

    @property
    def body(self) -> Body:
        """The body as a JSON object (400 if it is any other JSON value)."""
        if self._body is None:
            if not isinstance(self.json, dict):
                raise illegal_argument("the body must be a JSON object")
            self._body = Body(cast("JsonObject", self.json))
        return self._body

    def user_in_path(self, name: str = "user_id") -> str:
        """Return a user name out of the path; what cannot be one does not exist (404)."""
        value = self.params[name]
        if not is_username(value):
            raise user_not_found()
        return value

    def envelope(self, action: str) -> Envelope:
        """Return the envelope of the users, contacts and messages family (facts 2)."""
        mine = self.shared.credentials
        envelope: Envelope = {
            "action": action,
            "path": self.path,
            "uri": self.url,
            "timestamp": self.now,
            "duration": 0,
        }
        if not self.by_app_id:
            envelope["application"] = mine.application
            envelope["organization"] = mine.org
            envelope["applicationName"] = mine.app
        return envelope

    def page(self, *scope: str, limit: Parameter[int] = LIMIT, cursor: Parameter[str | None] = CURSOR) -> PageRequest:
        """Return which page of the list `scope` is asked for; a cursor fits its own list only (A26)."""
        name, size, behind = "\n".join(scope), self[limit], self[cursor]
        return PageRequest(scope=name, limit=size, after=decode_cursor(name, behind) if behind else 0)
