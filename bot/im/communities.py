"""Communities, which the API calls servers (fact 6, from the vendor's server management pages)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from bot.im import arguments
from bot.im.answers import Answer
from bot.im.endpoint import Endpoint
from bot.im.errors import InvalidArgument
from bot.im.members import role_of
from bot.im.models import Community, CommunityMember, CommunityRole, CommunityType, Tag
from bot.im.paging import Page, Paged, paged_query
from bot.im.transport import done

if TYPE_CHECKING:
    from bot.im.transport import Transport

CREATE = Endpoint("POST", "/circle/server")
UPDATE = Endpoint("PUT", "/circle/server/{community_id}")
DELETE = Endpoint("DELETE", "/circle/server/{community_id}")
GET = Endpoint("GET", "/circle/server/{community_id}/by-id")
ALL = Endpoint("GET", "/circle/server/list/by-app")
JOINED = Endpoint("GET", "/circle/server/list")
SEARCH = Endpoint("GET", "/circle/server/search/{name}")
RECOMMENDED = Endpoint("GET", "/circle/server/recommend/list")
# Tags that are there stay, and those that are gone are gone: both may be repeated although they are POSTs.
ADD_TAGS = Endpoint("POST", "/circle/server/{community_id}/tag/add", idempotent=True)
TAGS = Endpoint("GET", "/circle/server/{community_id}/tag")
REMOVE_TAGS = Endpoint("POST", "/circle/server/{community_id}/tag/remove", idempotent=True)
JOIN = Endpoint("POST", "/circle/server/{community_id}/join", idempotent=True)
MEMBERS = Endpoint("GET", "/circle/server/{community_id}/users")
COUNT = Endpoint("GET", "/circle/server/{community_id}/users/count")
CONTAINS = Endpoint("GET", "/circle/server/{community_id}/user/{user_id}")
ROLE = Endpoint("GET", "/circle/server/{community_id}/user/role")
SET_ROLE = Endpoint("PUT", "/circle/server/{community_id}/user/role")
REMOVE = Endpoint("POST", "/circle/server/{community_id}/user/remove", idempotent=True)

NAME_LENGTH = 50
TEXT_LENGTH = 500
TAG_LENGTH = 20
MOST_TAGS = 10
_BY_NAME, _BY_TAG = "0", "1"

Found: TypeAlias = list[Community]
Tags: TypeAlias = list[Tag]


class Communities:
    """`im.communities`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def create(
        self,
        owner: str,
        name: str,
        *,
        type: CommunityType = CommunityType.PUBLIC,  # noqa: A002 - the API's word
        description: str | None = None,
        custom: str | None = None,
        icon_url: str | None = None,
        background_url: str | None = None,
        default_category_name: str | None = None,
        default_channel_name: str | None = None,
    ) -> str:
        """Create a community with its default category and channel and return its id (fact 6).

        `name` has at most 50 characters, the other texts 500. A user creates at most 100. Not repeated when the
        outcome is unknown. Raises IMError, InvalidArgument.
        """
        body = _fields(
            name=name,
            type_=type,
            description=description,
            custom=custom,
            icon_url=icon_url,
            background_url=background_url,
        )
        body["owner"] = arguments.username("owner", owner)
        for field, key, value in (
            ("default_category_name", "default_channel_category_name", default_category_name),
            ("default_channel_name", "default_channel_name", default_channel_name),
        ):
            if value is not None:
                body[key] = arguments.text(field, value, shortest=1, longest=NAME_LENGTH)
        return await self._transport.call(CREATE, lambda answer: answer.text("server_id"), body=body)

    async def update(
        self,
        community_id: str,
        *,
        name: str | None = None,
        type: CommunityType | None = None,  # noqa: A002
        description: str | None = None,
        custom: str | None = None,
        icon_url: str | None = None,
        background_url: str | None = None,
    ) -> Community:
        """Change what is given and return the community (fact 6). Raises IMError, InvalidArgument."""
        body = _fields(
            name=name,
            type_=type,
            description=description,
            custom=custom,
            icon_url=icon_url,
            background_url=background_url,
        )
        if not body:
            raise InvalidArgument("name", "or another field to change must be given")
        return await self._transport.call(UPDATE, _community, {"community_id": community_id}, body=body)

    async def delete(self, community_id: str) -> None:
        """Delete a community with its categories and channels (fact 6). Raises IMError."""
        await self._transport.call(DELETE, done, {"community_id": community_id})

    async def get(self, community_id: str) -> Community:
        """Return a community (fact 6). Raises IMError, NotFound if there is none."""
        return await self._transport.call(GET, _community, {"community_id": community_id})

    def list(self) -> Paged[Community]:
        """List all communities of the app (fact 6)."""
        return self._list(ALL, {})

    def joined(self, user_id: str) -> Paged[Community]:
        """List the communities a user is in (fact 6)."""
        return self._list(JOINED, {"userId": arguments.username("user_id", user_id)})

    async def join(self, community_id: str, user_id: str, *, join_default_channel: bool = True) -> None:
        """Let a user join, and the default channel too, which fails if that is full (fact 6). Raises IMError."""
        query = {
            "userId": arguments.username("user_id", user_id),
            "isJoinDefaultChannel": "true" if join_default_channel else "false",
        }
        await self._transport.call(JOIN, done, {"community_id": community_id}, query)

    async def remove(self, community_id: str, user_id: str) -> None:
        """Remove a member from the community and all its channels (fact 6). Raises IMError."""
        query = {"userId": arguments.username("user_id", user_id)}
        await self._transport.call(REMOVE, done, {"community_id": community_id}, query)

    def members(self, community_id: str) -> Paged[CommunityMember]:
        """List the members with their roles (fact 6)."""

        async def fetch(cursor: str | None, limit: int) -> Page[CommunityMember]:
            ids = {"community_id": community_id}
            return await self._transport.call(MEMBERS, _read_members, ids, paged_query({}, cursor, limit))

        return Paged(MEMBERS.label, fetch)

    async def count_members(self, community_id: str) -> int:
        """Return the number of members (fact 6). Raises IMError."""
        ids = {"community_id": community_id}
        return await self._transport.call(COUNT, lambda answer: answer.number("users_count"), ids)

    async def contains(self, community_id: str, user_id: str) -> bool:
        """Say whether a user is a member (fact 6). Raises IMError."""
        ids = {"community_id": community_id, "user_id": arguments.username("user_id", user_id)}
        return await self._transport.call(CONTAINS, Answer.flag, ids)

    async def role(self, community_id: str, user_id: str) -> CommunityRole:
        """Return a member's role (fact 6). Raises IMError."""
        query = {"userId": arguments.username("user_id", user_id)}
        return await self._transport.call(ROLE, role_of, {"community_id": community_id}, query)

    async def set_role(self, community_id: str, user_id: str, role: CommunityRole) -> None:
        """Make a member a moderator or an ordinary member again; ownership cannot be given (fact 6)."""
        if role not in {CommunityRole.MODERATOR, CommunityRole.MEMBER}:
            raise InvalidArgument("role", "must be MODERATOR or MEMBER")
        query = {"userId": arguments.username("user_id", user_id), "role": str(int(role))}
        await self._transport.call(SET_ROLE, done, {"community_id": community_id}, query)

    def search(self, name: str) -> Paged[Community]:
        """List the public communities whose name begins with a text of 1 to 50 characters (fact 6)."""
        ids = {"name": arguments.text("name", name, shortest=1, longest=NAME_LENGTH)}
        return self._list(SEARCH, {"type": _BY_NAME}, ids)

    async def search_tag(self, tag: str) -> Found:
        """Return all public communities with exactly this tag, which come in one answer (fact 6). Raises IMError."""
        ids = {"name": arguments.text("tag", tag, shortest=1, longest=TAG_LENGTH)}
        return await self._transport.call(SEARCH, _read_all, ids, {"type": _BY_TAG})

    async def recommended(self) -> Found:
        """Return the newest communities of the app, at most five (fact 6). Raises IMError."""
        return await self._transport.call(RECOMMENDED, _read_all)

    async def tags(self, community_id: str) -> Tags:
        """Return the tags of a community (fact 6). Raises IMError."""
        return await self._transport.call(TAGS, _read_tags, {"community_id": community_id})

    async def add_tags(self, community_id: str, *names: str) -> Tags:
        """Add up to 10 tags of 1 to 20 characters and return those with their ids (fact 6).

        A tag that is there already stays as it is. Raises LimitReached if there would be more than 10, IMError,
        InvalidArgument.
        """
        body = {"tags": [arguments.text("names", name, shortest=1, longest=TAG_LENGTH) for name in names]}
        _check_number("names", names)
        found = await self._transport.call(ADD_TAGS, _read_tags, {"community_id": community_id}, body=body)
        # The documents do not say whether the answer has the other tags of the community, too.
        return [tag for tag in found if tag.name in names]

    async def remove_tags(self, community_id: str, *tag_ids: str) -> None:
        """Remove tags by their ids, at most 10, which is all that a community can have (fact 6).

        Raises NotFound, and removes none, if one of them is not there. IMError, InvalidArgument.
        """
        body = {"tagIds": [arguments.identifier("tag_ids", tag_id) for tag_id in tag_ids]}
        _check_number("tag_ids", tag_ids)
        await self._transport.call(REMOVE_TAGS, done, {"community_id": community_id}, body=body)

    def _list(self, endpoint: Endpoint, query: dict[str, str], ids: dict[str, str] | None = None) -> Paged[Community]:
        async def fetch(cursor: str | None, limit: int) -> Page[Community]:
            return await self._transport.call(endpoint, _read_page, ids or {}, paged_query(query, cursor, limit))

        return Paged(endpoint.label, fetch)


def _check_number(field: str, items: tuple[str, ...]) -> None:
    if not 1 <= len(items) <= MOST_TAGS:
        raise InvalidArgument(field, f"must be 1 to {MOST_TAGS}, are {len(items)}")


def _community(answer: Answer) -> Community:
    return answer.model(answer.data.get("server"), Community)


def _read_page(answer: Answer) -> Page[Community]:
    return answer.page("servers", Community)


def _read_all(answer: Answer) -> Found:
    return list(_read_page(answer).items)


def _read_tags(answer: Answer) -> Tags:
    return list(answer.page("tags", Tag).items)


def _read_members(answer: Answer) -> Page[CommunityMember]:
    return answer.page("users", CommunityMember)


def _fields(
    *,
    name: str | None,
    type_: CommunityType | None,
    **texts: str | None,
) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if name is not None:
        body["name"] = arguments.text("name", name, shortest=1, longest=NAME_LENGTH)
    if type_ is not None:
        if type_ not in {CommunityType.PUBLIC, CommunityType.PRIVATE}:
            raise InvalidArgument("type", "must be PUBLIC or PRIVATE")
        body["type"] = int(type_)
    for field, value in texts.items():
        if value is not None:
            body[field] = arguments.text(field, value, longest=TEXT_LENGTH)
    return body
