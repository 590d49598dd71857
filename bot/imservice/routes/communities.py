"""Communities, the API's servers: `/circle/server...` (facts 6)."""

import sqlite3
from collections.abc import Callable

from bot.imservice.call import Call
from bot.imservice.domain import communities
from bot.imservice.domain.communities import Community, Joined, Member, NewCommunity
from bot.imservice.fields import JsonObject
from bot.imservice.routing import DONE, Answer, BodyKind, Route

_NAME = 50
_LONG = 500


def view(community: Community) -> JsonObject:
    """Return a community as the API shows it."""
    return {
        "name": community.name,
        "owner": community.owner,
        "type": community.type,
        "description": community.description,
        "custom": community.custom,
        "tags": [],
        "tag_count": 0,
        "created": community.created,
        "server_id": community.community_id,
        "icon_url": community.icon_url,
        "background_url": community.background_url,
        "default_channel_id": community.default_channel_id,
    }


def create(call: Call) -> Callable[[sqlite3.Connection], Answer]:
    """Check a request for a community."""
    body = call.body
    new = NewCommunity(
        owner=body.username("owner"),
        name=body.text("name", max_length=_NAME),
        type=body.choice("type", (0, 1)) or 0,
        description=body.optional("description", max_length=_LONG) or "",
        custom=body.optional("custom", max_length=_LONG) or "",
        icon_url=body.optional("icon_url", max_length=_LONG) or "",
        background_url=body.optional("background_url", max_length=_LONG) or "",
        category_name=body.optional("default_channel_category_name", max_length=_NAME)
        or communities.DEFAULT_CATEGORY_NAME,
        channel_name=body.optional("default_channel_name", max_length=_NAME) or communities.DEFAULT_CHANNEL_NAME,
    )
    shared = call.shared

    def work(connection: sqlite3.Connection) -> Answer:
        community_id = communities.create(
            connection, new, ids=shared.ids, now=call.now, per_user=shared.options.communities_per_user
        )
        return {"code": 200, "server_id": community_id}

    return work


def by_id(call: Call) -> Answer:
    """Answer one community."""
    return {"code": 200, "server": view(communities.get(call.reader, call.params["server_id"]))}


def by_app(call: Call) -> Answer:
    """Answer a page of all communities."""
    page = call.query.page(call.page_scope("servers"))
    return page.answer("servers", communities.page(call.reader, page), view)


def joined(call: Call) -> Answer:
    """Answer a page of the communities of one user."""
    user = call.query.username("userId")
    page = call.query.page(call.page_scope("joined servers", user.lower()))
    return page.answer("servers", communities.joined(call.reader, user, page), _joined_view)


def _joined_view(joined_community: Joined) -> JsonObject:
    return view(joined_community.community)


def delete(call: Call) -> Callable[[sqlite3.Connection], Answer]:
    """Delete a community and all that belongs to it."""

    def work(connection: sqlite3.Connection) -> Answer:
        communities.delete(connection, call.params["server_id"])
        return DONE

    return work


def members(call: Call) -> Answer:
    """Answer a page of members with their roles 0, 1, 2."""
    community = call.params["server_id"]
    page = call.query.page(call.page_scope("server users", community))
    return page.answer("users", communities.members(call.reader, community, page), _member_view)


def _member_view(member: Member) -> JsonObject:
    return {"user_id": member.user, "role": member.role}


def count_members(call: Call) -> Answer:
    """Answer the number of members."""
    return {"code": 200, "users_count": communities.member_count(call.reader, call.params["server_id"])}


def join(call: Call) -> Callable[[sqlite3.Connection], Answer]:
    """Make a user a member."""
    user = call.query.username("userId")
    join_default_channel = call.query.flag("isJoinDefaultChannel", default=True)

    def work(connection: sqlite3.Connection) -> Answer:
        community = communities.join(
            connection,
            call.params["server_id"],
            user,
            join_default_channel=join_default_channel,
            per_user=call.shared.options.communities_per_user,
        )
        return {"code": 200, "server": view(community)}

    return work


def contains(call: Call) -> Answer:
    """Answer whether a user is a member."""
    user = call.user_in_path()
    return {"code": 200, "result": communities.contains(call.reader, call.params["server_id"], user)}


def role(call: Call) -> Answer:
    """Answer a member's role."""
    user = call.query.username("userId")
    return {"code": 200, "role": communities.role(call.reader, call.params["server_id"], user)}


def set_role(call: Call) -> Callable[[sqlite3.Connection], Answer]:
    """Make a member moderator (1) or plain member (2)."""
    user = call.query.username("userId")
    new_role = call.query.choice("role", (communities.MODERATOR, communities.MEMBER))

    def work(connection: sqlite3.Connection) -> Answer:
        communities.set_role(connection, call.params["server_id"], user, new_role)
        return DONE

    return work


def remove(call: Call) -> Callable[[sqlite3.Connection], Answer]:
    """Remove a member from the community and all its channels."""
    user = call.query.username("userId")

    def work(connection: sqlite3.Connection) -> Answer:
        communities.remove(connection, call.params["server_id"], user)
        return DONE

    return work


_ONE = "/circle/server/{server_id}"

ROUTES = (
    Route(method="POST", template="/circle/server", write=create, body=BodyKind.JSON),
    Route(method="GET", template="/circle/server/list/by-app", read=by_app),
    Route(method="GET", template="/circle/server/list", read=joined),
    Route(method="GET", template=f"{_ONE}/by-id", read=by_id),
    Route(method="DELETE", template=_ONE, write=delete),
    Route(method="GET", template=f"{_ONE}/users", read=members),
    Route(method="GET", template=f"{_ONE}/users/count", read=count_members),
    Route(method="POST", template=f"{_ONE}/join", write=join),
    Route(method="GET", template=f"{_ONE}/user/role", read=role),
    Route(method="PUT", template=f"{_ONE}/user/role", write=set_role),
    Route(method="POST", template=f"{_ONE}/user/remove", write=remove),
    Route(method="GET", template=f"{_ONE}/user/{{user_id}}", read=contains),
)
