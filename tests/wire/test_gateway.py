"""The gateway protocol, frame by frame."""

import asyncio

import pytest

from tests.wire import FakeDiscord
from tests.wire.gateway import INTENT_CONTENT, INTENT_MEMBERS, INTENT_MESSAGES
from tests.wire.rawbot import RawBot


async def test_a_heartbeat_before_identify_is_acknowledged(raw: RawBot):
    hello = await raw.connect()
    assert hello["d"]["heartbeat_interval"] > 0
    await raw.send(1, None)
    assert (await raw.receive())["op"] == 11


@pytest.mark.parametrize(
    ("op", "data", "close"),
    [
        (2, {"token": "wrong", "intents": 1, "properties": {}}, 4004),
        (3, {}, 4003),
        (6, {"token": "wrong", "session_id": "x", "seq": 1}, 4004),
    ],
)
async def test_a_bad_first_frame_closes_with_its_code(raw: RawBot, op: int, data: dict, close: int):
    await raw.connect()
    await raw.send(op, data)
    assert await raw.receive() == {"close": close}


async def test_a_second_identify_and_an_unknown_op_close(discord: FakeDiscord, raw: RawBot):
    await raw.identify()
    await raw.send(2, {"token": discord.token, "intents": 1, "properties": {}})
    with pytest.raises(ConnectionError, match="4005"):
        await raw.event("NEVER")
    await raw.identify()
    await raw.send(99, None)
    with pytest.raises(ConnectionError, match="4001"):
        await raw.event("NEVER")


async def test_a_privileged_intent_that_is_not_granted_closes(discord: FakeDiscord, raw: RawBot):
    discord.gateway.denied_intents = INTENT_MEMBERS
    with pytest.raises(ConnectionError, match="4014"):
        await raw.identify(1 | INTENT_MEMBERS)


async def test_too_many_frames_close(raw: RawBot):
    await raw.identify()
    for _ in range(125):
        await raw.send(1, None)
    with pytest.raises(ConnectionError, match="4008"):
        await raw.event("NEVER")


async def test_an_unknown_session_is_told_to_identify_anew(discord: FakeDiscord, raw: RawBot):
    await raw.identify()
    discord.gateway.forget_sessions()
    await raw.resume()
    assert await raw.receive() == {"op": 9, "d": False, "s": None, "t": None}


async def test_resume_replays_exactly_what_was_missed(discord: FakeDiscord, raw: RawBot):
    await raw.identify()
    await raw.event("GUILD_CREATE")
    bob = discord.add_member("bob")
    discord.say(bob, discord.channel, "one")
    await raw.event("MESSAGE_CREATE")
    discord.drop_connections()
    discord.say(bob, discord.channel, "two")
    discord.say(bob, discord.channel, "three")
    await raw.resume()
    frames = [await raw.receive() for _ in range(3)]
    assert [one["t"] for one in frames] == ["MESSAGE_CREATE", "MESSAGE_CREATE", "RESUMED"]
    assert frames[1]["s"] == frames[0]["s"] + 1


async def test_text_of_others_needs_the_content_intent(discord: FakeDiscord, raw: RawBot):
    bob = discord.add_member("bob")
    await raw.identify(1 | INTENT_MESSAGES)
    discord.say(bob, discord.channel, "secret")
    assert (await raw.event("MESSAGE_CREATE"))["content"] == ""
    other = RawBot(discord)
    await other.identify(1 | INTENT_MESSAGES | INTENT_CONTENT)
    discord.say(bob, discord.channel, "open")
    assert (await other.event("MESSAGE_CREATE"))["content"] == "open"
    await other.close()


async def test_member_chunks_carry_nonce_and_missing_ids(discord: FakeDiscord, raw: RawBot):
    bob = discord.add_member("bob")
    await raw.identify(1 | INTENT_MEMBERS)
    await raw.send(8, {"guild_id": str(discord.guild.id), "user_ids": [str(bob.id), "7"], "nonce": "n"})
    chunk = await raw.event("GUILD_MEMBERS_CHUNK")
    assert [one["user"]["username"] for one in chunk["members"]] == ["bob"]
    assert (chunk["not_found"], chunk["nonce"], chunk["chunk_count"]) == (["7"], "n", 1)


async def test_shards_get_their_own_guilds_only(discord: FakeDiscord, raw: RawBot):
    for number in range(4):
        discord.add_guild(f"g{number}")
        await asyncio.sleep(0.002)
    mine = {str(one) for one in discord.world.guilds if (one >> 22) % 2 == 0}
    ready = await raw.identify(1, shard=[0, 2])
    assert {one["id"] for one in ready["guilds"]} == mine


async def test_an_interaction_without_a_bot_is_not_delivered_later(discord: FakeDiscord, raw: RawBot):
    await raw.register({"name": "ping", "description": "Ping"})
    reply = discord.send_slash(discord.add_member("mod"), discord.channel, "ping")
    assert not reply.delivered
    await raw.identify()
    assert (await raw.event("GUILD_CREATE"))["id"] == str(discord.guild.id)
    with pytest.raises(TimeoutError, match="delivered=False"):
        await reply.acknowledged(0.01)


async def test_a_session_the_bot_has_closed_itself_cannot_be_resumed(discord: FakeDiscord, raw: RawBot):
    await raw.identify()
    await raw.ws.close(code=1000)
    await discord.wait_disconnected()
    await raw.resume()
    assert (await raw.receive())["op"] == 9


async def test_op_7_and_a_close_by_the_server_leave_the_session_to_be_resumed(discord: FakeDiscord, raw: RawBot):
    await raw.identify()
    await raw.event("GUILD_CREATE")
    discord.gateway.ask_reconnect()
    assert (await raw.receive())["op"] == 7
    await discord.gateway.close(4000)
    assert await raw.receive() == {"close": 4000}
    await raw.resume()
    assert (await raw.receive())["t"] == "RESUMED"


async def test_channels_and_roles_made_or_deleted_are_told_to_the_bot(discord: FakeDiscord, raw: RawBot):
    await raw.identify(1 | INTENT_MEMBERS)
    channel = discord.add_channel("side")
    assert (await raw.event("CHANNEL_CREATE"))["name"] == "side"
    role = discord.add_role("staff", permissions=8)
    assert (await raw.event("GUILD_ROLE_CREATE"))["role"]["permissions"] == "8"
    bob = discord.add_member("bob")
    discord.set_roles(bob, [role])
    assert (await raw.event("GUILD_MEMBER_UPDATE"))["roles"] == [str(role.id)]
    assert bob.permissions & 1 << 5
    discord.delete_channel(channel)
    assert (await raw.event("CHANNEL_DELETE"))["id"] == str(channel.id)


async def test_a_bot_without_heartbeats_is_disconnected_and_may_resume():
    async with FakeDiscord(heartbeat_seconds=0.2) as discord:
        raw = RawBot(discord)
        await raw.identify()
        with pytest.raises(ConnectionError, match="4000"):
            await raw.event("NEVER")
        await raw.resume()
        assert (await raw.event("RESUMED")) == {}
        await raw.close()
