"""What people of the sample community say while the demo runs: somebody every few seconds, and one who misbehaves."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Final, NamedTuple

from bot.demo.world import Demo
from bot.im.errors import IMError
from bot.services.refusals import Refusal

_FIRST_SECONDS: Final = 2.0
_PAUSE_SECONDS: Final = 20.0
_ROCKET: Final = "xx_rocket_xx"


class _Line(NamedTuple):
    """What somebody says in a channel, a message each."""

    room: str
    sender: str
    texts: tuple[str, ...]


_LINES: Final = (
    _Line("strategy", "haruto_k", ("Burn build again: 4:03. Sentinels hate it.",)),
    _Line("中文闲聊", "wang.fang", ("有人看到新活动的时间表了吗？",)),
    _Line(
        "general",
        _ROCKET,
        (
            "FREE GEMS >>> gems-4-free.example",
            "FREE GEMS >>> gems-4-free.example",
            "first 100 only!!!",
            "FREE GEMS >>> gems-4-free.example",
            "@everyone FREE GEMS",
        ),
    ),
    _Line("general", "kofi.mensah", ("Lag spike, or is it just me?", "Back to normal.")),
    _Line("strategy", "dmitri_v", ("4:01. I am not done.",)),
    _Line("fan-art", "sofia-almeida", ("New sketch of the harbour, tell me what you think ✨",)),
    _Line("looking-for-group", "priya.nair", ("Healer here, one place left? IST evenings.",)),
    _Line("looking-for-group", "tomas.eriksen", ("Come along, 20:00 UTC, voice in Raid night.",)),
    _Line("中文闲聊", "zhang.yu", ("周五晚上八点开打，来不来？",)),
    _Line("strategy", "j.novak", ("Whoever pulls the second ember early is buying potions.",)),
    _Line("general", _ROCKET, ("noobs, all of you", "FREE GEMS >>> gems-4-free.example")),
    _Line("fan-art", "amelie.b", ("That light! How did you do the water?",)),
)


@contextlib.asynccontextmanager
async def chatting(demo: Demo) -> AsyncGenerator[None]:
    """Let people talk in the IM while the context lasts; who is muted where they would says nothing."""
    talking = asyncio.create_task(_talk(demo), name="demo chatter")
    try:
        yield
    finally:
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)


async def _talk(demo: Demo) -> None:
    await asyncio.sleep(_FIRST_SECONDS)
    while True:
        for line in _LINES:
            # A visitor may have deleted the channel.
            with contextlib.suppress(IMError, Refusal):
                await _say(demo, line)
            await asyncio.sleep(_PAUSE_SECONDS)


async def _say(demo: Demo, line: _Line) -> None:
    im = demo.warden.im
    place = (await demo.warden.services.directory.channel(demo.guild.id, line.room)).place
    # The API would let them (fact 5); a client of the IM would not.
    muted = {mute.user_id async for mute in im.mutes.list(place.community_id, place.channel_id)}
    if line.sender in muted:
        return
    for text in line.texts:
        await im.messages.send_text(place.channel_id, text, sender=line.sender)
