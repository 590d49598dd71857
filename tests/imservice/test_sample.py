import pytest

from bot.imservice import seed_sample

DAY_MS = 24 * 3600 * 1000


async def test_the_sample_is_a_lively_community(launch):
    api = await launch()
    community = await seed_sample(api.service)
    people = (await api.get(f"/circle/server/{community}/users")).json["users"]
    assert 12 <= len(people) <= 20
    assert sorted(person["role"] for person in people)[:3] == [0, 1, 2]
    public = (await api.get("/circle/channel/public", serverId=community)).json["channels"]
    private = (await api.get("/circle/channel/private", serverId=community)).json["channels"]
    assert len(public) >= 5
    assert len(private) >= 2
    assert {channel["mode"] for channel in public} == {0, 1}
    assert all(channel["description"] for channel in public + private if not channel["default_channel"])
    muted = []
    for channel in public:
        path = f"/circle/channel/{channel['channel_id']}/user/mute/list"
        muted += (await api.get(path, serverId=community)).json["mute_users"]
    assert len(muted) == 1
    nicknames = [row[0] for row in api.service.database.reader.execute("SELECT nickname FROM users")]
    assert any("\u4e00" <= nickname[0] <= "\u9fff" for nickname in nicknames)


async def test_a_second_time_changes_nothing(launch, tmp_path):
    api = await launch(data=tmp_path)
    community = await seed_sample(api.service)
    tables = (
        "users", "communities", "channels", "community_members", "channel_members", "mutes", "messages", "reactions",
        "reaction_users", "threads", "thread_members", "contacts", "blocks", "collections", "categories", "tags",
    )  # fmt: skip

    def counts():
        reader = api.service.database.reader
        return [reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]

    before = counts()
    assert await seed_sample(api.service) == community
    assert counts() == before
    assert all(before)


async def test_people_who_exist_already_are_taken_as_they_are(launch):
    api = await launch()
    await api.users("Mei.Lin")
    community = await seed_sample(api.service)
    people = (await api.get(f"/circle/server/{community}/users")).json["users"]
    assert {"user_id": "Mei.Lin", "role": 1} in people


async def test_people_talk_and_start_threads(launch):
    api = await launch()
    community = await seed_sample(api.service)
    channels = (await api.get("/circle/channel/public", serverId=community)).json["channels"]
    strategy = next(channel["channel_id"] for channel in channels if channel["name"] == "strategy")
    (thread,) = (await api.get("/circle/thread/list", channelId=strategy)).json["threads"]
    assert thread["owner"] == "haruto_k"
    for scope in ("created", "joined"):
        reply = await api.get(f"/circle/thread/{scope}", channelId=strategy, userId="haruto_k")
        assert [row["id"] for row in reply.json["threads"]] == [thread["id"]]
    reply = await api.get("/circle/reaction/user/mei.lin", msgIdList=thread["msgId"], channelId=strategy)
    (message,) = reply.json["reactions"]
    assert {row["message"]: (row["count"], row["state"]) for row in message["reactionList"]} == {
        "👀": (3, False),
        "🔥": (1, True),
    }


async def test_messages_lie_in_the_past_in_their_order(launch, clock):
    api = await launch()
    await seed_sample(api.service)
    reader = api.service.database.reader
    times = [row[0] for row in reader.execute("SELECT created FROM messages WHERE thread IS NULL ORDER BY seq")]
    assert len(times) >= 12
    assert times == sorted(times)
    (latest,) = reader.execute("SELECT max(created) FROM messages").fetchone()
    assert latest < clock.ms
    assert reader.execute(
        "SELECT count(*) FROM messages m JOIN users u ON u.username = m.sender "
        "WHERE NOT EXISTS (SELECT 1 FROM channel_members c WHERE c.channel = m.channel AND c.user = u.seq)"
    ).fetchone() == (0,)


async def test_people_have_friends_with_remarks_and_somebody_blocked(launch):
    api = await launch()
    await seed_sample(api.service)
    friends = (await api.get("/user/kofi.mensah/contacts", needReturnRemark="true")).json["data"]["contacts"]
    assert {friend["username"]: friend["remark"] for friend in friends} == {
        "haruto_k": "raid partner",
        "priya.nair": "best healer",
        "j.novak": None,
    }
    assert "kofi.mensah" in (await api.get("/users/haruto_k/contacts/users")).json["data"]
    assert (await api.get("/users/priya.nair/blocks/users")).json["data"] == ["xx_rocket_xx"]


@pytest.mark.parametrize("user", ["kofi.mensah", "zhang.yu"])
async def test_two_people_saved_a_dozen_things_new_and_old(launch, clock, user):
    api = await launch()
    await seed_sample(api.service)
    saved = (await api.get(f"/users/{user}/collections")).json["collections"]
    assert len(saved) == 12
    ages = [(clock.ms - item["createdAt"]) / DAY_MS for item in saved]
    assert min(ages) < 2
    assert max(ages) > 365
    assert sum(age > 90 for age in ages) >= 5
    assert {item["type"] for item in saved} == {0, 1, 2}


async def test_one_saved_thing_is_to_be_kept(launch):
    api = await launch()
    await seed_sample(api.service)
    saved = (await api.get("/users/kofi.mensah/collections")).json["collections"]
    assert [item["createdAt"] for item in saved if "keep" in (item["ext"] or "")] == [
        min(item["createdAt"] for item in saved)
    ]


async def test_the_community_is_found_by_its_tags_and_has_a_second_category(launch):
    api = await launch()
    community = await seed_sample(api.service)
    found = (await api.get("/circle/server/search/co-op", type=1)).json["servers"]
    assert [server["server_id"] for server in found] == [community]
    assert found[0]["tag_count"] == 3
    categories = (await api.get("/circle/channel/category/list", serverId=community)).json["channelCategoryList"]
    assert [category["name"] for category in categories][1:] == ["Voice rooms"]
    voice = categories[1]["channel_category_id"]
    members = await api.get(f"/circle/channel/category/{voice}/member/list", serverId=community)
    assert {channel["name"] for channel in members.json["channels"]} == {"Lounge", "Raid night"}
