"""Discord is gone for ten minutes while 200 mutes end: they end on time, and the log catches up, once each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.bot import LONGEST_AWAY_SECONDS, WardenBot
from bot.config import Settings
from bot.running import point_discord_at
from tests.fault_table import Tell
from tests.faults.home import Bucket, Home, bucket, discord, home
from tests.wire import FakeDiscord

__all__ = ["bucket", "discord", "home"]

GONE = "Discord gone for 10 minutes while 200 mutes end"
MUTES = 200
MINUTE = 60_000


async def test_all_mutes_end_on_time_and_each_log_message_is_edited_once(
    home: Home, bucket: Bucket, fault: Tell
) -> None:
    discord, services = home.discord, home.warden.services
    guild, log = discord.guild.id, discord.add_channel("mod-log")
    await services.settings.set_log_channel(guild, log.id)
    names = [f"m{number}" for number in range(MUTES)]
    await home.people(names)
    ends: dict[str, int] = {}
    for number, name in enumerate(names):
        # Four at once, every 12 seconds.
        ends[name] = await home.mute(name, f"{600 + 12 * (number // 4)}s")
    await home.show_all()
    assert len(discord.messages(log)) == MUTES

    port = int(discord.base_url.rsplit(":", 1)[1])
    home.clock.move(milliseconds=min(ends.values()) - 1000 - home.now())
    await discord.stop()
    begun = home.now()
    early = late = 0
    with capture_logs() as lines:
        while ends:
            wake = await services.expiry.next_wake()
            assert wake is not None
            home.clock.move(milliseconds=wake - home.now())
            await services.expiry.run_due()
            await asyncio.sleep(0.002)
            listed = await home.listed()
            over = {name for name, end in ends.items() if end <= home.now()}
            late += len(over & listed)
            early += len(ends.keys() - over - listed)
            for name in over:
                del ends[name]
    away_ms = home.now() - begun
    assert away_ms >= 9.8 * MINUTE
    assert (early, late) == (0, 0)
    told = Counter(line["event"] for line in lines)
    assert told["post not shown yet"] > 0, "Discord was not gone"

    await discord.start(port=port, control=bucket.add_to)
    sent = len(discord.requested("POST", rf"/channels/{log.id}/messages$"))
    await home.show_all()
    assert len(discord.messages(log)) == MUTES
    over_told = [one for one in discord.messages(log) if "Mute over" in one.text]
    edits = Counter(one.path.rsplit("/", 1)[1] for one in discord.requested("PATCH", rf"/channels/{log.id}/messages/"))
    twice = sum(count > 1 for count in edits.values())
    again = len(discord.requested("POST", rf"/channels/{log.id}/messages$")) - sent
    assert (len(over_told), len(edits), twice, again, bucket.refused) == (MUTES, MUTES, 0, 0, 0)
    fault(
        GONE,
        mutes=MUTES,
        minutes_in_compressed_time=round(away_ms / MINUTE),
        early=early,
        lost=late + MUTES - len(over_told),
        double=twice + again,
        rate_limited=bucket.refused,
    )


class _Deaf(WardenBot):
    """The bot without its cogs."""

    async def setup_hook(self) -> None:
        pass


async def test_the_gateway_is_tried_again_within_half_a_minute_from_the_first_try_on(
    discord: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Any = Settings
    point_discord_at(made(discord={"api_base": discord.api_base, "gateway_url": discord.gateway_url}))
    host: Any = object()
    bot, waits, sleep = _Deaf(host), list[float](), asyncio.sleep
    enough: Callable[[], Awaitable[None] | None] = discord.up

    async def note(seconds: float) -> None:
        if asyncio.current_task() is not living:
            await sleep(seconds)
            return
        waits.append(seconds)
        if len(waits) % 40 == 0 and (ending := enough()) is not None:
            await ending

    await bot.login(discord.token)
    discord.down()
    living = asyncio.create_task(bot.connect())
    monkeypatch.setattr(asyncio, "sleep", note)
    await discord.wait_connected()
    assert (len(waits), max(waits)) == (40, LONGEST_AWAY_SECONDS)

    waits.clear()
    enough = bot.close
    discord.down()
    await living
    assert (len(waits), max(waits)) == (40, LONGEST_AWAY_SECONDS)
