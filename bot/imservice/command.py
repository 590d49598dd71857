"""`serve`: the IM service as a process of its own (`warden im-service`)."""

import asyncio
import gc
import signal
import sys
from pathlib import Path
from typing import Literal

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
    seed: Literal["sample"] | None = None,
) -> None:
    """Run the service until SIGTERM or SIGINT; prints `listening on http://HOST:PORT` when it is ready.

    Raises SystemExit(1), after one clear sentence on stderr, when it cannot start.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    service = IMService(data, options=options, credentials=credentials)
    try:
        url = await service.start(host, port)
        try:
            if seed == "sample":
                await seed_sample(service)
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
