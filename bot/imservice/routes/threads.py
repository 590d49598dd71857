"""Threads: rows 35 to 43 (002 管理子区)."""

import sqlite3
from collections.abc import Sequence

from typing_extensions import TypedDict

from bot.imservice.call import Call
from bot.imservice.domain import threads
from bot.imservice.domain.threads import NewThread, Thread
from bot.imservice.errors import group_error, illegal_argument
from bot.imservice.events import Told
from bot.imservice.paging import PageRequest, PageTail
from bot.imservice.parameters import PAGING, Parameter, body_text, body_username, query_text, query_username
from bot.imservice.routing import DONE, BodyKind, Done, Route, Work

_LONGEST_NAME = 64
_HIGHEST_ID = 2**63 - 1


class ThreadView(TypedDict):
    """A thread; `created` in Unix milliseconds, `name` beyond what the API documents (A22)."""

    id: str
    msgId: str
    channelId: str
    owner: str
    created: int
    name: str


class ThreadFound(ThreadView):
    """One thread."""

    code: int


class ThreadPage(PageTail):
    """A page of threads, with `count` in every list (A22)."""

    threads: list[ThreadView]


class ThreadCreated(Done):
    """The id of a new thread."""

    thread_id: str


def _name(call: Call) -> str:
    value = call.body.value("name")
    if isinstance(value, str) and len(value) > _LONGEST_NAME:
        raise group_error(400, "thread name limit reached.")
    return call.body.text("name", max_length=_LONGEST_NAME)


def _message_id(call: Call) -> str:
    """Return the id as text: the documentation's example has a number (A21)."""
    value = call.body.value("message_id")
    if type(value) is not int:
        return call.body.text("message_id")
    if not 0 <= value <= _HIGHEST_ID:
        raise illegal_argument("message_id must be an id")
    return str(value)


_CHANNEL = body_text("channel_id")
_OWNER = body_username("user_id")
_NAME = Parameter(
    "name", "body", {"type": "string", "minLength": 1, "maxLength": _LONGEST_NAME}, required=True, read=_name
)
_MESSAGE = Parameter(
    "message_id",
    "body",
    {
        "anyOf": [
            {"type": "string", "minLength": 1, "maxLength": 128},
            {"type": "integer", "minimum": 0, "maximum": _HIGHEST_ID},
        ]
    },
    required=True,
    read=_message_id,
)
_QUERY_USER = query_username("userId")
_QUERY_CHANNEL = query_text("channelId")


def create(call: Call) -> Work[ThreadCreated]:
    """Start a thread at a message (002 创建子区)."""
    new = NewThread(channel_id=call[_CHANNEL], owner=call[_OWNER], name=call[_NAME], message_id=call[_MESSAGE])

    def work(connection: sqlite3.Connection) -> Told[ThreadCreated]:
        thread_id, told = threads.create(connection, new, ids=call.shared.ids, now=call.now)
        return Told({"code": 200, "thread_id": thread_id}, [told])

    return work


def rename(call: Call) -> Work[Done]:
    """Give a thread another name (002 修改子区信息)."""
    name, thread_id = call[_NAME], call.params["thread_id"]

    def work(connection: sqlite3.Connection) -> Told[Done]:
        return Told(DONE, [threads.rename(connection, thread_id, name, now=call.now)])

    return work


def detail(call: Call) -> ThreadFound:
    """Answer one thread (002 查询子区的详情)."""
    return {"code": 200, **_view(threads.get(call.reader, call.params["thread_id"]))}


def delete(call: Call) -> Work[Done]:
    """Delete a thread (002 删除子区)."""
    thread_id = call.params["thread_id"]

    def work(connection: sqlite3.Connection) -> Told[Done]:
        return Told(DONE, [threads.delete(connection, thread_id, now=call.now)])

    return work


def join(call: Call) -> Work[Done]:
    """Make a user a member of a thread (002 加入子区, A23)."""
    user, thread_id = call[_QUERY_USER], call.params["thread_id"]

    def work(connection: sqlite3.Connection) -> Told[Done]:
        return Told(DONE, threads.join(connection, thread_id, user, now=call.now))

    return work


def remove(call: Call) -> Work[Done]:
    """Remove a member from a thread (002 将成员移出子区)."""
    user, thread_id = call[_QUERY_USER], call.params["thread_id"]

    def work(connection: sqlite3.Connection) -> Told[Done]:
        return Told(DONE, [threads.remove(connection, thread_id, user, now=call.now)])

    return work


def listing(call: Call) -> ThreadPage:
    """List the threads of a channel (002 用户获取频道中的子区)."""
    channel = call[_QUERY_CHANNEL]
    page = call.page("threads", channel)
    return _page(page, threads.page(call.reader, channel, page))


def created(call: Call) -> ThreadPage:
    """List the threads a user has started (002 用户获取自己创建的子区)."""
    user, channel = call[_QUERY_USER], call[_QUERY_CHANNEL]
    page = call.page("created threads", channel, user.lower())
    return _page(page, threads.created_by(call.reader, channel, user, page))


def joined(call: Call) -> ThreadPage:
    """List the threads a user is in (002 用户获取频道中加入的子区)."""
    user, channel = call[_QUERY_USER], call[_QUERY_CHANNEL]
    page = call.page("joined threads", channel, user.lower())
    return _page(page, threads.joined_by(call.reader, channel, user, page))


def _page(page: PageRequest, rows: Sequence[Thread]) -> ThreadPage:
    return {**page.tail(rows), "threads": [_view(row) for row in page.cut(rows)]}


def _view(thread: Thread) -> ThreadView:
    return {
        "id": thread.thread_id,
        "msgId": thread.message_id,
        "channelId": thread.channel_id,
        "owner": thread.owner,
        "created": thread.created,
        "name": thread.name,
    }


_ALL = "/circle/thread"
_ONE = "/circle/thread/{thread_id}"

ROUTES = (
    Route(
        method="POST",
        template=_ALL,
        write=create,
        takes=(_CHANNEL, _OWNER, _NAME, _MESSAGE),
        body=BodyKind.JSON,
    ),
    Route(method="PUT", template=_ONE, write=rename, takes=(_NAME,), body=BodyKind.JSON),
    Route(method="GET", template=_ONE, read=detail),
    Route(method="DELETE", template=_ONE, write=delete),
    Route(method="POST", template=f"{_ONE}/user/join", write=join, takes=(_QUERY_USER,)),
    Route(method="POST", template=f"{_ONE}/user/remove", write=remove, takes=(_QUERY_USER,)),
    Route(method="GET", template=f"{_ALL}/created", read=created, takes=(_QUERY_USER, _QUERY_CHANNEL, *PAGING)),
    Route(method="GET", template=f"{_ALL}/list", read=listing, takes=(_QUERY_CHANNEL, *PAGING)),
    Route(method="GET", template=f"{_ALL}/joined", read=joined, takes=(_QUERY_USER, _QUERY_CHANNEL, *PAGING)),
)
