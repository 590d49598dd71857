"""Members of a channel (seed 002, 管理频道成员)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, cast

from bot.im import arguments
from bot.im.answers import Answer
from bot.im.batches import ItemResult, in_batches
from bot.im.channels import channel_of
from bot.im.endpoint import Endpoint
from bot.im.errors import InvalidArgument
from bot.im.models import Channel, ChannelMember, CommunityRole, Removal
from bot.im.paging import Page, Paged, paged_query
from bot.im.transport import done

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.im.transport import Transport

# Joining or leaving twice changes nothing (facts 11), so both may be repeated although they are POSTs.
ADD = Endpoint("POST", "/circle/channel/{channel_id}/join", idempotent=True)
REMOVE = Endpoint("POST", "/circle/channel/{channel_id}/user/remove", idempotent=True)
# Repeated, it would say of those whom the first attempt removed that they were not there.
REMOVE_MANY = Endpoint("POST", "/circle/channel/{channel_id}/users/remove", idempotent=False)
CONTAINS = Endpoint("GET", "/circle/channel/{channel_id}/user/{user_id}")
ROLE = Endpoint("GET", "/circle/channel/{channel_id}/user/role")
LIST = Endpoint("GET", "/circle/channel/{channel_id}/users")

BATCH = 20

Results: TypeAlias = list[ItemResult]


class Members:
    """`im.members`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def add(self, community_id: str, channel_id: str, user_id: str) -> Channel:
        """Let a user join a channel and return the channel (002 加入频道). Raises IMError."""
        ids, query = {"channel_id": channel_id}, _who(community_id, user_id)
        return await self._transport.call(ADD, channel_of, ids, query)

    async def remove(self, community_id: str, channel_id: str, user_id: str) -> None:
        """Remove a member from a channel (002 将成员移出频道).

        Raises Forbidden for the owner and for the default channel, which nobody can be removed from (A14).
        """
        await self._transport.call(REMOVE, done, {"channel_id": channel_id}, _who(community_id, user_id))

    async def remove_many(self, community_id: str, channel_id: str, *user_ids: str) -> Results:
        """Remove members, 20 with a request, and return what became of each, in their order (002 批量移除频道成员).

        Not removed, without an error, is who is the owner, not in the channel or unknown, and everybody in the default
        channel (A14). A request of which nobody is a member fails with IllegalArgument for each (A15). Names are
        compared without regard to case; one that is given twice is sent once. Not repeated when the outcome is
        unknown: then `error.sent` is True. Raises InvalidArgument, before anything is sent, for no name and for one
        that cannot be a user's.
        """
        body = {"server_id": arguments.identifier("community_id", community_id)}
        if not user_ids:
            raise InvalidArgument("user_ids", "must not be empty")
        distinct: dict[str, str] = {}
        for user_id in user_ids:
            distinct.setdefault(arguments.username("user_ids", user_id).lower(), user_id)

        async def send(batch: Sequence[str]) -> Results:
            rows = await self._transport.call(
                REMOVE_MANY, _removals, {"channel_id": channel_id}, body={**body, "usernames": list(batch)}
            )
            return [ItemResult(user_id, done=rows.get(user_id.lower(), False)) for user_id in batch]

        results = await in_batches(list(distinct.values()), BATCH, send, ItemResult)
        of = {result.item.lower(): result for result in results}
        return [replace(of[user_id.lower()], item=user_id) for user_id in user_ids]

    async def contains(self, community_id: str, channel_id: str, user_id: str) -> bool:
        """Say whether a user is in a channel (002 查询用户是否在频道).

        A voice channel's owner is not in it (A13). A user whose id is `role` cannot be asked for (facts 11).
        """
        ids = {"channel_id": channel_id, "user_id": arguments.username("user_id", user_id)}
        query = {"serverId": arguments.identifier("community_id", community_id)}
        return await self._transport.call(CONTAINS, Answer.flag, ids, query)

    async def role(self, community_id: str, channel_id: str, user_id: str) -> CommunityRole:
        """Return a channel member's role in the community (002 查询频道中指定成员的社区角色). Raises IMError."""
        ids, query = {"channel_id": channel_id}, _who(community_id, user_id)
        return await self._transport.call(ROLE, role_of, ids, query)

    def list(self, community_id: str, channel_id: str) -> Paged[ChannelMember]:
        """List the members of a channel (002 获取频道的成员列表); a voice channel's owner is not among them."""
        query = {"serverId": arguments.identifier("community_id", community_id)}

        async def fetch(cursor: str | None, limit: int) -> Page[ChannelMember]:
            ids = {"channel_id": channel_id}
            return await self._transport.call(LIST, _read_page, ids, paged_query(query, cursor, limit))

        return Paged(LIST.label, fetch)


def role_of(answer: Answer) -> CommunityRole:
    """Read a role in a community."""
    return CommunityRole(answer.number("role"))


def _removals(answer: Answer) -> dict[str, bool]:
    """Read who was removed, by name in lower case; rows come in any order (A15)."""
    rows: object = answer.data.get("data")
    if not isinstance(rows, list):
        raise answer.bad("no data in the answer")
    removals = [answer.model(row, Removal) for row in cast("list[object]", rows)]
    return {removal.user.lower(): removal.result for removal in removals}


def _read_page(answer: Answer) -> Page[ChannelMember]:
    return answer.page("users", ChannelMember)


def _who(community_id: str, user_id: str) -> dict[str, str]:
    return {
        "userId": arguments.username("user_id", user_id),
        "serverId": arguments.identifier("community_id", community_id),
    }
