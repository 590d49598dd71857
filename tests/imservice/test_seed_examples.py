"""The requests and answers that the API's own documentation shows, in the order of one story."""

import json
from pathlib import Path

EXAMPLES = json.loads(Path(__file__).with_name("seed_examples.json").read_text(encoding="utf-8"))
FLOATING = {"created"}


def filled(template, values):
    if isinstance(template, dict):
        return {key: filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    if isinstance(template, str) and "{any}" not in template:
        return template.format(**values)
    return template


def matches(answer, expected, key=""):
    """Same keys, same types, and same values unless they are free (`{any}`, a time of creation)."""
    if isinstance(expected, dict):
        same = isinstance(answer, dict) and set(answer) == set(expected)
        return same and all(matches(answer[name], value, name) for name, value in expected.items())
    if isinstance(expected, list):
        same = isinstance(answer, list) and len(answer) == len(expected)
        return same and all(matches(one, other) for one, other in zip(answer, expected, strict=True))
    if type(answer) is not type(expected):
        return False
    return expected == "{any}" or key in FLOATING or answer == expected


async def test_every_documented_request_gets_its_documented_answer(launch):
    api = await launch()
    await api.users("user1", "u1", "u2", "u3", "u5")
    api.community = await api.new_community("user1")
    await api.join(None, "u1", "u2", "u3", "u5")
    values = {"community": api.community}
    for example in EXAMPLES:
        body = filled(example.get("body"), values)
        path = example["path"].format(**values)
        reply = await api.call(example["method"], path, **({} if body is None else {"json": body}))
        assert reply.status == 200, (example["seed"], reply)
        if "keep" in example:
            values[example["keep"]] = reply.json["channel_id"]
        if example["answer"] is not None:
            assert matches(reply.json, filled(example["answer"], values)), (example["seed"], reply.json)


def test_the_examples_cover_the_whole_of_this_part_of_the_api():
    assert len({(example["method"], example["seed"].split(":")[0]) for example in EXAMPLES}) == 17


def test_matching_notices_what_differs():
    assert matches({"a": 1, "created": 5}, {"a": 1, "created": 9})
    assert not matches({"a": 1, "b": 2}, {"a": 1})
    assert not matches({"a": "1"}, {"a": 1})
    assert not matches({"a": True}, {"a": 1})
    assert not matches({"a": [1]}, {"a": [1, 2]})
