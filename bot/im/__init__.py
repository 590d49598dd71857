"""The typed async client of the Easemob / Shengwang IM REST API."""

from bot.im.auth import Auth, EasemobAuth, ShengwangAuth
from bot.im.client import IMClient
from bot.im.clock import Clock, SystemClock
from bot.im.endpoint import Endpoint, Family
from bot.im.errors import (
    BadResponse,
    CircuitOpen,
    Conflict,
    Forbidden,
    IllegalArgument,
    IMError,
    InvalidArgument,
    LimitReached,
    NotFound,
    RateLimited,
    Timeout,
    Unauthorized,
    Unavailable,
)
from bot.im.models import (
    Channel,
    ChannelMember,
    ChannelMode,
    ChannelRole,
    ChannelType,
    Community,
    CommunityMember,
    CommunityRole,
    CommunityType,
    Mute,
    NewUser,
    User,
)
from bot.im.pacing import Lane
from bot.im.paging import Page, Paged
from bot.im.transport import CallRecord

__all__ = [
    "Auth",
    "BadResponse",
    "CallRecord",
    "Channel",
    "ChannelMember",
    "ChannelMode",
    "ChannelRole",
    "ChannelType",
    "CircuitOpen",
    "Clock",
    "Community",
    "CommunityMember",
    "CommunityRole",
    "CommunityType",
    "Conflict",
    "EasemobAuth",
    "Endpoint",
    "Family",
    "Forbidden",
    "IMClient",
    "IMError",
    "IllegalArgument",
    "InvalidArgument",
    "Lane",
    "LimitReached",
    "Mute",
    "NewUser",
    "NotFound",
    "Page",
    "Paged",
    "RateLimited",
    "ShengwangAuth",
    "SystemClock",
    "Timeout",
    "Unauthorized",
    "Unavailable",
    "User",
]
