"""Channels: `/circle/channel...`, rows 14 to 21 (002 创建和管理频道)."""

import sqlite3
from collections.abc import Callable

from bot.imservice.call import Call
from bot.imservice.domain import channels
from bot.imservice.domain.channels import Changes, Channel, Listed, NewChannel
from bot.imservice.fields import Body, JsonObject
from bot.imservice.routing import DONE, Answer, BodyKind, Route

_NAME = 50
_LONG = 500


def view(channel: Channel) -> JsonObject:
    """Return a channel as the API shows it; `rtc_name` of voice channels only."""
    shown: JsonObject = {
        "owner": channel.owner,
        "name": channel.name,
        "type": channel.type,
        "mode": channel.mode,
        "description": channel.description,
        "custom": channel.custom,
        "created": channel.created,
        "server_id": channel.community_id,
        "channel_category_id": channel.category_id,
        "channel_id": channel.channel_id,
        "max_users": channel.max_users,
        "default_channel": channel.is_default,
    }
    if channel.rtc_name is not None:
        shown["rtc_name"] = channel.rtc_name
    return shown


def _listed_view(listed: Listed) -> JsonObject:
    return view(listed.channel)


def create(call: Call) -> Callable[[sqlite3.Connection], Answer]:
    """Check a request for a channel (002 创建频道)."""
    body = call.body
    mode = body.choice("mode", (channels.TEXT, channels.VOICE)) or channels.TEXT
    new = NewChannel(
        community_id=body.text("server_id"),
        name=body.text("name", max_length=_NAME),
        type=body.choice("type", (channels.PUBLIC, channels.PRIVATE)) or channels.PUBLIC,
        mode=mode,
        max_users=_max_users(body, mode),
        description=body.optional("description", max_length=_LONG) or "",
        custom=body.optional("custom", max_length=_LONG) or "",
        rtc_name=body.optional("rtc_name", max_length=_NAME),
        category_id=body.optional("channel_category_id", max_length=128) or None,
        owner=body.username("owner") if body.value("owner") is not None else None,
    )
    shared = call.shared

    def work(connection: sqlite3.Connection) -> Answer:
        channel = channels.create(
            connection, new, ids=shared.ids, now=call.now, per_community=shared.options.channels_per_community
        )
        return {"code": 200, "channel": view(channel), "channel_id": channel.channel_id}

    return work


def _max_users(body: Body, mode: int) -> int | None:
    value = body.integer("max_users")
    return None if value is None else channels.check_max_users(mode, value)


def update(call: Call) -> Callable[[sqlite3.Connection], Answer]:
    """Check the changes to a channel (002 修改频道信息); what is absent stays as it is."""
    community, body = call.query.text("serverId"), call.body
    changes = Changes(
        name=body.optional("name", max_length=_NAME, min_length=1),
        type=body.choice("type", (channels.PUBLIC, channels.PRIVATE)),
        mode=body.choice("mode", (channels.TEXT, channels.VOICE)),
        max_users=body.integer("max_users"),
        description=body.optional("description", max_length=_LONG),
        custom=body.optional("custom", max_length=_LONG),
        rtc_name=body.optional("rtc_name", max_length=_NAME),
    )

    def work(connection: sqlite3.Connection) -> Answer:
        channel = channels.update(connection, community, call.params["channel_id"], changes)
        return {"code": 200, "channel": view(channel)}

    return work


def detail(call: Call) -> Answer:
    """Answer one channel (002 查询指定频道详情), a voice channel with the number of people in it."""
    channel = channels.get(call.reader, call.query.text("serverId"), call.params["channel_id"])
    shown = view(channel)
    if channel.mode == channels.VOICE:
        shown["current_users_count"] = channels.present(call.reader, channel.seq)
    return {"code": 200, "channel": shown}


def public(call: Call) -> Answer:
    """Answer a page of public channels (002 获取单个社区下的所有公开频道)."""
    return _by_type(call, channels.PUBLIC)


def private(call: Call) -> Answer:
    """Answer a page of private channels (002 获取单个社区下的所有私密频道)."""
    return _by_type(call, channels.PRIVATE)


def _by_type(call: Call, kind: int) -> Answer:
    community = call.query.text("serverId")
    page = call.query.page(call.page_scope("channels", str(kind), community))
    return page.answer("channels", channels.page(call.reader, community, kind, page), view)


def created(call: Call) -> Answer:
    """Answer a page of the channels a user owns (002 获取用户在社区创建的频道列表)."""
    community, user = call.query.text("serverId"), call.user_in_path()
    page = call.query.page(call.page_scope("created channels", community, user.lower()))
    return page.answer("channels", channels.created_by(call.reader, community, user, page), view)


def joined(call: Call) -> Answer:
    """Answer a page of the channels a user is in (002 获取单个用户已加入的频道列表)."""
    community, user = call.query.text("serverId"), call.query.username("userId")
    page = call.query.page(call.page_scope("joined channels", community, user.lower()))
    return page.answer("channels", channels.joined_by(call.reader, community, user, page), _listed_view)


def delete(call: Call) -> Callable[[sqlite3.Connection], Answer]:
    """Delete a channel (002 删除频道)."""
    community = call.query.text("serverId")

    def work(connection: sqlite3.Connection) -> Answer:
        channels.delete(connection, community, call.params["channel_id"])
        return DONE

    return work


_ONE = "/circle/channel/{channel_id}"

ROUTES = (
    Route(method="POST", template="/circle/channel", write=create, body=BodyKind.JSON),
    Route(method="PUT", template=_ONE, write=update, body=BodyKind.JSON),
    Route(method="GET", template=_ONE, read=detail),
    Route(method="GET", template="/circle/channel/public", read=public),
    Route(method="GET", template="/circle/channel/private", read=private),
    Route(method="GET", template="/circle/channel/user/{user_id}/created/channels", read=created),
    Route(method="GET", template="/circle/channel/user/joined/list", read=joined),
    Route(method="DELETE", template=_ONE, write=delete),
)
