"""Channels: `/circle/channel...`, rows 14 to 21 (002 创建和管理频道)."""

import sqlite3
from typing import NotRequired

from typing_extensions import TypedDict

from bot.imservice.call import Call
from bot.imservice.domain import channels
from bot.imservice.domain.channels import Changes, Channel, NewChannel
from bot.imservice.events import Told
from bot.imservice.paging import PageTail
from bot.imservice.parameters import (
    PAGING,
    body_choice,
    body_integer,
    body_optional,
    body_text,
    body_user_optional,
    query_text,
    query_username,
)
from bot.imservice.routing import DONE, BodyKind, Done, Route, Work

_NAME = 50
_LONG = 500
_MOST_USERS = 2000

SERVER = query_text("serverId")
_USER = query_username("userId")
_BODY_SERVER = body_text("server_id")
_NEW_NAME = body_text("name", max_length=_NAME)
_CATEGORY = body_optional("channel_category_id", max_length=128)
_OWNER = body_user_optional("owner")
_CHANGED_NAME = body_optional("name", max_length=_NAME, min_length=1)
_TYPE = body_choice("type", channels.PUBLIC, channels.PRIVATE)
_MODE = body_choice("mode", channels.TEXT, channels.VOICE)
_MAX_USERS = body_integer("max_users", low=1, high=_MOST_USERS)
_DESCRIPTION = body_optional("description", max_length=_LONG)
_CUSTOM = body_optional("custom", max_length=_LONG)
_RTC_NAME = body_optional("rtc_name", max_length=_NAME)


class ChannelView(TypedDict):
    """A channel as the API shows it; `rtc_name` of voice channels only, `created` in Unix milliseconds."""

    owner: str
    name: str
    type: int
    mode: int
    description: str
    custom: str
    created: int
    server_id: str
    channel_category_id: str
    channel_id: str
    max_users: int
    default_channel: int
    rtc_name: NotRequired[str]
    current_users_count: NotRequired[int]


class ChannelFound(Done):
    """One channel."""

    channel: ChannelView


class ChannelCreated(ChannelFound):
    """A new channel, its id also beside it (A11)."""

    channel_id: str


class ChannelPage(PageTail):
    """A page of channels."""

    channels: list[ChannelView]


def view(channel: Channel) -> ChannelView:
    """Return a channel as the API shows it."""
    shown: ChannelView = {
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


def create(call: Call) -> Work[ChannelCreated]:
    """Create a channel (002 创建频道)."""
    mode, max_users = call[_MODE] or channels.TEXT, call[_MAX_USERS]
    new = NewChannel(
        community_id=call[_BODY_SERVER],
        name=call[_NEW_NAME],
        type=call[_TYPE] or channels.PUBLIC,
        mode=mode,
        max_users=None if max_users is None else channels.check_max_users(mode, max_users),
        description=call[_DESCRIPTION] or "",
        custom=call[_CUSTOM] or "",
        rtc_name=call[_RTC_NAME],
        category_id=call[_CATEGORY] or None,
        owner=call[_OWNER],
    )
    shared = call.shared

    def work(connection: sqlite3.Connection) -> Told[ChannelCreated]:
        channel = channels.create(
            connection,
            new,
            ids=shared.ids,
            now=call.now,
            per_community=shared.options.channels_per_community,
            per_category=shared.options.channels_per_category,
        )
        return Told(
            {"code": 200, "channel": view(channel), "channel_id": channel.channel_id},
            [channels.told("CREATE", channel)],
        )

    return work


def update(call: Call) -> Work[ChannelFound]:
    """Change a channel (002 修改频道信息); what is absent stays as it is."""
    community, channel_id = call[SERVER], call.params["channel_id"]
    changes = Changes(
        name=call[_CHANGED_NAME],
        type=call[_TYPE],
        mode=call[_MODE],
        max_users=call[_MAX_USERS],
        description=call[_DESCRIPTION],
        custom=call[_CUSTOM],
        rtc_name=call[_RTC_NAME],
    )

    def work(connection: sqlite3.Connection) -> Told[ChannelFound]:
        channel = channels.update(connection, community, channel_id, changes)
        return Told({"code": 200, "channel": view(channel)}, [channels.told("UPDATE", channel)])

    return work


def detail(call: Call) -> ChannelFound:
    """Answer one channel (002 查询指定频道详情), a voice channel with the number of people in it."""
    channel = channels.get(call.reader, call[SERVER], call.params["channel_id"])
    shown = view(channel)
    if channel.mode == channels.VOICE:
        shown["current_users_count"] = channels.present(call.reader, channel.seq)
    return {"code": 200, "channel": shown}


def public(call: Call) -> ChannelPage:
    """List the public channels (002 获取单个社区下的所有公开频道)."""
    return _by_type(call, channels.PUBLIC)


def private(call: Call) -> ChannelPage:
    """List the private channels (002 获取单个社区下的所有私密频道)."""
    return _by_type(call, channels.PRIVATE)


def _by_type(call: Call, kind: int) -> ChannelPage:
    community = call[SERVER]
    page = call.page("channels", str(kind), community)
    rows = channels.page(call.reader, community, kind, page)
    return {**page.tail(rows), "channels": [view(row) for row in page.cut(rows)]}


def created(call: Call) -> ChannelPage:
    """List the channels a user owns (002 获取用户在社区创建的频道列表)."""
    community, user = call[SERVER], call.user_in_path()
    page = call.page("created channels", community, user.lower())
    rows = channels.created_by(call.reader, community, user, page)
    return {**page.tail(rows), "channels": [view(row) for row in page.cut(rows)]}


def joined(call: Call) -> ChannelPage:
    """List the channels a user is in (002 获取单个用户已加入的频道列表)."""
    community, user = call[SERVER], call[_USER]
    page = call.page("joined channels", community, user.lower())
    rows = channels.joined_by(call.reader, community, user, page)
    return {**page.tail(rows), "channels": [view(row.channel) for row in page.cut(rows)]}


def delete(call: Call) -> Work[Done]:
    """Delete a channel (002 删除频道)."""
    community, channel_id = call[SERVER], call.params["channel_id"]

    def work(connection: sqlite3.Connection) -> Told[Done]:
        return Told(DONE, [channels.delete(connection, community, channel_id)])

    return work


_ONE = "/circle/channel/{channel_id}"
_CHANGES = (_TYPE, _MODE, _MAX_USERS, _DESCRIPTION, _CUSTOM, _RTC_NAME)

ROUTES = (
    Route(
        method="POST",
        template="/circle/channel",
        write=create,
        takes=(_BODY_SERVER, _NEW_NAME, _CATEGORY, _OWNER, *_CHANGES),
        body=BodyKind.JSON,
    ),
    Route(method="PUT", template=_ONE, write=update, takes=(SERVER, _CHANGED_NAME, *_CHANGES), body=BodyKind.JSON),
    Route(method="GET", template=_ONE, read=detail, takes=(SERVER,)),
    Route(method="GET", template="/circle/channel/public", read=public, takes=(SERVER, *PAGING)),
    Route(method="GET", template="/circle/channel/private", read=private, takes=(SERVER, *PAGING)),
    Route(
        method="GET",
        template="/circle/channel/user/{user_id}/created/channels",
        read=created,
        takes=(SERVER, *PAGING),
    ),
    Route(method="GET", template="/circle/channel/user/joined/list", read=joined, takes=(SERVER, _USER, *PAGING)),
    Route(method="DELETE", template=_ONE, write=delete, takes=(SERVER,)),
)
