"""What the fake Discord remembers: guilds, roles, channels, members, messages."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.wire import components as parts

DISCORD_EPOCH_MS = 1_420_070_400_000
EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15
ADMINISTRATOR = 1 << 3
# What @everyone has in a new guild: view, send, embed, attach, history, external emojis, slash commands, threads.
EVERYONE = (1 << 10) | (1 << 11) | (1 << 14) | (1 << 15) | (1 << 16) | (1 << 18) | (1 << 31) | (1 << 38)
ALL_PERMISSIONS = (1 << 51) - 1


class Snowflakes:
    """Makes ids in order; `clock` gives seconds since 1970, so that an id tells its creation time as Discord's do."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._counter = itertools.count()
        self._last = 0

    def next(self) -> int:
        """A new id, larger than every earlier one."""
        stamp = (int(self._clock() * 1000) - DISCORD_EPOCH_MS) << 22
        self._last = max(self._last + 1, stamp | (next(self._counter) & 0xFFF))
        return self._last


@dataclass(slots=True, eq=False)
class User:
    """An account; bots are accounts too."""

    id: int
    username: str
    global_name: str | None = None
    bot: bool = False
    locale: str = "en-US"

    @property
    def mention(self) -> str:
        """How a text names this user."""
        return f"<@{self.id}>"


@dataclass(slots=True, eq=False)
class Role:
    """A role of one guild; `permissions` is Discord's bit set."""

    id: int
    name: str
    permissions: int
    position: int


@dataclass(slots=True, eq=False)
class Guild:
    """A Discord server with what belongs to it; ids are the keys."""

    id: int
    name: str
    owner_id: int
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    channels: dict[int, "Channel"] = field(default_factory=dict)
    members: dict[int, "Member"] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Channel:
    """A channel of one guild; `refusal` is the error code (50001 or 50013) the bot gets there, None if it may work."""

    id: int
    guild: Guild
    name: str
    type: int = 0
    topic: str | None = None
    position: int = 0
    deleted: bool = False
    refusal: int | None = None

    @property
    def mention(self) -> str:
        """How a text names this channel."""
        return f"<#{self.id}>"


@dataclass(slots=True, eq=False)
class Member:
    """A user in one guild."""

    user: User
    guild: Guild
    joined_ms: int
    roles: list[Role] = field(default_factory=list)
    nick: str | None = None
    timed_out_until: str | None = None

    @property
    def id(self) -> int:
        """The user's id."""
        return self.user.id

    @property
    def name(self) -> str:
        """The user's name."""
        return self.user.username

    @property
    def mention(self) -> str:
        """How a text names this member."""
        return self.user.mention

    @property
    def permissions(self) -> int:
        """What the member may do in the guild, channel overwrites not considered."""
        if self.guild.owner_id == self.id:
            return ALL_PERMISSIONS
        total = self.guild.roles[self.guild.id].permissions
        for role in self.roles:
            total |= role.permissions
        return ALL_PERMISSIONS if total & ADMINISTRATOR else total


@dataclass(slots=True, frozen=True)
class Upload:
    """A file as bytes, on its way in (from the bot or from a user's attachment option)."""

    filename: str
    data: bytes
    content_type: str = "application/octet-stream"


@dataclass(slots=True, frozen=True)
class Attachment:
    """A stored file; `url` is served by the fake itself."""

    id: int
    upload: Upload
    url: str
    description: str | None = None


@dataclass(slots=True, frozen=True)
class Snapshot:
    """A message as it was after one create or edit; `at` is time.perf_counter()."""

    at: float
    content: str
    embeds: list[dict[str, Any]]
    components: list[dict[str, Any]]
    flags: int


@dataclass(slots=True, eq=False)
class Message:
    """A message as it is now; `history` holds every state it had, the first included."""

    id: int
    channel: Channel
    author: User
    created_ms: int
    type: int = 0
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    edited_ms: int | None = None
    deleted: bool = False
    application_id: int | None = None
    webhook_id: int | None = None
    metadata: dict[str, Any] | None = None
    reference: dict[str, Any] | None = None
    viewer: Member | None = None
    history: list[Snapshot] = field(default_factory=list)

    @property
    def ephemeral(self) -> bool:
        """Whether only `viewer` sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Whether it still shows "... is thinking"."""
        return bool(self.flags & LOADING)

    @property
    def text(self) -> str:
        """Everything a reader sees as text, embeds and text components included, in order, one piece a line."""
        return "\n".join(piece for piece in self._pieces() if piece)

    def _pieces(self) -> Iterator[str]:
        yield self.content
        for embed in self.embeds:
            yield embed.get("author", {}).get("name", "")
            yield embed.get("title", "")
            yield embed.get("description", "")
            for item in embed.get("fields", ()):
                yield item["name"]
                yield item["value"]
            yield embed.get("footer", {}).get("text", "")
        for component in parts.walk(self.components):
            if component["type"] == parts.TEXT_DISPLAY:
                yield component["content"]

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """All buttons, link buttons included, in order of appearance."""
        return [part for part in parts.walk(self.components) if part["type"] == parts.BUTTON]

    @property
    def selects(self) -> list[dict[str, Any]]:
        """All select menus in order of appearance."""
        return [part for part in parts.walk(self.components) if part["type"] in parts.SELECTS]

    def find(self, *, custom_id: str | None = None, label: str | None = None) -> dict[str, Any] | None:
        """The first clickable part with this custom_id, or with this label."""
        key: Literal["custom_id", "label"] = "label" if custom_id is None else "custom_id"
        wanted = label if custom_id is None else custom_id
        return next((part for part in parts.walk(self.components) if part.get(key) == wanted), None)

    def remember(self, at: float) -> None:
        """Add the present state to the history."""
        self.history.append(Snapshot(at, self.content, self.embeds, self.components, self.flags))
