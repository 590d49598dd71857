"""How cases about channels are told."""

from typing import Any, Final

from bot.services.model import Action, CaseView
from bot.ui.face import BLUE, GREEN, RED, Face
from bot.ui.safe import escape
from bot.ui.words import Voice

_CHANGES: Final = {
    "name": "channel-change-name",
    "description": "channel-change-description",
    "max_users": "channel-change-room",
    "custom": "channel-change-custom",
}
_SHORT: Final = 80
_SAID: Final = 300


def _create_lines(case: CaseView, voice: Voice) -> list[str]:
    lines = _kind(case, voice)
    room = case.details.get("max_users")
    if isinstance(room, int):
        lines.append(voice("channel-line-room", count=room))
    description = case.details.get("description")
    if description:
        lines.append(escape(str(description), _SAID))
    return lines


def _edit_lines(case: CaseView, voice: Voice) -> list[str]:
    before: dict[str, Any] = case.details.get("before", {})
    after: dict[str, Any] = case.details.get("after", {})
    return [
        voice(key, before=_value(before.get(field)), after=_value(after.get(field)))
        for field, key in _CHANGES.items()
        if field in after
    ]


def _delete_lines(case: CaseView, voice: Voice) -> list[str]:
    return _kind(case, voice)


def _say_lines(case: CaseView, voice: Voice) -> list[str]:
    _ = voice
    text = str(case.details.get("text", ""))
    return [f"> {escape(text, _SAID)}"] if text else []


def _kind(case: CaseView, voice: Voice) -> list[str]:
    if "public" not in case.details:
        # Erased on request.
        return []
    public, voiced = ("yes" if case.details.get(field) else "no" for field in ("public", "voice"))
    return [voice("channel-kind", public=public, voice=voiced)]


def _value(value: object) -> str:
    return escape("" if value is None else str(value), _SHORT)


FACES: Final = {
    Action.CHANNEL_CREATE: Face("🆕", "channel-created", "channel-create", GREEN, lines=_create_lines),
    Action.CHANNEL_EDIT: Face("✏️", "channel-edited", "channel-edit", BLUE, lines=_edit_lines),
    Action.CHANNEL_DELETE: Face("🗑️", "channel-deleted", "channel-delete", RED, lines=_delete_lines),
    Action.CHANNEL_SAY: Face("💬", "channel-said", "channel-say", BLUE, lines=_say_lines),
}
