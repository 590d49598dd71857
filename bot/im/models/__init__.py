"""The models of the API's answers, one file a group of resources."""

from bot.im.models.base import EARLIEST_TIMESTAMP_MS, PERMANENT_FROM_MS, Model, OpenEnum, moment
from bot.im.models.circle import (
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
)
from bot.im.models.people import NewUser, User

__all__ = [
    "EARLIEST_TIMESTAMP_MS",
    "PERMANENT_FROM_MS",
    "Channel",
    "ChannelMember",
    "ChannelMode",
    "ChannelRole",
    "ChannelType",
    "Community",
    "CommunityMember",
    "CommunityRole",
    "CommunityType",
    "Model",
    "Mute",
    "NewUser",
    "OpenEnum",
    "User",
    "moment",
]
