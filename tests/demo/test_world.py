import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.demo.world import open_demo


async def test_an_answer_comes_at_once_although_the_mute_ends_soon():
    async with open_demo(None) as demo:
        began = time.monotonic()
        result = await demo.moderator.slash(
            demo.moderation, "mute", member="haruto_k", channel="strategy", duration="3s"
        )
        assert time.monotonic() - began < 1.5
        assert result.response is not None
        assert "Muted" in (result.response.embeds[0].title or "")
        # The IM tells the bot of it as well.
        async with asyncio.timeout(5):
            while not demo.service.callbacks.sent:
                await asyncio.sleep(0.02)
        assert demo.service.callbacks.failed == 0
        assert demo.env.errors == []


async def test_messages_carry_the_present_time():
    async with open_demo(None) as demo:
        result = await demo.moderator.slash(demo.moderation, "status")
        assert result.response is not None
        assert abs(result.response.message.created_at - datetime.now(UTC)) < timedelta(seconds=5)


async def test_the_community_looks_alive():
    async with open_demo(None) as demo:
        im = demo.warden.im
        public = [channel async for channel in im.channels.public(demo.community)]
        private = [channel async for channel in im.channels.private(demo.community)]
        people = [member async for member in im.communities.members(demo.community)]
        muted = [mute for channel in public async for mute in im.mutes.list(demo.community, channel.channel_id)]
        assert len(people) >= 12
        assert len(private) >= 2
        assert {channel.mode for channel in public} == {0, 1}
        assert len(muted) == 1


async def test_what_was_done_is_known_after_a_second_start(tmp_path: Path):
    async with open_demo(tmp_path) as demo:
        await demo.moderator.slash(demo.moderation, "mute", member="haruto_k", channel="strategy", duration="1h")
    async with open_demo(tmp_path) as demo:
        result = await demo.moderator.slash(demo.moderation, "muted", channel="strategy")
        assert result.response is not None
        words = result.response.embeds[0].description or ""
        assert "haruto" in words
        assert demo.moderator.mention in words


async def test_a_question_is_shown_at_once_and_can_be_answered():
    async with open_demo(None) as demo:
        began = time.monotonic()
        result = await demo.moderator.slash(
            demo.moderation, "mute", member="mei.lin", channel="announcements", duration="1m"
        )
        assert time.monotonic() - began < 1.5
        await demo.moderator.click(result.response, label="Confirm")
        assert result.response is not None
        assert "Muted" in (result.response.embeds[0].title or "")
