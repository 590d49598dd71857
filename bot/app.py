"""The composition root: the one place where objects are built and wired."""

from __future__ import annotations

import random
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bot.bot import WardenBot
from bot.im import EasemobAuth, IMClient, ShengwangAuth
from bot.jobs.alarm import Alarm
from bot.machine import Machine, Warden
from bot.services import Services, blocks, channel_deeds, friends, memberships, preferences, purges, reactions, threads
from bot.services.access import Access, Level
from bot.services.alerts import Alerts
from bot.services.blocks import Blocks, block_lists
from bot.services.callbacks.service import Callbacks
from bot.services.calls import note_call
from bot.services.cases import Cases
from bot.services.channels import Channels
from bot.services.cleanup.engine import Engine
from bot.services.cleanup.jobs import Jobs
from bot.services.cleanup.policies import Policies
from bot.services.cleanup.runs import Runs
from bot.services.cleanup.service import Cleanups
from bot.services.clock import Clock, SystemClock
from bot.services.deeds import Deeds, Kind
from bot.services.directory import Directory
from bot.services.expiry import Expiry
from bot.services.feed import Feed
from bot.services.feed_places import FeedPlaces
from bot.services.friends import Friends, friend_lists
from bot.services.health import Health
from bot.services.housekeeping import Housekeeping
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
from bot.web.setup import callback_options, web_server, with_callbacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.config import Settings
    from bot.im import CallRecord
    from bot.imservice import IMService
    from bot.services.model import Action

T = TypeVar("T")


async def build(settings: Settings, *, clock: Clock | None = None, im_service: IMService | None = None) -> Warden:
    """Build the machine and the bot from the settings, without touching Discord; raises what `assemble` raises."""
    made = await assemble(settings, clock=clock, im_service=im_service)
    host = Host(made.services, shipped_texts(), settings.locale.default, hints(settings))
    bot = WardenBot(host, guild_ids=settings.discord.guild_ids)
    made.services.health.discord = bot.is_connected
    return Warden(
        store=made.store,
        im=made.im,
        services=made.services,
        alarm=made.alarm,
        im_service=made.im_service,
        web=made.web,
        bot=bot,
    )


async def assemble(settings: Settings, *, clock: Clock | None = None, im_service: IMService | None = None) -> Machine:
    """Build the machine from its settings.

    `im_service` is an embedded service that runs already; else `im.kind = embedded` starts one here.
    Raises StoreError when the database cannot be used, StartupError when the IM service cannot start.
    """
    clock = clock or SystemClock()
    settings = with_callbacks(settings)
    store = await open_store(settings)
    try:
        if settings.im.kind == "embedded" and im_service is None:
            im_service = await start_im_service(settings)
    except BaseException:
        await store.close()
        raise
    meters = Meters()

    def heard(record: CallRecord) -> None:
        meters.called(record)
        note_call(record)

    im = im_client(settings, im_service, heard)
    alarm = Alarm(reconcile_seconds=settings.timers.reconcile_seconds)
    services = wire(settings, store=store, im=im, clock=clock, arm=alarm.arm, tend=alarm.tend, meters=meters)
    return Machine(
        store=store, im=im, services=services, alarm=alarm, im_service=im_service, web=web_server(settings, services)
    )


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
    alerts = Alerts(
        store=store,
        clock=clock,
        posts=posts,
        cases=cases,
        settings=guilds,
        meters=meters,
        max_attempts=tries,
        arm=arm,
    )
    owner = uuid.uuid4().hex
    ledger = MuteLedger(clock=clock, posts=posts, alerts=alerts, cases=cases, meters=meters, owner=owner, arm=arm)
    directory = Directory(im=im, clock=clock, settings=guilds)
    book = ThreadBook(im=im, clock=clock, directory=directory)
    mutes = Mutes(store=store, im=im, clock=clock, ledger=ledger, cases=cases, directory=directory, settings=guilds)
    kinds = _kinds(im, directory, mutes, book)
    befriended, blocked = friend_lists(im, clock), block_lists(im, clock)
    kinds |= friends.kinds(im, befriended) | blocks.kinds(im, blocked) | preferences.kinds(guilds)
    deeds = Deeds(store=store, im=im, clock=clock, posts=posts, cases=cases, owner=owner, kinds=kinds)
    mirrors = Mirrors(store=store, clock=clock)
    feed_places = FeedPlaces(im=im, clock=clock, directory=directory, settings=guilds)
    feed = Feed(store=store, clock=clock, settings=guilds, places=feed_places, meters=meters)
    reconcile = Reconcile(store=store, im=im, clock=clock, ledger=ledger, meters=meters)
    secret = settings.http.callback_secret
    callbacks = Callbacks(
        secret=None if secret is None else secret.get_secret_value(),
        store=store,
        im=im,
        clock=clock,
        owner=owner,
        reconcile=reconcile,
        directory=directory,
        feed=feed,
        settings=guilds,
        posts=posts,
        alerts=alerts,
        meters=meters,
    )
    days = settings.cleanup.restore_days
    runs = Runs(store=store, clock=clock, posts=posts, alerts=alerts, meters=meters, restore_days=days, arm=tend)
    alerts.resumes_by(runs.resume)
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
        feed=feed,
        thread_book=book,
        threads=Threads(im=im, directory=directory, book=book, mirrors=mirrors, deeds=deeds),
        saved=Saved(im=im, directory=directory, deeds=deeds, clock=clock, random=random.SystemRandom()),
        reactions=Reactions(im=im, directory=directory, mirrors=mirrors, deeds=deeds),
        friends=Friends(im=im, directory=directory, deeds=deeds, lists=befriended),
        blocks=Blocks(im=im, directory=directory, deeds=deeds, lists=blocked),
        preferences=Preferences(settings=guilds, access=access, directory=directory, deeds=deeds, clock=clock),
        posts=posts,
        alerts=alerts,
        expiry=Expiry(
            store=store, im=im, clock=clock, ledger=ledger, alerts=alerts, random=random.SystemRandom(), arm=arm
        ),
        reconcile=reconcile,
        callbacks=callbacks,
        records=Records(store=store, clock=clock, posts=posts, cases=cases),
        status=StatusService(
            store=store,
            im=im,
            im_kind=settings.im.kind,
            clock=clock,
            directory=directory,
            settings=guilds,
            reconcile=reconcile,
            alerts=alerts,
            max_attempts=tries,
        ),
        cleanups=cleanups,
        policies=policies,
        jobs=Jobs(runs=runs, cleanups=cleanups, policies=policies, reconcile=reconcile),
        housekeeping=Housekeeping(
            policies=policies,
            engine=engine,
            runs=runs,
            mirrors=mirrors,
            alerts=alerts,
            callbacks=callbacks,
            settings=guilds,
            clock=clock,
        ),
        meters=meters,
        health=Health(store=store, im=im, clock=clock, reconcile=reconcile, meters=meters, stuck_after=tries),
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
    options = IMServiceOptions(**callback_options(settings))
    service = IMService((file.parent if file else Path()) / "warden-im", options=options)
    await service.start()
    await seed_sample(service)
    return service
