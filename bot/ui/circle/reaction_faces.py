"""How cases about reactions are told."""

from typing import Final

from bot.services.model import Action, CaseView
from bot.ui.face import AMBER, GREEN, Face
from bot.ui.safe import escape
from bot.ui.words import Voice


def _emoji(case: CaseView) -> dict[str, str | int]:
    return {"emoji": str(case.details.get("emoji", ""))}


def _message(case: CaseView, voice: Voice) -> list[str]:
    """Say where the message is and how it begins, as far as is known: of most messages that is nothing."""
    channel = case.place.channel_name
    lines = [voice("reaction-line-channel", channel=escape(channel, 60))] if channel else []
    said = case.details.get("said")
    return [*lines, f"> {escape(said, 120)}"] if said else lines


FACES: Final = {
    Action.REACTION_ADD: Face("➕", "reaction-added", "reaction-add", GREEN, _emoji, _message),
    Action.REACTION_REMOVE: Face("➖", "reaction-removed", "reaction-remove", AMBER, _emoji, _message),
}
