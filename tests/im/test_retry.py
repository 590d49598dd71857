"""What may be sent again, and after how long."""

from __future__ import annotations

from random import Random

import pytest

from bot.im.endpoint import Endpoint
from bot.im.errors import BadResponse, CircuitOpen, Forbidden, IMError, LimitReached, RateLimited, Timeout, Unavailable
from bot.im.retry import delay_before, worth_repeating

IDEMPOTENT, CREATE = Endpoint("GET", "/x"), Endpoint("POST", "/x")


@pytest.mark.parametrize(
    ("error", "idempotent", "create"),
    [
        (RateLimited(status=429), True, True),
        (Unavailable(sent=False), True, True),
        (Unavailable(status=500, sent=True), True, False),
        (Timeout(sent=True), True, False),
        (BadResponse(status=200, sent=True), True, False),
        (BadResponse(sent=True), True, False),
        (BadResponse(status=302, sent=True), False, False),
        (CircuitOpen(sent=False), False, False),
        (Forbidden(status=403), False, False),
        (LimitReached(status=429), False, False),
        (IMError(), False, False),
    ],
)
def test_what_is_repeated(error, idempotent, create):
    assert worth_repeating(error, IDEMPOTENT) is idempotent
    assert worth_repeating(error, CREATE) is create


def test_delays_are_fully_jittered_and_grow_to_five_seconds():
    rng = Random(1)
    for attempt, ceiling in [(2, 0.5), (3, 1.0), (4, 2.0), (5, 4.0), (6, 5.0), (1000, 5.0)]:
        delays = [delay_before(attempt, Unavailable(), rng) for _ in range(500)]
        assert min(delays) < 0.1 * ceiling
        assert 0.9 * ceiling < max(delays) <= ceiling


def test_a_delay_is_never_shorter_than_retry_after():
    rng = Random(1)
    assert min(delay_before(2, RateLimited(retry_after=3.0), rng) for _ in range(100)) >= 3
