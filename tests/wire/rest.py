"""The REST routes of the fake."""

from typing import Any

from aiohttp import web

from tests.wire import errors, payloads, rules, rules_commands
from tests.wire.commands import CommandBook
from tests.wire.desk import InteractionDesk
from tests.wire.gateway import Gateway
from tests.wire.model import EPHEMERAL, Guild, Member
from tests.wire.pipeline import PREFIX, Call, Pipeline
from tests.wire.problems import out_of_range
from tests.wire.world import World

Json = dict[str, Any]


class RestApi:
    """Handlers for what discord.py asks of Discord; everything else is an unknown route."""

    def __init__(
        self, world: World, commands: CommandBook, desk: InteractionDesk, gateway: Gateway, pipeline: Pipeline
    ) -> None:
        self._world = world
        self._commands = commands
        self._desk = desk
        self._gateway = gateway
        self._pipeline = pipeline

    def add_routes(self, app: web.Application) -> None:
        """Register everything under /api/v10; literal paths stand before templates."""
        original = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
        hooked = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"
        commands = "/applications/{application_id}/commands"
        guild_commands = "/applications/{application_id}/guilds/{guild_id}/commands"
        messages = "/channels/{channel_id}/messages"
        routes = [
            ("POST", "/interactions/{interaction_id}/{interaction_token}/callback", self._callback),
            ("GET", original, self._get_reply),
            ("PATCH", original, self._edit_reply),
            ("DELETE", original, self._delete_reply),
            ("POST", "/webhooks/{webhook_id}/{webhook_token}", self._follow_up),
            ("GET", hooked, self._get_reply),
            ("PATCH", hooked, self._edit_reply),
            ("DELETE", hooked, self._delete_reply),
            ("GET", messages, self._list_messages),
            ("POST", messages, self._send_message),
            ("GET", messages + "/{message_id}", self._get_message),
            ("PATCH", messages + "/{message_id}", self._edit_message),
            ("DELETE", messages + "/{message_id}", self._delete_message),
            ("POST", "/channels/{channel_id}/typing", self._typing),
            ("GET", "/channels/{channel_id}", self._get_channel),
            ("GET", "/users/@me", self._me),
            ("GET", "/users/@me/guilds", self._my_guilds),
            ("POST", "/users/@me/channels", self._open_direct),
            ("GET", "/users/{user_id}", self._get_user),
            ("GET", "/oauth2/applications/@me", self._application),
            ("GET", "/applications/@me", self._application),
            ("GET", "/gateway", self._get_gateway),
            ("GET", "/gateway/bot", self._get_gateway_bot),
            ("GET", "/guilds/{guild_id}", self._get_guild),
            ("GET", "/guilds/{guild_id}/channels", self._guild_channels),
            ("GET", "/guilds/{guild_id}/roles", self._guild_roles),
            ("GET", "/guilds/{guild_id}/members/{user_id}", self._get_member),
            ("PATCH", "/guilds/{guild_id}/members/{user_id}", self._edit_member),
        ]
        for base in (commands, guild_commands):
            routes += [
                ("GET", base, self._list_commands),
                ("PUT", base, self._replace_commands),
                ("POST", base, self._add_command),
                ("GET", base + "/{command_id}", self._get_command),
                ("DELETE", base + "/{command_id}", self._delete_command),
            ]
        for method, template, handler in routes:
            app.router.add_route(method, PREFIX + template, self._pipeline.route(template, handler))
        app.router.add_route("*", PREFIX + "/{tail:.*}", self._pipeline.route("", self._pipeline.unknown))

    async def _me(self, call: Call) -> Json:
        return payloads.own_user(self._world.bot)

    async def _my_guilds(self, call: Call) -> list[Json]:
        return [
            {
                "id": str(guild.id),
                "name": guild.name,
                "icon": None,
                "banner": None,
                "owner": False,
                "permissions": str(guild.members[self._world.bot.id].permissions),
                "features": [],
            }
            for guild in self._world.guilds.values()
        ]

    async def _open_direct(self, call: Call) -> Json:
        account = self._world.users.get(int(call.body["recipient_id"]))
        if account is None or account.bot:
            raise errors.invalid_recipient()
        return payloads.direct_channel(self._world.direct_channel(account), account)

    async def _get_user(self, call: Call) -> Json:
        account = self._world.users.get(_id(call, "user_id"))
        if account is None:
            raise errors.unknown_user()
        return payloads.user(account)

    async def _application(self, call: Call) -> Json:
        world = self._world
        return payloads.application(world.bot, world.owner, world.application_id, len(world.guilds))

    async def _get_gateway(self, call: Call) -> Json:
        return {"url": self._gateway.url}

    async def _get_gateway_bot(self, call: Call) -> Json:
        limit = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
        return {"url": self._gateway.url, "shards": 1, "session_start_limit": limit}

    async def _get_guild(self, call: Call) -> Json:
        return payloads.guild(self._guild(call))

    async def _guild_channels(self, call: Call) -> list[Json]:
        return [payloads.channel(one) for one in self._guild(call).channels.values() if not one.deleted]

    async def _guild_roles(self, call: Call) -> list[Json]:
        return [payloads.role(one) for one in self._guild(call).roles.values()]

    async def _get_member(self, call: Call) -> Json:
        return payloads.member(self._member(call))

    async def _edit_member(self, call: Call) -> Json:
        member = self._member(call)
        self._pipeline.refuse(call, rules.member_edit(call.body, self._world.clock()))
        if "nick" in call.body:
            member.nick = call.body["nick"] or None
        if "communication_disabled_until" in call.body:
            until = call.body["communication_disabled_until"]
            member.timed_out_until = None if until is None else payloads.normal_time(until)
        return payloads.member(member)

    def _member(self, call: Call) -> Member:
        member = self._guild(call).members.get(_id(call, "user_id"))
        if member is None:
            raise errors.unknown_member()
        return member

    def _guild(self, call: Call) -> Guild:
        guild = self._world.guilds.get(_id(call, "guild_id"))
        if guild is None:
            raise errors.unknown_guild()
        return guild

    def _scope(self, call: Call) -> int | None:
        if _id(call, "application_id") != self._world.application_id:
            raise errors.ApiError(404, 10002, "Unknown Application")
        return self._guild(call).id if "guild_id" in call.params else None

    async def _list_commands(self, call: Call) -> list[Json]:
        return self._commands.list(self._scope(call))

    async def _replace_commands(self, call: Call) -> list[Json]:
        scope = self._scope(call)
        self._pipeline.refuse(call, rules_commands.all_commands(call.body))
        return self._commands.replace(scope, call.body)

    async def _add_command(self, call: Call) -> Json:
        scope = self._scope(call)
        self._pipeline.refuse(call, rules_commands.one_command((), call.body))
        return self._commands.upsert(scope, call.body)

    async def _get_command(self, call: Call) -> Json:
        return self._commands.get(self._scope(call), call.params["command_id"])

    async def _delete_command(self, call: Call) -> None:
        self._commands.delete(self._scope(call), call.params["command_id"])

    async def _callback(self, call: Call) -> Json | None:
        token = call.params["interaction_token"]
        # Lateness and repetition are told before the body is looked at.
        reply = self._desk.awaiting(_id(call, "interaction_id"), token)
        self._pipeline.refuse(call, rules.callback(call.body, call.files, self._desk.focused_type(token), reply.source))
        response = self._desk.callback(reply, call.body, call.files)
        return response if _flag(call, "with_response") else None

    async def _follow_up(self, call: Call) -> Json | None:
        reply = self._desk.by_webhook(_id(call, "webhook_id"), call.params["webhook_token"])
        self._pipeline.refuse(call, rules.message(call.body, call.files, kind="webhook"))
        message = self._desk.follow_up(reply, call.body, call.files)
        return payloads.message(message) if _flag(call, "wait") else None

    async def _get_reply(self, call: Call) -> Json:
        reply = self._desk.by_webhook(_id(call, "webhook_id"), call.params["webhook_token"])
        return payloads.message(self._desk.find(reply, call.params.get("message_id", "@original")))

    async def _edit_reply(self, call: Call) -> Json:
        reply = self._desk.by_webhook(_id(call, "webhook_id"), call.params["webhook_token"])
        which = call.params.get("message_id", "@original")
        message = self._desk.find(reply, which)
        self._pipeline.refuse(call, rules.message(call.body, call.files, kind="webhook_edit", existing=message))
        return payloads.message(self._desk.edit(reply, message, call.body, call.files))

    async def _delete_reply(self, call: Call) -> None:
        reply = self._desk.by_webhook(_id(call, "webhook_id"), call.params["webhook_token"])
        self._desk.delete(reply, call.params.get("message_id", "@original"))

    async def _get_channel(self, call: Call) -> Json:
        return payloads.channel(self._world.channel_for_bot(_id(call, "channel_id")))

    async def _typing(self, call: Call) -> None:
        self._world.channel_for_bot(_id(call, "channel_id"))

    async def _list_messages(self, call: Call) -> list[Json]:
        channel = self._world.channel_for_bot(_id(call, "channel_id"))
        limit = int(call.query.get("limit", 50))
        if not 1 <= limit <= 100:
            self._pipeline.refuse(call, [out_of_range(("limit",), 1, 100)])
        after, before = int(call.query.get("after", 0)), int(call.query.get("before", 1 << 63))
        visible = [
            one
            for one in self._world.messages[channel.id].values()
            if not one.deleted and not one.ephemeral and after < one.id < before
        ]
        chosen = visible[:limit] if "after" in call.query else visible[-limit:]
        return [payloads.message(one) for one in reversed(chosen)]

    async def _send_message(self, call: Call) -> Json:
        channel = self._world.channel_for_bot(_id(call, "channel_id"))
        self._pipeline.refuse(call, rules.message(call.body, call.files, kind="channel"))
        body = call.body | {"flags": int(call.body.get("flags") or 0) & ~EPHEMERAL}
        return payloads.message(self._world.create_message(channel, self._world.bot, body, call.files))

    async def _get_message(self, call: Call) -> Json:
        channel = self._world.channel_for_bot(_id(call, "channel_id"))
        return payloads.message(self._world.message(channel, _id(call, "message_id")))

    async def _edit_message(self, call: Call) -> Json:
        channel = self._world.channel_for_bot(_id(call, "channel_id"))
        message = self._world.message(channel, _id(call, "message_id"))
        if message.author is not self._world.bot:
            raise errors.not_the_author()
        self._pipeline.refuse(call, rules.message(call.body, call.files, kind="channel_edit", existing=message))
        self._world.edit_message(message, call.body, call.files)
        return payloads.message(message)

    async def _delete_message(self, call: Call) -> None:
        channel = self._world.channel_for_bot(_id(call, "channel_id"))
        self._world.delete_message(self._world.message(channel, _id(call, "message_id")))


def _id(call: Call, name: str) -> int:
    text = call.params[name]
    if not text.isdecimal():
        raise errors.ApiError(400, 50035, "Invalid Form Body")
    return int(text)


def _flag(call: Call, name: str) -> bool:
    return call.query.get(name, "").lower() in {"1", "true"}
