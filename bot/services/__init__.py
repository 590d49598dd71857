"""What the bot does, without Discord."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.services.access import Access
    from bot.services.alerts import Alerts
    from bot.services.blocks import Blocks
    from bot.services.callbacks.service import Callbacks
    from bot.services.cases import Cases
    from bot.services.channels import Channels
    from bot.services.cleanup.jobs import Jobs
    from bot.services.cleanup.policies import Policies
    from bot.services.cleanup.service import Cleanups
    from bot.services.clock import Clock
    from bot.services.deeds import Deeds
    from bot.services.directory import Directory
    from bot.services.expiry import Expiry
    from bot.services.feed import Feed
    from bot.services.friends import Friends
    from bot.services.health import Health
    from bot.services.housekeeping import Housekeeping
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
    from bot.services.saved.service import Saved
    from bot.services.settings import SettingsService
    from bot.services.status import StatusService
    from bot.services.thread_book import ThreadBook
    from bot.services.threads import Threads
    from bot.services.undo import Undo


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the bot can do, as built by bot/app.py."""

    clock: Clock
    settings: SettingsService
    access: Access
    directory: Directory
    cases: Cases
    mutes: Mutes
    deeds: Deeds
    undo: Undo
    memberships: Memberships
    purges: Purges
    channels: Channels
    mirrors: Mirrors
    feed: Feed
    thread_book: ThreadBook
    threads: Threads
    reactions: Reactions
    saved: Saved
    friends: Friends
    blocks: Blocks
    preferences: Preferences
    posts: Posts
    alerts: Alerts
    expiry: Expiry
    reconcile: Reconcile
    callbacks: Callbacks
    records: Records
    status: StatusService
    cleanups: Cleanups
    policies: Policies
    jobs: Jobs
    housekeeping: Housekeeping
    meters: Meters
    health: Health
