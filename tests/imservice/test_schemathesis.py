"""Schemathesis reads /openapi.json and tries every operation with data that fits its schema and data that does not."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from bot.imservice import IMService, IMServiceOptions, seed_sample
from tests.effort import tries

EXAMPLES = tries(3)
DIALECTS = ("/demo-org/demo-app", "/app-id/0123456789abcdef0123456789abcdef")
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
# The same tries every time: with others now and then, what fails here would look like the fault of the latest change.
TRY = settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


class Running:
    """A service with the sample community in a thread of its own, as Schemathesis is not async."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.service = IMService(options=IMServiceOptions(rate_limit=None, token_rate_limit=None), id_seed=1)
        self.url = self.run(self.service.start())
        self.run(seed_sample(self.service))
        self.headers = {
            "Authorization": f"Bearer {self.service._gateway._shared.tokens.issue(ttl_seconds=0, now_ms=0)}"
        }
        self.answers: Counter[tuple[str, int]] = Counter()

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def close(self) -> None:
        self.run(self.service.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    def known(self) -> dict[str, str]:
        """Names and ids that exist, by what parameters are called: with random ones everything would end in a 404."""

        async def read() -> dict[str, str]:
            one = self.service.database.reader.execute
            found = {"username": "mei.lin", "user_id": "mei.lin", "userId": "mei.lin", "owner": "aurora.studio"}
            found |= {"friend": "kofi.mensah", "blocked": "kofi.mensah", "from": "mei.lin"}
            for names, query in (
                (("server_id", "serverId"), "SELECT id FROM communities WHERE name = 'Aurora Games'"),
                (("channel_id", "channelId"), "SELECT id FROM channels WHERE name = 'strategy'"),
                (("thread_id",), "SELECT id FROM threads"),
                (("message_id", "messageId", "msgIdList"), "SELECT id FROM messages"),
                (("collection_id",), "SELECT id FROM collections"),
                (("category_id", "channelCategoryId"), "SELECT id FROM categories"),
            ):
                row = one(query).fetchone()
                found |= dict.fromkeys(names, row[0] if row else "none")
            return found

        return self.run(read())


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    running = Running()
    yield running
    print(f"\n{running.answers.total()} calls: {sorted(running.answers.items())}")
    running.close()


def operations(running: Running) -> list[Any]:
    schema = schemathesis.openapi.from_url(f"{running.url}/openapi.json")
    found = [operation.ok() for operation in schema.get_all_operations()]
    # The one thing that would take the ground from under all other tries.
    return [operation for operation in found if operation.label != "DELETE /circle/server/{server_id}"]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_operation_breaks_its_contract(running: Running, mode: GenerationMode) -> None:
    found = operations(running)
    for operation in found:
        _try(running, operation, mode)
    tries = sum(count for (tried, _status), count in running.answers.items() if tried == mode.value)
    assert tries > len(found) * EXAMPLES / 2
    if mode is GenerationMode.POSITIVE:
        assert running.answers[mode.value, 200] > tries / 10


def _try(running: Running, operation: Any, mode: GenerationMode) -> None:
    dialects = DIALECTS[:1] if operation.label == "POST /token" else DIALECTS

    @TRY
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans(), dialect=st.sampled_from(dialects))
    def check(case: Any, known: bool, dialect: str) -> None:
        if known and mode is GenerationMode.POSITIVE:
            names = running.known()
            for part in (case.path_parameters, case.query, case.body):
                if isinstance(part, dict):
                    part.update({name: value for name, value in names.items() if name in part})
        response = case.call(base_url=running.url + dialect, headers=running.headers, timeout=10)
        running.answers[mode.value, response.status_code] += 1
        # Further keys in a query are fine (A62), and the token is ours: a body that does not fit must be refused.
        body = case.meta.components.get(ParameterLocation.BODY)
        wrong = body is not None and body.mode is GenerationMode.NEGATIVE
        case.validate_response(response, checks=[*CHECKS, negative_data_rejection] if wrong else CHECKS)

    check()
