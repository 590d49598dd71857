"""Make the pictures of the guides: `python -m docs.make_screenshots`, from the repository's root.

Opens the page of a running `warden demo` in Chromium, mutes members as a person would, and photographs what is seen;
then the page of a running IM service.
"""

# ruff: noqa: INP001, T201

import asyncio
import sys
import tempfile
from pathlib import Path

from bot.imservice import IMService
from tests.demo.person import CHROMIUM, Person, open_browser
from tests.demo.running import running_demo

PICTURES = {"demo.png": (1100, 800), "demo-phone.png": (390, 844)}
SERVICE_PICTURES = {"im-service.png": (1100, 800), "im-service-phone.png": (390, 844)}
SERVICE_PORT = 8080
LARGEST_BYTES = 300_000
HERE = Path(__file__).parent


async def photograph(name: str, width: int, height: int) -> None:
    """Take one picture of a fresh demo: what to try first, and a mute in force with its buttons."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_demo(Path(folder)) as demo, open_browser() as browser:
            mira = await Person.arrive(browser, demo.url(), width=width, height=height)
            await mira.command("mute", member="haruto", channel="strategy", duration="1 m", reason="Spam links")
            card = mira.card("Muted haruto_k")
            await card.get_by_text("@Mira", exact=True).wait_for()
            await mira.page.mouse.move(width / 2, height - 5)
            await card.scroll_into_view_if_needed()
            # The smooth scrolling to the newest message ends.
            await mira.page.wait_for_timeout(1_000)
            await mira.page.screenshot(path=HERE / name)
    weigh(name)


async def photograph_service(name: str, width: int, height: int) -> None:
    """Take one picture of the page of an IM service."""
    service = IMService()
    try:
        url = await service.start(port=SERVICE_PORT)
        async with open_browser() as browser:
            page = await browser.new_page(viewport={"width": width, "height": height})
            await page.goto(url)
            await page.screenshot(path=HERE / name)
    finally:
        await service.stop()
    weigh(name)


def weigh(name: str) -> None:
    """Say how large a picture is, and end if it is too large for a repository."""
    size = (HERE / name).stat().st_size
    print(f"docs/{name}: {size // 1000} kB")
    if size > LARGEST_BYTES:
        sys.exit(f"docs/{name} is too large")


async def main() -> None:
    """Take all pictures."""
    if CHROMIUM is None:
        sys.exit("no Chromium on this machine: install the package chromium")
    for name, (width, height) in PICTURES.items():
        await photograph(name, width, height)
    for name, (width, height) in SERVICE_PICTURES.items():
        await photograph_service(name, width, height)


if __name__ == "__main__":
    asyncio.run(main())
