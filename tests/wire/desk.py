"""The interaction desk: what a bot may answer to an interaction, when, and what becomes of it."""

from typing import Any

from tests.wire import components, errors, payloads
from tests.wire.commands import CommandBook
from tests.wire.model import EPHEMERAL, LOADING, Channel, Member, Message, Upload
from tests.wire.reply import (
    AUTOCOMPLETE,
    CHOICES,
    COMMAND,
    COMPONENT,
    DEFER,
    DEFER_UPDATE,
    MESSAGE,
    MODAL,
    MODAL_SUBMIT,
    UPDATE,
    Choice,
    Reply,
)
from tests.wire.world import World

FIRST_ANSWER_SECONDS = 3.0
TOKEN_SECONDS = 15 * 60.0
PRUNE_EVERY = 4096

Files = dict[str, Upload]
Json = dict[str, Any]


class InteractionDesk:
    """Keeps open interactions by token and applies Discord's rules to what the bot answers."""

    def __init__(self, world: World, commands: CommandBook) -> None:
        self._world = world
        self._commands = commands
        self._by_token: dict[str, Reply] = {}

    def open(
        self,
        kind: int,
        member: Member,
        channel: Channel,
        data: Json,
        *,
        source: Message | None = None,
        trigger: Reply | None = None,
    ) -> Reply:
        """A new interaction with its own token."""
        number = self._world.ids.next()
        reply = Reply(number, f"interaction-{number}", kind, member, channel, self._world.clock(), source, data)
        reply.trigger = trigger
        self._by_token[reply.token] = reply
        if len(self._by_token) % PRUNE_EVERY == 0:
            self._forget_before(reply.created - 2 * TOKEN_SECONDS)
        return reply

    def event(self, reply: Reply) -> Json:
        """The INTERACTION_CREATE payload."""
        guild = reply.channel.guild
        body: Json = {
            "id": str(reply.id),
            "application_id": str(self._world.application_id),
            "type": reply.kind,
            "data": reply.data,
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "channel_id": str(reply.channel.id),
            "channel": payloads.channel(reply.channel) | {"permissions": str(reply.member.permissions)},
            "member": payloads.acting_member(reply.member),
            "locale": reply.member.user.locale,
            "token": reply.token,
            "version": 1,
            "app_permissions": str(guild.members[self._world.bot.id].permissions),
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": {"0": str(guild.id)},
            "context": 0,
            "attachment_size_limit": 10 * 1024 * 1024,
        }
        if reply.source is not None:
            body["message"] = payloads.message(reply.source)
        return body

    def awaiting(self, interaction_id: int, token: str) -> Reply:
        """The interaction that may get its first answer now; raises ApiError 10062 or 40060."""
        reply = self._by_token.get(token)
        if reply is None or reply.id != interaction_id:
            raise errors.unknown_interaction()
        if reply.callback_type is not None:
            raise errors.already_acknowledged()
        if self._world.clock() - reply.created > FIRST_ANSWER_SECONDS:
            raise errors.unknown_interaction()
        return reply

    def callback(self, reply: Reply, body: Json, files: Files) -> Json:
        """Apply the first answer; returns the body for with_response. Raises ApiError 50035 for an impossible type."""
        kind = body["type"]
        if kind not in _allowed(reply):
            raise errors.ApiError(400, 50035, "Invalid Form Body", _wrong_type(kind))
        message = self._apply(reply, kind, body.get("data") or {}, files)
        reply.callback_type = kind
        reply.note(acknowledged=True, answered=kind not in {DEFER, DEFER_UPDATE})
        return _callback_response(reply, kind, message)

    def _apply(self, reply: Reply, kind: int, data: Json, files: Files) -> Message | None:
        if kind in {MESSAGE, DEFER}:
            reply.ephemeral = bool(int(data.get("flags") or 0) & EPHEMERAL)
            content = data if kind == MESSAGE else {}
            flags = (EPHEMERAL if reply.ephemeral else 0) | (LOADING if kind == DEFER else 0)
            reply.message = self._post(reply, content, files, flags)
        elif kind == UPDATE:
            assert reply.source is not None
            self._world.edit_message(reply.source, data, files)
            reply.message = reply.source
        elif kind == DEFER_UPDATE:
            reply.message = reply.source
        elif kind == CHOICES:
            reply.choices = [
                Choice(one["name"], one["value"], one.get("name_localizations")) for one in data.get("choices", ())
            ]
        elif kind == MODAL:
            reply.modal = data | {"components": components.stored(data["components"], lambda url: {"url": url})}
        return reply.message

    def _post(self, reply: Reply, body: Json, files: Files, flags: int) -> Message:
        viewer = reply.member if flags & EPHEMERAL else None
        return self._world.create_message(
            reply.channel, self._world.bot, body, files, flags=flags, viewer=viewer, metadata=_metadata(reply)
        )

    def by_webhook(self, application_id: int, token: str) -> Reply:
        """The answered interaction of a webhook call; raises ApiError 10015 (unknown, unanswered) or 50027 (15 min)."""
        reply = self._by_token.get(token)
        if reply is None or application_id != self._world.application_id or reply.callback_type is None:
            raise errors.unknown_webhook()
        if self._world.clock() - reply.created > TOKEN_SECONDS:
            raise errors.invalid_webhook_token()
        return reply

    def follow_up(self, reply: Reply, body: Json, files: Files) -> Message:
        """Send a further message; the first after a defer fills the loading message and keeps its visibility."""
        original = reply.message
        if reply.callback_type == DEFER and original is not None and original.loading and not original.deleted:
            return self.edit(reply, original, body, files)
        flags = int(body.get("flags") or 0) & EPHEMERAL
        message = self._post(reply, body, files, flags)
        reply.followups.append(message)
        reply.note(answered=True)
        return message

    def find(self, reply: Reply, which: str) -> Message:
        """The message `@original` or an id names; raises ApiError 10008, or 10015 if there is no original at all."""
        if which == "@original":
            if reply.message is None:
                raise errors.unknown_webhook()
            if reply.message.deleted:
                raise errors.unknown_message()
            return reply.message
        for message in (*reply.followups, reply.message, reply.source):
            if message is not None and str(message.id) == which and not message.deleted:
                return message
        raise errors.unknown_message()

    def edit(self, reply: Reply, message: Message, body: Json, files: Files) -> Message:
        """Change a message of this interaction."""
        self._world.edit_message(message, body, files, clear=message.flags & LOADING)
        reply.note(answered=message is reply.message, edited=message is reply.message)
        return message

    def delete(self, reply: Reply, which: str) -> None:
        """Delete a message of this interaction."""
        self._world.delete_message(self.find(reply, which))
        reply.note()

    def focused_type(self, token: str) -> int | None:
        """The type of the option being completed, None if the token belongs to no autocomplete."""
        reply = self._by_token.get(token)
        if reply is None or reply.kind != AUTOCOMPLETE:
            return None
        return next(one["type"] for one in _leaves(reply.data.get("options", ())) if one.get("focused"))

    def _forget_before(self, moment: float) -> None:
        """Drop interactions older than `moment`, so that a long load test stays small."""
        for token, reply in list(self._by_token.items()):
            if reply.created >= moment:
                break
            del self._by_token[token]


def _leaves(options: Any) -> Any:
    for option in options:
        if option["type"] in {1, 2}:
            yield from _leaves(option.get("options", ()))
        else:
            yield option


def _allowed(reply: Reply) -> frozenset[int]:
    if reply.kind == AUTOCOMPLETE:
        return frozenset({CHOICES})
    if reply.kind == COMMAND:
        return frozenset({MESSAGE, DEFER, MODAL})
    if reply.kind == COMPONENT:
        return frozenset({MESSAGE, DEFER, DEFER_UPDATE, UPDATE, MODAL})
    return frozenset({MESSAGE, DEFER} | ({DEFER_UPDATE, UPDATE} if reply.source is not None else set()))


def _wrong_type(kind: Any) -> Json:
    text = f"Callback type {kind} is not possible for this interaction"
    return {"type": {"_errors": [{"code": "INTERACTION_CALLBACK_TYPE_INVALID", "message": text}]}}


def _metadata(reply: Reply) -> Json:
    body: Json = {
        "id": str(reply.id),
        "type": reply.kind,
        "user": payloads.user(reply.member.user),
        "authorizing_integration_owners": {"0": str(reply.channel.guild.id)},
    }
    if reply.message is not None and reply.callback_type is not None:
        body["original_response_message_id"] = str(reply.message.id)
    if reply.kind == COMPONENT and reply.source is not None:
        body["interacted_message_id"] = str(reply.source.id)
    if reply.kind == MODAL_SUBMIT and reply.trigger is not None:
        body["triggering_interaction_metadata"] = _metadata(reply.trigger)
    return body


def _callback_response(reply: Reply, kind: int, message: Message | None) -> Json:
    interaction: Json = {
        "id": str(reply.id),
        "type": reply.kind,
        "channel_id": str(reply.channel.id),
        "guild_id": str(reply.channel.guild.id),
    }
    body: Json = {"interaction": interaction}
    if message is not None:
        interaction |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.loading,
            "response_message_ephemeral": message.ephemeral,
        }
    if message is not None and kind in {MESSAGE, UPDATE}:
        body["resource"] = {"type": kind, "message": payloads.message(message)}
    return body
