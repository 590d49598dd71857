"""Blocked users: rows 11 to 13 (003 管理用户关系: 黑名单)."""

import sqlite3
from typing import NotRequired

from bot.imservice.call import Call, Envelope
from bot.imservice.domain import blocks
from bot.imservice.errors import user_not_found
from bot.imservice.events import Told
from bot.imservice.fields import is_username
from bot.imservice.parameters import CURSOR, Parameter, body_texts, query_integer
from bot.imservice.routes.users import UserEntities, UserView, entity
from bot.imservice.routing import BodyKind, Route, Work

_MAX_PAGE = 50
_NEWEST = 500
_MAX_NAMES = 10_000
"""The documents name no limit of one request: this is far above what a list can hold."""


class Blocked(Envelope):
    """The names that are blocked now, of those that were sent."""

    data: list[str]
    entities: list[UserView]


class BlockPage(Envelope):
    """Blocked users, latest first; `count` is how many there are on the page (A39)."""

    data: list[str]
    count: int
    entities: list[UserView]
    cursor: NotRequired[str]


_USERNAMES = body_texts("usernames", max_items=_MAX_NAMES)
_SIZE = query_integer("pageSize", low=1, high=_MAX_PAGE)


def _page_size(call: Call) -> int:
    """Return how many rows are wanted: without size and cursor the newest 500 (003 获取黑名单列表, A39)."""
    size = _SIZE.read(call)
    if size is not None:
        return size
    return _MAX_PAGE if CURSOR.read(call) else _NEWEST


_PAGE_SIZE = Parameter("pageSize", "query", _SIZE.schema, required=False, read=_page_size)


def add(call: Call) -> Work[Blocked]:
    """Block users (003 添加用户至黑名单)."""
    owner, names = call.user_in_path(), call[_USERNAMES]
    if not all(map(is_username, names)):
        raise user_not_found()

    def work(connection: sqlite3.Connection) -> Told[Blocked]:
        blocked, events = blocks.add(connection, owner, names, most=call.shared.options.blocks_per_user)
        return Told({**call.envelope("post"), "data": blocked, "entities": []}, events)

    return work


def remove(call: Call) -> Work[UserEntities]:
    """Unblock a user (003 从黑名单中移除用户)."""
    owner, blocked = call.user_in_path(), call.user_in_path("blocked_id")

    def work(connection: sqlite3.Connection) -> Told[UserEntities]:
        user, events = blocks.remove(connection, owner, blocked)
        return Told({**call.envelope("delete"), "entities": [entity(user)]}, events)

    return work


def listing(call: Call) -> BlockPage:
    """List blocked users (003 获取黑名单列表)."""
    owner = call.user_in_path()
    page = call.page("blocks", owner.lower(), limit=_PAGE_SIZE)
    rows = blocks.page(call.reader, owner, page)
    shown = [row.user for row in page.cut(rows)]
    answer: BlockPage = {**call.envelope("get"), "data": shown, "count": len(shown), "entities": []}
    if len(rows) > len(shown):
        answer["cursor"] = page.cursor(rows)
    return answer


_ALL = "/users/{user_id}/blocks/users"

ROUTES = (
    Route(method="POST", template=_ALL, write=add, takes=(_USERNAMES,), body=BodyKind.JSON, family="blocks"),
    Route(method="GET", template=_ALL, read=listing, takes=(_PAGE_SIZE, CURSOR), family="blocks"),
    Route(method="DELETE", template=f"{_ALL}/{{blocked_id}}", write=remove, family="blocks"),
)
