"""What the documentation shows of messages, reactions and threads: requests and answers, each file a story."""

import json
from pathlib import Path

import pytest

from tests.imservice.likeness import matches

FOLDER = Path(__file__).with_name("examples")
SEEN = {"reactions": 3, "threads": 9}
"""How many examples the seeds have; sending a message has none of its own there."""


def story(family):
    return json.loads((FOLDER / f"{family}.json").read_text(encoding="utf-8"))


def filled(template, values):
    if isinstance(template, dict):
        return {filled(key, values): filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    if isinstance(template, str) and "{any}" not in template:
        return template.format(**values)
    return template


def found(answer, path):
    for key in path.split("."):
        answer = answer[key]
    return answer


@pytest.mark.parametrize("family", ["messages", "reactions", "threads"])
async def test_every_documented_request_gets_its_documented_answer(launch, family):
    api = await launch()
    await api.users("user1", "user2")
    api.community = await api.new_community("user1")
    values = {"channel": await api.new_channel(), "voice": await api.new_channel("voice", mode=1)}
    await api.join(values["channel"], "user2")
    for example in story(family):
        body = filled(example.get("body"), values)
        path = example["path"].format(**values)
        reply = await api.call(example["method"], path, **({} if body is None else {"json": body}))
        assert reply.status == 200, (example["seed"], reply)
        for name, where in example.get("keep", {}).items():
            values[name] = found(reply.json, where.format(**values))
        if example["answer"] is not None:
            assert matches(reply.json, filled(example["answer"], values)), (example["seed"], reply.json)


@pytest.mark.parametrize("family", SEEN)
def test_the_examples_are_all_that_the_seeds_have(family):
    sections = {example["seed"] for example in story(family) if ":" not in example["seed"]}
    assert len(sections) == SEEN[family]
