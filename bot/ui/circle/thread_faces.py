"""How cases about threads are told."""

from typing import Final

from bot.services.model import Action, CaseView
from bot.ui.face import AMBER, BLUE, GREEN, RED, Face
from bot.ui.safe import escape
from bot.ui.words import Voice


def _told(case: CaseView, what: str) -> str:
    # Of a case that was erased on request nothing is told.
    return str(case.details.get(what, ""))


def _thread(case: CaseView) -> dict[str, str | int]:
    return {"thread": _told(case, "name") or _told(case, "thread_id")}


def _created(case: CaseView) -> dict[str, str | int]:
    return {"thread": _told(case, "name")}


def _renamed(case: CaseView) -> dict[str, str | int]:
    return {"thread": _told(case, "before") or _told(case, "thread_id"), "name": _told(case, "name")}


def _owner(case: CaseView, voice: Voice) -> list[str]:
    lines = [voice("thread-line-owner", owner=escape(case.member_id, 64))] if case.member_id else []
    said = case.details.get("said")
    return [*lines, f"> {escape(said, 120)}"] if said else lines


FACES: Final = {
    Action.THREAD_CREATE: Face("🧵", "thread-created", "thread-create", GREEN, _created, _owner),
    Action.THREAD_RENAME: Face("✏️", "thread-renamed", "thread-rename", BLUE, _renamed),
    Action.THREAD_DELETE: Face("🗑️", "thread-deleted", "thread-delete", RED, _thread, _owner),
    Action.THREAD_ADD: Face("➕", "thread-member-added", "thread-member-add", GREEN, _thread),
    Action.THREAD_REMOVE: Face("➖", "thread-member-removed", "thread-member-remove", AMBER, _thread),
}
