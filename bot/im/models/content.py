"""Messages, reactions and threads (seed 002, fact 5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import AliasChoices, BeforeValidator, Field

from bot.im.models.base import Model, moment, without_nulls

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Text:
    """A text message."""

    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """An uploaded image by its URL; `secret` is the share-secret of the upload, sizes are in pixels."""

    url: str
    filename: str | None = None
    secret: str | None = field(default=None, repr=False)
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Audio:
    """An uploaded recording by its URL; `secret` is the share-secret of the upload."""

    url: str
    filename: str | None = None
    secret: str | None = field(default=None, repr=False)
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Video:
    """An uploaded video by its URL, with its still picture; the secrets are the share-secrets of the uploads."""

    url: str
    filename: str | None = None
    secret: str | None = field(default=None, repr=False)
    seconds: int | None = None
    size_bytes: int | None = None
    thumbnail_url: str | None = None
    thumbnail_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file by its URL; `secret` is the share-secret of the upload."""

    url: str
    filename: str | None = None
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Location:
    """A place: degrees of latitude and longitude, and its address in words."""

    latitude: float
    longitude: float
    address: str


@dataclass(frozen=True, slots=True)
class Command:
    """A message for the other side's program, which people do not see."""

    action: str


@dataclass(frozen=True, slots=True)
class Custom:
    """A message of the app's own kind: a name of 1..32 of A-Z a-z 0-9 `_` `-` `/` `.`, up to 16 texts, or both."""

    event: str | None = None
    extras: Mapping[str, str] = field(default_factory=dict[str, str])


Content: TypeAlias = Text | Image | Audio | Video | File | Location | Command | Custom


def _flag(value: object) -> bool | None:
    """Read true and false, also as text (A48); anything else, such as the seed's own prose, says nothing (A17)."""
    if isinstance(value, bool):
        return value
    return value == "true" if value in ("true", "false") else None


class Reaction(Model):
    """A reaction to a message (002 获取指定消息的 Reaction).

    `by_me` says whether the user who asked has added it, None if the server does not say so in a known form.
    """

    reaction_id: str = Field("", validation_alias=AliasChoices("reactionId", "reaction_id", "id"))
    reaction: str = Field(min_length=1, validation_alias=AliasChoices("message", "reaction"))
    count: int = 0
    by_me: Annotated[bool | None, BeforeValidator(_flag)] = Field(None, validation_alias=AliasChoices("state", "by_me"))
    users: tuple[str, ...] = Field(default=(), validation_alias=AliasChoices("userList", "user_list", "users"))


class MessageReactions(Model):
    """The reactions to one message, none if it has none."""

    message_id: str = Field(min_length=1, validation_alias=AliasChoices("msgId", "message_id", "messageId"))
    reactions: tuple[Annotated[Reaction, BeforeValidator(without_nulls)], ...] = Field(
        default=(), validation_alias=AliasChoices("reactionList", "reaction_list", "reactions")
    )


class Thread(Model):
    """A thread of a channel (002 查询子区的详情); `name` is empty where the server does not send it (A22)."""

    thread_id: str = Field(min_length=1, validation_alias=AliasChoices("id", "thread_id", "threadId"))
    message_id: str = Field("", validation_alias=AliasChoices("msgId", "message_id", "messageId"))
    channel_id: str = Field("", validation_alias=AliasChoices("channelId", "channel_id"))
    owner: str = ""
    name: str = ""
    created: int | None = None

    @property
    def created_at(self) -> datetime | None:
        """When it was created, UTC."""
        return moment(self.created)
