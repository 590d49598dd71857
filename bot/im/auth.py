"""The two ways to prove who we are; both end in the same `Authorization: Bearer` header."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pydantic import SecretStr

from bot.im.endpoint import encoded
from bot.im.errors import InvalidArgument
from bot.im.token007 import MAX_LIFETIME_SECONDS

_HEX32 = re.compile(r"[0-9a-fA-F]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class EasemobAuth:
    """Easemob: paths begin with /{org}/{app}, the token is fetched from there (fact 1.1)."""

    org: str
    app: str
    client_id: str
    client_secret: str | SecretStr = field(repr=False)
    prefix: str = field(init=False, repr=False)
    secret: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "prefix", f"/{encoded('org', self.org)}/{encoded('app', self.app)}")
        object.__setattr__(self, "secret", _plain("client_secret", self.client_secret))
        if not self.client_id:
            raise InvalidArgument("client_id", "must not be empty")


@dataclass(frozen=True, slots=True)
class ShengwangAuth:
    """Shengwang: paths begin with /app-id/{app_id}, the token is built locally and lives 24 h at most (fact 1.2)."""

    app_id: str
    app_certificate: str | SecretStr = field(repr=False)
    lifetime_seconds: int = MAX_LIFETIME_SECONDS
    prefix: str = field(init=False, repr=False)
    secret: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "secret", _plain("app_certificate", self.app_certificate))
        if not _HEX32.fullmatch(self.app_id):
            raise InvalidArgument("app_id", "must be 32 hexadecimal digits")
        if not _HEX32.fullmatch(self.secret):
            raise InvalidArgument("app_certificate", "must be 32 hexadecimal digits")
        if not 60 <= self.lifetime_seconds <= MAX_LIFETIME_SECONDS:
            raise InvalidArgument("lifetime_seconds", f"must be 60 to {MAX_LIFETIME_SECONDS}")
        object.__setattr__(self, "prefix", f"/app-id/{self.app_id}")


Auth = EasemobAuth | ShengwangAuth


def _plain(name: str, value: str | SecretStr) -> str:
    secret = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not secret:
        raise InvalidArgument(name, "must not be empty")
    return secret
