"""The embedded IM service without its rate limit, as a process: `python -m tests.bench.unlimited DATA`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.imservice import IMService, IMServiceOptions


async def main(data: str) -> None:
    service = IMService(Path(data), options=IMServiceOptions(rate_limit=None))
    print(f"listening on {await service.start()}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
