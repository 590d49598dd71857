import asyncio

import pytest
import pytest_asyncio

from bot.imservice.domain import mutes
from tests.imservice.conftest import START_MS, assert_refusal

PERMANENT = 4638873600000


@pytest_asyncio.fixture
async def channel(api):
    channel = await api.new_channel()
    await api.join(channel, "ann", "Ben")
    return channel


async def test_duration_is_milliseconds_from_now(api, channel):
    assert (await api.mute(channel, "ann", duration=86400)).json == {"code": 200}
    assert await api.muted(channel) == {"ann": START_MS + 86400}


@pytest.mark.parametrize("form", [{}, {"duration": None}, {"duration": -1}])
async def test_three_ways_to_say_permanent(api, channel, clock, form):
    assert (await api.mute(channel, "ann", **form)).status == 200
    clock.ms += 10 * 365 * 86_400_000
    assert await api.muted(channel) == {"ann": PERMANENT}


async def test_a_duration_beyond_the_end_of_time_is_permanent(api, channel):
    await api.mute(channel, "ann", duration=2**63 - 1)
    assert await api.muted(channel) == {"ann": PERMANENT}


@pytest.mark.parametrize("duration", [0, -2, -86400, 1.5, "1000", True, 2**63, [], {}])
async def test_illegal_durations_are_refused(api, channel, duration):
    assert_refusal(await api.mute(channel, "ann", duration=duration), 400, "illegal_argument", "duration")
    assert await api.muted(channel) == {}


async def test_a_mute_lapses_at_its_end_and_not_before(api, channel, clock):
    await api.mute(channel, "ann", duration=5000)
    clock.ms += 4999
    assert await api.muted(channel) == {"ann": START_MS + 5000}
    clock.ms += 1
    assert await api.muted(channel) == {}


async def test_whether_a_mute_is_in_force_follows_the_same_instant(api, channel, clock):
    await api.mute(channel, "ann", duration=5000)
    reader = api.service.database.reader
    row, user = reader.execute("SELECT channel, user FROM mutes").fetchone()
    assert mutes.in_force(reader, row, user, in_force_after=START_MS + 4999)
    assert not mutes.in_force(reader, row, user, in_force_after=START_MS + 5000)


async def test_the_sweep_removes_what_has_lapsed_and_nothing_else(api, channel, clock):
    await api.mute(channel, "ann", duration=5000)
    await api.mute(channel, "Ben", duration=6000)
    clock.ms += 5000
    assert await api.service.write(lambda connection: mutes.sweep(connection, clock.ms)) == 1
    assert await api.muted(channel) == {"Ben": START_MS + 6000}


@pytest.mark.parametrize("keep", [False, True])
async def test_the_service_sweeps_by_itself_unless_mutes_are_kept(launch, clock, keep):
    api = await launch(keep_expired_mutes=keep, sweep_seconds=0.01)
    await api.users("owner", "ann")
    api.community = await api.new_community()
    channel = await api.new_channel()
    await api.join(channel, "ann")
    await api.mute(channel, "ann", duration=1000)
    clock.ms += 1000
    rows = 1
    for _ in range(20 if keep else 500):
        await asyncio.sleep(0.01)
        (rows,) = api.service.database.reader.execute("SELECT count(*) FROM mutes").fetchone()
        if rows == 0:
            break
    assert rows == (1 if keep else 0)


async def test_kept_mutes_stay_listed_with_their_end_until_lifted(launch, clock):
    api = await launch(keep_expired_mutes=True)
    await api.users("owner", "ann")
    api.community = await api.new_community()
    channel = await api.new_channel()
    await api.join(channel, "ann")
    await api.mute(channel, "ann", duration=1000)
    clock.ms += 86_400_000
    assert await api.muted(channel) == {"ann": START_MS + 1000}
    reply = await api.delete(f"/circle/channel/{channel}/user/mute", serverId=api.community, userId="ann")
    assert reply.json == {"code": 200}
    assert await api.muted(channel) == {}


async def test_the_last_mute_holds(api, channel):
    await api.mute(channel, "ann", duration=5000)
    await api.mute(channel, "Ann", duration=1000)
    assert await api.muted(channel) == {"ann": START_MS + 1000}
    await api.mute(channel, "ann")
    assert await api.muted(channel) == {"ann": PERMANENT}


async def test_unmuting_somebody_who_is_not_muted_is_fine(api, channel):
    path = f"/circle/channel/{channel}/user/mute"
    await api.mute(channel, "ann")
    for user in ("ann", "ann", "cleo"):
        assert (await api.delete(path, serverId=api.community, user_id=user)).json == {"code": 200}
    assert await api.muted(channel) == {}
    reply = await api.delete(path, serverId=api.community, userId="nobody")
    assert_refusal(reply, 404, "service_resource_not_found")
    assert_refusal(await api.delete(path, serverId=api.community), 400, "illegal_argument", "userId")


async def test_who_cannot_be_muted(api, channel):
    assert_refusal(await api.mute(channel, "owner"), 403, "forbidden_op", "owner")
    assert_refusal(await api.mute(channel, "cleo"), 403, "forbidden_op", "users [cleo] are not members")
    assert_refusal(await api.mute(channel, "nobody"), 404, "service_resource_not_found")
    assert_refusal(await api.mute(channel, "not legal"), 400, "illegal_argument", "not legal")
    assert_refusal(await api.mute("123", "ann"), 404, "resource_not_found", "channel")
    path = f"/circle/channel/{channel}/user/mute"
    assert_refusal(await api.post(path, {"user_id": "ann"}), 400, "illegal_argument", "server_id")
    assert_refusal(await api.post(path, {"server_id": api.community}), 400, "illegal_argument", "user_id")
    assert_refusal(await api.post(path, {"server_id": "unknown", "user_id": "ann"}), 404, "resource_not_found")


async def test_a_moderator_can_be_muted(api, channel):
    await api.put(f"/circle/server/{api.community}/user/role", userId="ann", role=1)
    assert (await api.mute(channel, "ann", duration=1000)).status == 200


async def test_mutes_belong_to_one_channel(api, channel):
    other = await api.new_channel("other")
    await api.join(other, "ann")
    await api.mute(channel, "ann")
    assert await api.muted(other) == {}


async def test_list_has_count_and_the_documented_keys(api, channel):
    await api.mute(channel, "ann", duration=1000)
    reply = await api.get(f"/circle/channel/{channel}/user/mute/list", server_id=api.community)
    assert reply.json == {"code": 200, "count": 1, "mute_users": [{"expire": START_MS + 1000, "user": "ann"}]}
