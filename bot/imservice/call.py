"""What a route handler is given: the request, checked as far as all routes have it in common."""

import sqlite3
from dataclasses import dataclass
from typing import Any, cast

from bot.imservice.errors import illegal_argument, user_not_found
from bot.imservice.fields import Body, JsonObject, Query, is_username
from bot.imservice.ids import Ids
from bot.imservice.options import IMServiceOptions, ServiceCredentials
from bot.imservice.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all calls of one service share."""

    credentials: ServiceCredentials
    options: IMServiceOptions
    ids: Ids
    tokens: Tokens


class Call:
    """One request on its way through a handler; `now` is the service's time in milliseconds."""

    __slots__ = ("_query", "by_app_id", "json", "now", "params", "path", "raw_query", "reader", "shared", "url")

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
        self.json = json
        self._query: Query | None = None

    @property
    def query(self) -> Query:
        """The query parameters (400 if they cannot be read)."""
        if self._query is None:
            self._query = Query(self.raw_query)
        return self._query

    @property
    def body(self) -> Body:
        """The body as a JSON object (400 if it is any other JSON value)."""
        if not isinstance(self.json, dict):
            raise illegal_argument("the body must be a JSON object")
        return Body(cast("JsonObject", self.json))

    def user_in_path(self, name: str = "user_id") -> str:
        """Return a user name out of the path; what cannot be one does not exist (404)."""
        value = self.params[name]
        if not is_username(value):
            raise user_not_found()
        return value

    def envelope(self, action: str, **content: Any) -> JsonObject:
        """Return the envelope of the users, contacts and messages family (facts 2) around the content."""
        mine = self.shared.credentials
        body: JsonObject = {"action": action, "path": self.path, "uri": self.url}
        if not self.by_app_id:
            body |= {
                "application": mine.application,
                "organization": mine.org,
                "applicationName": mine.app,
            }
        return body | content | {"timestamp": self.now, "duration": 0}

    def page_scope(self, *parts: str) -> str:
        """Return the name of a list for its cursors."""
        return "\n".join(parts)
