"""An IM that is slow, broken or gone, a Discord that is away: nothing is lost, and the log catches up."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from aiohttp import ClientSession, web

from bot.imservice import FaultAction
from tests.e2e.processes import CHANNEL, MEMBERS, READY, House, eventually
from tests.fault_table import Tell
from tests.wire import Channel, FakeDiscord, Member, Reply

pytestmark = pytest.mark.slow

Trouble = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Middleman:
    """A proxy between bot and IM that can answer in the IM's stead; `passed` and `troubled` count the requests."""

    def __init__(self, target: str) -> None:
        self._target = target
        self.trouble: Trouble | None = None
        self.after_the_work = False
        self.passed = 0
        self.troubled = 0

    async def __aenter__(self) -> "Middleman":
        self._session = ClientSession()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.trouble = None
        await self._runner.cleanup()
        await self._session.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        trouble = self.trouble
        if trouble is not None and not self.after_the_work:
            self.troubled += 1
            return await trouble(request)
        self.passed += 1
        answer = await self._forward(request)
        if trouble is not None and request.method != "GET":
            self.troubled += 1
            return await trouble(request)
        return answer

    async def _forward(self, request: web.Request) -> web.Response:
        headers = {key: value for key, value in request.headers.items() if key.lower() not in {"host", "connection"}}
        target = self._target + request.raw_path
        async with self._session.request(request.method, target, headers=headers, data=await request.read()) as answer:
            kept = {key: answer.headers[key] for key in ("Date", "Content-Type") if key in answer.headers}
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)


async def too_many(_request: web.Request) -> web.Response:
    body = {"error": "too_many_requests", "error_description": "slow down", "exception": "x"}
    return web.json_response(body, status=429, headers={"Retry-After": "1"})


async def gateway_page(_request: web.Request) -> web.Response:
    return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")


async def garbage(_request: web.Request) -> web.Response:
    return web.Response(text="{ not json", content_type="application/json")


async def wrong_shape(_request: web.Request) -> web.Response:
    return web.json_response({"code": 200, "mute_users": {"surprise": True}, "cursor": 7})


async def nothing(request: web.Request) -> web.Response:
    """Take the request and never answer, as a connection does whose other end is gone."""
    await asyncio.sleep(3600)
    return web.Response()


async def half_an_answer(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "4096", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"code": 200, "mute_us')
    assert request.transport is not None
    request.transport.close()
    return response


async def cut(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


# Every kind once over sockets, in one of two tests; tests/services and tests/im have all of them in both places.
WHEN_DUE = [too_many, half_an_answer, cut]
WHEN_ASKED = [gateway_page, garbage, wrong_shape, nothing]


def send_mute(discord: FakeDiscord, admin: Member, member: str, duration: str) -> Reply:
    options = {"member": member, "channel": CHANNEL, "duration": duration}
    return discord.send_slash(admin, discord.channel, "mute", options)


async def set_log(discord: FakeDiscord, admin: Member, log: Channel) -> None:
    await discord.slash(admin, discord.channel, "settings log", {"channel": log})


async def assert_all_over(house: House, discord: FakeDiscord, log: Channel, count: int) -> None:
    """All mutes ended by their time, in the books, in the IM and in the log: one message a case."""

    def over() -> bool:
        return [row["ending"] for row in house.rows("SELECT ending FROM mutes")] == ["ended"] * count

    await eventually("all mutes end by their time", over, 60)
    await eventually("the log tells all", lambda: told_as_over(discord, log) == count, 60)
    texts = [one.embeds[0]["footer"]["text"] for one in discord.messages(log) if "Case #" in one.text]
    assert sorted(texts) == sorted(f"Case #{row['id']}" for row in house.rows("SELECT id FROM cases"))
    assert len(texts) == count + 1, "the choice of the log is a case, too"
    async with house.im() as im:
        (row, *_rest) = house.rows("SELECT community_id, channel_id FROM mutes")
        assert [one.user_id async for one in im.mutes.list(*row)] == []


def told_as_over(discord: FakeDiscord, log: Channel) -> int:
    return sum("Mute over" in one.text for one in discord.messages(log))


async def test_mutes_that_fall_due_while_the_im_is_in_trouble_end_when_it_is_well_again(
    house: House, discord: FakeDiscord, admin: Member, log: Channel
):
    await house.im_here()
    async with Middleman(house.im_url) as middle:
        house.settings["im"] |= {"base_url": middle.url, "timeout_seconds": 1}
        bot = await house.start_bot()
        await set_log(discord, admin, log)
        for number, trouble in enumerate(WHEN_DUE, 1):
            chosen = MEMBERS[2 * number - 2 : 2 * number]
            await asyncio.gather(*(send_mute(discord, admin, member, "2s").answered() for member in chosen))
            middle.trouble, middle.troubled = trouble, 0
            what = f"with {trouble.__name__}"
            await eventually(f"the trouble was met {what}", lambda: middle.troubled >= 3, 30)
            await eventually(f"unmutes are put back {what}", lambda: has_rows(house, "timers WHERE attempts > 0"), 30)
            assert [row["state"] for row in house.rows("SELECT state FROM mutes")][-2:].count("lifted") == 0, what
            middle.trouble = None
            await assert_all_over(house, discord, log, 2 * number)
        assert "Traceback" not in bot.text


def has_rows(house: House, where: str) -> bool:
    return bool(house.rows(f"SELECT 1 FROM {where}"))


async def test_a_mute_whose_answer_is_lost_is_found_out_and_ends_on_time(
    house: House, discord: FakeDiscord, admin: Member, log: Channel
):
    await house.im_here()
    async with Middleman(house.im_url) as middle:
        house.settings["im"] |= {"base_url": middle.url, "timeout_seconds": 1}
        await house.start_bot()
        await set_log(discord, admin, log)
        for number, trouble in enumerate(WHEN_ASKED):
            member = MEMBERS[number]
            await discord.slash(admin, discord.channel, "member show", {"channel": CHANNEL, "member": member})
            middle.trouble, middle.after_the_work, middle.troubled = trouble, True, 0
            reply = send_mute(discord, admin, member, "10s")
            await eventually(f"the IM has muted with {trouble.__name__}", lambda: middle.troubled, 15)
            middle.trouble = None
            await reply.answered(60)
            settled = partial(
                has_rows, house, f"mutes WHERE member_id = '{member}' AND state NOT IN ('pending', 'lifting')"
            )
            await eventually(f"the case is settled with {trouble.__name__}", settled, 60)
            (mute,) = house.rows("SELECT * FROM mutes WHERE member_id = ?", member)
            assert mute["state"] != "failed", f"carried out, and the books say it was not; the answer was {reply.text}"
        await assert_all_over(house, discord, log, len(WHEN_ASKED))


async def test_an_im_that_breaks_a_third_of_its_answers_loses_nothing(
    house: House, discord: FakeDiscord, admin: Member, log: Channel
):
    broken = await house.im_here(latency_ms=30, fail_rate=0.3)
    bot = await house.start_bot()
    await set_log(discord, admin, log)
    replies = [send_mute(discord, admin, member, "3s") for member in MEMBERS]
    await asyncio.gather(*(reply.answered(60) for reply in replies))
    await eventually(
        "nothing is left in between",
        lambda: not has_rows(house, "mutes WHERE state IN ('pending', 'active', 'lifting')"),
        90,
    )
    await broken.stop()
    await house.im_here()
    async with house.im() as im:
        (community,) = [one.community_id async for one in im.communities.list()]
        (channel,) = [one.channel_id async for one in im.channels.public(community) if one.name == CHANNEL]
        assert [one.user_id async for one in im.mutes.list(community, channel)] == []
    assert house.rows("SELECT 1 FROM mutes WHERE adopted = 1 OR ending = 'outside'") == []
    assert "Traceback" not in bot.text


async def test_a_slow_im_is_waited_for_and_a_log_message_whose_answer_was_lost_is_not_sent_twice(
    house: House, discord: FakeDiscord, admin: Member, log: Channel
):
    im = await house.im_here()
    await house.start_bot()
    await set_log(discord, admin, log)
    im.fault = lambda _request: FaultAction.delay(1200)
    reply = await send_mute(discord, admin, MEMBERS[0], "2s").answered(30)
    assert "Muted" in reply.text
    assert reply.ack_seconds is not None
    assert reply.ack_seconds < 3
    await assert_all_over(house, discord, log, 1)
    im.fault = None
    discord.fail_next("POST", rf"/channels/{log.id}/messages$", status=0, times=3, when="after")
    await send_mute(discord, admin, MEMBERS[1], "2s").answered()
    await assert_all_over(house, discord, log, 2)


async def test_an_im_that_is_down_raises_one_alert_that_heals(
    house: House, discord: FakeDiscord, admin: Member, log: Channel
):
    house.settings["timers"]["max_attempts"] = 2
    im = await house.im_here()
    await house.start_bot()
    await set_log(discord, admin, log)
    await asyncio.gather(*(send_mute(discord, admin, member, "2s").answered() for member in MEMBERS[:3]))
    await im.stop()
    alert = await discord.wait_message(log, lambda one: "Mutes that I cannot end" in one.text, 40)
    refused = await send_mute(discord, admin, MEMBERS[4], "1h").answered(40)
    assert "Muted" not in refused.text
    await im.start(port=house.im_port)
    retry = next(part["custom_id"] for part in alert.buttons if part["label"] == "Retry")
    await discord.click(admin, alert, retry)
    await eventually("the alert heals", lambda: "Mutes end again" in alert.text, 60)
    await eventually("the three end", lambda: told_as_over(discord, log) == 3, 30)
    assert len([one for one in discord.messages(log) if "cannot end" in one.text or "end again" in one.text]) == 1


async def test_mutes_end_while_discord_is_away_and_the_log_catches_up_even_after_a_restart(
    house: House, discord: FakeDiscord, admin: Member, log: Channel, fault: Tell
):
    await house.im_here()
    bot = await house.start_bot()
    await set_log(discord, admin, log)
    await asyncio.gather(*(send_mute(discord, admin, member, "3s").answered() for member in MEMBERS[:3]))
    await eventually("the log has all", lambda: len(discord.messages(log)) == 4)
    discord.down()
    await eventually_ended(house, 3)
    assert told_as_over(discord, log) < 3
    discord.up()
    await assert_all_over(house, discord, log, 3)
    await discord.wait_connected(60)

    await send_mute(discord, admin, MEMBERS[3], "6s").answered()
    message = await discord.wait_message(log, lambda one: "Muted" in one.text)
    discord.down(status=503)
    await bot.stop()
    bot = await house.start_bot(ready=False)
    await bot.line("Discord cannot be reached", nth=2)
    await eventually_ended(house, 4)
    assert "Muted" in message.text
    discord.up()
    await bot.line(READY)
    await assert_all_over(house, discord, log, 4)
    assert "Mute over" in message.text
    # In seconds and with few mutes; the ten minutes and the 200 are in tests/faults, in compressed time.
    fault("Discord gone for 10 minutes while 200 mutes end", mutes_at_process_level=4, lost=0)


async def eventually_ended(house: House, count: int) -> None:
    ended = "SELECT 1 FROM mutes WHERE ending = 'ended'"
    await eventually(f"{count} mutes end", lambda: len(house.rows(ended)) == count, 30)
