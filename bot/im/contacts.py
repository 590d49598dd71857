"""Friends of a user and what he calls them (seeds 003 管理用户关系 and 004 设置好友备注)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from bot.im import arguments
from bot.im.endpoint import Endpoint
from bot.im.models import Contact, User
from bot.im.paging import Page, Paged, paged_query

if TYPE_CHECKING:
    from typing import Any

    from bot.im.answers import Answer
    from bot.im.transport import Transport

# Friends who are made friends again stay what they are (A36), so it may be repeated although it is a POST.
ADD = Endpoint("POST", "/users/{user_id}/contacts/users/{friend_id}", idempotent=True)
REMOVE = Endpoint("DELETE", "/users/{user_id}/contacts/users/{friend_id}")
# The documents write `user` in these two and `users` everywhere else (A31).
SET_REMARK = Endpoint("PUT", "/user/{user_id}/contacts/users/{friend_id}")
LIST = Endpoint("GET", "/user/{user_id}/contacts")
NAMES = Endpoint("GET", "/users/{user_id}/contacts/users")

REMARK_LENGTH = 100
PAGE_SIZE = 50


class Contacts:
    """`im.contacts`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def add(self, owner: str, friend: str) -> User:
        """Make two users friends and return the friend (003 添加好友); friends stay friends (A36).

        Raises NotFound if one of the two does not exist, LimitReached if one has as many friends as the plan allows.
        """
        return await self._transport.call(ADD, lambda answer: user_of(answer, friend), _pair(owner, friend))

    async def remove(self, owner: str, friend: str) -> User:
        """End a friendship, also with nobody's friend, and return who was removed (003 移除好友, A38).

        Raises NotFound if one of the two does not exist.
        """
        return await self._transport.call(REMOVE, lambda answer: user_of(answer, friend), _pair(owner, friend))

    async def set_remark(self, owner: str, friend: str, remark: str) -> None:
        """Set what the owner calls a friend, at most 100 characters; the empty text clears it (004 设置好友备注, A43).

        Raises IllegalArgument if the two are no friends, NotFound if one of them does not exist.
        """
        body = {"remark": arguments.text("remark", remark, longest=REMARK_LENGTH)}
        await self._transport.call(SET_REMARK, _set, _pair(owner, friend), body=body)

    def list(self, owner: str, *, with_remarks: bool = False) -> Paged[Contact]:
        """List the friends, newest first, in pages of at most 50 (003 分页获取好友列表)."""
        ids = {"user_id": arguments.username("owner", owner)}
        query = {"needReturnRemark": "true"} if with_remarks else {}

        async def fetch(cursor: str | None, limit: int) -> Page[Contact]:
            return await self._transport.call(LIST, _read_page, ids, paged_query(query, cursor, limit))

        return Paged(LIST.label, fetch, largest=PAGE_SIZE)

    async def names(self, owner: str) -> tuple[str, ...]:
        """Return the names of the friends with one request, at most 3000 (003 一次性获取好友列表). Raises IMError."""
        return await self._transport.call(NAMES, names_of, {"user_id": arguments.username("owner", owner)})


def user_of(answer: Answer, name: str) -> User:
    """Read the one user in `entities`; an answer that has none is about the user who was asked for."""
    entities: object = answer.data.get("entities")
    if not entities:
        return User(username=name)
    if not isinstance(entities, list):
        raise answer.bad("entities is no list")
    return answer.model(cast("list[object]", entities)[0], User)


def names_of(answer: Answer) -> tuple[str, ...]:
    """Read the user names in `data`; none if it is missing."""
    names: object = answer.data.get("data")
    if names is None:
        return ()
    if not isinstance(names, list) or not all(isinstance(name, str) for name in cast("list[object]", names)):
        raise answer.bad("data is no list of names")
    return tuple(cast("list[str]", names))


def _pair(owner: str, friend: str) -> dict[str, str]:
    return {"user_id": arguments.username("owner", owner), "friend_id": arguments.username("friend", friend)}


def _read_page(answer: Answer) -> Page[Contact]:
    """Read a page that stands in `data`, its cursor there or beside it (A32)."""
    found: object = answer.data.get("data")
    if found is None:
        found = {}
    if not isinstance(found, dict):
        raise answer.bad("data is no object")
    inner = cast("dict[str, Any]", found)
    return replace(answer, data={**inner, "cursor": inner.get("cursor") or answer.data.get("cursor")}).page(
        "contacts", Contact
    )


def _set(answer: Answer) -> None:
    """Accept only what the documents call a success."""
    if answer.data.get("status", "ok") != "ok":
        raise answer.bad("the remark was not set")
