"""Communities, the API's servers: `/circle/server...` (facts 6)."""

import sqlite3

from typing_extensions import TypedDict

from bot.imservice.call import Call
from bot.imservice.domain import channels, communities
from bot.imservice.domain.communities import Changes, Community, Member, NewCommunity
from bot.imservice.events import Told
from bot.imservice.paging import PageTail
from bot.imservice.parameters import (
    PAGING,
    body_choice,
    body_optional,
    body_text,
    body_username,
    query_choice,
    query_flag,
    query_username,
)
from bot.imservice.routes import tags
from bot.imservice.routes.members import Result, Role
from bot.imservice.routes.tags import TagView
from bot.imservice.routing import DONE, BodyKind, Done, Route, Work

_NAME = 50
_LONG = 500

USER = query_username("userId")
_ROLE = query_choice("role", communities.MODERATOR, communities.MEMBER)
_JOIN_DEFAULT = query_flag("isJoinDefaultChannel", default=True)
_OWNER = body_username("owner")
_NEW_NAME = body_text("name", max_length=_NAME)
_CHANGED_NAME = body_optional("name", max_length=_NAME, min_length=1)
_TYPE = body_choice("type", 0, 1)
_DESCRIPTION = body_optional("description", max_length=_LONG)
_CUSTOM = body_optional("custom", max_length=_LONG)
_ICON = body_optional("icon_url", max_length=_LONG)
_BACKGROUND = body_optional("background_url", max_length=_LONG)
_CATEGORY_NAME = body_optional("default_channel_category_name", max_length=_NAME)
_CHANNEL_NAME = body_optional("default_channel_name", max_length=_NAME)


class CommunityView(TypedDict):
    """A community as the API shows it; `created` in Unix milliseconds."""

    name: str
    owner: str
    type: int
    description: str
    custom: str
    tags: list[TagView]
    tag_count: int
    created: int
    server_id: str
    icon_url: str
    background_url: str
    default_channel_id: str


class CommunityCreated(Done):
    """The id of a new community."""

    server_id: str


class CommunityFound(Done):
    """One community."""

    server: CommunityView


class CommunityPage(PageTail):
    """A page of communities."""

    servers: list[CommunityView]


class CommunityMemberView(TypedDict):
    """A member with the role 0, 1 or 2."""

    user_id: str
    role: int


class CommunityMemberPage(PageTail):
    """A page of members."""

    users: list[CommunityMemberView]


class MemberCount(Done):
    """How many members there are."""

    users_count: int


def view(community: Community) -> CommunityView:
    """Return a community as the API shows it."""
    return {
        "name": community.name,
        "owner": community.owner,
        "type": community.type,
        "description": community.description,
        "custom": community.custom,
        "tags": [tags.view(tag) for tag in community.tags],
        "tag_count": len(community.tags),
        "created": community.created,
        "server_id": community.community_id,
        "icon_url": community.icon_url,
        "background_url": community.background_url,
        "default_channel_id": community.default_channel_id,
    }


def create(call: Call) -> Work[CommunityCreated]:
    """Create a community with its default category and channel."""
    new = NewCommunity(
        owner=call[_OWNER],
        name=call[_NEW_NAME],
        type=call[_TYPE] or 0,
        description=call[_DESCRIPTION] or "",
        custom=call[_CUSTOM] or "",
        icon_url=call[_ICON] or "",
        background_url=call[_BACKGROUND] or "",
        category_name=call[_CATEGORY_NAME] or communities.DEFAULT_CATEGORY_NAME,
        channel_name=call[_CHANNEL_NAME] or communities.DEFAULT_CHANNEL_NAME,
    )
    shared = call.shared

    def work(connection: sqlite3.Connection) -> Told[CommunityCreated]:
        community_id = communities.create(
            connection, new, ids=shared.ids, now=call.now, per_user=shared.options.communities_per_user
        )
        default = communities.get(connection, community_id).default_channel_id
        return Told(
            {"code": 200, "server_id": community_id},
            [channels.told("CREATE", channels.get(connection, community_id, default))],
        )

    return work


def update(call: Call) -> Work[CommunityFound]:
    """Change a community; what is absent stays as it is."""
    changes = Changes(
        name=call[_CHANGED_NAME],
        type=call[_TYPE],
        description=call[_DESCRIPTION],
        custom=call[_CUSTOM],
        icon_url=call[_ICON],
        background_url=call[_BACKGROUND],
    )

    def work(connection: sqlite3.Connection) -> CommunityFound:
        return {"code": 200, "server": view(communities.update(connection, call.params["server_id"], changes))}

    return work


def by_id(call: Call) -> CommunityFound:
    """Answer one community."""
    return {"code": 200, "server": view(communities.get(call.reader, call.params["server_id"]))}


def by_app(call: Call) -> CommunityPage:
    """List all communities."""
    page = call.page("servers")
    rows = communities.page(call.reader, page)
    return {**page.tail(rows), "servers": [view(row) for row in page.cut(rows)]}


def joined(call: Call) -> CommunityPage:
    """List the communities of one user."""
    user = call[USER]
    page = call.page("joined servers", user.lower())
    rows = communities.joined(call.reader, user, page)
    return {**page.tail(rows), "servers": [view(row.community) for row in page.cut(rows)]}


def delete(call: Call) -> Work[Done]:
    """Delete a community and all that belongs to it."""

    def work(connection: sqlite3.Connection) -> Told[Done]:
        return Told(DONE, communities.delete(connection, call.params["server_id"]))

    return work


def members(call: Call) -> CommunityMemberPage:
    """List the members with their roles 0, 1, 2."""
    community = call.params["server_id"]
    page = call.page("server users", community)
    rows = communities.members(call.reader, community, page)
    return {**page.tail(rows), "users": [_member_view(row) for row in page.cut(rows)]}


def _member_view(member: Member) -> CommunityMemberView:
    return {"user_id": member.user, "role": member.role}


def count_members(call: Call) -> MemberCount:
    """Answer the number of members."""
    return {"code": 200, "users_count": communities.member_count(call.reader, call.params["server_id"])}


def join(call: Call) -> Work[CommunityFound]:
    """Make a user a member."""
    user, join_default_channel = call[USER], call[_JOIN_DEFAULT]

    def work(connection: sqlite3.Connection) -> Told[CommunityFound]:
        community, events = communities.join(
            connection,
            call.params["server_id"],
            user,
            join_default_channel=join_default_channel,
            per_user=call.shared.options.communities_per_user,
        )
        return Told({"code": 200, "server": view(community)}, events)

    return work


def contains(call: Call) -> Result:
    """Answer whether a user is a member."""
    user = call.user_in_path()
    return {"code": 200, "result": communities.contains(call.reader, call.params["server_id"], user)}


def role(call: Call) -> Role:
    """Answer a member's role."""
    user = call[USER]
    return {"code": 200, "role": communities.role(call.reader, call.params["server_id"], user)}


def set_role(call: Call) -> Work[Done]:
    """Make a member moderator (1) or plain member (2)."""
    user, new_role = call[USER], call[_ROLE]

    def work(connection: sqlite3.Connection) -> Done:
        communities.set_role(connection, call.params["server_id"], user, new_role)
        return DONE

    return work


def remove(call: Call) -> Work[Done]:
    """Remove a member from the community and all its channels."""
    user = call[USER]

    def work(connection: sqlite3.Connection) -> Told[Done]:
        return Told(DONE, communities.remove(connection, call.params["server_id"], user))

    return work


_ONE = "/circle/server/{server_id}"

_FIELDS = (_TYPE, _DESCRIPTION, _CUSTOM, _ICON, _BACKGROUND)

ROUTES = (
    Route(
        method="POST",
        template="/circle/server",
        write=create,
        takes=(_OWNER, _NEW_NAME, *_FIELDS, _CATEGORY_NAME, _CHANNEL_NAME),
        body=BodyKind.JSON,
    ),
    Route(method="GET", template="/circle/server/list/by-app", read=by_app, takes=PAGING),
    Route(method="GET", template="/circle/server/list", read=joined, takes=(USER, *PAGING)),
    Route(method="GET", template=f"{_ONE}/by-id", read=by_id),
    Route(method="PUT", template=_ONE, write=update, takes=(_CHANGED_NAME, *_FIELDS), body=BodyKind.JSON),
    Route(method="DELETE", template=_ONE, write=delete),
    Route(method="GET", template=f"{_ONE}/users", read=members, takes=PAGING),
    Route(method="GET", template=f"{_ONE}/users/count", read=count_members),
    Route(method="POST", template=f"{_ONE}/join", write=join, takes=(USER, _JOIN_DEFAULT)),
    Route(method="GET", template=f"{_ONE}/user/role", read=role, takes=(USER,)),
    Route(method="PUT", template=f"{_ONE}/user/role", write=set_role, takes=(USER, _ROLE)),
    Route(method="POST", template=f"{_ONE}/user/remove", write=remove, takes=(USER,)),
    Route(method="GET", template=f"{_ONE}/user/{{user_id}}", read=contains),
)
