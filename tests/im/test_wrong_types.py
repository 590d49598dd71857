"""Answers with any JSON in any place: they are read, or they are a BadResponse, and never anything else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from bot.im import BadResponse, IMClient, IMError, InvalidArgument, Page
from bot.im.answers import Answer, Raw, understand
from bot.im.models import Model
from tests.effort import tries
from tests.im.hostile import gives_nothing_away
from tests.im.operations import carried_out, operations
from tests.im.scripted import AUTH, client

WILD = [
    None, True, False, 0, 1, -1, 7, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**4000, 0.0, -0.0, 0.5, 1e16, 1e308,
    float("inf"), float("-inf"), float("nan"), "", " ", "0", "1", "-1", "1.0", "true", "x" * 10_000, "\0", "\x1b[31m",
    "\ud800", "\U0001f600", "٣", "9" * 5000, "NaN", "2023-02-08T08:40:50Z", [], [None], [[]], ["x"], [1, "1"], {},
    {"": None}, {"id": 1}, {"channel_id": "1"}, [{"channel_id": "1", "user_id": "u"}], [{}],
]  # fmt: skip


def models(base: type[Model] = Model) -> Iterator[type[Model]]:
    for model in base.__subclasses__():
        if model.__module__.startswith("bot."):
            yield model
            yield from models(model)


MODELS = list(models())


def spellings(name: str, info: FieldInfo) -> list[str]:
    alias = info.validation_alias
    if isinstance(alias, AliasChoices):
        return [str(choice) for choice in alias.choices]
    return [name if alias is None else str(alias)]


def plain(model: type[Model]) -> dict[str, Any]:
    """Make the shortest right row."""
    return {
        spellings(name, row)[0]: some(row.annotation) for name, row in model.model_fields.items() if row.is_required()
    }


def some(annotation: Any) -> Any:
    origin = get_origin(annotation)
    if origin in {list, tuple, set, frozenset}:
        return []
    if origin is dict:
        return {}
    if origin is not None:
        return some(next(part for part in get_args(annotation) if part is not NoneType))
    if issubclass(annotation, Model):
        return plain(annotation)
    return next(iter(annotation)).value if issubclass(annotation, Enum) else annotation("1")


def touch(value: object) -> None:
    """Look at all there is to see of what a call returned; texts can be sent on."""
    repr(value)
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, Model):
        with suppress(TypeError):  # what holds a list has no hash
            hash(value)
        assert value == value.model_copy() or "nan" in repr(value)
        for name in type(value).model_fields:
            touch(getattr(value, name))
        for owner in type(value).__mro__[: type(value).__mro__.index(Model)]:
            for name in (name for name, member in vars(owner).items() if isinstance(member, property)):
                touch(getattr(value, name))
    elif isinstance(value, Page):
        touch(value.items)
        touch(value.cursor)
    elif isinstance(value, dict):
        touch([*value.keys(), *value.values()])
    elif isinstance(value, (list, tuple)):
        for item in value:
            touch(item)


def looked_at(error: IMError) -> None:
    """An error of ours, short, and with nothing in it that is not for everybody's eyes."""
    assert not isinstance(error, InvalidArgument), "an argument of ours was taken from an answer"
    assert isinstance(error, BadResponse) or error.status is not None
    assert error.sent or error.status is not None
    assert len(str(error)) < 2000
    gives_nothing_away(error)


def read(model: type[Model], row: object) -> None:
    """Read a row as it comes over the wire."""
    answer = understand(Raw(200, json.dumps({"row": row}).encode(), None, None), "GET /x", "id")
    if isinstance(answer, IMError):
        looked_at(answer)
        return
    try:
        found = answer.model(answer.data["row"], model)
    except BadResponse as error:
        looked_at(error)
    else:
        touch(found)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_each_field_of_each_model_takes_any_json_or_refuses_it(model):
    right = plain(model)
    touch(Answer({}, None, "", "").model(right, model))
    for name, info in model.model_fields.items():
        for spelling in spellings(name, info):
            for value in WILD:
                read(model, {**right, spelling: value})
    for value in WILD:
        read(model, value)


scalars = st.sampled_from(WILD) | st.integers() | st.floats() | st.text(max_size=5)
anything = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(max_size=3), scalars, max_size=2)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """Make a row of some model with something else in some of its fields."""
    model = draw(st.sampled_from(MODELS))
    keys = [key for name, info in model.model_fields.items() for key in spellings(name, info)]
    return {**plain(model), **draw(st.dictionaries(st.sampled_from(keys), anything, max_size=4))}


PARTS = anything | rows() | st.lists(rows(), max_size=2)
FILES = [json.loads(file.read_text("utf-8")) for file in sorted((Path(__file__).parent / "examples").glob("*.json"))]
ANSWERS = [row["answer"] for file in FILES for row in (file.values() if isinstance(file, dict) else file)]
"""The documentation's own answers, of all families."""
USUAL = {"code", "error", "error_description", "cursor", "count", "result", "role", "data", "entities"}
KEYS = st.sampled_from(sorted(USUAL.union(*ANSWERS)))
NAMES = operations(IMClient("http://x", AUTH))


class Canned:
    """A wire whose answers are all the same; it has no sockets, so thousands of calls take seconds."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.asked = 0

    async def exchange(self, method: str, target: str, **_: Any) -> Raw:
        if target.endswith("/token"):
            return Raw(200, b'{"access_token": "YWMt-token-number-1", "expires_in": 1000}', None, None)
        self.asked += 1
        return self.raw

    async def close(self) -> None:
        pass


async def called(name: str, answer: object, status: int = 200) -> tuple[int, str]:
    """Make one call with one attempt and look at what comes of it; return its requests and what it returned, if so."""
    wire = Canned(Raw(status, json.dumps(answer).encode(), None, None))
    im = client("http://x", rate_per_second=None, deadline_seconds=1e-9)
    im._transport._wire = wire  # pyright: ignore
    async with im:
        try:
            result = await carried_out(im, name)
        except IMError as error:
            looked_at(error)
            return wire.asked, ""
    touch(result)
    return wire.asked, repr(result)


@cache
def fitting(name: str) -> list[dict[str, Any]]:
    """Return the documented answers that a call reads most out of: those that are meant for it."""
    found = [len(asyncio.run(called(name, answer))[1]) for answer in ANSWERS]
    return [answer for answer, size in zip(ANSWERS, found, strict=True) if 2 * size >= max(found)]


@st.composite
def mutated(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Take an answer that fits a call and put something else into one place of it."""
    answer: dict[str, Any] = json.loads(json.dumps(draw(st.sampled_from(fitting(name)))))
    place: Any = answer
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return answer
        key = draw(st.sampled_from(keys))
        if isinstance(place[key], (dict, list)) and draw(st.booleans()):
            place = place[key]
            continue
        place[key] = draw(PARTS)
        return answer


@pytest.mark.parametrize("name", NAMES)
async def test_every_call_is_made_here(name):
    asked, _ = await called(name, {"code": 200})
    assert asked >= 1


@settings(max_examples=tries(400), deadline=None)
@given(data=st.data(), name=st.sampled_from(NAMES), status=st.just(200) | st.integers(200, 599))
def test_every_call_reads_any_answer_or_refuses_it(data, name, status):
    answer = data.draw(mutated(name) | st.dictionaries(KEYS, PARTS, max_size=4))
    asyncio.run(called(name, answer, status))
