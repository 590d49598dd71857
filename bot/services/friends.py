"""Friends of a user of the IM: making them, ending it, and what the user calls them (seeds 003, 004)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

import structlog

from bot.im import Lane
from bot.im.contacts import REMARK_LENGTH
from bot.im.errors import IMError, NotFound
from bot.services.cache import Cache
from bot.services.deeds import Deed, Kind, Sight, moved_on
from bot.services.model import NOWHERE, Action, CaseView, Details
from bot.services.naming import suggest
from bot.services.refusals import Refusal
from bot.services.wording import one_line

if TYPE_CHECKING:
    from bot.im import IMClient
    from bot.services.clock import Clock
    from bot.services.deeds import Deeds
    from bot.services.directory import Directory
    from bot.services.model import Staff, Suggestion

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_KEEP = timedelta(seconds=60)
_BEFORE_REMARK = " · "


@dataclass(frozen=True, slots=True)
class Friend:
    """One friend of somebody; the remark is the IM's text, untrusted, empty if there is none."""

    user_id: str
    remark: str = field(repr=False)


FriendLists: TypeAlias = Cache[str, tuple[Friend, ...]]


def friend_lists(im: IMClient, clock: Clock) -> FriendLists:
    """Return the lists of friends by owner, newest friend first, kept for a minute."""

    async def load(owner: str) -> tuple[Friend, ...]:
        with im.lane(Lane.URGENT):
            listed = im.contacts.list(owner, with_remarks=True)
            return tuple([Friend(contact.username.lower(), contact.remark or "") async for contact in listed])

    return Cache(load, clock=clock, keep=_KEEP, size=200)


class Friends:
    """The operations on friends; whether a friendship is one of both is up to the IM (A37), so both are looked at."""

    def __init__(self, *, im: IMClient, directory: Directory, deeds: Deeds, lists: FriendLists) -> None:
        self._im = im
        self._directory = directory
        self._deeds = deeds
        self._lists = lists

    async def add(self, *, staff: Staff, guild_id: int, owner: str, friend: str) -> CaseView:
        """Make somebody a friend of the owner (003 添加好友).

        Raises Refusal for the owner himself, for a friend already, and for who is no user of the IM.
        """
        owner_id, friend_id = await self._pair(owner, friend)
        if owner_id == friend_id:
            raise Refusal("refusal-own-friend", member=owner_id)
        async with self._deeds.turn(_subject(owner_id, friend_id)):
            with self._im.lane(Lane.URGENT):
                if await _friend(self._im, owner_id, friend_id) is not None:
                    raise Refusal("refusal-already-friends", member=owner_id, friend=friend_id)
                back = await _friend(self._im, friend_id, owner_id)
            deed = _deed(Action.FRIEND_ADD, owner_id, friend_id, {"back": back is not None})
            return await self._deeds.do(deed, staff=staff, guild_id=guild_id)

    async def remove(self, *, staff: Staff, guild_id: int, owner: str, friend: str) -> CaseView:
        """End a friendship, remembering the remarks (003 移除好友); raises Refusal for who is no friend."""
        owner_id, friend_id = await self._pair(owner, friend)
        async with self._deeds.turn(_subject(owner_id, friend_id)):
            with self._im.lane(Lane.URGENT):
                there = await self._require(owner_id, friend_id, "refusal-not-a-friend")
                back = await _friend(self._im, friend_id, owner_id)
            deed = _removal(owner_id, there, back, both=False)
            return await self._deeds.do(deed, staff=staff, guild_id=guild_id)

    async def remark(self, *, staff: Staff, guild_id: int, owner: str, friend: str, remark: str) -> CaseView:
        """Set what the owner calls a friend; nothing clears it (004 设置好友备注, A43).

        Raises Refusal for more than 100 characters, for who is no friend, and if it is the remark already.
        """
        wanted = one_line(remark)
        if len(wanted) > REMARK_LENGTH:
            raise Refusal("refusal-remark-long", count=len(wanted), most=REMARK_LENGTH)
        owner_id, friend_id = await self._pair(owner, friend)
        async with self._deeds.turn(_subject(owner_id, friend_id)):
            with self._im.lane(Lane.URGENT):
                there = await self._require(owner_id, friend_id, "refusal-no-friends")
            if there.remark == wanted:
                raise Refusal("refusal-same-remark", member=owner_id, friend=friend_id)
            deed = _deed(Action.FRIEND_REMARK, owner_id, friend_id, {"remark": wanted, "before": there.remark})
            return await self._deeds.do(deed, staff=staff, guild_id=guild_id)

    async def list(self, owner: str, *, afresh: bool = True) -> tuple[str, tuple[Friend, ...]]:
        """Return the owner's id and friends, newest first; not `afresh`: at most a minute old. Raises Refusal."""
        owner_id = await self._directory.user_id(owner)
        return owner_id, await (self._lists.reload if afresh else self._lists.get)(owner_id)

    async def suggest(self, owner: str, text: str) -> list[Suggestion]:
        """Return the owner's friends whose id or remark holds the text."""
        _owner, friends = await self.list(owner, afresh=False)
        return suggest(text, [(friend.user_id, _label(friend)) for friend in friends])

    async def _pair(self, owner: str, friend: str) -> tuple[str, str]:
        # Discord's apps now and then send the label of a suggestion for its value: what follows the name is the remark.
        name, _, _remark = friend.partition(_BEFORE_REMARK)
        return await self._directory.user_id(owner), await self._directory.user_id(name)

    async def _require(self, owner: str, friend: str, refusal: str) -> Friend:
        there = await _friend(self._im, owner, friend)
        if there is None:
            raise Refusal(refusal, member=owner, friend=friend)
        return there


def kinds(im: IMClient, lists: FriendLists) -> dict[Action, Kind]:
    """Return how what is done about friends is carried out, found and taken back."""
    return {
        Action.FRIEND_ADD: _Add(im, lists),
        Action.FRIEND_REMOVE: _Remove(im, lists),
        Action.FRIEND_REMARK: _Remark(im, lists),
    }


class _OfTwo:
    def __init__(self, im: IMClient, lists: FriendLists) -> None:
        self._im = im
        self._lists = lists

    async def _are_friends(self, case: Deed | CaseView) -> bool:
        return await _friend(self._im, case.member_id, case.subjects[0]) is not None

    def _forget(self, deed: Deed) -> None:
        for user_id in (deed.member_id, *deed.subjects):
            self._lists.drop(user_id)


class _Add(_OfTwo):
    """`both`: the friend's own list is to have the owner as well; `remark`, `back_remark`: what each called the other.

    `mutual` comes of it: whether the friend's list has the owner now.
    """

    async def carry_out(self, deed: Deed) -> Details:
        owner, friend, told = deed.member_id, deed.subjects[0], deed.details
        try:
            await self._im.contacts.add(owner, friend)
            return await self._complete(owner, friend, told)
        finally:
            self._forget(deed)

    async def _complete(self, owner: str, friend: str, told: Details) -> Details:
        """Do what belongs to a friendship that is there now; what fails here is left to be seen by `mutual` missing."""
        try:
            mutual = await _friend(self._im, friend, owner) is not None
            if told.get("both") and not mutual:
                await self._im.contacts.add(friend, owner)
                mutual = True
            if told.get("remark"):
                await self._im.contacts.set_remark(owner, friend, told["remark"])
            if told.get("back_remark") and mutual:
                await self._im.contacts.set_remark(friend, owner, told["back_remark"])
        except IMError as error:
            log.warning("friendship made, and not all that belongs to it", why=error.summary)
            return {}
        return {"mutual": mutual}

    async def look(self, deed: Deed) -> Sight:
        return Sight.DONE if await self._are_friends(deed) else Sight.ABSENT

    async def taking_back(self, done: CaseView) -> Deed:
        owner, friend = done.member_id, done.subjects[0]
        there = await _friend(self._im, owner, friend)
        if there is None:
            raise moved_on(done)
        back = await _friend(self._im, friend, owner)
        return _removal(owner, there, back, both=back is not None and not done.details.get("back"))


class _Remove(_OfTwo):
    """`back`: whether the friend's list had the owner; `both`: it shall not have him any more.

    `mutual` comes of it: whether the friend's list lost the owner.
    """

    async def carry_out(self, deed: Deed) -> Details:
        owner, friend, told = deed.member_id, deed.subjects[0], deed.details
        try:
            await self._im.contacts.remove(owner, friend)
            return await self._complete(owner, friend, told)
        finally:
            self._forget(deed)

    async def _complete(self, owner: str, friend: str, told: Details) -> Details:
        try:
            gone = await _friend(self._im, friend, owner) is None
            if told.get("both") and not gone:
                await self._im.contacts.remove(friend, owner)
                gone = True
        except IMError as error:
            log.warning("friendship ended on one side, the other one not seen", why=error.summary)
            return {}
        return {"mutual": bool(told["back"]) and gone}

    async def look(self, deed: Deed) -> Sight:
        return Sight.ABSENT if await self._are_friends(deed) else Sight.DONE

    async def taking_back(self, done: CaseView) -> Deed:
        owner, friend, told = done.member_id, done.subjects[0], done.details
        if await self._are_friends(done):
            raise moved_on(done)
        back = await _friend(self._im, friend, owner) is not None
        details = {
            "back": back,
            "both": bool(told["back"]) and not back,
            "remark": told["remark"],
            "back_remark": "" if back else told["back_remark"],
        }
        return _deed(Action.FRIEND_ADD, owner, friend, details)


class _Remark(_OfTwo):
    async def carry_out(self, deed: Deed) -> Details:
        try:
            await self._im.contacts.set_remark(deed.member_id, deed.subjects[0], deed.details["remark"])
        finally:
            self._forget(deed)
        return {}

    async def look(self, deed: Deed) -> Sight:
        there = await _friend(self._im, deed.member_id, deed.subjects[0])
        return Sight.DONE if there is not None and there.remark == deed.details["remark"] else Sight.ABSENT

    async def taking_back(self, done: CaseView) -> Deed:
        owner, friend, told = done.member_id, done.subjects[0], done.details
        there = await _friend(self._im, owner, friend)
        if there is None or there.remark != told["remark"]:
            raise moved_on(done)
        return _deed(Action.FRIEND_REMARK, owner, friend, {"remark": told["before"], "before": told["remark"]})


def _deed(action: Action, owner: str, friend: str, details: Details) -> Deed:
    return Deed(action, _subject(owner, friend), NOWHERE, owner, details, (friend,))


def _removal(owner: str, there: Friend, back: Friend | None, *, both: bool) -> Deed:
    details = {
        "back": back is not None,
        "both": both,
        "remark": there.remark,
        "back_remark": "" if back is None else back.remark,
    }
    return _deed(Action.FRIEND_REMOVE, owner, there.user_id, details)


def _subject(owner: str, friend: str) -> str:
    # One for both directions: the IM may make or end them together.
    return "friends:" + ":".join(sorted((owner, friend)))


def _label(friend: Friend) -> str:
    return f"{friend.user_id}{_BEFORE_REMARK}{friend.remark}" if friend.remark else friend.user_id


async def _friend(im: IMClient, owner: str, friend: str) -> Friend | None:
    """Look for somebody among the owner's friends, page by page; raises IMError."""
    try:
        async for contact in im.contacts.list(owner, with_remarks=True):
            if contact.username.lower() == friend:
                return Friend(friend, contact.remark or "")
    except NotFound:
        return None
    return None
