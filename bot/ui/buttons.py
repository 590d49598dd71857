"""All buttons and selects that live on messages; the bot must know them to answer presses after a restart."""

from typing import Any, Final

import discord

from bot.ui.alert_buttons import AcknowledgeButton, RetryButton, SnoozeSelect
from bot.ui.case_buttons import ExtendButton, ExtendSelect, UndoButton
from bot.ui.circle.channel_form import AgainButton, OpenFormButton
from bot.ui.circle.feed_actions import HistoryButton, MuteAskButton, MuteNowButton, SaveButton, ThreadButton
from bot.ui.circle.feed_choices import ActSelect, MuteTalkerButton, TalkerSelect, WhichSelect
from bot.ui.circle.mute_author import MuteAuthorSelect
from bot.ui.circle.purge_question import NamesButton
from bot.ui.cleanup.flow import RunCancelButton, RunRestoreButton
from bot.ui.confirm import QuestionButton
from bot.ui.pager import PageButton
from bot.ui.saved.forms import MendButton
from bot.ui.saved.item import DeleteButton, EditButton, ItemSelect
from bot.ui.settings.change import BackButton, ChangeSelect, ChannelPick, LanguagePick, NoneButton, RolePick
from bot.ui.settings.rota import ClearButton, DaysSelect, FreeButton, HandoverButton, RotaButton, WhoPick

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
    SnoozeSelect,
    ChangeSelect,
    ChannelPick,
    RolePick,
    LanguagePick,
    NoneButton,
    BackButton,
    RotaButton,
    DaysSelect,
    WhoPick,
    FreeButton,
    ClearButton,
    HandoverButton,
    MuteAuthorSelect,
    MuteNowButton,
    MuteAskButton,
    ThreadButton,
    SaveButton,
    HistoryButton,
    ActSelect,
    WhichSelect,
    TalkerSelect,
    MuteTalkerButton,
    RunCancelButton,
    RunRestoreButton,
    OpenFormButton,
    AgainButton,
    NamesButton,
)
