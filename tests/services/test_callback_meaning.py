"""What callbacks mean: those of the documents, those of our own IM service, and whatever else there is in JSON."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.services.callbacks.model import (
    ChannelChanged,
    ImEvent,
    MembersChanged,
    MessageSent,
    MutesChanged,
    OfNoUse,
    Unknown,
)
from bot.services.callbacks.parse import parse
from bot.services.clock import from_ms
from tests.services.conftest import MakeWorld
from tests.services.signed import group_op, muted, said, told

OLD = {"chat_type": "muc", "group_id": "7", "to": "Bob", "payload": {"operation": "add_mute"}}


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        (muted("7", "Bob", "carl"), MutesChanged("7", ("bob", "carl"))),
        (muted("7", "bob", how="REMOVE"), MutesChanged("7", ("bob",))),
        (group_op("7", "MUTE"), MutesChanged("7", ())),
        (OLD, MutesChanged("7", ("bob",))),
        (OLD | {"payload": {"operation": "absence"}}, MembersChanged("7", ("bob",))),
        (group_op("7", "KICK", member="bob"), MembersChanged("7", ("bob",))),
        (group_op("7", "leave", member=["bob", 5, None, "x" * 65]), MembersChanged("7", ("bob",))),
        (group_op("7", "CREATE", member=["abc"], role={"abc": "admin"}), ChannelChanged("7", deleted=False)),
        (group_op("7", "UPDATE", type="INFO"), ChannelChanged("7", deleted=False)),
        (group_op("7", "DELETE"), ChannelChanged("7", deleted=True)),
        (group_op("7", "DESTROY"), ChannelChanged("7", deleted=True)),
        (group_op("", "ROOM_SUPER_ADMIN", admin=["wzy"], type="ADD"), OfNoUse("group")),
        (group_op("7", "SHARE_FILE", type="ADD"), OfNoUse("group")),
        (group_op("7", "SOMETHING_NEW"), Unknown("group/SOMETHING_NEW")),
        (group_op("7\n8", "MUTE"), Unknown("group/MUTE")),
        ({"event": "group_op_event"}, Unknown("group")),
        ({"chat_type": "roster", "eventType": "chat", "payload": {"operation": "ban"}}, OfNoUse("contact")),
        ({"chat_type": "notify", "eventType": "chat", "payload": {"type": "reaction"}}, OfNoUse("reaction")),
        ({"chat_type": "notify", "payload": {"type": "thread", "data": {}}}, OfNoUse("thread")),
        ({"chat_type": "notify", "payload": {"type": ["new"]}}, Unknown("notify")),
        ({"chat_type": "chat", "eventType": "chat", "content_type": "chat:user:text"}, OfNoUse("direct-message")),
        (said("7", "hi", 1) | {"eventType": "chat_offline"}, OfNoUse("offline")),
        ({"chat_type": "groupchat", "msg_id": "1", "payload": {}}, OfNoUse("pre-send")),
        (said("7", "hi", 1), Unknown("message/chat:group:text")),  # without a time
        ({"chat_type": "poll", "eventType": "chat\x00" + "y" * 99}, Unknown("poll/chat " + "y" * 54)),
        ([], Unknown("")),
    ],
)  # fmt: skip
def test_what_the_documents_show_is_understood(body: Any, meant: ImEvent) -> None:
    assert parse(body) == meant


@pytest.mark.parametrize(
    ("bodies", "kind", "text"),
    [
        ([{"type": "txt", "msg": "rr\x00"}, {"type": "img"}], "txt", "rr"),
        ({"type": "txt", "msg": "old"}, "txt", "old"),
        ([{"type": "img", "msg": "no text", "url": "x"}], "img", ""),
        ([{"type": "txt", "msg": 5}], "txt", ""),
    ],
)
def test_a_message_is_read_from_its_first_body(bodies: Any, kind: str, text: str) -> None:
    body = said("7", "", 99, author="Bob") | {"timestamp": 1_729_497_138_792, "payload": {"bodies": bodies}}
    assert parse(body) == MessageSent("7", "99", "bob", kind, text, from_ms(1_729_497_138_792))


async def test_everything_our_im_service_tells_is_understood(make_world: MakeWorld) -> None:
    world = await make_world()
    im, place = world.im, (world.community, world.channel)
    # What was told while the world was made: channels and who joined them.
    assert {type(parse(body)) for body in told(world)} == {ChannelChanged, MembersChanged}
    await im.mutes.add(*place, "bob", duration_ms=60_000)
    await im.mutes.remove(*place, "bob")
    assert [parse(body) for body in told(world)] == [MutesChanged(world.channel, ("bob",))] * 2
    await im.members.remove(*place, "carl")
    await im.communities.remove(world.community, "dora")
    assert {event.members for event in map(parse, told(world)) if isinstance(event, MembersChanged)} == {
        ("carl",), ("dora",),
    }  # fmt: skip
    message_id = await im.messages.send_text(world.channel, "hello", sender="bob")
    (sent,) = [parse(body | {"timestamp": 5}) for body in told(world)]
    assert sent == MessageSent(world.channel, message_id, "bob", "txt", "hello", from_ms(5))
    await im.reactions.add("bob", message_id, "👍")
    await im.threads.create(world.channel, message_id, "bob", "talk")
    await im.contacts.add("bob", "carl")
    await im.blocks.add("bob", "dora")
    assert {event.kind for event in map(parse, told(world)) if isinstance(event, OfNoUse)} == {
        "reaction", "thread", "contact",
    }  # fmt: skip
    await im.channels.update(*place, name="renamed")
    await im.channels.delete(*place)
    assert [parse(body) for body in told(world)] == [
        ChannelChanged(world.channel, deleted=False),
        ChannelChanged(world.channel, deleted=True),
    ]


_words = st.sampled_from([
    "group_op_event", "muc", "notify", "groupchat", "chat", "roster", "MUTE", "KICK", "txt", "7", "", "\ud800",
])  # fmt: skip
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | _words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | _words, inner, max_size=4),
    max_leaves=12,
)
_names = ["event", "chat_type", "eventType", "id", "group_id", "operation", "msg_id", "from", "to", "timestamp"]
_bodies = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(_names, _words | _json)
    | {"payload": _json | st.fixed_dictionaries({}, optional=dict.fromkeys(["member", "type", "bodies"], _json))},
)


@settings(max_examples=300, deadline=None)
@given(_json | _bodies)
def test_no_json_at_all_makes_it_raise(body: Any) -> None:
    event = parse(body)
    if isinstance(event, Unknown):
        assert len(event.kind) <= 64
        assert event.kind.isprintable()
