"""When a failed call is worth sending again, and after how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.im.errors import BadResponse, CircuitOpen, IMError, RateLimited, Unavailable

if TYPE_CHECKING:
    from random import Random

    from bot.im.endpoint import Endpoint

_FIRST_DELAY = 0.25
_LONGEST_DELAY = 5.0


def worth_repeating(error: IMError, endpoint: Endpoint) -> bool:
    """Whether sending again can help and cannot hurt.

    What failed for sure before it was carried out may always be repeated, the rest only if the operation is
    idempotent. A redirect or a refusal stays what it is, and an open circuit is to be said at once.
    """
    if isinstance(error, CircuitOpen):
        return False
    if isinstance(error, BadResponse):
        transient = error.status is None or 200 <= error.status < 300
    else:
        transient = isinstance(error, (RateLimited, Unavailable))
    return transient and (endpoint.repeatable or not error.sent)


def delay_before(attempt: int, error: IMError, rng: Random) -> float:
    """Return the seconds to wait before attempt number `attempt` (2, 3, ...): full jitter, at least Retry-After."""
    ceiling = min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** min(attempt - 1, 10))
    jittered = rng.uniform(0, ceiling)
    if error.retry_after is None:
        return jittered
    return max(jittered, error.retry_after + rng.uniform(0, _FIRST_DELAY))
