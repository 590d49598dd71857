"""Friends: rows 6 to 10 (003 管理用户关系, 004 设置好友备注)."""

import re
import sqlite3
from typing import NotRequired

from typing_extensions import TypedDict

from bot.imservice.call import Call, Envelope
from bot.imservice.domain import contacts
from bot.imservice.domain.contacts import Contact
from bot.imservice.errors import illegal_argument
from bot.imservice.events import Told
from bot.imservice.parameters import CURSOR, Parameter, body_string, query_flag
from bot.imservice.routes.users import UserEntities, entity
from bot.imservice.routing import BodyKind, Route, Work

_MAX_PAGE = 50
_USUAL_PAGE = 10
_MAX_REMARK = 100
_DIGITS = re.compile(r"0*([0-9]+)")


class RemarkSet(TypedDict):
    """The answer to a remark, which is no whole envelope."""

    action: str
    status: str
    timestamp: int
    duration: int
    uri: str


class ContactView(TypedDict):
    """A friend; `remark` only if it was asked for, null if there is none (A33)."""

    username: str
    remark: NotRequired[str | None]


class ContactRows(TypedDict):
    """The `data` of a page of friends."""

    contacts: list[ContactView]
    cursor: NotRequired[str]


class ContactPage(Envelope):
    """A page of friends, newest first; the cursor stands in both places that are read (A32)."""

    data: ContactRows
    count: int
    entities: list[ContactView]
    cursor: NotRequired[str]


class ContactNames(Envelope):
    """The names of all friends, newest first; `entities` has the remarks if they were asked for (A34)."""

    data: list[str]
    count: int
    entities: list[ContactView]


def _page_size(call: Call) -> int:
    value = call.query.optional("limit")
    if value is None:
        return _USUAL_PAGE
    digits = _DIGITS.fullmatch(value)
    if digits is None or digits[1] == "0":
        raise illegal_argument(f"limit must be a whole number from 1 to {_MAX_PAGE}")
    if len(digits[1]) > len(str(_MAX_PAGE)) or int(digits[1]) > _MAX_PAGE:
        raise illegal_argument(f"getContacts | page size more than max limit : {_MAX_PAGE}")
    return int(digits[1])


_LIMIT = Parameter(
    "limit",
    "query",
    {"type": "integer", "minimum": 1, "maximum": _MAX_PAGE, "default": _USUAL_PAGE},
    required=False,
    read=_page_size,
)
_WITH_REMARKS = query_flag("needReturnRemark", default=False)
_REMARK = body_string("remark", max_length=_MAX_REMARK)


def add(call: Call) -> Work[UserEntities]:
    """Make two users friends (003 添加好友)."""
    owner, friend = call.user_in_path(), call.user_in_path("friend_id")

    def work(connection: sqlite3.Connection) -> Told[UserEntities]:
        added, events = contacts.add(connection, owner, friend, most=call.shared.options.friends_per_user)
        return Told({**call.envelope("post"), "entities": [entity(added)]}, events)

    return work


def remove(call: Call) -> Work[UserEntities]:
    """End a friendship (003 移除好友)."""
    owner, friend = call.user_in_path(), call.user_in_path("friend_id")

    def work(connection: sqlite3.Connection) -> Told[UserEntities]:
        removed, events = contacts.remove(connection, owner, friend)
        return Told({**call.envelope("delete"), "entities": [entity(removed)]}, events)

    return work


def set_remark(call: Call) -> Work[RemarkSet]:
    """Set or clear what a user calls a friend (004 设置好友备注)."""
    owner, friend, remark = call.user_in_path(), call.user_in_path("friend_id"), call[_REMARK]
    done: RemarkSet = {"action": "put", "status": "ok", "timestamp": call.now, "duration": 0, "uri": call.url}

    def work(connection: sqlite3.Connection) -> Told[RemarkSet]:
        return Told(done, contacts.set_remark(connection, owner, friend, remark))

    return work


def listing(call: Call) -> ContactPage:
    """List friends page by page (003 分页获取好友列表)."""
    owner, with_remarks = call.user_in_path(), call[_WITH_REMARKS]
    page = call.page("contacts", owner.lower(), limit=_LIMIT)
    rows = contacts.page(call.reader, owner, page)
    shown = [_view(row, with_remarks=with_remarks) for row in page.cut(rows)]
    answer: ContactPage = {**call.envelope("get"), "data": {"contacts": shown}, "count": len(shown), "entities": []}
    if len(rows) > len(shown):
        answer["cursor"] = answer["data"]["cursor"] = page.cursor(rows)
    return answer


def names(call: Call) -> ContactNames:
    """List friends at once (003 一次性获取好友列表)."""
    owner, with_remarks = call.user_in_path(), call[_WITH_REMARKS]
    rows = contacts.newest(call.reader, owner)
    return {
        **call.envelope("get"),
        "data": [row.user for row in rows],
        "count": len(rows),
        "entities": [_view(row, with_remarks=True) for row in rows] if with_remarks else [],
    }


def _view(contact: Contact, *, with_remarks: bool) -> ContactView:
    return {"username": contact.user, "remark": contact.remark} if with_remarks else {"username": contact.user}


_ALL = "/users/{user_id}/contacts/users"
_ONE = f"{_ALL}/{{friend_id}}"
_BOTH_SPELLINGS = ("user", "users")
"""The documents write one, two of the official SDKs the other (A31)."""

ROUTES = (
    Route(method="POST", template=_ONE, write=add, family="contacts"),
    Route(method="DELETE", template=_ONE, write=remove, family="contacts"),
    *(
        Route(
            method="PUT",
            template=f"/{user}/{{user_id}}/contacts/users/{{friend_id}}",
            write=set_remark,
            takes=(_REMARK,),
            body=BodyKind.JSON,
            family="contacts",
        )
        for user in _BOTH_SPELLINGS
    ),
    *(
        Route(
            method="GET",
            template=f"/{user}/{{user_id}}/contacts",
            read=listing,
            takes=(_LIMIT, CURSOR, _WITH_REMARKS),
            family="contacts",
        )
        for user in _BOTH_SPELLINGS
    ),
    Route(method="GET", template=_ALL, read=names, takes=(_WITH_REMARKS,), family="contacts"),
)
