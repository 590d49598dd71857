"""Callbacks into `warden run`: what others do shows at once; what was answered with 200 outlives SIGKILL."""

import asyncio
import time

import aiohttp
import pytest

from tests.e2e.processes import CHANNEL, MEMBERS, House, eventually, free_port
from tests.fault_table import Tell
from tests.services.signed import SECRET, muted, signed
from tests.wire import FakeDiscord, Member

pytestmark = pytest.mark.slow


async def test_outside_changes_show_within_a_second_and_none_is_lost_over_sigkill(
    house: House, discord: FakeDiscord, admin: Member, fault: Tell
):
    port = free_port()
    url = f"http://127.0.0.1:{port}/callbacks/im"
    # The comparison by interval is not to be quicker.
    house.settings |= {"http": {"port": port, "callback_secret": SECRET}, "timers": {"reconcile_seconds": 50}}
    await house.start_im("--callback-url", url, "--callback-secret", SECRET)
    bot = await house.start_bot()
    for member in MEMBERS[:2]:
        reply = await discord.slash(
            admin, discord.channel, "mute", {"member": member, "channel": CHANNEL, "duration": "10m"}
        )
        assert "Muted" in reply.text, reply
    mutes = house.rows("SELECT * FROM mutes ORDER BY id")
    place = (mutes[0]["community_id"], mutes[0]["channel_id"])
    took: list[float] = []
    async with house.im() as im:
        for change, where in (
            (im.mutes.add(*place, MEMBERS[0], duration_ms=3_600_000), "adopted = 1"),
            (im.mutes.remove(*place, MEMBERS[1]), "ending = 'outside'"),
        ):
            await change
            begun = time.monotonic()
            await eventually("it is followed", lambda where=where: house.rows(f"SELECT 1 FROM mutes WHERE {where}"), 10)
            took.append(time.monotonic() - begun)
    assert max(took) < 2, "a second, on a machine that has other things to do"

    bodies = [
        signed(muted(place[1], MEMBERS[0]), time.time_ns() // 1_000_000, call_id=f"org#app_{n}") for n in range(200)
    ]
    async with aiohttp.ClientSession() as http:

        async def send(body: bytes) -> int:
            async with http.post(url, data=body) as answer:
                return answer.status

        statuses = await asyncio.gather(*map(send, bodies))
        await bot.kill()
    assert set(statuses) == {200}
    kept = house.rows("SELECT state FROM callback_events WHERE call_id LIKE 'org#app_%'")
    await house.start_bot()
    await eventually(
        "all are processed", lambda: not house.rows("SELECT 1 FROM callback_events WHERE state = 'waiting'")
    )
    fault("SIGKILL after a callback's 200", kills=1, answered=len(bodies), lost=len(bodies) - len(kept))

    house.settings["http"]["port"] = house.im_port
    refused = await house.start_bot(ready=False)
    assert await refused.exit_code() == 1
    assert refused.err[-1].startswith(f"warden: cannot listen on 127.0.0.1 port {house.im_port} ")
    assert "in use" in refused.err[-1]
