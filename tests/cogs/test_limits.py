"""The rule layer under the simulated Discord can tell a request that Discord would refuse."""

from typing import Any

import pytest
from simcord.types import HttpLogEntry

from tests.cogs.limits import complaints

CALLBACK = "/interactions/1/token/callback"
ORIGINAL = "/webhooks/1/token/messages/@original"
BUTTON = {"type": 2, "style": 2, "label": "x"}


def row(count: int) -> list[dict[str, Any]]:
    return [{"type": 1, "components": [BUTTON | {"custom_id": str(number)} for number in range(count)]}]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", ORIGINAL, {"embeds": [{"title": "x" * 257}]}),
        ("PATCH", ORIGINAL, {"embeds": [{"description": "x" * 4000}, {"description": "x" * 2001}]}),
        ("PATCH", ORIGINAL, {"components": row(6)}),
        ("POST", "/channels/1/messages", {}),
        ("POST", "/channels/1/messages", {"content": "x" * 2001}),
        ("POST", CALLBACK, {"type": 8, "data": {"choices": [{"name": "x" * 101, "value": "x"}]}}),
        ("POST", CALLBACK, {"type": 9, "data": {"custom_id": "x", "title": "x" * 46, "components": []}}),
        ("PUT", "/applications/1/commands", [{"name": "Upper", "description": "x", "type": 1}]),
    ],
)
def test_what_discord_would_refuse_is_told(method: str, path: str, body: Any):
    assert complaints([HttpLogEntry(method, path, {}, body, None)]) != []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", ORIGINAL, {"components": row(5)}),
        ("PATCH", ORIGINAL, {"attachments": [{"id": 0, "filename": "cases.csv"}]}),
        ("POST", CALLBACK, {"type": 8, "data": {"choices": []}}),
    ],
)
def test_what_discord_takes_is_no_complaint(method: str, path: str, body: Any):
    assert complaints([HttpLogEntry(method, path, {}, body, None)]) == []
