"""An IM service as a process of its own, with a crowd in it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bot.im import EasemobAuth, IMClient, NewUser
from bot.imservice import DEFAULT_CREDENTIALS, IMService, IMServiceOptions

AUTH = EasemobAuth(
    DEFAULT_CREDENTIALS.org,
    DEFAULT_CREDENTIALS.app,
    DEFAULT_CREDENTIALS.client_id,
    DEFAULT_CREDENTIALS.client_secret,
)


@dataclass
class Crowd:
    """A running IM service: one community, channels of at most `per_channel` members each."""

    url: str
    data: Path
    community: str
    members: dict[str, list[str]]  # by channel
    names: dict[str, str]  # channel names

    def pairs(self) -> list[tuple[str, str]]:
        return [(channel, member) for channel, members in self.members.items() for member in members]


@contextlib.asynccontextmanager
async def crowd(members: int, *options: str, channels: int = 1, muted_ms: int | None = None) -> AsyncIterator[Crowd]:
    """Start an IM service with so many members in every channel, all muted for `muted_ms` if given."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        found = await _fill(data, members, channels, muted_ms)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "im-service", "--port", "0", "--data", str(data), *options,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
            found.url = line.split("listening on ")[1].strip()
            yield found
        finally:
            process.terminate()
            await process.wait()


async def _fill(data: Path, count: int, channels: int, muted_ms: int | None) -> Crowd:
    service = IMService(data, options=IMServiceOptions(rate_limit=None, keep_expired_mutes=True))
    url = await service.start()
    try:
        async with IMClient(url, AUTH, rate_per_second=None, deadline_seconds=120) as im:
            names = [f"m{number}" for number in range(count)]
            await im.users.create(NewUser(username="owner"), *[NewUser(username=name) for name in names])
            community = await im.communities.create("owner", "Bench")
            await _all(im.communities.join(community, name) for name in names)
            crowd = Crowd("", data, community, {}, {})
            for number in range(channels):
                channel = await im.channels.create(community, f"hall-{number}")
                await _all(im.members.add(community, channel.channel_id, name) for name in names)
                crowd.members[channel.channel_id] = names
                crowd.names[channel.channel_id] = channel.name
                if muted_ms is not None:
                    await _all(
                        im.mutes.add(community, channel.channel_id, name, duration_ms=muted_ms) for name in names
                    )
            return crowd
    finally:
        await service.stop()


async def _all(calls: object) -> None:
    waiting = list(calls)  # pyright: ignore
    for start in range(0, len(waiting), 64):
        await asyncio.gather(*waiting[start : start + 64])
