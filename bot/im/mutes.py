"""Mutes of a channel (seed 002, 获取频道的禁言列表 and what follows)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.im import arguments
from bot.im.endpoint import Endpoint
from bot.im.models import Mute
from bot.im.paging import Page, Paged, paged_query
from bot.im.transport import done

if TYPE_CHECKING:
    from bot.im.answers import Answer
    from bot.im.transport import Transport

LIST = Endpoint("GET", "/circle/channel/{channel_id}/user/mute/list")
# Muting again sets the end again: repeated within the deadline it can only end a mute later by that much.
ADD = Endpoint("POST", "/circle/channel/{channel_id}/user/mute", idempotent=True)
REMOVE = Endpoint("DELETE", "/circle/channel/{channel_id}/user/mute")

SHORTEST_MS = 1000


class Mutes:
    """`im.mutes`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def add(self, community_id: str, channel_id: str, user_id: str, *, duration_ms: int | None) -> None:
        """Mute a member for `duration_ms` milliseconds from now, or for good with None (002 将成员加入频道禁言列表).

        At least 1000, so that a number of seconds given by mistake cannot reach the wire (A1). A member who is muted
        already gets the new end. Raises Forbidden for the owner and for who is not in the channel (A29).
        """
        body: dict[str, Any] = {
            "server_id": arguments.identifier("community_id", community_id),
            "user_id": arguments.username("user_id", user_id),
        }
        if duration_ms is not None:
            body["duration"] = arguments.integer("duration_ms", duration_ms, low=SHORTEST_MS)
        await self._transport.call(ADD, done, {"channel_id": channel_id}, body=body)

    async def remove(self, community_id: str, channel_id: str, user_id: str) -> None:
        """Lift a mute; lifting one that is not there succeeds (002 将成员移出频道禁言列表, A28). Raises IMError."""
        query = {
            "serverId": arguments.identifier("community_id", community_id),
            "userId": arguments.username("user_id", user_id),
        }
        await self._transport.call(REMOVE, done, {"channel_id": channel_id}, query)

    def list(self, community_id: str, channel_id: str) -> Paged[Mute]:
        """List who is muted and until when (002 获取频道的禁言列表)."""
        query = {"serverId": arguments.identifier("community_id", community_id)}

        async def fetch(cursor: str | None, limit: int) -> Page[Mute]:
            ids = {"channel_id": channel_id}
            return await self._transport.call(LIST, _read_page, ids, paged_query(query, cursor, limit))

        return Paged(LIST.label, fetch)


def _read_page(answer: Answer) -> Page[Mute]:
    return answer.page("mute_users", Mute)
