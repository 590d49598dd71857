"""The whole way of a call over real sockets: retry, deadline, breaker, report."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from aiohttp import web

from bot.im import (
    BadResponse,
    CallRecord,
    CircuitOpen,
    Conflict,
    Forbidden,
    IllegalArgument,
    Lane,
    LimitReached,
    NewUser,
    NotFound,
    RateLimited,
    Timeout,
    Unavailable,
)
from tests.im.scripted import EXAMPLES, client, reset, slow

PLACE = ("c", "1")


def refusal(status: int, error: str = "x", description: str = "y", **headers: str):
    return (status, {"error": error, "error_description": description, "timestamp": 1, "duration": 0}, headers)


@pytest.mark.parametrize(
    ("status", "error", "description", "kind"),
    [
        (400, "illegal_argument", "username x is not legal", IllegalArgument),
        (400, "json_parse", "", IllegalArgument),
        (400, "duplicate_unique_property_exists", "", Conflict),
        (403, "forbidden_op", "users [x] are not members of this group!", Forbidden),
        (403, "exceed_limit", "", LimitReached),
        (403, "group_error", "user join thread reach limit.", LimitReached),
        (404, "service_resource_not_found", "Service resource not found", NotFound),
        (405, "unsupported_service_operation", "", IllegalArgument),
        (409, "", "", Conflict),
        (413, "", "", IllegalArgument),
        (415, "web_application", "Unsupported Media Type", IllegalArgument),
        (429, "resource_limited", "You have exceeded the limit", LimitReached),
    ],
)
async def test_a_refusal_becomes_its_exception_and_is_not_repeated(server, im, status, error, description, kind):
    server.steps.append(refusal(status, error, description))
    with pytest.raises(kind) as caught:
        await im.mutes.remove(*PLACE, "u")
    failure = caught.value
    assert type(failure) is kind
    assert (failure.status, failure.error, failure.sent) == (status, error, False)
    assert failure.endpoint == "DELETE /circle/channel/{channel_id}/user/mute"
    assert failure.request_id == server.seen[0].headers["X-Request-Id"]
    assert len(server.seen) == 1


REPEATED = [refusal(429), refusal(500), refusal(503), (502, b"<html>"), refusal(408), (200, b"{"), reset, (200, b"[]")]


@pytest.mark.parametrize("failure", REPEATED)
@pytest.mark.parametrize("operation", ["get", "delete", "mute", "join"])
async def test_an_idempotent_call_survives_a_passing_failure(server, im, failure, operation):
    server.steps.append(failure)
    server.default = EXAMPLES["get text"]
    match operation:
        case "get":
            assert (await im.channels.get(*PLACE)).name == "chat channel"
        case "delete":
            await im.channels.delete(*PLACE)
        case "mute":
            await im.mutes.add(*PLACE, "u", duration_ms=1000)
        case _:
            await im.members.add(*PLACE, "u")
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (refusal(500), Unavailable),
        (refusal(503, **{"Retry-After": "0"}), Unavailable),
        (refusal(408), Timeout),
        (reset, Unavailable),
        ((200, b"<html>"), BadResponse),
        ({"code": 200, "channel": "none"}, BadResponse),
        ({"code": 500, "error": "x"}, Unavailable),
        ({"code": 7}, BadResponse),
        ((302, b"", {"Location": "/elsewhere"}), BadResponse),
    ],
)
async def test_a_create_of_unknown_outcome_is_not_repeated_and_says_so(server, im, failure, kind):
    server.steps.append(failure)
    with pytest.raises(kind) as caught:
        await im.channels.create("c", "name")
    assert caught.value.sent is True
    assert len(server.seen) == 1


async def test_a_create_that_surely_was_not_carried_out_is_repeated(server, im):
    server.steps.extend([refusal(429), refusal(401), EXAMPLES["create text"]])
    assert (await im.channels.create("c", "name")).name == "chat channel"
    assert len(server.seen) == 3


async def test_a_failure_in_the_body_of_a_200_is_a_failure(server, im):
    server.steps.append({"code": 404, "error": "group_error", "error_description": "group not found."})
    with pytest.raises(NotFound) as caught:
        await im.channels.get(*PLACE)
    assert (caught.value.status, caught.value.sent) == (404, False)


async def test_an_answer_with_wrong_types_is_asked_for_again(server, im):
    server.steps.extend([{"code": 200, "channel": "none"}, EXAMPLES["get text"]])
    assert (await im.channels.get(*PLACE)).name == "chat channel"


async def test_a_very_short_password_leaves_the_other_words_of_an_error_alone(server, im):
    server.default = (400, {"error": "duplicate_unique_property_exists", "error_description": "Application p exists"})
    with pytest.raises(Conflict) as caught:
        await im.users.create(NewUser("u", password="p"))
    assert (caught.value.error, caught.value.description) == (
        "duplicate_unique_property_exists",
        "Application *** exists",
    )


async def test_redirects_are_not_followed(server, im):
    server.default = (302, b"", {"Location": server.url + "/token"})
    with pytest.raises(BadResponse):
        await im.channels.get(*PLACE)
    assert len(server.seen) == 1
    assert len(server.token_requests) == 1


async def test_an_unknown_outcome_is_remembered_when_a_later_attempt_is_refused(server, im):
    server.steps.extend([reset, refusal(403, "forbidden_op")])
    with pytest.raises(Forbidden) as caught:
        await im.mutes.add(*PLACE, "u", duration_ms=1000)
    assert caught.value.sent is True


async def test_nothing_listens_so_nothing_was_sent(unused_tcp_port):
    async with client(f"http://127.0.0.1:{unused_tcp_port}", deadline_seconds=0.3) as im:
        with pytest.raises(Unavailable) as caught:
            await im.channels.create("c", "name")
    assert caught.value.sent is False


async def test_a_silent_server_is_a_timeout_of_unknown_outcome(server):
    server.default = slow(5)
    async with client(server.url, timeout_seconds=0.1, deadline_seconds=0.25) as im:
        with pytest.raises(Timeout) as caught:
            await im.mutes.add(*PLACE, "u", duration_ms=1000)
    assert caught.value.sent is True
    assert 2 <= len(server.seen) <= 3


async def test_retries_end_with_the_deadline(server):
    server.default = refusal(503)
    loop = asyncio.get_running_loop()
    async with client(server.url, deadline_seconds=0.6, breaker_threshold=1000, rng=Random(1)) as im:
        start = loop.time()
        with pytest.raises(Unavailable) as caught:
            await im.channels.get(*PLACE)
        assert loop.time() - start < 1.0
    assert caught.value.status == 503
    assert len(server.seen) >= 2


@pytest.mark.parametrize("rate", [100, None])
async def test_a_server_that_only_says_429_is_given_up_by_the_deadline(server, rate):
    """Also though the pacing, slowed down by the 429s, makes every further attempt wait longer."""
    server.default = refusal(429)
    loop = asyncio.get_running_loop()
    async with client(server.url, deadline_seconds=0.8, rate_per_second=rate, rng=Random(1)) as im:
        start = loop.time()
        with pytest.raises(RateLimited) as caught:
            await im.channels.create("c", "name")
        assert loop.time() - start < 1.5
    assert caught.value.sent is False


async def test_a_retry_does_not_queue_up_again(server):
    async with client(server.url, rate_per_second=2) as im:
        server.steps.extend([refusal(500), {"code": 200}])
        calls = [asyncio.create_task(im.channels.delete("c", str(number))) for number in range(4)]
        await asyncio.gather(*calls)
    assert [seen.path.rsplit("/")[-1] for seen in server.seen] == ["0", "1", "0", "2", "3"]


async def test_who_waits_for_a_slot_is_told_when_the_circuit_opens(server):
    server.default = refusal(500)
    loop = asyncio.get_running_loop()
    async with client(server.url, rate_per_second=5, breaker_threshold=2) as im:
        start = loop.time()
        outcomes = await asyncio.gather(*(im.channels.create("c", "n") for _ in range(60)), return_exceptions=True)
        assert loop.time() - start < 2
    assert sum(isinstance(outcome, CircuitOpen) for outcome in outcomes) >= 50
    assert len(server.seen) <= 10


async def test_a_retry_after_beyond_the_deadline_fails_at_once(server, im):
    server.default = refusal(503, **{"Retry-After": "60"})
    with pytest.raises(Unavailable) as caught:
        await im.channels.get(*PLACE)
    assert caught.value.retry_after == 60
    assert len(server.seen) == 1


async def test_retry_after_is_waited_for(server, im):
    server.steps.append(refusal(503, **{"Retry-After": "0.3"}))
    loop = asyncio.get_running_loop()
    start = loop.time()
    await im.channels.delete(*PLACE)
    assert 0.3 <= loop.time() - start < 1


async def test_the_queue_does_not_count_against_the_deadline(server):
    async with client(server.url, rate_per_second=1, deadline_seconds=0.5, timeout_seconds=0.4) as im:
        await asyncio.gather(*(im.channels.delete(*PLACE) for _ in range(2)))
    assert len(server.seen) == 2


async def test_a_full_queue_is_a_timeout_that_was_not_sent(server):
    async with client(server.url, rate_per_second=1, queue_seconds=0.1) as im:
        await im.channels.delete(*PLACE)
        with pytest.raises(Timeout) as caught:
            await im.channels.delete(*PLACE)
    assert (caught.value.sent, caught.value.error) == (False, "queue_timeout")


async def test_the_circuit_opens_answers_at_once_and_closes_again(server):
    server.default = refusal(500)
    async with client(server.url) as im:
        with pytest.raises(Unavailable):
            await im.channels.get(*PLACE)
        assert len(server.seen) == 5
        loop = asyncio.get_running_loop()
        start = loop.time()
        with pytest.raises(CircuitOpen) as caught:
            await im.channels.get(*PLACE)
        assert loop.time() - start < 0.05
        assert caught.value.sent is False
        assert 0 < caught.value.retry_after <= 1
        assert im.circuit_open
        server.default = {"code": 200}
        await asyncio.sleep(1.05)
        await im.channels.delete(*PLACE)
        assert not im.circuit_open


async def test_refusals_do_not_open_the_circuit(server, im):
    server.default = refusal(404)
    for _ in range(12):
        with pytest.raises(NotFound):
            await im.channels.get(*PLACE)


async def test_a_cancelled_probe_does_not_keep_the_circuit_open(server):
    server.default = refusal(500)
    async with client(server.url) as im:
        with pytest.raises(Unavailable):
            await im.channels.get(*PLACE)
        await asyncio.sleep(1.05)
        server.default = slow(5)
        probe = asyncio.create_task(im.channels.get(*PLACE))
        await asyncio.sleep(0.1)
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe
        server.default = {"code": 200}
        await im.channels.delete(*PLACE)


async def test_every_call_is_reported_once(server):
    records: list[CallRecord] = []
    server.steps.extend([refusal(500), {"code": 200}, refusal(404)])
    async with client(server.url, on_call=records.append) as im:
        with im.lane(Lane.URGENT):
            await im.channels.delete(*PLACE)
        with pytest.raises(NotFound):
            await im.channels.get(*PLACE)
    assert [(r.endpoint, r.outcome, r.status, r.attempts, r.lane) for r in records] == [
        ("POST /token", "ok", 200, 1, Lane.URGENT),
        ("DELETE /circle/channel/{channel_id}", "ok", 200, 2, Lane.URGENT),
        ("GET /circle/channel/{channel_id}", "NotFound", 404, 1, Lane.NORMAL),
    ]


async def test_a_broken_observer_breaks_no_call(server, caplog):
    def observer(_record: CallRecord) -> None:
        raise ZeroDivisionError

    async with client(server.url, on_call=observer) as im:
        await im.channels.delete(*PLACE)
    assert "observer" in caplog.text


async def test_connections_are_reused(server, im):
    for _ in range(20):
        await im.channels.delete(*PLACE)
    assert len(server.connections) == 1


async def test_a_closed_client_says_so_at_once(server):
    im = client(server.url, rate_per_second=1)
    await im.channels.delete(*PLACE)
    waiting = asyncio.create_task(im.channels.delete(*PLACE))
    await asyncio.sleep(0.05)
    await im.close()
    await im.close()
    for call in (waiting, im.channels.delete(*PLACE)):
        with pytest.raises(Unavailable, match="closed"):
            await call


async def test_a_real_server_counts_no_more_than_the_budget_in_any_second(server):
    """Three seconds at full demand over sockets, jitter before and after the count."""
    loop, rng, counted = asyncio.get_running_loop(), Random(5), []

    async def count(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(rng.uniform(0.005, 0.08))
        counted.append(loop.time())
        await asyncio.sleep(rng.uniform(0.005, 0.08))
        return web.json_response({"code": 200})

    server.default = count
    async with client(server.url) as im:
        await im.authenticate()
        start = loop.time()

        async def work() -> None:
            while loop.time() < start + 3:
                await im.channels.delete(*PLACE)

        await asyncio.gather(*(work() for _ in range(150)))
    within = [at for at in counted if at <= start + 3]
    assert max(sum(at - 1 <= other <= at for other in counted) for at in counted) <= 100
    assert len(within) >= 0.85 * 3 * 100 / 1.085
