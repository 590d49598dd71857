"""What people wrote, saved and arranged among themselves in the sample community."""

import json
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from bot.imservice.domain import users
from bot.imservice.domain.users import User

if TYPE_CHECKING:
    from bot.imservice.ids import Ids

_MINUTE_MS = 60_000
_DAY_MS = 24 * 60 * _MINUTE_MS
_TEXT, _LINK, _PICTURE = 0, 1, 2

TAGS = ("fantasy", "co-op", "中文")
VOICE_CATEGORY = "Voice rooms"
_VOICE_ROOMS = ("Lounge", "Raid night")


class _Message(NamedTuple):
    """A message, minutes before now; `reactions` by what was added, `thread` the name of the thread it started."""

    minutes_ago: int
    room: str
    sender: str
    text: str
    reactions: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 - nobody changes it
    thread: str | None = None
    replies: tuple[tuple[str, str], ...] = ()


_MESSAGES = (
    _Message(
        4300, "announcements", "aurora.studio", "Patch 4.2 is live: two new dungeons, a calmer harbour, 61 fixes.",
        {"🎉": ("kofi.mensah", "sofia-almeida", "haruto_k", "wang.fang"), "❤️": ("amelie.b",)},
    ),
    _Message(4210, "strategy", "dmitri_v", "The frost route is still the fastest one, I timed it twice."),
    _Message(
        4180, "strategy", "haruto_k", "Frost loses to the new sentinels. Tried a burn build instead, 4:12.",
        {"👀": ("kofi.mensah", "li.wei88", "dmitri_v"), "🔥": ("mei.lin",)},
        thread="Burn build after 4.2",
        replies=(
            ("kofi.mensah", "What do you drop for the second ember?"),
            ("haruto_k", "The shield. You have to move, though."),
            ("dmitri_v", "4:05 with two potions. Fine, I believe you."),
        ),
    ),
    _Message(2900, "looking-for-group", "priya.nair", "Healer, level 48, evenings IST. Looking for a calm group."),
    _Message(
        2875, "looking-for-group", "tomas.eriksen", "Tank here, same evenings. Friday raid?", {"👍": ("priya.nair",)}
    ),
    _Message(
        2100, "fan-art", "sofia-almeida", "Painted the harbour at night, no tracing this time ✨",
        {"😍": ("amelie.b", "j.novak", "zhang.yu"), "🎨": ("haruto_k",)},
    ),
    _Message(
        1600, "中文闲聊", "li.wei88", "新副本的第二个首领怎么打？我们昨晚灭了七次。",
        {"😂": ("zhang.yu", "wang.fang")},
        thread="第二个首领打法",
        replies=(("zhang.yu", "先清左边的小怪，别站在水里。"), ("li.wei88", "过了！谢谢。")),
    ),
    _Message(1500, "中文闲聊", "wang.fang", "周末有人一起做活动吗？缺一个治疗。"),
    _Message(900, "beta-testers", "j.novak", "Season 4 beta: the map hangs when you rotate it during loading."),
    _Message(
        880, "beta-testers", "aurora.studio", "Reproduced, thank you. Fixed in tomorrow's build.",
        {"🙏": ("j.novak", "kofi.mensah")},
    ),
    _Message(300, "staff-room", "mei.lin", "xx_rocket_xx posts the same link in every channel, muted for two days."),
    _Message(120, "general", "kofi.mensah", "Morning everyone, server feels quicker today."),
    _Message(35, "looking-for-group", "amelie.b", "Two places left for tonight, 20:00 UTC, voice in Raid night."),
)  # fmt: skip

_FRIENDS = (
    ("kofi.mensah", "haruto_k", "raid partner", "Kofi (night shift)"),
    ("kofi.mensah", "priya.nair", "best healer", None),
    ("kofi.mensah", "j.novak", None, None),
    ("li.wei88", "zhang.yu", "小雨", "副本队长"),
    ("li.wei88", "wang.fang", None, "李哥"),
    ("sofia-almeida", "amelie.b", "art swap", None),
)
"""Two friends and what each calls the other."""
_BLOCKS = (("priya.nair", "xx_rocket_xx"), ("sofia-almeida", "xx_rocket_xx"))

_SAVED = {
    "kofi.mensah": (
        (410, _TEXT, "First clear of the harbour, 2 a.m., four of us left standing.", "keep: never throw this away"),
        (395, _LINK, "https://example.com/guides/harbour-routes", None),
        (260, _TEXT, "Merchant in the east market restocks every six hours.", None),
        (214, _LINK, "https://example.com/wiki/sentinels", "builds"),
        (150, _PICTURE, "https://example.com/pictures/first-raid.png", None),
        (121, _TEXT, "Priya: dodge left on the third swing, not right.", "raid"),
        (96, _TEXT, "Frost: 3 ember, 1 shield, two potions. Slow but safe.", "builds"),
        (63, _LINK, "https://example.com/patch-notes/4-1", None),
        (31, _TEXT, "Ask Haruto for the spreadsheet.", None),
        (12, _TEXT, "Burn: no shield, keep moving. 4:12.", "builds"),
        (3, _LINK, "https://example.com/patch-notes/4-2", None),
        (0, _TEXT, "Raid night: Friday 20:00 UTC, bring bread.", "raid"),
    ),
    "zhang.yu": (
        (502, _PICTURE, "https://example.com/pictures/drawing-01.png", None),
        (340, _TEXT, "港口地图左下角有一条近路。", None),
        (233, _LINK, "https://example.com/zh/guide", "攻略"),
        (180, _TEXT, "周五晚上八点集合，记得带药水。", None),
        (144, _TEXT, "李伟的配装：火焰三件，披风一件。", "攻略"),
        (110, _PICTURE, "https://example.com/pictures/drawing-02.png", None),
        (92, _TEXT, "Sofia 的配色方法：先画夜色，再加灯。", None),
        (58, _LINK, "https://example.com/zh/events", None),
        (40, _TEXT, "第二个首领：先清左边的小怪。", "攻略"),
        (21, _PICTURE, "https://example.com/pictures/drawing-03.png", None),
        (6, _TEXT, "活动奖励周日截止。", None),
        (1, _TEXT, "谢谢大家的生日祝福！", None),
    ),
}
"""Saved items by user: days ago, type, data, ext."""


class _Place(NamedTuple):
    """Where and when something was written, in row numbers; `thread` None outside of threads."""

    room: int
    thread: int | None
    created: int


class _Writing(NamedTuple):
    """What the statements below have in common."""

    connection: sqlite3.Connection
    ids: "Ids"
    now: int

    def user(self, name: str) -> User:
        return users.get(self.connection, name)


def add_content(connection: sqlite3.Connection, rooms: dict[str, int], *, ids: "Ids", now: int) -> None:
    """Fill the sample's channels, given by name and row number, and what their people keep for themselves.

    `now` is Unix milliseconds; everything lies before it.
    """
    writing = _Writing(connection, ids, now)
    for message in _MESSAGES:
        _add_message(writing, message, rooms[message.room])
    for one, other, remark, remark_back in _FRIENDS:
        _add_friend(writing, one, other, remark)
        _add_friend(writing, other, one, remark_back)
    for owner, blocked in _BLOCKS:
        connection.execute(
            "INSERT OR IGNORE INTO blocks (owner, blocked) VALUES (?, ?)",
            (writing.user(owner).seq, writing.user(blocked).seq),
        )
    for name, items in _SAVED.items():
        _save(writing, name, items)
    _add_category_and_tags(writing, next(iter(rooms.values())), [rooms[name] for name in _VOICE_ROOMS])


def _add_message(writing: _Writing, message: _Message, room: int) -> None:
    created = writing.now - message.minutes_ago * _MINUTE_MS
    seq, message_id = _write(writing, _Place(room, None, created), message.sender, message.text)
    for reaction, names in message.reactions.items():
        reaction_seq = writing.connection.execute(
            "INSERT INTO reactions (id, message, reaction) VALUES (?, ?, ?)", (writing.ids.reaction(), seq, reaction)
        ).lastrowid
        writing.connection.executemany(
            "INSERT INTO reaction_users (reaction, user) VALUES (?, ?)",
            [(reaction_seq, writing.user(name).seq) for name in names],
        )
    if message.thread is not None:
        _add_thread(writing, message, room, message_id)


def _write(writing: _Writing, place: _Place, sender: str, text: str) -> tuple[int | None, str]:
    """Insert a text message; return its row number and its id."""
    message_id = writing.ids.message()
    cursor = writing.connection.execute(
        "INSERT INTO messages (id, channel, thread, sender, type, body, ext, created) "
        "VALUES (?, ?, ?, ?, 'txt', ?, NULL, ?)",
        (message_id, place.room, place.thread, writing.user(sender).username, json.dumps({"msg": text}), place.created),
    )
    return cursor.lastrowid, message_id


def _add_thread(writing: _Writing, message: _Message, room: int, message_id: str) -> None:
    created = writing.now - message.minutes_ago * _MINUTE_MS
    seq = writing.connection.execute(
        "INSERT INTO threads (id, channel, message_id, owner, name, created) VALUES (?, ?, ?, ?, ?, ?)",
        (
            writing.ids.thread(),
            room,
            message_id,
            writing.user(message.sender).seq,
            message.thread,
            created + _MINUTE_MS,
        ),
    ).lastrowid
    people = dict.fromkeys((message.sender, *(name for name, _ in message.replies)))
    writing.connection.executemany(
        "INSERT INTO thread_members (thread, user) VALUES (?, ?)", [(seq, writing.user(name).seq) for name in people]
    )
    for number, (sender, text) in enumerate(message.replies, start=2):
        _write(writing, _Place(room, seq, created + number * _MINUTE_MS), sender, text)


def _add_friend(writing: _Writing, owner: str, friend: str, remark: str | None) -> None:
    writing.connection.execute(
        "INSERT OR IGNORE INTO contacts (owner, friend, remark) VALUES (?, ?, ?)",
        (writing.user(owner).seq, writing.user(friend).seq, remark),
    )


def _save(writing: _Writing, name: str, items: tuple[tuple[int, int, str, str | None], ...]) -> None:
    user = writing.user(name).seq
    for number, (days_ago, kind, data, ext) in enumerate(items, start=1):
        created = writing.now - days_ago * _DAY_MS - number * _MINUTE_MS
        writing.connection.execute(
            "INSERT INTO collections (user, seq, id, data, type, ext, created, updated) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (user, number, writing.ids.uuid(), data, kind, ext, created, created),
        )


def _add_category_and_tags(writing: _Writing, room: int, voice_rooms: list[int]) -> None:
    (community,) = writing.connection.execute("SELECT community FROM channels WHERE seq = ?", (room,)).fetchone()
    category = writing.connection.execute(
        "INSERT INTO categories (id, community, name, is_default, created) VALUES (?, ?, ?, 0, ?)",
        (writing.ids.category(), community, VOICE_CATEGORY, writing.now),
    ).lastrowid
    writing.connection.executemany(
        "UPDATE channels SET category = ? WHERE seq = ?", [(category, voice_room) for voice_room in voice_rooms]
    )
    writing.connection.executemany(
        "INSERT INTO tags (id, community, name) VALUES (?, ?, ?)",
        [(writing.ids.tag(), community, tag) for tag in TAGS],
    )
