"""Verifying the IM's callbacks: genuine ones pass, nothing else does, and no garbage raises (facts 7)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.im import callback_signature, verify_callback

SECRET = "rule-secret"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOW_MS = 1_777_636_800_000


def signed(**changes: Any) -> dict[str, Any]:
    body = {
        "callId": "demo-org#demo-app_23002282-ff00-4e06-b7bb-e0ff39121c1b",
        "timestamp": NOW_MS,
        "event": "group_op_event",
    }
    body |= {name: value for name, value in changes.items() if name != "security"}
    digest = hashlib.md5(f"{body['callId']}{SECRET}{body['timestamp']}".encode("utf-8", "surrogatepass"))
    return body | {"security": changes.get("security", digest.hexdigest())}


def test_the_signature_is_the_md5_of_call_id_secret_and_timestamp():
    """The example is of the documents' form, its digest made with md5sum."""
    assert callback_signature("org#app_1", "s3cret", 1_729_499_214_968) == "4a8919c8d0520b38f69fe15890201d7d"
    assert callback_signature("org#app_环", "密", 1) == hashlib.md5("org#app_环密1".encode()).hexdigest()


def test_a_genuine_callback_passes():
    assert verify_callback(signed(), SECRET, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"security": "0" * 32},
        {"security": ""},
        {"security": "é" * 32},
        {"security": signed()["security"].upper()},
        {"security": signed()["security"] + "0"},
    ],
)
def test_another_signature_does_not_pass(changes):
    assert not verify_callback(signed(**changes), SECRET, now=NOW)


def test_each_signed_part_counts():
    genuine = signed()
    assert not verify_callback(genuine | {"callId": genuine["callId"] + "x"}, SECRET, now=NOW)
    assert not verify_callback(genuine | {"timestamp": NOW_MS + 1}, SECRET, now=NOW)
    assert not verify_callback(genuine, "another secret", now=NOW)


def test_an_empty_secret_verifies_nothing():
    body = {"callId": "x", "timestamp": NOW_MS, "security": callback_signature("x", "", NOW_MS)}
    assert not verify_callback(body, "", now=NOW)


@pytest.mark.parametrize(("seconds", "passes"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_a_callback_passes_within_the_tolerance_only(seconds, passes):
    """In both directions: two clocks differ either way."""
    assert verify_callback(signed(), SECRET, now=NOW + timedelta(seconds=seconds)) is passes


def test_the_tolerance_can_be_chosen():
    later = NOW + timedelta(seconds=5)
    assert verify_callback(signed(), SECRET, now=later, tolerance_seconds=5)
    assert not verify_callback(signed(), SECRET, now=later, tolerance_seconds=4)


@pytest.mark.parametrize("name", ["callId", "timestamp", "security"])
@pytest.mark.parametrize(
    "value", [None, True, 1, 1.5, float("nan"), [], {}, "", "\ud800", pytest.param(10**5000, id="huge"), -1, b"x"]
)
def test_garbage_in_a_field_does_not_raise(name, value):
    assert not verify_callback(signed() | {name: value}, SECRET, now=NOW)


@pytest.mark.parametrize("body", [None, [], "text", 1, {}, [signed()]])
def test_what_is_no_object_does_not_raise(body):
    assert not verify_callback(body, SECRET, now=NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("callId", "timestamp", "security"), json_values)))
def test_nothing_that_was_not_signed_passes(body):
    assert not verify_callback(body, SECRET, now=NOW)


@given(call_id=st.text(), moved=st.integers(-300_000, 300_000))
def test_whatever_was_signed_passes(call_id, moved):
    assert verify_callback(signed(callId=call_id, timestamp=NOW_MS + moved), SECRET, now=NOW)
