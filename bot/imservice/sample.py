"""A community that looks alive, for the demo and for a first try."""

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from bot.imservice.domain import channels, communities, members, mutes, users
from bot.imservice.domain.channels import Channel, NewChannel
from bot.imservice.domain.communities import NewCommunity
from bot.imservice.domain.users import NewUser
from bot.imservice.sample_content import add_content

if TYPE_CHECKING:
    from bot.imservice.service import IMService

OWNER = "aurora.studio"
MODERATOR = "mei.lin"
MUTED = "xx_rocket_xx"
COMMUNITY_NAME = "Aurora Games"

_PEOPLE = (
    (OWNER, "Aurora Studio"),
    (MODERATOR, "林梅"),
    ("kofi.mensah", "Kofi"),
    ("li.wei88", "李伟"),
    ("sofia-almeida", "Sofia ✨"),
    ("j.novak", "Jakub Novák"),
    ("haruto_k", "はると"),
    ("zhang.yu", "小雨"),
    ("amelie.b", "Amélie"),
    ("dmitri_v", "Дмитрий"),
    ("priya.nair", "Priya"),
    ("wang.fang", "王芳"),
    ("tomas.eriksen", "Tomás E."),
    (MUTED, "R0CKET"),
)
_REGULARS = tuple(name for name, _ in _PEOPLE[1:])
_VOICE_CAP = 12
_MUTE_MS = 2 * 24 * 3600 * 1000


class _Room(NamedTuple):
    """A channel of the sample and who is in it besides the owner."""

    name: str
    type: int
    mode: int
    description: str
    people: tuple[str, ...]


_CHINESE = ("mei.lin", "li.wei88", "zhang.yu", "wang.fang")
_ROOMS = (
    _Room("announcements", channels.PUBLIC, channels.TEXT, "Patch notes and events, before you ask.", _REGULARS),
    _Room("looking-for-group", channels.PUBLIC, channels.TEXT, "Find a party: level, role, time zone.", _REGULARS[1:]),
    _Room("strategy", channels.PUBLIC, channels.TEXT, "Builds, routes, and why yours is wrong.", _REGULARS[:9]),
    _Room("中文闲聊", channels.PUBLIC, channels.TEXT, "中文玩家聊天，友善交流。", _CHINESE),
    _Room("fan-art", channels.PUBLIC, channels.TEXT, "Show what you drew. Credit the artist.", _REGULARS[2:8]),
    _Room("staff-room", channels.PRIVATE, channels.TEXT, "Moderators and the studio.", (MODERATOR,)),
    _Room("beta-testers", channels.PRIVATE, channels.TEXT, "Season 4 beta. Under NDA.", _REGULARS[1:6]),
    _Room("Lounge", channels.PUBLIC, channels.VOICE, "Open voice room.", ("kofi.mensah", "haruto_k")),
    _Room("Raid night", channels.PRIVATE, channels.VOICE, "Fridays 20:00 UTC.", ("j.novak", "amelie.b")),
)
_ROOM_OF_THE_MUTE = "looking-for-group"


async def seed_sample(service: "IMService") -> str:
    """Put the sample community into a running service and return its id; what is there already stays as it is.

    All of it is one write: after a crash it is there completely or not at all.
    """
    return await service.write(lambda connection: _seed(connection, service))


def _seed(connection: sqlite3.Connection, service: "IMService") -> str:
    row = connection.execute(
        "SELECT c.id FROM communities c JOIN users u ON u.seq = c.owner WHERE u.key = ? AND c.name = ?",
        (OWNER, COMMUNITY_NAME),
    ).fetchone()
    if row is not None:
        return row[0]
    now, ids = service.now_ms(), service.ids
    new = [NewUser(*person) for person in _PEOPLE if users.find(connection, person[0]) is None]
    users.register(connection, new, ids=ids, now=now, application=service.credentials.application)
    community = communities.create(
        connection,
        NewCommunity(
            owner=OWNER,
            name=COMMUNITY_NAME,
            type=0,
            description="The players of Aurora Games: patch notes, parties and a lot of fan art.",
            custom="",
            icon_url="",
            background_url="",
            category_name=communities.DEFAULT_CATEGORY_NAME,
            channel_name="general",
        ),
        ids=ids,
        now=now,
        per_user=service.options.communities_per_user,
    )
    for name in _REGULARS:
        communities.join(
            connection, community, name, join_default_channel=True, per_user=service.options.communities_per_user
        )
    communities.set_role(connection, community, MODERATOR, communities.MODERATOR)
    opened = {room.name: _open_room(connection, service, community, room) for room in _ROOMS}
    mutes.add(connection, community, opened[_ROOM_OF_THE_MUTE].channel_id, MUTED, duration=_MUTE_MS, now=now)
    default = channels.get(connection, community, communities.get(connection, community).default_channel_id)
    rooms = {default.name: default.seq, **{name: room.seq for name, room in opened.items()}}
    add_content(connection, rooms, ids=ids, now=now)
    return community


def _open_room(connection: sqlite3.Connection, service: "IMService", community: str, room: _Room) -> Channel:
    channel = channels.create(
        connection,
        NewChannel(
            community_id=community,
            name=room.name,
            type=room.type,
            mode=room.mode,
            max_users=_VOICE_CAP if room.mode == channels.VOICE else None,
            description=room.description,
            custom="",
            rtc_name=None,
            category_id=None,
            owner=None,
        ),
        ids=service.ids,
        now=service.now_ms(),
        per_community=service.options.channels_per_community,
    )
    for person in room.people:
        members.join(connection, community, channel.channel_id, person)
    return channel
