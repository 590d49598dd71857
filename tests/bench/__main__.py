"""`python -m tests.bench [NAME ...]`: measure and print a table; a missed goal is shown, never hidden."""

from __future__ import annotations

import asyncio
import importlib
import sys

from rich.console import Console
from rich.table import Table

from tests.bench.measure import Result, machine

NAMES = ("unmutes", "pacing", "writes", "client", "reads", "latency", "lists", "storm", "callbacks", "cleanup")


def show(results: list[Result]) -> None:
    table = Table(title=machine())
    for column in ("what", "ours", "floor", "ratio", "goal", "held"):
        table.add_column(column)
    for r in results:
        table.add_row(r.what, r.ours, r.floor, r.ratio, r.goal, {True: "yes", False: "NO", None: "-"}[r.held])
    Console(width=140).print(table)


async def main(names: list[str]) -> None:
    results: list[Result] = []
    for name in names or NAMES:
        print(f"{name} ...", flush=True)
        found = await importlib.import_module(f"tests.bench.{name}").run()
        for result in found:
            print(
                f"  {result.what}: {result.ours}, beside {result.floor}: {result.ratio}, goal {result.goal}", flush=True
            )
        results += found
    show(results)


asyncio.run(main(sys.argv[1:]))
