"""From keys to sentences: the voice of one answer, and the words of the command list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import discord
from discord import app_commands

from bot.services.durations import DAY, HOUR, MINUTE, SECOND, split_duration
from bot.services.model import Staff
from bot.ui.texts import Texts, pick, shipped_texts

_UNITS: Final = {
    "w": "duration-weeks",
    "d": "duration-days",
    "h": "duration-hours",
    "m": "duration-minutes",
    "s": "duration-seconds",
}

# A command, group or option name is one English word; each has one translation, wherever it is used.
_NAMES: Final = {
    "action": "name-action",
    "add": "name-add",
    "admin": "name-admin",
    "block": "name-block",
    "cancel": "name-cancel",
    "case": "name-case",
    "category": "name-category",
    "channel": "name-channel",
    "cleanup": "name-cleanup",
    "collection": "name-collection",
    "collections": "name-collections",
    "community": "name-community",
    "create": "name-create",
    "created": "name-created",
    "data": "name-data",
    "delete": "name-delete",
    "description": "name-description",
    "duration": "name-duration",
    "edit": "name-edit",
    "emoji": "name-emoji",
    "export": "name-export",
    "ext": "name-ext",
    "file": "name-file",
    "format": "name-format",
    "friend": "name-friend",
    "history": "name-history",
    "import": "name-import",
    "job": "name-job",
    "joined": "name-joined",
    "keep": "name-keep",
    "language": "name-language",
    "level": "name-level",
    "list": "name-list",
    "log": "name-log",
    "max_users": "name-max-users",
    "member": "name-member",
    "members": "name-members",
    "message_id": "name-message-id",
    "mode": "name-mode",
    "mute": "name-mute",
    "muted": "name-muted",
    "name": "name-name",
    "older_than": "name-older-than",
    "oncall": "name-oncall",
    "owner": "name-owner",
    "pause": "name-pause",
    "policy": "name-policy",
    "purge": "name-purge",
    "reaction": "name-reaction",
    "reason": "name-reason",
    "remark": "name-remark",
    "remove": "name-remove",
    "rename": "name-rename",
    "restore": "name-restore",
    "role": "name-role",
    "roles": "name-roles",
    "run": "name-run",
    "say": "name-say",
    "schedule": "name-schedule",
    "scope": "name-scope",
    "settings": "name-settings",
    "show": "name-show",
    "since": "name-since",
    "staff": "name-staff",
    "status": "name-status",
    "text": "name-text",
    "thread": "name-thread",
    "timezone": "name-timezone",
    "type": "name-type",
    "undo": "name-undo",
    "unmute": "name-unmute",
    "until": "name-until",
    "visibility": "name-visibility",
}
_NAME_PLACES: Final = frozenset(
    {
        app_commands.TranslationContextLocation.command_name,
        app_commands.TranslationContextLocation.group_name,
        app_commands.TranslationContextLocation.parameter_name,
    }
)


@dataclass(frozen=True, slots=True)
class Voice:
    """The texts in one language: what an answer, a card or a post speaks."""

    texts: Texts
    locale: str

    def __call__(self, key: str, /, **values: str | float) -> str:
        """Return the text `key`; values are data and must be safe for the place already (`bot.ui.safe`)."""
        return self.texts.get(key, self.locale, **values)

    def duration(self, milliseconds: int | None) -> str:
        """Say a duration, such as `1 hour 30 minutes`; None: permanent."""
        if milliseconds is None:
            return self("duration-permanent")
        parts = [self(_UNITS[unit], count=count) for count, unit in split_duration(_rounded(milliseconds))]
        return " ".join(parts) if self.locale == "en-US" else "".join(parts)


def _rounded(milliseconds: int) -> int:
    """Round what was left of another duration; one that was typed has whole seconds and stays."""
    if milliseconds % SECOND == 0:
        return milliseconds
    step = SECOND if milliseconds < MINUTE else MINUTE if milliseconds < DAY else HOUR
    return (milliseconds + step // 2) // step * step


def stamp(moment: datetime, style: str = "f") -> str:
    """Return a Discord timestamp, which everybody sees in their own time zone; styles as in Discord: f, R, t."""
    return f"<t:{int(moment.timestamp())}:{style}>"


def when(moment: datetime) -> str:
    """Return the exact moment and how far away it is."""
    return f"{stamp(moment)} ({stamp(moment, 'R')})"


def mention(staff: Staff) -> str:
    """Return how somebody of the staff is named in a card: a tap opens the profile, and nobody is pinged by it."""
    return f"<@{staff.id}>"


def say(key: str) -> app_commands.locale_str:
    """Return a description or choice of a command: English from the shipped texts, translated by `CommandWords`."""
    return app_commands.locale_str(shipped_texts().get(key), key=key)


def chinese_name(word: str) -> str:
    """Return how Discord shows a command's or option's name to somebody who has set Discord to Chinese."""
    return shipped_texts().get(_NAMES[word], "zh-CN")


class CommandWords(app_commands.Translator):
    """Gives Discord our commands in every language that we have besides English."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return the translation of a name (by its English word) or of a description (by its key), None if none."""
        ours = pick(locale.value)
        if ours == "en-US":
            return None
        key = string.extras.get("key") or (_NAMES.get(string.message) if context.location in _NAME_PLACES else None)
        return self._texts.get(key, ours) if isinstance(key, str) else None
