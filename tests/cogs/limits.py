"""Discord's limits held against every request that the bot makes of the simulated Discord, which knows few of them."""

import json
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from simcord.types import HttpLogEntry

from tests.wire import rules, rules_commands
from tests.wire.model import Upload
from tests.wire.openapi import OpenApi
from tests.wire.pipeline import Call
from tests.wire.problems import Problem
from tests.wire.server import OPENAPI_VARIABLE

_CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
_EDITED = {
    f"{_WEBHOOK}/messages/@original": "webhook_edit",
    f"{_WEBHOOK}/messages/{{message_id}}": "webhook_edit",
    "/channels/{channel_id}/messages/{message_id}": "channel_edit",
}
_TEMPLATES = (
    _CALLBACK,
    f"{_WEBHOOK}/messages/@original",
    f"{_WEBHOOK}/messages/{{message_id}}",
    _WEBHOOK,
    "/channels/{channel_id}/messages/{message_id}",
    "/channels/{channel_id}/messages",
    "/applications/{application_id}/commands",
    "/applications/{application_id}/guilds/{guild_id}/commands",
)
_PATTERNS = tuple((template, re.compile(re.sub(r"\{\w+\}", "[^/]+", template))) for template in _TEMPLATES)


def complaints(requests: Iterable[HttpLogEntry]) -> list[str]:
    """What Discord would refuse or silently drop of these requests, a line each."""
    schema = os.environ.get(OPENAPI_VARIABLE)
    document = OpenApi.load(Path(schema)) if schema else None
    found: dict[str, None] = {}
    for request in requests:
        template = next((name for name, pattern in _PATTERNS if pattern.fullmatch(request.path)), None)
        if template is None or request.json is None:
            continue
        problems = [*_by_rule(template, request)]
        if document is not None:
            call = Call(request.method, template, request.path, {}, {}, request.json)
            problems += [problem for problem in document.request_problems(call) if not problem.ignored]
        found |= {f"{request.method} {template}: {problem}": None for problem in problems}
    return list(found)


def _by_rule(template: str, request: HttpLogEntry) -> Iterator[Problem]:
    body: Any = request.json
    files = _files_of(body)
    if template == _CALLBACK:
        yield from rules.callback(body, files, None, None)
    elif template in _EDITED:
        # What is not named stays as it was, so an edit may be of one thing only.
        problems = rules.message(body, files, kind=_EDITED[template])
        yield from (problem for problem in problems if problem.code != "EMPTY_MESSAGE")
    elif template.endswith("/commands"):
        yield from _of_commands(json.dumps(body))
    elif template == _WEBHOOK:
        yield from rules.message(body, files, kind="webhook")
    else:
        yield from rules.message(body, files, kind="channel")


@cache
def _of_commands(body: str) -> tuple[Problem, ...]:
    """Every world registers the same commands."""
    return tuple(rules_commands.all_commands(json.loads(body)))


def _files_of(body: Any) -> dict[str, Upload]:
    """The simulated Discord keeps no file parts; each attachment that a request names had one."""
    data = body.get("data", body) if isinstance(body, dict) else {}
    named = data.get("attachments", ()) if isinstance(data, dict) else ()
    return {f"files[{one['id']}]": Upload(one.get("filename", "file"), b"") for one in named}
