"""Tokens as calls see them: fetched once, exchanged when refused, and never shown."""

from __future__ import annotations

import asyncio
import logging
import traceback

import pytest
from aiohttp import web

from bot.im import (
    BadResponse,
    CallRecord,
    EasemobAuth,
    IMError,
    NewUser,
    Unauthorized,
)
from tests.im.scripted import EXAMPLES, Scripted, bearer, client, reset, serving, slow

PLACE = ("c", "1")
SECRETS = ("s3cret-of-the-client", "YWMt-token-number-", "p4ssword")


def refusal(status: int, error: str = "x", description: str = "y", **headers: str):
    return (status, {"error": error, "error_description": description, "timestamp": 1, "duration": 0}, headers)


async def test_a_hundred_first_calls_fetch_one_token(server, im):
    server.token_steps.append(slow(0.05, {"access_token": "YWMt-token-number-1", "expires_in": 100}))
    await asyncio.gather(*(im.channels.delete(*PLACE) for _ in range(90)))
    assert len(server.token_requests) == 1
    request = server.token_requests[0]
    assert request.target == "/org/app/token"
    assert "Authorization" not in request.headers
    assert request.body == {
        "grant_type": "client_credentials",
        "client_id": "client",
        "client_secret": "s3cret-of-the-client",
    }


async def test_many_401s_at_once_exchange_the_token_once(server, im):
    await im.channels.delete(*PLACE)
    server.accepted = {bearer(2)}
    await asyncio.gather(*(im.channels.delete(*PLACE) for _ in range(40)))
    assert len(server.token_requests) == 2


async def test_a_second_401_is_the_callers(server, im):
    server.accepted = set()
    with pytest.raises(Unauthorized) as caught:
        await im.channels.create("c", "name")
    assert (caught.value.status, caught.value.sent) == (401, False)
    assert len(server.seen) == 2


async def test_a_token_that_dies_in_the_middle_of_a_walk_does_not_show(server, im):
    member = {"user_id": "u1", "role": 1}

    async def second_page(_request: web.Request) -> web.StreamResponse:
        server.accepted = {bearer(2)}
        return web.json_response({"code": 200, "users": [member], "cursor": "b"})

    server.steps.extend(
        [{"code": 200, "users": [member], "cursor": "a"}, second_page, {"code": 200, "users": [member]}]
    )
    assert len([m async for m in im.members.list(*PLACE)]) == 3
    assert [seen.query.get("cursor") for seen in server.seen] == [None, "a", "b", "b"]


async def test_wrong_credentials_are_said_once_and_not_asked_again_at_once(server, im):
    server.token_steps.extend([refusal(400, "invalid_grant", "client_secret does not match")] * 3)
    for _ in range(5):
        with pytest.raises(Unauthorized) as caught:
            await im.channels.get(*PLACE)
        assert caught.value.endpoint == "POST /token"
    assert len(server.token_requests) == 1
    assert server.seen == []


async def test_a_token_endpoint_that_recovers_is_waited_for_even_by_a_create(server, im):
    server.token_steps.append(refusal(503))
    server.steps.append(EXAMPLES["create text"])
    await im.channels.create("c", "name")
    assert len(server.token_requests) == 2


@pytest.mark.parametrize(
    "answer", [{}, {"access_token": ""}, {"access_token": 5}, {"access_token": "a\r\nb"}, {"access_token": "a b"}]
)
async def test_an_unusable_token_is_a_bad_response(server, answer):
    server.token_steps.extend([answer] * 10)
    async with client(server.url, deadline_seconds=0.2) as im:
        with pytest.raises(BadResponse) as caught:
            await im.channels.get(*PLACE)
    assert caught.value.sent is False


@pytest.mark.parametrize("expires_in", [None, "x", 0, -5, True, "5184000", 315_360_000])
async def test_an_odd_lifetime_of_the_token_does_no_harm(server, im, expires_in):
    server.token_steps.append({"access_token": "t", "expires_in": expires_in})
    for _ in range(3):
        await im.channels.delete(*PLACE)
    assert len(server.token_requests) == 1


async def test_no_secret_in_any_error_log_or_repr(server, caplog):
    """A server that repeats all it was told, in every way it can fail."""
    caplog.set_level(logging.DEBUG)

    async def echo(request: web.Request, status: int) -> web.StreamResponse:
        told = f"{dict(request.headers)} {await request.text()}"
        return web.json_response({"error": told, "error_description": told}, status=status)

    texts: list[str] = []
    records: list[CallRecord] = []
    async with client(server.url, timeout_seconds=0.1, deadline_seconds=0.3, on_call=records.append) as im:
        failures = [
            lambda r: echo(r, 400),
            lambda r: echo(r, 401),
            lambda r: echo(r, 403),
            lambda r: echo(r, 429),
            lambda r: echo(r, 503),
            (200, b"garbage"),
            slow(1),
            reset,
            (200, {"entities": [{"username": ""}]}),
        ]
        for failure in failures:
            server.steps.clear()
            server.default = failure
            with pytest.raises(IMError) as caught:
                await im.users.create(NewUser("u", password=SECRETS[2]))
            texts += [str(caught.value), repr(caught.value), "".join(traceback.format_exception(caught.value))]
            assert caught.value.__context__ is None
            assert caught.value.__cause__ is None
        texts += [repr(im), repr(im._transport), repr(im._transport.tokens), repr(im._wire)]
    async with serving(Scripted()) as other, client(other.url) as im:
        other.token_steps.append(lambda r: echo(r, 400))
        with pytest.raises(IMError) as caught:
            await im.authenticate()
        texts += ["".join(traceback.format_exception(caught.value))]
    texts += [caplog.text, repr(records), repr(NewUser("u", password=SECRETS[2])), repr(im._auth)]
    for text in texts:
        for secret in SECRETS:
            assert secret not in text


def test_auth_prints_no_secret():
    auth = EasemobAuth("o", "a", "i", "s3cret-of-the-client")
    assert "s3cret" not in repr(auth) + str(auth)
