"""Threads of a channel (seed 002, 管理子区)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.im import arguments
from bot.im.endpoint import Endpoint
from bot.im.errors import InvalidArgument
from bot.im.models import Thread
from bot.im.paging import Page, Paged, paged_query
from bot.im.transport import done

if TYPE_CHECKING:
    from bot.im.answers import Answer
    from bot.im.transport import Transport

# A message carries one thread, so a repeated creation is refused; but then nobody would learn the first one's id.
CREATE = Endpoint("POST", "/circle/thread")
RENAME = Endpoint("PUT", "/circle/thread/{thread_id}")
GET = Endpoint("GET", "/circle/thread/{thread_id}")
DELETE = Endpoint("DELETE", "/circle/thread/{thread_id}")
# Joining or leaving twice changes nothing (facts 11), so both may be repeated although they are POSTs.
ADD = Endpoint("POST", "/circle/thread/{thread_id}/user/join", idempotent=True)
REMOVE = Endpoint("POST", "/circle/thread/{thread_id}/user/remove", idempotent=True)
CREATED = Endpoint("GET", "/circle/thread/created")
LIST = Endpoint("GET", "/circle/thread/list")
JOINED = Endpoint("GET", "/circle/thread/joined")

NAME_LENGTH = 50

_NO_IDS = frozenset({"created", "list", "joined"})


class Threads:
    """`im.threads`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def create(self, channel_id: str, message_id: str, owner: str, name: str) -> str:
        """Start a thread at a message and return its id (002 创建子区).

        `name` has at most 50 characters. Not repeated when the outcome is unknown. Raises Conflict if the message has
        a thread, NotFound for anything unknown and for an owner who is not in the channel, InvalidArgument.
        """
        body = {
            "channel_id": arguments.identifier("channel_id", channel_id),
            "user_id": arguments.username("owner", owner),
            "name": _name(name),
            "message_id": arguments.identifier("message_id", message_id),
        }
        return await self._transport.call(CREATE, _created_id, body=body)

    async def rename(self, thread_id: str, name: str) -> None:
        """Give a thread another name of at most 50 characters (002 修改子区信息). Raises IMError, InvalidArgument."""
        await self._transport.call(RENAME, done, _ids(thread_id), body={"name": _name(name)})

    async def get(self, thread_id: str) -> Thread:
        """Return a thread (002 查询子区的详情). Raises IMError, NotFound if there is none."""
        return await self._transport.call(GET, _read_one, _ids(thread_id))

    async def delete(self, thread_id: str) -> None:
        """Delete a thread for good (002 删除子区). Raises IMError, NotFound if there is none."""
        await self._transport.call(DELETE, done, _ids(thread_id))

    async def add(self, thread_id: str, user_id: str) -> None:
        """Let a user join a thread (002 加入子区, A23); who is in it stays.

        Raises NotFound also for who is not in the thread's channel.
        """
        await self._transport.call(ADD, done, _ids(thread_id), _user(user_id))

    async def remove(self, thread_id: str, user_id: str) -> None:
        """Remove a member from a thread (002 将成员移出子区).

        Raises Forbidden for the thread's owner, NotFound also for who is not in it.
        """
        await self._transport.call(REMOVE, done, _ids(thread_id), _user(user_id))

    def list(self, channel_id: str) -> Paged[Thread]:
        """List the threads of a channel (002 用户获取频道中的子区)."""
        return self._list(LIST, _channel(channel_id))

    def created(self, channel_id: str, user_id: str) -> Paged[Thread]:
        """List the threads that a user has started in a channel (002 用户获取自己创建的子区)."""
        return self._list(CREATED, _user(user_id) | _channel(channel_id))

    def joined(self, channel_id: str, user_id: str) -> Paged[Thread]:
        """List the threads of a channel that a user is in (002 用户获取频道中加入的子区)."""
        return self._list(JOINED, _user(user_id) | _channel(channel_id))

    def _list(self, endpoint: Endpoint, query: dict[str, str]) -> Paged[Thread]:
        async def fetch(cursor: str | None, limit: int) -> Page[Thread]:
            return await self._transport.call(endpoint, _read_page, {}, paged_query(query, cursor, limit))

        return Paged(endpoint.label, fetch)


def _ids(thread_id: str) -> dict[str, str]:
    if thread_id in _NO_IDS:
        raise InvalidArgument("thread_id", "must not be a word of the API's own paths")
    return {"thread_id": thread_id}


def _user(user_id: str) -> dict[str, str]:
    return {"userId": arguments.username("user_id", user_id)}


def _channel(channel_id: str) -> dict[str, str]:
    return {"channelId": arguments.identifier("channel_id", channel_id)}


def _name(name: str) -> str:
    return arguments.text("name", name, shortest=1, longest=NAME_LENGTH)


def _created_id(answer: Answer) -> str:
    return answer.text("thread_id")


def _read_one(answer: Answer) -> Thread:
    return answer.model(answer.data, Thread)


def _read_page(answer: Answer) -> Page[Thread]:
    return answer.page("threads", Thread)
