"""Channel members: rows 26 to 31 (002 管理频道成员)."""

import sqlite3

from typing_extensions import TypedDict

from bot.imservice.call import Call
from bot.imservice.domain import members
from bot.imservice.domain.members import ChannelMember
from bot.imservice.events import Told
from bot.imservice.paging import PageTail
from bot.imservice.parameters import PAGING, body_text, body_texts, query_text, query_username
from bot.imservice.routes import channels as channel_routes
from bot.imservice.routes.channels import ChannelFound
from bot.imservice.routing import DONE, BodyKind, Done, Route, Work

_MAX_BATCH = 20

_SERVER = query_text("serverId")
_USER = query_username("userId")
_BODY_SERVER = body_text("server_id")
_USERNAMES = body_texts("usernames", max_items=_MAX_BATCH)


class Removed(TypedDict):
    """What became of one name of a batch."""

    user: str
    result: bool


class RemovedBatch(Done):
    """What became of a batch, a row for each distinct name."""

    data: list[Removed]


class Result(Done):
    """Yes or no."""

    result: bool


class Role(Done):
    """A role in the community: 0 owner, 1 moderator, 2 member."""

    role: int


class MemberView(TypedDict):
    """A member as the list shows it; `role` is 0 for the owner, else 1."""

    user_id: str
    role: int


class MemberPage(PageTail):
    """A page of members."""

    users: list[MemberView]


def join(call: Call) -> Work[ChannelFound]:
    """Make a user a member (002 将用户加入频道)."""
    community, user, channel_id = call[_SERVER], call[_USER], call.params["channel_id"]

    def work(connection: sqlite3.Connection) -> Told[ChannelFound]:
        channel, events = members.join(connection, community, channel_id, user)
        return Told({"code": 200, "channel": channel_routes.view(channel)}, events)

    return work


def remove(call: Call) -> Work[Done]:
    """Remove a member (002 将成员移出频道)."""
    community, user, channel = call[_SERVER], call[_USER], call.params["channel_id"]

    def work(connection: sqlite3.Connection) -> Told[Done]:
        return Told(DONE, [members.remove(connection, community, channel, user)])

    return work


def remove_batch(call: Call) -> Work[RemovedBatch]:
    """Remove up to 20 members (002 批量移除频道成员)."""
    community, names, channel = call[_BODY_SERVER], call[_USERNAMES], call.params["channel_id"]

    def work(connection: sqlite3.Connection) -> Told[RemovedBatch]:
        results, events = members.remove_batch(connection, community, channel, names)
        return Told({"code": 200, "data": [{"user": name, "result": removed} for name, removed in results]}, events)

    return work


def contains(call: Call) -> Result:
    """Answer whether a user is in the channel (002 查询用户是否在频道)."""
    community, user = call[_SERVER], call.user_in_path()
    return {"code": 200, "result": members.contains(call.reader, community, call.params["channel_id"], user)}


def role(call: Call) -> Role:
    """Answer a member's role in the community (002 查询频道中指定成员的社区角色)."""
    community, user = call[_SERVER], call[_USER]
    return {"code": 200, "role": members.role(call.reader, community, call.params["channel_id"], user)}


def listing(call: Call) -> MemberPage:
    """List the members (002 获取频道的成员列表)."""
    community, channel = call[_SERVER], call.params["channel_id"]
    page = call.page("channel users", community, channel)
    rows = members.page(call.reader, community, channel, page)
    return {**page.tail(rows), "users": [_view(row) for row in page.cut(rows)]}


def _view(member: ChannelMember) -> MemberView:
    return {"user_id": member.user, "role": member.role}


_ONE = "/circle/channel/{channel_id}"

ROUTES = (
    Route(method="POST", template=f"{_ONE}/join", write=join, takes=(_SERVER, _USER)),
    Route(method="POST", template=f"{_ONE}/user/remove", write=remove, takes=(_SERVER, _USER)),
    Route(
        method="POST",
        template=f"{_ONE}/users/remove",
        write=remove_batch,
        takes=(_BODY_SERVER, _USERNAMES),
        body=BodyKind.JSON,
    ),
    Route(method="GET", template=f"{_ONE}/user/role", read=role, takes=(_SERVER, _USER)),
    Route(method="GET", template=f"{_ONE}/user/{{user_id}}", read=contains, takes=(_SERVER,)),
    Route(method="GET", template=f"{_ONE}/users", read=listing, takes=(_SERVER, *PAGING)),
)
