"""What the API answers, as frozen models that tolerate unknown keys, missing options and both spellings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

EARLIEST_TIMESTAMP_MS = 10**12
"""Below this an `expire` is a remaining time or nonsense, not a time of day (A3)."""
PERMANENT_FROM_MS = 4_638_873_600_000
"""From this on a mute has no end: the fixed expiry of the group API, 2117-01-01 UTC+8 (A3)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _OpenEnum(IntEnum):
    """Numbers the API may add to: one we do not know reads as UNKNOWN (-1)."""

    @classmethod
    def _missing_(cls, value: object) -> Self:  # noqa: ARG003 - enum's signature
        return cls(-1)


class ChannelType(_OpenEnum):
    """Who can find and join a channel."""

    PUBLIC = 0
    PRIVATE = 1
    UNKNOWN = -1


class ChannelMode(_OpenEnum):
    """What a channel carries; it cannot change after creation."""

    TEXT = 0
    VOICE = 1
    UNKNOWN = -1


class ChannelRole(IntEnum):
    """A member's role in a channel list: anything but 0 is an ordinary member (A9)."""

    OWNER = 0
    MEMBER = 1

    @classmethod
    def _missing_(cls, value: object) -> ChannelRole:  # noqa: ARG003 - enum's signature
        return cls.MEMBER


class CommunityType(_OpenEnum):
    """Who can find and join a community."""

    PUBLIC = 0
    PRIVATE = 1
    UNKNOWN = -1


class CommunityRole(_OpenEnum):
    """A member's role in a community, which also rules its channels."""

    OWNER = 0
    MODERATOR = 1
    MEMBER = 2
    UNKNOWN = -1


class Model(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, validate_by_name=True)

    @classmethod
    def read(cls, raw: dict[str, Any]) -> Self:
        """Build from an answer, where null counts as missing; raises pydantic's ValidationError."""
        if None in raw.values():
            raw = {key: value for key, value in raw.items() if value is not None}
        return cls.model_validate(raw)


class Channel(Model):
    """A channel of a community (002 公共参数)."""

    channel_id: str = Field(min_length=1, validation_alias=AliasChoices("channel_id", "channelId"))
    community_id: str = Field("", validation_alias=AliasChoices("server_id", "serverId", "community_id"))
    category_id: str = Field(
        "", validation_alias=AliasChoices("channel_category_id", "channelCategoryId", "category_id")
    )
    owner: str = ""
    name: str = ""
    type: ChannelType = ChannelType.PUBLIC
    mode: ChannelMode = ChannelMode.TEXT
    description: str = ""
    custom: str = ""
    created: int | None = None
    max_users: int | None = Field(None, validation_alias=AliasChoices("max_users", "maxUsers", "maxusers"))
    is_default: bool = Field(
        default=False, validation_alias=AliasChoices("default_channel", "defaultChannel", "is_default")
    )
    rtc_name: str | None = Field(None, validation_alias=AliasChoices("rtc_name", "rtcName"))
    current_users_count: int | None = Field(
        None, validation_alias=AliasChoices("current_users_count", "currentUsersCount")
    )

    @property
    def created_at(self) -> datetime | None:
        """When it was created, UTC."""
        return moment(self.created)


class ChannelMember(Model):
    """One row of a channel's member list (002 获取频道的成员列表)."""

    user_id: str = Field(min_length=1, validation_alias=AliasChoices("user_id", "userId", "user"))
    role: ChannelRole = ChannelRole.MEMBER


class Mute(Model):
    """One row of a channel's mute list (002 获取频道的禁言列表).

    `expire` is the raw number of the API. Only a value that can be a time of day is turned into one.
    """

    user_id: str = Field(min_length=1, validation_alias=AliasChoices("user", "user_id", "userId", "username"))
    expire: int = 0

    @property
    def permanent(self) -> bool:
        """Whether the mute has no end."""
        return self.expire >= PERMANENT_FROM_MS

    @property
    def ends_at(self) -> datetime | None:
        """When it ends, UTC; None if it is permanent or if `expire` is no time of day (A3)."""
        if self.permanent or self.expire < EARLIEST_TIMESTAMP_MS:
            return None
        return moment(self.expire)


class Community(Model):
    """A community, called server by the API (fact 6)."""

    community_id: str = Field(min_length=1, validation_alias=AliasChoices("server_id", "serverId", "community_id"))
    name: str = ""
    owner: str = ""
    type: CommunityType = CommunityType.PUBLIC
    description: str = ""
    custom: str = ""
    icon_url: str = Field("", validation_alias=AliasChoices("icon_url", "iconUrl"))
    background_url: str = Field("", validation_alias=AliasChoices("background_url", "backgroundUrl"))
    default_channel_id: str = Field("", validation_alias=AliasChoices("default_channel_id", "defaultChannelId"))
    created: int | None = None

    @property
    def created_at(self) -> datetime | None:
        """When it was created, UTC."""
        return moment(self.created)


class CommunityMember(Model):
    """One row of a community's member list (fact 6)."""

    user_id: str = Field(min_length=1, validation_alias=AliasChoices("user_id", "userId", "user"))
    role: CommunityRole = CommunityRole.MEMBER


class User(Model):
    """An IM user as registration answers it (fact 3)."""

    username: str = Field(min_length=1)
    nickname: str = ""
    uuid: str = ""
    created: int | None = None
    activated: bool = True

    @property
    def created_at(self) -> datetime | None:
        """When the user was registered, UTC."""
        return moment(self.created)


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to register; only the Easemob dialect needs a password."""

    username: str
    nickname: str | None = None
    password: str | None = field(default=None, repr=False)


def moment(milliseconds: int | None) -> datetime | None:
    """Turn Unix milliseconds into UTC; None for nothing and for what no calendar has."""
    if milliseconds is None:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
