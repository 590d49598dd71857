"""The embedded IM service without its rate limit, as a process: `python -m tests.bench.unlimited DATA`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.imservice import IMServiceOptions, serve


async def main(data: str) -> None:
    await serve(data=Path(data), options=IMServiceOptions(rate_limit=None))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
