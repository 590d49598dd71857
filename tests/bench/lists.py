"""/muted and /collection list as people feel them, beside a bare bot that makes the same one call of the IM."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bot.im import IMClient
from tests.bench.im import AUTH, crowd
from tests.bench.latency import bare_bot, beside, known, moderator, our_bot
from tests.bench.measure import Result
from tests.bench.writes import process
from tests.wire.model import Channel, Member
from tests.wire.server import FakeDiscord

PAIRS, DROPPED, MUTED, SAVED = 250, 50, 20, 500
OWNER = "m0"


async def run() -> list[Result]:
    """Measure both lists, one command at a time, in turn with the bare bot."""
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder:
        async with crowd(MUTED, channels=1, muted_ms=86_400_000) as found:
            async with IMClient(found.url, AUTH, rate_per_second=None) as im:
                for number in range(SAVED):
                    await im.collections.add(OWNER, f"Saved line number {number}", 1)
            data = Path(folder) / "im"
            shutil.copytree(found.data, data)
            channel = next(iter(found.members))
            async with (
                process("tests.bench.unlimited", str(data)) as im_url,
                FakeDiscord(openapi=False) as ours,
                FakeDiscord(openapi=False) as theirs,
                our_bot(ours, im_url, Path(folder)),
                bare_bot(theirs, im_url, found.community),
            ):
                for what, mine, bare, options in (
                    ("/muted", "muted", "muted", {"channel": channel}),
                    ("/collection list", "collection list", "saved", {"owner": OWNER}),
                ):
                    results.append(await _in_turn(what, (ours, mine), (theirs, bare), options))
    return results


async def _in_turn(
    what: str, ours: tuple[FakeDiscord, str], theirs: tuple[FakeDiscord, str], options: Mapping[str, str]
) -> Result:
    people: list[tuple[Member, Channel]] = [moderator(ours[0]), moderator(theirs[0])]
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(PAIRS):
        for which, (discord, command) in enumerate((ours, theirs)):
            reply = await discord.slash(*people[which], command, options)
            assert reply.message is not None
            assert reply.message.embeds, reply
            if number >= DROPPED:
                taken[which].append(known(reply.answer_seconds))
    return beside(f"{what} to the answer, p50", taken)
