"""The client as a whole: construction, dialects, lanes, sessions."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from pydantic import SecretStr

import bot.im
from bot.im import EasemobAuth, IMClient, InvalidArgument, Lane, NotFound, ShengwangAuth, Unauthorized
from bot.im.pacing import current_lane
from tests.im.scripted import AUTH, bearer, client
from tests.im.test_token007 import APP_ID, CERTIFICATE, unpack

SHENGWANG = ShengwangAuth(APP_ID, CERTIFICATE)


def test_everything_public_is_there():
    assert all(hasattr(bot.im, name) for name in bot.im.__all__)
    assert sorted(bot.im.__all__, key=str.lower) == sorted(set(bot.im.__all__), key=str.lower)


async def test_shengwang_builds_its_token_and_uses_its_own_prefix(server):
    async with client(server.url, auth=SHENGWANG) as im:
        await im.channels.delete("s", "7")
        await im.channels.delete("s", "7")
    assert server.token_requests == []
    assert server.seen[0].target == f"/app-id/{APP_ID}/circle/channel/7?serverId=s"
    first, second = (seen.headers["Authorization"].removeprefix("Bearer ") for seen in server.seen)
    assert first == second
    assert unpack(first)[2][0] == APP_ID


async def test_shengwang_builds_another_token_after_a_401(server):
    server.steps.append((401, {"error": "unauthorized"}))
    async with client(server.url, auth=SHENGWANG) as im:
        await im.channels.delete("s", "7")
    assert server.seen[0].headers["Authorization"] != server.seen[1].headers["Authorization"]


async def test_authenticate_fetches_a_token_and_says_what_is_wrong(server, im):
    await im.authenticate()
    server.token_steps.append((400, {"error": "invalid_grant", "error_description": "client_id does not match"}))
    with pytest.raises(Unauthorized, match="client_id does not match"):
        await im.authenticate()
    server.token_steps.append((404, {"error": "organization_application_not_found"}))
    with pytest.raises(NotFound):
        await im.authenticate()
    await im.channels.delete("s", "7")
    assert server.seen[0].headers["Authorization"] == bearer(1)


async def test_authenticate_has_a_local_token_accepted(server):
    async with client(server.url, auth=SHENGWANG) as im:
        server.steps.append((404, {"error": "resource_not_found"}))
        await im.authenticate()
        server.default = (401, {"error": "auth_bad_access_token"})
        with pytest.raises(Unauthorized):
            await im.authenticate()


def test_credentials_may_be_secret_strings():
    assert EasemobAuth("o", "a", "i", SecretStr("x")).secret == "x"
    assert ShengwangAuth(APP_ID, SecretStr(CERTIFICATE)).prefix == f"/app-id/{APP_ID}"
    assert CERTIFICATE not in repr(SHENGWANG)


@pytest.mark.parametrize(
    ("field", "build"),
    [
        ("org", lambda: EasemobAuth("", "a", "i", "s")),
        ("app", lambda: EasemobAuth("o", "..", "i", "s")),
        ("client_id", lambda: EasemobAuth("o", "a", "", "s")),
        ("client_secret", lambda: EasemobAuth("o", "a", "i", "")),
        ("app_id", lambda: ShengwangAuth("xyz", CERTIFICATE)),
        ("app_certificate", lambda: ShengwangAuth(APP_ID, CERTIFICATE[:-1])),
        ("lifetime_seconds", lambda: ShengwangAuth(APP_ID, CERTIFICATE, lifetime_seconds=86_401)),
        ("base_url", lambda: IMClient("nowhere", AUTH)),
        ("timeout_seconds", lambda: IMClient("http://x", AUTH, timeout_seconds=0)),
        ("deadline_seconds", lambda: IMClient("http://x", AUTH, deadline_seconds=float("nan"))),
        ("rate_per_second", lambda: IMClient("http://x", AUTH, rate_per_second=0)),
        ("background_share", lambda: IMClient("http://x", AUTH, background_share=1.5)),
        ("breaker_threshold", lambda: IMClient("http://x", AUTH, breaker_threshold=0)),
    ],
)
def test_wrong_settings_are_named(field, build):
    with pytest.raises(InvalidArgument) as caught:
        build()
    assert caught.value.field == field


async def test_a_lane_holds_for_its_block_and_the_tasks_started_in_it(im):
    async def lane() -> Lane:
        await asyncio.sleep(0)
        return current_lane.get()

    assert current_lane.get() is Lane.NORMAL
    with im.lane(Lane.BACKGROUND):
        task = asyncio.create_task(lane())
        with im.lane(Lane.URGENT):
            assert current_lane.get() is Lane.URGENT
        assert current_lane.get() is Lane.BACKGROUND
    assert current_lane.get() is Lane.NORMAL
    assert await task is Lane.BACKGROUND


async def test_a_session_given_by_the_caller_stays_open(server):
    async with aiohttp.ClientSession() as session:
        async with client(server.url, session=session) as im:
            await im.channels.delete("s", "7")
        assert not session.closed


async def test_without_pacing_nothing_waits(server):
    async with client(server.url, rate_per_second=None) as im:
        await asyncio.gather(*(im.channels.delete("s", "7") for _ in range(110)))
        assert im.waiting == 0
    assert len(server.seen) == 110


def test_the_repr_says_where_and_which_app():
    assert repr(IMClient("https://a1.example/", AUTH)) == "<IMClient https://a1.example/org/app>"


async def test_the_ims_time_goes_on_from_its_last_answer(server, im):
    assert im.time_there() is None
    server.default = (200, {"code": 200}, {"Date": "Fri, 20 Nov 2026 13:00:00 GMT"})
    await im.channels.delete("s", "7")
    first = im.time_there()
    assert timedelta() <= first - datetime(2026, 11, 20, 13, tzinfo=UTC) < timedelta(seconds=30)
    server.default = (404, {"error": "resource_not_found"}, {"Date": "Fri, 20 Nov 2020 13:00:00 GMT"})
    with pytest.raises(NotFound):
        await im.channels.delete("s", "7")
    # Anybody on the way may have answered that.
    assert timedelta() < im.time_there() - first < timedelta(seconds=30)
