"""What staff do about old collections: look first, clean up, put back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.im import Lane
from bot.im.errors import IMError, NotFound
from bot.services.cleanup.engine import members_of
from bot.services.cleanup.model import DEFAULT_KEEP, Preview, Rule, RunView, Target, TargetKind
from bot.services.clock import from_ms, to_ms
from bot.services.durations import parse_duration
from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.im import Collection, IMClient
    from bot.services.cleanup.engine import Engine
    from bot.services.cleanup.runs import Runs
    from bot.services.clock import Clock
    from bot.services.directory import Directory
    from bot.services.model import Staff

MOST_PAGES = 500
"""Where a preview stops to count: some five seconds at the API's rate."""

LONGEST_KEEP = 100
_OWNERS_AT_ONCE = 8
_MOST_FAILED = 3
_SAMPLE = 3


@dataclass(slots=True)
class _Count:
    """What a preview has seen so far."""

    pages_left: int
    most_failed: int
    count: int = 0
    kept: int = 0
    exact: bool = True
    failed: int = 0
    oldest: int | None = None
    newest: int | None = None
    sample: list[tuple[str, Collection]] = field(default_factory=list["tuple[str, Collection]"])

    def add(self, owner: str, items: tuple[Collection, ...], rule: Rule) -> None:
        for item in items:
            if rule.keeps(item.ext):
                self.kept += 1
                continue
            self.count += 1
            self.oldest = item.created if self.oldest is None else min(self.oldest, item.created)
            self.newest = item.created if self.newest is None else max(self.newest, item.created)
            if len(self.sample) < _SAMPLE or item.created < self.sample[-1][1].created:
                self.sample = sorted([*self.sample, (owner, item)], key=lambda entry: entry[1].created)[:_SAMPLE]


class Cleanups:
    """The operations on cleanups that commands, buttons and jobs share."""

    def __init__(self, *, im: IMClient, clock: Clock, directory: Directory, runs: Runs, engine: Engine) -> None:
        self._im = im
        self._clock = clock
        self._directory = directory
        self._runs = runs
        self._engine = engine

    @property
    def restore_days(self) -> int:
        """How long what a run deleted can be put back."""
        return self._runs.restore_days

    async def rule(
        self,
        guild_id: int,
        *,
        older_than: str,
        owner: str | None,
        channel: str | None,
        community: str | None,
        item_type: int | None,
        keep: str | None,
    ) -> Rule:
        """Return what was typed as a rule; raises Refusal, among others unless exactly one target is given."""
        given = [option for option in (owner, channel, community) if option]
        if len(given) != 1:
            raise Refusal("refusal-one-target")
        older_than_ms = parse_duration(older_than)
        if older_than_ms is None:
            raise Refusal("refusal-older-permanent")
        word = " ".join((keep or DEFAULT_KEEP).split())[:LONGEST_KEEP] or DEFAULT_KEEP
        return Rule(await self._target(guild_id, owner, channel, community), older_than_ms, item_type, word)

    async def preview(self, rule: Rule) -> Preview:
        """Look at what a cleanup would delete now: how many, how old, a sample; deletes nothing (C1).

        At most 500 pages are read: behind them the count is a lower bound. In the NORMAL lane, as staff waits for it:
        unmutes go first, and no cleanup is slowed down by more than a few seconds. Raises Refusal if there is nothing
        to delete, IMError if more than three owners cannot be looked at, or the only one.
        """
        cutoff_ms = to_ms(self._clock.now()) - rule.older_than_ms
        with self._im.lane(Lane.NORMAL):
            owners = await members_of(self._im, rule.target)
            seen = _Count(MOST_PAGES, min(_MOST_FAILED, len(owners) - 1))
            rest = iter(owners)
            looks = [
                asyncio.create_task(self._look(rest, rule, cutoff_ms, seen))
                for _ in range(min(_OWNERS_AT_ONCE, len(owners)))
            ]
            try:
                await asyncio.gather(*looks)
            finally:
                for look in looks:
                    look.cancel()
        if not seen.count:
            raise Refusal("refusal-cleanup-nothing" if seen.exact else "refusal-cleanup-nothing-yet", count=seen.kept)
        return Preview(
            rule=rule,
            cutoff_ms=cutoff_ms,
            count=seen.count,
            kept=seen.kept,
            exact=seen.exact,
            owners=len(owners),
            oldest=None if seen.oldest is None else from_ms(seen.oldest),
            newest=None if seen.newest is None else from_ms(seen.newest),
            sample=tuple(seen.sample),
        )

    async def start(
        self, preview: Preview, *, staff: Staff, guild_id: int, home_channel_id: int | None = None
    ) -> RunView:
        """Delete what a preview has shown: older than its moment, whenever that is carried out (C2)."""
        return await self._runs.begin(
            preview.rule,
            staff=staff,
            guild_id=guild_id,
            cutoff_ms=preview.cutoff_ms,
            planned=preview.count if preview.exact else None,
            home_channel_id=home_channel_id,
        )

    async def restorable(self, guild_id: int, run_id: int) -> tuple[RunView, int]:
        """Return a run and how many items can be put back; raises Refusal if there are none."""
        return await self._runs.restorable(guild_id, run_id)

    async def restore(self, run_id: int, *, staff: Staff, guild_id: int, home_channel_id: int | None = None) -> RunView:
        """Put back what a run deleted, with original ids, times and ext; raises Refusal (C4)."""
        return await self._runs.begin_restore(run_id, staff=staff, guild_id=guild_id, home_channel_id=home_channel_id)

    async def cancel(self, guild_id: int, run_id: int) -> RunView:
        """Stop a run at its next request; what it has done stays. Raises Refusal if it is over."""
        view = await self._runs.cancel(guild_id, run_id)
        self._engine.stop_run(run_id)
        return view

    async def view(self, guild_id: int, run_id: int) -> RunView:
        """Return a run of this guild; raises Refusal if there is none."""
        return await self._runs.view(guild_id, run_id)

    async def list(self, guild_id: int, *, going: bool | None = None) -> list[RunView]:
        """Return a guild's latest runs, newest first; `going`: only those under way, or only the others."""
        return await self._runs.list(guild_id, going=going)

    async def keep_in_sight(self, view: RunView) -> None:
        """Show a run in a message of its own from now on: its command's answer cannot be edited much longer."""
        await self._runs.show_anew(view.guild_id, view.id)

    async def _target(self, guild_id: int, owner: str | None, channel: str | None, community: str | None) -> Target:
        if owner:
            return Target(TargetKind.OWNER, "", "", await self._directory.user_id(owner))
        if channel:
            place = (await self._directory.channel(guild_id, channel)).place
            return Target(TargetKind.CHANNEL, place.community_id, place.channel_id, place.channel_name)
        info = await self._directory.find_community(community or "")
        return Target(TargetKind.COMMUNITY, info.community_id, "", info.name or info.community_id)

    async def _look(self, owners: Iterator[str], rule: Rule, cutoff_ms: int, seen: _Count) -> None:
        for owner in owners:
            listed = self._im.collections.list(owner, type=rule.item_type, end=cutoff_ms, newest_first=False)
            cursor: str | None = None
            while True:
                if not seen.pages_left:
                    seen.exact = False
                    return
                seen.pages_left -= 1
                try:
                    page = await listed.page(cursor)
                except NotFound:
                    # A member who is no user any more has nothing to clean up; the run says so.
                    break
                except IMError:
                    # The run will say who could not be done; one of many is not to keep us from looking at the others.
                    seen.failed += 1
                    seen.exact = False
                    if seen.failed > seen.most_failed:
                        raise
                    break
                seen.add(owner, page.items, rule)
                cursor = page.cursor
                if cursor is None:
                    break
