"""Many members taken out of a channel at once, and put back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.im import ChannelRole, Lane
from bot.im.errors import Forbidden, IMError, Unavailable
from bot.im.members import BATCH
from bot.services.deeds import Deed, Kind, Sight, moved_on, names_of
from bot.services.model import Action, CaseView, Details, Place
from bot.services.name_lists import split_names
from bot.services.progress import advanced
from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.im import IMClient
    from bot.services.deeds import Deeds
    from bot.services.directory import Directory
    from bot.services.memberships import Left
    from bot.services.model import Staff

MOST_NAMES = 200
OUT, BACK = "out", "back"
_AT_ONCE = 8
_NOT_IN, _UNREACHABLE, _REFUSED = "not-in", "unreachable", "refused"


class TooManyNames(Refusal):
    """More names than go at once; some of them are meant all the same."""


@dataclass(frozen=True, slots=True)
class PurgePlan:
    """What a purge would do: who goes, who of them is a moderator of the community, and which names stay out of it."""

    place: Place
    going: tuple[str, ...]
    moderators: tuple[str, ...]
    unknown: tuple[str, ...]  # as typed: not in the channel, or no name at all
    owner: str  # the community's owner, if named; stays
    names: tuple[str, ...]  # all that were typed, each once


class Purges:
    """Taking many members out of a channel: first looked at, then done."""

    def __init__(self, *, im: IMClient, directory: Directory, deeds: Deeds) -> None:
        self._im = im
        self._directory = directory
        self._deeds = deeds

    async def plan(self, *, guild_id: int, channel: str, members: str) -> PurgePlan:
        """Return what a purge of these names (separated by spaces or commas) would do; nothing is changed.

        Raises Refusal for no name, more than 200, and for the default channel, which nobody can be taken out of (A14).
        """
        names = _distinct(members)
        if not names:
            raise Refusal("refusal-no-names")
        if len(names) > MOST_NAMES:
            raise TooManyNames("refusal-too-many-names", count=len(names), most=MOST_NAMES)
        known = await self._directory.channel(guild_id, channel)
        if known.is_default:
            raise Refusal("refusal-default-channel", channel=known.place.channel_name)
        return await self._look(known.place, names)

    async def carry_out(
        self, *, staff: Staff, guild_id: int, channel: str, members: Sequence[str], reason: str
    ) -> CaseView:
        """Take those of these members out of the channel who are in it (002 批量移除频道成员); told by `progress`.

        Raises Refusal if none is, IMError if none could be taken out.
        """
        place = (await self._directory.channel(guild_id, channel)).place
        async with self._deeds.turn(_subject(place)):
            plan = await self._look(place, tuple(members))
            if not plan.going:
                raise Refusal("refusal-purge-nobody", channel=place.channel_name)
            return await self._deeds.do(_deed(place, plan.going, OUT), staff=staff, guild_id=guild_id, reason=reason)

    async def _look(self, place: Place, names: tuple[str, ...]) -> PurgePlan:
        present = await _present(self._im, place)
        there = tuple(name.lower() for name in names if name.lower() in present)
        roles: dict[str, str] = {}
        for start in range(0, len(there), _AT_ONCE):
            some = there[start : start + _AT_ONCE]
            found = await asyncio.gather(*(self._directory.role(place, name) for name in some))
            roles |= dict(zip(some, found, strict=True))
        # A voice channel's owner is a member like others in its list (A13), so the role is what tells.
        owners = [name for name in there if roles[name] == "owner" or present[name]]
        return PurgePlan(
            place=place,
            going=tuple(name for name in there if name not in owners),
            moderators=tuple(name for name in there if roles[name] == "moderator"),
            unknown=tuple(name for name in names if name.lower() not in present),
            owner=owners[0] if owners else "",
            names=names,
        )


def kinds(im: IMClient, directory: Directory, left: Left) -> dict[Action, Kind]:
    """Return how a purge is carried out, found and taken back; `left` closes our books on who was taken out."""
    return {Action.MEMBER_PURGE: _Purge(im, directory, left)}


class _Purge:
    """A purge, or (`way` back) its opposite, which is an undo and asks for the same level as the purge itself."""

    def __init__(self, im: IMClient, directory: Directory, left: Left) -> None:
        self._im = im
        self._directory = directory
        self._left = left

    async def carry_out(self, deed: Deed) -> Details:
        back = deed.details["way"] == BACK
        await advanced(0, len(deed.subjects))
        try:
            done, errors = await (self._put_back(deed) if back else self._take_out(deed))
            lost = [name for name, error in errors.items() if error is not None and error.sent]
            # Whether a request without an answer was carried out is seen by who is there; raises if nobody can tell.
            there = await _present(self._im, deed.place) if lost else {}
            for name in lost:
                if (name in there) == back:
                    done.append(name)
                    del errors[name]
        finally:
            for name in deed.subjects:
                self._directory.forget(deed.place, name)
        if not done:
            raise next((error for error in errors.values() if error is not None), Forbidden("nobody was removed"))
        if not back:
            await self._left(deed.place, done)
        return {"done": done, "failed": {name: _why(error) for name, error in errors.items()}}

    async def look(self, deed: Deed) -> Sight | Details:
        there = await _present(self._im, deed.place)
        back = deed.details["way"] == BACK
        done = [name for name in deed.subjects if (name in there) == back]
        if not back:
            await self._left(deed.place, done)
        # Where only a part of the requests was carried out, the case tells of those alone, and so does its undo.
        failed = {name: _UNREACHABLE for name in deed.subjects if name not in done}
        return {"done": done, "failed": failed} if done else Sight.ABSENT

    async def taking_back(self, done: CaseView) -> Deed:
        # Where the answer was lost, nobody noted who was taken out: then it is all whom it was about.
        names = names_of(done.details, "done") or done.subjects
        there = await _present(self._im, done.place)
        out = done.details.get("way", OUT) == OUT
        left = tuple(name for name in names if (name not in there) == out)
        if not left:
            raise moved_on(done)
        return _deed(done.place, left, BACK if out else OUT)

    async def _take_out(self, deed: Deed) -> tuple[list[str], dict[str, IMError | None]]:
        names, place = deed.subjects, deed.place
        done: list[str] = []
        errors: dict[str, IMError | None] = {}
        for start in range(0, len(names), BATCH):
            batch = names[start : start + BATCH]
            for result in await self._im.members.remove_many(place.community_id, place.channel_id, *batch):
                if result.done:
                    done.append(result.item)
                else:
                    errors[result.item] = result.error
            await advanced(start + len(batch), len(names))
        return done, errors

    async def _put_back(self, deed: Deed) -> tuple[list[str], dict[str, IMError | None]]:
        names = deed.subjects
        done: list[str] = []
        errors: dict[str, IMError | None] = {}
        for start in range(0, len(names), _AT_ONCE):
            batch = names[start : start + _AT_ONCE]
            answers = await asyncio.gather(*(self._add(deed.place, name) for name in batch))
            for name, error in zip(batch, answers, strict=True):
                if error is None:
                    done.append(name)
                else:
                    errors[name] = error
            await advanced(start + len(batch), len(names))
        return done, errors

    async def _add(self, place: Place, name: str) -> IMError | None:
        try:
            await self._im.members.add(place.community_id, place.channel_id, name)
        except IMError as error:
            return error
        return None


def _deed(place: Place, names: tuple[str, ...], way: str) -> Deed:
    return Deed(Action.MEMBER_PURGE, _subject(place), place, details={"way": way, "count": len(names)}, subjects=names)


def _subject(place: Place) -> str:
    return f"members:{place.channel_id}"


def _distinct(text: str) -> tuple[str, ...]:
    named: dict[str, str] = {}
    for name in split_names(text):
        bare = name.removeprefix("@")
        named.setdefault(bare.lower(), bare)
    named.pop("", None)
    return tuple(named.values())


async def _present(im: IMClient, place: Place) -> dict[str, bool]:
    """Read who is in a channel, in lower case, and whether each owns it; at most 2,000, 20 a request."""
    with im.lane(Lane.URGENT):
        return {
            member.user_id.lower(): member.role is ChannelRole.OWNER
            async for member in im.members.list(place.community_id, place.channel_id)
        }


def _why(error: IMError | None) -> str:
    if error is None:
        return _NOT_IN
    return _UNREACHABLE if isinstance(error, Unavailable) else _REFUSED
