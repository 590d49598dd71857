"""A week of the bot in simulated time, with everything that goes wrong in one: `python -m tests.week`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from tests.week.keeper import kept
from tests.week.town import SUMMER_TIME

BEGIN = SUMMER_TIME - timedelta(days=4)
"""A Tuesday; the policies' zone goes over to summer time on Sunday, in the hour in which one of them is due."""

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""What is committed need not reach a disk here: nobody pulls the plug."""


async def main(seed: int, days: int) -> int:
    """Live through it, say how it was, return the exit code."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        async with kept(Path(folder), seed=seed, begin=BEGIN, days=days) as keeper:
            await keeper.live(lambda line: print(line, flush=True))
            lines = await keeper.summary()
    print()
    for name, said in lines:
        print(f"{name:<32}{said}")
    print(f"\n{days} days in {time.monotonic() - begun:.1f} s, seed {seed}")
    for problem in keeper.truth.problems[:20]:
        print(problem, file=sys.stderr)
    return 1 if keeper.truth.problems else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.week", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=7)
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.seed, given.days)))
