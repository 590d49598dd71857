"""What the OpenAPI document says of a message is what the service takes: neither more nor less."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.imservice.contents import TYPES
from bot.imservice.errors import ApiError
from bot.imservice.routes.messages import _TO_GROUPS, _TO_ROOMS, _to_groups, _to_rooms
from tests.effort import tries

SIDES = [(Draft202012Validator(_TO_GROUPS.schema), _to_groups), (Draft202012Validator(_TO_ROOMS.schema), _to_rooms)]
# Short, so that the limit of 5 KB, which no schema can say, does not come into it.
short = st.text(alphabet="ab9/-_.频😀 \0", max_size=4)
junk = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.just(1.5), short, st.lists(short, max_size=2),
    st.dictionaries(short, short, max_size=2), st.sampled_from(["x" * 40, "x" * 129, {str(n): "" for n in range(17)}]),
)  # fmt: skip
names = st.sampled_from([
    "msg", "url", "filename", "secret", "size", "Length", "length", "thumb", "thumb_secret", "file_length", "lat",
    "lng", "addr", "action", "customEvent", "customExts", "other",
])  # fmt: skip
bodies = st.dictionaries(names, st.one_of(short, st.integers(0, 3), junk), max_size=4)
good_bodies = {
    "txt": {"msg": "x"}, "img": {"url": "u"}, "audio": {"url": "u"}, "video": {"url": "u"}, "file": {"url": "u"},
    "loc": {"lat": "1", "lng": 2.5, "addr": ""}, "cmd": {"action": "a"}, "custom": {"customEvent": "e"},
}  # fmt: skip
fields = st.sampled_from([
    "from", "to", "type", "ext", "need_group_ack", "routetype", "roam_ignore_users", "chatroom_msg_level", "other",
])  # fmt: skip
edges = st.sampled_from(["ROUTE_ONLINE", "high", "", [], ["x"] * 3, ["x"] * 4, ["x"] * 11, ["x"] * 21, {}])
changes = st.dictionaries(fields, st.one_of(junk, edges), max_size=2)


@pytest.mark.parametrize("side", SIDES, ids=["groups", "rooms"])
@settings(max_examples=tries(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(TYPES), extra=bodies, change=changes, drop=st.sampled_from(["", "to", "type", "body"]))
def test_the_schema_accepts_a_message_exactly_if_the_service_does(side, kind, extra, change, drop):
    validator, read = side
    message = {"to": ["1"], "type": kind, "body": good_bodies[kind] | extra} | change
    message.pop(drop, None)
    try:
        accepted = read(message) is not None
    except ApiError:
        accepted = False
    assert validator.is_valid(message) is accepted, list(validator.iter_errors(message))


@pytest.mark.parametrize("side", SIDES, ids=["groups", "rooms"])
@pytest.mark.parametrize("kind", TYPES)
def test_every_type_is_accepted_with_what_it_needs_and_not_without_a_body(side, kind):
    validator, _ = side
    assert validator.is_valid({"to": ["1"], "type": kind, "body": good_bodies[kind]})
    assert not validator.is_valid({"to": ["1"], "type": kind, "body": {}})
    assert not validator.is_valid({"to": ["1"], "type": kind, "body": None})
