"""What tests of alerts stand on: a Discord that shows posts, and troubles that come and go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.services.alerts import Trouble
from bot.services.clock import to_ms
from bot.services.posts import ALERT, Post
from bot.store import tables
from tests.services.conftest import GUILD, World

LOG, ROLE = 99, 5000
KIND = Trouble.CALLBACKS_REFUSED


class Page:
    """What stands in Discord: messages by id, and which of them were sent anew."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sent: list[Post] = []
        self.refusing: dict[int, str] = {}
        self.sending = True

    async def show(self) -> list[str]:
        """Show all that is due, as the logbook does; return what was sent (not edited)."""
        posts, new = self.world.services.posts, list[str]()
        for post in await posts.due():
            log = self.world.services.settings.get(GUILD).log_channel_id
            place = post.channel_id or log
            assert place is not None
            if place in self.refusing:
                await posts.failed(post, permanent=True, why=self.refusing[place], channel_id=place)
                continue
            if post.message_id is None:
                if not self.sending:
                    await posts.failed(post, permanent=True, why="forbidden", channel_id=place)
                    continue
                self.sent.append(post)
                new.append(post.kind)
            await posts.shown(post, channel_id=place, message_id=post.message_id or 1000 + len(self.sent))
        return new


@pytest.fixture
async def page(world: World) -> Page:
    await world.services.settings.set_log_channel(GUILD, LOG)
    await world.services.settings.set_oncall(GUILD, ROLE)
    return Page(world)


async def alert(world: World, trouble: Trouble = KIND, subject: str = "") -> int:
    now = to_ms(world.clock.now())
    raise_alert = world.services.alerts.raise_alert

    def put(connection: Any) -> None:
        raise_alert(connection, GUILD, trouble, why="it broke", now_ms=now, subject=subject)

    await world.services.posts.write(put)
    (row,) = [row for row in await rows(world) if (row.kind, row.subject, row.healed_ms) == (trouble, subject, None)]
    return row.id


async def heal(world: World, trouble: Trouble = KIND) -> None:
    now = to_ms(world.clock.now())
    heal_alert = world.services.alerts.heal_alert
    await world.services.posts.write(lambda connection: heal_alert(connection, GUILD, trouble, now_ms=now))


async def rows(world: World) -> list[Any]:
    return await world.store.read(lambda connection: list(connection.execute(select(tables.alerts))))


async def calls_until(world: World, page: Page, hours: float) -> list[float]:
    """Let time pass, woken as the alarm clock would; return the minutes at which a new message was sent."""
    begun, at = world.clock.now(), list[float]()
    end = begun + timedelta(hours=hours)
    while (wake := await world.services.alerts.next_wake()) is not None and wake <= to_ms(end):
        world.pass_time(milliseconds=max(0, wake - to_ms(world.clock.now())))
        await world.services.alerts.call_due()
        if ALERT in await page.show():
            at.append((world.clock.now() - begun) / timedelta(minutes=1))
    world.pass_time(milliseconds=to_ms(end) - to_ms(world.clock.now()))
    return at
