"""The Shengwang app token "AccessToken2" (version 007), built locally from App ID and App Certificate (fact 1.2)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import zlib

MAX_LIFETIME_SECONDS = 24 * 3600

_CHAT_SERVICE = 5
_APP_PRIVILEGE = 2


def build_app_token(app_id: str, app_certificate: str, *, issued_at: int, lifetime_seconds: int, salt: int) -> str:
    """Build a chat app token.

    `issued_at` is Unix seconds; `lifetime_seconds` is at most 24 h; `salt` is 1..2^32-1. The token is
    "007" + base64(zlib(signature + body)), all integers little endian (fact 1.2).
    """
    body = _string(app_id.encode()) + struct.pack("<IIIH", issued_at, lifetime_seconds, salt, 1)
    body += struct.pack("<HHHI", _CHAT_SERVICE, 1, _APP_PRIVILEGE, lifetime_seconds) + _string(b"")
    key = _hmac(struct.pack("<I", issued_at), app_certificate.encode())
    signature = _hmac(_hmac(struct.pack("<I", salt), key), body)
    return "007" + base64.b64encode(zlib.compress(_string(signature) + body)).decode()


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _string(value: bytes) -> bytes:
    return struct.pack("<H", len(value)) + value
