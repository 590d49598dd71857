import pytest
import pytest_asyncio

from tests.imservice.conftest import START_MS, assert_refusal
from tests.imservice.test_paging import walk

BASE = "/circle/channel/category"


@pytest.fixture
def shelf(api):
    """The category calls of the community."""

    class Shelf:
        async def create(self, name="music", **more):
            return await api.post(BASE, {"server_id": api.community, "name": name, **more})

        async def new(self, name="music"):
            reply = await self.create(name)
            assert reply.status == 200, reply
            return reply.json["channel_category_id"]

        async def rename(self, category, name):
            return await api.put(f"{BASE}/{category}", {"server_id": api.community, "name": name})

        async def delete(self, category):
            return await api.delete(f"{BASE}/{category}", serverId=api.community)

        async def move(self, channel, category=None):
            target = {} if category is None else {"channelCategoryId": category}
            return await api.post(f"{BASE}/member/transfer", serverId=api.community, channelId=channel, **target)

        async def rows(self):
            return (await api.get(f"{BASE}/list", serverId=api.community)).json["channelCategoryList"]

        async def channels(self, category, kind=""):
            reply = await api.get(f"{BASE}/{category}{kind}/member/list", serverId=api.community)
            assert reply.json["count"] == len(reply.json["channels"])
            return [channel["channel_id"] for channel in reply.json["channels"]]

        async def of(self, channel):
            reply = await api.get(f"/circle/channel/{channel}", serverId=api.community)
            return reply.json["channel"]["channel_category_id"]

        async def default(self):
            return (await self.rows())[0]["channel_category_id"]

    return Shelf()


@pytest_asyncio.fixture
async def default_channel(api):
    return (await api.get(f"/circle/server/{api.community}/by-id")).json["server"]["default_channel_id"]


async def test_a_community_begins_with_its_default_category(api, shelf, default_channel):
    reply = await api.get(f"{BASE}/list", serverId=api.community)
    (row,) = reply.json["channelCategoryList"]
    assert reply.json == {"code": 200, "count": 1, "channelCategoryList": [row]}
    assert row == {
        "name": "文字频道",
        "created": START_MS,
        "server_id": api.community,
        "channel_category_id": row["channel_category_id"],
        "default_channel_category": 1,
    }
    assert await shelf.channels(row["channel_category_id"]) == [default_channel]


async def test_the_default_category_has_the_name_it_was_given(api, shelf):
    api.community = await api.new_community("ann", "Other", default_channel_category_name="Lobby")
    assert [row["name"] for row in await shelf.rows()] == ["Lobby"]


async def test_creating_and_renaming(api, shelf, clock):
    clock.ms += 5
    created = await shelf.create("歌剧")
    assert set(created.json) == {"code", "channel_category_id"}
    category = created.json["channel_category_id"]
    expected = {
        "name": "歌剧",
        "created": START_MS + 5,
        "server_id": api.community,
        "channel_category_id": category,
        "default_channel_category": 0,
    }
    assert (await shelf.rows())[1] == expected
    renamed = await shelf.rename(category, "民歌")
    assert renamed.json == {"code": 200, "channelCategory": expected | {"name": "民歌"}}
    assert (await shelf.rows())[1]["name"] == "民歌"
    assert (await shelf.rename(await shelf.default(), "Lobby")).json["channelCategory"]["default_channel_category"] == 1


@pytest.mark.parametrize("name", [None, "", "  ", "n" * 51, 5, ["n"], "a\0"])
async def test_illegal_names_are_refused(shelf, name):
    assert_refusal(await shelf.create(name), 400, "illegal_argument", "name")
    assert_refusal(await shelf.rename(await shelf.default(), name), 400, "illegal_argument", "name")
    assert len(await shelf.rows()) == 1


async def test_fifty_characters_are_a_name(shelf):
    assert (await shelf.create("频" * 50)).status == 200


async def test_a_community_has_fifty_categories_besides_the_default_one(api, shelf):
    for n in range(50):
        await shelf.new(f"c{n}")
    assert_refusal(await shelf.create("one more"), 403, "exceed_limit")
    last = (await api.get(f"{BASE}/list", serverId=api.community)).json["channelCategoryList"][1]
    assert (await shelf.delete(last["channel_category_id"])).status == 200
    await shelf.new("again")


async def test_channels_are_created_in_a_category_and_moved(shelf, api, default_channel):
    music, games = await shelf.new("music"), await shelf.new("games")
    channel = await api.new_channel(channel_category_id=music)
    plain = await api.new_channel("plain")
    assert await shelf.channels(music) == [channel]
    assert await shelf.channels(await shelf.default()) == [default_channel, plain]
    for _ in range(2):
        assert (await shelf.move(channel, games)).json == {"code": 200}
    assert (await shelf.of(channel), await shelf.channels(music)) == (games, [])
    assert (await shelf.move(channel)).json == {"code": 200}
    assert await shelf.of(channel) == await shelf.default()
    assert (await shelf.move(default_channel, music)).status == 200
    assert await shelf.channels(music) == [default_channel]


@pytest.mark.parametrize("nothing", ["", None])
async def test_no_category_is_the_default_one(api, shelf, nothing):
    channel = await api.new_channel(channel_category_id=await shelf.new())
    assert (await shelf.move(channel, nothing)).status == 200
    assert await shelf.of(channel) == await shelf.default()


async def test_both_spellings_of_the_query_are_read(api, shelf):
    channel, music = await api.new_channel(), await shelf.new()
    reply = await api.post(
        f"{BASE}/member/transfer", server_id=api.community, channel_id=channel, channel_category_id=music
    )
    assert reply.json == {"code": 200}
    assert await shelf.of(channel) == music


async def test_a_deleted_category_leaves_its_channels_to_the_default_one(api, shelf, default_channel):
    music = await shelf.new()
    channels = [await api.new_channel(f"c{n}", channel_category_id=music) for n in range(3)]
    await api.join(channels[0], "ann")
    await api.mute(channels[0], "ann")
    assert (await shelf.delete(music)).json == {"code": 200}
    assert await shelf.channels(await shelf.default()) == [default_channel, *channels]
    assert len(await shelf.rows()) == 1
    assert list(await api.muted(channels[0])) == ["ann"]
    assert_refusal(await shelf.delete(music), 404, "resource_not_found", "category")


async def test_the_default_category_stays(api, shelf):
    assert_refusal(await shelf.delete(await shelf.default()), 403, "forbidden_op", "default channel category")
    assert len(await shelf.rows()) == 1


async def test_a_category_has_a_limited_number_of_channels_but_the_default_one_takes_all(launch, shelf, api):
    small = await launch(channels_per_category=2)
    vars(api).update(vars(small))
    await api.users("owner")
    api.community = await api.new_community()
    music, games = await shelf.new("music"), await shelf.new("games")
    inside = [await api.new_channel(f"m{n}", channel_category_id=music) for n in range(2)]
    outside = [await api.new_channel(f"d{n}") for n in range(3)]
    reply = await api.post(
        "/circle/channel", {"server_id": api.community, "name": "third", "channel_category_id": music}
    )
    assert_refusal(reply, 403, "exceed_limit", "category")
    assert_refusal(await shelf.move(outside[0], music), 403, "exceed_limit", "category")
    assert await shelf.channels(music) == inside
    assert (await shelf.move(inside[0], music)).status == 200, "it is there already"
    assert (await shelf.move(inside[0], games)).status == 200
    assert (await shelf.move(outside[0], music)).status == 200
    assert (await shelf.delete(music)).status == 200
    assert len(await shelf.channels(await shelf.default())) == 1 + 4


async def test_a_category_holds_a_hundred_channels_by_default(api, shelf, default_channel):
    music = await shelf.new()
    for n in range(100):
        await api.new_channel(f"c{n}", channel_category_id=music)
    assert_refusal(await shelf.move(default_channel, music), 403, "exceed_limit", "category")


async def test_public_and_private_channels_of_a_category(api, shelf):
    music = await shelf.new()
    open_ = await api.new_channel("open", channel_category_id=music)
    hidden = await api.new_channel("hidden", channel_category_id=music, type=1)
    await api.new_channel("elsewhere")
    assert await shelf.channels(music) == [open_, hidden]
    assert await shelf.channels(music, "/public") == [open_]
    assert await shelf.channels(music, "/private") == [hidden]
    reply = await api.get(f"{BASE}/{music}/member/list", serverId=api.community)
    assert (
        reply.json["channels"][0] == (await api.get(f"/circle/channel/{open_}", serverId=api.community)).json["channel"]
    )


async def test_joined_channels_of_a_category_are_answered_by_id(api, shelf, default_channel):
    music = await shelf.new()
    first, second = [await api.new_channel(f"c{n}", channel_category_id=music) for n in range(2)]
    await api.join(second, "ann")
    await api.join(first, "ann")

    async def joined(category, user):
        return await api.get(f"{BASE}/{category}/user/joined/member/list", serverId=api.community, userId=user)

    assert (await joined(music, "ANN")).json == {"code": 200, "count": 2, "channelIds": [second, first]}
    assert (await joined(await shelf.default(), "ann")).json["channelIds"] == [default_channel]
    assert (await joined(music, "Ben")).json == {"code": 200, "count": 0, "channelIds": []}
    assert_refusal(await joined(music, "nobody"), 404, "service_resource_not_found")
    assert_refusal(await joined(music, ""), 400, "illegal_argument", "userId")


async def test_every_list_pages(api, shelf):
    music = await shelf.new()
    for n in range(4):
        await shelf.new(f"c{n}")
        for kind in (0, 1):
            await api.join(await api.new_channel(f"c{n}", channel_category_id=music, type=kind), "ann")
    for path, key, size in (
        ("list", "channelCategoryList", 6),
        (f"{music}/member/list", "channels", 8),
        (f"{music}/public/member/list", "channels", 4),
        (f"{music}/private/member/list", "channels", 4),
        (f"{music}/user/joined/member/list", "channelIds", 8),
    ):
        whole = (await api.get(f"{BASE}/{path}", serverId=api.community, userId="ann")).json[key]
        rows, pages = await walk(api, f"{BASE}/{path}", key, limit=3, serverId=api.community, userId="ann")
        assert (rows, len(rows), pages) == (whole, size, (size + 2) // 3), path


async def test_a_cursor_fits_the_list_of_its_own_category_and_kind(api, shelf):
    music, games = await shelf.new("music"), await shelf.new("games")
    for n in range(2):
        await api.new_channel(f"c{n}", channel_category_id=music)
    cursor = (await api.get(f"{BASE}/{music}/member/list", serverId=api.community, limit=1)).json["cursor"]
    for path in (f"{games}/member/list", f"{music}/public/member/list", "list"):
        reply = await api.get(f"{BASE}/{path}", serverId=api.community, cursor=cursor)
        assert_refusal(reply, 400, "illegal_argument", "cursor")


async def test_categories_are_found_in_their_own_community_only(api, shelf):
    music, channel = await shelf.new(), await api.new_channel()
    other = await api.new_community("ann", "Other")
    own = api.community
    assert_refusal(await shelf.move(channel, "unknown"), 404, "resource_not_found", "category")
    assert_refusal(await shelf.move("123", music), 404, "resource_not_found", "channel does not exist")
    for community, text in ((other, "category"), ("unknown", "server")):
        api.community = community
        assert_refusal(await shelf.rename(music, "n"), 404, "resource_not_found", text)
        assert_refusal(await shelf.delete(music), 404, "resource_not_found", text)
        for path in ("member/list", "public/member/list", "private/member/list", "user/joined/member/list"):
            reply = await api.get(f"{BASE}/{music}/{path}", serverId=community, userId="ann")
            assert_refusal(reply, 404, "resource_not_found", text)
    assert_refusal(await shelf.create(), 404, "resource_not_found", "server")
    assert_refusal(await api.get(f"{BASE}/list", serverId="unknown"), 404, "resource_not_found", "server")
    api.community = other
    foreign = await shelf.new("foreign")
    api.community = own
    assert_refusal(await shelf.move(channel, foreign), 404, "resource_not_found", "category")
    assert len(await shelf.rows()) == 2


async def test_what_is_required(api, shelf):
    music, channel = await shelf.new(), await api.new_channel()
    for reply, text in (
        (await api.post(BASE, {"name": "n"}), "server_id"),
        (await api.put(f"{BASE}/{music}", {"name": "n"}), "server_id"),
        (await api.delete(f"{BASE}/{music}"), "serverId"),
        (await api.get(f"{BASE}/list"), "serverId"),
        (await api.get(f"{BASE}/{music}/member/list"), "serverId"),
        (await api.post(f"{BASE}/member/transfer", serverId=api.community), "channelId"),
        (await api.post(f"{BASE}/member/transfer", channelId=channel), "serverId"),
    ):
        assert_refusal(reply, 400, "illegal_argument", text)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [("PUT", "list", "GET"), ("DELETE", "list", "GET"), ("GET", "member/transfer", "POST"), ("GET", "", "POST")],
)
async def test_path_words_are_not_ids_of_categories(api, method, path, allow):
    reply = await api.call(method, f"{BASE}/{path}".rstrip("/"), json={"server_id": api.community, "name": "n"})
    assert_refusal(reply, 405, "unsupported_service_operation")
    assert reply.headers["Allow"] == allow


async def test_category_is_not_the_id_of_a_channel(api):
    reply = await api.post("/circle/channel/category/user/remove", userId="ann", serverId=api.community)
    assert_refusal(reply, 404, "resource_not_found", "URL")
