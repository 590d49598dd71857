"""`python -m tests.wire`: the fake Discord as a process, driven through /control."""

import argparse
import asyncio
import contextlib
import signal
from pathlib import Path

from tests.wire.control import add_control
from tests.wire.server import DEFAULT_TOKEN, FakeDiscord


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.wire", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=DEFAULT_TOKEN, help="the bot token to accept")
    parser.add_argument("--openapi", type=Path, help="Discord's openapi.json, to check every request against")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    discord = FakeDiscord(token=arguments.token, openapi=arguments.openapi)
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    await discord.start(arguments.host, arguments.port, control=add_control)
    print(f"listening on {discord.base_url}", flush=True)
    try:
        await stopped.wait()
    finally:
        await discord.stop()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(_arguments()))
