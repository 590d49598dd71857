"""How what staff do about channels is carried out, found after a crash, and taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from bot.im import ChannelMode, ChannelType
from bot.im.errors import NotFound
from bot.services.deeds import Deed, Kind, Sight, moved_on
from bot.services.model import Action, CaseView, Details, Place

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.im import Channel, IMClient
    from bot.services.directory import ChannelInfo, Directory


def kinds(im: IMClient, directory: Directory, close_mutes: Callable[[str], Awaitable[None]]) -> dict[Action, Kind]:
    """Return the kinds of what is done about channels; `close_mutes` closes our books on a channel that is gone."""
    return {
        Action.CHANNEL_CREATE: _Create(im, directory),
        Action.CHANNEL_EDIT: _Edit(im, directory),
        Action.CHANNEL_DELETE: _Delete(im, directory, close_mutes),
        Action.CHANNEL_SAY: _Say(im),
    }


def create_deed(community_id: str, name: str, fields: Details) -> Deed:
    """Return the deed that creates a channel; `fields` has all that the IM takes, and the ids of its `twins`."""
    place = Place(community_id, "", name)
    return Deed(Action.CHANNEL_CREATE, f"channel-name:{community_id}:{name}", place, details=fields)


def edit_deed(channel: ChannelInfo, changes: Details) -> Deed:
    """Return the deed that changes these fields of a channel."""
    now = {
        "name": channel.place.channel_name,
        "description": channel.description,
        "max_users": channel.max_users,
        "custom": channel.custom,
    }
    before = {field: now[field] for field in changes}
    return _edit(channel.place, before=before, after=dict(changes), voice=channel.voice)


def delete_deed(channel: ChannelInfo) -> Deed:
    """Return the deed that deletes a channel."""
    return Deed(
        Action.CHANNEL_DELETE,
        f"channel:{channel.place.channel_id}",
        channel.place,
        details={"public": channel.public, "voice": channel.voice, "description": channel.description},
    )


def say_deed(channel: ChannelInfo, text: str, mark: str) -> Deed:
    """Return the deed that sends a text to a channel; `mark` tells it from others that are sent at the same time."""
    details = {"text": text, "voice": channel.voice}
    return Deed(Action.CHANNEL_SAY, f"say:{channel.place.channel_id}:{mark}", channel.place, details=details)


class _Create:
    def __init__(self, im: IMClient, directory: Directory) -> None:
        self._im = im
        self._directory = directory

    async def carry_out(self, deed: Deed) -> Details:
        wanted = deed.details
        try:
            made = await self._im.channels.create(
                deed.place.community_id,
                deed.place.channel_name,
                type=ChannelType.PUBLIC if wanted["public"] else ChannelType.PRIVATE,
                mode=ChannelMode.VOICE if wanted["voice"] else ChannelMode.TEXT,
                max_users=wanted["max_users"],
                description=wanted["description"] or None,
                category_id=wanted["category_id"],
            )
        finally:
            self._directory.forget_channels(deed.place.community_id)
        return {"channel_id": made.channel_id, "max_users": made.max_users}

    async def look(self, deed: Deed) -> Sight:
        read = self._im.channels.public if deed.details["public"] else self._im.channels.private
        twins = set(cast("list[str]", deed.details["twins"]))
        async for channel in read(deed.place.community_id):
            if channel.name == deed.place.channel_name and channel.channel_id not in twins:
                return Sight.DONE
        return Sight.ABSENT

    async def taking_back(self, done: CaseView) -> Deed:
        # Deleting a channel is a decision of its own, with a second look.
        raise moved_on(done)


class _Edit:
    def __init__(self, im: IMClient, directory: Directory) -> None:
        self._im = im
        self._directory = directory

    async def carry_out(self, deed: Deed) -> Details:
        mode = ChannelMode.VOICE if deed.details["voice"] else ChannelMode.TEXT
        after = cast("dict[str, Any]", deed.details["after"])
        try:
            await self._im.channels.update(deed.place.community_id, deed.place.channel_id, mode=mode, **after)
        finally:
            self._directory.forget_channels(deed.place.community_id)
        return {}

    async def look(self, deed: Deed) -> Sight:
        try:
            channel = await self._im.channels.get(deed.place.community_id, deed.place.channel_id)
        except NotFound:
            return Sight.UNKNOWN
        if _has(channel, deed.details["after"]):
            return Sight.DONE
        return Sight.ABSENT if _has(channel, deed.details["before"]) else Sight.UNKNOWN

    async def taking_back(self, done: CaseView) -> Deed:
        try:
            channel = await self._im.channels.get(done.place.community_id, done.place.channel_id)
        except NotFound:
            raise moved_on(done) from None
        before, after = done.details.get("before"), done.details.get("after")
        # Without them what was changed has been erased on request, and nobody knows what to go back to; nor if the IM
        # did not tell.
        if not before or not after or None in before.values() or not _has(channel, after):
            raise moved_on(done)
        place = replace(done.place, channel_name=channel.name)
        return _edit(place, before=after, after=before, voice=bool(done.details.get("voice")))


class _Delete:
    def __init__(self, im: IMClient, directory: Directory, close_mutes: Callable[[str], Awaitable[None]]) -> None:
        self._im = im
        self._directory = directory
        self._close_mutes = close_mutes

    async def carry_out(self, deed: Deed) -> Details:
        try:
            await self._im.channels.delete(deed.place.community_id, deed.place.channel_id)
        finally:
            self._directory.forget_channels(deed.place.community_id)
        await self._close_mutes(deed.place.channel_id)
        return {}

    async def look(self, deed: Deed) -> Sight:
        try:
            await self._im.channels.get(deed.place.community_id, deed.place.channel_id)
        except NotFound:
            await self._close_mutes(deed.place.channel_id)
            return Sight.DONE
        return Sight.ABSENT

    async def taking_back(self, done: CaseView) -> Deed:
        raise moved_on(done)


class _Say:
    def __init__(self, im: IMClient) -> None:
        self._im = im

    async def carry_out(self, deed: Deed) -> Details:
        text = cast("str", deed.details["text"])
        message_id = await self._im.messages.send_text(
            deed.place.channel_id, text, chat_room=bool(deed.details["voice"])
        )
        return {"message_id": message_id}

    async def look(self, deed: Deed) -> Sight:
        # The API lists no messages.
        _ = deed
        return Sight.UNKNOWN

    async def taking_back(self, done: CaseView) -> Deed:
        raise moved_on(done)


def _edit(place: Place, *, before: Details, after: Details, voice: bool) -> Deed:
    details = {"before": dict(before), "after": dict(after), "voice": voice}
    return Deed(Action.CHANNEL_EDIT, f"channel:{place.channel_id}", place, details=details)


def _has(channel: Channel, fields: Details) -> bool:
    return all(getattr(channel, field) == value for field, value in fields.items())
