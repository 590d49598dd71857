"""The options that say what a cleanup deletes, which /collection cleanup and /policy add share."""

from collections.abc import Callable
from typing import Any, TypeVar

from discord import app_commands

from bot.ui import complete
from bot.ui.cleanup import complete as cleanup_complete
from bot.ui.words import say

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def takes_rule(command: CommandT) -> CommandT:
    """Describe these options of a command, whose signature names them, and suggest what to write there."""
    described = app_commands.describe(
        older_than=say("option-older-than"),
        owner=say("option-cleanup-owner"),
        channel=say("option-cleanup-channel"),
        community=say("option-cleanup-community"),
        type=say("option-cleanup-type"),
        keep=say("option-keep"),
    )(command)
    return app_commands.autocomplete(
        older_than=cleanup_complete.ages,
        owner=complete.people,
        channel=complete.channels,
        community=complete.communities,
    )(described)
