"""The command tree: exactly the commands of the design, each with a level and both languages, within limits."""

import ast
import re
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands
from discord.app_commands import ContextMenu

from bot.bot import sync, tree_hash
from bot.services.access import Level
from bot.ui.buttons import BUTTONS
from bot.ui.levels import LEVEL, set_hints
from bot.ui.lists import ADMIN_SHEETS, SHEETS
from tests.cogs.all_rows import ROWS
from tests.cogs.conftest import World
from tests.cogs.design_table import CHOICES, COMMANDS, COMPLETED, MENUS


def leaves(world: World) -> list[app_commands.Command[Any, ..., Any]]:
    return [command for command in world.warden.bot.tree.walk_commands() if isinstance(command, app_commands.Command)]


async def payloads(world: World) -> list[dict[str, Any]]:
    tree = world.warden.bot.tree
    slash = tree.get_commands(type=discord.AppCommandType.chat_input)
    return [await command.get_translated_payload(tree, tree.translator) for command in slash]


def nodes(payload: dict[str, Any]) -> list[dict[str, Any]]:
    return [payload, *(node for option in payload.get("options", []) for node in nodes(option))]


async def test_the_commands_are_those_of_the_design_with_their_options_and_levels(world: World):
    found = {
        command.qualified_name: (
            command.extras[LEVEL],
            [f"{option.name}{'*' if option.required else ''}" for option in command.parameters],
        )
        for command in leaves(world)
    }
    designed = {name: (level, options.split()) for name, (level, options) in COMMANDS.items()}
    assert found == designed


async def test_the_choices_are_those_of_the_design(world: World):
    found = {
        (command.qualified_name, option.name): [choice.value for choice in option.choices]
        for command in leaves(world)
        for option in command.parameters
    }
    assert {place: found[place] for place in CHOICES} == CHOICES


async def test_the_context_menus_are_there_with_a_level_and_both_languages(world: World):
    menus = [command for command in world.warden.bot.tree.get_commands() if isinstance(command, ContextMenu)]
    assert {menu.name for menu in menus} == MENUS
    assert {menu.type for menu in menus} <= {discord.AppCommandType.message}
    for menu in menus:
        assert menu.extras[LEVEL] is Level.MODERATOR
        payload = await menu.get_translated_payload(world.warden.bot.tree, world.warden.bot.tree.translator)
        assert re.search(r"[\u4e00-\u9fff]", payload["name_localizations"]["zh-CN"])


def test_every_command_has_a_row():
    assert {row.command for row in ROWS} == COMMANDS.keys()
    wrong = [row.command for row in ROWS if row.level is not COMMANDS[row.command][0]]
    assert wrong == []


async def test_every_autocomplete_is_tried_by_a_row(world: World):
    tried = {(row.command, option) for row in ROWS for option in row.completes}
    there = {
        (command.qualified_name, option.name)
        for command in leaves(world)
        for option in command.parameters
        if option.autocomplete
    }
    assert there - tried == set()


def test_pages_of_lists_that_are_for_admins_are_for_admins_too():
    shown = {
        (Level.ADMIN if "admins" in decorators(command) else Level.MODERATOR, call.args[1].value)
        for file in sorted((Path(__file__).parents[2] / "cogs").glob("*.py"))
        for command in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(command, ast.AsyncFunctionDef)
        for call in ast.walk(command)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "show_list"
    }
    assert {letter for _level, letter in shown} == SHEETS.keys()
    assert {letter for level, letter in shown if level is Level.ADMIN} == ADMIN_SHEETS


def decorators(function: ast.AsyncFunctionDef) -> set[str]:
    return {decorator.id for decorator in function.decorator_list if isinstance(decorator, ast.Name)}


async def test_every_command_and_group_declares_a_level_and_is_for_servers_only(world: World):
    for command in world.warden.bot.tree.walk_commands():
        assert command.extras[LEVEL] in {Level.MODERATOR, Level.ADMIN}, command.qualified_name
        if command.parent is None:
            assert command.guild_only, command.qualified_name
            assert command.default_permissions, command.qualified_name


async def test_every_option_that_names_something_of_the_im_has_autocomplete(world: World):
    for command in leaves(world):
        for option in command.parameters:
            if option.name in COMPLETED and option.type is discord.AppCommandOptionType.string:
                assert option.autocomplete, f"{command.qualified_name} {option.name}"


async def test_every_name_and_description_is_there_in_chinese_and_keeps_discords_rules(world: World):
    for payload in await payloads(world):
        for node in nodes(payload):
            name, description = node["name_localizations"]["zh-CN"], node["description_localizations"]["zh-CN"]
            assert re.search(r"[\u4e00-\u9fff]", name), node["name"]
            assert re.search(r"[\u4e00-\u9fff]", description), node["name"]
            for text in (node["name"], name):
                assert re.fullmatch(r"[-_\w]{1,32}", text)
                assert text == text.lower()
            for text in (node["description"], description):
                assert 1 <= len(text) <= 100
            for choice in node.get("choices", []):
                assert re.search(r"[\u4e00-\u9fff]", choice["name_localizations"]["zh-CN"])


async def test_siblings_have_different_names_in_every_language(world: World):
    for siblings in [
        await payloads(world),
        *(node.get("options", []) for p in await payloads(world) for node in nodes(p)),
    ]:
        chinese = [node["name_localizations"]["zh-CN"] for node in siblings]
        assert len(chinese) == len(set(chinese))


async def test_command_payloads_are_within_8000_characters(world: World):
    for payload in await payloads(world):
        texts = [node["name"] + node["description"] for node in nodes(payload)]
        assert len("".join(texts)) <= 8000


async def test_the_hash_is_stable_over_restarts_and_changes_with_any_text(world: World):
    tree = world.warden.bot.tree
    before = await tree_hash(tree)
    await world.restart()
    again = world.warden.bot.tree
    assert await tree_hash(again) == before
    assert await tree_hash(again, [1]) != before
    again.get_command("status").description = "other"
    assert await tree_hash(again) != before


async def test_the_hash_does_not_change_by_registering_in_a_guild(world: World):
    tree = world.warden.bot.tree
    before = await tree_hash(tree, [world.guild.id])
    assert await sync(tree, [world.guild.id]) == len(tree.get_commands())
    assert await tree_hash(tree, [world.guild.id]) == before


async def test_hints_follow_the_configuration_or_show_everything(world: World):
    tree = world.warden.bot.tree
    set_hints(tree, {Level.MODERATOR: "kick_members", Level.ADMIN: None})
    assert tree.get_command("mute").default_permissions == discord.Permissions(kick_members=True)
    assert tree.get_command("settings").default_permissions is None


async def test_the_bot_asks_for_no_privilege_and_mentions_nobody(world: World):
    bot = world.warden.bot
    assert bot.intents == discord.Intents(guilds=True)
    assert bot.allowed_mentions.to_dict() == {"parse": []}


async def test_ready_may_come_again(world: World):
    bot = world.warden.bot
    before = len(bot.cogs), len(bot.tree.get_commands())
    bot.dispatch("ready")
    await world.env.settle()
    assert (len(bot.cogs), len(bot.tree.get_commands())) == before


@pytest.mark.parametrize("button", BUTTONS)
def test_no_two_buttons_answer_to_one_id(button: type[discord.ui.DynamicItem[Any]]):
    samples = ["cw:undo:1", "cw:extend:1", "cw:extend-by:1", "cw:ask:0123abcd:yes", "cw:p:m:1:x", "cw:alert-retry:1"]
    samples += ["cw:alert-ack:1", "cw:mute-author:1"]
    samples.append("cw:mend:0123abcd")
    samples += ["cw:saved:bob", "cw:saved-edit:bob:~0123abcd", "cw:saved-delete:bob:~0123abcd"]
    samples += ["cw:channel-form:general", "cw:channel-again:0123abcd", "cw:names:0123abcd"]
    samples += ["cw:run-cancel:1", "cw:run-restore:1"]
    samples += ["cw:alert-snooze:1", "cw:set", "cw:set-channel:log", "cw:set-role", "cw:set-language"]
    samples += ["cw:set-none:log", "cw:set-back", "cw:rota", "cw:rota-days", "cw:rota-who:04", "cw:rota-free:04"]
    samples += ["cw:rota-clear", "cw:rota-handover"]
    samples += ["cw:feed-mute:10m:1", "cw:feed-mute-ask:1", "cw:feed-thread:1", "cw:feed-save:1", "cw:feed-history:1"]
    samples += ["cw:feed-act", "cw:which:mute", "cw:feed-talker", "cw:ft:10m:1:bob"]
    assert sum(button.__discord_ui_compiled_template__.fullmatch(sample) is not None for sample in samples) == 1
