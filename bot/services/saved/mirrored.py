"""A mirrored message of the IM as an item to be saved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bot.services.mirrors import TEXT
from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from bot.services.mirrors import Mirror

_TEXT_TYPE: Final = 0


def item_of(mirror: Mirror) -> tuple[str, int, str]:
    """Return data, type and ext: the text, and as JSON where it comes from; raises Refusal if there is no text."""
    if mirror.kind != TEXT or not mirror.text.strip():
        raise Refusal("refusal-save-no-text")
    origin = {
        "message_id": mirror.im_message_id,
        "channel_id": mirror.place.channel_id,
        "channel": mirror.place.channel_name,
        "author": mirror.author_id,
    }
    return mirror.text, _TEXT_TYPE, json.dumps(origin, ensure_ascii=False)
