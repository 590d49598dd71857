"""Cleaning up after one owner: pages of 200, deletes of 20, what is deleted written down before (C2 to C4)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.im.errors import IMError
from bot.im.timeline import concerns_unknown_item
from bot.services.cleanup.model import RunState
from bot.services.cleanup.rules import rule_of
from bot.store import cleanup as rows
from bot.store.cleanup_rows import KeptItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from bot.im import Collection, IMClient
    from bot.im.batches import ItemResult
    from bot.services.cleanup.model import Rule
    from bot.services.cleanup.runs import Runs
    from bot.store import Store
    from bot.store.cleanup_rows import BatchRow, OwnerRow, RunRow

BATCH = 20
SENT_AT_ONCE = 4
"""Requests of one owner under way together, so that a slow network does not keep the budget from being used."""


@dataclass(slots=True)
class Shift:
    """One process at work on one run; `stop` asks it to end at its next request, `paused`: the IM gives trouble."""

    run: RunRow
    stop: bool = False
    paused: bool = False
    in_hand: set[int] = field(default_factory=set[int])
    tried: set[int] = field(default_factory=set[int])
    """Owners that gave trouble while the IM answered others: left to the next shift."""
    choosing: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Outcome:
    """What became of one batch: deleted by us, not known, and said no to; `error` is what stopped it."""

    gone: list[KeptItem] = field(default_factory=list[KeptItem])
    unknown: list[KeptItem] = field(default_factory=list[KeptItem])
    refused: int = 0
    error: IMError | None = None


@dataclass(slots=True)
class _Walk:
    """What was read and is not deleted yet, and the pages it is from: a crash goes back to the first of them."""

    position: str | None
    pages: list[tuple[str | None, int]] = field(default_factory=list[tuple[str | None, int]])
    first_page: int = 0
    pool: list[tuple[int, KeptItem]] = field(default_factory=list[tuple[int, KeptItem]])

    def read(self, cursor: str | None, items: Sequence[Collection], rule: Rule) -> None:
        number = self.first_page + len(self.pages)
        fitting = [item for item in items if not rule.keeps(item.ext)]
        self.pages.append((cursor, len(items) - len(fitting)))
        self.pool += [(number, kept_item(item)) for item in fitting]

    def take(self, *, all_of_it: bool) -> list[tuple[KeptItem, ...]]:
        """Take whole batches out of the pool; what is left waits for the next page, so that no request is half full."""
        count = len(self.pool) if all_of_it else len(self.pool) // BATCH * BATCH
        taken = [item for _page, item in self.pool[:count]]
        del self.pool[:count]
        return [tuple(taken[start : start + BATCH]) for start in range(0, count, BATCH)]

    def settle(self, behind: str | None) -> int:
        """Go on to the first page that has something left; return how many kept items lie behind."""
        first = self.pool[0][0] if self.pool else self.first_page + len(self.pages)
        passed = self.pages[: first - self.first_page]
        del self.pages[: first - self.first_page]
        self.first_page = first
        self.position = self.pages[0][0] if self.pages else behind
        return sum(kept for _cursor, kept in passed)


class Cleaner:
    """Deletes one owner's items that a run is about."""

    def __init__(self, *, store: Store, im: IMClient, runs: Runs, holder: str) -> None:
        self._store = store
        self._im = im
        self._runs = runs
        self._holder = holder

    async def work(self, shift: Shift, owner: OwnerRow) -> None:
        """Delete what fits until nothing is left, or until the shift is to stop; raises IMError.

        Each page is checked against the frozen rule as it is read, just before. What was under way when a process
        died is settled first.
        """
        await self.settle(shift, owner.owner)
        run, rule, walk = shift.run, rule_of(shift.run), _Walk(owner.position)
        listed = self._im.collections.list(owner.owner, type=run.item_type, end=run.cutoff_ms, newest_first=False)
        cursor = owner.position
        while not shift.stop:
            page = await listed.page(cursor)
            walk.read(cursor, page.items, rule)
            cursor = page.cursor
            if not await self._delete(shift, owner, walk, cursor):
                return
            if cursor is None:
                return

    async def unsettled(self, shift: Shift) -> list[str]:
        """Return the owners of whom it is not known whether something was deleted."""
        run_id = shift.run.id
        return await self._store.read(lambda connection: rows.owners_with_open_batches(connection, run_id, "intended"))

    async def settle(self, shift: Shift, owner: str) -> None:  # noqa: ARG002 - whichever run it was
        """Bring the batches to an end that a former process, or a lost answer, has left open; raises IMError.

        One that is gone was deleted by us. One that is still there is deleted now if its run goes on and it still
        fits, and else left alone.
        """
        batches = await self._store.read(lambda connection: rows.open_batches(connection, owner))
        if not batches:
            return
        there = await self.present(owner, batches)
        owners_runs = {batch.run_id: await self._run(batch.run_id) for batch in batches}
        for batch in batches:
            run = owners_runs[batch.run_id]
            gone = [item for item in batch.items if item.id not in there]
            left = [item for item in batch.items if item.id in there]
            outcome = Outcome(gone)
            if run.state == RunState.RUNNING:
                rule = rule_of(run)
                fitting = [kept_item(there[item.id]) for item in left if not rule.keeps(there[item.id].ext)]
                if fitting:
                    sent = await self._send(batch.owner, fitting, ours=True)
                    outcome = Outcome(gone + sent.gone, sent.unknown, sent.refused, sent.error)
            if outcome.error is not None and outcome.unknown:
                raise outcome.error
            await self._runs.write(
                lambda connection, batch=batch, outcome=outcome: self._runs.count(
                    deleted=_settled(connection, batch, outcome)
                )
            )
            if outcome.error is not None:
                raise outcome.error

    async def present(self, owner: str, batches: Sequence[BatchRow]) -> dict[str, Collection]:
        """Return what an owner has now of the time that the batches are from, by id; raises IMError."""
        times = [item.created for batch in batches for item in batch.items]
        listed = self._im.collections.list(owner, begin=min(times), end=max(times), newest_first=False)
        wanted = {item.id for batch in batches for item in batch.items}
        return {item.collection_id: item async for item in listed if item.collection_id in wanted}

    async def _run(self, run_id: int) -> RunRow:
        run = await self._store.read(lambda connection: rows.get_run(connection, run_id))
        assert run is not None
        return run

    async def _delete(self, shift: Shift, owner: OwnerRow, walk: _Walk, behind: str | None) -> bool:
        """Delete what makes whole batches, or all at the end; return whether to go on. Raises IMError."""
        run_id, batches = shift.run.id, walk.take(all_of_it=behind is None)
        intended: list[BatchRow] = []
        if batches:
            intended = await self._runs.write(
                lambda connection: rows.add_batches(connection, run_id, owner.owner, batches)
            )
        outcomes = await self._send_all(shift, owner.owner, intended)
        error = next((outcome.error for outcome in outcomes if outcome.error is not None), None)
        whole = error is None and not shift.stop
        passed = walk.settle(behind) if whole else 0
        refused = sum(outcome.refused for outcome in outcomes)

        def note(connection: Connection) -> bool:
            now = rows.get_run(connection, run_id)
            if now is None or now.holder != self._holder:
                # Taken over by another process, which finds out what was deleted.
                return False
            done = sum(_noted(connection, batch, outcome) for batch, outcome in zip(intended, outcomes, strict=True))
            rows.advance(
                connection,
                owner,
                position=walk.position,
                done=done,
                kept=passed,
                refused=refused if whole else 0,
                state="done" if whole and behind is None else "waiting",
            )
            self._runs.count(deleted=done, kept=passed, refused=refused if whole else 0)
            self._runs.progressed(connection, run_id)
            return now.state == RunState.RUNNING

        # Shielded: what was deleted is written down even if we are told to stop at this very moment.
        going = await asyncio.shield(self._runs.write(note))
        if error is not None:
            raise error
        shift.stop = shift.stop or not going
        return whole

    async def _send_all(self, shift: Shift, owner: str, batches: Sequence[BatchRow]) -> list[Outcome]:
        turns = asyncio.Semaphore(SENT_AT_ONCE)
        failed = False

        async def send(batch: BatchRow) -> Outcome:
            nonlocal failed
            async with turns:
                if shift.stop or failed:
                    return Outcome()
                outcome = await self._send(owner, batch.items)
                failed = failed or outcome.error is not None
                return outcome

        return list(await asyncio.gather(*(send(batch) for batch in batches)))

    async def _send(self, owner: str, items: Sequence[KeptItem], *, ours: bool = False) -> Outcome:
        """Delete items with one request; `ours`: who is missing now was deleted by an earlier one of ours."""
        try:
            results = await self._im.collections.delete(owner, *(item.id for item in items))
        except IMError as error:
            return Outcome(error=error)
        return _judged(items, results, ours=ours)


def kept_item(item: Collection) -> KeptItem:
    """Return an item in the form in which it is kept."""
    return KeptItem(item.collection_id, item.type, item.data, item.ext, item.created)


def _judged(items: Sequence[KeptItem], results: Sequence[ItemResult], *, ours: bool) -> Outcome:
    outcome = Outcome()
    for item, result in zip(items, results, strict=True):
        if result.done:
            outcome.gone.append(item)
        elif result.error is None:
            outcome.refused += 1
        elif concerns_unknown_item(result.error):
            # Gone before we came: not ours, unless an earlier request of ours may have done it.
            if ours or result.error.sent:
                outcome.gone.append(item)
        else:
            outcome.error = result.error
            if result.error.sent:
                outcome.unknown.append(item)
    return outcome


def _noted(connection: Connection, batch: BatchRow, outcome: Outcome) -> int:
    """Keep of a batch what was deleted, and return how much that is.

    Where it is not known yet, keep all that may have been, to be settled later, and counted then.
    """
    items = (*outcome.gone, *outcome.unknown)
    state = "intended" if outcome.unknown else "gone"
    noted = rows.set_batch(connection, batch, "intended", state, items)
    return len(outcome.gone) if noted and not outcome.unknown else 0


def _settled(connection: Connection, batch: BatchRow, outcome: Outcome) -> int:
    """Write down what a batch that was left open has come to, and return how much of it is deleted."""
    if not rows.set_batch(connection, batch, "intended", "gone", tuple(outcome.gone)):
        return 0
    rows.add_done(connection, batch.run_id, batch.owner, len(outcome.gone))
    return len(outcome.gone)
