"""Injected trouble: refused, failing, slow and rate-limited requests."""

import re
from dataclasses import dataclass, field
from typing import Any, Literal

When = Literal["before", "after"]


@dataclass(slots=True)
class Fault:
    """Trouble for matching requests.

    `status` None only delays by `delay_seconds`; 0 cuts the connection; any other is answered with `body`.
    `when` "after" carries the request out first and then spoils the answer. `left` None means without end.
    """

    method: str
    path: re.Pattern[str]
    status: int | None = None
    left: int | None = 1
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    when: When = "before"
    delay_seconds: float = 0.0

    def takes(self, method: str, path: str) -> bool:
        """Whether the request is meant; counts it if so."""
        if self.left == 0 or self.method not in {"*", method} or not self.path.search(path):
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """The faults in force, applied in the order in which they were added."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self.outage: int | None = None

    def add(self, method: str, path_regex: str, **settings: Any) -> Fault:
        """Add a fault for a method ("*" = any) and a pattern searched in the path after /api/v10."""
        fault = Fault(method.upper(), re.compile(path_regex), **settings)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all faults; an outage stays."""
        self._faults.clear()

    def take(self, method: str, path: str) -> tuple[float, Fault | None]:
        """The delay for this request, and the failure it gets, if any."""
        if not self._faults:
            return 0.0, None
        delay = 0.0
        for fault in self._faults:
            if fault.takes(method, path):
                delay += fault.delay_seconds
                if fault.status is not None:
                    self._sweep()
                    return delay, fault
        self._sweep()
        return delay, None

    def _sweep(self) -> None:
        self._faults = [fault for fault in self._faults if fault.left != 0]


def rate_limited(retry_after: float, *, is_global: bool, via: bool) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and body of a 429; without `via` it looks like Cloudflare's ban, which discord.py does not retry."""
    headers = {
        "Retry-After": str(max(1, round(retry_after))),
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset-After": str(retry_after),
        "X-RateLimit-Scope": "global" if is_global else "user",
    }
    if via:
        headers["Via"] = "1.1 google"
    if is_global:
        headers["X-RateLimit-Global"] = "true"
    body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": is_global}
    return headers, body
