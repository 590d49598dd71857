"""The circuit breaker, in simulated time."""

from __future__ import annotations

import asyncio

from bot.im.breaker import CircuitBreaker
from bot.im.clock import SystemClock
from tests.im.virtual import run


def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        permit = breaker.enter()
        assert permit is not None
        breaker.failed(permit)


def test_opens_after_five_failures_in_a_row_and_not_before():
    async def main() -> None:
        breaker = CircuitBreaker(SystemClock())
        fail(breaker, 4)
        breaker.healthy(breaker.enter())
        fail(breaker, 4)
        assert not breaker.is_open
        fail(breaker, 1)
        assert breaker.is_open
        assert breaker.enter() is None
        assert 0 < breaker.wait_seconds() <= 1

    run(main())


def test_one_probe_at_a_time_and_a_good_one_closes():
    async def main() -> None:
        breaker = CircuitBreaker(SystemClock())
        fail(breaker, 5)
        await asyncio.sleep(1)
        probe = breaker.enter()
        assert probe is not None
        assert breaker.enter() is None
        assert breaker.wait_seconds() is not None
        breaker.healthy(probe)
        assert breaker.enter() is not None
        assert not breaker.is_open

    run(main())


def test_failing_probes_come_after_1_2_4_5_5_seconds():
    async def main() -> None:
        breaker, pauses = CircuitBreaker(SystemClock()), []
        fail(breaker, 5)
        for _ in range(5):
            pauses.append(round(breaker.wait_seconds(), 6))
            await asyncio.sleep(breaker.wait_seconds())
            fail(breaker, 1)
        assert pauses == [1, 2, 4, 5, 5]

    run(main())


def test_a_cancelled_probe_lets_the_next_one_through():
    async def main() -> None:
        breaker = CircuitBreaker(SystemClock())
        fail(breaker, 5)
        await asyncio.sleep(1)
        breaker.left(breaker.enter())
        assert breaker.enter() is not None

    run(main())


def test_calls_from_before_the_opening_do_not_decide_for_the_probe():
    async def main() -> None:
        breaker = CircuitBreaker(SystemClock())
        late = [breaker.enter() for _ in range(3)]
        fail(breaker, 5)
        breaker.healthy(late[0])
        assert breaker.is_open
        await asyncio.sleep(1)
        probe = breaker.enter()
        breaker.failed(late[1])
        breaker.left(late[2])
        assert breaker.enter() is None
        breaker.healthy(probe)
        assert breaker.enter() is not None

    run(main())
