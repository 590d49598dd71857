"""Watching a channel's mute list from outside, past the bot and past its IM client."""

import asyncio
import contextlib
import time
from dataclasses import dataclass

import aiohttp

from bot.imservice import DEFAULT_CREDENTIALS

EVERY_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Look:
    """The list as it was at some moment between `asked_ms` and `answered_ms` (Unix milliseconds)."""

    asked_ms: int
    answered_ms: int
    ends: dict[str, int]


@dataclass(frozen=True, slots=True)
class Stay:
    """One member on the list without a break; `ends` are all ends it had, in order.

    It was gone at the latest at `gone_ms`, and surely still there at `seen_ms`.
    """

    member: str
    ends: tuple[int, ...]
    first_ms: int
    seen_ms: int
    gone_ms: int | None


class Observer:
    """Polls the list as long as it is told to; an IM that does not answer is asked again."""

    def __init__(self, url: str, community: str, channel: str) -> None:
        own = DEFAULT_CREDENTIALS
        self._base = f"{url}/{own.org}/{own.app}"
        self._login = {
            "grant_type": "client_credentials",
            "client_id": own.client_id,
            "client_secret": own.client_secret,
        }
        self._list = f"{self._base}/circle/channel/{channel}/user/mute/list"
        self._query = {"serverId": community, "limit": "20"}
        self.looks: list[Look] = []
        self.unanswered = 0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Observer":
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _watch(self) -> None:
        timeout = aiohttp.ClientTimeout(total=3)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            token = ""
            while True:
                try:
                    token = token or await self._token(session)
                    await self._look(session, token)
                except (aiohttp.ClientError, OSError, TimeoutError):
                    self.unanswered += 1
                    token = ""
                await asyncio.sleep(EVERY_SECONDS)

    async def _token(self, session: aiohttp.ClientSession) -> str:
        async with session.post(f"{self._base}/token", json=self._login) as answer:
            answer.raise_for_status()
            return (await answer.json())["access_token"]

    async def _look(self, session: aiohttp.ClientSession, token: str) -> None:
        asked = time.time_ns() // 1_000_000
        headers = {"Authorization": f"Bearer {token}"}
        async with session.get(self._list, params=self._query, headers=headers) as answer:
            answer.raise_for_status()
            entries = (await answer.json())["mute_users"]
        members = [entry["user"] for entry in entries]
        assert len(members) == len(set(members)), f"a member is on the list twice: {members}"
        answered = time.time_ns() // 1_000_000
        self.looks.append(Look(asked, answered, {entry["user"]: entry["expire"] for entry in entries}))

    def stays(self) -> list[Stay]:
        """Everybody's stays on the list, in the order in which they began."""
        found: list[Stay] = []
        open_stays: dict[str, Stay] = {}
        for look in self.looks:
            for member in [member for member in open_stays if member not in look.ends]:
                stay = open_stays.pop(member)
                found.append(Stay(member, stay.ends, stay.first_ms, stay.seen_ms, look.answered_ms))
            for member, end in look.ends.items():
                stay = open_stays.get(member)
                if stay is None:
                    open_stays[member] = Stay(member, (end,), look.answered_ms, look.asked_ms, None)
                else:
                    ends = stay.ends if stay.ends[-1] == end else (*stay.ends, end)
                    open_stays[member] = Stay(member, ends, stay.first_ms, look.asked_ms, None)
        return sorted([*found, *open_stays.values()], key=lambda stay: stay.first_ms)
