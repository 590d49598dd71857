"""A moderator's and an administrator's day at the demo page, on a desk and on a phone."""

import re
from itertools import product
from pathlib import Path

import pytest
from playwright.async_api import ViewportSize

from tests.demo.person import CHROMIUM, AsTyped, Person, open_browser
from tests.demo.running import running_demo

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")]

ANSWER_MS = 15_000
DESK, PHONE = ViewportSize(width=1100, height=800), ViewportSize(width=390, height=844)
HINT = "Calls, builds and no spoilers."


async def test_staff_moderate_on_a_desk_and_on_a_phone_without_scrolling_sideways(tmp_path: Path):
    """Each step on one of the two, and its end is looked at on both."""
    async with running_demo(tmp_path, copied=True) as demo, open_browser() as browser:
        log = await Person.arrive(browser, demo.url("Log"), **DESK)
        mira = await Person.arrive(browser, demo.url(), **DESK)
        await mira.card("What to try first").wait_for()
        for steps, size in (
            (mute_for_a_moment, DESK),
            (choose_a_log_that_shows_a_case_to_its_end, PHONE),
            (undo_with_one_press, PHONE),
            (refused_and_usable, DESK),
            (page_through_a_list, PHONE),
            (edit_in_a_form, PHONE),
            (look_before_a_purge, DESK),
            (answer_in_chinese, PHONE),
        ):
            await mira.page.set_viewport_size(size)
            await steps(mira, log)
            for person, each in product((mira, log), (DESK, PHONE)):
                await person.page.set_viewport_size(each)
                assert not await person.scrolls_sideways(), (steps.__name__, each)
                assert not await person.page.get_by_text("uncertain").count(), steps.__name__
        for person, url in ((mira, demo.url()), (log, demo.url("Log"))):
            assert person.asked == {url.split("/")[2]}, "the page asks nobody but the demo"


async def mute_for_a_moment(mira: Person, _log: Person) -> None:
    """The member is picked from suggestions; the answer's card follows when the mute ends."""
    await mira.begin("mute", member="ha")
    await mira.clear()
    await mira.command("mute", member="haruto", channel="strategy", duration="7 s")
    card = mira.card("Muted haruto_k · #strategy")
    await card.wait_for(timeout=10_000)
    for button in ("Undo", "Extend"):
        await card.get_by_role("button", name=button).wait_for()
    await card.get_by_text("@Mira", exact=True).wait_for()
    await card.get_by_text(re.compile("in [1-5] seconds")).wait_for(timeout=10_000)
    over = mira.card("Mute over: haruto_k · #strategy")
    await over.wait_for(timeout=20_000)
    assert not await over.get_by_role("button", name="Undo").count()


async def choose_a_log_that_shows_a_case_to_its_end(ada: Person, log: Person) -> None:
    await ada.become("Ada")
    await ada.command("settings log", channel="warden-log")
    await ada.card("Every case is now shown in #warden-log").wait_for(timeout=ANSWER_MS)
    await ada.command("mute", member="haruto", channel="strategy", duration="4 s")
    await log.card("Muted haruto_k · #strategy").wait_for(timeout=ANSWER_MS)
    await log.card("Mute over: haruto_k · #strategy").wait_for(timeout=20_000)


async def undo_with_one_press(mira: Person, log: Person) -> None:
    await mira.command("mute", member="kofi", channel="strategy")
    # The page has come to rest when the log has it, too: a press while it is being drawn anew is lost in the page.
    await log.card("Muted kofi.mensah").wait_for(timeout=ANSWER_MS)
    await mira.card("Muted kofi.mensah").get_by_role("button", name="Undo").click()
    for person in (mira, log):
        await person.card("Undone: kofi.mensah · #strategy").wait_for(timeout=ANSWER_MS)


async def refused_and_usable(mira: Person, _log: Person) -> None:
    await mira.command("mute", member="aurora", channel="strategy")
    await mira.card("cannot be muted").wait_for(timeout=ANSWER_MS)
    await mira.command("status")
    await mira.card("Community Aurora Games").wait_for(timeout=ANSWER_MS)


async def page_through_a_list(ada: Person, _log: Person) -> None:
    """Twelve items are two pages; the message keeps its place in the channel."""
    await ada.become("Ada")
    await ada.command("collection list", owner="kofi")
    items = ada.card("Collections of kofi.mensah")
    await items.filter(has_text="Raid night: Friday").wait_for(timeout=ANSWER_MS)
    await items.get_by_role("button", name="Next").click()
    await items.filter(has_text="First clear of the harbour").wait_for(timeout=ANSWER_MS)
    assert not await items.filter(has_text="Raid night: Friday").count()
    await items.get_by_role("button", name="Back").click()
    await items.filter(has_text="Raid night: Friday").wait_for(timeout=ANSWER_MS)
    assert await items.count() == 1


async def edit_in_a_form(ada: Person, log: Person) -> None:
    await ada.command("channel edit", channel="strategy")
    form = ada.page.locator("#modal-root")
    await form.get_by_text("Edit #strategy").wait_for(timeout=ANSWER_MS)
    await form.get_by_label("Description").fill(HINT)
    await form.get_by_role("button", name="Submit").click()
    for person in (ada, log):
        await person.card("Edited #strategy").filter(has_text=HINT).wait_for(timeout=ANSWER_MS)


async def look_before_a_purge(ada: Person, _log: Person) -> None:
    await ada.command("member purge", channel="fan-art", members=AsTyped("sofia-almeida, j.novak"))
    question = ada.card("from #fan-art?")
    await question.get_by_role("button", name="Cancel").click()
    await ada.card("Cancelled. Nothing was changed.").wait_for(timeout=ANSWER_MS)


async def answer_in_chinese(chen: Person, _log: Person) -> None:
    await chen.become("小陈")
    await chen.command("status")
    await chen.card("社区 Aurora Games").wait_for(timeout=ANSWER_MS)
