"""Models: both spellings, unknown and missing keys, times that are none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from bot.im import Channel, ChannelMember, ChannelMode, ChannelRole, ChannelType, Community, CommunityRole, Mute
from bot.im.models import PERMANENT_FROM_MS


@pytest.mark.parametrize("key", ["max_users", "maxUsers", "maxusers"])
def test_a_channel_reads_every_spelling_of_max_users(key):
    assert Channel.read({"channel_id": "1", key: 7}).max_users == 7


def test_camel_case_and_numbers_as_ids_are_read():
    channel = Channel.read({"channelId": 5, "serverId": 6, "channelCategoryId": "c", "rtcName": "r"})
    assert (channel.channel_id, channel.community_id, channel.category_id, channel.rtc_name) == ("5", "6", "c", "r")


def test_unknown_keys_nulls_and_missing_options_are_tolerated():
    channel = Channel.read({"channel_id": "1", "custom": None, "description": None, "brand_new": [1], "type": None})
    assert (channel.custom, channel.description, channel.type, channel.created_at) == ("", "", ChannelType.PUBLIC, None)


def test_a_number_the_api_adds_later_reads_as_unknown():
    channel = Channel.read({"channel_id": "1", "type": 9, "mode": 9})
    assert (channel.type, channel.mode) == (ChannelType.UNKNOWN, ChannelMode.UNKNOWN)


@pytest.mark.parametrize(
    ("role", "expected"), [(0, ChannelRole.OWNER), (1, ChannelRole.MEMBER), (2, ChannelRole.MEMBER)]
)
def test_only_zero_is_an_owner_in_a_channel_list(role, expected):
    """A9: older servers send the community role here, where 1 would be a moderator."""
    assert ChannelMember.read({"user_id": "u", "role": role}).role is expected


def test_community_roles():
    assert [CommunityRole(n) for n in (0, 1, 2)] == [
        CommunityRole.OWNER, CommunityRole.MODERATOR, CommunityRole.MEMBER]  # fmt: skip


@pytest.mark.parametrize("expire", [86_400_000, 0, -1, 10**12 - 1])
def test_an_expire_that_is_no_time_of_day_is_shown_raw_and_not_computed_with(expire):
    mute = Mute.read({"user": "u", "expire": expire})
    assert (mute.expire, mute.ends_at, mute.permanent) == (expire, None, False)


@pytest.mark.parametrize("expire", [PERMANENT_FROM_MS, PERMANENT_FROM_MS + 1, 2**63 - 1])
def test_the_documented_constant_and_beyond_is_permanent(expire):
    mute = Mute.read({"user": "u", "expire": expire})
    assert mute.permanent
    assert mute.ends_at is None


def test_a_real_expire_is_a_moment_to_the_millisecond():
    mute = Mute.read({"user": "u", "expire": 1_675_845_650_856})
    assert mute.ends_at == datetime(2023, 2, 8, 8, 40, 50, 856_000, tzinfo=UTC)
    assert not mute.permanent


def test_a_creation_time_no_calendar_has_is_none():
    assert Community.read({"server_id": "s", "created": 2**62}).created_at is None


@pytest.mark.parametrize("raw", [{}, {"channel_id": ""}, {"channel_id": []}, {"channel_id": "1", "owner": {}}])
def test_what_is_no_channel_is_refused(raw):
    with pytest.raises(ValidationError):
        Channel.read(raw)


def test_models_are_frozen_and_can_be_built_by_our_names():
    channel = Channel(channel_id="1", community_id="c", max_users=3)
    assert (channel.community_id, channel.max_users) == ("c", 3)
    with pytest.raises(ValidationError):
        channel.name = "x"
    assert hash(channel) == hash(Channel(channel_id="1", community_id="c", max_users=3))
