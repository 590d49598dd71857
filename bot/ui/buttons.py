"""All buttons and selects that live on messages; the bot must know them to answer presses after a restart."""

from typing import Any, Final

import discord

from bot.ui.alert_card import AcknowledgeButton, RetryButton
from bot.ui.case_buttons import ExtendButton, ExtendSelect, UndoButton
from bot.ui.confirm import QuestionButton
from bot.ui.pager import PageButton

BUTTONS: Final[tuple[type[discord.ui.DynamicItem[Any]], ...]] = (
    UndoButton,
    ExtendButton,
    ExtendSelect,
    QuestionButton,
    PageButton,
    RetryButton,
    AcknowledgeButton,
)
