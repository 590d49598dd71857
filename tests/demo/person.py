"""Somebody at the demo page: types, picks and presses as people do."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Locator, Page, Response, async_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _switches_the_viewer(response: Response) -> bool:
    return response.url.endswith("/api/action") and '"kind":"viewer"' in (response.request.post_data or "")


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Start Chromium without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        try:
            yield browser
        finally:
            await browser.close()


class AsTyped(str):
    """Text for an option that is sent as it is typed, whatever is suggested."""

    __slots__ = ()


class Person:
    """One person with one page open."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: set[str] = set()
        page.on("request", lambda request: self.asked.add(request.url.split("/")[2]))

    @classmethod
    async def arrive(cls, browser: Browser, url: str, *, width: int, height: int) -> "Person":
        """Open the page of a channel and wait until it shows it."""
        person = cls(await browser.new_page(viewport={"width": width, "height": height}))
        await person.page.goto(url)
        await person.page.locator("#channel-composer-input").wait_for()
        return person

    async def become(self, name: str) -> None:
        """Choose whom to be."""
        async with self.page.expect_response(_switches_the_viewer):
            await self.page.locator("#viewer-picker").select_option(label=name)
        await self.page.get_by_text("Action completed").wait_for()

    async def command(self, name: str, **options: str) -> None:
        """Pick a slash command, fill its options from what is suggested for the letters typed, and send it."""
        await self.page.locator("#channel-composer-input").click()
        await self.page.keyboard.type(f"/{name}", delay=30)
        await self._suggested(f"/{name}").click()
        if options:
            await self.page.locator(".command-option-input, .command-ghost").first.wait_for()
        for option, letters in options.items():
            await self._fill(option, letters)
        await self.page.locator("#send-message").click()

    async def begin(self, name: str, **options: str) -> None:
        """Pick a slash command and type, without sending it: the suggestions stay open."""
        await self.page.locator("#channel-composer-input").click()
        await self.page.keyboard.type(f"/{name}", delay=30)
        await self._suggested(f"/{name}").click()
        for option, letters in options.items():
            await self.page.locator(f'.command-option-input[data-option="{option}"]').click()
            await self.page.keyboard.type(letters, delay=30)
            await self._suggested(letters).wait_for()

    async def clear(self) -> None:
        """Leave what was begun."""
        await self.page.reload()
        await self.page.locator("#channel-composer-input").wait_for()

    async def look_at(self, title: str) -> None:
        """Wait for a card and bring its end into view."""
        card = self.card(title).last
        await card.wait_for(timeout=15_000)
        await card.scroll_into_view_if_needed()

    async def rest(self) -> None:
        """Let the page come to rest: smooth scrolling ends, nothing is hovered over, names are filled in."""
        size = self.page.viewport_size
        assert size is not None
        await self.page.mouse.move(size["width"] / 2, size["height"] - 5)
        await self.page.wait_for_timeout(1_500)

    async def scrolls_sideways(self) -> bool:
        return await self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")

    def card(self, title: str) -> Locator:
        """The message with a card of that title."""
        return self.page.locator(".channel-message").filter(has_text=title)

    async def _fill(self, option: str, letters: str) -> None:
        field = self.page.locator(f'.command-option-input[data-option="{option}"]')
        if not await field.count():
            await self.page.locator(".command-ghost").click()
            await self._suggested(option).click()
        await field.click()
        await self.page.keyboard.type(letters, delay=30)
        if not isinstance(letters, AsTyped) and await field.get_attribute("aria-autocomplete"):
            await self._suggested(letters).click()

    def _suggested(self, text: str) -> Locator:
        return self.page.locator("[role=listbox] [role=option]").filter(has_text=text).first
