"""`warden demo`: the page in the browser."""

import errno
from pathlib import Path

from rich.console import Console
from rich.text import Text
from simcord.actors import MemberActor
from simcord.backend.errors import SetupError
from simcord.preview import Preview

from bot.demo.chatter import chatting
from bot.demo.live import Pages
from bot.demo.signals import stop_signals, unless_stopped
from bot.demo.terminal import open_console
from bot.demo.welcome import post_welcome
from bot.demo.world import Demo, open_demo


async def serve(port: int | None, data: Path | None) -> int:
    """Serve the demo page until it is stopped; see `bot.demo.serve_demo`."""
    console = open_console()
    with stop_signals() as stop:
        async with open_demo(data) as demo:
            pages = Pages(demo.env)
            try:
                page = await _open_page(pages, demo, port or 0, console)
                log_page = await pages.open(demo.log, _viewers(demo), 0)
                feed_page = await pages.open(demo.feed, _viewers(demo), 0)
                await post_welcome(demo, log_page.url, feed_page.url)
                _announce(console, page.url, log_page.url, feed_page.url, data)
                async with pages.kept_up_to_date(), chatting(demo):
                    await unless_stopped(stop, page.wait_closed())
            finally:
                await pages.close()
    console.print("Stopped." if data is None else f"Stopped. Everything is kept in {data}.")
    return 0


async def _open_page(pages: Pages, demo: Demo, port: int, console: Console) -> Preview:
    try:
        return await pages.open(demo.moderation, _viewers(demo), port)
    except SetupError as error:
        if not isinstance(error.__cause__, OSError):
            raise
        console.print(f"Port {port} {_why(error.__cause__)}, so the demo takes a free one.")
        return await pages.open(demo.moderation, _viewers(demo), 0)


def _viewers(demo: Demo) -> tuple[MemberActor, ...]:
    return demo.moderator, demo.chinese_moderator, demo.admin


def _why(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "is in use by another program"
    if error.errno == errno.EACCES:
        return "may not be used by this user"
    return f"cannot be used ({error.strerror})"


def _announce(console: Console, url: str, log_url: str, feed_url: str, data: Path | None) -> None:
    text = Text()
    text.append("Circle Warden demo", style="bold")
    text.append(" · the real bot, a simulated Discord, an IM service on this machine\n\n")
    text.append("Open  ")
    text.append(url, style=f"bold cyan link {url}")
    text.append("\nLog   ")
    text.append(log_url, style=f"cyan link {log_url}")
    text.append("   (what /settings log fills)\n", style="dim")
    text.append("Feed  ")
    text.append(feed_url, style=f"cyan link {feed_url}")
    text.append("   (what players say)\n\n", style="dim")
    text.append("Try   /mute member: haruto_k channel: strategy duration: 1m\n")
    text.append("Data  ")
    text.append("in a temporary folder, removed at the end\n" if data is None else f"{data}, kept for the next time\n")
    text.append("Stop  Ctrl-C")
    # No frame around it: an address that a narrow terminal cuts is none.
    console.print(text)
    console.file.flush()
