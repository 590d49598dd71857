"""What staff do about reactions: add one for somebody, take one back, look."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from bot.im import Lane
from bot.im.errors import Conflict, IllegalArgument, LimitReached, NotFound
from bot.services.deeds import Deed, Deeds, Kind, Sight, moved_on
from bot.services.model import NOWHERE, Action, CaseView, Details, Place, Staff
from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from bot.im import IMClient
    from bot.im.models import Reaction
    from bot.services.directory import Directory
    from bot.services.mirrors import Mirror, Mirrors

LONGEST = 128
_CUSTOM_EMOJI: Final = re.compile(r"<a?:\w+:\d+>")
# Control characters, halves of characters, line and paragraph breaks.
_NO_REACTION: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class ReactionInfo:
    """One reaction to a message: untrusted text, who added it as far as the API tells, and how many they are."""

    emoji: str
    count: int
    users: tuple[str, ...]
    by_member: bool


@dataclass(frozen=True, slots=True)
class ReactionList:
    """The reactions to a message as a member sees them; `mirror` if a Discord message shows it."""

    place: Place
    message_id: str
    member_id: str
    mirror: Mirror | None
    reactions: tuple[ReactionInfo, ...]


class Reactions:
    """The operations on reactions that commands share."""

    def __init__(self, *, im: IMClient, directory: Directory, mirrors: Mirrors, deeds: Deeds) -> None:
        self._im = im
        self._directory = directory
        self._mirrors = mirrors
        self._deeds = deeds

    async def add(self, *, staff: Staff, guild_id: int, message_id: str, emoji: str, member: str) -> CaseView:
        """React to a message for a member (002 添加消息 Reaction).

        Raises Refusal if they have reacted so already, may not react, or if the message or reaction cannot be.
        """
        deed = await self._deed(Action.REACTION_ADD, guild_id, message_id, emoji, member)
        async with self._deeds.turn(deed.subject):
            if await self._has(deed):
                raise _there_already(deed)
            try:
                return await self._deeds.do(deed, staff=staff, guild_id=guild_id)
            except Conflict:
                raise _there_already(deed) from None
            except LimitReached as error:
                if error.status != HTTPStatus.BAD_REQUEST:
                    raise  # the plan's limit, not the message's
                raise Refusal("refusal-reactions-full") from None
            except IllegalArgument:
                raise Refusal("refusal-reaction-not-allowed", member=deed.member_id) from None
            except NotFound:
                raise Refusal("refusal-unknown-message-anywhere") from None

    async def remove(self, *, staff: Staff, guild_id: int, message_id: str, emoji: str, member: str) -> CaseView:
        """Take a member's reaction back (002 删除指定消息的 Reaction); raises Refusal if they have not reacted so."""
        deed = await self._deed(Action.REACTION_REMOVE, guild_id, message_id, emoji, member)
        async with self._deeds.turn(deed.subject):
            if await self._has(deed) is False:
                raise _not_there(deed)
            try:
                return await self._deeds.do(deed, staff=staff, guild_id=guild_id)
            except IllegalArgument:
                raise _not_there(deed) from None
            except NotFound:
                raise Refusal("refusal-unknown-message-anywhere") from None

    async def of_message(self, *, guild_id: int, channel: str, message_id: str, member: str) -> ReactionList:
        """Return the reactions to a message of a channel, seen by a member (002 获取指定消息的 Reaction)."""
        place = (await self._directory.channel(guild_id, channel)).place
        message, mirror = await self._mirrors.meant(guild_id, message_id)
        member_id = await self._directory.user_id(member)
        try:
            with self._im.lane(Lane.URGENT):
                (found,) = await self._im.reactions.list(member_id, place.channel_id, message)
        except NotFound:
            raise Refusal("refusal-unknown-message", channel=place.channel_name) from None
        reactions = tuple(
            ReactionInfo(one.reaction, max(one.count, len(one.users)), one.users, _is_by(one, member_id) is True)
            for one in found.reactions
        )
        return ReactionList(place, message, member_id, mirror, reactions)

    async def _deed(self, action: Action, guild_id: int, message_id: str, emoji: str, member: str) -> Deed:
        reaction = _reaction(emoji)
        message, mirror = await self._mirrors.meant(guild_id, message_id)
        if mirror is None:
            about = {"message_id": message, "emoji": reaction, "said": ""}
            return _about(action, NOWHERE, await self._directory.user_id(member), about)
        # Who has left the channel since may still have a reaction there that is to go.
        must_be_in = action is Action.REACTION_ADD
        member_id = await self._directory.member_id(mirror.place, member, must_be_in=must_be_in)
        about = {"message_id": message, "emoji": reaction, "said": mirror.said}
        return _about(action, mirror.place, member_id, about)

    async def _has(self, deed: Deed) -> bool | None:
        with self._im.lane(Lane.URGENT):
            return await _shows(self._im, deed)


def kinds(im: IMClient) -> dict[Action, Kind]:
    """Return how what is done about reactions is carried out, found and taken back."""
    return {Action.REACTION_ADD: _Add(im), Action.REACTION_REMOVE: _Remove(im)}


class _Add:
    def __init__(self, im: IMClient) -> None:
        self._im = im

    async def carry_out(self, deed: Deed) -> Details:
        added = await self._im.reactions.add(deed.member_id, deed.details["message_id"], deed.details["emoji"])
        # Without an id it was there before. Where we have looked first, that was our own call, whose answer was lost.
        if not added and deed.place == NOWHERE:
            raise Conflict("the reaction was there already")
        return {}

    async def look(self, deed: Deed) -> Sight:
        shown = await _shows(self._im, deed)
        return Sight.UNKNOWN if shown is None else Sight.DONE if shown else Sight.ABSENT

    async def taking_back(self, done: CaseView) -> Deed:
        if await _shows(self._im, done) is False:
            raise moved_on(done)
        return _about(Action.REACTION_REMOVE, done.place, done.member_id, done.details)


class _Remove:
    def __init__(self, im: IMClient) -> None:
        self._im = im

    async def carry_out(self, deed: Deed) -> Details:
        await self._im.reactions.remove(deed.member_id, deed.details["message_id"], deed.details["emoji"])
        return {}

    async def look(self, deed: Deed) -> Sight:
        shown = await _shows(self._im, deed)
        return Sight.UNKNOWN if shown is None else Sight.ABSENT if shown else Sight.DONE

    async def taking_back(self, done: CaseView) -> Deed:
        if await _shows(self._im, done):
            raise moved_on(done)
        return _about(Action.REACTION_ADD, done.place, done.member_id, done.details)


async def _shows(im: IMClient, about: Deed | CaseView) -> bool | None:
    """Tell whether the IM shows the member's reaction; None where it cannot be asked: looking needs the channel."""
    if about.place == NOWHERE:
        return None
    message_id, emoji = about.details["message_id"], about.details["emoji"]
    try:
        (found,) = await im.reactions.list(about.member_id, about.place.channel_id, message_id)
    except NotFound:
        return False
    same = [one for one in found.reactions if one.reaction == emoji]
    return _is_by(same[0], about.member_id) if same else False


def _is_by(reaction: Reaction, member_id: str) -> bool | None:
    if reaction.by_me is not None:
        return reaction.by_me
    # The API may name the first few only.
    named = member_id in {user.lower() for user in reaction.users}
    return True if named else None if reaction.count > len(reaction.users) else False


def _reaction(text: str) -> str:
    wanted = text.strip()
    if _CUSTOM_EMOJI.search(wanted):
        raise Refusal("refusal-custom-emoji")
    if not 1 <= len(wanted) <= LONGEST or any(unicodedata.category(character) in _NO_REACTION for character in wanted):
        raise Refusal("refusal-emoji")
    return wanted


def _about(action: Action, place: Place, member_id: str, about: Details) -> Deed:
    details = {name: about[name] for name in ("message_id", "emoji", "said")}
    return Deed(action, f"reaction:{about['message_id']}:{member_id}:{about['emoji']}", place, member_id, details)


def _there_already(deed: Deed) -> Refusal:
    return Refusal("refusal-already-reacted", member=deed.member_id, emoji=deed.details["emoji"])


def _not_there(deed: Deed) -> Refusal:
    return Refusal("refusal-not-reacted", member=deed.member_id, emoji=deed.details["emoji"])
