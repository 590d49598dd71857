"""The composition root: the one place where objects are built and wired."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import signal
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import discord
import structlog
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.bot import WardenBot, sync, tree_hash
from bot.im import EasemobAuth, IMClient, ShengwangAuth
from bot.jobs.alarm import Alarm
from bot.services import Services, memberships
from bot.services.access import Access, Level
from bot.services.alerts import Alerts
from bot.services.cases import Cases
from bot.services.clock import Clock, SystemClock
from bot.services.deeds import Deeds, Kind
from bot.services.directory import Directory
from bot.services.expiry import Expiry
from bot.services.ledger import MuteLedger
from bot.services.memberships import Memberships
from bot.services.mutes import Mutes
from bot.services.posts import Posts
from bot.services.reconcile import Reconcile
from bot.services.settings import SettingsService
from bot.services.status import StatusService
from bot.services.undo import Undo
from bot.store import Store
from bot.ui.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.config import Settings
    from bot.imservice import IMService
    from bot.services.model import Action

T = TypeVar("T")

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class LoginError(Exception):
    """Discord does not let us in; the text says what to do."""


STOP_WITHIN_SECONDS = 8.0
_TREE_MARK = "command-tree"
_BAD_TOKEN = 4004


@dataclass(slots=True)
class Warden:
    """The whole machine: IM client, state, services, alarm clock, Discord bot; `start` and `stop` it once."""

    store: Store
    im: IMClient
    services: Services
    alarm: Alarm
    bot: WardenBot
    im_service: IMService | None = None
    _begun: bool = field(default=False, init=False)

    async def start(self) -> None:
        """Bring the state up to date and begin to end mutes; Discord comes later and is not needed for that."""
        await self.services.settings.load()
        await self.alarm.start(self.services)
        self._begun = True

    async def stop(self) -> None:
        """Stop the alarm, let what is in flight finish, close everything; safe to call at any point."""
        grace = STOP_WITHIN_SECONDS / 2
        await asyncio.gather(self.alarm.stop(grace) if self._begun else asyncio.sleep(0), _finish_commands(grace))
        await _close(self.im.close)
        # What still waited for the IM has been told; it writes down that nobody knows the outcome, and says so.
        await _finish_commands(STOP_WITHIN_SECONDS / 8)
        await _close(self.bot.close)
        await _close(self.store.close)
        if self.im_service is not None:
            await self.im_service.stop()


async def build(settings: Settings, *, clock: Clock | None = None, im_service: IMService | None = None) -> Warden:
    """Build the machine from its settings, without touching Discord.

    `im_service` is an embedded service that runs already; else `im.kind = embedded` starts one here.
    Raises StoreError when the database cannot be used, StartupError when the IM service cannot start.
    """
    clock = clock or SystemClock()
    store = await open_store(settings)
    if settings.im.kind == "embedded" and im_service is None:
        im_service = await start_im_service(settings)
    im = im_client(settings, im_service)
    alarm = Alarm(reconcile_seconds=settings.timers.reconcile_seconds)
    services = wire(settings, store=store, im=im, clock=clock, arm=alarm.arm)
    bot = WardenBot(
        services=services,
        texts=Texts(),
        default_locale=settings.locale.default,
        guild_ids=settings.discord.guild_ids,
        hints=_hints(settings),
    )
    return Warden(store=store, im=im, services=services, alarm=alarm, bot=bot, im_service=im_service)


def _hints(settings: Settings) -> dict[Level, str | None]:
    """Which permission shows a level's commands; none where roles give it, or Discord would hide them from these."""
    staff = settings.staff
    return {
        Level.MODERATOR: None if staff.moderator_roles else staff.moderator_permission,
        Level.ADMIN: None if staff.admin_roles else staff.admin_permission,
    }


def wire(settings: Settings, *, store: Store, im: IMClient, clock: Clock, arm: Callable[[int], None]) -> Services:
    """Wire the services; `arm` wakes the expiry at a moment in milliseconds."""
    tries = settings.timers.max_attempts
    access = Access(
        moderator_roles=settings.staff.moderator_roles,
        admin_roles=settings.staff.admin_roles,
        moderator_permission=settings.staff.moderator_permission,
        admin_permission=settings.staff.admin_permission,
    )
    guilds = SettingsService(store, default_community=settings.im.default_community)
    posts = Posts(store=store, clock=clock, settings=guilds)
    cases = Cases(store=store, clock=clock, max_attempts=tries)
    alerts = Alerts(store=store, clock=clock, posts=posts, cases=cases, max_attempts=tries, arm=arm)
    owner = uuid.uuid4().hex
    ledger = MuteLedger(clock=clock, posts=posts, alerts=alerts, cases=cases, owner=owner, arm=arm)
    deeds = Deeds(store=store, im=im, clock=clock, posts=posts, cases=cases, owner=owner, kinds=_kinds(im))
    directory = Directory(im=im, clock=clock, settings=guilds)
    reconcile = Reconcile(store=store, im=im, clock=clock, ledger=ledger)
    mutes = Mutes(store=store, im=im, clock=clock, ledger=ledger, cases=cases, directory=directory, settings=guilds)
    return Services(
        clock=clock,
        settings=guilds,
        access=access,
        directory=directory,
        cases=cases,
        mutes=mutes,
        deeds=deeds,
        undo=Undo(cases=cases, mutes=mutes, deeds=deeds),
        memberships=Memberships(im=im, directory=directory, deeds=deeds),
        posts=posts,
        alerts=alerts,
        expiry=Expiry(
            store=store, im=im, clock=clock, ledger=ledger, alerts=alerts, random=random.SystemRandom(), arm=arm
        ),
        reconcile=reconcile,
        status=StatusService(
            store=store,
            im=im,
            im_kind=settings.im.kind,
            clock=clock,
            directory=directory,
            settings=guilds,
            reconcile=reconcile,
            max_attempts=tries,
        ),
    )


def _kinds(im: IMClient) -> dict[Action, Kind]:
    """How each deed is done, found after a crash and taken back."""
    return {**memberships.kinds(im)}


async def open_store(settings: Settings) -> Store:
    """Open the database; SQLite is migrated here, PostgreSQL by `warden migrate`."""
    store = Store(settings.storage.url.get_secret_value())
    try:
        if store.is_sqlite:
            await store.migrate()
        await store.require_migrated()
    except BaseException:
        await store.close()
        raise
    return store


def im_client(settings: Settings, im_service: IMService | None = None) -> IMClient:
    """Return the client of the IM app that is configured, or of the embedded service."""
    im = settings.im
    if im_service is not None:
        own = im_service.credentials
        url, auth = im_service.url, EasemobAuth(own.org, own.app, own.client_id, own.client_secret)
    elif im.kind == "shengwang":
        url, auth = _given(im.base_url), ShengwangAuth(_given(im.app_id), _given(im.app_certificate))
    else:
        url = _given(im.base_url)
        auth = EasemobAuth(_given(im.org), _given(im.app), _given(im.client_id), _given(im.client_secret))
    # Staff wait for the answer, so one more try is the most; what has to happen is tried again by its timer.
    return IMClient(url, auth, timeout_seconds=im.timeout_seconds, deadline_seconds=2 * im.timeout_seconds)


def _given(value: T | None) -> T:
    """Return what the settings have made sure of for this kind of IM."""
    assert value is not None
    return value


async def start_im_service(settings: Settings) -> IMService:
    """Start the embedded IM service with the sample community; its data lives beside the bot's database."""
    # Nobody else needs it, and it is a tenth of what there is to import.
    from bot.imservice import IMService, IMServiceOptions, seed_sample  # noqa: PLC0415

    file = settings.storage.sqlite_file
    service = IMService((file.parent if file else Path()) / "warden-im", options=IMServiceOptions())
    await service.start()
    await seed_sample(service)
    return service


def point_discord_at(settings: Settings) -> None:
    """Send discord.py to the configured API and gateway: Discord's own, a proxy, or a test double."""
    Route.BASE = settings.discord.api_base.rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.discord.gateway_url)


async def run_bot(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; return the exit code. Within 10 s of the signal everything is closed."""
    if settings.discord.shards > 1:
        raise LoginError("discord.shards above 1 is not supported yet: one connection serves up to 2,500 servers")
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    point_discord_at(settings)
    warden = await build(settings)
    living = asyncio.create_task(_live(warden, settings), name="discord")
    stopped = asyncio.create_task(stopping.wait(), name="stop signal")
    try:
        await asyncio.wait({living, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not stopping.is_set():
            living.result()
        return 0
    finally:
        log.info("stopping")
        await warden.stop()
        await _end(living)
        await _end(stopped)
        log.info("stopped")


async def sync_commands(settings: Settings, guild_id: int | None = None) -> int:
    """Register the slash commands now, in one guild or where the settings say; return how many there are."""
    point_discord_at(settings)
    warden = await build(settings)
    try:
        await _log_in(warden.bot, settings, patient=False)
        guilds = warden.bot.guild_ids if guild_id is None else (guild_id,)
        count = await sync(warden.bot.tree, guilds)
        await warden.store.set_mark(_TREE_MARK, await tree_hash(warden.bot.tree, warden.bot.guild_ids))
        return count
    finally:
        await warden.stop()


async def _live(warden: Warden, settings: Settings) -> None:
    await warden.start()
    await _log_in(warden.bot, settings)
    announcing = asyncio.create_task(_announce(warden), name="register commands")
    try:
        await warden.bot.connect()
    except discord.ConnectionClosed as error:
        advice = "put the right bot token into discord.token" if error.code == _BAD_TOKEN else str(error)
        raise LoginError(f"Discord has closed the connection for good ({error.code}): {advice}") from None
    finally:
        await _end(announcing)


async def _log_in(bot: WardenBot, settings: Settings, *, patient: bool = True) -> None:
    """Log in; while Discord cannot be reached, try again: mutes end without it."""
    assert settings.discord.token is not None
    wait = 1.0
    while True:
        try:
            await bot.login(settings.discord.token.get_secret_value())
        except discord.LoginFailure:
            raise LoginError("Discord refuses the bot token: put the right one into discord.token") from None
        except (OSError, TimeoutError, aiohttp.ClientError, discord.DiscordServerError) as error:
            if not patient:
                raise LoginError(f"Discord cannot be reached at {settings.discord.api_base}: {error}") from None
            log.warning("Discord cannot be reached", next_try_seconds=wait, why=str(error))
            # discord.py opens a session a login and closes none that failed.
            await bot.http.close()
            bot.http.connector = discord.utils.MISSING
            await asyncio.sleep(wait)
            wait = min(wait * 2, 30.0)
        else:
            return


async def _announce(warden: Warden) -> None:
    """Register the commands if they have changed since the last time, then say once that we are ready."""
    bot = warden.bot
    wait = 1.0
    while True:
        try:
            fingerprint = await tree_hash(bot.tree, bot.guild_ids)
            if await warden.store.mark(_TREE_MARK) != fingerprint:
                await sync(bot.tree, bot.guild_ids)
                await warden.store.set_mark(_TREE_MARK, fingerprint)
            break
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("commands could not be registered", next_try_seconds=wait, why=str(error))
            await asyncio.sleep(wait)
            wait = min(wait * 2, 60.0)
    await bot.wait_until_ready()
    # What is there now stays: the collector need not look through it while somebody waits for an answer.
    gc.collect()
    gc.freeze()
    log.info("ready", user=str(bot.user), guilds=len(bot.guilds), commands=len(bot.tree.get_commands()))


async def _finish_commands(grace_seconds: float) -> None:
    """Let the commands, buttons and forms that discord.py has begun finish for so long."""
    names = ("CommandTree-invoker", "discord-ui-")
    begun = [task for task in asyncio.all_tasks() if task.get_name().startswith(names)]
    if begun:
        await asyncio.wait(begun, timeout=grace_seconds)


async def _close(close: Callable[[], Awaitable[None]]) -> None:
    with contextlib.suppress(Exception):
        await asyncio.wait_for(close(), STOP_WITHIN_SECONDS / 8)


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
