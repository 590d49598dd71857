"""The token keeper, in simulated time: one fetch at a time, early renewal, no hammering."""

from __future__ import annotations

import asyncio

import pytest

from bot.im.clock import SystemClock
from bot.im.errors import IMError, Unauthorized, Unavailable
from bot.im.tokens import Grant, TokenKeeper
from tests.im.virtual import run


class Endpoint:
    """A token endpoint that takes a second and does as it is told."""

    def __init__(self, lifetime: float = 1000) -> None:
        self.calls = 0
        self.lifetime = lifetime
        self.error: IMError | None = None

    async def fetch(self) -> Grant:
        self.calls += 1
        await asyncio.sleep(1)
        if self.error is not None:
            raise self.error
        return Grant(f"t{self.calls}", self.lifetime)


def keeper(endpoint: Endpoint) -> TokenKeeper:
    return TokenKeeper(endpoint.fetch, SystemClock())


def test_a_hundred_callers_cause_one_fetch():
    async def main() -> None:
        endpoint = Endpoint()
        tokens = keeper(endpoint)
        got = await asyncio.gather(*(tokens.get() for _ in range(100)))
        assert {token.value for token in got} == {"t1"}
        assert endpoint.calls == 1

    run(main())


def test_a_cancelled_caller_does_not_end_the_fetch_of_the_others():
    async def main() -> None:
        endpoint = Endpoint()
        tokens = keeper(endpoint)
        first, second = asyncio.create_task(tokens.get()), asyncio.create_task(tokens.get())
        await asyncio.sleep(0.5)
        first.cancel()
        assert (await second).value == "t1"
        assert endpoint.calls == 1

    run(main())


def test_is_renewed_ahead_of_its_end_without_delaying_anybody():
    async def main() -> None:
        endpoint = Endpoint(lifetime=1000)
        tokens = keeper(endpoint)
        await tokens.get()
        await asyncio.sleep(790)
        assert tokens.ready() is not None
        await asyncio.sleep(15)
        loop = asyncio.get_running_loop()
        before = loop.time()
        assert (await tokens.get()).value == "t1"
        assert loop.time() == before
        await asyncio.sleep(2)
        assert (await tokens.get()).value == "t2"
        assert endpoint.calls == 2

    run(main())


def test_a_token_close_to_its_end_is_not_used_any_more():
    async def main() -> None:
        tokens = keeper(Endpoint(lifetime=1000))
        await tokens.get()
        await asyncio.sleep(960)
        assert (await tokens.get()).value == "t2"

    run(main())


def test_a_failing_endpoint_is_left_alone_longer_and_longer():
    async def main() -> None:
        endpoint = Endpoint()
        endpoint.error = Unavailable("down", status=503)
        tokens = keeper(endpoint)
        loop = asyncio.get_running_loop()
        end = loop.time() + 100
        while loop.time() < end:
            with pytest.raises(Unavailable):
                await tokens.get()
            await asyncio.sleep(0.1)
        assert 5 <= endpoint.calls <= 10
        endpoint.error = None
        await asyncio.sleep(31)
        assert (await tokens.get()).value.startswith("t")

    run(main())


def test_a_refusal_says_when_asking_again_makes_sense_and_is_not_shared():
    async def main() -> None:
        endpoint = Endpoint()
        endpoint.error = Unauthorized("client_secret does not match", status=400, error="invalid_grant", sent=True)
        tokens = keeper(endpoint)
        errors = await asyncio.gather(*(tokens.get() for _ in range(3)), return_exceptions=True)
        assert len({id(error) for error in errors}) == 3
        assert not any(error.sent for error in errors)
        with pytest.raises(Unauthorized) as caught:
            await tokens.get()
        assert 0 < caught.value.retry_after <= 0.5
        assert endpoint.calls == 1

    run(main())


def test_a_good_token_outlives_a_failing_renewal():
    async def main() -> None:
        endpoint = Endpoint(lifetime=1000)
        tokens = keeper(endpoint)
        await tokens.get()
        endpoint.error = Unavailable("down")
        await asyncio.sleep(850)
        for _ in range(20):
            assert (await tokens.get()).value == "t1"
            await asyncio.sleep(0.2)
        assert endpoint.calls <= 4

    run(main())


def test_a_401_for_an_older_token_does_not_throw_the_new_one_away():
    async def main() -> None:
        endpoint = Endpoint()
        tokens = keeper(endpoint)
        old = await tokens.get()
        old.proven = True
        assert tokens.refused(old)
        new = await tokens.get()
        assert tokens.refused(old)
        assert await tokens.get() is new
        assert endpoint.calls == 2

    run(main())


def test_a_server_that_refuses_every_token_is_not_asked_with_every_call():
    async def main() -> None:
        endpoint = Endpoint()
        tokens = keeper(endpoint)
        for _ in range(50):
            tokens.refused(await tokens.get())
            await asyncio.sleep(0.1)
        assert endpoint.calls <= 4

    run(main())


def test_closing_ends_a_fetch_and_tells_who_waits():
    async def main() -> None:
        tokens = keeper(Endpoint())
        waiting = asyncio.create_task(tokens.get())
        await asyncio.sleep(0.5)
        await tokens.close()
        with pytest.raises(Unavailable):
            await waiting

    run(main())
