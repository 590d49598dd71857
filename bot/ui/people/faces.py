"""How cases about friends and blocks are told."""

from typing import Final

from bot.services.blocks import OWNER, REFUSED, UNKNOWN, UNREACHABLE, carried_out
from bot.services.deeds import names_of
from bot.services.model import Action, CaseView, Outcome
from bot.ui.circle.member_faces import names_line
from bot.ui.face import AMBER, BLUE, GREEN, Face
from bot.ui.safe import escape
from bot.ui.words import Voice

# So that every list of fifty names fits on one card, however they are spread over its lines.
_ROOM_FOR_NAMES: Final = 600

_FAILURES: Final = {
    UNKNOWN: "block-line-unknown",
    OWNER: "block-line-owner",
    UNREACHABLE: "block-line-unreachable",
    REFUSED: "block-line-refused",
}


def _of_friends(case: CaseView) -> dict[str, str | int]:
    return {"friend": case.subjects[0] if case.subjects else ""}


def _pair(case: CaseView) -> dict[str, str]:
    return {"member": escape(case.member_id, 64), "friend": escape(case.subjects[0], 64)}


def _done(case: CaseView) -> bool:
    return case.outcome in {Outcome.APPLIED, Outcome.VERIFIED}


def _added(case: CaseView, voice: Voice) -> list[str]:
    told = case.details
    if not _done(case):
        return []
    if told.get("remark") and "mutual" not in told:
        return [voice("friend-line-partly")]
    lines = [voice("friend-line-remark", remark=escape(told["remark"], 100))] if told.get("remark") else []
    if "mutual" in told and not told["back"]:
        lines.append(voice("friend-line-both") if told["mutual"] else voice("friend-line-one-way", **_pair(case)))
    return lines


def _removed(case: CaseView, voice: Voice) -> list[str]:
    told = case.details
    lines = [voice("friend-line-remark", remark=escape(told["remark"], 100))] if told["remark"] else []
    if _done(case) and "mutual" in told and told["back"]:
        lines.append(voice("friend-line-gone") if told["mutual"] else voice("friend-line-still", **_pair(case)))
    return lines


def _remarked(case: CaseView, voice: Voice) -> list[str]:
    new, old = case.details["remark"], case.details["before"]
    lines = [voice("friend-line-remark", remark=escape(new, 100)) if new else voice("friend-line-no-remark")]
    if old:
        lines.append(voice("friend-line-before", remark=escape(old, 100)))
    return lines


def _of_blocks(case: CaseView) -> dict[str, str | int]:
    names = carried_out(case)
    return {"name": names[0] if names else "", "count": len(names)}


def _blocked(case: CaseView, voice: Voice) -> list[str]:
    names = carried_out(case)
    lines = [voice("block-line-names", names=names_line(names, voice, _ROOM_FOR_NAMES))] if len(names) > 1 else []
    already = names_of(case.details, "already")
    if already:
        lines.append(voice("block-line-already", names=names_line(already, voice, _ROOM_FOR_NAMES)))
    failed: dict[str, str] = case.details.get("failed", {})
    for why, key in _FAILURES.items():
        left = [name for name, reason in failed.items() if reason == why]
        if left:
            lines.append(voice(key, names=names_line(left, voice, _ROOM_FOR_NAMES)))
    return lines


FACES: Final = {
    Action.FRIEND_ADD: Face("🤝", "friend-added", "friend-add", GREEN, _of_friends, _added),
    Action.FRIEND_REMOVE: Face("💔", "friend-removed", "friend-remove", AMBER, _of_friends, _removed),
    Action.FRIEND_REMARK: Face("🏷️", "friend-remarked", "friend-remark", BLUE, _of_friends, _remarked),
    Action.BLOCK_ADD: Face("⛔", "block-added", "block-add", AMBER, _of_blocks, _blocked),
    Action.BLOCK_REMOVE: Face("🕊️", "block-removed", "block-remove", GREEN, _of_blocks, _blocked),
}
