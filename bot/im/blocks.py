"""Whom a user does not want to hear from (seed 003 管理用户关系: 黑名单)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bot.im import arguments
from bot.im.answers import parsed_date
from bot.im.batches import ItemResult, in_batches
from bot.im.contacts import names_of, user_of
from bot.im.endpoint import Endpoint, Family
from bot.im.errors import InvalidArgument
from bot.im.paging import Page, Paged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.im.answers import Answer
    from bot.im.models import User
    from bot.im.transport import Transport

# Who is blocked stays blocked, so it may be repeated although it is a POST.
ADD = Endpoint("POST", "/users/{user_id}/blocks/users", Family.BLOCKS, idempotent=True)
LIST = Endpoint("GET", "/users/{user_id}/blocks/users", Family.BLOCKS)
REMOVE = Endpoint("DELETE", "/users/{user_id}/blocks/users/{blocked_id}", Family.BLOCKS)

PAGE_SIZE = 50
# The documents name no limit. A request is refused as a whole for one unknown name (A40), so it should not carry all
# 500 that a list holds; the size of a page is a number that the API is known to take, and 500 names are ten requests.
BATCH = 50

Results: TypeAlias = list[ItemResult]


class Blocks:
    """`im.blocks`; the API allows 50 calls a second (fact 4)."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def add(self, owner: str, *users: str) -> Results:
        """Block users, 50 with a request, and return what became of each, in their order (003 添加用户至黑名单).

        A name that does not exist keeps the others of its request from being blocked, and so does a list that would
        have more than 500 (A40). Names are compared without regard to case. Raises InvalidArgument, before anything is
        sent, for no user, a name that cannot be one, and the owner himself.
        """
        ids = {"user_id": arguments.username("owner", owner)}
        names = [arguments.username("users", user) for user in users]
        if not names:
            raise InvalidArgument("users", "must not be empty")
        if owner.lower() in {name.lower() for name in names}:
            raise InvalidArgument("users", "must not contain the owner")

        async def send(batch: Sequence[str]) -> Results:
            blocked = await self._transport.call(ADD, _blocked, ids, body={"usernames": list(batch)})
            return [ItemResult(name, done=blocked is None or name.lower() in blocked) for name in batch]

        return await in_batches(names, BATCH, send, ItemResult)

    async def remove(self, owner: str, user: str) -> User:
        """Unblock a user, also one who is not blocked, and return him (003 从黑名单中移除用户, A38).

        Raises NotFound if one of the two does not exist.
        """
        ids = {"user_id": arguments.username("owner", owner), "blocked_id": arguments.username("user", user)}
        return await self._transport.call(REMOVE, lambda answer: user_of(answer, user), ids)

    def list(self, owner: str) -> Paged[str]:
        """List who is blocked, latest first, in pages of at most 50 (003 获取黑名单列表)."""
        ids = {"user_id": arguments.username("owner", owner)}

        async def fetch(cursor: str | None, limit: int) -> Page[str]:
            query = {"pageSize": str(limit)}
            if cursor is not None:
                query["cursor"] = cursor
            return await self._transport.call(LIST, _read_page, ids, query)

        return Paged(LIST.label, fetch, largest=PAGE_SIZE)

    async def latest(self, owner: str) -> tuple[str, ...]:
        """Return the latest 500 blocked users with one request (003 获取黑名单列表). Raises IMError."""
        return await self._transport.call(LIST, names_of, {"user_id": arguments.username("owner", owner)})


def _blocked(answer: Answer) -> set[str] | None:
    """Read who is blocked now, in lower case; None if the answer does not say."""
    return None if answer.data.get("data") is None else {name.lower() for name in names_of(answer)}


def _read_page(answer: Answer) -> Page[str]:
    cursor: object = answer.data.get("cursor")
    if not (cursor is None or isinstance(cursor, str)):
        raise answer.bad("cursor is no text")
    return Page(names_of(answer), cursor or None, parsed_date(answer.date))
