"""Cards of the worst that staff and the IM can write stay within Discord's limits."""

from dataclasses import replace
from datetime import UTC, datetime

import discord
import pytest

from bot.services.alerts import AlertView, FailedRun, Trouble
from bot.services.mirrors import ImMessage
from bot.services.model import NOWHERE, Action, CaseView, Failure, Outcome, Place, Staff
from bot.services.preferences import Duty
from bot.services.rota import OnCall, Rota
from bot.services.saved.items import SavedItem
from bot.ui.alert_card import alert_card
from bot.ui.cards import case_card
from bot.ui.circle.mirror import mirror_card
from bot.ui.saved import item as saved_item
from bot.ui.settings.rota import rota_card
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
    anna = Staff(10**19, "anna")
    duty = Duty(
        Rota({day: Staff(10**19 + day, "x") for day in range(7)}, "America/Argentina/ComodRivadavia"), 6, NOW, 1
    )
    stuck = tuple(replace(BLOCKED, place=Place("1", "2", "*" * 50), ends_at=NOW) for _ in range(10))
    alerts = [
        AlertView(
            id=10**15,
            guild_id=1,
            trouble=trouble,
            raised_at=NOW,
            why="*" * 500,
            calls=6,
            on_call=OnCall(anna, 10**19),
            acknowledged_by=anna,
            acknowledged_at=NOW,
            healed_at=healed,
            stuck=stuck,
            stuck_count=10**6,
            run=FailedRun(10**15, "community", "*" * 100, 10**15, going=False, is_restore=healed is None),
        )
        for trouble in Trouble
        for healed in (None, NOW)
    ]
    cards: list[discord.Embed] = [
        *(alert_card(alert, voice) for alert in alerts),
        rota_card(duty, voice),
        case_card(BLOCKED, voice),
        saved_item._card("_" * 64, huge, voice),  # pyright: ignore[reportPrivateUsage]
        mirror_card(said, voice),
    ]
    for card in cards:
        assert len(card.description or "") <= 4096
        assert len(card.title or "") <= 256
        assert len(card) <= 6000
