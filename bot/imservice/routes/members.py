"""Channel members: rows 26 to 31 (002 管理频道成员)."""

import sqlite3
from collections.abc import Callable

from bot.imservice.call import Call
from bot.imservice.domain import members
from bot.imservice.domain.members import ChannelMember
from bot.imservice.fields import JsonObject
from bot.imservice.routes import channels as channel_routes
from bot.imservice.routing import DONE, Answer, BodyKind, Route

_MAX_BATCH = 20


def join(call: Call) -> Callable[[sqlite3.Connection], Answer]:
    """Make a user a member (002 将用户加入频道)."""
    community, user = call.query.text("serverId"), call.query.username("userId")

    def work(connection: sqlite3.Connection) -> Answer:
        channel = members.join(connection, community, call.params["channel_id"], user)
        return {"code": 200, "channel": channel_routes.view(channel)}

    return work


def remove(call: Call) -> Callable[[sqlite3.Connection], Answer]:
    """Remove a member (002 将成员移出频道)."""
    community, user = call.query.text("serverId"), call.query.username("userId")

    def work(connection: sqlite3.Connection) -> Answer:
        members.remove(connection, community, call.params["channel_id"], user)
        return DONE

    return work


def remove_batch(call: Call) -> Callable[[sqlite3.Connection], Answer]:
    """Remove up to 20 members (002 批量移除频道成员)."""
    body = call.body
    community, names = body.text("server_id"), body.texts("usernames", max_items=_MAX_BATCH)

    def work(connection: sqlite3.Connection) -> Answer:
        results = members.remove_batch(connection, community, call.params["channel_id"], names)
        return {"code": 200, "data": [{"user": name, "result": removed} for name, removed in results]}

    return work


def contains(call: Call) -> Answer:
    """Answer whether a user is in the channel (002 查询用户是否在频道)."""
    community, user = call.query.text("serverId"), call.user_in_path()
    return {"code": 200, "result": members.contains(call.reader, community, call.params["channel_id"], user)}


def role(call: Call) -> Answer:
    """Answer a member's role in the community (002 查询频道中指定成员的社区角色)."""
    community, user = call.query.text("serverId"), call.query.username("userId")
    return {"code": 200, "role": members.role(call.reader, community, call.params["channel_id"], user)}


def listing(call: Call) -> Answer:
    """Answer a page of members (002 获取频道的成员列表)."""
    community, channel = call.query.text("serverId"), call.params["channel_id"]
    page = call.query.page(call.page_scope("channel users", community, channel))
    return page.answer("users", members.page(call.reader, community, channel, page), _view)


def _view(member: ChannelMember) -> JsonObject:
    return {"user_id": member.user, "role": member.role}


_ONE = "/circle/channel/{channel_id}"

ROUTES = (
    Route(method="POST", template=f"{_ONE}/join", write=join),
    Route(method="POST", template=f"{_ONE}/user/remove", write=remove),
    Route(method="POST", template=f"{_ONE}/users/remove", write=remove_batch, body=BodyKind.JSON),
    Route(method="GET", template=f"{_ONE}/user/role", read=role),
    Route(method="GET", template=f"{_ONE}/user/{{user_id}}", read=contains),
    Route(method="GET", template=f"{_ONE}/users", read=listing),
)
