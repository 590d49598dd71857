"""The storm of tests.bench.latency, by a name of its own."""

from __future__ import annotations

from tests.bench.latency import storm
from tests.bench.measure import Result


async def run() -> list[Result]:
    """Measure 200 commands a second for half a minute."""
    return await storm()
