import pytest

from tests.imservice.conftest import assert_refusal


async def crowd(api, size):
    names = [f"u{n:02}" for n in range(size)]
    await api.users(*names)
    channel = await api.new_channel()
    await api.join(channel, *names)
    return channel, names


async def walk(api, path, key, *, limit, between=None, **query):
    rows, cursor, pages = [], None, 0
    while True:
        reply = await api.get(path, limit=limit, **query, **({"cursor": cursor} if cursor else {}))
        assert reply.status == 200, reply
        assert reply.json["count"] == len(reply.json[key]) <= limit
        rows += reply.json[key]
        pages += 1
        cursor = reply.json.get("cursor")
        if cursor is None:
            return rows, pages
        if between is not None:
            await between(pages)


@pytest.mark.parametrize(("limit", "pages"), [(1, 21), (7, 3), (20, 2)])
async def test_every_member_exactly_once(api, limit, pages):
    channel, names = await crowd(api, 20)
    rows, walked = await walk(api, f"/circle/channel/{channel}/users", "users", limit=limit, serverId=api.community)
    assert [row["user_id"] for row in rows] == ["owner", *names]
    assert walked == pages


async def test_a_list_that_ends_with_a_full_page_has_no_further_cursor(api):
    channel, _ = await crowd(api, 19)
    reply = await api.get(f"/circle/channel/{channel}/users", serverId=api.community, limit=20)
    assert reply.json["count"] == 20
    assert "cursor" not in reply.json


async def test_who_stays_is_neither_missed_nor_repeated_while_others_come_and_go(api):
    channel, names = await crowd(api, 30)
    base = f"/circle/channel/{channel}"

    async def change(page):
        leaver = names[(page - 1) * 2]
        assert (await api.post(f"{base}/user/remove", userId=leaver, serverId=api.community)).status == 200
        if page == 2:
            back = await api.post(f"{base}/join", userId=names[0], serverId=api.community)
            assert back.status == 200

    rows, _ = await walk(api, f"{base}/users", "users", limit=5, serverId=api.community, between=change)
    seen = [row["user_id"] for row in rows]
    stayed = names[1::2]
    assert [name for name in seen if name in stayed] == stayed
    # Came back behind the reader: a number given once is never given again, so he is seen in his new place.
    assert seen[-1] == names[0]


async def test_a_newcomer_never_gets_a_place_that_the_reader_has_passed(api):
    channel = await api.new_channel()
    await api.join(None, "ann", "Ben", "cleo")
    base = f"/circle/channel/{channel}"
    for name in ("ann", "Ben"):
        await api.post(f"{base}/join", userId=name, serverId=api.community)
    first = (await api.get(f"{base}/users", serverId=api.community, limit=2)).json
    assert [row["user_id"] for row in first["users"]] == ["owner", "ann"]
    for leaver in ("ann", "Ben"):
        await api.post(f"{base}/user/remove", userId=leaver, serverId=api.community)
    await api.post(f"{base}/join", userId="cleo", serverId=api.community)
    rest = (await api.get(f"{base}/users", serverId=api.community, cursor=first["cursor"])).json
    assert [row["user_id"] for row in rest["users"]] == ["cleo"]


async def test_mutes_are_complete_while_some_are_lifted_and_renewed(api):
    channel, names = await crowd(api, 12)
    for name in names:
        await api.mute(channel, name, duration=60_000)
    path = f"/circle/channel/{channel}/user/mute"

    async def change(page):
        await api.delete(path, serverId=api.community, userId=names[page])
        await api.mute(channel, names[11], duration=90_000)

    rows, _ = await walk(api, f"{path}/list", "mute_users", limit=4, serverId=api.community, between=change)
    seen = [row["user"] for row in rows]
    assert len(seen) == len(set(seen))
    assert set(names[3:]) <= set(seen)


@pytest.mark.parametrize("limit", ["0", "21", "-1", "1.5", "x", "", " 5", "1e1", "٥", "9" * 40])
async def test_limit_is_one_to_twenty(api, limit):
    reply = await api.get("/circle/channel/public", serverId=api.community, limit=limit)
    assert_refusal(reply, 400, "illegal_argument", "limit")


async def test_an_empty_cursor_is_the_first_page(api):
    reply = await api.get("/circle/channel/public", serverId=api.community, cursor="")
    assert reply.json["count"] == 1


@pytest.mark.parametrize("cursor", ["x", "AAAA", "=", "\u4e2d", "A" * 24, "A" * 3000])
async def test_an_unknown_cursor_is_refused(api, cursor):
    reply = await api.get("/circle/channel/public", serverId=api.community, cursor=cursor)
    assert_refusal(reply, 400, "illegal_argument", "cursor")


async def test_a_cursor_fits_its_own_list_only(api):
    await api.new_channel()
    await api.new_channel("two", type=1)
    await api.new_channel("three", type=1)
    cursor = (await api.get("/circle/channel/public", serverId=api.community, limit=1)).json["cursor"]
    assert (await api.get("/circle/channel/public", serverId=api.community, cursor=cursor)).status == 200
    reply = await api.get("/circle/channel/private", serverId=api.community, cursor=cursor)
    assert_refusal(reply, 400, "illegal_argument", "cursor")


@pytest.mark.parametrize(
    ("path", "key", "query"),
    [
        ("/circle/server/list/by-app", "servers", {}),
        ("/circle/server/list", "servers", {"userId": "owner"}),
        ("/circle/server/{community}/users", "users", {}),
        ("/circle/channel/public", "channels", {"serverId": "{community}"}),
        ("/circle/channel/private", "channels", {"serverId": "{community}"}),
        ("/circle/channel/user/owner/created/channels", "channels", {"serverId": "{community}"}),
        ("/circle/channel/user/joined/list", "channels", {"serverId": "{community}", "userId": "owner"}),
    ],
)
async def test_every_list_pages(api, path, key, query):
    for n in range(3):
        await api.new_community("owner", f"c{n}")
        await api.new_channel(f"open{n}")
        await api.new_channel(f"closed{n}", type=1)
    await api.join(None, "ann", "Ben")
    query = {name: value.format(community=api.community) for name, value in query.items()}
    path = path.format(community=api.community)
    whole = (await api.get(path, **query)).json[key]
    rows, pages = await walk(api, path, key, limit=2, **query)
    assert rows == whole
    assert len(rows) >= 3
    assert pages == (len(rows) + 1) // 2
