"""Routes of the IM that deal with mutes, and how a test breaks them."""

from __future__ import annotations

from bot.imservice import FaultAction, RequestInfo
from tests.services.conftest import World

MUTE = "POST /circle/channel/{channel_id}/user/mute"
LIFT = "DELETE /circle/channel/{channel_id}/user/mute"
LIST = "GET /circle/channel/{channel_id}/user/mute/list"


def break_route(world: World, route: str, action: FaultAction, times: int = 10**6) -> None:
    """Let a route of the IM fail so many times."""
    left = [times]

    def fault(request: RequestInfo) -> FaultAction | None:
        if request.route != route or left[0] == 0:
            return None
        left[0] -= 1
        return action

    world.service.fault = fault


def down(_request: RequestInfo) -> FaultAction:
    return FaultAction.reset()
