"""The composition root: the one place where objects are built and wired."""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import structlog

from bot.bot import WardenBot
from bot.im import EasemobAuth, IMClient, ShengwangAuth
from bot.jobs.alarm import Alarm
from bot.services import Services, blocks, channel_deeds, friends, memberships, preferences, purges, reactions, threads
from bot.services.access import Access, Level
from bot.services.alerts import Alerts
from bot.services.blocks import Blocks, block_lists
from bot.services.cases import Cases
from bot.services.channels import Channels
from bot.services.cleanup.engine import Engine
from bot.services.cleanup.housekeeping import Housekeeping
from bot.services.cleanup.jobs import Jobs
from bot.services.cleanup.policies import Policies
from bot.services.cleanup.runs import Runs
from bot.services.cleanup.service import Cleanups
from bot.services.clock import Clock, SystemClock
from bot.services.deeds import Deeds, Kind
from bot.services.directory import Directory
from bot.services.expiry import Expiry
from bot.services.friends import Friends, friend_lists
from bot.services.ledger import MuteLedger
from bot.services.memberships import Memberships
from bot.services.meters import Meters
from bot.services.mirrors import Mirrors
from bot.services.mutes import Mutes
from bot.services.posts import Posts
from bot.services.preferences import Preferences
from bot.services.purges import Purges
from bot.services.reactions import Reactions
from bot.services.reconcile import Reconcile
from bot.services.records import Records
from bot.services.saved import kinds as saved_kinds
from bot.services.saved.service import Saved
from bot.services.settings import SettingsService
from bot.services.status import StatusService
from bot.services.thread_book import ThreadBook
from bot.services.threads import Threads
from bot.services.undo import Undo
from bot.store import Store
from bot.ui.host import Host
from bot.ui.texts import shipped_texts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.config import Settings
    from bot.im import CallRecord
    from bot.imservice import IMService
    from bot.services.model import Action

T = TypeVar("T")

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


STOP_WITHIN_SECONDS = 8.0


@dataclass(slots=True, kw_only=True)
class Machine:
    """All but Discord: IM client, state, services, alarm clock; `start` and `stop` it once."""

    store: Store
    im: IMClient
    services: Services
    alarm: Alarm
    im_service: IMService | None = None
    _begun: bool = field(default=False, init=False)

    async def start(self) -> None:
        """Bring the state up to date and begin to end mutes; Discord comes later and is not needed for that."""
        await self.services.settings.load()
        self._begun = True
        await self.alarm.start(self.services)

    async def stop(self) -> None:
        """Stop the alarm, let what is in flight finish, close everything; safe to call at any point."""
        grace = STOP_WITHIN_SECONDS / 2
        await asyncio.gather(self.alarm.stop(grace) if self._begun else asyncio.sleep(0), _finish_commands(grace))
        await _close(self.im.close)
        # What still waited for the IM has been told; it writes down that nobody knows the outcome, and says so.
        await _finish_commands(STOP_WITHIN_SECONDS / 8)
        await self.leave_discord()
        await _close(self.store.close)
        if self.im_service is not None:
            await _close(self.im_service.stop, STOP_WITHIN_SECONDS / 4)

    async def leave_discord(self) -> None:
        """Close the connection to Discord, where it is ours."""


@dataclass(slots=True, kw_only=True)
class Warden(Machine):
    """The whole machine with the Discord bot."""

    bot: WardenBot

    async def leave_discord(self) -> None:
        """Close the bot."""
        await _close(self.bot.close)


async def build(settings: Settings, *, clock: Clock | None = None, im_service: IMService | None = None) -> Warden:
    """Build the machine and the bot from the settings, without touching Discord; raises what `assemble` raises."""
    made = await assemble(settings, clock=clock, im_service=im_service)
    host = Host(made.services, shipped_texts(), settings.locale.default, hints(settings))
    return Warden(
        store=made.store,
        im=made.im,
        services=made.services,
        alarm=made.alarm,
        im_service=made.im_service,
        bot=WardenBot(host, guild_ids=settings.discord.guild_ids),
    )


async def assemble(settings: Settings, *, clock: Clock | None = None, im_service: IMService | None = None) -> Machine:
    """Build the machine from its settings.

    `im_service` is an embedded service that runs already; else `im.kind = embedded` starts one here.
    Raises StoreError when the database cannot be used, StartupError when the IM service cannot start.
    """
    clock = clock or SystemClock()
    store = await open_store(settings)
    try:
        if settings.im.kind == "embedded" and im_service is None:
            im_service = await start_im_service(settings)
    except BaseException:
        await store.close()
        raise
    meters = Meters()
    im = im_client(settings, im_service, meters.called)
    alarm = Alarm(reconcile_seconds=settings.timers.reconcile_seconds)
    services = wire(settings, store=store, im=im, clock=clock, arm=alarm.arm, tend=alarm.tend, meters=meters)
    return Machine(store=store, im=im, services=services, alarm=alarm, im_service=im_service)


def hints(settings: Settings) -> dict[Level, str | None]:
    """Return which permission shows a level's commands; none where roles give it, or Discord would hide them there."""
    staff = settings.staff
    return {
        Level.MODERATOR: None if staff.moderator_roles else staff.moderator_permission,
        Level.ADMIN: None if staff.admin_roles else staff.admin_permission,
    }


def wire(
    settings: Settings,
    *,
    store: Store,
    im: IMClient,
    clock: Clock,
    arm: Callable[[int], None],
    tend: Callable[[int], None] = lambda _wake_ms: None,
    meters: Meters | None = None,
) -> Services:
    """Wire the services; `arm` wakes the expiry at a moment in milliseconds, `tend` the housekeeping."""
    tries = settings.timers.max_attempts
    meters = meters or Meters()
    guilds = SettingsService(store, default_community=settings.im.default_community)
    access = Access(
        moderator_roles=settings.staff.moderator_roles,
        admin_roles=settings.staff.admin_roles,
        moderator_permission=settings.staff.moderator_permission,
        admin_permission=settings.staff.admin_permission,
        roles_of=guilds.roles,
    )
    posts = Posts(store=store, clock=clock, settings=guilds)
    cases = Cases(store=store, clock=clock, max_attempts=tries)
    alerts = Alerts(store=store, clock=clock, posts=posts, cases=cases, max_attempts=tries, arm=arm)
    owner = uuid.uuid4().hex
    ledger = MuteLedger(clock=clock, posts=posts, alerts=alerts, cases=cases, owner=owner, arm=arm)
    directory = Directory(im=im, clock=clock, settings=guilds)
    book = ThreadBook(im=im, clock=clock, directory=directory)
    mutes = Mutes(store=store, im=im, clock=clock, ledger=ledger, cases=cases, directory=directory, settings=guilds)
    kinds = _kinds(im, directory, mutes, book)
    befriended, blocked = friend_lists(im, clock), block_lists(im, clock)
    kinds |= friends.kinds(im, befriended) | blocks.kinds(im, blocked) | preferences.kinds(guilds)
    deeds = Deeds(store=store, im=im, clock=clock, posts=posts, cases=cases, owner=owner, kinds=kinds)
    mirrors = Mirrors(store=store, clock=clock)
    reconcile = Reconcile(store=store, im=im, clock=clock, ledger=ledger)
    runs = Runs(store=store, clock=clock, posts=posts, restore_days=settings.cleanup.restore_days, arm=tend)
    engine = Engine(store=store, im=im, runs=runs, posts=posts, holder=owner, random=random.SystemRandom(), arm=tend)
    cleanups = Cleanups(im=im, clock=clock, directory=directory, runs=runs, engine=engine)
    policies = Policies(store=store, clock=clock, posts=posts, runs=runs, engine=engine, arm=tend)
    return Services(
        clock=clock,
        settings=guilds,
        access=access,
        directory=directory,
        cases=cases,
        mutes=mutes,
        deeds=deeds,
        undo=Undo(cases=cases, mutes=mutes, deeds=deeds),
        memberships=Memberships(im=im, directory=directory, mutes=mutes, deeds=deeds),
        purges=Purges(im=im, directory=directory, deeds=deeds),
        channels=Channels(im=im, clock=clock, directory=directory, deeds=deeds),
        mirrors=mirrors,
        thread_book=book,
        threads=Threads(im=im, directory=directory, book=book, mirrors=mirrors, deeds=deeds),
        saved=Saved(im=im, directory=directory, deeds=deeds, clock=clock, random=random.SystemRandom()),
        reactions=Reactions(im=im, directory=directory, mirrors=mirrors, deeds=deeds),
        friends=Friends(im=im, directory=directory, deeds=deeds, lists=befriended),
        blocks=Blocks(im=im, directory=directory, deeds=deeds, lists=blocked),
        preferences=Preferences(settings=guilds, access=access, directory=directory, deeds=deeds),
        posts=posts,
        alerts=alerts,
        expiry=Expiry(
            store=store, im=im, clock=clock, ledger=ledger, alerts=alerts, random=random.SystemRandom(), arm=arm
        ),
        reconcile=reconcile,
        records=Records(store=store, clock=clock, posts=posts, cases=cases),
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
        cleanups=cleanups,
        policies=policies,
        jobs=Jobs(runs=runs, cleanups=cleanups, policies=policies, reconcile=reconcile),
        housekeeping=Housekeeping(policies=policies, engine=engine, runs=runs, mirrors=mirrors, clock=clock),
        meters=meters,
    )


def _kinds(im: IMClient, directory: Directory, mutes: Mutes, book: ThreadBook) -> dict[Action, Kind]:
    """How each deed is done, found after a crash and taken back."""
    return {
        **memberships.kinds(im, directory, mutes.left),
        **purges.kinds(im, directory, mutes.left),
        **channel_deeds.kinds(im, directory, mutes.channel_gone),
        **threads.kinds(im, book),
        **reactions.kinds(im),
        **saved_kinds.kinds(im),
    }


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


def im_client(
    settings: Settings, im_service: IMService | None = None, on_call: Callable[[CallRecord], None] | None = None
) -> IMClient:
    """Return the client of the IM app that is configured, or of the embedded service; `on_call` hears of every call."""
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
    return IMClient(
        url,
        auth,
        timeout_seconds=im.timeout_seconds,
        deadline_seconds=2 * im.timeout_seconds,
        background_share=settings.cleanup.budget_share,
        on_call=on_call,
    )


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


async def _finish_commands(grace_seconds: float) -> None:
    """Let the commands, buttons and forms that discord.py has begun finish for so long."""
    names = ("CommandTree-invoker", "discord-ui-")
    begun = {task for task in asyncio.all_tasks() if task.get_name().startswith(names)}
    # A command of somebody else's bot may be what takes us down.
    begun.discard(asyncio.current_task())
    if begun:
        await asyncio.wait(begun, timeout=grace_seconds)


async def _close(close: Callable[[], Awaitable[None]], seconds: float = STOP_WITHIN_SECONDS / 8) -> None:
    with contextlib.suppress(Exception):
        await asyncio.wait_for(close(), seconds)
