"""All buttons and selects that live on messages; the bot must know them to answer presses after a restart."""

from typing import Any, Final

import discord

from bot.ui.alert_card import AcknowledgeButton, RetryButton
from bot.ui.case_buttons import ExtendButton, ExtendSelect, UndoButton
from bot.ui.circle.channel_form import AgainButton, OpenFormButton
from bot.ui.circle.mute_author import MuteAuthorSelect
from bot.ui.circle.purge_question import NamesButton
from bot.ui.cleanup.flow import RunCancelButton
from bot.ui.confirm import QuestionButton
from bot.ui.pager import PageButton
from bot.ui.saved.forms import MendButton
from bot.ui.saved.item import DeleteButton, EditButton, ItemSelect

BUTTONS: Final[tuple[type[discord.ui.DynamicItem[Any]], ...]] = (
    UndoButton,
    ExtendButton,
    ExtendSelect,
    QuestionButton,
    PageButton,
    MendButton,
    ItemSelect,
    EditButton,
    DeleteButton,
    RetryButton,
    AcknowledgeButton,
    MuteAuthorSelect,
    RunCancelButton,
    OpenFormButton,
    AgainButton,
    NamesButton,
)
