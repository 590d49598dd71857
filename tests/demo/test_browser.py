import re
from pathlib import Path

import pytest

from tests.demo.person import CHROMIUM, Person, open_browser
from tests.demo.running import running_demo

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")]

SIZES = [pytest.param(1100, 800, id="desk"), pytest.param(390, 844, id="phone")]


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_a_mute_given_on_the_page_is_answered_at_once_and_its_card_follows_when_it_ends(
    tmp_path: Path, width: int, height: int
):
    async with running_demo(tmp_path) as demo, open_browser() as browser:
        mira = await Person.arrive(browser, demo.url(), width=width, height=height)
        await mira.card("What to try first").wait_for()
        await mira.command("mute", member="haruto", channel="strategy", duration="8 s")
        card = mira.card("Muted haruto_k · #strategy")
        await card.wait_for(timeout=10_000)
        for button in ("Undo", "Extend"):
            await card.get_by_role("button", name=button).wait_for()
            assert await card.get_by_role("button", name=button).is_visible()
        await card.get_by_text("@Mira", exact=True).wait_for()
        assert not await mira.scrolls_sideways()
        await card.get_by_text(re.compile("in [1-5] seconds")).wait_for(timeout=10_000)
        over = mira.card("Mute over: haruto_k · #strategy")
        await over.wait_for(timeout=20_000)
        assert not await over.get_by_role("button", name="Undo").count()
        assert not await mira.scrolls_sideways()
        assert mira.asked == {demo.url().split("/")[2]}, "the page asks nobody but the demo"


async def test_undo_is_one_press(tmp_path: Path):
    async with running_demo(tmp_path) as demo, open_browser() as browser:
        mira = await Person.arrive(browser, demo.url(), width=390, height=844)
        await mira.command("mute", member="haruto", channel="strategy")
        await mira.card("Muted haruto_k").get_by_role("button", name="Undo").click()
        await mira.card("Undone: haruto_k · #strategy").wait_for(timeout=15_000)


async def test_the_log_channel_can_be_chosen_and_shows_the_case_to_its_end(tmp_path: Path):
    async with running_demo(tmp_path) as demo, open_browser() as browser:
        log = await Person.arrive(browser, demo.url("Log"), width=1100, height=800)
        ada = await Person.arrive(browser, demo.url(), width=1100, height=800)
        await ada.become("Ada")
        await ada.command("settings log", channel="warden-log")
        await ada.card("Every case is now shown in #warden-log").wait_for()
        await ada.command("mute", member="haruto", channel="strategy", duration="4 s")
        await log.card("Muted haruto_k · #strategy").wait_for(timeout=15_000)
        await log.card("Mute over: haruto_k · #strategy").wait_for(timeout=20_000)


async def test_the_bot_speaks_the_language_of_the_person_who_asks(tmp_path: Path):
    async with running_demo(tmp_path) as demo, open_browser() as browser:
        chen = await Person.arrive(browser, demo.url(), width=390, height=844)
        await chen.become("小陈")
        await chen.command("status")
        await chen.card("社区 Aurora Games").wait_for(timeout=15_000)


async def test_a_refusal_is_an_answer_and_the_page_stays_usable(tmp_path: Path):
    async with running_demo(tmp_path) as demo, open_browser() as browser:
        mira = await Person.arrive(browser, demo.url(), width=1100, height=800)
        await mira.command("mute", member="aurora", channel="strategy")
        await mira.card("cannot be muted").wait_for(timeout=15_000)
        assert not await mira.page.get_by_text("uncertain").count()
        await mira.command("status")
        await mira.card("Community Aurora Games").wait_for(timeout=15_000)
