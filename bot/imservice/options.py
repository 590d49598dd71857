"""What the embedded IM service can be told: credentials and behaviour."""

import ipaddress
import re
import uuid
from dataclasses import dataclass, field

_HEX32 = re.compile(r"[0-9a-fA-F]{32}")
_PATH_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class StartupError(Exception):
    """The service cannot start; the text is one clear sentence for the person who started it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCredentials:
    """Who may call: one app, reachable as `/{org}/{app}` and as `/app-id/{app_id}` (facts 1.1, 1.2).

    Raises ValueError, naming the field, for values that cannot be part of a URL or a token.
    """

    org: str = "demo-org"
    app: str = "demo-app"
    client_id: str = "YXA6demo-client-id"
    client_secret: str = field(default="YXA6demo-client-secret", repr=False)
    app_id: str = "0123456789abcdef0123456789abcdef"
    app_certificate: str = field(default="fedcba9876543210fedcba9876543210", repr=False)

    def __post_init__(self) -> None:
        for name in ("org", "app"):
            if not _PATH_NAME.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} must be 1 to 64 letters, digits, '_', '-' or '.'")
        if self.org == "app-id":
            raise ValueError("org must not be 'app-id': that prefix belongs to the other dialect")
        for name in ("client_id", "client_secret"):
            if not getattr(self, name):
                raise ValueError(f"{name} must not be empty")
        for name in ("app_id", "app_certificate"):
            if not _HEX32.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} must be 32 hexadecimal digits")

    @property
    def application(self) -> str:
        """The application's UUID: stable for the same org and app."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.org}/{self.app}"))


DEFAULT_CREDENTIALS = ServiceCredentials()


@dataclass(frozen=True, slots=True, kw_only=True)
class IMServiceOptions:
    """How the service behaves; everything has the documented default.

    `rate_limit`, `token_rate_limit` and `message_rate_limit` (calls that send messages) are calls per second, the
    messages themselves are counted for text channels and for voice channels; None switches a limit off, and
    `rate_limit=None` the three of messages, too (facts 4, 5).
    `fail_rate` is the share (0..1) of answers to break, chosen by `fail_seed`; `/token` only with `fail_token`.
    `message_days` is how long messages are kept, 0 for ever. `callback_url` is told what happens (facts 7), signed with
    `callback_secret`; IMService.start refuses what cannot work.
    Raises ValueError, naming the field, for values out of range.
    """

    keep_expired_mutes: bool = False
    latency_ms: int = 0
    fail_rate: float = 0.0
    fail_seed: int | None = None
    fail_token: bool = False
    rate_limit: int | None = 100
    token_rate_limit: int | None = 300
    message_rate_limit: int | None = 20
    messages_per_second: int | None = 20
    room_messages_per_second: int | None = 100
    channels_per_community: int = 100
    channels_per_category: int = 100
    categories_per_community: int = 50
    tags_per_community: int = 10
    communities_per_user: int = 100
    friends_per_user: int = 1000
    blocks_per_user: int = 500
    max_body_bytes: int = 1 << 20
    body_timeout_seconds: float = 30.0
    busy_timeout_ms: int = 2000
    sweep_seconds: float = 60.0
    message_days: int = 30
    callback_url: str | None = field(default=None, repr=False)
    callback_secret: str = field(default="", repr=False)
    request_log: int = 1000

    def __post_init__(self) -> None:
        if not 0 <= self.fail_rate <= 1:
            raise ValueError("fail_rate must lie between 0 and 1")
        for name in ("latency_ms", "message_days"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative")
        for name in (
            "rate_limit", "token_rate_limit", "message_rate_limit", "messages_per_second", "room_messages_per_second",
        ):  # fmt: skip
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, or None for no limit")


def is_loopback(host: str) -> bool:
    """Whether a bind address can be reached from this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def refuse_public_defaults(host: str, credentials: ServiceCredentials) -> None:
    """Raise StartupError when published default secrets would guard an address that others can reach."""
    if is_loopback(host):
        return
    options = [
        f"--{name.replace('_', '-')}"
        for name in ("client_secret", "app_certificate")
        if getattr(credentials, name) == getattr(DEFAULT_CREDENTIALS, name)
    ]
    if options:
        raise StartupError(
            f"refusing to listen on {host} with the default credentials, which everybody knows: pass "
            f"{' and '.join(options)} (or listen on 127.0.0.1)"
        )
