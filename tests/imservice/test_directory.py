from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.imservice.domain.directory import _behind
from tests.imservice.conftest import assert_refusal


@pytest.fixture
def find(api):
    """Search and return the reply; the name is percent-encoded as a whole."""

    async def find(name, **query):
        options = "&".join(f"{key}={value}" for key, value in query.items())
        path = f"/circle/server/search/{quote(name, safe='')}" + (f"?{options}" if options else "")
        url = URL(api.url + api.prefix + path, encoded=True)
        async with api.session.get(url, headers={"Authorization": f"Bearer {api.token}"}) as response:
            return type("Reply", (), {"status": response.status, "json": await response.json()})

    return find


async def names(reply):
    assert reply.status == 200, reply.json
    assert reply.json["count"] == len(reply.json["servers"])
    return [server["name"] for server in reply.json["servers"]]


async def test_a_name_is_found_by_its_beginning(api, find):
    await api.new_community("ann", "足球社区01")
    for beginning in ("足", "足球", "足球社区01"):
        assert await names(await find(beginning)) == ["足球社区01"]
        assert await names(await find(beginning, type=0)) == ["足球社区01"]
    for inside in ("球", "社区01", "足球社区012"):
        assert await names(await find(inside)) == []
    assert (await find("nothing")).json == {"code": 200, "count": 0, "servers": []}


async def test_what_is_found_has_the_fields_of_a_community(api, find):
    (found,) = (await find("Harb")).json["servers"]
    assert found == (await api.get(f"/circle/server/{api.community}/by-id")).json["server"]


async def test_the_case_of_ascii_letters_does_not_matter(api, find):
    await api.new_community("ann", "harbour ÄPFEL")
    assert await names(await find("HARBOUR")) == ["Harbour", "harbour ÄPFEL"]
    assert await names(await find("harbour ä")) == []


@pytest.mark.parametrize("name", ["100%_sure", "a/b", "?q=1&r", "#1", "a+b c", "..", ".", "%2F", "'; --", '"', "[x]*"])
async def test_no_character_has_a_meaning_of_its_own(api, find, name):
    await api.new_community("ann", name)
    await api.new_community("ann", "100 not sure")
    assert await names(await find(name)) == [name]


async def test_names_behind_the_last_character_are_found_too(api, find):
    for name in ("z", "z\U0010ffff", "z\U0010ffffz", "{"):
        await api.new_community("ann", name)
    assert await names(await find("z")) == ["z", "z\U0010ffff", "z\U0010ffffz"]
    assert await names(await find("z\U0010ffff")) == ["z\U0010ffff", "z\U0010ffffz"]
    assert await names(await find("\U0010ffff")) == []


@given(prefix=st.text(min_size=1), rest=st.text(), other=st.text())
def test_the_end_of_a_range_is_behind_all_that_begin_so_and_before_nothing_else(prefix, rest, other):
    end = _behind(prefix)
    if isinstance(end, bytes):
        assert set(prefix) == {"\U0010ffff"}
    else:
        assert (prefix <= other < end) == other.startswith(prefix)
        assert prefix + rest < end


async def test_pages_by_name_go_on_while_communities_are_renamed_and_deleted(api, find):
    ids = {}
    for name in ("h1", "H2", "h2", "h3", "h4", "h5"):
        ids[name] = await api.new_community("ann", name)
    seen, cursor, pages = [], "", 0
    while True:
        reply = await find("h", limit=2, cursor=quote(cursor, safe=""))
        seen += await names(reply)
        cursor = reply.json.get("cursor", "")
        pages += 1
        if not cursor:
            break
        if pages == 1:  # behind H2: both it and its neighbour go away
            assert (await api.delete(f"/circle/server/{ids['H2']}")).status == 200
            assert (await api.put(f"/circle/server/{ids['h3']}", {"name": "a3"})).status == 200
    assert seen == ["h1", "H2", "h2", "h4", "h5", "Harbour"]


async def test_equal_names_are_paged_in_the_order_of_creation(api, find):
    ids = [await api.new_community("ann", "twin") for _ in range(5)]
    seen, cursor = [], ""
    while True:
        reply = await find("Twin", limit=2, cursor=cursor)
        seen += [server["server_id"] for server in reply.json["servers"]]
        cursor = reply.json.get("cursor", "")
        if not cursor:
            break
    assert seen == ids


async def test_a_cursor_fits_its_own_search_only(api, find):
    for n in range(3):
        await api.new_community("ann", f"h{n}")
    cursor = (await find("h", limit=1)).json["cursor"]
    assert (await find("H", limit=1, cursor=cursor)).status == 200
    for search, wrong in (
        ("h1", cursor),
        ("h", "x"),
        ("h", cursor.partition(".")[0]),
        ("h", cursor.partition(".")[0] + ".aDE="),
        ("h", cursor + "\u4e2d"),
        ("h", "." + cursor),
    ):
        reply = await find(search, limit=1, cursor=quote(wrong, safe=""))
        assert (reply.status, reply.json["error"]) == (400, "illegal_argument"), wrong


async def test_a_tag_finds_all_that_have_it_exactly(api, find):
    tagged = []
    for n in range(25):
        owner = ("ann", "Ben")[n % 2]
        community = await api.new_community(owner, f"n{n}")
        await api.post(f"/circle/server/{community}/tag/add", {"tags": ["other", "运动"]})
        tagged.append(f"n{n}")
    await api.post(f"/circle/server/{api.community}/tag/add", {"tags": ["运动会", "Other"]})
    assert await names(await find("运动", type=1)) == tagged
    assert await names(await find("运动", type=1, limit=5, cursor="")) == tagged
    assert await names(await find("运", type=1)) == []
    assert await names(await find("Other", type=1)) == ["Harbour"]
    assert await names(await find("运动", type=0)) == []


async def test_only_public_communities_are_found(api, find):
    hidden = await api.new_community("ann", "Hidden", type=1)
    await api.post(f"/circle/server/{hidden}/tag/add", {"tags": ["secret"]})
    assert await names(await find("Hidden")) == []
    assert await names(await find("secret", type=1)) == []
    assert (await api.put(f"/circle/server/{hidden}", {"type": 0})).status == 200
    assert await names(await find("Hidden")) == ["Hidden"]
    assert await names(await find("secret", type=1)) == ["Hidden"]


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("n" * 51, {}),
        ("n" * 21, {"type": 1}),
        ("a\0", {}),
        ("a", {"type": 2}),
        ("a", {"type": "x"}),
        ("a", {"type": -1}),
        ("a", {"limit": 0}),
        ("a", {"limit": 21}),
        ("a", {"limit": 21, "type": 1}),
    ],
)
async def test_what_cannot_be_searched_is_refused(find, name, query):
    reply = await find(name, **query)
    assert (reply.status, reply.json["error"]) == (400, "illegal_argument")


async def test_the_longest_name_is_counted_in_characters(api, find):
    await api.new_community("ann", "频" * 50)
    assert await names(await find("频" * 50)) == ["频" * 50]


async def test_the_newest_five_are_recommended(api):
    assert [s["name"] for s in (await api.get("/circle/server/recommend/list")).json["servers"]] == ["Harbour"]
    for n in range(6):
        await api.new_community("ann", f"n{n}")
    reply = await api.get("/circle/server/recommend/list")
    assert await names(reply) == ["n5", "n4", "n3", "n2", "n1"]
    assert set(reply.json) == {"code", "count", "servers"}


@pytest.mark.parametrize("word", ["list", "recommend", "search"])
async def test_path_words_are_not_ids_of_communities(api, word):
    for method in ("PUT", "DELETE"):
        assert_refusal(
            await api.call(method, f"/circle/server/{word}", json={}),
            405 if word == "list" else 404,
            "unsupported_service_operation" if word == "list" else "resource_not_found",
        )
    reply = await api.call("POST", f"/circle/server/{word}/join?userId=ann")
    assert reply.status in {404, 405}
    assert reply.json["error_description"] != "server does not exist"


async def test_a_name_that_is_a_path_word_can_be_searched(api, find):
    for name in ("by-id", "users", "list"):
        await api.new_community("ann", name)
        assert await names(await find(name)) == [name]
