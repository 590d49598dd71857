"""Putting back what a cleanup deleted from one owner, with original ids, times and ext (C4)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.im import NewCollection
from bot.im.errors import Conflict, IllegalArgument, IMError, InvalidArgument, LimitReached
from bot.services.cleanup.model import RunState
from bot.store import cleanup as rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from bot.im import IMClient
    from bot.services.cleanup.runs import Runs
    from bot.services.cleanup.work import Cleaner, Shift
    from bot.store import Store
    from bot.store.cleanup_rows import BatchRow, KeptItem, OwnerRow

BATCHES_AT_ONCE = 10
"""As many as one page of the API holds, which says what is there already."""

_REFUSALS = (IllegalArgument, Conflict, LimitReached, InvalidArgument)


class Restorer:
    """Puts one owner's items back.

    The API takes the original time of creation with a batch (000 批量添加用户收藏); only the time of the last change
    of `ext`, which it sets by itself, becomes that of the creation.
    """

    def __init__(self, *, store: Store, im: IMClient, runs: Runs, cleaner: Cleaner, holder: str) -> None:
        self._store = store
        self._im = im
        self._runs = runs
        self._cleaner = cleaner
        self._holder = holder

    async def work(self, shift: Shift, owner: OwnerRow) -> None:
        """Put back what is missing until nothing is left, or until the shift is to stop; raises IMError."""
        of_run = shift.run.of_run
        assert of_run is not None
        while not shift.stop:
            batches = await self._store.read(
                lambda connection: rows.batches_to_restore(connection, of_run, owner.owner, BATCHES_AT_ONCE)
            )
            if not batches:
                await self._note(shift, owner, [], "done")
                return
            there = set(await self._cleaner.present(owner.owner, batches))
            await self._runs.write(lambda connection, batches=batches, there=there: _intend(connection, batches, there))
            done: list[tuple[BatchRow, int, int]] = []
            error: IMError | None = None
            for batch in batches:
                if shift.stop:
                    break
                # What was there before the first attempt is skipped; what a lost attempt put back is ours.
                skipped = batch.skipped if batch.state == "restoring" else _there(batch, there)
                try:
                    refused = await self._put_back(owner.owner, [item for item in batch.items if item.id not in there])
                except IMError as trouble:
                    error = trouble
                    break
                done.append((batch, skipped, refused))
            await asyncio.shield(self._note(shift, owner, done, "waiting"))
            if error is not None:
                raise error

    async def unsettled(self, shift: Shift) -> list[str]:
        """Return the owners of whom it is not known whether something was put back."""
        of_run = shift.run.of_run
        assert of_run is not None
        return await self._store.read(lambda connection: rows.owners_with_open_batches(connection, of_run, "restoring"))

    async def settle(self, shift: Shift, owner: str) -> None:
        """Count what a former process, or a request without an answer, has put back; raises IMError.

        What is not there as a whole is left to the next restore, which counts all that was not there before.
        """
        run_id, of_run = shift.run.id, shift.run.of_run
        assert of_run is not None
        batches, row = await self._store.read(
            lambda connection: (
                rows.restoring_batches(connection, of_run, owner),
                rows.get_owner(connection, run_id, owner),
            )
        )
        there = set(await self._cleaner.present(owner, batches))
        done = [(batch, batch.skipped, 0) for batch in batches if _there(batch, there) == len(batch.items)]
        await self._note(shift, row, done, row.state)

    async def _put_back(self, owner: str, items: Sequence[KeptItem]) -> int:
        """Save items again; return how many the IM does not take. Raises IMError when it is not about the items."""
        if not items:
            return 0
        new = [NewCollection(item.id, item.data, item.type, item.created, item.ext) for item in items]
        results = await self._im.collections.add_many(owner, new)
        error = next((result.error for result in results if result.error is not None), None)
        if error is None:
            return sum(not result.done for result in results)
        if not isinstance(error, _REFUSALS):
            raise error
        if len(items) == 1:
            return 1
        # A request is all or nothing (A46): one that cannot be put back must not keep the others away.
        middle = len(items) // 2
        return await self._put_back(owner, items[:middle]) + await self._put_back(owner, items[middle:])

    async def _note(self, shift: Shift, owner: OwnerRow, done: Sequence[tuple[BatchRow, int, int]], state: str) -> None:
        def note(connection: Connection) -> bool:
            run = rows.get_run(connection, shift.run.id)
            if run is None or run.holder != self._holder:
                # Taken over by another process, which finds out what was put back already.
                return False
            restored = there = refused = 0
            for batch, skipped, not_taken in done:
                if rows.set_batch(connection, batch, "restoring", "restored", batch.items, skipped=skipped):
                    restored += len(batch.items) - skipped - not_taken
                    there += skipped
                    refused += not_taken
            rows.advance(connection, owner, position=None, done=restored, kept=there, refused=refused, state=state)
            self._runs.count(restored=restored, kept=there, refused=refused)
            self._runs.progressed(connection, run.id)
            return run.state == RunState.RUNNING

        going = await self._runs.write(note)
        shift.stop = shift.stop or not going


def _there(batch: BatchRow, there: set[str]) -> int:
    return sum(item.id in there for item in batch.items)


def _intend(connection: Connection, batches: Sequence[BatchRow], there: set[str]) -> None:
    for batch in batches:
        if batch.state == "gone":
            rows.set_batch(connection, batch, "gone", "restoring", batch.items, skipped=_there(batch, there))
