"""Path templates and percent-encoding, on the objects and on a real socket."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.im.endpoint import Endpoint, query_string
from bot.im.errors import InvalidArgument

ODD = ["a/b", "a b", "a%2Fb", "a?b#c", "频道", "..a", "a+b&c=d", "%2e%2e", "...", "\x00", "a\\b", ";v=1", "😀"]


@pytest.mark.parametrize("value", ODD)
async def test_odd_ids_arrive_as_one_encoded_segment(server, im, value):
    await im.channels.delete(value, value)
    path, query = server.seen[0].path, server.seen[0].query
    prefix, segment = path.rsplit("/", 1)
    assert prefix == "/org/app/circle/channel"
    assert unquote(segment) == value
    assert set(segment) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%")
    assert query == {"serverId": value}


@pytest.mark.parametrize("value", ["", ".", "..", "\ud800", "x" * 513, None, 5])
async def test_what_cannot_be_a_segment_is_refused_before_the_wire(server, im, value):
    with pytest.raises(InvalidArgument) as caught:
        await im.channels.delete("c", value)
    assert caught.value.field == "channel_id"
    assert server.seen == []


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(lambda t: t not in {".", ".."})
)
def test_no_id_can_change_the_path(value):
    path = Endpoint("GET", "/a/{x}/b").path({"x": value})
    assert path.count("/") == 3
    assert "?" not in path
    assert "#" not in path


@given(st.dictionaries(st.sampled_from(["userId", "cursor"]), st.text(st.characters(exclude_categories=["Cs"]))))
def test_queries_survive_the_way(query):
    assert dict(parse_qsl(query_string(query), keep_blank_values=True)) == query


def test_the_label_has_no_ids_and_the_method_says_what_may_be_repeated():
    assert Endpoint("GET", "/x/{y}").label == "GET /x/{y}"
    assert [Endpoint(m, "/").repeatable for m in ("GET", "PUT", "DELETE", "POST")] == [True, True, True, False]
    assert Endpoint("POST", "/", idempotent=True).repeatable
