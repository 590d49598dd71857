"""The worst that people can write stays within Discord's limits in the feed, and cannot pass for anything else."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.services.feed import BATCH, FeedPost, Summary, Talker
from bot.services.mirrors import Mirror
from bot.services.model import Place
from bot.ui.circle.feed_actions import act_buttons
from bot.ui.circle.feed_cards import feed_notice
from bot.ui.circle.feed_choices import MuteTalkerButton, talkers_to_choose
from bot.ui.circle.mirror import mirror_card
from bot.ui.circle.pace import BURST, EVERY_SECONDS, Pace
from bot.ui.circle.save_form import SaveForm
from bot.ui.texts import Locale, shipped_texts
from bot.ui.words import Voice
from tests.wire import rules

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLACE = Place("c" * 27, "9" * 24, "*" * 50)
WORST = ("*" * 5_120, "_\n" * 2_560, "😀" * 5_120, "https://evil.example/ @everyone " * 150, "`" * 5_120, "")


def mirror(number: int, text: str, author: str = "_" * 63, kind: str = "txt") -> Mirror:
    return Mirror(10**18 - 1 - number, None, 1, NOW, PLACE, "9" * 128, f"{author}{number}", text, kind)


def summary(author: str = "_" * 63) -> Summary:
    talkers = tuple(Talker(f"{author}{n}", PLACE, 10**12) for n in range(10))
    named = tuple((talker.author_id, talker.count) for talker in talkers[:5])
    return Summary(10**15, 10**9, tuple(("*" * 50, 10**12) for _ in range(5)), named, talkers)


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("text", WORST)
async def test_every_post_is_one_that_discord_takes(locale: Locale, text: str) -> None:
    voice = Voice(shipped_texts(), locale)
    posts = [
        FeedPost(1, 1, 2, (mirror(0, text),), None),
        FeedPost(1, 1, 2, tuple(mirror(n, text) for n in range(BATCH)), None),
        FeedPost(1, 1, 2, tuple(mirror(n, text, kind="x" * 64) for n in range(BATCH)), None),
        FeedPost(1, 1, 2, (), summary()),
        FeedPost(1, 1, 2, (), summary("ü ")),
    ]
    for post in posts:
        notice = feed_notice(post, voice)
        parts = notice.view.to_components() if notice.view else []
        body = {"embeds": [notice.card.to_dict()], "components": parts}
        assert list(rules.message(body, {}, kind="channel")) == []
        assert len(notice.card) <= 6_000
        words = json.dumps(body["embeds"], ensure_ascii=False)
        assert "https://" not in words
        assert "@everyone" not in words
    form = SaveForm(mirror(0, text), voice)
    assert all(len(part["description"]) <= 100 for part in form.to_dict()["components"])


async def test_a_long_text_is_shown_as_far_as_there_is_room_and_says_where_it_was_cut() -> None:
    voice = Voice(shipped_texts(), "en-US")
    said = "One paragraph, as people write. " * 20
    assert mirror_card(mirror(0, said), voice).description == said.strip()
    for long in ("word " * 800, "\n".join(["a line of a hundred characters or so " * 3] * 18)):
        shown = mirror_card(mirror(0, long), voice).description
        assert shown is not None
        assert 1_450 <= len(shown) <= 1_500
        assert shown.endswith("…")


async def test_ids_of_buttons_have_room_for_the_longest_names() -> None:
    voice = Voice(shipped_texts(), "en-US")
    (talker, *_others) = talkers_to_choose(summary())
    button = MuteTalkerButton("10m", talker.place.channel_id, talker.author_id, voice)
    assert len(button.item.custom_id or "") <= 100
    assert talkers_to_choose(summary("a:b")) == []
    view = act_buttons(mirror(0, "x"), voice)
    assert [len(row["components"]) for row in view.to_components()] == [3, 3]


@pytest.mark.parametrize("kind", ["img", "image", "audio", "voice", "video", "file", "loc", "location", "custom", "?"])
def test_other_bodies_are_words_and_never_a_link(kind: str) -> None:
    card = mirror_card(mirror(0, "https://evil.example/x.png", kind=kind), Voice(shipped_texts(), "zh-CN"))
    assert "evil" not in json.dumps(card.to_dict())
    assert card.description


def test_a_feed_shows_three_at_once_and_then_one_in_two_seconds() -> None:
    pace, now, shown = Pace(), 100.0, 0
    for _ in range(1_000):
        if pace.wait(now) == 0:
            pace.took(now)
            shown += 1
        now += 0.1
    assert shown == BURST + timedelta(seconds=100) // timedelta(seconds=EVERY_SECONDS) - 1
    now += 60
    for _ in range(BURST):
        assert pace.wait(now) == 0
        pace.took(now)
    assert pace.wait(now) > 0


def test_while_discord_is_away_tries_become_rare_and_one_that_works_resets_them() -> None:
    pace, waits = Pace(), []
    for _ in range(8):
        pace.failed(0.0)
        waits.append(pace.wait(0.0))
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]
    pace.worked()
    pace.failed(0.0)
    assert pace.wait(0.0) == 2
