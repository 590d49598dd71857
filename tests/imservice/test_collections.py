import asyncio
import uuid

import pytest
import pytest_asyncio

from tests.imservice.conftest import START_MS, assert_refusal

LIMIT = "limit should be less than 200"
UNKNOWN = "user collection not found"


class Saved:
    """The collection calls of one service, for `ann` unless said otherwise."""

    def __init__(self, api):
        self.api = api

    async def add(self, body, user="ann"):
        return await self.api.post(f"/users/{user}/collections", body)

    async def batch(self, *items, user="ann"):
        return await self.api.post("/collections", {"username": user, "collections": list(items)})

    async def put(self, collection, body, user="ann"):
        return await self.api.put(f"/users/{user}/collections/{collection}", body)

    async def delete(self, *ids, user="ann"):
        return await self.api.call("DELETE", f"/users/{user}/collections", json={"collection_ids": list(ids)})

    async def page(self, user="ann", **query):
        return await self.api.get(f"/users/{user}/collections", **query)

    async def ids(self, user="ann", **query):
        reply = await self.page(user, **query)
        assert reply.status == 200, reply
        assert set(reply.json) == {"collections"}
        return [row["id"] for row in reply.json["collections"]]

    async def at(self, *times):
        """Save items named i0, i1... with times relative to the start."""
        items = [item(f"i{number}", created=START_MS + time) for number, time in enumerate(times)]
        for start in range(0, len(items), 20):
            assert (await self.batch(*items[start : start + 20])).status == 200


def item(name, created=START_MS, **more):
    return {"id": name, "data": "d", "type": 0, "ext": None, "createdAt": created} | more


@pytest_asyncio.fixture
async def saved(api):
    return Saved(api)


async def test_saving_answers_the_item_alone(saved):
    reply = await saved.add({"id": "one", "data": "收藏 ✨", "type": 3, "ext": "e"})
    assert reply.json == {
        "collection": {
            "id": "one",
            "type": 3,
            "data": "收藏 ✨",
            "ext": "e",
            "createdAt": START_MS,
            "updatedAt": START_MS,
        }
    }


@pytest.mark.parametrize("ext", [{}, {"ext": None}, {"ext": ""}])
async def test_without_id_and_ext_there_is_a_random_id_and_null(saved, ext):
    first, second = [(await saved.add({"data": "", "type": -1, **ext})).json["collection"] for _ in range(2)]
    assert first["ext"] is None
    assert uuid.UUID(first["id"]).version == 4
    assert first["id"] != second["id"]


@pytest.mark.parametrize("retry", [{}, {"id": "one"}])
async def test_the_same_content_again_is_the_stored_item(saved, clock, retry):
    body = {"id": "one", "data": "d", "type": 1, "ext": None}
    first = await saved.add(body)
    clock.ms += 5000
    assert (await saved.add(body | {"ext": ""})).json == first.json
    batch = await saved.batch(item("one", type=1, created=7), item("one", type=1, created=9))
    assert batch.json["collections"] == [first.json["collection"]] * 2
    assert await saved.ids() == ["one"]


@pytest.mark.parametrize("other", [{"data": "x"}, {"type": 2}, {"ext": "x"}])
async def test_other_content_under_a_taken_id_is_refused(saved, other):
    body = {"id": "one", "data": "d", "type": 1, "ext": None}
    await saved.add(body)
    assert_refusal(await saved.add(body | other), 400, "illegal_argument", "one", circle=False)
    reply = await saved.batch(item("new"), item("one", **({"type": 1} | other)))
    assert_refusal(reply, 400, "illegal_argument", "one", circle=False)
    assert await saved.ids() == ["one"]


async def test_a_refused_batch_leaves_its_neighbours_in_the_group_alone(saved):
    await saved.add({"id": "taken", "data": "other", "type": 0})
    jobs = [saved.batch(item(f"a{n}"), item(f"b{n}" if n % 2 else "taken")) for n in range(10)]
    replies = await asyncio.gather(*jobs)
    assert [reply.status for reply in replies] == [400, 200] * 5
    assert set(await saved.ids()) == {"taken"} | {f"{word}{n}" for n in range(1, 10, 2) for word in "ab"}


async def test_ids_belong_to_their_user_and_users_have_no_case(saved):
    await saved.add({"id": "one", "data": "hers", "type": 1})
    assert (await saved.add({"id": "one", "data": "his", "type": 2}, user="Ben")).status == 200
    assert await saved.ids("ANN") == await saved.ids("ben") == ["one"]
    assert (await saved.delete("one", user="BEN")).json == {"result": True}
    assert await saved.ids("ann") == ["one"]


async def test_a_batch_keeps_its_times_and_is_answered_in_its_order(saved):
    reply = await saved.batch(item("b", created=0), item("a", created=2**62, ext="x"), item("c", created=5))
    rows = reply.json["collections"]
    assert [(row["id"], row["createdAt"], row["updatedAt"], row["ext"]) for row in rows] == [
        ("b", 0, 0, None),
        ("a", 2**62, 2**62, "x"),
        ("c", 5, 5, None),
    ]


@pytest.mark.parametrize("count", [0, 21])
async def test_a_batch_has_one_to_twenty_items(saved, count):
    reply = await saved.batch(*[item(str(number)) for number in range(count)])
    assert_refusal(reply, 400, "illegal_argument", "collections", circle=False)
    assert (await saved.batch(*[item(str(number)) for number in range(20)])).status == 200


@pytest.mark.parametrize("missing", ["id", "data", "type", "createdAt"])
async def test_a_batch_needs_all_but_ext(saved, missing):
    row = item("one")
    del row["ext"]
    assert (await saved.batch(row)).status == 200
    other = item("two", **{missing: None})
    for wrong in (other, {key: value for key, value in other.items() if key != missing}):
        assert_refusal(await saved.batch(item("three"), wrong), 400, "illegal_argument", missing, circle=False)
    assert await saved.ids() == ["one"]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("id", ["", 5, "x" * 513, "\0"]),
        ("data", [5, {}, "\0", True]),
        ("type", ["1", 1.5, True, 2**31, -(2**31) - 1]),
        ("ext", [5, {}, "\0"]),
    ],
)
async def test_wrong_fields_are_refused(saved, field, values):
    for value in values:
        body = {"id": "one", "data": "d", "type": 0} | {field: value}
        assert_refusal(await saved.add(body), 400, "illegal_argument", field, circle=False)
        assert_refusal(await saved.batch(item("one") | body), 400, "illegal_argument", field, circle=False)
    assert await saved.ids() == []


@pytest.mark.parametrize("created", ["1", -1, 1.5, 2**63, True])
async def test_a_time_is_a_number_of_milliseconds(saved, created):
    assert_refusal(await saved.batch(item("one", created)), 400, "illegal_argument", "createdAt", circle=False)


@pytest.mark.parametrize("missing", ["data", "type"])
async def test_one_item_needs_data_and_type(saved, missing):
    body = {"data": "d", "type": 0}
    del body[missing]
    assert_refusal(await saved.add(body), 400, "illegal_argument", missing, circle=False)


async def test_an_id_may_have_what_a_path_may_have(saved):
    for name in ("a b/c?d#e%", "频道 ✨", " ", "x" * 512):
        assert (await saved.add({"id": name, "data": "d", "type": 0})).status == 200
        assert (await saved.page(collection_id=name, limit=1)).json["collections"][0]["id"] == name
        assert (await saved.delete(name)).status == 200


@pytest.mark.parametrize(
    ("name", "status", "error", "text"),
    [
        ("not legal", 400, "illegal_argument", "username not legal is not legal"),
        ("a" * 65, 400, "illegal_argument", "is not legal"),
        ("nobody", 404, "service_resource_not_found", "Service resource not found"),
    ],
)
async def test_whose_collections_must_be_legal_and_exist(saved, name, status, error, text):
    replies = [
        await saved.page(name),
        await saved.add({"data": "d", "type": 0}, user=name),
        await saved.batch(item("one"), user=name),
        await saved.put("one", {"ext": "x"}, user=name),
        await saved.delete("one", user=name),
    ]
    for reply in replies:
        assert_refusal(reply, status, error, text, circle=False)


@pytest.mark.parametrize(
    "body", [{"collections": [item("x")]}, {"username": "ann"}, {"username": "ann", "collections": {}}]
)
async def test_a_batch_needs_a_user_and_a_list(api, body):
    assert_refusal(await api.post("/collections", body), 400, "illegal_argument", circle=False)


@pytest.mark.parametrize(("ext", "shown"), [("new", "new"), ("", None), (None, None)])
async def test_only_a_put_changes_the_time_of_change(saved, clock, ext, shown):
    await saved.add({"id": "one", "data": "d", "type": 4, "ext": "old"})
    clock.ms += 1000
    assert (await saved.page()).json["collections"][0]["updatedAt"] == START_MS
    reply = await saved.put("one", {"ext": ext})
    changed = {"id": "one", "type": 4, "data": "d", "ext": shown, "createdAt": START_MS, "updatedAt": START_MS + 1000}
    assert reply.json == {"collection": changed}
    clock.ms += 1000
    assert (await saved.page()).json == {"collections": [changed]}


@pytest.mark.parametrize("body", [{}, {"exit": "x"}, {"ext": 5}, {"ext": "\0"}, [], "ext", {"ext": ["x"]}])
async def test_a_put_needs_an_ext(saved, body):
    await saved.add({"id": "one", "data": "d", "type": 4, "ext": "old"})
    assert_refusal(await saved.put("one", body), 400, "illegal_argument", circle=False)
    assert (await saved.page()).json["collections"][0]["ext"] == "old"


async def test_a_put_of_nothing_is_refused(saved):
    await saved.add({"id": "one", "data": "d", "type": 4}, user="Ben")
    reply = await saved.put("one", {"ext": "x"})
    assert_refusal(reply, 400, "illegal_argument", circle=False)
    assert reply.json["error_description"] == UNKNOWN


async def test_deleting_is_all_or_nothing(saved):
    await saved.at(0, 0, 0, 0)
    reply = await saved.delete("i0", "unknown", "i1")
    assert_refusal(reply, 400, "illegal_argument", circle=False)
    assert reply.json["error_description"] == UNKNOWN
    assert len(await saved.ids()) == 4
    assert (await saved.delete("i0", "i2", "i0")).json == {"result": True}
    assert await saved.ids() == ["i3", "i1"]


async def test_one_text_counts_as_one_id(saved):
    await saved.at(0, 0)
    reply = await saved.api.call("DELETE", "/users/ann/collections", json={"collection_ids": "i0"})
    assert reply.json == {"result": True}
    assert await saved.ids() == ["i1"]


@pytest.mark.parametrize(
    "ids", [[], None, 5, [5], [""], [None], {}, [["i0"]], ["\0"], ["x" * 513], "", [*map(str, range(21))]]
)
async def test_ids_are_one_to_twenty_texts(saved, ids):
    await saved.at(0)
    reply = await saved.api.call("DELETE", "/users/ann/collections", json={"collection_ids": ids})
    assert_refusal(reply, 400, "illegal_argument", "collection_ids", circle=False)


async def test_a_deletion_without_body_is_refused_and_twenty_ids_are_not(saved):
    assert_refusal(await saved.api.delete("/users/ann/collections"), 400, "json_parse", circle=False)
    await saved.at(*range(20))
    assert (await saved.delete(*[f"i{number}" for number in range(20)])).status == 200
    assert await saved.ids() == []


async def test_an_id_that_was_deleted_is_free_again(saved):
    await saved.add({"id": "one", "data": "d", "type": 4})
    await saved.delete("one")
    assert (await saved.add({"id": "one", "data": "other", "type": 5})).status == 200


async def test_both_directions_go_by_time_and_then_by_insertion(saved, clock):
    clock.ms += 1000
    await saved.at(5, 1, 5, 3, 5, 1)
    assert await saved.ids(direction="asc") == ["i1", "i5", "i3", "i0", "i2", "i4"]
    assert await saved.ids() == await saved.ids(direction="desc") == ["i4", "i2", "i0", "i3", "i5", "i1"]


@pytest.mark.parametrize(
    ("begin", "end", "found"),
    [(1, 3, [3, 2, 1]), (2, 2, [2]), (0, None, [5, 4, 3, 2, 1, 0]), (None, 1, [1, 0]), (4, 9, [9, 5, 4]), (6, 8, [])],
)
async def test_a_window_includes_both_ends_and_ends_now_by_default(saved, clock, begin, end, found):
    times = [0, 1, 2, 3, 4, 5, 9]
    await saved.at(*times)
    clock.ms += 5
    query = {} if begin is None else {"begin_time": START_MS + begin}
    query |= {} if end is None else {"end_time": START_MS + end}
    assert await saved.ids(**query) == [f"i{times.index(time)}" for time in found]
    assert await saved.ids(**query, direction="asc") == [f"i{times.index(time)}" for time in reversed(found)]


@pytest.mark.parametrize("query", [{"begin_time": 2, "end_time": 1}, {"begin_time": START_MS + 1}])
async def test_a_window_that_ends_before_it_begins_is_refused(saved, query):
    assert_refusal(await saved.page(**query), 400, "illegal_argument", "begin_time", circle=False)


@pytest.mark.parametrize("name", ["begin_time", "end_time", "type"])
@pytest.mark.parametrize("value", ["x", "", "1.5", "٥", "9" * 20, "9" * 5000, "--1", "1e3"])
async def test_numbers_in_the_query_are_whole(saved, name, value):
    assert_refusal(await saved.page(**{name: value}), 400, "illegal_argument", name, circle=False)


async def test_a_time_before_1970_is_refused_and_a_negative_type_is_not(saved):
    assert_refusal(await saved.page(begin_time=-1), 400, "illegal_argument", "begin_time", circle=False)
    await saved.add({"id": "one", "data": "d", "type": -7})
    assert (await saved.ids(type=-7), await saved.ids(type=7)) == (["one"], [])


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.5", "x", "", " 5", "٥", "9" * 5000, "1000"])
async def test_any_wrong_limit_has_the_documented_text(saved, limit):
    reply = await saved.page(limit=limit)
    assert_refusal(reply, 400, "illegal_argument", circle=False)
    assert reply.json["error_description"] == LIMIT


@pytest.mark.parametrize("direction", ["", "up", "DESC", "asc,desc"])
async def test_any_wrong_direction_has_the_documented_text(saved, direction):
    reply = await saved.page(direction=direction)
    assert_refusal(reply, 400, "illegal_argument", circle=False)
    assert reply.json["error_description"] == "direction should be desc or asc"


async def test_a_page_has_100_unless_up_to_200_are_asked_for(saved, clock):
    clock.ms += 1000
    await saved.at(*range(210))
    assert len(await saved.ids()) == 100
    assert len(await saved.ids(limit=200)) == 200
    assert await saved.ids(limit=1) == ["i209"]


@pytest.mark.parametrize("direction", ["asc", "desc"])
async def test_going_on_from_an_item_begins_with_it(saved, clock, direction):
    clock.ms += 1000
    await saved.at(*[number // 4 for number in range(40)])
    whole = await saved.ids(direction=direction)
    for start in range(40):
        assert await saved.ids(direction=direction, collection_id=whole[start], limit=7) == whole[start : start + 7]


async def test_an_item_wins_over_times_which_are_not_even_looked_at(saved):
    await saved.at(0, 1, 2)
    for times in ({"begin_time": 0, "end_time": 1}, {"begin_time": 9, "end_time": "x"}):
        assert await saved.ids(collection_id="i1", **times) == ["i1", "i0"]
    assert await saved.ids(collection_id="") == ["i0"]


async def test_a_type_is_kept_to_in_both_ways_of_asking(saved, clock):
    clock.ms += 1000
    await saved.batch(*[item(f"i{n}", START_MS + n // 3, type=n % 2) for n in range(12)])
    assert await saved.ids(type=0) == ["i10", "i8", "i6", "i4", "i2", "i0"]
    assert await saved.ids(type=0, direction="asc", begin_time=START_MS + 1) == ["i4", "i6", "i8", "i10"]
    assert await saved.ids(type=0, collection_id="i7") == ["i6", "i4", "i2", "i0"]
    assert await saved.ids(type=9) == []


async def test_an_unknown_item_to_go_on_from_is_refused(saved):
    await saved.add({"id": "his", "data": "d", "type": 0}, user="Ben")
    for unknown in ("his", "nothing"):
        reply = await saved.page(collection_id=unknown)
        assert_refusal(reply, 400, "illegal_argument", circle=False)
        assert reply.json["error_description"] == UNKNOWN


async def test_the_other_dialect_sees_the_same_items(api, saved):
    await saved.at(0)
    api.prefix = f"/app-id/{api.service.credentials.app_id}"
    assert await saved.ids() == ["i0"]


async def test_nothing_is_told_about_collections(api, saved):
    api.service.told.clear()
    await saved.at(0, 1)
    await saved.put("i0", {"ext": "x"})
    await saved.delete("i0", "i1")
    assert not api.service.told
