"""How cases about a channel's members are told."""

from typing import Final

from bot.services.model import Action
from bot.ui.face import AMBER, GREEN, Face

FACES: Final = {
    Action.MEMBER_ADD: Face("➕", "member-added", "member-add", GREEN),
    Action.MEMBER_REMOVE: Face("➖", "member-removed", "member-remove", AMBER),
}
