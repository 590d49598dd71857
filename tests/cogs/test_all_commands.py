"""What holds for every command, tried with each family's rows: who may, what is suggested, IM down, both languages."""

import re
from contextlib import suppress
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fluent.syntax import FluentParser, ast

from bot.im.errors import IMError
from bot.services.access import Level
from bot.services.erasure import Erasure, NotErasableError
from bot.services.records import Sought
from bot.services.refusals import Refusal
from bot.ui.cards import case_brief, case_card, case_option
from bot.ui.case_buttons import case_buttons
from bot.ui.cases.story import story_card
from bot.ui.texts import SUPPORTED, shipped_texts
from bot.ui.words import Voice
from tests.cogs.all_rows import FAMILIES, ROWS
from tests.cogs.conftest import ODD_NAME, World, buttons_of, said, text_of
from tests.cogs.table import Row, stock

REFUSALS = {
    Level.MODERATOR: "This is for moderators.",
    Level.ADMIN: "This is for administrators of this server.",
}
FAULT = re.compile(r"^[^\n]+\n?[^\n]*(?:\nReference `[2-9A-HJKMNP-TV-Z]{8}`)$")
LOCALES = Path(__file__).parents[2] / "bot" / "locales"
RAW = ("**odd**", "[x](", "@everyone", "<@1>", "||s||")
"""What stays of ODD_NAME if nobody has escaped it, outside of code, where it does nothing."""
CODE = re.compile(r"(?<!\\)`[^`\n]*(?<!\\)`")
SAME = {"status-title": "Circle Warden", "language-english": "English"}
"""Texts that are the same in Chinese."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
async def stocked(world: World) -> World:
    """A world with all that any row is about."""
    await stock(world)
    for row in ROWS:
        if row.before is not None:
            # Made for a world in which the rows before it were given; most of it works all the same.
            with suppress(Refusal, IMError):
                await row.before(world)
    return world


def actor(world: World, row: Row) -> Any:
    return world.admin if row.level is Level.ADMIN else world.mod


async def give(world: World, row: Row, who: Any = None) -> tuple[Any, str]:
    """Give a row's command, fill its form, press Confirm; return the first result and what is said in the end."""
    who = who or actor(world, row)
    result = await who.slash(world.room, row.command, **row.given(world))
    shown, text = result, said(result)
    if result.modal is not None:
        shown = await who.submit_modal(result, _filled(result.modal, row.modal or {}))
        text = said(shown)
    confirm = next((one for one in _buttons(shown) if one.endswith(":yes")), None)
    if confirm is not None:
        assert row.confirms, f"/{row.command} asks: {text}"
        pressed = await who.click(shown.response, custom_id=confirm)
        text = "\n".join(dict.fromkeys([text_of(shown.response), said(pressed)]))
    return result, text


def _filled(modal: dict[str, Any], given: Any) -> dict[str, Any]:
    """The form as it is sent: what stood in it, with what the row types."""
    values: dict[str, Any] = {}
    for component in modal["components"]:
        for control in [component.get("component"), *component.get("components", ())]:
            if control and control.get("value"):
                values[control["custom_id"]] = control["value"]
    return values | dict(given)


def _buttons(result: Any) -> list[str]:
    return [] if result.response is None else buttons_of(result.response)


async def test_a_guest_is_refused_every_command_privately_before_anything_is_asked_of_the_im(stocked: World):
    world = stocked
    world.im_service.count.clear()
    wrong = []
    for row in ROWS:
        result = await world.guest.slash(world.room, row.command, **row.given(world))
        if said(result) != REFUSALS[row.level] or not result.ephemeral or result.modal is not None:
            wrong.append((row.command, said(result)))
        if row.level is Level.ADMIN:
            refused = await world.mod.slash(world.room, row.command, **row.given(world))
            if said(refused) != REFUSALS[Level.ADMIN] or not refused.ephemeral or refused.modal is not None:
                wrong.append((row.command, "by a moderator", said(refused)))
    assert wrong == []
    assert not world.im_service.count


async def test_autocomplete_helps_those_who_may_and_tells_others_nothing(stocked: World):
    world = stocked
    wrong = []
    for row in ROWS:
        for option, typed in row.completes.items():
            filled = {name: value for name, value in row.given(world).items() if name != option}

            async def offered(who: Any, row: Row = row, option: str = option, typed: str = typed, filled=filled) -> Any:
                return await who.autocomplete(world.room, row.command, option, typed, **filled)

            if not await offered(actor(world, row)):
                wrong.append((row.command, option, "nothing for who may"))
            if await offered(world.guest) or (row.level is Level.ADMIN and await offered(world.mod)):
                wrong.append((row.command, option, "something for who may not"))
    assert wrong == []


async def test_an_im_that_is_down_is_said_in_one_sentence_by_every_command_that_needs_it(stocked: World):
    world = stocked
    # What was seen a moment ago is remembered, as it would be on a bot that has been running for a while.
    await world.warden.services.directory.channels(world.guild.id)
    world.im_down()
    wrong = []
    for row in ROWS:
        result, text = await give(world, row)
        fault = "Reference `" in text
        if not text or "Traceback" in text or (row.needs_im and not FAULT.match(text)) or (not row.needs_im and fault):
            wrong.append((row.command, text))
        assert result.acknowledged, row.command
    assert wrong == []


@pytest.mark.parametrize("family", FAMILIES)
async def test_every_command_does_what_its_row_says(world: World, family: str):
    await stock(world)
    wrong = []
    for row in FAMILIES[family]:
        _result, text = await _given_after(world, row)
        if row.says not in text or "Reference `" in text or not text:
            wrong.append((row.command, row.says, text))
    assert wrong == []
    await _cases_are_drawn_without_what_names_and_texts_would_do(world)
    await _cases_can_be_drawn_without_the_people_they_are_about(world)


@pytest.mark.parametrize("family", FAMILIES)
async def test_every_command_speaks_chinese(world: World, family: str):
    await stock(world)
    world.locale = "zh-CN"
    texts = shipped_texts()
    keys, sentences = texts.keys("zh-CN"), _sentences()
    wrong = []
    for row in FAMILIES[family]:
        result, text = await _given_after(world, row)
        seen = "\n".join([text, str(result.modal or ""), *_labels(result)])
        raw = [key for key in keys if re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", text)]
        english = [sentence for sentence in sentences if sentence in seen]
        if not CHINESE.search(text) or raw or english or "{ $" in text or "{$" in text or "编号 `" in text:
            wrong.append((row.command, raw, english, text))
    assert wrong == []


def test_no_text_was_left_in_english():
    """What people read in Chinese has Chinese in it, unless it is nothing but signs, abbreviations and ids to type."""
    words = re.compile(r"(?!run-|policy-)(?<![a-z])[A-Za-z]{3,}")
    written = {
        entry.id.name: _words_of(entry.value)
        for file in sorted((LOCALES / "zh-CN").glob("*.ftl"))
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body
        if isinstance(entry, ast.Message) and entry.value is not None
    }
    assert {key: text for key, text in written.items() if words.search(text) and not CHINESE.search(text)} == SAME


def _words_of(pattern: ast.Pattern) -> str:
    """What a text says without its variables; of one in several forms, all forms."""
    parts: list[str] = []
    for element in pattern.elements:
        if isinstance(element, ast.TextElement):
            parts.append(element.value)
        elif isinstance(element.expression, ast.SelectExpression):
            parts += [_words_of(variant.value) for variant in element.expression.variants]
    return "".join(parts)


async def _cases_are_drawn_without_what_names_and_texts_would_do(world: World) -> None:
    """Put a hostile text into every place of a case that holds one, one after the other, and look at the cards."""
    found = await world.warden.services.records.find(world.guild.id, Sought(), page=0, per_page=100)
    assert found.cases
    for case, locale in product(found.cases, SUPPORTED):
        voice = Voice(shipped_texts(), locale)
        variants = [
            replace(case, member_id=ODD_NAME, subjects=tuple(ODD_NAME for _one in case.subjects)),
            replace(case, place=replace(case.place, channel_name=ODD_NAME), reason=ODD_NAME),
            *(
                replace(case, details={**case.details, key: ODD_NAME})
                for key, value in case.details.items()
                if isinstance(value, str)
            ),
        ]
        for variant in variants:
            card = case_card(variant, voice)
            shown = f"{card.title}\n{card.description}\n{case_brief(variant, voice, named=True)}"
            assert not [raw for raw in RAW if raw in CODE.sub("", shown)], (case.action, shown)
            assert not [raw for raw in ("`c`", "\u202e") if raw in shown], (case.action, shown)


async def _cases_can_be_drawn_without_the_people_they_are_about(world: World) -> None:
    """Erase everybody, and look at what is left of the cases: in all places where cases are shown."""
    services = world.warden.services
    erasure = Erasure(store=world.warden.store, clock=services.clock, random=Random(1))
    gone = []
    for name in ("bob", "carl", "dora", "mia", "bob_92"):
        with suppress(NotErasableError):
            await erasure.erase(name)
            gone.append(name)
    found = await services.records.find(world.guild.id, Sought(), page=0, per_page=100)
    for locale in SUPPORTED:
        voice = Voice(shipped_texts(), locale)
        for case in found.cases:
            story = await services.records.story(world.guild.id, case.id)
            card = story_card(story, voice)
            shown = (
                f"{card.title}\n{card.description}\n{case_brief(case, voice, named=True)}\n{case_option(case, voice)}"
            )
            assert not [name for name in gone if re.search(rf"\b{name}\b", shown)], shown
            assert not (case.erased and case_buttons(case, voice)), shown


async def _given_after(world: World, row: Row) -> tuple[Any, str]:
    if row.before is not None:
        await row.before(world)
    return await give(world, row)


def _sentences() -> list[str]:
    """The English texts without any variable that have more than one word and are not the same in Chinese."""
    texts = shipped_texts()
    plain = {key: texts.get(key, "en-US") for key in texts.keys("en-US")}
    return [text for key, text in plain.items() if " " in text and "{" not in text and texts.get(key, "zh-CN") != text]


def _labels(result: Any) -> list[str]:
    if result.response is None:
        return []
    return [child.get("label") or "" for row in result.response.components for child in row.get("components", [])]
