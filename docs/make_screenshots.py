"""Make the pictures of the guides: `python -m docs.make_screenshots`, from the repository's root.

Opens the page of a running `warden demo` in Chromium, moderates as people would, and photographs what is seen, as on a
desk and as on a phone; then the page of a running IM service.
"""

# ruff: noqa: INP001, T201

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.imservice import IMService
from docs.picture_alerts import photograph_alerts
from tests.demo.person import CHROMIUM, AsTyped, Person, open_browser
from tests.demo.running import running_demo

SIZES = {"": (1100, 800), "-phone": (390, 844)}
SERVICE_PORT = 8080
LARGEST_BYTES = 300_000
HERE = Path(__file__).parent
SCREENS = HERE / "screens"

Camera = Callable[[Person, str], Awaitable[None]]


def camera_for(suffix: str) -> Camera:
    """Return what takes a picture of a person's page, in files of that suffix."""

    async def camera(person: Person, name: str) -> None:
        await person.rest()
        file = SCREENS / f"{name}{suffix}.png"
        await person.page.screenshot(path=file)
        weigh(file)

    return camera


async def photograph_demo(suffix: str, width: int, height: int) -> None:
    """Take all pictures of a fresh demo in one size."""
    camera = camera_for(suffix)
    with tempfile.TemporaryDirectory() as folder:
        async with running_demo(Path(folder)) as demo, open_browser() as browser:
            log = await Person.arrive(browser, demo.url("Log"), width=width, height=height)
            feed = await Person.arrive(browser, demo.url("Feed"), width=width, height=height)
            mira = await Person.arrive(browser, demo.url(), width=width, height=height)
            await moderate(mira, camera)
            await mira.become("小陈")
            await mira.command("mute", member="zhang.yu", channel="中文", duration="1小时", reason="刷屏")
            await mira.look_at("已禁言 zhang.yu")
            await camera(mira, "chinese")
            await mira.become("Ada")
            await administrate(mira, camera)
            ada = await Person.arrive(browser, demo.url(), width=width, height=height)
            await ada.become("Ada")
            await ada.command("settings log", channel="warden-log")
            await ada.card("Every case is now shown").wait_for()
            await ada.command("member remove", channel="strategy", member="dmitri", reason="Asked to leave")
            await ada.command("mute", member="j.novak", channel="strategy", duration="2 h", reason="Insults")
            await log.look_at("Muted j.novak")
            await camera(log, "log")
            await feed.card("Act on a message…").wait_for(timeout=60_000)
            await feed.card("Act on a message…").scroll_into_view_if_needed()
            await camera(feed, "feed")


async def moderate(mira: Person, camera: Camera) -> None:
    """Do what a moderator does every day."""
    await mira.begin("mute", member="ha")
    await camera(mira, "suggest")
    await mira.page.keyboard.press("Escape")
    await mira.clear()
    await mira.command("mute", member="haruto", channel="strategy", duration="1 m", reason="Spam links")
    await mira.look_at("Muted haruto_k")
    await camera(mira, "mute")
    await mira.command("undo")
    await mira.look_at("Unmuted haruto_k")
    await mira.command("member remove", channel="strategy", member="haruto", reason="Kept spamming")
    await mira.look_at("Removed haruto_k")
    await mira.command("history", member="haruto")
    await mira.look_at("History of haruto_k")
    await camera(mira, "history")
    await mira.command("mute", member="sofia", channel="looking", duration="1 h")
    await mira.look_at("Muted sofia-almeida")
    await mira.command("muted", channel="looking")
    await mira.look_at("Muted in #looking-for-group")
    await camera(mira, "muted")


async def administrate(ada: Person, camera: Camera) -> None:
    """Do what takes an admin."""
    await ada.command("member purge", channel="fan-art", members=AsTyped("sofia-almeida, j.novak, nobody.here"))
    await ada.look_at("from #fan-art?")
    await camera(ada, "purge")
    await cancel(ada, "from #fan-art?", count=1)
    await ada.command("channel edit", channel="strategy")
    await ada.page.get_by_text("Edit #strategy").wait_for()
    await camera(ada, "edit")
    await ada.page.get_by_role("button", name="Cancel").last.click()
    await ada.command("collection list", owner="kofi")
    await ada.look_at("Collections of kofi.mensah")
    await camera(ada, "collections")
    await ada.command("collection cleanup", older_than=AsTyped("90d"), owner="kofi")
    await ada.look_at("Clean up: collections of kofi.mensah?")
    await camera(ada, "cleanup")
    await cancel(ada, "Clean up: collections of kofi.mensah?", count=2)


async def cancel(ada: Person, question: str, *, count: int) -> None:
    """Press Cancel, and wait until it is the so many-th that was cancelled."""
    await ada.card(question).get_by_role("button", name="Cancel").click()
    await ada.card("Cancelled. Nothing was changed.").nth(count - 1).wait_for()
    await ada.page.locator("#action-status", has_text="Callback completed").wait_for()


async def photograph_service(suffix: str, width: int, height: int) -> None:
    """Take one picture of the page of an IM service."""
    service = IMService()
    file = HERE / f"im-service{suffix}.png"
    try:
        url = await service.start(port=SERVICE_PORT)
        async with open_browser() as browser:
            page = await browser.new_page(viewport={"width": width, "height": height})
            await page.goto(url)
            await page.screenshot(path=file)
    finally:
        await service.stop()
    weigh(file)


def weigh(file: Path) -> None:
    """Say how large a picture is, and end if it is too large for a repository."""
    size = file.stat().st_size
    print(f"docs/{file.relative_to(HERE)}: {size // 1000} kB")
    if size > LARGEST_BYTES:
        sys.exit(f"{file.name} is too large")


async def main() -> None:
    """Take all pictures."""
    if CHROMIUM is None:
        sys.exit("no Chromium on this machine: install the package chromium")
    SCREENS.mkdir(exist_ok=True)
    for suffix, (width, height) in SIZES.items():
        await photograph_demo(suffix, width, height)
        await photograph_alerts(camera_for(suffix), width, height)
        await photograph_service(suffix, width, height)


if __name__ == "__main__":
    asyncio.run(main())
