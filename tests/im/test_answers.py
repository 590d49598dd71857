"""Reading answers: success or not, dates, delays, numbers and flags."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.im.answers import Answer, Raw, decoded, parsed_date, understand
from bot.im.errors import BadResponse, IMError, NotFound, RateLimited, Unavailable
from bot.im.models import Channel, ChannelMember, ChannelRole


def raw(content: object, status: int = 200, retry_after: str | None = None, date: str | None = None) -> Raw:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Raw(status, body, date, retry_after)


def answer(**data: object) -> Answer:
    return Answer(data, None, "GET /x", "id")


@pytest.mark.parametrize("content", [{}, {"code": 200}, {"code": "200"}, {"code": None}, {"error": "", "code": 200}])
def test_success_is_2xx_with_code_absent_or_200(content):
    assert isinstance(understand(raw(content), "", ""), Answer)
    assert isinstance(understand(raw(content, 201), "", ""), Answer)


@pytest.mark.parametrize(
    ("header", "seconds"), [("2", 2), ("0.5", 0.5), ("-3", 0), ("nan", None), ("inf", None), ("x", None)]
)
def test_retry_after_in_seconds(header, seconds):
    error = understand(raw({}, 429, header), "", "")
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_retry_after_as_a_date_is_compared_with_the_servers_own_clock():
    error = understand(raw({}, 503, "Fri, 20 Nov 2026 13:00:07 GMT", "Fri, 20 Nov 2026 13:00:00 GMT"), "", "")
    assert isinstance(error, Unavailable)
    assert error.retry_after == 7


def test_a_refusal_in_another_language_than_json_keeps_its_status():
    error = understand(raw(b"<html>502</html>", 502), "GET /x", "id")
    assert isinstance(error, Unavailable)
    assert (error.status, error.error, error.sent) == (502, "", True)


def test_only_the_im_can_say_that_something_is_not_there():
    """A proxy's page while the IM is away would end every mute of the channels that it is asked about."""
    for body in (b"<html>404</html>", b"", b"404 page not found", b"{}"):
        error = understand(raw(body, 404), "GET /x", "id")
        assert (type(error), error.status) == (Unavailable, 404)
    assert type(understand(raw({"code": 404}, 404), "GET /x", "id")) is NotFound


def test_a_description_is_one_short_printable_line():
    error = understand(raw({"error_description": "a\nb\x1b[31m" + "x" * 9999}, 400), "", "")
    assert isinstance(error, IMError)
    assert error.description.isprintable()
    assert len(error.description) <= 500


def test_half_an_emoji_is_a_question_mark_and_a_whole_one_stays():
    """Servers that count UTF-16 cut names in the middle of a surrogate pair."""
    data = decoded(
        b'{"a": "x\\ud83d", "b": ["\\uDE00y"], "\\ud83d": 1, "c": "\\ud83d\\ude00", "d": "\\\\ud83d", "e": 1.5}'
    )
    assert data == {"a": "x?", "b": ["?y"], "?": 1, "c": "\U0001f600", "d": "\\ud83d", "e": 1.5}
    assert decoded(b'{"a": "\xed\xa0\xbd"}') is None
    assert decoded(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize("row", [5, None, "x", [], {}, {"user_id": ""}])
def test_one_wrong_row_among_right_ones_is_a_bad_response_without_its_content(row):
    rows = [{"user_id": "s3cret"}, row]
    with pytest.raises(BadResponse, match="ChannelMember") as caught:
        answer(users=rows).page("users", ChannelMember)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_row_may_have_nulls_beside_one_that_has_none():
    rows = answer(users=[{"user_id": "u", "role": None}, {"user_id": "v", "role": 0}]).page("users", ChannelMember)
    assert [row.role for row in rows.items] == [ChannelRole.MEMBER, ChannelRole.OWNER]


def test_the_date_header_is_utc_to_the_second():
    assert parsed_date("Fri, 20 Nov 2026 13:00:00 GMT") == datetime(2026, 11, 20, 13, tzinfo=UTC)
    assert parsed_date("Fri, 20 Nov 2026 13:00:00 +0800") == datetime(2026, 11, 20, 5, tzinfo=UTC)
    assert [parsed_date(text) for text in (None, "", "yesterday", "Fri, 99 Nov 2026 13:00:00 GMT")] == [None] * 4


def test_flags_numbers_and_texts_in_their_known_spellings():
    assert answer(result=True).flag() is True
    assert answer(result="false").flag() is False
    assert answer(role="2").number("role") == 2
    assert answer(server_id=17).text("server_id") == "17"


@pytest.mark.parametrize("value", [None, 1, "yes", [], {}])
def test_a_flag_that_is_none_is_a_bad_response(value):
    with pytest.raises(BadResponse):
        answer(result=value).flag()


def test_wrong_content_names_the_fields_and_repeats_none_of_it():
    with pytest.raises(BadResponse) as caught:
        answer().model({"channel_id": "1", "max_users": "s3cret"}, Channel)
    assert "max_users" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__context__ is None


KEYS = st.sampled_from(["code", "channels", "channel", "channel_id", "cursor", "error", "type", "created", "max_users"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(content=JSON, status=st.integers(200, 599))
def test_whatever_json_comes_is_understood_or_an_im_error(content, status):
    outcome = understand(raw(content, status), "GET /x", "id")
    if isinstance(outcome, Answer):
        with suppress(BadResponse):
            outcome.page("channels", Channel)
    else:
        assert isinstance(outcome, IMError)
