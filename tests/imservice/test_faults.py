import asyncio
import time

import aiohttp
import pytest

from bot.imservice import FaultAction
from tests.imservice.conftest import START_MS, assert_refusal

MUTE = "POST /circle/channel/{channel_id}/user/mute"


async def muted_channel(api):
    await api.users("owner", "ann")
    api.community = await api.new_community()
    channel = await api.new_channel()
    await api.join(channel, "ann")
    return channel


async def test_the_hook_sees_the_request_and_decides(launch):
    api = await launch()
    channel = await muted_channel(api)
    seen = []

    def hook(request):
        seen.append(request)
        return FaultAction.answer(503, retry_after=7) if request.route == MUTE and request.number == 1 else None

    api.service.fault = hook
    reply = await api.mute(channel, "ann", duration=5)
    assert_refusal(reply, 503, "service_unavailable")
    assert reply.headers["Retry-After"] == "7"
    assert seen[0].params == {"channel_id": channel}
    assert seen[0].json == {"server_id": api.community, "user_id": "ann", "duration": 5}
    assert await api.muted(channel) == {}
    assert dict(seen[1].query) == {"serverId": api.community}
    assert (await api.mute(channel, "ann")).status == 200
    assert [record.status for record in api.service.requests if record.route == MUTE] == [503, 200]


@pytest.mark.parametrize(
    ("status", "error"), [(429, "reach_limit"), (500, "internal_server_error"), (503, "service_unavailable")]
)
async def test_scripted_statuses_have_the_real_bodies(launch, status, error):
    api = await launch()
    api.service.fault = lambda request: FaultAction.answer(status)
    assert_refusal(await api.get("/circle/user/ann"), status, error)


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("kind", ["answer", "reset", "hang_up", "garbage", "truncated"])
async def test_a_fault_strikes_before_or_after_the_work(launch, kind, carried_out):
    api = await launch()
    channel = await muted_channel(api)
    action = (
        FaultAction.answer(500, carried_out=carried_out)
        if kind == "answer"
        else getattr(FaultAction, kind)(carried_out=carried_out)
    )
    api.service.fault = lambda request: action if request.route == MUTE else None
    if kind == "answer":
        assert (await api.mute(channel, "ann", duration=1000)).status == 500
    elif kind == "garbage":
        url = f"{api.url}{api.prefix}/circle/channel/{channel}/user/mute"
        body = {"server_id": api.community, "user_id": "ann", "duration": 1000}
        async with api.session.post(url, json=body, headers={"Authorization": f"Bearer {api.token}"}) as response:
            assert response.status == 200
            assert b"<html>" in await response.read()
    else:
        with pytest.raises(aiohttp.ClientError):
            await api.mute(channel, "ann", duration=1000)
    api.service.fault = None
    assert await api.muted(channel) == ({"ann": START_MS + 1000} if carried_out else {})


async def test_a_delay_answers_late_and_right(launch):
    api = await launch()
    api.service.fault = lambda request: FaultAction.delay(80)
    began = time.monotonic()
    assert (await api.get("/circle/user/ann")).json["result"] is False
    assert time.monotonic() - began >= 0.08


async def test_latency_slows_every_answer_and_none_waits_for_another(launch):
    api = await launch(latency_ms=60)
    began = time.monotonic()
    await asyncio.gather(*(api.get("/circle/user/ann") for _ in range(20)))
    assert 0.06 <= time.monotonic() - began < 0.6


async def outcomes(launch, **options):
    api = await launch(**options)
    found = []
    for _ in range(60):
        try:
            found.append((await api.get("/circle/user/ann")).status)
        except (aiohttp.ClientError, UnicodeDecodeError, ValueError) as error:
            found.append(type(error).__name__)
    return found


async def test_fail_rate_breaks_a_share_in_every_way_and_the_seed_repeats_it(launch):
    first = await outcomes(launch, fail_rate=0.5, fail_seed=3)
    assert first == await outcomes(launch, fail_rate=0.5, fail_seed=3)
    assert first != await outcomes(launch, fail_rate=0.5, fail_seed=4)
    assert 15 <= sum(outcome == 200 for outcome in first) <= 45
    assert {500, 503} <= set(first)
    assert len({outcome for outcome in first if isinstance(outcome, str)}) >= 2


async def test_the_token_is_spared_unless_asked(launch):
    api = await launch(fail_rate=1.0, fail_seed=1)
    assert await api.fetch_token()
    with pytest.raises((aiohttp.ClientError, ValueError, AssertionError)):
        await launch(fail_rate=1.0, fail_seed=1, fail_token=True)
