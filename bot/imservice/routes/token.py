"""`POST /token`: an app token for client id and secret (facts 1.1)."""

import hmac
import re
from typing import Any

from typing_extensions import TypedDict

from bot.imservice.call import Call
from bot.imservice.errors import ApiError, illegal_argument
from bot.imservice.parameters import Parameter, body_text
from bot.imservice.routing import BodyKind, Route

_DEFAULT_TTL = 60 * 24 * 3600
_ENDLESS = 315_360_000
_MAX_TTL = 1 << 40
_DIGITS = re.compile(r"[0-9]{1,13}")


class Token(TypedDict):
    """An app token; `expires_in` in seconds."""

    access_token: str
    expires_in: int
    application: str


def _read_ttl(call: Call) -> int:
    return _ttl(call.body.value("ttl"))


_GRANT = body_text("grant_type")
_CLIENT_ID = body_text("client_id", max_length=1024)
_CLIENT_SECRET = body_text("client_secret", max_length=1024)
_TTL = Parameter(
    "ttl",
    "body",
    {"anyOf": [{"type": "integer", "minimum": 0, "maximum": _MAX_TTL}, {"type": "string"}, {"type": "null"}]},
    required=False,
    read=_read_ttl,
)


def issue(call: Call) -> Token:
    """Issue an app token for a client-credentials grant; 400 for anything else."""
    mine = call.shared.credentials
    if call[_GRANT] != "client_credentials":
        raise illegal_argument("grant_type must be client_credentials")
    for field, expected in ((_CLIENT_ID, mine.client_id), (_CLIENT_SECRET, mine.client_secret)):
        if not hmac.compare_digest(call[field].encode(), expected.encode()):
            raise ApiError(400, "invalid_grant", f"{field.name} does not match", exception="InvalidGrantException")
    ttl = call[_TTL]
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
        method="POST",
        template="/token",
        read=issue,
        takes=(_GRANT, _CLIENT_ID, _CLIENT_SECRET, _TTL),
        body=BodyKind.LOOSE_JSON,
        family="token",
        open=True,
        org_only=True,
    ),
)
