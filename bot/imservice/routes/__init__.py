"""The routes of the IM service, one file a family; `ALL` is the whole table (facts 10)."""

from bot.imservice.routes import channels, communities, members, mutes, token, users
from bot.imservice.routing import Route

ALL: tuple[Route, ...] = (
    *token.ROUTES,
    *users.ROUTES,
    *communities.ROUTES,
    *channels.ROUTES,
    *members.ROUTES,
    *mutes.ROUTES,
)
