"""The documents' examples of contacts, blocks and collections: the request is made as shown, the answer is read."""

from __future__ import annotations

import json
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from bot.im import ItemResult, NewCollection, Page, Paged, ShengwangAuth
from bot.im.models import Model
from tests.im.scripted import client

EXAMPLES: list[dict[str, Any]] = [
    example
    for family in ("contacts", "blocks", "collections")
    for example in json.loads((Path(__file__).parent / f"examples/{family}.json").read_text(encoding="utf-8"))
]
SHENGWANG = ShengwangAuth("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210")
PREFIX = {"easemob": "/org/app", "shengwang": "/app-id/0123456789abcdef0123456789abcdef"}


def shown(result: Any) -> Any:
    """Return what a call read as JSON has it."""
    match result:
        case Model():
            return result.model_dump()
        case Page():
            return {"items": [shown(item) for item in result.items], "cursor": result.cursor}
        case ItemResult():
            return [result.item, result.done]
        case tuple() | list():
            return [shown(item) for item in result]
    return result


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['dialect']} {example['seed']}")
async def test_the_documented_request_is_made_and_its_answer_read(server, example):
    server.steps.append(example["answer"])
    auth = {"auth": SHENGWANG} if example["dialect"] == "shengwang" else {}
    args = [[NewCollection(**row) for row in arg] if isinstance(arg, list) else arg for arg in example["args"]]
    async with client(server.url, **auth) as im:
        called = attrgetter(example["call"])(im)(*args, **example.get("named", {}))
        result = await (called.page(**example["page"]) if isinstance(called, Paged) else called)
    assert shown(result) == example["reads"]
    (seen,) = server.seen
    request = example["request"]
    assert (seen.method, seen.path) == (request["method"], PREFIX[example["dialect"]] + request["path"])
    assert (seen.query, seen.body) == (request["query"], request["body"])
    assert seen.headers["Accept"] == "application/json"
    assert seen.headers["Authorization"].startswith("Bearer ")
    assert request["body"] is None or seen.headers["Content-Type"] == "application/json"


def test_every_example_of_the_documents_is_here():
    """Each document has as many examples of a request as it is said here to have."""
    assert {
        seed: sum(example["seed"].startswith(seed) for example in EXAMPLES) for seed in ("000", "001", "003", "004")
    } == {
        "000": 5,
        "001": 5,
        "003": 8,
        "004": 1,
    }
    assert len({(example["seed"], example["dialect"]) for example in EXAMPLES}) == len(EXAMPLES) == 19
