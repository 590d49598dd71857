"""SimCord in real time.

SimCord is made for tests: its clock stands still, timers of the bot wait for somebody to advance it, and an action
waits for every timer that is due soon. In the demo time passes by itself, so the clock is the machine's and the loop's
timers stay the loop's own; only which tasks belong to an action is still SimCord's business. All that is taken from
inside SimCord stands
here and in `live.py`; its version is pinned.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

import simcord
from discord import app_commands

# Bound before SimCord puts its own in place of it.
_monotonic: Final = time.monotonic
_TIMERS: Final = ("call_later", "call_at")


class MachineClock:
    """The machine's time in the shape of SimCord's clock."""

    @property
    def elapsed(self) -> float:
        """Seconds of the loop's own time, so that what runs inside the bot and outside of it agree."""
        return _monotonic()

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """Do nothing: time passes by itself."""


async def start_with_real_timers(env: simcord.Env, tree: app_commands.CommandTree[Any]) -> None:
    """Start SimCord, and give the loop its own timers back, and the command tree its own door for errors.

    The clock still stands: what is built in the simulated Discord before `set_clock` gets the same ids in every run.
    """
    loop: Any = asyncio.get_running_loop()
    own = {name: getattr(loop, name) for name in _TIMERS}
    on_error = tree.on_error
    await env.start()
    for name, timer in own.items():
        setattr(loop, name, timer)
    # SimCord reports what arrives there as a crash; the bot has answered it, and most are refusals.
    tree.on_error = on_error


def set_clock(env: simcord.Env) -> None:
    """Let time pass from now on."""
    env.backend.clock = cast("Any", MachineClock())


def speak(env: simcord.Env, locales: Mapping[int, str]) -> None:
    """Let people use Discord in their own language (user id -> locale); SimCord's people all speak English.

    Holds for what is started afterwards: our subscriber has to stand before the bot's.
    """

    def set_locale(event: str, payload: Any) -> None:
        if event == "INTERACTION_CREATE":
            user = int(payload["member"]["user"]["id"])
            payload["locale"] = locales.get(user, payload["locale"])

    env.backend.subscribers.insert(0, set_locale)
