"""Channels: made, changed, deleted, and spoken in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from bot.im import ChannelMode, Lane
from bot.im.channels import MAX_USERS, NAME_LENGTH, TEXT_LENGTH
from bot.im.errors import NotFound
from bot.im.messages import LARGEST_BYTES
from bot.services.cache import Cache
from bot.services.channel_deeds import create_deed, delete_deed, edit_deed, say_deed
from bot.services.clock import to_ms
from bot.services.directory import ChannelInfo, CommunityInfo, channel_info
from bot.services.naming import by_id_or_name, candidates, suggest, typed
from bot.services.refusals import NeedsConfirmation, Refusal
from bot.services.wording import one_line, whole

if TYPE_CHECKING:
    from bot.im import IMClient
    from bot.services.clock import Clock
    from bot.services.deeds import Deeds
    from bot.services.directory import Directory
    from bot.services.model import CaseView, Staff, Suggestion

Standing = Literal["created", "joined"]
"""How a member stands to the channels of a list."""

APP_SENDER = "admin"
"""Whom the IM names as the sender of what the app itself says (fact 5)."""
_LISTS_KEEP = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class ChannelDraft:
    """What can be changed about a channel, each as the text that stands in a form; `max_users` possibly empty."""

    name: str
    description: str
    max_users: str
    custom: str

    @classmethod
    def of(cls, channel: ChannelInfo) -> ChannelDraft:
        """Return a channel as a form shows it; what is longer than the IM allows is cut."""
        return cls(
            name=channel.place.channel_name[:NAME_LENGTH],
            description=channel.description[:TEXT_LENGTH],
            max_users="" if channel.max_users is None else str(channel.max_users),
            custom=channel.custom[:TEXT_LENGTH],
        )


@dataclass(frozen=True, slots=True)
class NewChannel:
    """A channel that is wanted, as it was typed; None: the IM's default."""

    name: str
    public: bool = True
    voice: bool = False
    max_users: int | None = None
    description: str = ""
    category: str = ""


class Channels:
    """The operations on channels that commands, buttons and forms share."""

    def __init__(self, *, im: IMClient, clock: Clock, directory: Directory, deeds: Deeds) -> None:
        self._im = im
        self._clock = clock
        self._directory = directory
        self._deeds = deeds
        self._categories: Cache[str, tuple[tuple[str, str], ...]] = Cache(
            self._load_categories, clock=clock, keep=_LISTS_KEEP, size=20
        )

    async def create(
        self, wanted: NewChannel, *, staff: Staff, guild_id: int, community: str = "", confirmed: bool = False
    ) -> CaseView:
        """Create a channel in the guild's community or the one named (002 创建频道).

        Raises Refusal (a name, text or number the IM does not take), NeedsConfirmation (there is one of that name).
        """
        info = await self._directory.community_of(guild_id, community or None)
        name = _name(wanted.name)
        description = _text(wanted.description)
        if wanted.max_users is not None:
            _check_room(wanted.max_users, voice=wanted.voice)
        category_id = await self._category(info, wanted.category) if wanted.category else None
        async with self._deeds.turn(f"channels:{info.community_id}"):
            _, known = await self._directory.channels(guild_id, "all", info.community_id)
            twins = [c.place.channel_id for c in known if c.place.channel_name.casefold() == name.casefold()]
            if twins and not confirmed:
                raise NeedsConfirmation("confirm-channel-twin", channel=name, community=info.name)
            fields = {
                "public": wanted.public,
                "voice": wanted.voice,
                "max_users": wanted.max_users,
                "description": description,
                "category_id": category_id,
                "twins": twins,
            }
            return await self._deeds.do(create_deed(info.community_id, name, fields), staff=staff, guild_id=guild_id)

    async def edit(
        self, *, staff: Staff, guild_id: int, channel: str, shown: ChannelDraft, wanted: ChannelDraft
    ) -> CaseView:
        """Change of a channel what differs between the form as it was shown and as it was sent (002 修改频道信息).

        Raises Refusal: a text or number the IM does not take, nothing changed, or somebody else has changed the same.
        """
        known = await self._directory.channel(guild_id, channel)
        changes = _changes(shown, wanted, voice=known.voice)
        if not changes:
            raise Refusal("refusal-channel-unchanged", channel=known.place.channel_name)
        async with self._deeds.turn(f"channel:{known.place.channel_id}"):
            current = await self._fresh(known)
            now = ChannelDraft.of(current)
            if any(getattr(now, field) != getattr(shown, field) for field in changes):
                raise Refusal("refusal-channel-overtaken", channel=current.place.channel_name)
            deed = edit_deed(current, changes)
            return await self._deeds.do(deed, staff=staff, guild_id=guild_id)

    async def delete(
        self, *, staff: Staff, guild_id: int, channel: str, confirmed: bool = False, called: str = ""
    ) -> CaseView:
        """Delete a channel for good (002 删除频道); `called` is the name by which it was confirmed.

        Raises Refusal (the default channel, one of another name by now), NeedsConfirmation with what goes with it.
        """
        known = await self._directory.channel(guild_id, channel)
        name = known.place.channel_name
        if known.is_default:
            raise Refusal("refusal-delete-default", channel=name)
        if not confirmed:
            kind = "public" if known.public else "private"
            count = len(await self._directory.members(known.place))
            meant = {"channel": known.place.channel_id, "called": name}
            raise NeedsConfirmation("confirm-channel-delete", meant=meant, channel=name, kind=kind, count=count)
        async with self._deeds.turn(f"channel:{known.place.channel_id}"):
            current = await self._fresh(known)
            if current.place.channel_name != (called or name):
                raise Refusal("refusal-renamed", before=called or name, name=current.place.channel_name)
            return await self._deeds.do(delete_deed(current), staff=staff, guild_id=guild_id)

    async def say(self, *, staff: Staff, guild_id: int, channel: str, text: str) -> CaseView:
        """Send a text to a channel as the app's admin (002 发送消息); raises Refusal for nothing and for too much."""
        said = whole(text)
        if not said:
            raise Refusal("refusal-say-nothing")
        size = len(json.dumps({"msg": said}, ensure_ascii=False, separators=(",", ":")).encode())
        if size > LARGEST_BYTES:
            raise Refusal("refusal-say-long", size=size, most=LARGEST_BYTES)
        # The IM takes a message to a channel that is gone without a word (fact 5), so it is asked for first.
        known = await self._fresh(await self._directory.channel(guild_id, channel))
        deed = say_deed(known, said, f"{staff.id}:{to_ms(self._clock.now())}")
        return await self._deeds.do(deed, staff=staff, guild_id=guild_id)

    async def of_member(
        self, guild_id: int, member: str, standing: Standing, community: str = ""
    ) -> tuple[CommunityInfo, str, list[ChannelInfo]]:
        """Return a community, a user and the channels there that the user created, or is in, by name.

        002 获取用户在社区创建的频道列表, 获取用户在社区加入的频道列表. Raises Refusal for a user the IM does not know.
        """
        info = await self._directory.community_of(guild_id, community or None)
        user_id = await self._directory.user_id(member)
        read = self._im.channels.created if standing == "created" else self._im.channels.joined
        with self._im.lane(Lane.URGENT):
            found = [channel_info(info.community_id, c) async for c in read(info.community_id, user_id)]
        return info, user_id, sorted(found, key=lambda c: (not c.is_default, c.place.channel_name.casefold()))

    async def suggest_categories(self, guild_id: int, text: str, community: str | None = None) -> list[Suggestion]:
        """Return the categories of a community whose name or id holds the text."""
        info = await self._directory.community_of(guild_id, community)
        return suggest(text, await self._categories.get(info.community_id))

    async def _category(self, info: CommunityInfo, text: str) -> str:
        found: list[tuple[str, str]] = []
        for load in (self._categories.get, self._categories.reload):
            known = await load(info.community_id)
            found = by_id_or_name(text, [(item_id, name, (name, item_id)) for item_id, name in known])
            if found:
                break
        if not found:
            raise Refusal("refusal-unknown-category", text=text[:100], community=info.name)
        if len(found) > 1:
            raise Refusal("refusal-ambiguous-category", text=text[:100], candidates=candidates(found))
        return found[0][1]

    async def _load_categories(self, community_id: str) -> tuple[tuple[str, str], ...]:
        with self._im.lane(Lane.URGENT):
            return tuple([(c.category_id, c.name) async for c in self._im.categories.list(community_id)])

    async def _fresh(self, known: ChannelInfo) -> ChannelInfo:
        community_id = known.place.community_id
        try:
            with self._im.lane(Lane.URGENT):
                return channel_info(community_id, await self._im.channels.get(community_id, known.place.channel_id))
        except NotFound:
            self._directory.forget_channels(community_id)
            raise


def _changes(shown: ChannelDraft, wanted: ChannelDraft, *, voice: bool) -> dict[str, Any]:
    """Return the fields that were changed in the form, checked; raises Refusal."""
    changes: dict[str, Any] = {}
    if one_line(wanted.name) != one_line(shown.name):
        changes["name"] = _name(wanted.name)
    for field in ("description", "custom"):
        text: str = getattr(wanted, field)
        if whole(text) != whole(getattr(shown, field)):
            changes[field] = _text(text)
    room = typed(wanted.max_users)
    if room != shown.max_users:
        if not (room.isascii() and room.isdigit() and len(room) <= len(shown.max_users) + 9):
            raise Refusal("refusal-channel-room", most=_most_users(voice=voice))
        _check_room(int(room), voice=voice)
        if str(int(room)) != shown.max_users:
            changes["max_users"] = int(room)
    return changes


def _name(text: str) -> str:
    name = one_line(text)
    if not 1 <= len(name) <= NAME_LENGTH:
        raise Refusal("refusal-channel-name", most=NAME_LENGTH, count=len(name))
    return name


def _text(text: str) -> str:
    kept = whole(text)
    if len(kept) > TEXT_LENGTH:
        raise Refusal("refusal-channel-text", most=TEXT_LENGTH, count=len(kept))
    return kept


def _most_users(*, voice: bool) -> int:
    return MAX_USERS[ChannelMode.VOICE if voice else ChannelMode.TEXT]


def _check_room(wanted: int, *, voice: bool) -> None:
    most = _most_users(voice=voice)
    if not 1 <= wanted <= most:
        raise Refusal("refusal-channel-room", most=most)
