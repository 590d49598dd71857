"""Cards of the worst that staff and the IM can write stay within Discord's limits."""

from datetime import UTC, datetime

import discord
import pytest

from bot.services.mirrors import ImMessage
from bot.services.model import NOWHERE, Action, CaseView, Failure, Outcome, Place, Staff
from bot.services.saved.items import SavedItem
from bot.ui.cards import case_card
from bot.ui.circle.mirror import mirror_card
from bot.ui.saved import item as saved_item
from bot.ui.texts import Locale, shipped_texts
from bot.ui.words import Voice

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = tuple(f"{'_' * 62}{number:02}" for number in range(50))
BLOCKED = CaseView(
    id=10**15,
    at=NOW,
    guild_id=1,
    staff=Staff(10**19, "anna"),
    action=Action.BLOCK_ADD,
    place=NOWHERE,
    member_id="_" * 64,
    duration_ms=None,
    reason="*" * 400,
    outcome=Outcome.FAILED,
    failure=Failure.REFUSED,
    failure_detail="*" * 500,
    details={
        "names": NAMES[:10],
        "done": NAMES[:10],
        "already": NAMES[10:20],
        "failed": dict(zip(NAMES[20:], ["unknown", "owner", "refused", "unreachable"] * 8, strict=False)),
    },
    subjects=NAMES,
)


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_cards_fit(locale: Locale) -> None:
    voice = Voice(shipped_texts(), locale)
    huge = SavedItem("i" * 512, 2**31 - 1, "*" * 9_000, "*" * 9_000, 1, NOW)
    said = ImMessage(Place("1", "2", "*" * 50), "1" * 30, "_" * 64, "\n".join(["*" * 150] * 21), NOW)
    cards: list[discord.Embed] = [
        case_card(BLOCKED, voice),
        saved_item._card("_" * 64, huge, voice),  # pyright: ignore[reportPrivateUsage]
        mirror_card(said, voice),
    ]
    for card in cards:
        assert len(card.description or "") <= 4096
        assert len(card.title or "") <= 256
        assert len(card) <= 6000
