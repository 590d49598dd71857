"""Channels: what is sent (the rulings marked C:), what the seed's examples read as, what is refused before."""

from __future__ import annotations

import pytest

from bot.im import ChannelMode, ChannelType, InvalidArgument
from tests.im.scripted import EXAMPLES


async def test_create_sends_both_spellings_and_reads_the_seed_example(server, im):
    server.steps.append(EXAMPLES["create text"])
    channel = await im.channels.create(
        "19VM", "chat channel", type=ChannelType.PRIVATE, max_users=200, description="d", custom="c", category_id="cat"
    )
    seen = server.seen[0]
    assert (seen.method, seen.target) == ("POST", "/org/app/circle/channel")
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.body == {
        "server_id": "19VM",
        "name": "chat channel",
        "type": 1,
        "mode": 0,
        "maxUsers": 200,
        "max_users": 200,
        "description": "d",
        "custom": "c",
        "channel_category_id": "cat",
    }
    assert (channel.channel_id, channel.max_users, channel.created) == ("2059xxxxxx1542", 200, 1675845650856)
    assert (channel.owner, channel.is_default, channel.rtc_name) == ("user1", False, None)


async def test_create_sends_only_what_was_given(server, im):
    server.steps.append(EXAMPLES["create voice"])
    channel = await im.channels.create("s", "n", mode=ChannelMode.VOICE)
    assert server.seen[0].body == {"server_id": "s", "name": "n", "type": 0, "mode": 1}
    assert (channel.mode, channel.rtc_name) == (ChannelMode.VOICE, "150986")


async def test_the_id_may_stand_beside_the_channel(server, im):
    server.steps.append({"code": 200, "channel": {"name": "n"}, "channel_id": "7"})
    assert (await im.channels.create("s", "n")).channel_id == "7"


async def test_update_sends_the_community_and_what_changes(server, im):
    server.steps.append(EXAMPLES["update"])
    channel = await im.channels.update("s", "7", name="new", max_users=9, type=ChannelType.PUBLIC, custom="")
    seen = server.seen[0]
    assert (seen.method, seen.target) == ("PUT", "/org/app/circle/channel/7?serverId=s")
    assert seen.body == {"name": "new", "maxUsers": 9, "max_users": 9, "custom": "", "type": 0}
    assert channel.name == "chat channel"


@pytest.mark.parametrize(("example", "count", "rtc"), [("get text", None, None), ("get voice", 2, "150986")])
async def test_get_reads_both_seed_examples(server, im, example, count, rtc):
    server.steps.append(EXAMPLES[example])
    channel = await im.channels.get("s", "7")
    assert server.seen[0].target == "/org/app/circle/channel/7?serverId=s"
    assert (channel.current_users_count, channel.rtc_name) == (count, rtc)


async def test_delete(server, im):
    server.steps.append(EXAMPLES["delete"])
    assert await im.channels.delete("s", "7") is None
    assert (server.seen[0].method, server.seen[0].target) == ("DELETE", "/org/app/circle/channel/7?serverId=s")


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("public", "/circle/channel/public?serverId=s&limit=1"),
        ("private", "/circle/channel/private?serverId=s&limit=1"),
        ("created", "/circle/channel/user/u1/created/channels?serverId=s&limit=1"),
        ("joined", "/circle/channel/user/joined/list?userId=u1&serverId=s&limit=1"),
    ],
)
async def test_lists_ask_as_the_seed_says_and_read_its_example(server, im, name, target):
    server.steps.append(EXAMPLES[name])
    paged = getattr(im.channels, name)(*("s", "u1") if name in {"created", "joined"} else "s")
    page = await paged.page(limit=1)
    assert server.seen[0].target == "/org/app" + target
    assert [channel.channel_id for channel in page.items] == [row["channel_id"] for row in EXAMPLES[name]["channels"]]
    assert page.cursor == EXAMPLES[name]["cursor"]


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("name", {"name": ""}),
        ("name", {"name": "x" * 51}),
        ("name", {"name": "\ud800"}),
        ("name", {"name": 5}),
        ("description", {"description": "x" * 501}),
        ("custom", {"custom": "x" * 501}),
        ("max_users", {"max_users": 0}),
        ("max_users", {"max_users": 2001}),
        ("max_users", {"max_users": 21, "mode": ChannelMode.VOICE}),
        ("max_users", {"max_users": True}),
        ("rtc_name", {"rtc_name": "x"}),
        ("rtc_name", {"rtc_name": "x" * 51, "mode": ChannelMode.VOICE}),
        ("type", {"type": ChannelType.UNKNOWN}),
        ("mode", {"mode": ChannelMode.UNKNOWN}),
        ("community_id", {"community_id": ""}),
        ("category_id", {"category_id": ""}),
    ],
)
async def test_create_refuses_before_the_wire(server, im, field, options):
    with pytest.raises(InvalidArgument) as caught:
        await im.channels.create(**{"community_id": "s", "name": "n", **options})
    assert caught.value.field == field
    assert isinstance(caught.value, ValueError)
    assert server.seen == []


async def test_limits_themselves_are_allowed_and_count_characters_not_bytes(server, im):
    server.default = EXAMPLES["create text"]
    await im.channels.create("s", "频" * 50, description="道" * 500, custom="😀" * 500, max_users=2000)
    await im.channels.create("s", "n", mode=ChannelMode.VOICE, max_users=20, rtc_name="r" * 50)
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("name", {}),
        ("name", {"mode": ChannelMode.VOICE}),
        ("max_users", {"max_users": 2001}),
        ("max_users", {"max_users": 21, "mode": ChannelMode.VOICE}),
        ("community_id", {"name": "n", "community_id": ""}),
    ],
)
async def test_update_refuses_before_the_wire(server, im, field, options):
    with pytest.raises(InvalidArgument) as caught:
        await im.channels.update(**{"community_id": "s", "channel_id": "7", **options})
    assert caught.value.field == field
    assert server.seen == []
