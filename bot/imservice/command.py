"""`serve`: the IM service as a process of its own (`warden im-service`)."""

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Literal

from bot.imservice.bulk import seed_bulk
from bot.imservice.errors import ApiError
from bot.imservice.options import DEFAULT_CREDENTIALS, IMServiceOptions, ServiceCredentials, StartupError
from bot.imservice.sample import seed_sample
from bot.imservice.service import IMService


async def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    data: Path | None = None,
    credentials: ServiceCredentials = DEFAULT_CREDENTIALS,
    options: IMServiceOptions | None = None,
    seed: Literal["sample"] | int | None = None,
) -> None:
    """Run the service until SIGTERM or SIGINT; prints `listening on http://HOST:PORT` when it is ready.

    `seed` fills it before that: with the sample community, or with a random one of so many members, which shows its
    progress on stderr and goes on at the next start if it is interrupted. Raises SystemExit(1), after one clear
    sentence on stderr, when it cannot start.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    service = IMService(data, options=options, credentials=credentials)
    try:
        url = await service.start(host, port)
        try:
            await _unless(stop, _fill(service, seed))
            if stop.is_set():
                return
            # What is there now stays; looking through it again and again costs a sixth of the throughput.
            gc.freeze()
            gc.set_threshold(100_000, 50, 100)
            sys.stdout.write(f"listening on {url}\n")
            sys.stdout.flush()
            await stop.wait()
        finally:
            await service.stop()
    except StartupError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _fill(service: IMService, seed: Literal["sample"] | int | None) -> None:
    try:
        if seed == "sample":
            await seed_sample(service)
        elif seed is not None:
            await seed_bulk(service, seed, report=_say)
    except ApiError as error:
        raise StartupError(f"the data cannot be filled: {error.description}") from error


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, or leave it where it is when the service is told to stop."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        working.cancel()
        stopping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
