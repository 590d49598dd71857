"""Taking back: one door for mutes and deeds, by case or by whatever the person did last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.services.access import Level, level_of_action
from bot.services.cases import UNTOLD
from bot.services.model import MUTES, CaseView, Outcome, Staff
from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from bot.services.cases import Cases
    from bot.services.deeds import Deeds
    from bot.services.mutes import Mutes


class Undo:
    """Takes cases back; each undo is a case of its own."""

    def __init__(self, *, cases: Cases, mutes: Mutes, deeds: Deeds) -> None:
        self._cases = cases
        self._mutes = mutes
        self._deeds = deeds

    async def undo(self, *, staff: Staff, guild_id: int, case_id: int | None, level: Level = Level.ADMIN) -> CaseView:
        """Take back a case, by default the invoker's latest reversible one of the last 24 h; return the new case.

        `level` is what the invoker may do: whoever may not do a thing may not take it back either. Raises Refusal,
        IMError, Unsettled.
        """
        view = await (self._latest(staff, guild_id, level) if case_id is None else self._cases.view(guild_id, case_id))
        if level_of_action(view.action) > level:
            raise Refusal("refusal-needs-admin")
        if view.action in MUTES:
            self._check(view)
            return await self._mutes.undo(staff=staff, view=view)
        async with self._deeds.turn(f"case:{view.id}"):
            # Somebody may have been quicker while we waited.
            view = await self._cases.view(guild_id, view.id)
            self._check(view)
            return await self._deeds.take_back(view, staff=staff, guild_id=guild_id)

    async def _latest(self, staff: Staff, guild_id: int, level: Level) -> CaseView:
        found = await self._cases.reversible_by(guild_id, staff.id)
        # Not what was itself an undo: asking twice must not bring back what was just taken back.
        candidates = [view for view in found if view.undo_of is None and level_of_action(view.action) <= level]
        if not candidates:
            raise Refusal("refusal-nothing-to-undo")
        return candidates[0]

    def _check(self, view: CaseView) -> None:
        if view.outcome is Outcome.UNDONE:
            raise Refusal("refusal-already-undone", case=view.id)
        if view.details.get(UNTOLD):
            raise Refusal("refusal-end-untold", case=view.id, member=view.member_id)
        if not self._cases.reversible(view):
            raise Refusal("refusal-case-over", case=view.id)
