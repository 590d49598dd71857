"""Communities, by the tables of fact 6."""

from __future__ import annotations

import pytest

from bot.im import BadResponse, Community, CommunityMember, CommunityRole, CommunityType, InvalidArgument, NotFound, Tag

COMMUNITY = {
    "name": "n", "owner": "o", "type": 1, "description": "d", "custom": "", "tags": [], "tag_count": 0,
    "created": 1675845650856, "server_id": "s", "icon_url": "i", "background_url": "b", "default_channel_id": "9",
}  # fmt: skip


async def test_create_returns_the_id(server, im):
    server.steps.append({"code": 200, "server_id": "s1"})
    created = await im.communities.create(
        "owner", "n", type=CommunityType.PRIVATE, description="d", default_channel_name="x", default_category_name="y"
    )
    assert created == "s1"
    assert (server.seen[0].method, server.seen[0].target) == ("POST", "/org/app/circle/server")
    assert server.seen[0].body == {
        "name": "n",
        "type": 1,
        "owner": "owner",
        "description": "d",
        "default_channel_name": "x",
        "default_channel_category_name": "y",
    }


async def test_create_without_an_id_in_the_answer_is_a_bad_response(server, im):
    with pytest.raises(BadResponse) as caught:
        await im.communities.create("owner", "n")
    assert caught.value.sent is True
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("owner", {"owner": ""}),
        ("owner", {"owner": "o" * 65}),
        ("name", {"name": "x" * 51}),
        ("type", {"type": CommunityType.UNKNOWN}),
        ("description", {"description": "x" * 501}),
        ("icon_url", {"icon_url": "x" * 501}),
        ("default_channel_name", {"default_channel_name": ""}),
    ],
)
async def test_create_refuses_before_the_wire(server, im, field, options):
    with pytest.raises(InvalidArgument) as caught:
        await im.communities.create(**{"owner": "o", "name": "n", **options})
    assert caught.value.field == field
    assert server.seen == []


async def test_get_and_update_read_the_community(server, im):
    server.default = {"code": 200, "server": COMMUNITY}
    community = await im.communities.get("s")
    assert (community.community_id, community.default_channel_id, community.type) == ("s", "9", CommunityType.PRIVATE)
    assert await im.communities.update("s", name="m", custom="") == community
    assert [(seen.method, seen.target, seen.body) for seen in server.seen] == [
        ("GET", "/org/app/circle/server/s/by-id", None),
        ("PUT", "/org/app/circle/server/s", {"name": "m", "custom": ""}),
    ]
    with pytest.raises(InvalidArgument):
        await im.communities.update("s")


async def test_lists(server, im):
    server.default = {"code": 200, "count": 1, "servers": [COMMUNITY]}
    expected = Community.read(COMMUNITY)
    assert [c async for c in im.communities.list()] == [expected]
    assert [c async for c in im.communities.joined("u1")] == [expected]
    assert [seen.target for seen in server.seen] == [
        "/org/app/circle/server/list/by-app?limit=20",
        "/org/app/circle/server/list?userId=u1&limit=20",
    ]


async def test_members_have_their_role(server, im):
    server.steps.append({"code": 200, "users": [{"user_id": "a", "role": 0}, {"user_id": "b", "role": 1}]})
    assert [m async for m in im.communities.members("s")] == [
        CommunityMember(user_id="a", role=CommunityRole.OWNER),
        CommunityMember(user_id="b", role=CommunityRole.MODERATOR),
    ]
    assert server.seen[0].target == "/org/app/circle/server/s/users?limit=20"


async def test_one_member_at_a_time(server, im):
    server.steps.extend([{"code": 200, "server": COMMUNITY}, {"code": 200, "result": True}, {"code": 200, "role": 1}])
    server.steps.extend([{"code": 200, "role": 2}, {"code": 200}, {"code": 200, "users_count": 12}, {"code": 200}])
    assert await im.communities.join("s", "u") is None
    assert await im.communities.contains("s", "u") is True
    assert await im.communities.role("s", "u") is CommunityRole.MODERATOR
    assert await im.communities.set_role("s", "u", CommunityRole.MEMBER) is None
    assert await im.communities.remove("s", "u") is None
    assert await im.communities.count_members("s") == 12
    assert await im.communities.delete("s") is None
    prefix = "/org/app/circle/server/s"
    assert [(seen.method, seen.target) for seen in server.seen] == [
        ("POST", prefix + "/join?userId=u&isJoinDefaultChannel=true"),
        ("GET", prefix + "/user/u"),
        ("GET", prefix + "/user/role?userId=u"),
        ("PUT", prefix + "/user/role?userId=u&role=2"),
        ("POST", prefix + "/user/remove?userId=u"),
        ("GET", prefix + "/users/count"),
        ("DELETE", prefix),
    ]


@pytest.mark.parametrize("role", [CommunityRole.OWNER, CommunityRole.UNKNOWN])
async def test_ownership_cannot_be_given(server, im, role):
    with pytest.raises(InvalidArgument) as caught:
        await im.communities.set_role("s", "u", role)
    assert caught.value.field == "role"
    assert server.seen == []


TAG = {"server_tag_id": "1", "tag_name": "社交"}


@pytest.mark.parametrize(
    ("name", "segment"),
    [("足球", "%E8%B6%B3%E7%90%83"), ("a/b?c=%&#", "a%2Fb%3Fc%3D%25%26%23"), ("a b+c", "a%20b%2Bc"), ("_%", "_%25")],
)
async def test_a_search_sends_the_name_as_one_segment_and_walks_its_pages(server, im, name, segment):
    server.steps.append({"code": 200, "count": 1, "servers": [COMMUNITY], "cursor": "x"})
    server.steps.append({"code": 200, "count": 0, "servers": []})
    assert [c async for c in im.communities.search(name)] == [Community.read(COMMUNITY)]
    base = f"/org/app/circle/server/search/{segment}?type=0&limit=20"
    assert [seen.target for seen in server.seen] == [base, f"{base}&cursor=x"]


async def test_a_search_by_tag_is_one_request_without_pages(server, im):
    server.steps.append({"code": 200, "count": 30, "servers": [COMMUNITY] * 30})
    assert await im.communities.search_tag("社交") == [Community.read(COMMUNITY)] * 30
    assert server.seen[0].target == "/org/app/circle/server/search/%E7%A4%BE%E4%BA%A4?type=1"


async def test_recommended_communities(server, im):
    server.steps.append({"code": 200, "count": 1, "servers": [COMMUNITY]})
    assert await im.communities.recommended() == [Community.read(COMMUNITY)]
    assert server.seen[0].target == "/org/app/circle/server/recommend/list"


async def test_tags_are_listed_and_removed_by_id(server, im):
    server.steps.extend([{"code": 200, "count": 1, "tags": [TAG]}, {"code": 200}])
    assert await im.communities.tags("s") == [Tag(tag_id="1", name="社交")]
    assert await im.communities.remove_tags("s", "1", "2") is None
    assert [(seen.method, seen.target, seen.body) for seen in server.seen] == [
        ("GET", "/org/app/circle/server/s/tag", None),
        ("POST", "/org/app/circle/server/s/tag/remove", {"tagIds": ["1", "2"]}),
    ]


@pytest.mark.parametrize("others", [[], [{"server_tag_id": "2", "tag_name": "older"}]])
async def test_added_tags_are_returned_whether_or_not_the_answer_has_the_others(server, im, others):
    server.steps.append({"code": 200, "tags": [*others, TAG]})
    assert await im.communities.add_tags("s", "社交", "x" * 20) == [Tag(tag_id="1", name="社交")]
    seen = server.seen[0]
    assert (seen.method, seen.target) == ("POST", "/org/app/circle/server/s/tag/add")
    assert seen.body == {"tags": ["社交", "x" * 20]}


async def test_an_unknown_tag_is_not_found(server, im):
    server.default = (404, {"error": "resource_not_found", "error_description": "tag does not exist"})
    with pytest.raises(NotFound):
        await im.communities.remove_tags("s", "1")


async def test_tags_with_nulls_or_without_names_are_read():
    raw = COMMUNITY | {"tags": [{"server_tag_id": 7, "tag_name": None}, {"serverTagId": "8"}]}
    assert Community.read(raw).tags == (Tag(tag_id="7"), Tag(tag_id="8"))
    assert Community.read({"server_id": "s"}).tags == ()


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("name", lambda im: im.communities.search("")),
        ("name", lambda im: im.communities.search("x" * 51)),
        ("name", lambda im: im.communities.search("..").page()),
        ("tag", lambda im: im.communities.search_tag("")),
        ("tag", lambda im: im.communities.search_tag("x" * 21)),
        ("names", lambda im: im.communities.add_tags("s")),
        ("names", lambda im: im.communities.add_tags("s", "")),
        ("names", lambda im: im.communities.add_tags("s", "x" * 21)),
        ("names", lambda im: im.communities.add_tags("s", *(f"t{n}" for n in range(11)))),
        ("tag_ids", lambda im: im.communities.remove_tags("s")),
        ("tag_ids", lambda im: im.communities.remove_tags("s", "")),
        ("tag_ids", lambda im: im.communities.remove_tags("s", *(f"t{n}" for n in range(11)))),
        ("community_id", lambda im: im.communities.tags("")),
    ],
)
async def test_searches_and_tags_are_checked_before_the_wire(server, im, field, call):
    with pytest.raises(InvalidArgument) as caught:
        await call(im)
    assert caught.value.field == field
    assert server.seen == []
