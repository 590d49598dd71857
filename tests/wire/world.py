"""The state of the fake: who and what exists, and every message that was sent. It survives the bot's restarts."""

import asyncio
import mimetypes
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from tests.wire import components, errors, payloads
from tests.wire.model import (
    ADMINISTRATOR,
    COMPONENTS_V2,
    EPHEMERAL,
    EVERYONE,
    Attachment,
    Channel,
    Guild,
    Member,
    Message,
    Role,
    Snowflakes,
    Upload,
    User,
)

NONCE_SECONDS = 300
FILE_LIMIT_BYTES = 10 * 1024 * 1024
_BOT_SET_FLAGS = (1 << 2) | EPHEMERAL | (1 << 12) | COMPONENTS_V2

Publish = Callable[[str, Message], None]


class World:
    """Guilds, users, messages and files; `clock` gives seconds since 1970 and decides every time limit."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.files_base = ""
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, dict[int, Message]] = {}
        self.attachments: dict[int, Attachment] = {}
        self.owner = self.new_user("owner")
        self.bot = self.new_user("warden", bot=True)
        self.publish: Publish = lambda _event, _message: None
        self._direct: dict[int, Channel] = {}
        self._nonces: dict[tuple[int, str], tuple[float, Message]] = {}
        self._changed = asyncio.Event()

    @property
    def application_id(self) -> int:
        """The application's id; as on Discord for new bots it is the bot user's id."""
        return self.bot.id

    def now_ms(self) -> int:
        """The present time in milliseconds since 1970."""
        return int(self.clock() * 1000)

    def new_user(self, name: str, *, bot: bool = False, locale: str = "en-US") -> User:
        """Register an account."""
        account = User(self.ids.next(), name, None if bot else name, bot=bot, locale=locale)
        self.users[account.id] = account
        return account

    def new_guild(self, name: str, *, locale: str = "en-US") -> Guild:
        """A guild with the owner and the bot (as administrator) in it."""
        guild = Guild(self.ids.next(), name, self.owner.id, locale)
        guild.roles[guild.id] = Role(guild.id, "@everyone", EVERYONE, 0)
        self.guilds[guild.id] = guild
        bot_role = self.new_role(guild, self.bot.username, ADMINISTRATOR)
        self.join(guild, self.owner)
        self.join(guild, self.bot, [bot_role])
        return guild

    def new_role(self, guild: Guild, name: str, permissions: int) -> Role:
        """A role above all present ones."""
        role = Role(self.ids.next(), name, permissions, len(guild.roles))
        guild.roles[role.id] = role
        return role

    def new_channel(self, guild: Guild, name: str, *, kind: int = 0, topic: str | None = None) -> Channel:
        """A channel at the end of the list; kind 0 is text."""
        channel = Channel(self.ids.next(), guild, name, kind, topic, len(guild.channels))
        guild.channels[channel.id] = channel
        self.channels[channel.id] = channel
        self.messages[channel.id] = {}
        return channel

    def direct_channel(self, account: User) -> Channel:
        """The bot's direct messages with an account: a channel of a guild that nobody is in."""
        if account.id not in self._direct:
            self._direct[account.id] = self.new_channel(Guild(0, "", account.id), account.username, kind=1)
        return self._direct[account.id]

    def join(self, guild: Guild, account: User, roles: list[Role] | None = None) -> Member:
        """Make an account a member."""
        member = Member(account, guild, self.now_ms(), list(roles or ()))
        guild.members[account.id] = member
        return member

    def channel_for_bot(self, channel_id: int) -> Channel:
        """The channel, if the bot may work there; raises ApiError 10003, 50001 or 50013."""
        channel = self.channels.get(channel_id)
        if channel is None or channel.deleted:
            raise errors.unknown_channel()
        if channel.refusal == 50001:
            raise errors.missing_access()
        if channel.refusal is not None:
            raise errors.missing_permissions()
        return channel

    def message(self, channel: Channel, message_id: int) -> Message:
        """A message everyone in the channel sees; raises ApiError 10008."""
        message = self.messages[channel.id].get(message_id)
        if message is None or message.deleted or message.ephemeral:
            raise errors.unknown_message()
        return message

    def create_message(
        self,
        channel: Channel,
        author: User,
        body: dict[str, Any],
        files: dict[str, Upload],
        *,
        flags: int = 0,
        viewer: Member | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> Message:
        """Store a message; with enforce_nonce the one of the last minutes with the same nonce comes back instead."""
        nonce = body.get("nonce")
        key = (author.id, str(nonce))
        if nonce is not None and body.get("enforce_nonce"):
            known = self._nonces.get(key)
            if known is not None and self.clock() - known[0] < NONCE_SECONDS:
                return known[1]
        message = Message(
            self.ids.next(), channel, author, self.now_ms(), nonce=nonce, viewer=viewer, metadata=metadata
        )
        message.flags = (int(body.get("flags") or 0) & _BOT_SET_FLAGS) | flags
        if metadata is not None:
            message.type = 20 if metadata["type"] == 2 else 0
            message.application_id = message.webhook_id = self.application_id
        if body.get("message_reference"):
            message.type = 19
            message.reference = {"type": 0} | {
                name: str(value) for name, value in body["message_reference"].items() if name.endswith("_id")
            }
        self._fill(message, body, files)
        self.messages[channel.id][message.id] = message
        if nonce is not None:
            self._nonces[key] = (self.clock(), message)
        self._announce("MESSAGE_CREATE", message)
        return message

    def edit_message(self, message: Message, body: dict[str, Any], files: dict[str, Upload], *, clear: int = 0) -> None:
        """Change what `body` names; `clear` are flags to take away (the loading flag when a defer is filled)."""
        kept = message.flags & ~clear & ~(1 << 2 if "flags" in body else 0)
        message.flags = kept | (int(body.get("flags") or 0) & _BOT_SET_FLAGS & ~EPHEMERAL)
        if not clear:
            message.edited_ms = self.now_ms()
        self._fill(message, body, files)
        self._announce("MESSAGE_UPDATE", message)

    def delete_message(self, message: Message) -> None:
        """Delete a message; it stays readable for the test through its object."""
        message.deleted = True
        self._announce("MESSAGE_DELETE", message)

    def store_file(self, upload: Upload, channel: Channel, description: str | None = None) -> Attachment:
        """Keep a file and give it an address on this server."""
        if len(upload.data) > FILE_LIMIT_BYTES:
            raise errors.too_large()
        file_id = self.ids.next()
        url = f"{self.files_base}/attachments/{channel.id}/{file_id}/{quote(upload.filename)}"
        guessed = mimetypes.guess_type(upload.filename)[0]
        kind = guessed if guessed and upload.content_type == "application/octet-stream" else upload.content_type
        stored = Attachment(file_id, Upload(upload.filename, upload.data, kind), url, description)
        self.attachments[file_id] = stored
        return stored

    async def changed(self) -> None:
        """Wait until the next message is sent, edited or deleted."""
        await self._changed.wait()

    def _announce(self, event: str, message: Message) -> None:
        message.remember(time.perf_counter())
        self._changed.set()
        self._changed = asyncio.Event()
        if not message.ephemeral:
            self.publish(event, message)

    def _fill(self, message: Message, body: dict[str, Any], files: dict[str, Upload]) -> None:
        if "content" in body:
            message.content = (body["content"] or "").strip()
        if "attachments" in body or files:
            message.attachments = self._attachments(message, body.get("attachments"), files)
        if "embeds" in body:
            message.embeds = [self._embed(message, embed) for embed in body["embeds"] or ()]
        if "components" in body:
            message.components = components.stored(body["components"] or [], lambda url: self._media(message, url))

    def _attachments(self, message: Message, listed: Any, files: dict[str, Upload]) -> list[Attachment]:
        if listed is None:
            listed = [
                *({"id": str(one.id)} for one in message.attachments),
                *({"id": index} for index in range(len(files))),
            ]
        result: list[Attachment] = []
        present = {one.id: one for one in message.attachments}
        for entry in listed:
            upload = files.get(f"files[{entry['id']}]")
            if upload is not None:
                result.append(self.store_file(upload, message.channel, entry.get("description")))
            elif int(entry["id"]) in present:
                result.append(present[int(entry["id"])])
        return result

    def _embed(self, message: Message, embed: dict[str, Any]) -> dict[str, Any]:
        result = {"type": "rich"} | {key: value for key, value in embed.items() if value is not None}
        result["fields"] = [{"inline": False} | item for item in embed.get("fields") or ()]
        if not result["fields"]:
            del result["fields"]
        if "timestamp" in result:
            result["timestamp"] = payloads.normal_time(result["timestamp"])
        for name in ("image", "thumbnail"):
            if name in result:
                media = self._media(message, result[name]["url"])
                result[name] = {"url": media["url"], "proxy_url": media["proxy_url"], "width": 0, "height": 0}
        return result

    def _media(self, message: Message, url: str) -> dict[str, Any]:
        media: dict[str, Any] = {"id": str(self.ids.next()), "url": url, "proxy_url": url}
        if url.startswith("attachment://"):
            name = url.removeprefix("attachment://")
            found = next((one for one in message.attachments if one.upload.filename == name), None)
            if found is not None:
                media |= {"url": found.url, "proxy_url": found.url, "attachment_id": str(found.id)}
        return media
