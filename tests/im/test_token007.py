"""The locally built token, taken apart again by the layout of fact 1.2."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import zlib

from bot.im.token007 import build_app_token

APP_ID = "0123456789abcdef0123456789abcdef"
CERTIFICATE = "fedcba9876543210fedcba9876543210"


def unpack(token: str) -> tuple[bytes, bytes, tuple]:
    assert token.startswith("007")
    raw = zlib.decompress(base64.b64decode(token[3:]))
    (length,) = struct.unpack_from("<H", raw)
    signature, body = raw[2 : 2 + length], raw[2 + length :]
    (length,) = struct.unpack_from("<H", body)
    app_id, rest = body[2 : 2 + length], body[2 + length :]
    return signature, body, (app_id.decode(), *struct.unpack("<IIIHHHHIH", rest))


def test_carries_the_app_privilege_of_the_chat_service():
    token = build_app_token(APP_ID, CERTIFICATE, issued_at=1_700_000_000, lifetime_seconds=3600, salt=99)
    _, _, fields = unpack(token)
    assert fields == (APP_ID, 1_700_000_000, 3600, 99, 1, 5, 1, 2, 3600, 0)


def test_is_signed_with_the_certificate():
    token = build_app_token(APP_ID, CERTIFICATE, issued_at=1_700_000_000, lifetime_seconds=3600, salt=99)
    signature, body, _ = unpack(token)
    key = hmac.new(struct.pack("<I", 1_700_000_000), CERTIFICATE.encode(), hashlib.sha256).digest()
    key = hmac.new(struct.pack("<I", 99), key, hashlib.sha256).digest()
    assert hmac.new(key, body, hashlib.sha256).digest() == signature
