"""The rows of a large random community: a pure function of its size and the time."""

import json
import random
import string
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from bot.imservice import bulk_words as words
from bot.imservice.domain import channels, communities
from bot.imservice.domain.mutes import PERMANENT

BATCH = 5_000
_DAY_MS = 24 * 3600 * 1000
_MESSAGE_DAYS = 25
_SAVED_DAYS = 730
_MOST_PRESENT = 1_900
_ROOM_CAP, _VOICE_CAP = 2000, 20
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase

_USER = "INSERT OR IGNORE INTO users (key, username, uuid, nickname, created, modified) VALUES (?, ?, ?, ?, ?, ?)"
_COMMUNITY = (
    "INSERT OR IGNORE INTO communities (id, owner, name, type, description, custom, icon_url, background_url, created) "
    "SELECT ?, seq, ?, 0, ?, '', '', '', ? FROM users WHERE key = ?"
)
_CATEGORY = (
    "INSERT OR IGNORE INTO categories (id, community, name, is_default, created) "
    "SELECT ?, seq, ?, ?, ? FROM communities WHERE id = ?"
)
_CHANNEL = (
    "INSERT OR IGNORE INTO channels (id, community, category, name, type, mode, max_users, description, custom, "
    "rtc_name, is_default, created) SELECT ?, co.seq, ca.seq, ?, ?, ?, ?, ?, '', ?, ?, ? "
    "FROM communities co, categories ca WHERE co.id = ? AND ca.id = ?"
)
_COMMUNITY_MEMBER = (
    "INSERT OR IGNORE INTO community_members (community, user, role) "
    "SELECT co.seq, u.seq, ? FROM communities co, users u WHERE co.id = ? AND u.key = ?"
)
_CHANNEL_MEMBER = (
    "INSERT OR IGNORE INTO channel_members (channel, user) "
    "SELECT ch.seq, u.seq FROM channels ch, users u WHERE ch.id = ? AND u.key = ?"
)
_MUTE = (
    "INSERT OR IGNORE INTO mutes (channel, user, expire) "
    "SELECT ch.seq, u.seq, ? FROM channels ch, users u WHERE ch.id = ? AND u.key = ?"
)
_FRIEND = (
    "INSERT OR IGNORE INTO contacts (owner, friend, remark) "
    "SELECT a.seq, b.seq, ? FROM users a, users b WHERE a.key = ? AND b.key = ?"
)
_BLOCK = (
    "INSERT OR IGNORE INTO blocks (owner, blocked) "
    "SELECT a.seq, b.seq FROM users a, users b WHERE a.key = ? AND b.key = ?"
)
_MESSAGE = (
    "INSERT OR IGNORE INTO messages (id, channel, sender, type, body, created) "
    "SELECT ?, seq, ?, 'txt', ?, ? FROM channels WHERE id = ?"
)
_REACTION = "INSERT OR IGNORE INTO reactions (id, message, reaction) SELECT ?, seq, ? FROM messages WHERE id = ?"
_REACTION_USER = (
    "INSERT OR IGNORE INTO reaction_users (reaction, user) "
    "SELECT r.seq, u.seq FROM reactions r, users u WHERE r.id = ? AND u.key = ?"
)
_THREAD = (
    "INSERT OR IGNORE INTO threads (id, channel, message_id, owner, name, created) "
    "SELECT ?, ch.seq, ?, u.seq, ?, ? FROM channels ch, users u WHERE ch.id = ? AND u.key = ?"
)
_THREAD_MEMBER = (
    "INSERT OR IGNORE INTO thread_members (thread, user) "
    "SELECT t.seq, u.seq FROM threads t, users u WHERE t.id = ? AND u.key = ?"
)
_SAVE = (
    "INSERT OR IGNORE INTO collections (user, seq, id, data, type, ext, created, updated) "
    "SELECT seq, ?, ?, ?, ?, ?, ?, ? FROM users WHERE key = ?"
)
_COMPLETE = "INSERT OR IGNORE INTO seeds (members) VALUES (?)"

Row = tuple[Any, ...]
Statement = tuple[str, Sequence[Row]]


class Piece(NamedTuple):
    """One write: what it belongs to, how much of that is done with it (0 to 1), and its statements with their rows."""

    what: str
    done: float
    statements: Sequence[Statement]


@dataclass(frozen=True, slots=True)
class _Channel:
    """A channel and who is in it, by the numbers of the members; number 0 is the owner of the community."""

    id: str
    name: str
    type: int
    mode: int
    category_id: str
    people: Sequence[int]
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class _Community:
    id: str
    categories: tuple[str, ...]
    channels: tuple[_Channel, ...]

    @property
    def text_channels(self) -> list[_Channel]:
        return [channel for channel in self.channels if channel.mode == channels.TEXT]


class BulkPlan:
    """What a community of `members` people consists of; `now` is Unix milliseconds, everything lies before it."""

    def __init__(self, *, members: int, now: int) -> None:
        self.members = members
        self.now = now
        self.community = _design(members)

    @property
    def batch(self) -> int:
        """How many numbers go into one write: in a larger table a larger batch touches fewer pages a row."""
        return max(BATCH, self.members // 50)

    @property
    def community_id(self) -> str:
        """The id of the community, always the same for the same number of members."""
        return self.community.id

    def rng(self, what: str) -> random.Random:
        """Return the source of randomness for one part of the plan."""
        return _rng(self.members, what)

    def name(self, number: int) -> str:
        """Return the user name of a member, lower-case."""
        mixed = (number * 2_654_435_761 + self.members) & 0xFFFF_FFFF
        mixed ^= mixed >> 15
        return f"{words.FIRST[mixed % len(words.FIRST)]}.{words.LAST[(mixed >> 7) % len(words.LAST)]}{number}"


def pieces(plan: BulkPlan) -> Iterator[Piece]:
    """Return everything as writes to be carried out in this order; each can be repeated without harm."""
    yield from _users(plan)
    yield _frame(plan)
    yield from _members(plan)
    yield from _present(plan)
    yield from _friends(plan)
    yield from _blocks(plan)
    yield from _messages(plan)
    yield from _collections(plan)
    yield Piece("the end", 1.0, [(_COMPLETE, [(plan.members,)])])


def _rng(members: int, what: str) -> random.Random:
    return random.Random(f"{members} {what}")  # noqa: S311 (no secret hangs on it)


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _message_id(rng: random.Random) -> str:
    return str(rng.randrange(10**18, 2 * 10**18))


def _group_ids(rng: random.Random) -> Iterator[str]:
    """Return distinct ids of channels and threads."""
    given: set[int] = set()
    while True:
        number = rng.randrange(2 * 10**14, 3 * 10**14)
        if number not in given:
            given.add(number)
            yield str(number)


def _design(members: int) -> _Community:
    rng = _rng(members, "community")
    ids = _group_ids(rng)
    count = min(90, 4 + members // 250)
    categories = tuple(f"{rng.getrandbits(128):032x}" for _ in range(1 + count // 20))
    default = _Channel(
        id=next(ids),
        name="general",
        type=channels.PUBLIC,
        mode=channels.TEXT,
        category_id=categories[0],
        people=range(min(members, _MOST_PRESENT)),
        is_default=True,
    )
    others = [_design_channel(members, number, rng, next(ids), rng.choice(categories)) for number in range(count)]
    return _Community("".join(rng.choices(_BASE62, k=27)), categories, (default, *others))


def _design_channel(members: int, number: int, rng: random.Random, channel_id: str, category_id: str) -> _Channel:
    """Return one of the channels besides the default one: every eighth is for voice, every fifth private."""
    mode = channels.VOICE if number % 8 == 2 else channels.TEXT
    most = _VOICE_CAP - 2 if mode == channels.VOICE else rng.randint(_MOST_PRESENT // 6, _MOST_PRESENT - 1)
    people = rng.sample(range(1, members), min(most, (members - 1) // 2 + (members > 1)))
    topic = words.TOPICS[number % len(words.TOPICS)]
    return _Channel(
        id=channel_id,
        name=topic if number < len(words.TOPICS) else f"{topic}-{number // len(words.TOPICS) + 1}",
        type=channels.PRIVATE if number % 5 == 3 else channels.PUBLIC,
        mode=mode,
        category_id=category_id,
        people=people if mode == channels.VOICE else [0, *people],
    )


def _batches(plan: BulkPlan, what: str, statement: str, rows_of: Callable[[int], Iterable[Row]]) -> Iterator[Piece]:
    """Return pieces with the rows of every member's number."""
    for start in range(0, plan.members, plan.batch):
        end = min(start + plan.batch, plan.members)
        yield Piece(what, end / plan.members, [(statement, [row for n in range(start, end) for row in rows_of(n)])])


def _users(plan: BulkPlan) -> Iterator[Piece]:
    rng = plan.rng("users")

    def row(number: int) -> list[Row]:
        name = plan.name(number)
        created = plan.now - rng.randrange(_SAVED_DAYS * _DAY_MS)
        nickname = name.rstrip(string.digits).replace(".", " ").title()
        return [(name, name, _uuid(rng), nickname, created, created)]

    return _batches(plan, "users", _USER, row)


def _frame(plan: BulkPlan) -> Piece:
    """Return the community with its categories and channels, in one write: nobody sees it without a default channel."""
    community, now = plan.community, plan.now
    about = f"A random community of {plan.members:,} members."
    categories = [
        (
            category_id,
            communities.DEFAULT_CATEGORY_NAME if number == 0 else f"Area {number}",
            number == 0,
            now,
            community.id,
        )
        for number, category_id in enumerate(community.categories)
    ]
    rows = [
        (
            channel.id, channel.name, channel.type, channel.mode,
            _VOICE_CAP if channel.mode == channels.VOICE else _ROOM_CAP, f"All about {channel.name}.",
            channel.id if channel.mode == channels.VOICE else None, channel.is_default, now, community.id,
            channel.category_id,
        )
        for channel in community.channels
    ]  # fmt: skip
    return Piece(
        "channels",
        1.0,
        [
            (_COMMUNITY, [(community.id, f"Harbour {plan.members}", about, now, plan.name(0))]),
            (_CATEGORY, categories),
            (_CHANNEL, rows),
        ],
    )


def _members(plan: BulkPlan) -> Iterator[Piece]:
    def row(number: int) -> list[Row]:
        moderates = number % 500 == 1
        role = communities.OWNER if number == 0 else communities.MODERATOR if moderates else communities.MEMBER
        return [(role, plan.community_id, plan.name(number))]

    return _batches(plan, "members", _COMMUNITY_MEMBER, row)


def _present(plan: BulkPlan) -> Iterator[Piece]:
    """Return who is in which channel, and who is muted there: one in two hundred, some of them for ever."""
    rng = plan.rng("mutes")
    total = len(plan.community.channels)
    for number, channel in enumerate(plan.community.channels, start=1):
        others = [person for person in channel.people if person != 0]
        muted = rng.sample(others, -(-len(others) // 200)) if channel.mode == channels.TEXT else []
        mutes = [
            (
                PERMANENT if rng.random() < 0.2 else plan.now + rng.randrange(_DAY_MS // 24, 7 * _DAY_MS),
                channel.id,
                plan.name(person),
            )
            for person in muted
        ]
        rows = [(channel.id, plan.name(person)) for person in channel.people]
        yield Piece("people in channels", number / total, [(_CHANNEL_MEMBER, rows), (_MUTE, mutes)])


def _friends(plan: BulkPlan) -> Iterator[Piece]:
    rng = plan.rng("friends")

    def rows(number: int) -> list[Row]:
        other = rng.randrange(plan.members)
        if other == number:
            return []
        one, two = plan.name(number), plan.name(other)
        remark = f"{two.partition('.')[0].title()} from {rng.choice(words.TOPICS)}" if rng.random() < 0.25 else None
        return [(remark, one, two), (None, two, one)]

    return _batches(plan, "friends", _FRIEND, rows)


def _blocks(plan: BulkPlan) -> Iterator[Piece]:
    rng = plan.rng("blocks")

    def row(number: int) -> list[Row]:
        other = rng.randrange(plan.members)
        return [] if number % 20 or number == other else [(plan.name(number), plan.name(other))]

    return _batches(plan, "blocks", _BLOCK, row)


def _messages(plan: BulkPlan) -> Iterator[Piece]:
    """Return a message a member, the oldest first; every tenth has a reaction, every fiftieth a thread."""
    rng = plan.rng("messages")
    thread_ids = _group_ids(plan.rng("threads"))
    rooms = plan.community.text_channels
    weights = [len(room.people) for room in rooms]
    bodies = [json.dumps({"msg": said}) for said in words.SAID]
    step = _MESSAGE_DAYS * _DAY_MS / plan.members
    first = plan.now - _MESSAGE_DAYS * _DAY_MS
    for start in range(0, plan.members, plan.batch):
        end = min(start + plan.batch, plan.members)
        written = _Written([], [], [], [], [])
        for number, room in zip(range(start, end), rng.choices(rooms, weights, k=end - start), strict=True):
            created = first + int(step * number)
            message_id = _message_id(rng)
            sender = plan.name(rng.choice(room.people))
            written.messages.append((message_id, sender, rng.choice(bodies), created, room.id))
            if number % 10 == 0:
                _react(plan, rng, room, message_id, written)
            if number % 50 == 0:
                _start_thread(plan, rng, room, (next(thread_ids), message_id, created), written)
        yield Piece("messages", end / plan.members, written.statements())


class _Written(NamedTuple):
    """The rows of a batch of messages and what hangs on them."""

    messages: list[Row]
    reactions: list[Row]
    reaction_users: list[Row]
    threads: list[Row]
    thread_members: list[Row]

    def statements(self) -> list[Statement]:
        return list(zip((_MESSAGE, _REACTION, _REACTION_USER, _THREAD, _THREAD_MEMBER), self, strict=True))


def _some(rng: random.Random, room: _Channel, most: int) -> list[int]:
    return rng.sample(room.people, rng.randint(1, min(most, len(room.people))))


def _react(plan: BulkPlan, rng: random.Random, room: _Channel, message_id: str, written: _Written) -> None:
    reaction_id = _message_id(rng)
    written.reactions.append((reaction_id, rng.choice(words.REACTIONS), message_id))
    written.reaction_users.extend((reaction_id, plan.name(person)) for person in _some(rng, room, 4))


def _start_thread(
    plan: BulkPlan, rng: random.Random, room: _Channel, ids: tuple[str, str, int], written: _Written
) -> None:
    thread_id, message_id, created = ids
    people = _some(rng, room, 5)
    name = f"{rng.choice(words.TOPICS)} {thread_id[-4:]}"
    written.threads.append((thread_id, message_id, name, created, room.id, plan.name(people[0])))
    written.thread_members.extend((thread_id, plan.name(person)) for person in people)


def _collections(plan: BulkPlan) -> Iterator[Piece]:
    """Return up to four saved items a member, two in the mean, of up to two years ago."""
    rng = plan.rng("collections")

    def rows(number: int) -> list[Row]:
        name = plan.name(number)
        found: list[Row] = []
        for seq in range(rng.randrange(5)):
            created, uuid = plan.now - rng.randrange(_SAVED_DAYS * _DAY_MS), _uuid(rng)
            data, kind, ext = rng.choice(words.SAVED), rng.randrange(3), rng.choice(words.EXTS)
            found.append((seq, uuid, data, kind, ext, created, created, name))
        return found

    return _batches(plan, "collections", _SAVE, rows)
