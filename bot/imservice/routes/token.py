"""`POST /token`: an app token for client id and secret (facts 1.1)."""

import hmac
import re
from typing import Any

from bot.imservice.call import Call
from bot.imservice.errors import ApiError, illegal_argument
from bot.imservice.routing import Answer, BodyKind, Route

_DEFAULT_TTL = 60 * 24 * 3600
_ENDLESS = 315_360_000
_MAX_TTL = 1 << 40
_DIGITS = re.compile(r"[0-9]{1,13}")


def issue(call: Call) -> Answer:
    """Answer a client-credentials grant; ApiError 400 for anything else."""
    body, mine = call.body, call.shared.credentials
    if body.text("grant_type") != "client_credentials":
        raise illegal_argument("grant_type must be client_credentials")
    for name, expected in (("client_id", mine.client_id), ("client_secret", mine.client_secret)):
        if not hmac.compare_digest(body.text(name, max_length=1024).encode(), expected.encode()):
            raise ApiError(400, "invalid_grant", f"{name} does not match", exception="InvalidGrantException")
    ttl = _ttl(body.value("ttl"))
    return {
        "access_token": call.shared.tokens.issue(ttl_seconds=ttl, now_ms=call.now),
        "expires_in": ttl or _ENDLESS,
        "application": mine.application,
    }


def _ttl(value: Any) -> int:
    """Return seconds; the documented example sends them as text."""
    if value is None:
        return _DEFAULT_TTL
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if type(value) is not int or not 0 <= value <= _MAX_TTL:
        raise illegal_argument("ttl must be a number of seconds, 0 for a token that never expires")
    return value


ROUTES = (
    Route(
        method="POST", template="/token", read=issue, body=BodyKind.LOOSE_JSON, family="token", open=True, org_only=True
    ),
)
