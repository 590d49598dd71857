"""Tags of communities: `/circle/server/{server_id}/tag...` (facts 6)."""

import sqlite3

from typing_extensions import TypedDict

from bot.imservice.call import Call
from bot.imservice.domain import communities, tags
from bot.imservice.domain.tags import Tag
from bot.imservice.parameters import body_words
from bot.imservice.routing import DONE, BodyKind, Done, Route, Work

_MOST = 10
_LENGTH = 20
_ID_LENGTH = 128

_TAGS = body_words("tags", max_items=_MOST, max_length=_LENGTH)
_TAG_IDS = body_words("tagIds", max_items=_MOST, max_length=_ID_LENGTH)


class TagView(TypedDict):
    """A tag as the API shows it."""

    server_tag_id: str
    tag_name: str


class TagsAdded(Done):
    """All tags of the community after the addition."""

    tags: list[TagView]


class TagList(TagsAdded):
    """All tags of a community, and how many they are."""

    count: int


def view(tag: Tag) -> TagView:
    """Return a tag as the API shows it."""
    return {"server_tag_id": tag.tag_id, "tag_name": tag.name}


def add(call: Call) -> Work[TagsAdded]:
    """Add tags to a community; those it has already stay as they are."""
    names, shared = call[_TAGS], call.shared

    def work(connection: sqlite3.Connection) -> TagsAdded:
        community, _ = communities.key(connection, call.params["server_id"])
        found = tags.add(connection, community, names, ids=shared.ids, most=shared.options.tags_per_community)
        return {"code": 200, "tags": [view(tag) for tag in found]}

    return work


def listing(call: Call) -> TagList:
    """List the tags of a community."""
    community, _ = communities.key(call.reader, call.params["server_id"])
    found = tags.of(call.reader, community)
    return {"code": 200, "count": len(found), "tags": [view(tag) for tag in found]}


def remove(call: Call) -> Work[Done]:
    """Remove tags from a community by their ids."""
    tag_ids = call[_TAG_IDS]

    def work(connection: sqlite3.Connection) -> Done:
        community, _ = communities.key(connection, call.params["server_id"])
        tags.remove(connection, community, tag_ids)
        return DONE

    return work


_ALL = "/circle/server/{server_id}/tag"

ROUTES = (
    Route(method="POST", template=f"{_ALL}/add", write=add, takes=(_TAGS,), body=BodyKind.JSON),
    Route(method="GET", template=_ALL, read=listing),
    Route(method="POST", template=f"{_ALL}/remove", write=remove, takes=(_TAG_IDS,), body=BodyKind.JSON),
)
