"""Mutes: rows 32 to 34 (002 管理频道成员: 禁言)."""

import sqlite3
from collections.abc import Callable

from bot.imservice.call import Call
from bot.imservice.domain import mutes
from bot.imservice.domain.mutes import Mute
from bot.imservice.errors import illegal_argument
from bot.imservice.fields import Body, JsonObject
from bot.imservice.routing import DONE, Answer, BodyKind, Route

_ENDLESS = -1


def add(call: Call) -> Callable[[sqlite3.Connection], Answer]:
    """Mute a member (002 将成员加入频道禁言列表)."""
    body = call.body
    community, user, duration = body.text("server_id"), body.username("user_id"), _duration(body)

    def work(connection: sqlite3.Connection) -> Answer:
        mutes.add(connection, community, call.params["channel_id"], user, duration=duration, now=call.now)
        return DONE

    return work


def _duration(body: Body) -> int | None:
    """Return milliseconds, or None for a mute without end: absent, null or -1 (A1, A2)."""
    value = body.integer("duration")
    if value is None or value == _ENDLESS:
        return None
    if value <= 0:
        raise illegal_argument("duration must be a positive number of milliseconds, or -1 for a mute without end")
    return value


def lift(call: Call) -> Callable[[sqlite3.Connection], Answer]:
    """Unmute a user (002 将成员移出频道禁言列表)."""
    community, user = call.query.text("serverId"), call.query.username("userId")

    def work(connection: sqlite3.Connection) -> Answer:
        mutes.lift(connection, community, call.params["channel_id"], user)
        return DONE

    return work


def listing(call: Call) -> Answer:
    """Answer a page of the mutes in force (002 获取频道的禁言列表)."""
    community, channel = call.query.text("serverId"), call.params["channel_id"]
    page = call.query.page(call.page_scope("mutes", community, channel))
    after = 0 if call.shared.options.keep_expired_mutes else call.now
    rows = mutes.page(call.reader, community, channel, page, in_force_after=after)
    return page.answer("mute_users", rows, _view)


def _view(mute: Mute) -> JsonObject:
    return {"expire": mute.expire, "user": mute.user}


_ONE = "/circle/channel/{channel_id}"

ROUTES = (
    Route(method="GET", template=f"{_ONE}/user/mute/list", read=listing),
    Route(method="POST", template=f"{_ONE}/user/mute", write=add, body=BodyKind.JSON),
    Route(method="DELETE", template=f"{_ONE}/user/mute", write=lift),
)
