"""The embedded IM service: the IM REST API on SQLite, for one machine without an account."""

from bot.imservice.bulk import MOST_MEMBERS, seed_bulk
from bot.imservice.command import serve
from bot.imservice.faults import FaultAction, RequestInfo
from bot.imservice.options import DEFAULT_CREDENTIALS, IMServiceOptions, ServiceCredentials, StartupError
from bot.imservice.sample import seed_sample
from bot.imservice.service import IMService
from bot.imservice.wire import RequestRecord

__all__ = [
    "DEFAULT_CREDENTIALS",
    "MOST_MEMBERS",
    "FaultAction",
    "IMService",
    "IMServiceOptions",
    "RequestInfo",
    "RequestRecord",
    "ServiceCredentials",
    "StartupError",
    "seed_bulk",
    "seed_sample",
    "serve",
]
