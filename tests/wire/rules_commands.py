"""Discord's limits on the registration of application commands."""

import unicodedata
from collections.abc import Iterator
from typing import Any

from tests.wire.commands import ATTACHMENT, CHAT, GROUP, INTEGER, NUMBER, ON_MESSAGE, ON_USER, STRING, SUBCOMMAND
from tests.wire.problems import Path, Problem, listed, misspelt, number, objects, repeated, text

Json = dict[str, Any]
_MOST = {CHAT: 100, ON_USER: 15, ON_MESSAGE: 15}
_MOST_CHARACTERS = 8000
_LOCALIZED = frozenset({"name", "name_localizations", "description", "description_localizations"})
# `nsfw` is sent by discord.py always and does no harm; `id` and others come back from what GET has given.
_COMMAND = _LOCALIZED | {
    "type",
    "options",
    "default_member_permissions",
    "dm_permission",
    "default_permission",
    "nsfw",
    "contexts",
    "integration_types",
    "handler",
    "id",
}
_OPTION = _LOCALIZED | {
    "type",
    "required",
    "choices",
    "options",
    "channel_types",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "autocomplete",
}
_LOCALES = frozenset(
    {
        "id",
        "da",
        "de",
        "en-GB",
        "en-US",
        "es-ES",
        "es-419",
        "fr",
        "hr",
        "it",
        "lt",
        "hu",
        "nl",
        "no",
        "pl",
        "pt-BR",
        "ro",
        "fi",
        "sv-SE",
        "vi",
        "tr",
        "cs",
        "el",
        "bg",
        "ru",
        "uk",
        "hi",
        "th",
        "zh-CN",
        "ja",
        "zh-TW",
        "ko",
        "he",
        "ar",
    }
)


def all_commands(body: Any) -> Iterator[Problem]:
    """A bulk registration: every command, how many, no name twice."""
    yield from listed((), body, 0, 130)
    commands = [*objects((), body)]
    for kind, most in _MOST.items():
        same = [(path, one) for path, one in commands if one.get("type", CHAT) == kind]
        if len(same) > most:
            yield Problem((), "APPLICATION_COMMANDS_TOO_MANY", f"At most {most} commands of type {kind}")
        names = ((path, one.get("name")) for path, one in same)
        yield from repeated(names, "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
    for path, command in commands:
        yield from one_command(path, command)


def one_command(path: Path, command: Any) -> Iterator[Problem]:
    """One command with all that is in it."""
    if not isinstance(command, dict):
        yield Problem(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return
    yield from misspelt(path, command, _COMMAND)
    kind = command.get("type", CHAT)
    if kind == CHAT:
        yield from _named(path, command)
        yield from _options(path, command.get("options"), depth=0)
        if characters(command) > _MOST_CHARACTERS:
            message = f"Command exceeds maximum size ({_MOST_CHARACTERS})"
            yield Problem(path, "APPLICATION_COMMAND_TOO_LARGE", message)
        return
    yield from text((*path, "name"), command.get("name"), 1, 32)
    for locale, name in (command.get("name_localizations") or {}).items():
        yield from _locale((*path, "name_localizations", locale), locale)
        yield from text((*path, "name_localizations", locale), name, 1, 32)
    for name in ("description", "options"):
        if command.get(name):
            yield Problem((*path, name), "APPLICATION_COMMAND_CONTEXT_MENU_FIELD", f"A context menu has no {name}")


def characters(node: Json) -> int:
    """What counts against 8000: names, descriptions, choice values, each with its longest translation."""
    total = 0
    for name in ("name", "description"):
        shown = [node.get(name) or "", *(node.get(f"{name}_localizations") or {}).values()]
        total += max(len(str(one)) for one in shown)
    for choice in node.get("choices") or ():
        shown = [choice.get("name") or "", *(choice.get("name_localizations") or {}).values()]
        total += max(len(str(one)) for one in shown) + len(str(choice.get("value", "")))
    return total + sum(characters(one) for _, one in objects((), node.get("options")))


def _named(path: Path, node: Json) -> Iterator[Problem]:
    """The name and description of a slash command or option, and their translations."""
    yield from _slash_name((*path, "name"), node.get("name"))
    yield from text((*path, "description"), node.get("description"), 1, 100)
    for locale, name in (node.get("name_localizations") or {}).items():
        yield from _locale((*path, "name_localizations", locale), locale)
        yield from _slash_name((*path, "name_localizations", locale), name)
    for locale, shown in (node.get("description_localizations") or {}).items():
        yield from _locale((*path, "description_localizations", locale), locale)
        yield from text((*path, "description_localizations", locale), shown, 1, 100)


def _slash_name(path: Path, name: Any) -> Iterator[Problem]:
    yield from text(path, name, 1, 32)
    if isinstance(name, str) and name and (name != name.lower() or not all(map(_name_character, name))):
        yield Problem(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _name_character(character: str) -> bool:
    # Letters, numbers, - _ ' and the vowel signs of Devanagari and Thai.
    return character in "-_'" or unicodedata.category(character)[0] in "LNM"


def _locale(path: Path, locale: str) -> Iterator[Problem]:
    if locale not in _LOCALES:
        yield Problem(path, "ENUM_TYPE_COERCE", f'Value "{locale}" is no locale of Discord.')


def _options(path: Path, options: Any, *, depth: int) -> Iterator[Problem]:
    where = (*path, "options")
    yield from listed(where, options, 0, 25)
    given = [*objects(where, options)]
    names = ((spot, one.get("name")) for spot, one in given)
    yield from repeated(names, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
    nested = [one.get("type") in {SUBCOMMAND, GROUP} for _, one in given]
    if any(nested) and not all(nested):
        yield Problem(where, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-commands and options are exclusive")
    optional_before = False
    for spot, option in given:
        yield from misspelt(spot, option, _OPTION)
        yield from _named(spot, option)
        yield from number((*spot, "type"), option.get("type"), SUBCOMMAND, ATTACHMENT, needed=True)
        if option.get("required") and optional_before:
            message = "Required options must be placed before non-required options"
            yield Problem(spot, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional_before = optional_before or not option.get("required")
        if option.get("type") in {SUBCOMMAND, GROUP}:
            yield from _nested(spot, option, depth)
        else:
            yield from _plain(spot, option)


def _nested(path: Path, option: Json, depth: int) -> Iterator[Problem]:
    # A group stands directly in a command; a subcommand in a command or a group.
    if depth > (0 if option["type"] == GROUP else 1):
        yield Problem((*path, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Nested too deep")
        return
    inside = [one.get("type") for _, one in objects((), option.get("options"))]
    if option["type"] == GROUP and any(kind != SUBCOMMAND for kind in inside):
        yield Problem(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "A group holds sub-commands only")
    if option["type"] == SUBCOMMAND and any(kind in {SUBCOMMAND, GROUP} for kind in inside):
        yield Problem(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "A sub-command holds options only")
    yield from _options(path, option.get("options"), depth=depth + 1)


def _plain(path: Path, option: Json) -> Iterator[Problem]:
    kind, choices = option.get("type"), option.get("choices")
    if option.get("autocomplete") and (choices or kind not in {STRING, INTEGER, NUMBER}):
        message = "Autocomplete needs a text or number option without choices"
        yield Problem((*path, "autocomplete"), "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID", message)
    yield from listed((*path, "choices"), choices, 0, 25)
    for spot, choice in objects((*path, "choices"), choices):
        yield from misspelt(spot, choice, frozenset({"name", "name_localizations", "value"}))
        yield from text((*spot, "name"), choice.get("name"), 1, 100)
        for locale, name in (choice.get("name_localizations") or {}).items():
            yield from _locale((*spot, "name_localizations", locale), locale)
            yield from text((*spot, "name_localizations", locale), name, 1, 100)
        if kind == STRING:
            yield from text((*spot, "value"), choice.get("value"), 1, 100)
        else:
            yield from number((*spot, "value"), choice.get("value"), -(2**53), 2**53, needed=True)
    named = ((spot, choice.get("name")) for spot, choice in objects((*path, "choices"), choices))
    yield from repeated(named, "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_EXISTS", "Choice name already exists")
    yield from number((*path, "min_length"), option.get("min_length"), 0, 6000)
    yield from number((*path, "max_length"), option.get("max_length"), 1, 6000)
    for low, high in (("min_length", "max_length"), ("min_value", "max_value")):
        if option.get(low) is not None and option.get(high) is not None and option[low] > option[high]:
            yield Problem((*path, low), "NUMBER_TYPE_MAX", f"{low} is larger than {high}")
