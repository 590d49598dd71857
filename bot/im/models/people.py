"""Users (fact 3) and their friends (seed 003)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import Field

from bot.im.models.base import Model, moment

if TYPE_CHECKING:
    from datetime import datetime


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


class Contact(Model):
    """A friend (003 分页获取好友列表); `remark` is None if there is none or if it was not asked for (A33)."""

    username: str = Field(min_length=1)
    remark: str | None = Field(None, repr=False)


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to register; only the Easemob dialect needs a password."""

    username: str
    nickname: str | None = None
    password: str | None = field(default=None, repr=False)
