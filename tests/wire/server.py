"""FakeDiscord: the parts put together, with the handles tests use."""

import asyncio
import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from aiohttp import web

from tests.wire import payloads
from tests.wire.commands import CommandBook, SyncCall
from tests.wire.desk import InteractionDesk
from tests.wire.driver import Driver
from tests.wire.faults import Faults, When, rate_limited
from tests.wire.gateway import INTENT_GUILDS, INTENT_MEMBERS, Gateway
from tests.wire.model import ADMINISTRATOR, Channel, Guild, Member, Role
from tests.wire.openapi import OpenApi
from tests.wire.pipeline import Pipeline, Request, Violation
from tests.wire.rest import RestApi
from tests.wire.world import World

OPENAPI_VARIABLE = "WARDEN_DISCORD_OPENAPI"
DEFAULT_TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.wire.fake-token-for-tests"


class FakeDiscord(Driver):
    """A Discord with one guild (`guild`), one channel (`channel`) and one bot, on loopback sockets.

    `clock` gives seconds since 1970 and decides ids, the 3 s and 15 min limits and the nonce window.
    `openapi` is the path of Discord's openapi.json, or None to take the environment variable
    WARDEN_DISCORD_OPENAPI, or False to leave the schema layer out (load tests).
    """

    def __init__(
        self,
        *,
        token: str = DEFAULT_TOKEN,
        openapi: Path | Literal[False] | None = None,
        clock: Callable[[], float] = time.time,
        heartbeat_seconds: float = 41.25,
    ) -> None:
        self.token = token
        self.world = World(clock)
        self.commands = CommandBook(self.world)
        self.gateway = Gateway(self.world, token, int(heartbeat_seconds * 1000))
        self.desk = InteractionDesk(self.world, self.commands)
        self.faults = Faults()
        named = os.environ.get(OPENAPI_VARIABLE)
        schema_file = Path(named) if openapi is None and named else openapi
        self._pipeline = Pipeline(token, self.faults, OpenApi.load(schema_file) if schema_file else None)
        super().__init__(self.world, self.commands, self.desk, self.gateway)
        self.world.publish = self.gateway.dispatch_message
        self.guild = self.world.new_guild("Circle")
        self.channel = self.world.new_channel(self.guild, "general")
        self._runner: web.AppRunner | None = None
        self.base_url = ""

    @property
    def api_base(self) -> str:
        """The REST address with version, for discord.http.Route.BASE."""
        return f"{self.base_url}/api/v10"

    @property
    def gateway_url(self) -> str:
        """The WebSocket address, for DiscordWebSocket.DEFAULT_GATEWAY."""
        return self.gateway.url

    async def start(self, host: str = "127.0.0.1", port: int = 0, *, control: Callable[..., Any] | None = None) -> None:
        """Listen; `control` may add further routes to the application."""
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_get("/", self._serve_gateway)
        app.router.add_get(r"/attachments/{channel_id}/{attachment_id:\d+}/{filename}", self._serve_file)
        RestApi(self.world, self.commands, self.desk, self.gateway, self._pipeline).add_routes(app)
        if control is not None:
            control(app, self)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, backlog=1024)
        await site.start()
        bound = self._runner.addresses[0][1]
        self.base_url = f"http://{host}:{bound}"
        self.gateway.url = f"ws://{host}:{bound}/"
        self.world.files_base = self.base_url

    async def stop(self) -> None:
        """Cut all connections and stop listening."""
        self.gateway.drop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> "FakeDiscord":
        """Start on a free port of the loopback."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    # Who and what is there. Changes of guilds, roles, channels and members are told to a connected bot.

    def add_guild(self, name: str, *, locale: str = "en-US", channels: tuple[str, ...] = ("general",)) -> Guild:
        """A further guild with the bot in it."""
        guild = self.world.new_guild(name, locale=locale)
        for channel in channels:
            self.world.new_channel(guild, channel)
        created = payloads.guild_create(guild, self.world.bot.id)
        self.gateway.dispatch("GUILD_CREATE", guild.id, created, intent=INTENT_GUILDS)
        return guild

    def add_channel(self, name: str, *, guild: Guild | None = None, kind: int = 0, topic: str | None = None) -> Channel:
        """A further channel; kind 0 is text."""
        channel = self.world.new_channel(guild or self.guild, name, kind=kind, topic=topic)
        event = payloads.channel(channel)
        self.gateway.dispatch("CHANNEL_CREATE", channel.guild.id, event, intent=INTENT_GUILDS)
        return channel

    def add_role(self, name: str = "role", *, permissions: int = 0, guild: Guild | None = None) -> Role:
        """A further role; `permissions` is Discord's bit set."""
        home = guild or self.guild
        role = self.world.new_role(home, name, permissions)
        event = {"guild_id": str(home.id), "role": payloads.role(role)}
        self.gateway.dispatch("GUILD_ROLE_CREATE", home.id, event, intent=INTENT_GUILDS)
        return role

    def add_member(
        self,
        name: str,
        *,
        roles: "list[Role] | None" = None,
        administrator: bool = False,
        locale: str = "en-US",
        guild: Guild | None = None,
    ) -> Member:
        """A person in the guild; `administrator` gives a role of their own with that permission."""
        home = guild or self.guild
        held = list(roles or ())
        if administrator:
            held.append(self.add_role(f"{name}-admin", permissions=ADMINISTRATOR, guild=home))
        member = self.world.join(home, self.world.new_user(name, locale=locale), held)
        event = payloads.member(member) | {"guild_id": str(home.id)}
        self.gateway.dispatch("GUILD_MEMBER_ADD", home.id, event, intent=INTENT_MEMBERS)
        return member

    def set_roles(self, member: Member, roles: "list[Role]") -> None:
        """Replace a member's roles."""
        member.roles = list(roles)
        event = payloads.member(member) | {"guild_id": str(member.guild.id)}
        self.gateway.dispatch("GUILD_MEMBER_UPDATE", member.guild.id, event, intent=INTENT_MEMBERS)

    def forbid(self, channel: Channel, *, code: int = 50013) -> None:
        """Refuse the bot in a channel: 50013 Missing Permissions or 50001 Missing Access."""
        if code not in {50001, 50013}:
            raise ValueError("code must be 50001 or 50013")
        channel.refusal = code

    def allow(self, channel: Channel) -> None:
        """Undo `forbid`."""
        channel.refusal = None

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel: the bot is told, and gets 404 10003 from then on."""
        channel.deleted = True
        event = payloads.channel(channel)
        self.gateway.dispatch("CHANNEL_DELETE", channel.guild.id, event, intent=INTENT_GUILDS)

    # The bot's connection.

    @property
    def connected(self) -> bool:
        """Whether a bot is identified and connected now."""
        return self.gateway.connected

    async def wait_connected(self, timeout: float = 10.0) -> None:
        """Wait for an identified or resumed bot; raises TimeoutError."""
        await self.gateway.wait_connected(timeout)

    async def wait_disconnected(self, timeout: float = 10.0) -> None:
        """Wait until no bot is connected; raises TimeoutError."""
        await self.gateway.wait_disconnected(timeout)

    async def wait_synced(self, count: int = 1, timeout: float = 10.0) -> None:
        """Wait until commands were registered `count` times; raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while len(self.sync_calls) < count:
                await self.commands.changed()

    def drop_connections(self) -> None:
        """Cut the gateway connections as a broken network does; the bot may resume."""
        self.gateway.drop()

    def down(self, *, status: int = 0) -> None:
        """Refuse REST and gateway: `status` 0 cuts every connection, 503 answers as an outage of Discord does."""
        self.faults.outage = status
        self.gateway.drop()

    def up(self) -> None:
        """End `down`."""
        self.faults.outage = None

    # Trouble for single requests. `path_regex` is searched in the path after /api/v10; method "*" is any.

    def fail_next(
        self,
        method: str,
        path_regex: str,
        status: int = 500,
        times: int | None = 1,
        headers: dict[str, str] | None = None,
        *,
        body: dict[str, Any] | None = None,
        when: When = "before",
    ) -> None:
        """Fail the next `times` matching requests (None = all); status 0 cuts the connection.

        With `when="after"` the request is carried out and only its answer is lost.
        """
        self.faults.add(method, path_regex, status=status, left=times, headers=headers or {}, body=body, when=when)

    def rate_limit_next(
        self,
        method: str,
        path_regex: str,
        retry_after: float = 0.2,
        times: int | None = 1,
        *,
        is_global: bool = False,
        via: bool = True,
    ) -> None:
        """Answer 429; without `via` as Cloudflare's ban, which discord.py does not retry."""
        headers, body = rate_limited(retry_after, is_global=is_global, via=via)
        self.faults.add(method, path_regex, status=429, left=times, headers=headers, body=body)

    def slow(self, method: str, path_regex: str, seconds: float, times: int | None = None) -> None:
        """Delay matching requests."""
        self.faults.add(method, path_regex, left=times, delay_seconds=seconds)

    def clear_faults(self) -> None:
        """Remove what fail_next, rate_limit_next and slow have set."""
        self.faults.clear()

    # The books.

    @property
    def sync_calls(self) -> list[SyncCall]:
        """Every bulk registration of commands."""
        return self.commands.sync_calls

    @property
    def requests(self) -> Sequence[Request]:
        """The last 20,000 REST requests, oldest first."""
        return self._pipeline.requests

    def requested(self, method: str, path_regex: str) -> list[Request]:
        """The remembered requests that fit."""
        pattern = re.compile(path_regex)
        return [one for one in self.requests if method in {"*", one.method} and pattern.search(one.path)]

    @property
    def violations(self) -> list[Violation]:
        """What the bot sent against Discord's rules, unknown routes included."""
        return self._pipeline.violations

    @property
    def own_faults(self) -> list[str]:
        """Answers of the fake itself that do not fit Discord's schema; filled only with the OpenAPI layer."""
        return self._pipeline.own_faults

    def assert_clean(self) -> None:
        """Raise AssertionError if the bot broke a rule, or the fake its schema."""
        found = [*map(str, self.violations), *(f"fake: {one}" for one in self.own_faults)]
        if found:
            raise AssertionError("\n".join(found))

    async def _serve_gateway(self, request: web.Request) -> web.StreamResponse:
        if self.faults.outage is None:
            return await self.gateway.serve(request)
        if self.faults.outage == 0 and request.transport is not None:
            request.transport.abort()
        return web.Response(status=self.faults.outage or 503)

    async def _serve_file(self, request: web.Request) -> web.Response:
        stored = self.world.attachments.get(int(request.match_info["attachment_id"]))
        if stored is None:
            return web.Response(status=404)
        return web.Response(body=stored.upload.data, content_type=stored.upload.content_type.split(";")[0])
