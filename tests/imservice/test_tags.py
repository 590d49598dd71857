import pytest

from tests.imservice.conftest import assert_refusal


@pytest.fixture
def tags(api):
    """The tag calls of the community."""

    class Tags:
        base = f"/circle/server/{api.community}/tag"

        async def add(self, *names):
            return await api.post(f"{self.base}/add", {"tags": list(names)})

        async def remove(self, *tag_ids):
            return await api.post(f"{self.base}/remove", {"tagIds": list(tag_ids)})

        async def rows(self):
            reply = await api.get(self.base)
            assert (reply.status, reply.json["code"]) == (200, 200)
            assert reply.json["count"] == len(reply.json["tags"])
            return reply.json["tags"]

        async def names(self):
            return [row["tag_name"] for row in await self.rows()]

    return Tags()


async def test_added_tags_are_answered_listed_and_shown_with_the_community(api, tags):
    added = await tags.add("社交", "games")
    assert set(added.json) == {"code", "tags"}
    assert [set(row) for row in added.json["tags"]] == [{"server_tag_id", "tag_name"}] * 2
    assert [row["tag_name"] for row in added.json["tags"]] == ["社交", "games"]
    assert await tags.rows() == added.json["tags"]
    for path, key in (
        (f"/circle/server/{api.community}/by-id", "server"),
        ("/circle/server/list/by-app", "servers"),
        ("/circle/server/recommend/list", "servers"),
    ):
        shown = (await api.get(path)).json[key]
        server = shown if key == "server" else shown[0]
        assert (server["tags"], server["tag_count"]) == (added.json["tags"], 2)


async def test_a_tag_that_is_there_already_stays_as_it_is(tags):
    (first,) = (await tags.add("games")).json["tags"]
    assert (await tags.add("games", "music", "music")).json["tags"][0] == first
    assert await tags.names() == ["games", "music"]


async def test_a_tag_differs_by_the_case_of_its_letters(tags):
    await tags.add("Games", "games")
    assert await tags.names() == ["Games", "games"]


async def test_a_community_has_at_most_ten_tags(tags):
    await tags.add(*(f"t{n}" for n in range(9)))
    assert_refusal(await tags.add("a", "b"), 403, "exceed_limit")
    assert len(await tags.names()) == 9
    assert (await tags.add("t1", "a", "t2")).status == 200
    assert_refusal(await tags.add("b"), 403, "exceed_limit")
    assert (await tags.add("a")).status == 200


async def test_tags_are_removed_by_id(tags):
    rows = (await tags.add("a", "b", "c")).json["tags"]
    ids = {row["tag_name"]: row["server_tag_id"] for row in rows}
    assert (await tags.remove(ids["a"], ids["c"], ids["a"])).json == {"code": 200}
    assert await tags.names() == ["b"]


async def test_a_tag_of_somebody_else_is_not_found_and_nothing_is_removed(api, tags):
    (own,) = (await tags.add("a")).json["tags"]
    other = await api.new_community("ann", "Other")
    (foreign,) = (await api.post(f"/circle/server/{other}/tag/add", {"tags": ["a"]})).json["tags"]
    assert foreign["server_tag_id"] != own["server_tag_id"]
    for strange in (foreign["server_tag_id"], "unknown", "a"):
        assert_refusal(await tags.remove(own["server_tag_id"], strange), 404, "resource_not_found", "tag")
    assert await tags.rows() == [own]


@pytest.mark.parametrize(
    "value",
    [None, [], "games", ["x" * 21], [""], ["  "], [7], [None], ["a\0"], ["ok", ""], [f"t{n}" for n in range(11)]],
)
async def test_what_cannot_be_tags_is_refused(api, tags, value):
    assert_refusal(await api.post(f"{tags.base}/add", {"tags": value}), 400, "illegal_argument", "tags")
    assert await tags.names() == []


async def test_a_tag_is_counted_in_characters(tags):
    assert (await tags.add("标" * 20, "🎲" * 20)).status == 200


@pytest.mark.parametrize("value", [None, [], "id", [1], [""], [str(n) for n in range(11)]])
async def test_what_cannot_be_ids_of_tags_is_refused(api, tags, value):
    assert_refusal(await api.post(f"{tags.base}/remove", {"tagIds": value}), 400, "illegal_argument", "tagIds")


async def test_ids_are_read_in_both_spellings(api, tags):
    (tag,) = (await tags.add("a")).json["tags"]
    reply = await api.post(f"{tags.base}/remove", {"tag_ids": [tag["server_tag_id"]]})
    assert reply.json == {"code": 200}


async def test_tags_need_a_community_that_exists(api):
    base = "/circle/server/unknown/tag"
    assert_refusal(await api.post(f"{base}/add", {"tags": ["a"]}), 404, "resource_not_found", "server")
    assert_refusal(await api.post(f"{base}/remove", {"tagIds": ["a"]}), 404, "resource_not_found", "server")
    assert_refusal(await api.get(base), 404, "resource_not_found", "server")


async def test_tags_go_with_their_community(api, tags):
    await tags.add("a")
    await api.delete(f"/circle/server/{api.community}")
    (left,) = api.service.database.reader.execute("SELECT count(*) FROM tags").fetchone()
    assert left == 0
