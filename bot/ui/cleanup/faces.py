"""How cases about cleanups, restores and policies are told."""

from typing import Final

from bot.services.model import Action, CaseView
from bot.ui.face import BLUE, GREEN, RED, Face
from bot.ui.safe import escape
from bot.ui.words import Voice


def _target(case: CaseView) -> dict[str, str | int]:
    return {"kind": str(case.details.get("target", "owner")), "name": str(case.details.get("name", ""))}


def _came_of_it(case: CaseView, voice: Voice) -> list[str]:
    """Say what a run has done; nothing while it is under way."""
    told = case.details
    if "done" not in told:
        return _rule(case, voice)
    restored = case.action is Action.RESTORE
    lines = [voice("run-line-restored" if restored else "run-line-deleted", count=int(told["done"]))]
    if told.get("kept"):
        lines.append(voice("run-line-there" if restored else "run-line-kept", count=int(told["kept"])))
    if told.get("cancelled"):
        lines.append(voice("run-line-stopped"))
    return [*lines, *_rule(case, voice)]


def _rule(case: CaseView, voice: Voice) -> list[str]:
    told = case.details
    lines = [voice("cleanup-line-age", age=voice.duration(int(told["older_than_ms"])))]
    if told.get("type") is not None:
        lines.append(voice("cleanup-line-type", type=str(told["type"])))
    lines.append(voice("cleanup-line-keep", keep=escape(str(told["keep"]), 40)))
    if "schedule" in told:
        schedule = escape(str(told["schedule"]), 60)
        lines.append(voice("policy-line-when", schedule=schedule, timezone=escape(str(told["timezone"]), 60)))
    return lines


def _change(case: CaseView) -> dict[str, str | int]:
    return _target(case) | {"change": str(case.details.get("change", ""))}


FACES: Final = {
    Action.CLEANUP: Face("🧹", "cleanup-done", "cleanup-deed", RED, values=_target, lines=_came_of_it),
    Action.RESTORE: Face("♻️", "restored-done", "restored-deed", GREEN, values=_target, lines=_came_of_it),
    Action.POLICY: Face("⏰", "policy-done", "policy-deed", BLUE, values=_change, lines=_rule),
}
