"""The routes of the IM service, one file a family; `ALL` is the whole table (facts 10)."""

from bot.imservice.routes import (
    blocks,
    categories,
    channels,
    collections,
    communities,
    contacts,
    directory,
    members,
    messages,
    mutes,
    reactions,
    tags,
    threads,
    token,
    users,
)
from bot.imservice.routing import Route

ALL: tuple[Route, ...] = (
    *token.ROUTES,
    *users.ROUTES,
    *communities.ROUTES,
    *tags.ROUTES,
    *directory.ROUTES,
    *categories.ROUTES,
    *channels.ROUTES,
    *members.ROUTES,
    *mutes.ROUTES,
    *messages.ROUTES,
    *reactions.ROUTES,
    *threads.ROUTES,
    *contacts.ROUTES,
    *blocks.ROUTES,
    *collections.ROUTES,
)
