"""The looks of all deeds, by action."""

from typing import Final

from bot.services.model import Action, CaseView
from bot.ui import setting_faces
from bot.ui.circle import channel_faces, member_faces, reaction_faces, thread_faces
from bot.ui.cleanup import faces as cleanup_faces
from bot.ui.face import Face
from bot.ui.people import faces as people_faces
from bot.ui.safe import escape, plain
from bot.ui.saved import faces as saved_faces
from bot.ui.words import Voice

FACES: Final[dict[Action, Face]] = {
    **member_faces.FACES,
    **people_faces.FACES,
    **setting_faces.FACES,
    **channel_faces.FACES,
    **thread_faces.FACES,
    **reaction_faces.FACES,
    **saved_faces.FACES,
    **cleanup_faces.FACES,
}


def face_of(action: Action) -> Face:
    """Return the looks of a deed."""
    return FACES[action]


def done_title(case: CaseView, voice: Voice) -> str:
    """Say what was done, for the title of a card."""
    face = face_of(case.action)
    return f"{face.emoji} {voice(face.done, **_escaped(case, 40))}"


def deed_phrase(case: CaseView, voice: Voice) -> str:
    """Say in the imperative what a case is about, where Discord reads markdown."""
    return voice(face_of(case.action).deed, **_escaped(case, 40))


def deed_plain(case: CaseView, voice: Voice) -> str:
    """Say in the imperative what a case is about, where Discord reads no markdown."""
    return voice(face_of(case.action).deed, **{name: _plain(value) for name, value in _values(case).items()})


def _values(case: CaseView) -> dict[str, str | int]:
    base: dict[str, str | int] = {"member": case.member_id, "channel": case.place.channel_name}
    return base | face_of(case.action).values(case)


def _escaped(case: CaseView, limit: int) -> dict[str, str | int]:
    return {name: escape(value, limit) if isinstance(value, str) else value for name, value in _values(case).items()}


def _plain(value: str | int) -> str | int:
    return plain(value, 30) if isinstance(value, str) else value
