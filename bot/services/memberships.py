"""Who is in a channel: looking at, adding and removing single members."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from bot.im import Lane
from bot.im.errors import Forbidden, NotFound
from bot.services.deeds import Deed, Deeds, Kind, Sight, moved_on
from bot.services.model import Action, CaseView, Details, Place, Staff
from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from bot.im import IMClient
    from bot.services.directory import ChannelInfo, Directory, MemberInfo
    from bot.services.mutes import Mutes

Left: TypeAlias = "Callable[[Place, Collection[str]], Awaitable[None]]"
"""Told who is not in a channel any more."""


class Memberships:
    """The operations on a channel's members that commands, buttons and menus share."""

    def __init__(self, *, im: IMClient, directory: Directory, mutes: Mutes, deeds: Deeds) -> None:
        self._im = im
        self._directory = directory
        self._mutes = mutes
        self._deeds = deeds

    async def show(self, *, guild_id: int, channel: str, member: str) -> tuple[ChannelInfo, MemberInfo]:
        """Return a channel and what there is to know about somebody in it; a mute of ours with its case."""
        found = await self._directory.channel(guild_id, channel)
        seen = await self._directory.member(found.place, member)
        if seen.muted is not None:
            case = await self._mutes.case_in_force(guild_id, found.place, seen.member_id)
            seen = replace(seen, muted=replace(seen.muted, case=case))
        return found, seen

    async def add(self, *, staff: Staff, guild_id: int, channel: str, member: str, reason: str) -> CaseView:
        """Put a user of the IM into a channel (002 将用户加入频道).

        Raises Refusal for who is in it already and for who is not in its community.
        """
        found = await self._directory.channel(guild_id, channel)
        place = found.place
        member_id = await self._directory.user_id(member)
        async with self._deeds.turn(_subject(place, member_id)):
            with self._im.lane(Lane.URGENT):
                if await _is_in(self._im, place, member_id):
                    raise Refusal("refusal-already-member", member=member_id, channel=place.channel_name)
                await _require_in_community(self._im, place, member_id)
            deed = _deed(Action.MEMBER_ADD, place, member_id, {"default": found.is_default})
            return await self._deeds.do(deed, staff=staff, guild_id=guild_id, reason=reason)

    async def remove(self, *, staff: Staff, guild_id: int, channel: str, member: str, reason: str) -> CaseView:
        """Take a member out of a channel (002 将用户移出频道).

        Raises Refusal for who is not in it, for the owner, and for the default channel, which nobody leaves (A14).
        """
        found = await self._directory.channel(guild_id, channel)
        place = found.place
        if found.is_default:
            raise Refusal("refusal-default-channel", channel=place.channel_name)
        member_id = await self._directory.member_id(place, member, must_be_in=False)
        async with self._deeds.turn(_subject(place, member_id)):
            with self._im.lane(Lane.URGENT):
                if not await _is_in(self._im, place, member_id):
                    raise Refusal("refusal-unknown-member", text=member_id, channel=place.channel_name)
            if await self._directory.role(place, member_id) == "owner":
                raise Refusal("refusal-remove-owner", member=member_id)
            deed = _deed(Action.MEMBER_REMOVE, place, member_id, {})
            return await self._deeds.do(deed, staff=staff, guild_id=guild_id, reason=reason)


def kinds(im: IMClient, directory: Directory, left: Left) -> dict[Action, Kind]:
    """Return how what is done about members is carried out, found and taken back; `left` closes our books on them."""
    return {Action.MEMBER_ADD: _Add(im, directory), Action.MEMBER_REMOVE: _Remove(im, directory, left)}


class _Add:
    def __init__(self, im: IMClient, directory: Directory) -> None:
        self._im = im
        self._directory = directory

    async def carry_out(self, deed: Deed) -> Details:
        try:
            await self._im.members.add(deed.place.community_id, deed.place.channel_id, deed.member_id)
        finally:
            self._directory.forget(deed.place, deed.member_id)
        return {}

    async def look(self, deed: Deed) -> Sight:
        return Sight.DONE if await _is_in(self._im, deed.place, deed.member_id) else Sight.ABSENT

    async def taking_back(self, done: CaseView) -> Deed:
        if done.details.get("default"):
            raise Refusal("refusal-default-channel", channel=done.place.channel_name)
        if not await _is_in(self._im, done.place, done.member_id):
            raise moved_on(done)
        return _deed(Action.MEMBER_REMOVE, done.place, done.member_id, {})


class _Remove:
    def __init__(self, im: IMClient, directory: Directory, left: Left) -> None:
        self._im = im
        self._directory = directory
        self._left = left

    async def carry_out(self, deed: Deed) -> Details:
        try:
            await self._im.members.remove(deed.place.community_id, deed.place.channel_id, deed.member_id)
        finally:
            self._directory.forget(deed.place, deed.member_id)
        await self._left(deed.place, [deed.member_id])
        return {}

    async def look(self, deed: Deed) -> Sight:
        if await _is_in(self._im, deed.place, deed.member_id):
            return Sight.ABSENT
        await self._left(deed.place, [deed.member_id])
        return Sight.DONE

    async def taking_back(self, done: CaseView) -> Deed:
        if await _is_in(self._im, done.place, done.member_id):
            raise moved_on(done)
        await _require_in_community(self._im, done.place, done.member_id)
        return _deed(Action.MEMBER_ADD, done.place, done.member_id, {})


def _deed(action: Action, place: Place, member_id: str, details: Details) -> Deed:
    return Deed(action, _subject(place, member_id), place, member_id, details)


def _subject(place: Place, member_id: str) -> str:
    return f"member:{place.channel_id}:{member_id}"


async def _is_in(im: IMClient, place: Place, member_id: str) -> bool:
    try:
        return await im.members.contains(place.community_id, place.channel_id, member_id)
    except (NotFound, Forbidden):
        return False


async def _require_in_community(im: IMClient, place: Place, member_id: str) -> None:
    try:
        there = await im.communities.contains(place.community_id, member_id)
    except (NotFound, Forbidden):
        there = False
    if not there:
        raise Refusal("refusal-not-in-community", member=member_id)
