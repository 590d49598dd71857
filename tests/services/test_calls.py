"""Which calls of the IM's API are worth a line in the log."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from bot import logs
from bot.im import CallRecord, Lane
from bot.services.calls import note_call


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What is logged at info; the process's logging is left as it was."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    logs.configure_logging("info", "json", stream)
    yield stream
    root.handlers[:], root.level = before
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("endpoint", "outcome", "lane", "level"),
    [
        ("POST /x", "ok", Lane.URGENT, "info"),
        ("DELETE /x", "ok", Lane.NORMAL, "info"),
        ("GET /x", "ok", Lane.URGENT, None),
        ("DELETE /x", "ok", Lane.BACKGROUND, None),
        ("GET /x", "NotFound", Lane.NORMAL, "info"),
        ("GET /x", "CircuitOpen", Lane.NORMAL, "info"),
        ("DELETE /x", "Timeout", Lane.BACKGROUND, "warning"),
        ("GET /x", "Unauthorized", Lane.NORMAL, "warning"),
    ],
)
def test_changes_and_failures_are_logged_once_and_reads_only_at_debug(
    stream: io.StringIO, endpoint: str, outcome: str, lane: Lane, level: str | None
) -> None:
    status = 200 if outcome == "ok" else None
    record = CallRecord(
        endpoint, outcome, status, seconds=0.01234, attempts=2, waited=0.5, lane=lane, request_id="ab12"
    )
    with bound_contextvars(ref="W5KX7P2M", case=7):
        note_call(record)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["level"] for line in lines] == ([] if level is None else [level])
    if lines:
        line = lines[0]
        assert (line["event"], line["ref"], line["case"], line["request_id"]) == ("im call", "W5KX7P2M", 7, "ab12")
        assert (line["ms"], line["waited_ms"], line["attempts"], line["status"]) == (12.3, 500.0, 2, status)
