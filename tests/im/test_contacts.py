"""Friends: what is sent, what is read, and how tolerant the reading is. The documents' own examples are elsewhere."""

from __future__ import annotations

import pytest

from bot.im import BadResponse, Contact, IllegalArgument, InvalidArgument, LimitReached, NotFound, User
from tests.im.scripted import client, reset

BEN = {"uuid": "u", "type": "user", "created": 1, "modified": 1, "username": "Ben", "activated": True}


async def test_adding_is_repeated_after_a_lost_answer_since_friends_stay_friends(server, im):
    server.steps.extend([reset, {"entities": [BEN]}])
    assert (await im.contacts.add("ann", "ben")).username == "Ben"
    assert len(server.seen) == 2


@pytest.mark.parametrize("answer", [{}, {"entities": None}, {"entities": []}, {"data": ["x"]}])
@pytest.mark.parametrize("operation", ["add", "remove"])
async def test_a_success_without_entity_is_about_who_was_asked_for(server, im, operation, answer):
    server.steps.append(answer)
    assert await getattr(im.contacts, operation)("ann", "ben") == User(username="ben")


@pytest.mark.parametrize("entities", [{"username": "Ben"}, "Ben", [5], [{}], [{"username": ""}]])
async def test_an_entity_that_is_none_is_a_bad_response(server, entities):
    server.default = {"entities": entities}
    async with client(server.url, deadline_seconds=0.1) as im:
        with pytest.raises(BadResponse):
            await im.contacts.remove("ann", "ben")


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (403, "exceed_limit", LimitReached),
        (404, "service_resource_not_found", NotFound),
        (400, "illegal_argument", IllegalArgument),
    ],
)
async def test_refusals_are_sorted_by_what_they_mean(server, im, status, error, kind):
    server.default = (status, {"error": error, "error_description": "text"})
    for call in (im.contacts.add("ann", "ben"), im.contacts.set_remark("ann", "ben", "x")):
        with pytest.raises(kind) as caught:
            await call
        assert (caught.value.status, caught.value.description, caught.value.sent) == (status, "text", False)
    assert len(server.seen) == 2


@pytest.mark.parametrize("remark", ["", "x", "😀" * 100, "频" * 100])
async def test_a_remark_of_up_to_100_characters_is_sent_as_it_is(server, im, remark):
    server.steps.append({"action": "put", "status": "ok"})
    assert await im.contacts.set_remark("ann", "ben", remark) is None
    assert (server.seen[0].method, server.seen[0].path) == ("PUT", "/org/app/user/ann/contacts/users/ben")
    assert server.seen[0].body == {"remark": remark}


@pytest.mark.parametrize("remark", ["x" * 101, "😀" * 101, None, 5, "\ud800"])
async def test_what_cannot_be_a_remark_never_reaches_the_wire(server, im, remark):
    with pytest.raises(InvalidArgument) as caught:
        await im.contacts.set_remark("ann", "ben", remark)
    assert caught.value.field == "remark"
    assert server.seen == []


async def test_a_remark_whose_status_is_not_ok_was_not_set(server):
    server.default = {"action": "put", "status": "failed"}
    async with client(server.url, deadline_seconds=0.1) as im:
        with pytest.raises(BadResponse):
            await im.contacts.set_remark("ann", "ben", "x")


@pytest.mark.parametrize("name", ["", "a b", "a" * 65, None])
async def test_names_are_checked_before_the_wire_and_the_error_says_which(server, im, name):
    calls = {
        "owner": [lambda: im.contacts.add(name, "ben"), lambda: im.contacts.names(name)],
        "friend": [lambda: im.contacts.remove("ann", name), lambda: im.contacts.set_remark("ann", name, "")],
    }
    for field, makers in calls.items():
        for make in makers:
            with pytest.raises(InvalidArgument) as caught:
                await make()
            assert caught.value.field == field
    with pytest.raises(InvalidArgument):
        im.contacts.list(name)
    assert server.seen == []


def page(*names, inside=None, beside=None):
    data = {"contacts": [{"username": name} for name in names]} | ({} if inside is None else {"cursor": inside})
    return {"data": data, "count": len(names), "entities": []} | ({} if beside is None else {"cursor": beside})


async def test_a_walk_follows_the_cursor_in_the_data_and_then_the_one_beside_it(server, im):
    server.steps.extend([page("a", "b", inside="1", beside="x"), page("c", beside="2"), page("d", inside="")])
    assert [contact.username async for contact in im.contacts.list("ann")] == ["a", "b", "c", "d"]
    assert [seen.query for seen in server.seen] == [
        {"limit": "50"},
        {"limit": "50", "cursor": "1"},
        {"limit": "50", "cursor": "2"},
    ]
    assert {seen.path for seen in server.seen} == {"/org/app/user/ann/contacts"}


async def test_remarks_are_asked_for_only_when_wanted(server, im):
    rows = [{"username": "a", "remark": "x"}, {"username": "b", "remark": None}, {"username": "c"}]
    server.default = {"data": {"contacts": rows}}
    found = (await im.contacts.list("ann", with_remarks=True).page(limit=3)).items
    assert found == (
        Contact(username="a", remark="x"),
        Contact(username="b", remark=None),
        Contact(username="c", remark=None),
    )
    await im.contacts.list("ann").page(limit=3)
    assert [seen.query for seen in server.seen] == [{"limit": "3", "needReturnRemark": "true"}, {"limit": "3"}]


@pytest.mark.parametrize("answer", [{}, {"data": None}, {"data": {}}, {"data": {"contacts": None}}])
async def test_a_page_without_rows_is_empty(server, im, answer):
    server.steps.append(answer)
    assert [contact async for contact in im.contacts.list("ann")] == []


@pytest.mark.parametrize(
    "answer", [{"data": []}, {"data": {"contacts": {}}}, {"data": {"contacts": ["a"]}}, {"data": {"cursor": 5}}]
)
async def test_a_page_of_the_wrong_shape_is_a_bad_response(server, answer):
    server.default = answer
    async with client(server.url, deadline_seconds=0.1) as im:
        with pytest.raises(BadResponse):
            await im.contacts.list("ann").page()


@pytest.mark.parametrize("limit", [0, 51])
async def test_a_page_has_1_to_50(server, im, limit):
    with pytest.raises(InvalidArgument):
        await im.contacts.list("ann").page(limit=limit)


@pytest.mark.parametrize(("answer", "names"), [({}, ()), ({"data": None}, ()), ({"data": ["b", "a"]}, ("b", "a"))])
async def test_names_come_with_one_request(server, im, answer, names):
    server.steps.append(answer)
    assert await im.contacts.names("ann") == names
    assert server.seen[0].target == "/org/app/users/ann/contacts/users"


@pytest.mark.parametrize("data", [{}, "a", ["a", None], [1]])
async def test_names_that_are_none_are_a_bad_response(server, data):
    server.default = {"data": data}
    async with client(server.url, deadline_seconds=0.1) as im:
        with pytest.raises(BadResponse):
            await im.contacts.names("ann")
