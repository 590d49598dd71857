"""A JSON API under /control for other processes: act as a user, look at what the bot did, inject trouble."""

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from tests.wire import payloads
from tests.wire.errors import UsageError
from tests.wire.model import Channel, Member, Message, Upload
from tests.wire.reply import Reply
from tests.wire.server import FakeDiscord

Json = dict[str, Any]
Action = Callable[[Json], Awaitable[Any]]
REMEMBERED_REPLIES = 10_000


def add_control(app: web.Application, discord: FakeDiscord) -> None:
    """Add the control routes; see `Control` for the actions."""
    control = Control(discord)
    for method, path, action in (
        ("GET", "state", control.state),
        ("GET", "commands", control.commands),
        ("GET", "messages", control.messages),
        ("GET", "requests", control.requests),
        ("GET", "reply", control.reply),
        ("POST", "members", control.add_member),
        ("POST", "channels", control.add_channel),
        ("POST", "roles", control.add_role),
        ("POST", "slash", control.slash),
        ("POST", "autocomplete", control.autocomplete),
        ("POST", "click", control.click),
        ("POST", "select", control.select),
        ("POST", "submit", control.submit),
        ("POST", "say", control.say),
        ("POST", "wait", control.wait),
        ("POST", "faults", control.fault),
    ):
        app.router.add_route(method, f"/control/{path}", _serve(action))


def _serve(action: Action) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            given = await request.json() if request.method == "POST" and request.body_exists else dict(request.query)
            return web.json_response(await action(given))
        except TimeoutError as error:
            return web.json_response({"error": str(error)}, status=504)
        except KeyError as error:
            return web.json_response({"error": f"missing or unknown: {error}"}, status=400)
        except (UsageError, ValueError, TypeError) as error:
            return web.json_response({"error": str(error)}, status=400)

    return handle


class Control:
    """The actions; each takes the JSON body (or query) and gives JSON. Entities are named by name or id."""

    def __init__(self, discord: FakeDiscord) -> None:
        self._discord = discord
        self._replies: dict[int, Reply] = {}

    async def state(self, _given: Json) -> Json:
        """Connection, counts, who and what is there, broken rules."""
        discord = self._discord
        return {
            "api_base": discord.api_base,
            "gateway_url": discord.gateway_url,
            "connected": discord.connected,
            "identifies": discord.gateway.identifies,
            "resumes": discord.gateway.resumes,
            "syncs": [asdict(call) for call in discord.sync_calls],
            "requests": len(discord.requests),
            "violations": [str(one) for one in discord.violations],
            "own_faults": discord.own_faults,
            "guilds": [
                {
                    "id": str(guild.id),
                    "name": guild.name,
                    "channels": [
                        {"id": str(one.id), "name": one.name} for one in guild.channels.values() if not one.deleted
                    ],
                    "members": [{"id": str(one.id), "name": one.name} for one in guild.members.values()],
                    "roles": [{"id": str(one.id), "name": one.name} for one in guild.roles.values()],
                }
                for guild in discord.world.guilds.values()
            ],
        }

    async def commands(self, given: Json) -> list[Json]:
        """The registered commands: global ones, or those of `guild`."""
        return self._discord.commands.list(int(given["guild"]) if "guild" in given else None)

    async def messages(self, given: Json) -> list[Json]:
        """What stands in `channel`."""
        return [_message(one) for one in self._discord.messages(self._channel(given))]

    async def requests(self, given: Json) -> list[Json]:
        """The remembered requests, by `method` and `path` (a regular expression)."""
        found = self._discord.requested(given.get("method", "*"), given.get("path", ""))
        return [{"method": one.method, "path": one.path, "status": one.status, "body": one.body} for one in found]

    async def reply(self, given: Json) -> Json:
        """A reply as it is now, by the `id` an action gave."""
        return _reply(self._replies[int(given["id"])])

    async def add_member(self, given: Json) -> Json:
        """A person: `name`, `administrator`, `locale`, `roles` (names)."""
        roles = [one for one in self._discord.guild.roles.values() if one.name in given.get("roles", ())]
        member = self._discord.add_member(
            given["name"],
            roles=roles,
            administrator=bool(given.get("administrator")),
            locale=given.get("locale", "en-US"),
        )
        return {"id": str(member.id), "name": member.name}

    async def add_channel(self, given: Json) -> Json:
        """A text channel: `name`."""
        channel = self._discord.add_channel(given["name"])
        return {"id": str(channel.id), "name": channel.name}

    async def add_role(self, given: Json) -> Json:
        """A role: `name`, `permissions`."""
        role = self._discord.add_role(given["name"], permissions=int(given.get("permissions", 0)))
        return {"id": str(role.id), "name": role.name}

    async def slash(self, given: Json) -> Json:
        """Send `command` with `options`; `wait` is answered (default), acknowledged or none."""
        options = {name: _option(value) for name, value in given.get("options", {}).items()}
        reply = self._discord.send_slash(self._member(given), self._channel(given), given["command"], options)
        return await self._finish(reply, given)

    async def autocomplete(self, given: Json) -> list[Json]:
        """The choices for `focused` with `value` typed."""
        choices = await self._discord.autocomplete(
            self._member(given),
            self._channel(given),
            given["command"],
            focused=given["focused"],
            value=given.get("value", ""),
            options=given.get("options"),
            timeout=float(given.get("timeout", 3)),
        )
        return [{"name": one.name, "value": one.value} for one in choices]

    async def click(self, given: Json) -> Json:
        """Click the button with `custom_id` or `label` on `message` (an id)."""
        message = self._message(given)
        reply = self._discord.send_click(self._member(given), message, given.get("custom_id"), label=given.get("label"))
        return await self._finish(reply, given)

    async def select(self, given: Json) -> Json:
        """Choose `values` in the menu `custom_id` of `message`."""
        message = self._message(given)
        reply = self._discord.send_select(self._member(given), message, given["custom_id"], given["values"])
        return await self._finish(reply, given)

    async def submit(self, given: Json) -> Json:
        """Submit the modal of `reply` (an id) with `values`."""
        shown = self._replies[int(given["reply"])]
        values = {name: _option(value) for name, value in given["values"].items()}
        return await self._finish(self._discord.send_submit(self._member(given), shown, values), given)

    async def say(self, given: Json) -> Json:
        """Write `content` in `channel`."""
        return _message(self._discord.say(self._member(given), self._channel(given), given["content"]))

    async def wait(self, given: Json) -> Json:
        """Wait for a message in `channel` whose text contains `contains`, or without a channel for the bot."""
        timeout = float(given.get("timeout", 10))
        if "channel" not in given:
            await self._discord.wait_connected(timeout)
            return {"connected": True}
        wanted = given.get("contains", "")
        found = await self._discord.wait_message(self._channel(given), lambda one: wanted in one.text, timeout)
        return _message(found)

    async def fault(self, given: Json) -> Json:
        """Trouble, by `kind`: fail, rate_limit, slow, clear, down, up, drop, invalidate, forbid, allow."""
        discord, kind = self._discord, given.pop("kind")
        target = (given.pop("method", "*"), given.pop("path", ""))
        if kind == "forbid":
            discord.forbid(self._channel(given), code=int(given.get("code", 50013)))
        elif kind == "allow":
            discord.allow(self._channel(given))
        elif kind in {"fail", "rate_limit", "slow"}:
            known = {"fail": discord.fail_next, "rate_limit": discord.rate_limit_next, "slow": discord.slow}
            known[kind](*target, **given)
        else:
            simple: dict[str, Callable[..., None]] = {
                "clear": discord.clear_faults,
                "down": discord.down,
                "up": discord.up,
                "drop": discord.drop_connections,
                "invalidate": discord.gateway.forget_sessions,
            }
            simple[kind](**given)
        return {"done": kind}

    async def _finish(self, reply: Reply, given: Json) -> Json:
        self._replies[reply.id] = reply
        if len(self._replies) > REMEMBERED_REPLIES:
            del self._replies[next(iter(self._replies))]
        waiting = given.get("wait", "answered")
        timeout = float(given.get("timeout", 10))
        if waiting != "none":
            await reply.acknowledged(timeout)
        if waiting == "answered" and reply.callback_type != 6:
            await reply.answered(timeout)
        return _reply(reply)

    def _member(self, given: Json) -> Member:
        wanted = str(given["member"])
        for guild in self._discord.world.guilds.values():
            for one in guild.members.values():
                if wanted in {str(one.id), one.name}:
                    return one
        raise UsageError(f"no member {wanted!r}")

    def _channel(self, given: Json) -> Channel:
        wanted = str(given.get("channel", self._discord.channel.id))
        for one in self._discord.world.channels.values():
            if not one.deleted and wanted in {str(one.id), one.name}:
                return one
        raise UsageError(f"no channel {wanted!r}")

    def _message(self, given: Json) -> Message:
        wanted = int(given["message"])
        for stored in self._discord.world.messages.values():
            if wanted in stored:
                return stored[wanted]
        raise UsageError(f"no message {wanted}")


def _option(value: Any) -> Any:
    """A file option is written as {"filename", "text"} or {"filename", "base64"}."""
    if isinstance(value, dict) and "filename" in value:
        data = base64.b64decode(value["base64"]) if "base64" in value else str(value["text"]).encode()
        return Upload(value["filename"], data)
    return value


def _message(message: Message) -> Json:
    body = payloads.message(message) | {"text": message.text, "deleted": message.deleted}
    body["history"] = [one.content for one in message.history]
    return json.loads(json.dumps(body))


def _reply(reply: Reply) -> Json:
    return {
        "id": str(reply.id),
        "delivered": reply.delivered,
        "callback_type": reply.callback_type,
        "deferred": reply.deferred,
        "ephemeral": reply.ephemeral,
        "ack_ms": None if reply.ack_seconds is None else round(reply.ack_seconds * 1000, 3),
        "answer_ms": None if reply.answer_seconds is None else round(reply.answer_seconds * 1000, 3),
        "text": reply.text,
        "message": None if reply.message is None else _message(reply.message),
        "followups": [_message(one) for one in reply.followups],
        "modal": reply.modal,
    }
