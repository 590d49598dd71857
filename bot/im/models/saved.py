"""What users saved (seeds 000 and 001, 用户收藏)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, AliasChoices, Field

from bot.im.models.base import Model, moment

if TYPE_CHECKING:
    from datetime import datetime


def _none_if_empty(text: str | None) -> str | None:
    return text or None


class Collection(Model):
    """A saved item of a user; `ext` is None if there is none (A54). What is saved is private, and not in the repr."""

    collection_id: str = Field(min_length=1, validation_alias=AliasChoices("id", "collection_id", "collectionId"))
    type: int
    data: str = Field("", repr=False)
    ext: Annotated[str | None, AfterValidator(_none_if_empty)] = Field(None, repr=False)
    created: int = Field(validation_alias=AliasChoices("createdAt", "created_at", "created"))
    updated: int | None = Field(None, validation_alias=AliasChoices("updatedAt", "updated_at", "updated"))

    @property
    def created_at(self) -> datetime | None:
        """When it was saved, UTC; None for a number of milliseconds that no calendar has."""
        return moment(self.created)

    @property
    def updated_at(self) -> datetime | None:
        """When its `ext` was last changed, UTC."""
        return moment(self.updated)


@dataclass(frozen=True, slots=True)
class NewCollection:
    """An item to save with an id and a time of its own; `created` is aware, or Unix milliseconds."""

    collection_id: str
    data: str = field(repr=False)
    type: int
    created: int | datetime
    ext: str | None = field(default=None, repr=False)
