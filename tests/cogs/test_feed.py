"""The feed in Discord: calm, busy, flooded; what one tap does; and what becomes of it when Discord refuses."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from bot.services.callbacks.model import MessageSent
from bot.services.feed import MOST_WAITING
from tests.cogs.conftest import ODD_NAME, World, buttons_of, feed_of, said, text_of

numbers = count(10**18)


class Feeding:
    """A world with a feed in #log, and time that passes when the feed is waited for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = 1_000.0
        self.strategy = ""
        self.cog: Any = None

    async def begin(self) -> None:
        world = self.world
        await world.warden.services.settings.set_feed(world.guild.id, world.log.id)
        self.strategy = (await world.warden.im.channels.create(world.community, "strategy")).channel_id

    async def told(self, *messages: tuple[str, str], channel: str = "", kind: str = "txt", real: bool = False) -> None:
        """Let people say something in the IM; `real`: there is such a message, for what is done about it."""
        feed, im = self.world.warden.services.feed, self.world.warden.im
        place = channel or self.world.general
        sent: list[MessageSent] = []
        for author, text in messages:
            number = await im.messages.send_text(place, text, sender=author) if real else str(next(numbers))
            now = self.world.warden.services.clock.now()
            sent.append(MessageSent(place, number, author, kind, text, now))
        rows = await feed.prepare(sent)
        await self.world.warden.store.write(lambda connection: feed.add(connection, rows))

    async def show(self, seconds: float = 120.0) -> None:
        """Let the feed do what it would do by itself in that time."""
        cog = feed_of(self.world.warden.bot)
        if cog is not self.cog:
            # A new one may have tried by itself already, by the true time.
            cog._monotonic = lambda: self.now
            cog._paces.clear()
            self.cog = cog
        end = self.now + seconds
        while True:
            wait = await cog.show_due()
            if wait is None or self.now + wait > end:
                self.now = end
                return
            self.now += max(wait, 0.01)

    def shown(self) -> list[Any]:
        return sorted(self.world.log.history(), key=lambda message: message.id)

    def sent(self) -> list[Any]:
        path = f"/channels/{self.world.log.id}/messages"
        return [one.json for one in self.world.env.http_requests if one.path == path and one.method == "POST"]


@pytest.fixture
async def feeding(world: World) -> Feeding:
    feeding = Feeding(world)
    await feeding.begin()
    return feeding


def rows_of(message: Any) -> Iterator[list[str]]:
    for row in message.to_message_dict()["components"] if hasattr(message, "to_message_dict") else message.components:
        yield [child.label or "" for child in row.children]


def select_in(message: Any) -> Any:
    (row,) = message.components
    (select,) = row.children
    return select


async def test_a_calm_message_stands_alone_with_two_rows_of_three_buttons(feeding: Feeding):
    await feeding.told(("bob", f"{ODD_NAME}\nsee https://evil.example/x"))
    await feeding.told(("carl", ""), kind="img")
    await feeding.show()
    first, second = feeding.shown()
    assert (first.embeds[0].author.name, first.embeds[0].footer.text) == ("bob", "#general")
    for raw in ("**odd**", "@everyone", "[x](", "<@1>", "https://"):
        assert raw not in text_of(first)
    assert text_of(second).startswith("🖼️ image")
    assert list(rows_of(first)) == [["Mute 10m", "Mute 1h", "Mute…"], ["Start thread", "Save", "History"]]
    for body in feeding.sent():
        assert body["allowed_mentions"] == {"parse": []}
        assert body["enforce_nonce"] is True
    assert len({body["nonce"] for body in feeding.sent()}) == 2


async def test_one_tap_mutes_and_the_others_see_it_after_a_restart_too(feeding: Feeding):
    world = feeding.world
    await feeding.told(("bob", "buy gold"))
    await feeding.show()
    (shown,) = feeding.shown()
    await world.restart()
    muted = await world.mod.click(shown, label="Mute 10m")
    # Without a log channel the answer is for everybody, as that of /mute is.
    assert (muted.response.ephemeral, muted.followups) == (False, [])
    assert "Muted bob · #general" in text_of(muted.response)
    assert "**For** 10 minutes" in text_of(muted.response)
    assert await world.muted() == {"bob"}
    assert buttons_of(muted.response) == ["cw:undo:1", "cw:extend:1"]
    refused = await world.mod.click(shown, label="Mute 1h")
    assert "is muted in #general already" in said(refused)
    assert "This is for moderators." in said(await world.guest.click(shown, label="Mute 10m"))
    asked = await world.mod2.click(shown, label="Mute…")
    assert "Mute **bob** in #general for how long?" in said(asked)
    assert "History of bob" in said(await world.mod.click(shown, label="History"))
    assert "buy gold" in text_of(shown)
    await world.log_here()
    await world.warden.services.settings.set_feed(world.guild.id, world.room.id)
    await feeding.told(("carl", "me too"))
    await feeding.show()
    (other,) = [one for one in world.room.history() if "me too" in text_of(one)]
    kept = await world.mod.click(other, label="Mute 1h")
    assert (kept.response.ephemeral, kept.followups) == (True, [])
    assert await world.muted() == {"bob", "carl"}


async def test_a_thread_and_a_collection_begin_with_a_tap(feeding: Feeding):
    world = feeding.world
    await feeding.told(("bob", "Who brings the rope? " * 30), real=True)
    await feeding.show()
    (shown,) = feeding.shown()
    form = await world.mod.click(shown, label="Start thread")
    done = await world.mod.submit_modal(form, {"name": "Rope"})
    assert "Started thread “Rope” in #general" in said(done)
    assert "This is for administrators" in said(await world.mod.click(shown, label="Save"))
    form = await world.admin.click(shown, label="Save")
    assert form.modal["title"] == "Save to a collection"
    saved = await world.admin.submit_modal(form, {"owner": "dora"})
    assert "dora" in said(saved)
    (item,) = [item async for item in world.warden.im.collections.list("dora")]
    assert item.data == "Who brings the rope? " * 30
    assert json.loads(item.ext or "")["author"] == "bob"
    await feeding.told(("carl", ""), kind="audio")
    await feeding.show()
    assert "has no text" in said(await world.admin.click(feeding.shown()[-1], label="Save"))


async def test_busy_times_show_ten_in_one_list_and_a_select_opens_one(feeding: Feeding):
    world = feeding.world
    await feeding.told(*[("bob", f"spam {n}") for n in range(3)], ("carl", "*help*"), ("dora", "x" * 2_000))
    await feeding.show()
    (batch,) = feeding.shown()
    text = text_of(batch)
    assert text.count("**bob** · #general") == 1
    assert [line for line in text.splitlines() if "spam" in line] == ["spam 0", "spam 1", "spam 2"]
    assert "\\*help\\*" in text
    options = select_in(batch).options
    assert [option.label for option in options][:4] == ["bob: spam 0", "bob: spam 1", "bob: spam 2", "carl: *help*"]
    chosen = await world.mod.select(batch, [options[3].value])
    assert chosen.response.ephemeral
    assert "\\*help\\*" in said(chosen)
    assert len(buttons_of(chosen.response)) == 6
    await world.mod.click(chosen.response, label="Mute 1h")
    assert "Muted carl · #general" in text_of(chosen.response)
    assert await world.muted() == {"carl"}


async def test_context_menus_on_a_list_ask_which_message_is_meant(feeding: Feeding):
    world = feeding.world
    await feeding.told(*[(author, f"I am {author}") for author in ("bob", "carl", "dora", "mia")], real=True)
    await feeding.show()
    (batch,) = feeding.shown()
    asked = await world.mod.context_menu(world.log, "Mute author", batch)
    assert buttons_of(asked.response) == ["cw:which:mute"]
    values = [option["value"] for option in asked.response.components[0]["components"][0]["options"]]
    await world.mod.select(asked.response, [values[2]])
    assert "Mute **dora** in #general for how long?" in text_of(asked.response)
    await world.mod.select(asked.response, ["1h"])
    assert await world.muted() == {"dora"}
    asked = await world.mod.context_menu(world.log, "History", batch)
    await world.mod.select(asked.response, [values[2]])
    assert "History of dora" in text_of(asked.response)
    asked = await world.mod.context_menu(world.log, "Start thread", batch)
    form = await world.mod.select(asked.response, [values[1]])
    await world.mod.submit_modal(form, {"name": "About carl"})
    (thread,) = [thread async for thread in world.warden.im.threads.list(world.general)]
    assert (thread.owner, thread.name) == ("carl", "About carl")
    refused = await world.mod.slash(
        world.room, "reaction list", message_id=str(batch.id), channel="general", member="bob"
    )
    assert "shows several messages" in said(refused)


async def test_a_raid_of_five_thousand_drowns_neither_discord_nor_the_moderators(feeding: Feeding):
    world = feeding.world
    clock = world.warden.services.clock
    began = clock.now()
    for second in range(10):
        clock.now = lambda second=second: began + timedelta(seconds=second)
        await feeding.told(*[("bob", "BUY GOLD")] * 250, *[("carl", "gold!")] * 150)
        await feeding.told(*[("dora", "what?")] * 100, channel=feeding.strategy)
        await feeding.show(1.0)
    clock.now = lambda: began + timedelta(seconds=40)
    await feeding.show()
    assert len(feeding.sent()) <= MOST_WAITING // 10 + 12
    listed = sum(len(re.findall(r"(?m)^(?:BUY GOLD|gold!|what\?)$", text_of(one))) for one in feeding.shown())
    summaries = [text_of(one) for one in feeding.shown() if "were not shown" in text_of(one)]
    counted = sum(int(re.search(r"\*\*([\d,]+)\*\*", one)[1].replace(",", "")) for one in summaries)
    assert listed + counted == 5_000
    assert "#general" in summaries[0]
    assert "Most from bob **" in summaries[0]
    flood = next(one for one in feeding.shown() if "were not shown" in text_of(one))
    chosen = await world.mod.select(flood, [select_in(flood).options[0].value])
    assert "Mute **bob** in #general?" in said(chosen)
    assert "This is for moderators." in said(await world.guest.select(flood, [select_in(flood).options[0].value]))
    await world.mod.click(chosen.response, label="Mute 1h")
    assert await world.muted() == {"bob"}


async def test_a_deleted_feed_channel_is_said_and_a_new_one_begins_anew(feeding: Feeding):
    world = feeding.world
    world.env.inject_error("POST", f"/channels/{world.log.id}/messages", status=404, code=10003, times=None)
    await feeding.told(("bob", "one"), ("bob", "two"))
    await feeding.show()
    tried = len(feeding.sent())
    assert tried == 1
    await feeding.told(("bob", "three"))
    await feeding.show()
    assert len(feeding.sent()) == tried
    assert "The feed channel is gone." in said(await world.mod.slash(world.room, "status"))
    await world.warden.services.settings.set_feed(world.guild.id, world.room.id)
    await feeding.told(("bob", "four"))
    await feeding.show()
    assert "four" in text_of(max(world.room.history(), key=lambda message: message.id))
    assert f"Feed in <#{world.room.id}>" in said(await world.mod.slash(world.room, "status"))


async def test_discord_being_down_and_a_restart_only_delay_the_feed(feeding: Feeding):
    world = feeding.world
    world.env.inject_error("POST", f"/channels/{world.log.id}/messages", status=500, times=5)
    await feeding.told(*[("bob", f"text {n}") for n in range(12)])
    await feeding.show(1.0)
    assert (feeding.shown(), len(feeding.sent())) == ([], 1)
    await world.restart()
    await feeding.told(("bob", "text 12"))
    await feeding.show()
    listed = re.findall(r"text (\d+)", "\n".join(text_of(one) for one in feeding.shown()))
    assert listed == [str(n) for n in range(13)]


async def test_what_the_bot_says_by_command_in_the_feed_channel_is_shown_once(feeding: Feeding):
    world = feeding.world
    answer = await world.mod.slash(world.log, "channel say", channel="general", text="Be kind")
    (mirror,) = await world.warden.services.mirrors.recent(world.guild.id)
    now = world.warden.services.clock.now()
    feed = world.warden.services.feed
    rows = await feed.prepare([MessageSent(world.general, mirror.im_message_id, "admin", "txt", "Be kind", now)])
    assert rows == []
    assert answer.followups[0].embeds[0].description == "Be kind"


async def test_the_feed_speaks_the_guilds_language(feeding: Feeding):
    world = feeding.world
    await world.warden.services.settings.set_language(world.guild.id, "zh-CN")
    await feeding.told(("bob", "大家好"), ("carl", ""), kind="txt")
    await feeding.show()
    first, second = feeding.shown()
    assert list(rows_of(first)) == [["禁言10分", "禁言1时", "禁言…"], ["建子区", "收藏", "记录"]]
    assert "（无文字）" in text_of(second)
    # Who acts is answered in their own language.
    assert "Muted bob" in said(await world.mod.click(first, label="禁言10分"))


async def test_a_message_that_cannot_be_drawn_keeps_no_other_away(feeding: Feeding, monkeypatch: pytest.MonkeyPatch):
    # The module that this bot has loaded: another test may have loaded it anew.
    loaded = type(feed_of(feeding.world.warden.bot))._show.__globals__
    drawn = loaded["feed_notice"]

    def draw(post: Any, voice: Any) -> Any:
        if any(message.said == "poison" for message in post.messages):
            raise ZeroDivisionError
        return drawn(post, voice)

    monkeypatch.setitem(loaded, "feed_notice", draw)
    await feeding.told(("bob", "poison"))
    await feeding.show()
    await feeding.told(("carl", "hello"))
    await feeding.show()
    (message,) = feeding.shown()
    assert "hello" in text_of(message)
    outcomes = feeding.world.warden.services.meters.feed
    assert [outcomes.labels(outcome)._value.get() for outcome in ("failed", "shown")] == [1, 1]
