"""Mutes: rows 32 to 34 (002 管理频道成员: 禁言)."""

import sqlite3

from typing_extensions import TypedDict

from bot.imservice.call import Call
from bot.imservice.domain import mutes
from bot.imservice.domain.mutes import Mute
from bot.imservice.errors import illegal_argument
from bot.imservice.events import Told
from bot.imservice.paging import PageTail
from bot.imservice.parameters import PAGING, Parameter, body_text, body_username, query_text, query_username
from bot.imservice.routing import DONE, BodyKind, Done, Route, Work

_ENDLESS = -1


class MuteView(TypedDict):
    """A mute as the list shows it; `expire` in Unix milliseconds."""

    expire: int
    user: str


class MutePage(PageTail):
    """A page of mutes."""

    mute_users: list[MuteView]


def _duration(call: Call) -> int | None:
    """Return milliseconds, or None for a mute without end: absent, null or -1 (A1, A2)."""
    value = call.body.integer("duration")
    if value is None or value == _ENDLESS:
        return None
    if value <= 0:
        raise illegal_argument("duration must be a positive number of milliseconds, or -1 for a mute without end")
    return value


_SERVER = body_text("server_id")
_USER = body_username("user_id")
_DURATION = Parameter(
    "duration",
    "body",
    {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 2**63 - 1}, {"enum": [_ENDLESS, None]}]},
    required=False,
    read=_duration,
)
_QUERY_SERVER = query_text("serverId")
_QUERY_USER = query_username("userId")


def add(call: Call) -> Work[Done]:
    """Mute a member (002 将成员加入频道禁言列表)."""
    community, user, duration = call[_SERVER], call[_USER], call[_DURATION]
    channel = call.params["channel_id"]

    def work(connection: sqlite3.Connection) -> Told[Done]:
        done = mutes.add(connection, community, channel, user, duration=duration, now=call.now)
        return Told(DONE, [done])

    return work


def lift(call: Call) -> Work[Done]:
    """Unmute a user (002 将成员移出频道禁言列表)."""
    community, user, channel = call[_QUERY_SERVER], call[_QUERY_USER], call.params["channel_id"]

    def work(connection: sqlite3.Connection) -> Told[Done]:
        return Told(DONE, mutes.lift(connection, community, channel, user))

    return work


def listing(call: Call) -> MutePage:
    """List the mutes in force (002 获取频道的禁言列表)."""
    community, channel = call[_QUERY_SERVER], call.params["channel_id"]
    page = call.page("mutes", community, channel)
    after = 0 if call.shared.options.keep_expired_mutes else call.now
    rows = mutes.page(call.reader, community, channel, page, in_force_after=after)
    return {**page.tail(rows), "mute_users": [_view(row) for row in page.cut(rows)]}


def _view(mute: Mute) -> MuteView:
    return {"expire": mute.expire, "user": mute.user}


_ONE = "/circle/channel/{channel_id}"

ROUTES = (
    Route(method="GET", template=f"{_ONE}/user/mute/list", read=listing, takes=(_QUERY_SERVER, *PAGING)),
    Route(
        method="POST",
        template=f"{_ONE}/user/mute",
        write=add,
        takes=(_SERVER, _USER, _DURATION),
        body=BodyKind.JSON,
    ),
    Route(method="DELETE", template=f"{_ONE}/user/mute", write=lift, takes=(_QUERY_SERVER, _QUERY_USER)),
)
