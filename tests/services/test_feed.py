"""The feed: what was said in the IM waits to be shown, each message once, and a raid is counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import count

import pytest

from bot.im import Text
from bot.imservice import FaultAction
from bot.services.callbacks.model import MessageSent
from bot.services.feed import BATCH, CALM, MOST_WAITING, FeedPost
from bot.services.mirrors import ImMessage
from bot.services.refusals import Refusal
from bot.services.saved.mirrored import item_of
from bot.store.erasure import erase
from tests.services.conftest import ANNA, GUILD, World

FEED = 4242
numbers = count(10**18)


@pytest.fixture
async def fed(world: World) -> World:
    await world.services.settings.set_feed(GUILD, FEED)
    return world


def message(world: World, text: str = "hello", author: str = "bob", **more) -> MessageSent:
    values = {"channel_id": world.channel, "message_id": str(next(numbers)), "kind": "txt"} | more
    return MessageSent(author_id=author, text=text, sent_at=world.clock.now(), **values)


async def tell(world: World, *messages: MessageSent) -> int:
    """Take messages in as the callbacks do; return how many rows that made."""
    feed = world.services.feed
    rows = await feed.prepare(messages)
    await world.store.write(lambda connection: feed.add(connection, rows))
    return len(rows)


async def show_all(world: World, first_id: int = 1) -> list[FeedPost]:
    shown: list[FeedPost] = []
    while (post := await world.services.feed.next_post(GUILD)) is not None:
        await world.services.feed.shown(post, first_id + len(shown))
        shown.append(post)
    return shown


def texts(posts: list[FeedPost]) -> list[str]:
    return [mirror.text for post in posts for mirror in post.messages]


def outcomes(world: World) -> dict[str, float]:
    samples = [one for metric in world.services.meters.feed.collect() for one in metric.samples]
    return {one.labels["outcome"]: one.value for one in samples if one.name.endswith("_total")}


async def test_calm_messages_are_shown_one_by_one_and_busy_ones_ten_at_a_time_in_order(fed: World) -> None:
    await tell(fed, *[message(fed, f"calm {n}") for n in range(CALM)])
    calm = await show_all(fed)
    assert [len(post.messages) for post in calm] == [1] * CALM
    await tell(fed, *[message(fed, f"busy {n}") for n in range(25)])
    await fed.restart()
    busy = await show_all(fed, 100)
    assert [len(post.messages) for post in busy] == [BATCH, BATCH, 5]
    assert texts(calm + busy) == [*[f"calm {n}" for n in range(CALM)], *[f"busy {n}" for n in range(25)]]
    assert outcomes(fed) == {"shown": 25}
    (first, *_others, tenth) = await fed.services.mirrors.shown_by(GUILD, 100)
    assert (first.text, tenth.text, first.author_id, first.place.channel_name) == ("busy 0", "busy 9", "bob", "general")


async def test_a_message_is_shown_once_however_often_it_is_told(fed: World) -> None:
    once, again = message(fed, "one"), message(fed, "two")
    await tell(fed, once, once, again)
    await tell(fed, once)
    assert texts(await show_all(fed)) == ["one", "two"]
    await tell(fed, once, again)
    assert await show_all(fed) == []


async def test_a_crash_before_it_is_noted_shows_the_same_post_under_the_same_number(fed: World) -> None:
    await tell(fed, *[message(fed, str(n)) for n in range(5)])
    before = await fed.services.feed.next_post(GUILD)
    await tell(fed, *[message(fed, "later") for _ in range(5)])
    await fed.restart()
    assert await fed.services.feed.next_post(GUILD) == before
    assert len(texts(await show_all(fed))) == 10


async def test_a_raid_is_counted_and_nothing_is_lost_from_the_counts(fed: World) -> None:
    sent = Counter({("bob", "general"): 3_000, ("carl", "general"): 1_500, ("dora", "strategy"): 500})
    strategy = (await fed.im.channels.create(fed.community, "strategy")).channel_id
    ids = {"general": fed.channel, "strategy": strategy}
    all_of_them = [who for who, times in sent.items() for _ in range(times)]
    for start in range(0, 5_000, 500):
        batch = all_of_them[start : start + 500]
        await tell(fed, *[message(fed, "buy!", author, channel_id=ids[channel]) for author, channel in batch])
        fed.pass_time(seconds=1)
    assert len(await fed.store.read(lambda c: c.exec_driver_sql("SELECT 1 FROM mirrors").all())) == MOST_WAITING
    await fed.restart()
    posts = await show_all(fed)
    (summary,) = [post.summary for post in posts if post.summary]
    assert len(posts) <= MOST_WAITING // BATCH + 1
    assert len(texts(posts)) == MOST_WAITING
    assert summary.total == 5_000 - MOST_WAITING
    assert (summary.seconds, summary.channels) == (9, (("general", 4_300), ("strategy", 500)))
    assert summary.authors == (("bob", 2_800), ("carl", 1_500), ("dora", 500))
    assert [(one.author_id, one.count) for one in summary.talkers] == list(summary.authors)
    assert outcomes(fed) == {"shown": MOST_WAITING, "summarised": 5_000 - MOST_WAITING}


async def test_a_raid_of_a_thousand_names_fills_no_table(fed: World) -> None:
    await tell(fed, *[message(fed, "buy!", f"raider{n}") for n in range(2_000)])
    assert len(await fed.store.read(lambda c: c.exec_driver_sql("SELECT 1 FROM feed_counts").all())) <= 501
    (summary,) = [post.summary for post in await show_all(fed) if post.summary]
    assert (summary.total, len(summary.talkers)) == (1_800, 10)


async def test_while_a_raid_goes_on_a_summary_comes_every_thirty_seconds(fed: World) -> None:
    feed = fed.services.feed
    await tell(fed, *[message(fed) for _ in range(MOST_WAITING + 5)])
    post = await feed.next_post(GUILD)
    assert post is not None
    assert post.summary is None
    assert await feed.next_in(GUILD) == 30
    await feed.shown(post, 1)
    fed.pass_time(seconds=31)
    assert (await feed.next_in(GUILD)) == 0
    post = await feed.next_post(GUILD)
    assert post is not None
    assert post.summary is not None
    assert post.summary.total == 5


async def test_other_communities_are_not_shown_and_threads_are_under_their_channel(fed: World) -> None:
    (sent,) = await fed.im.messages.send([fed.channel], Text("start"), sender="bob")
    thread = await fed.im.threads.create(fed.channel, sent.message_id, "bob", "Raid plans")
    other = await fed.im.communities.create("olga", "Other")
    foreign = (await fed.im.channels.create(other, "secret")).channel_id
    # Which community a server is about must be said where there are two.
    await fed.services.settings.set_community(GUILD, fed.community)
    before = sum(fed.service.count.values())
    for _ in range(3):
        await tell(fed, message(fed, "leak", channel_id=foreign), message(fed, "in it", channel_id=thread))
    asked = sum(fed.service.count.values()) - before
    posts = await show_all(fed)
    assert texts(posts) == ["in it"] * 3
    assert {mirror.place.channel_id for post in posts for mirror in post.messages} == {fed.channel}
    assert asked <= 8
    # Forged ids cost no more than a few calls a minute.
    before = sum(fed.service.count.values())
    await tell(fed, *[message(fed, channel_id=str(n)) for n in range(500)])
    assert sum(fed.service.count.values()) - before <= 2 * 20
    assert outcomes(fed) == {"shown": 3, "dropped": 503}


async def test_messages_wait_while_the_im_cannot_be_asked_where_they_are_from(fed: World) -> None:
    await fed.services.settings.set_community(GUILD, fed.community)
    fed.service.fault = lambda _request: FaultAction.reset()
    await tell(fed, message(fed, "first"), message(fed, "strange", channel_id="5"))
    fed.service.fault = None
    assert await show_all(fed) == []
    # Not asked again at once, and known by then: the next one waits behind the first.
    assert not await fed.services.feed.place()
    fed.pass_time(seconds=6)
    await tell(fed, message(fed, "second"))
    assert await show_all(fed) == []
    assert await fed.services.feed.place()
    assert texts(await show_all(fed)) == ["first", "second"]
    # What is known stays known while the IM is away.
    fed.pass_time(minutes=10)
    fed.service.fault = lambda _request: FaultAction.reset()
    await tell(fed, message(fed, "third"))
    assert texts(await show_all(fed)) == ["third"]


async def test_a_feed_channel_that_refuses_is_tried_again_now_and_then_and_at_once_when_set(fed: World) -> None:
    feed, settings = fed.services.feed, fed.services.settings
    await tell(fed, *[message(fed) for _ in range(MOST_WAITING + 50)])
    post = await feed.next_post(GUILD)
    assert post is not None
    await feed.refused(post, "gone")
    assert (await feed.guilds(), settings.feed_problem(GUILD)) == ([], "gone")
    assert outcomes(fed) == {"dropped": MOST_WAITING + 50}
    assert await tell(fed, message(fed)) == 0
    fed.pass_time(minutes=6)
    assert await tell(fed, message(fed, "probe")) == 1
    assert await tell(fed, message(fed)) == 0
    assert texts(await show_all(fed)) == ["probe"]
    assert settings.feed_problem(GUILD) is None
    await tell(fed, message(fed))
    post = await feed.next_post(GUILD)
    assert post is not None
    await feed.refused(post, "forbidden")
    await fed.restart()
    assert fed.services.settings.feed_problem(GUILD) == "forbidden"
    await fed.services.settings.set_feed(GUILD, FEED + 1)
    assert await tell(fed, message(fed), message(fed)) == 2
    assert [post.channel_id for post in await show_all(fed)] == [FEED + 1] * 2


async def test_no_feed_shows_nothing_and_keeps_nothing(world: World) -> None:
    assert await tell(world, message(world)) == 0
    await world.services.settings.set_feed(GUILD, FEED)
    await tell(world, message(world), message(world, kind="cmd"))
    await world.services.settings.set_feed(GUILD, None)
    assert await world.services.feed.next_post(GUILD) is None
    assert await world.services.feed.guilds() == []
    assert outcomes(world) == {"dropped": 1}


async def test_what_discord_does_not_take_is_given_up_and_the_next_is_shown(fed: World) -> None:
    await tell(fed, message(fed, "bad"), message(fed, "good"))
    post = await fed.services.feed.next_post(GUILD)
    assert post is not None
    await fed.services.feed.unshowable(post)
    assert texts(await show_all(fed)) == ["good"]
    assert outcomes(fed) == {"failed": 1, "shown": 1}


async def test_what_a_command_has_said_here_is_not_shown_twice(fed: World) -> None:
    feed, mirrors = fed.services.feed, fed.services.mirrors
    said, noted, elsewhere, late = (message(fed, text) for text in ("said", "noted", "elsewhere", "late"))
    feed.said_here(GUILD, said.message_id)
    place = (await fed.services.directory.channel(GUILD, "general")).place
    for number, (one, shown_in) in enumerate(((noted, FEED), (elsewhere, FEED + 1))):
        shows = ImMessage(place, one.message_id, "admin", one.text, one.sent_at)
        await mirrors.note(guild_id=GUILD, message_id=number, shows=shows, shown_in=shown_in)
    await tell(fed, said, noted, elsewhere, late)
    # The callback may be quicker than the answer of the IM.
    feed.said_here(GUILD, late.message_id)
    assert texts(await show_all(fed, 50)) == ["elsewhere"]


async def test_hostile_content_is_stored_and_cut(fed: World) -> None:
    wild = message(fed, "\0a\ud800b" + "x" * 9_000, "B" * 200, kind="\0img" * 50)
    await tell(fed, wild, replace(wild, message_id="9" * 400, kind="txt"))
    first, second = (post.messages[0] for post in await show_all(fed))
    assert first.text.startswith("a?bx")
    assert len(first.text) <= 5_120
    assert first.author_id == "b" * 64
    with pytest.raises(Refusal, match="refusal-save-no-text"):
        item_of(first)
    assert item_of(second)[0] == second.text


async def test_a_shown_message_is_saved_whole_and_says_where_it_is_from(fed: World) -> None:
    text = "long " * 500
    await tell(fed, sent := message(fed, text))
    (post,) = await show_all(fed)
    mirror = await fed.services.mirrors.get(GUILD, post.messages[0].id)
    data, kind, ext = item_of(mirror)
    await fed.services.saved.add(staff=ANNA, guild_id=GUILD, owner="dora", data=data, type=kind, ext=ext)
    (item,) = [item async for item in fed.im.collections.list("dora")]
    assert (item.data, item.type) == (text, 0)
    for part in (sent.message_id, fed.channel, '"general"', '"bob"'):
        assert part in (item.ext or "")
    with pytest.raises(Refusal, match="refusal-mirror-gone"):
        await fed.services.mirrors.get(GUILD + 1, mirror.id)


async def test_erasing_somebody_takes_them_out_of_what_waits_and_of_what_was_counted(fed: World) -> None:
    await tell(fed, *[message(fed, f"{n}", "bob" if n % 2 else "carl") for n in range(MOST_WAITING)])
    await tell(fed, *[message(fed, author="bob") for n in range(7)], message(fed, author="carl"))
    assert await fed.services.feed.next_post(GUILD)
    await fed.store.write(lambda connection: erase(connection, "bob", "erased-x", [], 0))
    posts = await show_all(fed)
    assert {mirror.author_id for post in posts for mirror in post.messages} == {"carl"}
    (summary,) = [post.summary for post in posts if post.summary]
    assert [(one.author_id, one.count) for one in summary.talkers] == [("erased-x", 7), ("carl", 1)]
