"""Who is in a channel: adding and removing members, one or many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.im.errors import Forbidden, NotFound
from bot.services.deeds import Deed, Deeds, Kind, Sight, moved_on
from bot.services.model import Action, CaseView, Details, Place, Staff
from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from bot.im import IMClient
    from bot.services.directory import Directory


class Memberships:
    """The operations on a channel's members that commands, buttons and menus share."""

    def __init__(self, *, im: IMClient, directory: Directory, deeds: Deeds) -> None:
        self._im = im
        self._directory = directory
        self._deeds = deeds

    async def add(self, *, staff: Staff, guild_id: int, channel: str, member: str, reason: str) -> CaseView:
        """Put a user of the IM into a channel; raises Refusal if they are in it already (002 将用户加入频道)."""
        place = (await self._directory.channel(guild_id, channel)).place
        member_id = await self._directory.user_id(member)
        async with self._deeds.turn(_subject(place, member_id)):
            if await _is_in(self._im, place, member_id):
                raise Refusal("refusal-already-member", member=member_id, channel=place.channel_name)
            done = await self._deeds.do(
                _deed(Action.MEMBER_ADD, place, member_id), staff=staff, guild_id=guild_id, reason=reason
            )
        self._directory.forget(place, member_id)
        return done

    async def remove(self, *, staff: Staff, guild_id: int, channel: str, member: str, reason: str) -> CaseView:
        """Take a member out of a channel; raises Refusal if they are not in it (002 将用户移出频道)."""
        place = (await self._directory.channel(guild_id, channel)).place
        member_id = await self._directory.member_id(place, member, must_be_in=False)
        async with self._deeds.turn(_subject(place, member_id)):
            if not await _is_in(self._im, place, member_id):
                raise Refusal("refusal-unknown-member", text=member_id, channel=place.channel_name)
            done = await self._deeds.do(
                _deed(Action.MEMBER_REMOVE, place, member_id), staff=staff, guild_id=guild_id, reason=reason
            )
        self._directory.forget(place, member_id)
        return done


def kinds(im: IMClient) -> dict[Action, Kind]:
    """Return how what is done about members is carried out, found and taken back."""
    return {Action.MEMBER_ADD: _Add(im), Action.MEMBER_REMOVE: _Remove(im)}


class _Add:
    def __init__(self, im: IMClient) -> None:
        self._im = im

    async def carry_out(self, deed: Deed) -> Details:
        await self._im.members.add(deed.place.community_id, deed.place.channel_id, deed.member_id)
        return {}

    async def look(self, deed: Deed) -> Sight:
        return Sight.DONE if await _is_in(self._im, deed.place, deed.member_id) else Sight.ABSENT

    async def taking_back(self, done: CaseView) -> Deed:
        if not await _is_in(self._im, done.place, done.member_id):
            raise moved_on(done)
        return _deed(Action.MEMBER_REMOVE, done.place, done.member_id)


class _Remove:
    def __init__(self, im: IMClient) -> None:
        self._im = im

    async def carry_out(self, deed: Deed) -> Details:
        await self._im.members.remove(deed.place.community_id, deed.place.channel_id, deed.member_id)
        return {}

    async def look(self, deed: Deed) -> Sight:
        return Sight.ABSENT if await _is_in(self._im, deed.place, deed.member_id) else Sight.DONE

    async def taking_back(self, done: CaseView) -> Deed:
        if await _is_in(self._im, done.place, done.member_id):
            raise moved_on(done)
        return _deed(Action.MEMBER_ADD, done.place, done.member_id)


def _deed(action: Action, place: Place, member_id: str, details: dict[str, Any] | None = None) -> Deed:
    return Deed(action, _subject(place, member_id), place, member_id, details or {})


def _subject(place: Place, member_id: str) -> str:
    return f"member:{place.channel_id}:{member_id}"


async def _is_in(im: IMClient, place: Place, member_id: str) -> bool:
    try:
        return await im.members.contains(place.community_id, place.channel_id, member_id)
    except (NotFound, Forbidden):
        return False
