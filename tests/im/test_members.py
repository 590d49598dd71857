"""Members of a channel."""

from __future__ import annotations

import pytest

from bot.im import BadResponse, ChannelMember, ChannelRole, CommunityRole, IllegalArgument, InvalidArgument, ItemResult
from tests.im.scripted import EXAMPLES, client, reset


async def test_add_returns_the_channel(server, im):
    server.steps.append(EXAMPLES["join"])
    assert (await im.members.add("s", "7", "u1")).channel_id == "2059xxxxxx1542"
    seen = server.seen[0]
    assert (seen.method, seen.target) == ("POST", "/org/app/circle/channel/7/join?userId=u1&serverId=s")
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.body is None


async def test_remove(server, im):
    server.steps.append(EXAMPLES["remove"])
    assert await im.members.remove("s", "7", "u1") is None
    assert server.seen[0].target == "/org/app/circle/channel/7/user/remove?userId=u1&serverId=s"


async def test_contains(server, im):
    server.steps.extend([EXAMPLES["contains"], {"code": 200, "result": False}])
    assert await im.members.contains("s", "7", "u1") is True
    assert await im.members.contains("s", "7", "u1") is False
    assert server.seen[0].target == "/org/app/circle/channel/7/user/u1?serverId=s"


async def test_role_is_the_one_in_the_community(server, im):
    server.steps.append(EXAMPLES["role"])
    assert await im.members.role("s", "7", "u1") is CommunityRole.MEMBER
    assert server.seen[0].target == "/org/app/circle/channel/7/user/role?userId=u1&serverId=s"


async def test_a_missing_role_is_a_bad_response(server):
    async with client(server.url, breaker_threshold=1) as im:
        with pytest.raises(BadResponse):
            await im.members.role("s", "7", "u1")


async def test_list_reads_the_seed_example(server, im):
    server.steps.append(EXAMPLES["members"])
    page = await im.members.list("s", "7").page(limit=1)
    assert page.items == (ChannelMember(user_id="user1", role=ChannelRole.OWNER),)
    assert server.seen[0].target == "/org/app/circle/channel/7/users?serverId=s&limit=1"


@pytest.mark.parametrize("user_id", ["", "a" * 65, "a b", "a@b", "名", "a\n", None])
@pytest.mark.parametrize("operation", ["add", "remove", "contains", "role"])
async def test_a_name_that_cannot_be_a_user_is_refused_before_the_wire(server, im, operation, user_id):
    with pytest.raises(InvalidArgument) as caught:
        await getattr(im.members, operation)("s", "7", user_id)
    assert caught.value.field == "user_id"
    assert server.seen == []


@pytest.mark.parametrize("user_id", ["a" * 64, "A.b_c-9", "..."])
async def test_a_name_at_the_limits_is_sent_as_it_is(server, im, user_id):
    server.steps.append(EXAMPLES["contains"])
    assert await im.members.contains("s", "7", user_id)
    assert server.seen[0].path.endswith(f"/user/{user_id}")


def removed(*rows):
    return {"code": 200, "data": [{"user": user, "result": result} for user, result in rows]}


async def test_many_are_removed_twenty_with_a_request_and_matched_by_name(server, im):
    names = [f"u{n}" for n in range(45)]
    for start in (0, 20, 40):
        batch = names[start : start + 20]
        server.steps.append(removed(*((name.upper(), name != "u21") for name in reversed(batch))))
    results = await im.members.remove_many("s", "7", *names)
    assert results == [ItemResult(name, done=name != "u21") for name in names]
    assert [(seen.method, seen.target) for seen in server.seen] == [
        ("POST", "/org/app/circle/channel/7/users/remove")
    ] * 3
    assert [seen.body for seen in server.seen] == [
        {"server_id": "s", "usernames": names[start : start + 20]} for start in (0, 20, 40)
    ]


async def test_a_name_the_answer_leaves_out_was_not_removed(server, im):
    server.steps.append(removed(("b", True), ("somebody else", True)))
    assert await im.members.remove_many("s", "7", "a", "b") == [ItemResult("a", done=False), ItemResult("b", done=True)]


async def test_a_name_given_twice_is_sent_once_and_told_twice(server, im):
    server.steps.append(removed(("ann", True), ("b", False)))
    results = await im.members.remove_many("s", "7", "Ann", "b", "aNN")
    assert [(result.item, result.done) for result in results] == [("Ann", True), ("b", False), ("aNN", True)]
    assert server.seen[0].body["usernames"] == ["Ann", "b"]


async def test_a_batch_without_any_member_is_told_with_its_error_and_does_not_stop_the_next(server, im):
    refusal = {"error": "illegal_argument", "error_description": "none of them", "code": 400}
    server.steps.extend([(400, refusal), removed(("u20", True))])
    results = await im.members.remove_many("s", "7", *(f"u{n}" for n in range(21)))
    assert [result.done for result in results] == [False] * 20 + [True]
    for result in results[:20]:
        assert isinstance(result.error, IllegalArgument)
        assert (result.error.description, result.error.sent) == ("none of them", False)
    assert results[20].error is None


async def test_a_removal_of_unknown_outcome_is_not_repeated(server, im):
    server.steps.extend([reset, removed(("u1", False))])
    (result,) = await im.members.remove_many("s", "7", "u1")
    assert result.done is False
    assert result.error is not None
    assert result.error.sent is True
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "answer", [{"code": 200}, {"code": 200, "data": {}}, {"code": 200, "data": [{"result": True}]}]
)
async def test_an_answer_that_does_not_say_who_was_removed_leaves_it_open(server, im, answer):
    server.steps.append(answer)
    (result,) = await im.members.remove_many("s", "7", "u1")
    assert result.done is False
    assert isinstance(result.error, BadResponse)
    assert result.error.sent is True


@pytest.mark.parametrize("names", [(), ("u1", "not legal"), (*(f"u{n}" for n in range(25)), "")])
async def test_names_of_a_batch_are_all_checked_before_the_first_request(server, im, names):
    with pytest.raises(InvalidArgument) as caught:
        await im.members.remove_many("s", "7", *names)
    assert caught.value.field == "user_ids"
    assert server.seen == []
