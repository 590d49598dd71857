"""The table of routes and how a request finds its row."""

import enum
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, TypeVar
from urllib.parse import unquote

from typing_extensions import TypedDict

from bot.imservice.call import Call
from bot.imservice.errors import ApiError, illegal_argument, not_found
from bot.imservice.events import Told
from bot.imservice.options import ServiceCredentials
from bot.imservice.parameters import Parameter


class Done(TypedDict):
    """An answer that has nothing to tell but that it was done."""

    code: int


DONE: Done = {"code": 200}

T = TypeVar("T")
Work: TypeAlias = Callable[[sqlite3.Connection], T | Told[T]]
"""The part of a write that the writer thread runs; it may run twice, so it depends on the database alone."""

Answer = Mapping[str, object]
Read = Callable[[Call], Answer]
Write = Callable[[Call], Work[Answer]]


class Page(NamedTuple):
    """What the service says about itself: bytes, and the headers that say what they are."""

    body: bytes
    headers: Mapping[str, str]


Show = Callable[[str], Page]
"""Makes a page; it is given the `Host` that was asked."""

_CACHE_LIMIT = 4096
_NO_IDS = {
    "channel_id": frozenset({"public", "private", "user", "category"}),
    "thread_id": frozenset({"created", "list", "joined"}),
    "server_id": frozenset({"list", "recommend", "search"}),
    "channel_category_id": frozenset({"list", "member"}),
}
"""Words that stand where an id could and are none, whatever the method (facts 10, collisions)."""


class BodyKind(enum.Enum):
    """What a route expects as body: nothing, JSON, or JSON under whatever content type (A60, facts 1.1)."""

    NONE = "none"
    JSON = "json"
    LOOSE_JSON = "loose-json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One row of the table: exactly one of `read`, `write` and `show` answers it.

    `read` answers at once. `write` checks the arguments and returns the function that the writer thread runs. Both
    may read the parameters in `takes` and no others; the OpenAPI document has them and the handler's return type.
    `show` is no call of the API: it stands without prefix, needs no token and counts to no limit.
    """

    method: str
    template: str
    read: Read | None = None
    write: Write | None = None
    show: Show | None = None
    takes: tuple[Parameter[Any], ...] = ()
    body: BodyKind = BodyKind.NONE
    family: str = "circle"
    open: bool = False
    """Open routes need no token."""
    org_only: bool = False
    """Whether the route exists under `/{org}/{app}` only."""

    @property
    def name(self) -> str:
        """The route as people write it: `POST /circle/channel`."""
        return f"{self.method} {self.template}"


@dataclass(frozen=True, slots=True)
class Match:
    """A request target that belongs to a route."""

    route: Route
    params: dict[str, str]
    path: str
    query: str
    by_app_id: bool


class _Node:
    __slots__ = ("literals", "param", "param_name", "route")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.param: _Node | None = None
        self.param_name = ""
        self.route: Route | None = None


class RouteTable:
    """Finds the route of a method and target; literal segments win over parameters (facts 10, collisions)."""

    def __init__(self, routes: Sequence[Route], credentials: ServiceCredentials) -> None:
        self._credentials = credentials
        self._roots: dict[str, _Node] = {}
        self._pages: dict[str, Route] = {}
        self._cache: dict[tuple[str, str], Match] = {}
        for route in routes:
            if route.show is None:
                self._add(route)
            else:
                self._pages[route.template] = route

    def _add(self, route: Route) -> None:
        node = self._roots.setdefault(route.method, _Node())
        for segment in route.template.strip("/").split("/"):
            if segment.startswith("{"):
                name = segment[1:-1]
                if node.param is None:
                    node.param, node.param_name = _Node(), name
                elif node.param_name != name:
                    raise ValueError(f"{route.name}: {name} and {node.param_name} stand in the same place")
                node = node.param
            else:
                node = node.literals.setdefault(segment, _Node())
        if node.route is not None:
            raise ValueError(f"{route.name} is in the table twice")
        node.route = route

    def resolve(self, method: str, target: str) -> Match:
        """Return the match of a raw request target.

        Raises ApiError 404 for another app or an unknown URL, 405 with `Allow` for another method, 400 for a target
        that is not UTF-8.
        """
        key = (method, target)
        match = self._cache.get(key)
        if match is None:
            match = self._resolve(method, target)
            if len(self._cache) >= _CACHE_LIMIT:
                self._cache.clear()
            self._cache[key] = match
        return match

    def _resolve(self, method: str, target: str) -> Match:
        if not target.isascii():
            try:
                target.encode()
            except UnicodeEncodeError:  # raw bytes that are not UTF-8 arrive as lone surrogates
                raise illegal_argument("the URL is not UTF-8") from None
        raw_path, _, query = target.partition("#")[0].partition("?")
        if not raw_path.startswith("/") and "://" in raw_path:
            raw_path = "/" + raw_path.partition("://")[2].partition("/")[2]
        if raw_path in self._pages:
            return self._page(method, raw_path, query)
        segments = [_decoded(segment) for segment in raw_path[1:].split("/")]
        path = "/" + "/".join(raw_path[1:].split("/")[2:])
        if not raw_path.startswith("/") or len(segments) < 3:
            raise not_found("this URL does not exist")
        by_app_id = self._check_prefix(segments[0], segments[1], raw_path)
        rest = segments[2:]
        found = _search(self._roots.get(method), rest, 0)
        if found is None or (by_app_id and found[0].org_only):
            raise self._refusal(method, rest)
        route, params = found
        return Match(route, params, path, query, by_app_id)

    def _page(self, method: str, path: str, query: str) -> Match:
        if method not in ("GET", "HEAD"):
            raise _not_allowed(method, ["GET", "HEAD"])
        return Match(self._pages[path], {}, path, query, by_app_id=False)

    def _check_prefix(self, first: str, second: str, raw_path: str) -> bool:
        mine = self._credentials
        if first == "app-id" and second == mine.app_id:
            return True
        if (first, second) == (mine.org, mine.app):
            return False
        raise ApiError(
            404,
            "organization_application_not_found",
            f"Could not find application for {raw_path[1:121].partition('?')[0]}"
            if not raw_path.isascii() or not raw_path.isprintable()
            else f"Could not find application for org/app from URI: {raw_path[1:121]}",
            exception="OrganizationApplicationNotFoundException",
        )

    def _refusal(self, method: str, segments: list[str]) -> ApiError:
        allowed = sorted(m for m, root in self._roots.items() if m != method and _search(root, segments, 0))
        if not allowed:
            return not_found("this URL does not exist")
        return _not_allowed(method, allowed)


def _not_allowed(method: str, allowed: Sequence[str]) -> ApiError:
    return ApiError(
        405,
        "unsupported_service_operation",
        f"method {method[:16]} is not supported here",
        exception="UnsupportedOperationException",
        headers={"Allow": ", ".join(allowed)},
    )


def _search(node: _Node | None, segments: list[str], at: int) -> tuple[Route, dict[str, str]] | None:
    if node is None:
        return None
    if at == len(segments):
        return (node.route, {}) if node.route is not None else None
    segment = segments[at]
    found = _search(node.literals.get(segment), segments, at + 1)
    if found is not None:
        return found
    if node.param is None or not segment or segment in _NO_IDS.get(node.param_name, ()):
        return None
    found = _search(node.param, segments, at + 1)
    if found is not None:
        found[1][node.param_name] = segment
    return found


def _decoded(segment: str) -> str:
    if "%" not in segment:
        return segment
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        raise illegal_argument("the URL is not UTF-8") from None
