"""What the bot does, without Discord."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.services.access import Access
    from bot.services.alerts import Alerts
    from bot.services.cases import Cases
    from bot.services.clock import Clock
    from bot.services.deeds import Deeds
    from bot.services.directory import Directory
    from bot.services.expiry import Expiry
    from bot.services.memberships import Memberships
    from bot.services.mutes import Mutes
    from bot.services.posts import Posts
    from bot.services.reconcile import Reconcile
    from bot.services.settings import SettingsService
    from bot.services.status import StatusService
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
    posts: Posts
    alerts: Alerts
    expiry: Expiry
    reconcile: Reconcile
    status: StatusService
