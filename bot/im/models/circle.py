"""Communities, channels, their members and mutes (seed 002, fact 6)."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import AliasChoices, BeforeValidator, Field

from bot.im.models.base import EARLIEST_TIMESTAMP_MS, PERMANENT_FROM_MS, Model, OpenEnum, moment, without_nulls

if TYPE_CHECKING:
    from datetime import datetime


class ChannelType(OpenEnum):
    """Who can find and join a channel."""

    PUBLIC = 0
    PRIVATE = 1
    UNKNOWN = -1


class ChannelMode(OpenEnum):
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


class CommunityType(OpenEnum):
    """Who can find and join a community."""

    PUBLIC = 0
    PRIVATE = 1
    UNKNOWN = -1


class CommunityRole(OpenEnum):
    """A member's role in a community, which also rules its channels."""

    OWNER = 0
    MODERATOR = 1
    MEMBER = 2
    UNKNOWN = -1


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


class Tag(Model):
    """A tag of a community (fact 6); it is removed by its id."""

    tag_id: str = Field(min_length=1, validation_alias=AliasChoices("server_tag_id", "serverTagId", "tag_id"))
    name: str = Field("", validation_alias=AliasChoices("tag_name", "tagName", "name"))


class Community(Model):
    """A community, called server by the API (fact 6); `tags` is empty where an answer leaves them out."""

    community_id: str = Field(min_length=1, validation_alias=AliasChoices("server_id", "serverId", "community_id"))
    name: str = ""
    owner: str = ""
    type: CommunityType = CommunityType.PUBLIC
    description: str = ""
    custom: str = ""
    icon_url: str = Field("", validation_alias=AliasChoices("icon_url", "iconUrl"))
    background_url: str = Field("", validation_alias=AliasChoices("background_url", "backgroundUrl"))
    default_channel_id: str = Field("", validation_alias=AliasChoices("default_channel_id", "defaultChannelId"))
    tags: tuple[Annotated[Tag, BeforeValidator(without_nulls)], ...] = ()
    tag_count: int | None = Field(None, validation_alias=AliasChoices("tag_count", "tagCount"))
    created: int | None = None

    @property
    def created_at(self) -> datetime | None:
        """When it was created, UTC."""
        return moment(self.created)


class CommunityMember(Model):
    """One row of a community's member list (fact 6)."""

    user_id: str = Field(min_length=1, validation_alias=AliasChoices("user_id", "userId", "user"))
    role: CommunityRole = CommunityRole.MEMBER


class Category(Model):
    """A category of channels (fact 6); `is_default` is False where the server does not say which one it is."""

    category_id: str = Field(
        min_length=1, validation_alias=AliasChoices("channel_category_id", "channelCategoryId", "category_id")
    )
    community_id: str = Field("", validation_alias=AliasChoices("server_id", "serverId", "community_id"))
    name: str = ""
    created: int | None = None
    is_default: bool = Field(
        default=False, validation_alias=AliasChoices("default_channel_category", "defaultChannelCategory", "is_default")
    )

    @property
    def created_at(self) -> datetime | None:
        """When it was created, UTC."""
        return moment(self.created)


class Removal(Model):
    """What became of one name of a batch (002 批量移除频道成员)."""

    user: str = Field(min_length=1, validation_alias=AliasChoices("user", "user_id", "userId", "username"))
    result: bool = False
