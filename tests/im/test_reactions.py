"""Reactions: what is asked how (A16 to A20), and what an answer may look like."""

from __future__ import annotations

import pytest

from bot.im import BadResponse, Conflict, IllegalArgument, InvalidArgument, LimitReached, NotFound, Reaction
from tests.im.scripted import reset


def refusal(status, error, text):
    return status, {"error": error, "error_description": text, "code": status}


ALREADY = refusal(400, "Bad Request", "the user is already operation this message")
ILLEGAL = refusal(400, "Bad Request", "the user operation is illegal!")


async def test_who_has_added_it_already_gets_no_error_and_no_id(server, im):
    server.steps.append(ALREADY)
    assert await im.reactions.add("u1", "5", "+1") == ""


async def test_adding_is_repeated_when_its_answer_is_lost(server, im):
    server.steps.extend([reset, ALREADY])
    assert await im.reactions.add("u1", "5", "+1") == ""
    assert [seen.method for seen in server.seen] == ["POST", "POST"]


async def test_a_conflict_of_another_kind_is_one(server, im):
    server.steps.append(refusal(409, "conflict", "somebody else is at it"))
    with pytest.raises(Conflict):
        await im.reactions.add("u1", "5", "+1")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(400, "Bad Request", "The quantity has exceeded the limit!"), LimitReached),
        (ILLEGAL, IllegalArgument),
        (refusal(404, "group_error", "msg not exist."), NotFound),
    ],
)
async def test_refusals_of_adding_keep_apart(server, im, answer, kind):
    server.steps.append(answer)
    with pytest.raises(kind) as caught:
        await im.reactions.add("u1", "5", "+1")
    assert type(caught.value) is kind
    assert caught.value.sent is False


async def test_removing_what_is_not_there_is_an_error(server, im):
    server.steps.append(ILLEGAL)
    with pytest.raises(IllegalArgument):
        await im.reactions.remove("u1", "5", "+1")


async def test_special_characters_are_encoded_in_the_query_and_plain_in_the_body(server, im):
    server.steps.extend([{"code": 200, "reaction_id": 7}, {"code": 200}])
    assert await im.reactions.add("u1", "5", "a&b=+%😀") == "7"
    await im.reactions.remove("u1", "5", "a&b=+%😀")
    assert server.seen[0].body["message"] == "a&b=+%😀"
    assert server.seen[1].target.endswith("?messageId=5&message=a%26b%3D%2B%25%F0%9F%98%80")


async def test_one_message_is_asked_for_by_its_id_and_several_with_commas_20_at_a_time(server, im):
    ids = [str(n) for n in range(45)]
    server.default = {"code": 200, "count": 0, "reactions": []}
    rows = await im.reactions.list("u1", "c", *ids, "7")
    assert [row.message_id for row in rows] == ids
    assert all(row.reactions == () for row in rows)
    assert [seen.query["msgIdList"] for seen in server.seen] == [
        ",".join(ids[:20]),
        ",".join(ids[20:40]),
        ",".join(ids[40:]),
    ]
    await im.reactions.list("u1", "c", "9")
    assert server.seen[-1].target == "/org/app/circle/reaction/user/u1?msgIdList=9&channelId=c"


async def test_rows_are_in_the_order_asked_and_what_nobody_asked_for_is_left_out(server, im):
    row = {"reactionId": 1, "message": "+1", "count": 1, "state": True, "userList": ["u2"]}
    server.steps.append(
        {
            "code": 200,
            "reactions": [
                {"msgId": "3", "reactionList": [row]},
                {"msgId": "99", "reactionList": [row]},
                {"msgId": 1, "reactionList": [row, row | {"reactionId": 2, "message": "x", "state": False}]},
            ],
        }
    )
    first, second, third = await im.reactions.list("u1", "c", "1", "2", "3")
    assert [(one.reaction_id, one.reaction, one.by_me) for one in first.reactions] == [
        ("1", "+1", True),
        ("2", "x", False),
    ]
    assert (second.message_id, second.reactions) == ("2", ())
    assert third.reactions == (Reaction(reaction_id="1", reaction="+1", count=1, by_me=True, users=("u2",)),)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"message": "+1"}, Reaction(reaction="+1")),
        ({"reaction": "+1", "id": "5"}, Reaction(reaction="+1", reaction_id="5")),
        ({"message": "+1", "userList": None, "state": None, "count": None}, Reaction(reaction="+1")),
        ({"message": "+1", "state": "true"}, Reaction(reaction="+1", by_me=True)),
        ({"message": "+1", "state": "false"}, Reaction(reaction="+1", by_me=False)),
        ({"message": "+1", "state": "是"}, Reaction(reaction="+1", by_me=None)),
        ({"message": "+1", "state": []}, Reaction(reaction="+1", by_me=None)),
    ],
)
async def test_a_row_is_read_with_what_it_has(server, im, row, expected):
    server.steps.append({"code": 200, "reactions": [{"msgId": "1", "reactionList": [row]}]})
    (message,) = await im.reactions.list("u1", "c", "1")
    assert message.reactions == (expected,)


async def test_the_list_of_a_single_message_may_stand_at_the_top_as_the_table_has_it(server, im):
    server.steps.append({"code": 200, "count": 1, "reactionList": [{"message": "+1"}]})
    (message,) = await im.reactions.list("u1", "c", "1")
    assert message.reactions == (Reaction(reaction="+1"),)


@pytest.mark.parametrize(
    "answer",
    [
        {"reactions": {}},
        {"reactions": ["x"]},
        {"reactions": [{"reactionList": []}]},
        {"reactions": [{"msgId": "1", "reactionList": "x"}]},
        {"reactions": [{"msgId": "1", "reactionList": ["x"]}]},
        {"reactions": [{"msgId": "1", "reactionList": [{"count": 1}]}]},
        {"reactions": [{"msgId": "1", "reactionList": [{"message": "x", "count": "many"}]}]},
    ],
)
async def test_what_cannot_be_read_is_a_bad_response(server, im, answer):
    server.default = answer
    with pytest.raises(BadResponse):
        await im.reactions.list("u1", "c", "1")


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("user_id", lambda im: im.reactions.add("no name", "5", "+1")),
        ("message_id", lambda im: im.reactions.add("u1", "", "+1")),
        ("reaction", lambda im: im.reactions.add("u1", "5", "")),
        ("reaction", lambda im: im.reactions.add("u1", "5", "x" * 129)),
        ("reaction", lambda im: im.reactions.add("u1", "5", "\ud800")),
        ("user_id", lambda im: im.reactions.remove("", "5", "+1")),
        ("message_id", lambda im: im.reactions.remove("u1", 5, "+1")),
        ("reaction", lambda im: im.reactions.remove("u1", "5", "x" * 129)),
        ("user_id", lambda im: im.reactions.list("", "c", "5")),
        ("channel_id", lambda im: im.reactions.list("u1", "", "5")),
        ("message_ids", lambda im: im.reactions.list("u1", "c")),
        ("message_ids", lambda im: im.reactions.list("u1", "c", "5,6")),
        ("message_ids", lambda im: im.reactions.list("u1", "c", "")),
    ],
)
async def test_arguments_are_checked_before_the_wire(server, im, field, call):
    with pytest.raises(InvalidArgument) as caught:
        await call(im)
    assert caught.value.field == field
    assert server.seen == []


async def test_128_characters_are_allowed_whatever_they_are(server, im):
    server.steps.append({"code": 200, "reaction_id": "1"})
    assert await im.reactions.add("u1", "5", "😀" * 128) == "1"
