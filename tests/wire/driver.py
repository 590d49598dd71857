"""What a person does in Discord: types commands, clicks, chooses, fills in, writes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from tests.wire import components as parts
from tests.wire.commands import ON_MESSAGE, ON_USER, CommandBook, Focus, InputResolver
from tests.wire.desk import InteractionDesk
from tests.wire.errors import UsageError
from tests.wire.gateway import Gateway
from tests.wire.modal_input import modal_data
from tests.wire.model import Channel, Member, Message, Upload
from tests.wire.reply import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Choice, Reply
from tests.wire.world import World


class Driver:
    """The users' side of the fake. Methods called `send_...` return at once, the others wait for the answer.

    What Discord's client would not let a user do (an option that is not registered, a disabled button, somebody
    else's ephemeral message) raises UsageError. `default_member_permissions` are not enforced, because a guild's
    administrators may override them: a bot has to check by itself.
    """

    def __init__(self, world: World, commands: CommandBook, desk: InteractionDesk, gateway: Gateway) -> None:
        self._world = world
        self._commands = commands
        self._desk = desk
        self._gateway = gateway

    def send_slash(
        self, member: Member, channel: Channel, command: str, options: Mapping[str, Any] | None = None
    ) -> Reply:
        """Send a slash command ("mute", "channel list", ...); options by name, entities as object, id or name."""
        name, *path = command.split()
        registered = self._commands.find(channel.guild, name)
        resolver = InputResolver(self._world, channel.guild, channel)
        return self._send(COMMAND, member, channel, resolver.slash(registered, path, options or {}))

    async def slash(
        self,
        member: Member,
        channel: Channel,
        command: str,
        options: Mapping[str, Any] | None = None,
        *,
        timeout: float = 10.0,
    ) -> Reply:
        """Send a slash command and wait for its answer (after a defer: for the fill); raises TimeoutError."""
        return await self.send_slash(member, channel, command, options).answered(timeout)

    def send_context_menu(self, member: Member, channel: Channel, name: str, target: Member | Message) -> Reply:
        """Choose an app command from the menu of a member or message."""
        kind = ON_USER if isinstance(target, Member) else ON_MESSAGE
        registered = self._commands.find(channel.guild, name, kind)
        if isinstance(target, Message):
            _check_visible(member, target)
        resolver = InputResolver(self._world, channel.guild, channel)
        return self._send(COMMAND, member, channel, resolver.context_menu(registered, target))

    async def context_menu(
        self, member: Member, channel: Channel, name: str, target: Member | Message, *, timeout: float = 10.0
    ) -> Reply:
        """Choose an app command from the menu of a member or message and wait for the answer."""
        return await self.send_context_menu(member, channel, name, target).answered(timeout)

    def send_autocomplete(
        self,
        member: Member,
        channel: Channel,
        command: str,
        *,
        focused: str,
        value: str = "",
        options: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Type `value` into the option `focused`; `options` are those filled in before."""
        name, *path = command.split()
        registered = self._commands.find(channel.guild, name)
        resolver = InputResolver(self._world, channel.guild, channel)
        data = resolver.slash(registered, path, options or {}, Focus(focused, value))
        return self._send(AUTOCOMPLETE, member, channel, data)

    async def autocomplete(
        self,
        member: Member,
        channel: Channel,
        command: str,
        *,
        focused: str,
        value: str = "",
        options: Mapping[str, Any] | None = None,
        timeout: float = 3.0,
    ) -> list[Choice]:
        """The suggestions the bot gives for an option being typed; raises TimeoutError."""
        reply = self.send_autocomplete(member, channel, command, focused=focused, value=value, options=options)
        await reply.answered(timeout)
        assert reply.choices is not None
        return reply.choices

    def send_click(
        self, member: Member, message: Message, custom_id: str | None = None, *, label: str | None = None
    ) -> Reply:
        """Click a button, named by its custom_id or by its label."""
        button = _clickable(member, message, custom_id, label)
        if button["type"] != parts.BUTTON or "custom_id" not in button:
            raise UsageError(f"{custom_id or label!r} is not a button with a custom_id")
        data = {"custom_id": button["custom_id"], "component_type": parts.BUTTON, "id": button["id"]}
        return self._send(COMPONENT, member, message.channel, data, source=message)

    async def click(
        self,
        member: Member,
        message: Message,
        custom_id: str | None = None,
        *,
        label: str | None = None,
        timeout: float = 10.0,
    ) -> Reply:
        """Click a button and wait for the acknowledgement, or, if a new answer was deferred, for that answer."""
        return await _settled(self.send_click(member, message, custom_id, label=label), timeout)

    def send_select(self, member: Member, message: Message, custom_id: str, values: Sequence[Any]) -> Reply:
        """Choose in a select menu: option values, or entities as object, id or name."""
        menu = _clickable(member, message, custom_id, None)
        if menu["type"] not in parts.SELECTS:
            raise UsageError(f"{custom_id!r} is not a select menu")
        resolver = InputResolver(self._world, message.channel.guild, message.channel)
        data: dict[str, Any] = {
            "custom_id": custom_id,
            "component_type": menu["type"],
            "id": menu["id"],
            "values": resolver.choose(menu, values),
        }
        if menu["type"] != parts.SELECT:
            data["resolved"] = resolver.resolved
        return self._send(COMPONENT, member, message.channel, data, source=message)

    async def select(
        self, member: Member, message: Message, custom_id: str, values: Sequence[Any], *, timeout: float = 10.0
    ) -> Reply:
        """Choose in a select menu and wait as `click` does."""
        return await _settled(self.send_select(member, message, custom_id, values), timeout)

    def send_submit(self, member: Member, modal: Reply, values: Mapping[str, Any]) -> Reply:
        """Fill in and submit the modal that `modal` (the reply it came with) shows; values by custom_id."""
        if modal.modal is None:
            raise UsageError("the bot has shown no modal")
        if modal.member is not member:
            raise UsageError("the modal is shown to somebody else")
        resolver = InputResolver(self._world, modal.channel.guild, modal.channel)
        data = modal_data(modal.modal, values, resolver)
        return self._send(MODAL_SUBMIT, member, modal.channel, data, source=modal.source, trigger=modal)

    async def submit(self, member: Member, modal: Reply, values: Mapping[str, Any], *, timeout: float = 10.0) -> Reply:
        """Submit a modal and wait as `click` does."""
        return await _settled(self.send_submit(member, modal, values), timeout)

    def say(self, member: Member, channel: Channel, content: str, *, files: Sequence[Upload] = ()) -> Message:
        """Write an ordinary message."""
        uploads = {f"files[{index}]": upload for index, upload in enumerate(files)}
        return self._world.create_message(channel, member.user, {"content": content}, uploads)

    def messages(self, channel: Channel) -> list[Message]:
        """What stands in a channel for everyone, oldest first; ephemeral and deleted messages are not in it."""
        stored = self._world.messages[channel.id].values()
        return [one for one in stored if not one.deleted and not one.ephemeral]

    async def wait_message(
        self, channel: Channel, predicate: Callable[[Message], bool] = lambda _message: True, timeout: float = 10.0
    ) -> Message:
        """The first message in the channel, present or coming, edited or new, that fits; raises TimeoutError."""

        async def search() -> Message:
            while True:
                for message in self.messages(channel):
                    if predicate(message):
                        return message
                await self._world.changed()

        return await _waited(search(), timeout, lambda: [one.text[:200] for one in self.messages(channel)])

    def _send(
        self,
        kind: int,
        member: Member,
        channel: Channel,
        data: dict[str, Any],
        *,
        source: Message | None = None,
        trigger: Reply | None = None,
    ) -> Reply:
        if channel.deleted:
            raise UsageError(f"channel {channel.name!r} is deleted")
        reply = self._desk.open(kind, member, channel, data, source=source, trigger=trigger)
        event = self._desk.event(reply)
        reply.sent_at = time.perf_counter()
        reply.delivered = self._gateway.dispatch("INTERACTION_CREATE", channel.guild.id, event)
        return reply


async def _settled(reply: Reply, timeout: float) -> Reply:
    await reply.acknowledged(timeout)
    if reply.callback_type == 5:
        await reply.answered(timeout)
    return reply


def _check_visible(member: Member, message: Message) -> None:
    if message.deleted:
        raise UsageError("the message is deleted")
    if message.viewer is not None and message.viewer is not member:
        raise UsageError("the message is ephemeral and shown to somebody else")


def _clickable(member: Member, message: Message, custom_id: str | None, label: str | None) -> dict[str, Any]:
    _check_visible(member, message)
    found = message.find(custom_id=custom_id, label=label)
    if found is None:
        shown = [(one.get("custom_id"), one.get("label")) for one in (*message.buttons, *message.selects)]
        raise UsageError(f"the message has no {custom_id or label!r}; it has {shown}")
    if found.get("disabled"):
        raise UsageError(f"{custom_id or label!r} is disabled")
    return found


async def _waited(search: Awaitable[Message], timeout: float, seen: Callable[[], Any]) -> Message:
    """Await with a time limit, and say in the TimeoutError what was there instead."""
    try:
        async with asyncio.timeout(timeout):
            return await search
    except TimeoutError:
        raise TimeoutError(f"nothing fitting within {timeout} s; there is {seen()!r}") from None
