"""Categories of channels: `/circle/channel/category...` (facts 6)."""

import sqlite3

from typing_extensions import TypedDict

from bot.imservice.call import Call
from bot.imservice.domain import categories, channels
from bot.imservice.domain.categories import Category
from bot.imservice.events import Told
from bot.imservice.paging import PageTail
from bot.imservice.parameters import PAGING, body_text, query_optional, query_text, query_username
from bot.imservice.routes import channels as channel_routes
from bot.imservice.routes.channels import ChannelPage
from bot.imservice.routing import DONE, BodyKind, Done, Route, Work

_NAME = 50

_SERVER = query_text("serverId")
_CHANNEL = query_text("channelId")
_TARGET = query_optional("channelCategoryId")
_USER = query_username("userId")
_BODY_SERVER = body_text("server_id")
_BODY_NAME = body_text("name", max_length=_NAME)


class CategoryView(TypedDict):
    """A category as the API shows it; `created` in Unix milliseconds, `default_channel_category` 1 or 0."""

    name: str
    created: int
    server_id: str
    channel_category_id: str
    default_channel_category: int


class CategoryCreated(Done):
    """The id of a new category."""

    channel_category_id: str


class CategoryFound(Done):
    """One category."""

    channelCategory: CategoryView  # noqa: N815 - the API's word


class CategoryPage(PageTail):
    """A page of categories."""

    channelCategoryList: list[CategoryView]  # noqa: N815 - the API's word


class ChannelIdPage(PageTail):
    """A page of ids of channels."""

    channelIds: list[str]  # noqa: N815 - the API's word


def view(category: Category) -> CategoryView:
    """Return a category as the API shows it."""
    return {
        "name": category.name,
        "created": category.created,
        "server_id": category.community_id,
        "channel_category_id": category.category_id,
        "default_channel_category": category.is_default,
    }


def create(call: Call) -> Work[CategoryCreated]:
    """Create a category."""
    community, name, shared = call[_BODY_SERVER], call[_BODY_NAME], call.shared

    def work(connection: sqlite3.Connection) -> CategoryCreated:
        category_id = categories.create(
            connection,
            community,
            name,
            ids=shared.ids,
            now=call.now,
            per_community=shared.options.categories_per_community,
        )
        return {"code": 200, "channel_category_id": category_id}

    return work


def rename(call: Call) -> Work[CategoryFound]:
    """Give a category another name."""
    community, name, category_id = call[_BODY_SERVER], call[_BODY_NAME], call.params["channel_category_id"]

    def work(connection: sqlite3.Connection) -> CategoryFound:
        return {"code": 200, "channelCategory": view(categories.rename(connection, community, category_id, name))}

    return work


def delete(call: Call) -> Work[Done]:
    """Delete a category; its channels go to the default one."""
    community, category_id = call[_SERVER], call.params["channel_category_id"]

    def work(connection: sqlite3.Connection) -> Told[Done]:
        moved = categories.delete(connection, community, category_id)
        return Told(DONE, [channels.told("UPDATE", channels.get(connection, community, channel)) for channel in moved])

    return work


def transfer(call: Call) -> Work[Done]:
    """Move a channel to another category, to the default one if none is named."""
    community, channel, target = call[_SERVER], call[_CHANNEL], call[_TARGET]
    most = call.shared.options.channels_per_category

    def work(connection: sqlite3.Connection) -> Told[Done]:
        return Told(DONE, channels.move(connection, community, channel, target, per_category=most))

    return work


def listing(call: Call) -> CategoryPage:
    """List the categories of a community."""
    community = call[_SERVER]
    page = call.page("categories", community)
    rows = categories.page(call.reader, community, page)
    return {**page.tail(rows), "channelCategoryList": [view(row) for row in page.cut(rows)]}


def all_channels(call: Call) -> ChannelPage:
    """List the channels of a category, public and private."""
    return _channels(call, None)


def public_channels(call: Call) -> ChannelPage:
    """List the public channels of a category."""
    return _channels(call, channels.PUBLIC)


def private_channels(call: Call) -> ChannelPage:
    """List the private channels of a category."""
    return _channels(call, channels.PRIVATE)


def _channels(call: Call, kind: int | None) -> ChannelPage:
    community, category_id = call[_SERVER], call.params["channel_category_id"]
    page = call.page("channels of category", str(kind), community, category_id)
    rows = channels.in_category(call.reader, community, category_id, kind, page)
    return {**page.tail(rows), "channels": [channel_routes.view(row) for row in page.cut(rows)]}


def joined(call: Call) -> ChannelIdPage:
    """List the ids of the channels of a category that a user is in."""
    community, user, category_id = call[_SERVER], call[_USER], call.params["channel_category_id"]
    page = call.page("joined channels of category", community, category_id, user.lower())
    rows = channels.joined_in_category(call.reader, community, category_id, user, page)
    return {**page.tail(rows), "channelIds": [row.channel_id for row in page.cut(rows)]}


_ALL = "/circle/channel/category"
_ONE = f"{_ALL}/{{channel_category_id}}"
_NAMED = (_BODY_SERVER, _BODY_NAME)

ROUTES = (
    Route(method="POST", template=_ALL, write=create, takes=_NAMED, body=BodyKind.JSON),
    Route(method="PUT", template=_ONE, write=rename, takes=_NAMED, body=BodyKind.JSON),
    Route(method="DELETE", template=_ONE, write=delete, takes=(_SERVER,)),
    Route(method="POST", template=f"{_ALL}/member/transfer", write=transfer, takes=(_SERVER, _CHANNEL, _TARGET)),
    Route(method="GET", template=f"{_ALL}/list", read=listing, takes=(_SERVER, *PAGING)),
    Route(method="GET", template=f"{_ONE}/member/list", read=all_channels, takes=(_SERVER, *PAGING)),
    Route(method="GET", template=f"{_ONE}/public/member/list", read=public_channels, takes=(_SERVER, *PAGING)),
    Route(method="GET", template=f"{_ONE}/private/member/list", read=private_channels, takes=(_SERVER, *PAGING)),
    Route(method="GET", template=f"{_ONE}/user/joined/member/list", read=joined, takes=(_SERVER, _USER, *PAGING)),
)
