"""How cases about what users saved are told: never more of it than its beginning."""

from typing import Any, Final

from bot.services.model import Action, CaseView, Outcome
from bot.services.saved.kinds import Why
from bot.ui.face import AMBER, BLUE, GREEN, Face
from bot.ui.safe import code, escape
from bot.ui.words import Voice

_REASONS: Final = {
    Why.GONE: "saved-failed-gone",
    Why.OTHER: "saved-failed-other",
    Why.UNREACHABLE: "saved-failed-unreachable",
    Why.REFUSED: "saved-failed-refused",
    Why.UNKNOWN: "saved-failed-unknown",
}
_MOST_TYPES: Final = 6


def _counted(case: CaseView) -> dict[str, str | int]:
    return {"count": case.details.get("done", case.details.get("count", 0)), "how": case.details.get("how", "file")}


def _count(case: CaseView) -> dict[str, str | int]:
    return {"count": _counted(case)["count"]}


def _item(case: CaseView, voice: Voice) -> list[str]:
    told = case.details
    if "id" not in told:  # erased on request
        return []
    line = voice("saved-card-item", data=escape(told.get("start", ""), 80), type=str(told.get("type", 0)))
    return [line, voice("saved-card-id", id=code(told.get("id", "")))]


def _edited(case: CaseView, voice: Voice) -> list[str]:
    if "id" not in case.details:
        return []
    after = case.details.get("after")
    ext = voice("saved-card-ext", ext=escape(after[:160], 80)) if after else voice("saved-card-ext-none")
    return [*_item(case, voice), ext]


def _many(case: CaseView, voice: Voice) -> list[str]:
    told = case.details
    if "count" not in told:
        return []
    lines = [voice("saved-card-types", types=_types(told.get("types", {})))]
    if told.get("same"):
        lines.append(voice("saved-card-same", count=told["same"]))
    if told.get("others"):
        lines.append(voice("saved-card-others", count=told["others"]))
    if told.get("changed"):
        lines.append(voice("saved-card-changed", count=told["changed"]))
    for why, count in told.get("failed", {}).items():
        lines.append(voice(_REASONS[Why(why)], count=count))
    if case.outcome is Outcome.APPLIED and "done" not in told:
        lines.append(voice("saved-card-unsure"))
    if case.action is Action.COLLECTION_DELETE and "kept" not in told:
        lines.append(voice("saved-card-not-kept"))
    return lines


def _types(counts: dict[str, Any]) -> str:
    named = [f"{kind} ({count})" for kind, count in list(counts.items())[:_MOST_TYPES]]
    return ", ".join([*named, "…"] if len(counts) > _MOST_TYPES else named)


FACES: Final = {
    Action.COLLECTION_ADD: Face("🔖", "saved-added", "saved-add", GREEN, lines=_item),
    Action.COLLECTION_EDIT: Face("🏷️", "saved-edited", "saved-edit", BLUE, lines=_edited),
    Action.COLLECTION_DELETE: Face("🗑️", "saved-deleted", "saved-delete", AMBER, _count, _many),
    Action.COLLECTION_IMPORT: Face("📥", "saved-imported", "saved-import", GREEN, _counted, _many),
}
