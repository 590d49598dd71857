from bot.imservice import seed_sample


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
    tables = ("users", "communities", "channels", "community_members", "channel_members", "mutes")

    def counts():
        reader = api.service.database.reader
        return [reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]

    before = counts()
    assert await seed_sample(api.service) == community
    assert counts() == before


async def test_people_who_exist_already_are_taken_as_they_are(launch):
    api = await launch()
    await api.users("Mei.Lin")
    community = await seed_sample(api.service)
    people = (await api.get(f"/circle/server/{community}/users")).json["users"]
    assert {"user_id": "Mei.Lin", "role": 1} in people
