"""Reading a channel's mute list from the IM."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.services.clock import to_ms
from bot.services.judgement import PERMANENT_MS, Reading, Seen

if TYPE_CHECKING:
    from datetime import datetime

    from bot.im import IMClient, Page
    from bot.im.errors import NotFound
    from bot.im.models import Mute
    from bot.services.clock import Clock

_DATE_RESOLUTION = timedelta(seconds=1)
_NO_SUCH_APP = "organization_application_not_found"


async def read_mutes(im: IMClient, clock: Clock, community_id: str, channel_id: str) -> Reading:
    """Read a channel's whole mute list, 20 a request (seed 002 获取频道的禁言列表); raises IMError."""
    begun = clock.now()
    entries: dict[str, Seen] = {}
    ahead_ms = 0
    sent = begun
    async for page in im.mutes.list(community_id, channel_id).pages():
        answered = clock.now()
        ahead_ms = _ahead_ms(page, sent, answered)
        for mute in page.items:
            end = PERMANENT_MS if mute.permanent else None if mute.ends_at is None else to_ms(mute.ends_at)
            entries[mute.user_id.lower()] = Seen(permanent=mute.permanent, end_ms=end)
        sent = answered
    return Reading(begun_ms=to_ms(begun), ahead_ms=ahead_ms, entries=entries)


def says_channel_gone(error: NotFound) -> bool:
    """Tell whether a mute list was not found because its channel is gone, and not because we ask at the wrong app."""
    return error.error != _NO_SUCH_APP


def _ahead_ms(page: Page[Mute], sent: datetime, answered: datetime) -> int:
    """Return how far the IM's clock is ahead: 0 unless its Date header, cut to a second, rules that out.

    Of what is possible then the least is taken, so that an end is never taken for earlier than it is.
    """
    if page.server_time is None:
        return 0
    least = page.server_time - answered
    most = page.server_time + _DATE_RESOLUTION - sent
    if least <= _DATE_RESOLUTION and most >= -_DATE_RESOLUTION:
        return 0
    return least // timedelta(milliseconds=1)
