"""Write the list of all commands, `docs/commands.md`: `python -m docs.make_command_list`, from the repository's root.

It is made from the commands themselves, so that it says what is registered; a test keeps it up to date.
"""

# ruff: noqa: INP001

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from discord import app_commands

from bot.services.access import Level
from bot.ui.levels import level_needed
from bot.ui.texts import shipped_texts
from bot.ui.words import CommandWords
from cogs.catalogue import COGS
from cogs.menus import MENUS

LIST = Path(__file__).parent / "commands.md"
_HEAD = """\
# Commands

Made from the program by `python -m docs.make_command_list`. `*`: required. **M**: moderators, **A**: admins, as the
server or the configuration names them. Discord shows names and descriptions in the user's language; every answer comes
in it as well. 以下列出全部命令，附中文名称与说明。
"""
_TABLE_HEAD = "| command | options | | what it does | 中文 |\n|---|---|---|---|---|\n"
_LETTERS = {Level.MODERATOR: "M", Level.ADMIN: "A"}


def leaves() -> Iterator[app_commands.Command[Any, ..., Any]]:
    """Return all commands that can be given, groups taken apart, by name."""
    found: list[app_commands.Command[Any, ..., Any]] = []
    for cog in COGS:
        for command in cog.__cog_app_commands__:
            found += command.walk_commands() if isinstance(command, app_commands.Group) else [command]
    yield from sorted(
        (command for command in found if not isinstance(command, app_commands.Group)),
        key=lambda command: command.qualified_name,
    )


def command_list() -> str:
    """Return the whole text."""
    words = CommandWords(shipped_texts())
    parts = [_HEAD, "\n", _TABLE_HEAD]
    parts += [_line(command, words) for command in leaves()]
    parts += ["\n## On a message that mirrors one of the IM\n\n", "| menu | | 中文 |\n|---|---|---|\n"]
    for menu in MENUS:
        parts.append(f"| {menu.name.message} | {_LETTERS[menu.level]} | {words.chinese(menu.name)} |\n")
    return "".join(parts)


def _line(command: app_commands.Command[Any, ..., Any], words: CommandWords) -> str:
    options = " ".join(f"`{option.name}`{'*' if option.required else ''}" for option in command.parameters)
    name = f"`/{command.qualified_name}`"
    told = command._locale_description  # noqa: SLF001 - discord.py keeps the key nowhere else
    chinese = f"{words.chinese_name(command.qualified_name)}：{words.chinese(told)}"
    return f"| {name} | {options} | {_LETTERS[level_needed(command)]} | {command.description} | {chinese} |\n"


if __name__ == "__main__":
    LIST.write_text(command_list(), encoding="utf-8")
