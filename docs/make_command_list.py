"""Write the list of all commands, `docs/commands.md`: `python -m docs.make_command_list`, from the repository's root.

It is made from the commands themselves, so that it says what is registered; a test keeps it up to date.
"""

# ruff: noqa: INP001

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from discord import app_commands

from bot.services.access import Level
from bot.ui.levels import level_needed
from bot.ui.texts import shipped_texts
from bot.ui.words import chinese_name
from cogs.catalogue import COGS
from cogs.menus import Menus

Command = app_commands.Command[Any, ..., Any]

LIST = Path(__file__).parent / "commands.md"
_HEAD = """\
# Commands

`*`: required. **M**: moderators, **A**: admins, as the server (`/settings roles`), Discord's permissions or the
configuration name them. Discord shows names and descriptions in the user's language; answers come in it as well.
Options that name something in the IM suggest while you type; ids and exact names can be typed too.

| command | options | | what it does | 中文 |
|---|---|---|---|---|
"""
_MENUS = """
## On a message that shows one of the IM

A long press (or right click) on it, then *Apps*.

| menu | | 中文 |
|---|---|---|
"""
_FOOT = """
Made by `python -m docs.make_command_list` from the program itself.
"""
_LETTERS = {Level.MODERATOR: "M", Level.ADMIN: "A"}


def leaves() -> Iterator[Command]:
    """Return all commands that can be given, groups taken apart, by name."""
    found: list[Command] = []
    for cog in COGS:
        for command in cog.__cog_app_commands__:
            inner = command.walk_commands() if isinstance(command, app_commands.Group) else [command]
            found += [leaf for leaf in inner if not isinstance(leaf, app_commands.Group)]
    yield from sorted(found, key=lambda command: command.qualified_name)


def command_list() -> str:
    """Return the whole text."""
    menus = Menus(cast("Any", None)).menus
    lines = [_line(command) for command in leaves()]
    pressed = [f"| {menu.name} | {_LETTERS[level_needed(menu)]} | {_chinese(menu, 'name')} |\n" for menu in menus]
    return "".join([_HEAD, *lines, _MENUS, *pressed, _FOOT])


def _line(command: Command) -> str:
    options = " ".join(f"`{option.name}`{'*' if option.required else ''}" for option in command.parameters)
    name = " ".join(chinese_name(word) for word in command.qualified_name.split())
    chinese = f"**{name}** {_chinese(command, 'description')}"
    level = _LETTERS[level_needed(command)]
    return f"| `/{command.qualified_name}` | {options} | {level} | {command.description} | {chinese} |\n"


def _chinese(thing: object, part: str) -> str:
    # discord.py keeps the key of a text nowhere else.
    text: app_commands.locale_str = getattr(thing, f"_locale_{part}")
    return shipped_texts().get(text.extras["key"], "zh-CN")


if __name__ == "__main__":
    LIST.write_text(command_list(), encoding="utf-8")
