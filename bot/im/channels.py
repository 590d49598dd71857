"""Channels of a community (seed 002, 创建和管理频道)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from bot.im import arguments
from bot.im.endpoint import Endpoint
from bot.im.errors import InvalidArgument
from bot.im.models import Channel, ChannelMode, ChannelType
from bot.im.paging import Page, Paged, paged_query
from bot.im.transport import done

if TYPE_CHECKING:
    from bot.im.answers import Answer
    from bot.im.transport import Transport

CREATE = Endpoint("POST", "/circle/channel")
UPDATE = Endpoint("PUT", "/circle/channel/{channel_id}")
GET = Endpoint("GET", "/circle/channel/{channel_id}")
DELETE = Endpoint("DELETE", "/circle/channel/{channel_id}")
PUBLIC = Endpoint("GET", "/circle/channel/public")
PRIVATE = Endpoint("GET", "/circle/channel/private")
CREATED = Endpoint("GET", "/circle/channel/user/{user_id}/created/channels")
JOINED = Endpoint("GET", "/circle/channel/user/joined/list")

NAME_LENGTH = 50
TEXT_LENGTH = 500
MAX_USERS = {ChannelMode.TEXT: 2000, ChannelMode.VOICE: 20}


class Channels:
    """`im.channels`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def create(
        self,
        community_id: str,
        name: str,
        *,
        type: ChannelType = ChannelType.PUBLIC,  # noqa: A002 - the API's word
        mode: ChannelMode = ChannelMode.TEXT,
        max_users: int | None = None,
        description: str | None = None,
        custom: str | None = None,
        category_id: str | None = None,
        rtc_name: str | None = None,
    ) -> Channel:
        """Create a channel and return it (002 创建频道).

        `name` and `rtc_name` have at most 50 characters, `description` and `custom` 500; `max_users` is 1..2000 for
        text (2000 if not given) and 1..20 for voice (8); `rtc_name` is for voice only. A community has at most 100
        channels. Not repeated when the outcome is unknown. Raises IMError, InvalidArgument.
        """
        if mode not in MAX_USERS:
            raise InvalidArgument("mode", "must be TEXT or VOICE")
        if rtc_name is not None and mode is not ChannelMode.VOICE:
            raise InvalidArgument("rtc_name", "is for voice channels only")
        body: dict[str, Any] = {
            "server_id": arguments.identifier("community_id", community_id),
            "type": _checked_type(type),
            "mode": int(mode),
        }
        if category_id is not None:
            body["channel_category_id"] = arguments.identifier("category_id", category_id)
        body |= _fields(name, max_users, description, custom, rtc_name, most_users=MAX_USERS[mode])
        return await self._transport.call(CREATE, channel_of, body=body)

    async def update(
        self,
        community_id: str,
        channel_id: str,
        *,
        name: str | None = None,
        type: ChannelType | None = None,  # noqa: A002
        max_users: int | None = None,
        description: str | None = None,
        custom: str | None = None,
        rtc_name: str | None = None,
        mode: ChannelMode | None = None,
    ) -> Channel:
        """Change what is given and return the channel (002 修改频道信息).

        Limits as in `create`. The mode cannot change; `mode` only says which range `max_users` has, 1..2000 if it is
        not given. Raises IMError, and InvalidArgument also when there is nothing to change.
        """
        most_users = MAX_USERS.get(ChannelMode.TEXT if mode is None else mode, MAX_USERS[ChannelMode.TEXT])
        body = _fields(name, max_users, description, custom, rtc_name, most_users=most_users)
        if type is not None:
            body["type"] = _checked_type(type)
        if not body:
            raise InvalidArgument("name", "or another field to change must be given")
        ids, query = _place(community_id, channel_id)
        return await self._transport.call(UPDATE, channel_of, ids, query, body=body)

    async def get(self, community_id: str, channel_id: str) -> Channel:
        """Return a channel; a voice channel with `rtc_name` and `current_users_count` (002 查询指定频道详情).

        Raises IMError, NotFound also if the channel is of another community.
        """
        ids, query = _place(community_id, channel_id)
        return await self._transport.call(GET, channel_of, ids, query)

    async def delete(self, community_id: str, channel_id: str) -> None:
        """Delete a channel for good (002 删除频道). Raises IMError."""
        ids, query = _place(community_id, channel_id)
        await self._transport.call(DELETE, done, ids, query)

    def public(self, community_id: str) -> Paged[Channel]:
        """List the public channels (002 获取单个社区下的所有公开频道)."""
        return self._list(PUBLIC, {"serverId": arguments.identifier("community_id", community_id)})

    def private(self, community_id: str) -> Paged[Channel]:
        """List the private channels (002 获取单个社区下的所有私密频道)."""
        return self._list(PRIVATE, {"serverId": arguments.identifier("community_id", community_id)})

    def created(self, community_id: str, user_id: str) -> Paged[Channel]:
        """List the channels a user owns in a community (002 获取用户在社区创建的频道列表)."""
        query = {"serverId": arguments.identifier("community_id", community_id)}
        return self._list(CREATED, query, {"user_id": arguments.username("user_id", user_id)})

    def joined(self, community_id: str, user_id: str) -> Paged[Channel]:
        """List the channels, public and private, a user is in (002 获取用户在社区加入的频道列表)."""
        return self._list(
            JOINED,
            {
                "userId": arguments.username("user_id", user_id),
                "serverId": arguments.identifier("community_id", community_id),
            },
        )

    def _list(self, endpoint: Endpoint, query: dict[str, str], ids: dict[str, str] | None = None) -> Paged[Channel]:
        async def fetch(cursor: str | None, limit: int) -> Page[Channel]:
            return await self._transport.call(endpoint, _read_page, ids or {}, paged_query(query, cursor, limit))

        return Paged(endpoint.label, fetch)


def _read_page(answer: Answer) -> Page[Channel]:
    return answer.page("channels", Channel)


def _place(community_id: str, channel_id: str) -> tuple[dict[str, str], dict[str, str]]:
    """Ids of the path and of the query: the API wants the community with every channel (A7)."""
    return {"channel_id": channel_id}, {"serverId": arguments.identifier("community_id", community_id)}


def _checked_type(value: ChannelType) -> int:
    if value not in {ChannelType.PUBLIC, ChannelType.PRIVATE}:
        raise InvalidArgument("type", "must be PUBLIC or PRIVATE")
    return int(value)


def _fields(
    name: str | None,
    max_users: int | None,
    description: str | None,
    custom: str | None,
    rtc_name: str | None,
    *,
    most_users: int,
) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if name is not None:
        body["name"] = arguments.text("name", name, shortest=1, longest=NAME_LENGTH)
    if max_users is not None:
        # Table and examples disagree on the spelling, so both are sent (A5).
        body["maxUsers"] = body["max_users"] = arguments.integer("max_users", max_users, low=1, high=most_users)
    if description is not None:
        body["description"] = arguments.text("description", description, longest=TEXT_LENGTH)
    if custom is not None:
        body["custom"] = arguments.text("custom", custom, longest=TEXT_LENGTH)
    if rtc_name is not None:
        body["rtc_name"] = arguments.text("rtc_name", rtc_name, shortest=1, longest=NAME_LENGTH)
    return body


def channel_of(answer: Answer) -> Channel:
    """Read `channel` of an answer, whose id may stand beside it (A11)."""
    raw: Any = answer.data.get("channel")
    if isinstance(raw, dict) and "channel_id" not in raw and "channel_id" in answer.data:
        raw = {**cast("dict[str, Any]", raw), "channel_id": answer.data["channel_id"]}
    return answer.model(cast("object", raw), Channel)
