"""App tokens of both dialects: issued here (facts 1.1) or built by the caller, prefix 007 (facts 1.2)."""

import base64
import binascii
import hashlib
import hmac
import struct
import zlib

from bot.imservice.errors import ApiError, unauthorized
from bot.imservice.ids import Ids
from bot.imservice.options import ServiceCredentials

_PREFIX = "YWMt"
_PREFIX_007 = "007"
_SIGNATURE_BYTES = 20
_MAX_007_BYTES = 4096
_MAX_007_SECONDS = 24 * 3600
_CHAT_SERVICE = 5
_PRIVILEGE_APP = 2
_KNOWN_LIMIT = 4096
NEVER = 1 << 62

_EXPIRED = "Unable to authenticate due to expired access token"
_CORRUPT = "Unable to authenticate due to corrupt access token"


class Tokens:
    """Issues and checks tokens without storing them: they survive a restart and die with the secret."""

    def __init__(self, credentials: ServiceCredentials, ids: Ids) -> None:
        self._credentials = credentials
        self._ids = ids
        scope = f"{credentials.org}/{credentials.app}/{credentials.client_id}"
        self._key = hmac.digest(credentials.client_secret.encode(), scope.encode(), "sha256")
        self._known: dict[str, int] = {}

    def issue(self, *, ttl_seconds: int, now_ms: int) -> str:
        """Return a new app token; 0 seconds never expires."""
        expires = NEVER if ttl_seconds == 0 else min(now_ms + ttl_seconds * 1000, NEVER)
        payload = struct.pack(">q", expires) + self._ids.nonce()
        signature = hmac.digest(self._key, payload, "sha256")[:_SIGNATURE_BYTES]
        return _PREFIX + base64.urlsafe_b64encode(payload + signature).decode()

    def check(self, header: str | None, now_ms: int) -> None:
        """Accept the value of an Authorization header or raise ApiError 401 (facts 1.3)."""
        if header is None:
            raise unauthorized(_EXPIRED)
        expires = self._known.get(header)
        if expires is None:
            expires = self._expiry(header)
            if len(self._known) >= _KNOWN_LIMIT:
                self._known.clear()
            self._known[header] = expires
        if now_ms > expires:
            raise unauthorized(_EXPIRED)

    def _expiry(self, header: str) -> int:
        scheme, _, token = header.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise _corrupt()
        if token.startswith(_PREFIX):
            return self._issued_expiry(token)
        if token.startswith(_PREFIX_007):
            return self._built_expiry(token)
        raise _corrupt()

    def _issued_expiry(self, token: str) -> int:
        try:
            raw = base64.b64decode(token[len(_PREFIX) :].encode("ascii"), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            raise _corrupt() from None
        payload, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
        if len(payload) != 16:
            raise _corrupt()
        if not hmac.compare_digest(signature, hmac.digest(self._key, payload, "sha256")[:_SIGNATURE_BYTES]):
            raise _foreign()
        return struct.unpack_from(">q", payload)[0]

    def _built_expiry(self, token: str) -> int:
        try:
            signature, body = _unpack_007(token)
            app_id, issued, expire, salt, lifetime = _read_body(body)
        except (binascii.Error, zlib.error, struct.error, UnicodeError, ValueError):
            raise _corrupt() from None
        certificate = self._credentials.app_certificate.encode()
        inner = hmac.digest(struct.pack("<I", issued), certificate, hashlib.sha256)
        key = hmac.digest(struct.pack("<I", salt), inner, hashlib.sha256)
        genuine = hmac.compare_digest(signature, hmac.digest(key, body, hashlib.sha256))
        if not genuine or app_id != self._credentials.app_id or lifetime is None:
            raise _foreign()
        seconds = min(expire, _MAX_007_SECONDS, lifetime or _MAX_007_SECONDS)
        return (issued + seconds) * 1000


def _corrupt() -> ApiError:
    return unauthorized(_CORRUPT, error="auth_bad_access_token")


def _foreign() -> ApiError:
    return unauthorized("Unable to authenticate", error="auth_bad_access_token")


class _Reader:
    """Reads the little-endian fields of a 007 token one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, layout: str) -> int:
        (value,) = struct.unpack_from(layout, self._data, self._at)
        self._at += struct.calcsize(layout)
        return value

    def text(self) -> bytes:
        length = self.number("<H")
        value = self._data[self._at : self._at + length]
        if len(value) != length:
            raise ValueError("cut off")
        self._at += length
        return value

    def rest(self) -> bytes:
        return self._data[self._at :]


def _unpack_007(token: str) -> tuple[bytes, bytes]:
    packed = base64.b64decode(token[len(_PREFIX_007) :].encode("ascii"), validate=True)
    reader = _Reader(zlib.decompressobj().decompress(packed, _MAX_007_BYTES))
    return reader.text(), reader.rest()


def _read_body(body: bytes) -> tuple[str, int, int, int, int | None]:
    """Return app id, issue time, lifetime, salt and the app privilege's own lifetime (None: not an app token)."""
    reader = _Reader(body)
    app_id = reader.text().decode("ascii")
    issued, expire, salt = reader.number("<I"), reader.number("<I"), reader.number("<I")
    lifetime: int | None = None
    for _ in range(reader.number("<H")):
        service = reader.number("<H")
        privileges = {reader.number("<H"): reader.number("<I") for _ in range(reader.number("<H"))}
        if service != _CHAT_SERVICE:
            break  # other services carry fields of their own; an app token for chat has the chat service alone
        user = reader.text()
        if not user and _PRIVILEGE_APP in privileges:
            lifetime = privileges[_PRIVILEGE_APP]
    return app_id, issued, expire, salt, lifetime
