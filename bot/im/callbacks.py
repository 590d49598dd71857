"""Callbacks of the IM, from the receiver's side: whether one was signed with our secret, and lately (facts 7)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

_INT64 = 1 << 63


def callback_signature(call_id: str, secret: str, timestamp: int) -> str:
    """Return the `security` of a callback: lower-case hex MD5 of call id, secret and timestamp in milliseconds.

    It covers neither body nor headers (facts 7): over plain HTTP, who sees one can send another body with it.
    """
    signed = f"{call_id}{secret}{timestamp}".encode("utf-8", "surrogatepass")
    return hashlib.md5(signed, usedforsecurity=False).hexdigest()


def verify_callback(body: Mapping[str, Any], secret: str, *, now: datetime, tolerance_seconds: float = 300.0) -> bool:
    """Tell whether a callback is signed with `secret` and its timestamp within the tolerance of `now` (UTC-aware).

    Takes whatever JSON value the sender chose and never raises; compares in constant time. An empty secret verifies
    nothing. A callback that was accepted is accepted again within the tolerance: `callId` tells repetitions (the IM
    itself sends one more time after a failure).
    """
    if not secret or not isinstance(body, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - it is JSON
        return False
    call_id, timestamp, security = (body.get(name) for name in ("callId", "timestamp", "security"))
    if type(call_id) is not str or type(timestamp) is not int or type(security) is not str:
        return False
    if not 0 <= timestamp < _INT64 or abs(now.timestamp() * 1000 - timestamp) > tolerance_seconds * 1000:
        return False
    expected = callback_signature(call_id, secret, timestamp)
    return hmac.compare_digest(security.encode("utf-8", "surrogatepass"), expected.encode())
