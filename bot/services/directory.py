"""Who and what there is in the IM: finds communities, channels and members by what staff type."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypeVar

from bot.im import ChannelMode, ChannelRole, ChannelType, CommunityRole, Lane
from bot.im.errors import NotFound
from bot.services.cache import Cache
from bot.services.clock import from_ms
from bot.services.model import MutedMember, Place
from bot.services.naming import by_id_or_name, candidates, suggest, typed
from bot.services.readings import read_mutes
from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from bot.im import Channel, Community, IMClient
    from bot.services.clock import Clock
    from bot.services.model import Suggestion
    from bot.services.settings import SettingsService

Role = Literal["owner", "moderator", "member"]
Visibility = Literal["all", "public", "private"]

_LISTS_KEEP = timedelta(seconds=60)
_ROLES_KEEP = timedelta(minutes=5)
_NEW_ENOUGH = timedelta(seconds=2)
_USERNAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_ROLES: dict[CommunityRole, Role] = {
    CommunityRole.OWNER: "owner",
    CommunityRole.MODERATOR: "moderator",
    CommunityRole.MEMBER: "member",
}
_AMBIGUOUS = {"community": "refusal-ambiguous-community", "channel": "refusal-ambiguous-channel"}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CommunityInfo:
    """A community; its texts are the IM's, untrusted."""

    community_id: str
    name: str
    description: str
    owner_id: str


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel; its texts are the IM's, untrusted."""

    place: Place
    public: bool
    voice: bool
    description: str
    max_users: int | None
    owner_id: str
    is_default: bool
    created_at: datetime | None
    custom: str = ""


@dataclass(frozen=True, slots=True)
class MemberInfo:
    """What there is to know about a member of one channel."""

    member_id: str
    in_channel: bool
    role: Role | None
    muted: MutedMember | None


class Directory:
    """Looks up names; lists are kept for a minute, roles for five."""

    def __init__(self, *, im: IMClient, clock: Clock, settings: SettingsService) -> None:
        self._im = im
        self._clock = clock
        self._settings = settings
        self._communities: Cache[None, tuple[CommunityInfo, ...]] = Cache(
            self._load_communities, clock=clock, keep=_LISTS_KEEP
        )
        self._channels: Cache[str, tuple[ChannelInfo, ...]] = Cache(self._load_channels, clock=clock, keep=_LISTS_KEEP)
        self._members: Cache[tuple[str, str], dict[str, bool]] = Cache(
            self._load_members, clock=clock, keep=_LISTS_KEEP, size=200
        )
        self._people: Cache[str, dict[str, Role]] = Cache(self._load_people, clock=clock, keep=_LISTS_KEEP, size=20)
        self._roles: Cache[tuple[str, str, str], Role] = Cache(
            self._load_role, clock=clock, keep=_ROLES_KEEP, size=20_000
        )
        self._users: Cache[str, bool] = Cache(self._load_user, clock=clock, keep=_LISTS_KEEP, size=20_000)
        self._present: Cache[tuple[str, str, str], bool] = Cache(
            self._load_presence, clock=clock, keep=_LISTS_KEEP, size=20_000
        )

    # Communities

    async def community(self, guild_id: int) -> CommunityInfo:
        """Return the community a guild's commands are about; raises Refusal if none is set and there are several."""
        wanted = self._settings.get(guild_id).community_id
        known = await self._communities.get(None)
        if wanted is not None:
            found = [info for info in known if info.community_id == wanted]
            if not found:
                raise Refusal("refusal-community-gone", community=wanted)
            return found[0]
        if len(known) != 1:
            raise Refusal("refusal-no-community" if known else "refusal-empty-app")
        return known[0]

    async def find_community(self, text: str) -> CommunityInfo:
        """Return the community with this id or exact name; raises Refusal if there is none or more than one."""
        for load in (self._communities.get, self._communities.reload):
            known = await load(None)
            found = by_id_or_name(text, [(info.community_id, info.name, info) for info in known])
            if found:
                return _the_one("community", text, [(info, info.name, info.community_id) for info in found])
        raise Refusal("refusal-unknown-community", text=text[:100])

    async def community_of(self, guild_id: int, community: str | None) -> CommunityInfo:
        """Return the community that was named, or else the one the guild's commands are about; raises Refusal."""
        return await (self.find_community(community) if community else self.community(guild_id))

    async def suggest_communities(self, text: str) -> list[Suggestion]:
        """Return the communities whose name or id holds the text."""
        known = await self._communities.get(None)
        return suggest(text, [(info.community_id, info.name) for info in known])

    # Channels

    async def channel(self, guild_id: int, text: str, community: str | None = None) -> ChannelInfo:
        """Return the channel with this id or exact name in the guild's community (or the one named).

        Raises Refusal if there is none, or more than one of that name.
        """
        info = await self.community_of(guild_id, community)
        found: list[ChannelInfo] = []
        for again in (False, True):
            if again and not self._old(self._channels.age(info.community_id)):
                break
            load = self._channels.reload if again else self._channels.get
            known = await load(info.community_id)
            found = by_id_or_name(text, [(c.place.channel_id, c.place.channel_name, c) for c in known])
            if found:
                break
        if not found:
            raise Refusal("refusal-unknown-channel", text=text[:100], community=info.name)
        return _the_one("channel", text, [(c, c.place.channel_name, c.place.channel_id) for c in found])

    async def channels(
        self, guild_id: int, visibility: Visibility = "all", community: str | None = None
    ) -> tuple[CommunityInfo, list[ChannelInfo]]:
        """Return a community's channels, the default one first, then by name."""
        info = await self.community_of(guild_id, community)
        known = await self._channels.reload(info.community_id)
        return info, [c for c in known if visibility == "all" or c.public == (visibility == "public")]

    async def known_channels(self, guild_id: int) -> tuple[ChannelInfo, ...]:
        """Return the channels of a guild's community as they were at most a minute ago."""
        return await self._channels.get((await self.community_of(guild_id, None)).community_id)

    async def suggest_channels(self, guild_id: int, text: str, community: str | None = None) -> list[Suggestion]:
        """Return the channels whose name or id holds the text."""
        info = await self.community_of(guild_id, community)
        known = await self._channels.get(info.community_id)
        return suggest(text, [(c.place.channel_id, f"#{c.place.channel_name}") for c in known])

    # Members

    async def member_id(self, place: Place, text: str, *, must_be_in: bool = True) -> str:
        """Return the user id that was typed, in lower case (fact 3); raises Refusal if nobody there has it."""
        member_id = _typed_name(text)
        if must_be_in and not await self._is_in(place, member_id):
            raise Refusal("refusal-unknown-member", text=member_id, channel=place.channel_name)
        return member_id

    async def role(self, place: Place, member_id: str) -> Role:
        """Return a member's role in the community, at most five minutes old."""
        listed = self._people.peek(place.community_id)
        if listed is not None and member_id in listed:
            return listed[member_id]
        return await self._roles.get((place.community_id, place.channel_id, member_id))

    async def members(self, place: Place) -> list[tuple[str, bool]]:
        """Return all members of a channel (at most 2,000) and whether each is its owner, the owner first."""
        known = await self._members.reload((place.community_id, place.channel_id))
        return sorted(known.items(), key=lambda item: (not item[1], item[0]))

    async def member(self, place: Place, text: str) -> MemberInfo:
        """Return what there is to know about a member of a channel: in it, role, muted; read afresh."""
        member_id = await self.member_id(place, text, must_be_in=False)
        key = (place.community_id, place.channel_id, member_id)
        present, reading = await asyncio.gather(
            self._present.reload(key),
            read_mutes(self._im, self._clock, place.community_id, place.channel_id),
        )
        role = None
        if present:
            role = await self._roles.reload(key)
        seen = reading.entries.get(member_id)
        muted = None
        if seen is not None:
            end = reading.end_by_our_clock(seen)
            muted = MutedMember(member_id, None if end is None else from_ms(end), seen.permanent, None)
        return MemberInfo(member_id, present, role, muted)

    async def suggest_members(self, guild_id: int, text: str, channel: str | None = None) -> list[Suggestion]:
        """Return the members of the channel, or of the community while none is chosen, whose id holds the text."""
        if channel:
            place = (await self.channel(guild_id, channel)).place
            known = list(await self._members.get((place.community_id, place.channel_id)))
        else:
            info = await self.community_of(guild_id, None)
            known = list(await self._people.get(info.community_id))
        return suggest(text, [(member_id, member_id) for member_id in known])

    async def user_id(self, text: str) -> str:
        """Return the user id that was typed, in lower case (fact 3); raises Refusal if the IM has no such user."""
        user_id = _typed_name(text)
        if not self._users.peek(user_id) and not await self._users.reload(user_id):
            raise Refusal("refusal-unknown-user", text=user_id)
        return user_id

    def forget(self, place: Place, member_id: str) -> None:
        """Drop what is known of a member and his channel, since the IM says otherwise."""
        self._channels.drop(place.community_id)
        self._members.drop((place.community_id, place.channel_id))
        self._present.drop((place.community_id, place.channel_id, member_id))
        self._roles.drop((place.community_id, place.channel_id, member_id))

    def forget_channels(self, community_id: str) -> None:
        """Drop what is known of a community's channels, since we have changed one."""
        self._channels.drop(community_id)

    def forget_all_channels(self) -> None:
        """Drop what is known of all channels, since one has changed and nobody can be sure where."""
        self._channels.clear()

    # Loading

    async def _is_in(self, place: Place, member_id: str) -> bool:
        listed = self._members.peek((place.community_id, place.channel_id))
        if listed is not None and member_id in listed:
            return True
        key = (place.community_id, place.channel_id, member_id)
        if self._present.peek(key):
            return True
        return await self._present.reload(key)

    @staticmethod
    def _old(age: timedelta | None) -> bool:
        return age is None or age > _NEW_ENOUGH

    async def _load_communities(self, _key: None) -> tuple[CommunityInfo, ...]:
        with self._im.lane(Lane.URGENT):
            return tuple([_community(community) async for community in self._im.communities.list()])

    async def _load_channels(self, community_id: str) -> tuple[ChannelInfo, ...]:
        with self._im.lane(Lane.URGENT):
            public = [channel async for channel in self._im.channels.public(community_id)]
            private = [channel async for channel in self._im.channels.private(community_id)]
        infos = {channel.channel_id: channel_info(community_id, channel) for channel in public + private}
        return tuple(sorted(infos.values(), key=lambda c: (not c.is_default, c.place.channel_name.casefold())))

    async def _load_members(self, key: tuple[str, str]) -> dict[str, bool]:
        with self._im.lane(Lane.URGENT):
            return {
                member.user_id.lower(): member.role is ChannelRole.OWNER async for member in self._im.members.list(*key)
            }

    async def _load_people(self, community_id: str) -> dict[str, Role]:
        with self._im.lane(Lane.URGENT):
            return {
                member.user_id.lower(): _ROLES.get(member.role, "member")
                async for member in self._im.communities.members(community_id)
            }

    async def _load_role(self, key: tuple[str, str, str]) -> Role:
        with self._im.lane(Lane.URGENT):
            return _ROLES.get(await self._im.members.role(*key), "member")

    async def _load_presence(self, key: tuple[str, str, str]) -> bool:
        try:
            with self._im.lane(Lane.URGENT):
                return await self._im.members.contains(*key)
        except NotFound:
            return False

    async def _load_user(self, user_id: str) -> bool:
        with self._im.lane(Lane.URGENT):
            return await self._im.users.exists(user_id)


def _typed_name(text: str) -> str:
    name = typed(text).removeprefix("@")
    if not _USERNAME.fullmatch(name):
        raise Refusal("refusal-member-name", text=text[:100])
    return name.lower()


def _community(community: Community) -> CommunityInfo:
    return CommunityInfo(community.community_id, community.name, community.description, community.owner)


def channel_info(community_id: str, channel: Channel) -> ChannelInfo:
    """Return a channel of the IM as services tell it."""
    return ChannelInfo(
        place=Place(community_id, channel.channel_id, channel.name),
        public=channel.type is not ChannelType.PRIVATE,
        voice=channel.mode is ChannelMode.VOICE,
        description=channel.description,
        max_users=channel.max_users,
        owner_id=channel.owner,
        is_default=channel.is_default,
        created_at=channel.created_at,
        custom=channel.custom,
    )


def _the_one(kind: Literal["community", "channel"], text: str, found: list[tuple[_T, str, str]]) -> _T:
    if len(found) == 1:
        return found[0][0]
    named = candidates((name, item_id) for _item, name, item_id in found)
    raise Refusal(_AMBIGUOUS[kind], text=text[:100], candidates=named)
