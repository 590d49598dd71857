"""The documents' examples of contacts, blocks and collections, sent to the service in the order of one story."""

import json
from pathlib import Path

import pytest

FAMILIES = ("contacts", "blocks", "collections")
EXAMPLES = {
    family: json.loads((Path(__file__).parent / f"examples/{family}.json").read_text(encoding="utf-8"))
    for family in FAMILIES
}
PEOPLE = ["user1", "user3", "tst04", "tst05", "XXXX", "username", "string"]
FLOATING = {
    "application", "applicationName", "createdAt", "created", "cursor", "duration", "modified", "organization", "path",
    "timestamp", "updatedAt", "uri", "uuid",
}  # fmt: skip
"""What differs from app to app and from call to call: only its type is compared."""
MORE = {"application", "applicationName", "organization", "path"}
"""What the service's envelope has everywhere and the documents leave out of some examples (facts 2)."""


def matches(answer, expected, key=""):
    """Same keys, same types, and same values unless they float."""
    if isinstance(expected, dict):
        same = isinstance(answer, dict) and set(expected) <= set(answer) <= set(expected) | (
            MORE if "uri" in expected else set()
        )
        return same and all(matches(answer[name], value, name) for name, value in expected.items())
    if isinstance(expected, list):
        same = isinstance(answer, list) and len(answer) == len(expected)
        return same and all(matches(one, other) for one, other in zip(answer, expected, strict=True))
    return type(answer) is type(expected) and (key in FLOATING or answer == expected)


@pytest.mark.parametrize("family", FAMILIES)
async def test_every_documented_request_gets_its_documented_answer(launch, family):
    api = await launch()
    await api.users(*PEOPLE)
    await api.post("/users", {"username": "user2", "nickname": "testuser"})
    easemob = api.prefix
    for example in EXAMPLES[family]:
        in_shengwang = example.get("dialect") == "shengwang"
        api.prefix = f"/app-id/{api.service.credentials.app_id}" if in_shengwang else easemob
        body = {"json": example["body"]} if "body" in example else {}
        reply = await api.call(example["method"], example["path"], **body)
        assert reply.status == 200, (example["seed"], reply)
        if example["answer"] is not None:
            assert matches(reply.json, example["answer"]), (example["seed"], reply.json)
        path = example["path"].partition("?")[0]
        assert reply.json.get("path", path) == path
        assert reply.json.get("uri", api.url + api.prefix + example["path"]) == api.url + api.prefix + example["path"]


def test_every_example_of_the_documents_is_here():
    seeds = {example["seed"] for family in FAMILIES for example in EXAMPLES[family] if "," not in example["seed"]}
    counts = {document: sum(seed.startswith(document) for seed in seeds) for document in ("000", "001", "003", "004")}
    assert counts == {"000": 5, "001": 5, "003": 8, "004": 1}
    assert {example["dialect"] for example in EXAMPLES["collections"]} == {"easemob", "shengwang"}


def test_matching_notices_what_differs():
    assert matches({"uri": "x", "count": 1, "path": "p"}, {"uri": "y", "count": 1})
    assert not matches({"uri": "x", "count": 2}, {"uri": "y", "count": 1})
    assert not matches({"uri": "x", "more": 1}, {"uri": "y"})
    assert not matches({"id": "x", "path": "p"}, {"id": "x"})
    assert not matches({"createdAt": "5"}, {"createdAt": 5})
    assert not matches({}, {"uri": "y"})
