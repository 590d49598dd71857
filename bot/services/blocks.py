"""Whom a user of the IM does not want to hear from: blocking one or many, and taking it back (seed 003 黑名单)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from bot.im import Lane
from bot.im.batches import ItemResult
from bot.im.blocks import BATCH
from bot.im.errors import IMError, NotFound, Unavailable
from bot.services.cache import Cache
from bot.services.deeds import Deed, Kind, Sight, moved_on, names_of
from bot.services.model import NOWHERE, Action, CaseView, Details
from bot.services.name_lists import split_names
from bot.services.naming import suggest, typed
from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.im import IMClient
    from bot.services.clock import Clock
    from bot.services.deeds import Deeds
    from bot.services.directory import Directory
    from bot.services.model import Staff, Suggestion

MOST_NAMES = BATCH
"""As many as one request takes, which the IM carries out as a whole or not at all (A40)."""

UNKNOWN, OWNER, REFUSED, UNREACHABLE = "unknown", "owner", "refused", "unreachable"
"""Why somebody was not blocked or unblocked."""

_KEEP = timedelta(seconds=60)
_ASKED_AT_ONCE = 8

BlockLists: TypeAlias = Cache[str, tuple[str, ...]]


def block_lists(im: IMClient, clock: Clock) -> BlockLists:
    """Return the block lists by owner, latest first, kept for a minute."""

    async def load(owner: str) -> tuple[str, ...]:
        with im.lane(Lane.URGENT):
            return await _blocked(im, owner)

    return Cache(load, clock=clock, keep=_KEEP, size=200)


class Blocks:
    """The operations on block lists."""

    def __init__(self, *, im: IMClient, directory: Directory, deeds: Deeds, lists: BlockLists) -> None:
        self._im = im
        self._directory = directory
        self._deeds = deeds
        self._lists = lists

    async def add(self, *, staff: Staff, guild_id: int, owner: str, members: str) -> CaseView:
        """Block those of a list of names whom the owner has not blocked yet (003 添加用户至黑名单).

        The case's details say who was blocked, who was already, and who was not and why. Raises Refusal for no name,
        more than 50, and if nobody is left to be blocked; IMError if nobody could be.
        """
        names = tuple(dict.fromkeys(name.lower().removeprefix("@") for name in split_names(members)))
        if not names:
            raise Refusal("refusal-no-names")
        if len(names) > MOST_NAMES:
            raise Refusal("refusal-too-many-names", count=len(names), most=MOST_NAMES)
        owner_id = await self._directory.user_id(owner)
        failed = await self._impossible(owner_id, names)
        async with self._deeds.turn(_subject(owner_id)):
            with self._im.lane(Lane.URGENT):
                blocked = await _blocked(self._im, owner_id)
            already = [name for name in names if name in blocked]
            new = [name for name in names if name not in blocked and name not in failed]
            if not new:
                raise _nobody_left(owner_id, names, already, failed)
            details = {"names": new, "already": already, "failed": failed}
            deed = _deed(Action.BLOCK_ADD, owner_id, new, details)
            return await self._deeds.do(deed, staff=staff, guild_id=guild_id)

    async def remove(self, *, staff: Staff, guild_id: int, owner: str, member: str) -> CaseView:
        """Unblock somebody (003 从黑名单中移除用户); raises Refusal for who is not blocked."""
        owner_id = await self._directory.user_id(owner)
        name = typed(member).removeprefix("@").lower()
        async with self._deeds.turn(_subject(owner_id)):
            with self._im.lane(Lane.URGENT):
                if name not in await _blocked(self._im, owner_id):
                    raise Refusal("refusal-not-blocked", member=owner_id, text=name)
            deed = _deed(Action.BLOCK_REMOVE, owner_id, [name], {"names": [name]})
            return await self._deeds.do(deed, staff=staff, guild_id=guild_id)

    async def list(self, owner: str, *, afresh: bool = True) -> tuple[str, tuple[str, ...]]:
        """Return the owner's id and his blocks, latest first; not `afresh`: at most a minute old. Raises Refusal."""
        owner_id = await self._directory.user_id(owner)
        return owner_id, await (self._lists.reload if afresh else self._lists.get)(owner_id)

    async def suggest(self, owner: str, text: str) -> list[Suggestion]:
        """Return whom the owner blocks whose id holds the text."""
        _owner, blocked = await self.list(owner, afresh=False)
        return suggest(text, [(name, name) for name in blocked])

    async def _impossible(self, owner: str, names: Sequence[str]) -> dict[str, str]:
        """Tell who cannot be blocked and why: one unknown name would keep all others from being blocked (A40)."""
        turns = asyncio.Semaphore(_ASKED_AT_ONCE)

        async def why(name: str) -> str | None:
            if name == owner:
                return OWNER
            async with turns:
                try:
                    await self._directory.user_id(name)
                except Refusal:
                    return UNKNOWN
            return None

        found = await asyncio.gather(*(why(name) for name in names))
        return {name: reason for name, reason in zip(names, found, strict=True) if reason is not None}


def kinds(im: IMClient, lists: BlockLists) -> dict[Action, Kind]:
    """Return how blocking and unblocking are carried out, found and taken back."""
    return {Action.BLOCK_ADD: _Add(im, lists), Action.BLOCK_REMOVE: _Remove(im, lists)}


def carried_out(case: CaseView) -> tuple[str, ...]:
    """Return whom a case has blocked or unblocked; before its outcome is known, whom it is to."""
    return names_of(case.details, "done") or names_of(case.details, "names")


class _OfList:
    def __init__(self, im: IMClient, lists: BlockLists) -> None:
        self._im = im
        self._lists = lists

    async def _outcome(self, deed: Deed, results: Sequence[ItemResult], *, blocks: bool) -> Details:
        """Tell who is on the list now (or off it) and who not; raises the first error if there is nobody."""
        lost = {result.item for result in results if result.error is not None and result.error.sent}
        if lost:
            try:
                blocked = await _blocked(self._im, deed.member_id)
            except IMError:
                lost.clear()  # told as without an answer
            else:
                lost = {name for name in lost if (name in blocked) == blocks}
        done = [result.item for result in results if result.done or result.item in lost]
        if not done:
            errors = [result.error for result in results if result.error is not None]
            # One without an answer leaves the whole open: it is settled by what the list shows.
            raise next(
                (error for error in errors if error.sent), errors[0] if errors else IMError("nobody was blocked")
            )
        missed = {result.item: _why(result.error) for result in results if result.item not in done}
        return {"done": done, "failed": {**deed.details.get("failed", {}), **missed}}

    async def _seen(self, deed: Deed, *, blocks: bool) -> Sight | Details:
        """Tell from the list who was blocked or unblocked; where it is only a part, the case tells of those alone."""
        names = names_of(deed.details, "names")
        blocked = await _blocked(self._im, deed.member_id)
        done = [name for name in names if (name in blocked) == blocks]
        missed = {name: UNREACHABLE for name in names if name not in done}
        return {"done": done, "failed": {**deed.details.get("failed", {}), **missed}} if done else Sight.ABSENT


class _Add(_OfList):
    async def carry_out(self, deed: Deed) -> Details:
        names = names_of(deed.details, "names")
        try:
            results = await self._im.blocks.add(deed.member_id, *names)
            if len(names) > 1 and all(isinstance(result.error, NotFound) for result in results):
                # Somebody is no user any more; the others are not to be kept from it.
                results = [(await self._im.blocks.add(deed.member_id, name))[0] for name in names]
            return await self._outcome(deed, results, blocks=True)
        finally:
            self._lists.drop(deed.member_id)

    async def look(self, deed: Deed) -> Sight | Details:
        return await self._seen(deed, blocks=True)

    async def taking_back(self, done: CaseView) -> Deed:
        blocked = await _blocked(self._im, done.member_id)
        ours = [name for name in carried_out(done) if name in blocked]
        if not ours:
            raise moved_on(done)
        return _deed(Action.BLOCK_REMOVE, done.member_id, ours, {"names": ours})


class _Remove(_OfList):
    async def carry_out(self, deed: Deed) -> Details:
        names = names_of(deed.details, "names")
        try:
            results = await asyncio.gather(*(self._unblock(deed.member_id, name) for name in names))
            return await self._outcome(deed, results, blocks=False)
        finally:
            self._lists.drop(deed.member_id)

    async def _unblock(self, owner: str, name: str) -> ItemResult:
        try:
            await self._im.blocks.remove(owner, name)
        except IMError as error:
            return ItemResult(name, done=False, error=error)
        return ItemResult(name, done=True)

    async def look(self, deed: Deed) -> Sight | Details:
        return await self._seen(deed, blocks=False)

    async def taking_back(self, done: CaseView) -> Deed:
        blocked = await _blocked(self._im, done.member_id)
        ours = [name for name in carried_out(done) if name not in blocked]
        if not ours:
            raise moved_on(done)
        return _deed(Action.BLOCK_ADD, done.member_id, ours, {"names": ours, "already": [], "failed": {}})


def _deed(action: Action, owner: str, names: Sequence[str], details: Details) -> Deed:
    return Deed(action, _subject(owner), NOWHERE, owner, details, tuple(names))


def _subject(owner: str) -> str:
    return f"blocks:{owner}"


def _nobody_left(owner: str, names: Sequence[str], already: Sequence[str], failed: dict[str, str]) -> Refusal:
    if len(already) == len(names):
        return Refusal("refusal-already-blocked", member=owner, names=", ".join(names), count=len(names))
    if len(names) == 1:
        key = "refusal-own-block" if failed[names[0]] == OWNER else "refusal-unknown-user"
        return Refusal(key, member=owner, text=names[0])
    return Refusal("refusal-nobody-to-block", member=owner, names=", ".join(names))


def _why(error: IMError | None) -> str:
    if isinstance(error, NotFound):
        return UNKNOWN
    return UNREACHABLE if error is not None and (error.sent or isinstance(error, Unavailable)) else REFUSED


async def _blocked(im: IMClient, owner: str) -> tuple[str, ...]:
    """Return who is on the owner's block list, which holds at most 500; raises IMError."""
    return tuple(name.lower() for name in await im.blocks.latest(owner))
