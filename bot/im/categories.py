"""Categories, which group the channels of a community (fact 6, from the vendor's category management page)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.im import arguments
from bot.im.answers import Answer, parsed_date
from bot.im.endpoint import Endpoint
from bot.im.errors import InvalidArgument
from bot.im.models import Category, Channel, ChannelType
from bot.im.paging import Page, Paged, paged_query
from bot.im.transport import done

if TYPE_CHECKING:
    from bot.im.transport import Transport

CREATE = Endpoint("POST", "/circle/channel/category")
RENAME = Endpoint("PUT", "/circle/channel/category/{category_id}")
DELETE = Endpoint("DELETE", "/circle/channel/category/{category_id}")
# A channel that is moved twice is where it was moved to, so it may be repeated although it is a POST.
MOVE = Endpoint("POST", "/circle/channel/category/member/transfer", idempotent=True)
LIST = Endpoint("GET", "/circle/channel/category/list")
CHANNELS = Endpoint("GET", "/circle/channel/category/{category_id}/member/list")
PUBLIC = Endpoint("GET", "/circle/channel/category/{category_id}/public/member/list")
PRIVATE = Endpoint("GET", "/circle/channel/category/{category_id}/private/member/list")
JOINED = Endpoint("GET", "/circle/channel/category/{category_id}/user/joined/member/list")

NAME_LENGTH = 50

_BY_TYPE = {None: CHANNELS, ChannelType.PUBLIC: PUBLIC, ChannelType.PRIVATE: PRIVATE}


class Categories:
    """`im.categories`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def create(self, community_id: str, name: str) -> Category:
        """Create a category and return it, without `created`, which the API does not tell here (fact 6).

        `name` has at most 50 characters, a community at most 50 categories. Not repeated when the outcome is unknown.
        Raises IMError, InvalidArgument.
        """
        body = _named(community_id, name)

        def read(answer: Answer) -> Category:
            category_id = answer.text("channel_category_id")
            return Category(category_id=category_id, community_id=community_id, name=name)

        return await self._transport.call(CREATE, read, body=body)

    async def rename(self, community_id: str, category_id: str, name: str) -> Category:
        """Give a category another name and return it (fact 6). Raises IMError, InvalidArgument."""
        body = _named(community_id, name)
        return await self._transport.call(RENAME, _read_one, {"category_id": category_id}, body=body)

    async def delete(self, community_id: str, category_id: str) -> None:
        """Delete a category; its channels go to the default one, which itself cannot be deleted (fact 6).

        Raises IMError, Forbidden for the default category.
        """
        await self._transport.call(DELETE, done, {"category_id": category_id}, _place(community_id))

    async def move_channel(self, community_id: str, channel_id: str, category_id: str | None) -> None:
        """Move a channel to another category, to the default one with None (fact 6).

        Raises IMError, LimitReached for a category that has its 100 channels.
        """
        query = _place(community_id)
        if category_id is not None:
            query["channelCategoryId"] = arguments.identifier("category_id", category_id)
        query["channelId"] = arguments.identifier("channel_id", channel_id)
        await self._transport.call(MOVE, done, {}, query)

    def list(self, community_id: str) -> Paged[Category]:
        """List the categories of a community (fact 6)."""
        query = _place(community_id)

        async def fetch(cursor: str | None, limit: int) -> Page[Category]:
            return await self._transport.call(LIST, _read_page, {}, paged_query(query, cursor, limit))

        return Paged(LIST.label, fetch)

    def channels(self, community_id: str, category_id: str, *, type: ChannelType | None = None) -> Paged[Channel]:  # noqa: A002 - the API's word
        """List the channels of a category, only the public or the private ones with a `type` (fact 6)."""
        endpoint = _BY_TYPE.get(type)
        if endpoint is None:
            raise InvalidArgument("type", "must be PUBLIC or PRIVATE")
        query = _place(community_id)

        async def fetch(cursor: str | None, limit: int) -> Page[Channel]:
            ids = {"category_id": category_id}
            return await self._transport.call(endpoint, _read_channels, ids, paged_query(query, cursor, limit))

        return Paged(endpoint.label, fetch)

    def joined(self, community_id: str, category_id: str, user_id: str) -> Paged[str]:
        """List the ids of the channels of a category that a user is in (fact 6)."""
        query = _place(community_id) | {"userId": arguments.username("user_id", user_id)}

        async def fetch(cursor: str | None, limit: int) -> Page[str]:
            ids = {"category_id": category_id}
            return await self._transport.call(JOINED, _read_ids, ids, paged_query(query, cursor, limit))

        return Paged(JOINED.label, fetch)


def _place(community_id: str) -> dict[str, str]:
    return {"serverId": arguments.identifier("community_id", community_id)}


def _named(community_id: str, name: str) -> dict[str, str]:
    return {
        "server_id": arguments.identifier("community_id", community_id),
        "name": arguments.text("name", name, shortest=1, longest=NAME_LENGTH),
    }


def _read_one(answer: Answer) -> Category:
    return answer.model(answer.data.get("channelCategory"), Category)


def _read_page(answer: Answer) -> Page[Category]:
    return answer.page("channelCategoryList", Category)


def _read_channels(answer: Answer) -> Page[Channel]:
    return answer.page("channels", Channel)


def _read_ids(answer: Answer) -> Page[str]:
    """Read a page of ids; a number counts as its digits, as ids are sometimes written."""
    rows: object = answer.data.get("channelIds")
    if rows is None:
        rows = ()
    elif not isinstance(rows, list):
        raise answer.bad("channelIds is no list")
    ids: list[str] = []
    for row in cast("list[object]", rows):
        if isinstance(row, bool) or not isinstance(row, (str, int)) or row == "":
            raise answer.bad("channelIds holds something else than ids")
        ids.append(str(row))
    cursor: object = answer.data.get("cursor")
    if not (cursor is None or isinstance(cursor, str)):
        raise answer.bad("cursor is no text")
    return Page(tuple(ids), cursor or None, parsed_date(answer.date))
