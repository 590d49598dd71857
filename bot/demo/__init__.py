"""`warden demo`: the whole bot on this machine, against a simulated Discord. Needs the extra `demo`."""

# ruff: noqa: PLC0415 - SimCord is an optional extra and slow to import; only the demo itself may need it

import logging
from pathlib import Path


async def serve_demo(port: int | None, data: Path | None) -> int:
    """Serve the demo page until SIGINT, SIGTERM or the page's own "End preview session"; return the exit code.

    `port`: None or 0 takes a free one; one that cannot be had is said so, and a free one is taken. `data`: the folder
    that keeps everything for the next time, None for a temporary one that is removed. Raises StartupError, StoreError
    or OSError with a sentence for the operator when the folder cannot be used.
    """
    _leave_the_terminal_alone()
    from bot.demo.page import serve

    return await serve(port, data)


async def run_tour(data: Path | None) -> int:
    """Run the scripted tour in the terminal; return 0 if everything that it shows was really so, else 1.

    `data` and errors as for `serve_demo`.
    """
    _leave_the_terminal_alone()
    from bot.demo.tour import run

    return await run(data)


def _leave_the_terminal_alone() -> None:
    """Log only what goes wrong, from before SimCord is imported: it tries discord.py out, which warns about voice."""
    root = logging.getLogger()
    root.setLevel(max(root.level, logging.WARNING))
    logging.getLogger("discord").setLevel(logging.ERROR)
