"""Pacing, in simulated time: what a strict server counts, who goes first, what a 429 does."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.im.clock import SystemClock
from bot.im.pacing import Lane, Pacer
from tests.im.virtual import run

FOREVER = 10_000.0


def now() -> float:
    return asyncio.get_running_loop().time()


def most_in_a_second(counted: list[float]) -> int:
    """The largest number of counts in any window of one second, both ends included."""
    counted = sorted(counted)
    return max((index - bisect_left(counted, at - 1.0) + 1 for index, at in enumerate(counted)), default=0)


async def demand(pacer: Pacer, seconds: float, before, after, *, workers: int = 400, lane: Lane = Lane.NORMAL):
    """Keep `workers` calls in the queue for `seconds`; returns when the server counted each call, and when it ended."""
    counted: list[float] = []
    end = now() + seconds

    async def work() -> None:
        while now() < end:
            slot = await pacer.acquire(lane, FOREVER)
            assert slot is not None
            await asyncio.sleep(before())
            counted.append(now())
            await asyncio.sleep(after())
            slot.answered(now())

    await asyncio.gather(*(work() for _ in range(workers)))
    return counted, end


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rate=st.sampled_from([1, 3, 20, 50, 100]),
    low=st.floats(0.0, 0.1),
    spread=st.floats(0.0, 1.5),
    late=st.booleans(),
)
def test_no_second_of_the_server_holds_more_than_the_budget_wherever_the_jitter_lies(seed, rate, low, spread, late):
    async def main() -> int:
        rng = Random(seed)
        jitter, none = (lambda: rng.uniform(low, low + spread)), (lambda: 0.0)
        before, after = (jitter, none) if late else (none, jitter)
        counted, _ = await demand(Pacer("x", rate, SystemClock()), 4, before, after, workers=3 * rate)
        return most_in_a_second(counted)

    assert run(main()) <= rate


@pytest.mark.parametrize("late", [True, False])
def test_full_demand_uses_the_budget_but_for_the_time_under_way(late):
    async def main() -> None:
        rng = Random(7)
        jitter, none = (lambda: rng.uniform(0.005, 0.08)), (lambda: 0.0)
        start = now()
        counted, end = await demand(
            Pacer("x", 100, SystemClock()), 30, jitter if late else none, none if late else jitter
        )
        within = [at for at in counted if at <= end]
        assert most_in_a_second(counted) <= 100
        assert len(within) / (end - start) >= 0.98 * 100 / (1 + 0.0425)

    run(main())


def test_a_lone_call_and_a_small_burst_after_idling_are_not_delayed():
    async def main() -> None:
        pacer = Pacer("x", 100, SystemClock())
        for _ in range(3):
            start = now()
            slots = [await pacer.acquire(Lane.NORMAL, 1) for _ in range(8)]
            assert now() == start
            for slot in slots:
                slot.answered(now())
            await asyncio.sleep(5)

    run(main())


def test_sends_are_spread_over_the_second():
    async def main() -> None:
        pacer, sent = Pacer("x", 100, SystemClock()), []
        start = now()
        for _ in range(100):
            slot = await pacer.acquire(Lane.NORMAL, FOREVER)
            sent.append(now() - start)
            slot.answered(now())
        assert sent[-1] > 0.7
        in_a_tenth = max(sum(1 for other in sent if at <= other < at + 0.1) for at in sent)
        assert in_a_tenth <= 25

    run(main())


def test_urgent_goes_before_normal_before_background_and_fifo_within():
    async def main() -> None:
        pacer, order = Pacer("x", 1, SystemClock()), []
        (await pacer.acquire(Lane.NORMAL, 1)).answered(now())

        async def call(lane: Lane, number: int) -> None:
            slot = await pacer.acquire(lane, FOREVER)
            order.append((lane, number))
            slot.answered(now())

        lanes = [Lane.BACKGROUND, Lane.NORMAL, Lane.URGENT, Lane.NORMAL, Lane.BACKGROUND, Lane.URGENT]
        tasks = []
        for number, lane in enumerate(lanes):
            tasks.append(asyncio.create_task(call(lane, number)))
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        assert order == sorted(order)

    run(main())


def test_background_gets_its_share_and_no_more():
    async def main() -> None:
        counted, end = await demand(Pacer("x", 100, SystemClock()), 20, lambda: 0.0, lambda: 0.02, lane=Lane.BACKGROUND)
        assert most_in_a_second(counted) <= 30
        assert sum(at <= end for at in counted) / 20 > 0.95 * 30 / 1.022

    run(main())


def test_a_background_queue_does_not_hold_up_a_normal_call():
    async def main() -> None:
        pacer = Pacer("x", 100, SystemClock())
        busy = asyncio.create_task(demand(pacer, 5, lambda: 0.0, lambda: 0.05, lane=Lane.BACKGROUND))
        await asyncio.sleep(2)
        for _ in range(20):
            start = now()
            slot = await pacer.acquire(Lane.NORMAL, FOREVER)
            assert now() - start < 0.02
            slot.answered(now())
            await asyncio.sleep(0.1)
        await busy

    run(main())


def test_urgent_waits_little_however_long_the_normal_queue_is():
    async def main() -> None:
        pacer = Pacer("x", 100, SystemClock())
        rng = Random(1)
        busy = asyncio.create_task(demand(pacer, 12, lambda: rng.uniform(0.005, 0.08), lambda: 0.0, workers=2000))
        await asyncio.sleep(3)
        waits = []
        for _ in range(30):
            start = now()
            slot = await pacer.acquire(Lane.URGENT, FOREVER)
            waits.append(now() - start)
            slot.answered(now())
            await asyncio.sleep(0.2)
        assert max(waits) < 0.25
        assert sorted(waits)[15] < 0.03
        await busy

    run(main())


def test_cancelled_waiters_take_no_slot_with_them():
    async def main() -> None:
        pacer = Pacer("x", 5, SystemClock())
        rng = Random(3)
        for _ in range(50):
            tasks = [asyncio.create_task(pacer.acquire(rng.choice(list(Lane)), FOREVER)) for _ in range(20)]
            await asyncio.sleep(rng.uniform(0, 0.5))
            for task in tasks:
                task.cancel()
            for slot in await asyncio.gather(*tasks, return_exceptions=True):
                if not isinstance(slot, BaseException):
                    slot.answered(now())
        assert pacer.waiting == 0
        await asyncio.sleep(3)
        slots = [await pacer.acquire(Lane.NORMAL, 2) for _ in range(5)]
        assert all(slots)
        assert await pacer.acquire(Lane.NORMAL, 2) is None

    run(main())


def test_a_slot_granted_at_the_moment_of_cancellation_is_given_back():
    async def main() -> None:
        pacer = Pacer("x", 1, SystemClock())
        first = await pacer.acquire(Lane.NORMAL, 1)
        waiting = asyncio.create_task(pacer.acquire(Lane.NORMAL, FOREVER))
        await asyncio.sleep(0)
        first.unused()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await pacer.acquire(Lane.NORMAL, 0.1) is not None

    run(main())


def test_a_cancellation_and_a_release_in_the_same_moment_do_not_stop_the_queue():
    async def main() -> None:
        pacer = Pacer("x", 1, SystemClock())
        first = await pacer.acquire(Lane.NORMAL, 1)
        waiting = asyncio.create_task(pacer.acquire(Lane.NORMAL, FOREVER))
        await asyncio.sleep(0)
        waiting.cancel()
        first.unused()
        await asyncio.gather(waiting, return_exceptions=True)
        assert await pacer.acquire(Lane.NORMAL, 0.1) is not None

    run(main())


def test_the_wait_for_a_slot_is_bounded():
    async def main() -> None:
        pacer = Pacer("x", 1, SystemClock())
        slot = await pacer.acquire(Lane.NORMAL, 1)
        start = now()
        assert await pacer.acquire(Lane.NORMAL, 7) is None
        assert now() - start == pytest.approx(7)
        assert pacer.waiting == 0
        slot.answered(now())

    run(main())


def test_a_call_given_up_keeps_its_slot_longer_because_it_may_still_arrive():
    async def main() -> None:
        pacer = Pacer("x", 1, SystemClock())
        (await pacer.acquire(Lane.NORMAL, 1)).abandoned(now())
        start = now()
        assert await pacer.acquire(Lane.NORMAL, 10) is not None
        assert now() - start == pytest.approx(2.0, abs=0.01)

    run(main())


def test_ending_a_slot_twice_frees_it_once():
    async def main() -> None:
        pacer = Pacer("x", 1, SystemClock())
        slot = await pacer.acquire(Lane.NORMAL, 1)
        slot.answered(now())
        slot.abandoned(now())
        slot.unused()
        await asyncio.sleep(5)
        assert await pacer.acquire(Lane.NORMAL, 1) is not None
        assert await pacer.acquire(Lane.NORMAL, 0.5) is None

    run(main())


async def rate_over(pacer: Pacer, seconds: float) -> float:
    counted, end = await demand(pacer, seconds, lambda: 0.0, lambda: 0.001, workers=150)
    return sum(at <= end for at in counted) / seconds


def test_a_429_halves_the_rate_once_for_all_calls_under_way_and_it_recovers():
    async def main() -> None:
        pacer = Pacer("x", 100, SystemClock())
        slots = [await pacer.acquire(Lane.NORMAL, FOREVER) for _ in range(60)]
        for slot in slots:
            slot.rejected(now(), None)
        await asyncio.sleep(1.1)
        assert 45 <= await rate_over(pacer, 2) <= 68
        await asyncio.sleep(15)
        assert await rate_over(pacer, 3) > 95

    run(main())


def test_repeated_429s_go_down_to_one_call_and_come_back():
    async def main() -> None:
        pacer = Pacer("x", 100, SystemClock())
        for _ in range(40):
            (await pacer.acquire(Lane.NORMAL, FOREVER)).rejected(now(), None)
        assert await pacer.acquire(Lane.NORMAL, 10) is not None
        await asyncio.sleep(31)
        assert await rate_over(pacer, 3) > 95

    run(main())


@pytest.mark.parametrize(("asked", "kept"), [(3.0, 3.0), (86_400.0, 60.0)])
def test_retry_after_pauses_the_family_within_reason(asked, kept):
    async def main() -> None:
        pacer = Pacer("x", 100, SystemClock())
        (await pacer.acquire(Lane.NORMAL, 1)).rejected(now(), asked)
        start = now()
        assert await pacer.acquire(Lane.URGENT, 600) is not None
        assert now() - start == pytest.approx(kept, abs=0.01)

    run(main())


def test_ten_thousand_waiters_are_served_in_order_and_cheaply():
    async def main() -> None:
        pacer, order = Pacer("x", 100, SystemClock()), []

        async def call(number: int) -> None:
            slot = await pacer.acquire(Lane.NORMAL, FOREVER)
            order.append(number)
            slot.answered(now())

        started = time.process_time()
        await asyncio.gather(*(call(number) for number in range(10_000)))
        assert order == sorted(order)
        assert time.process_time() - started < 5

    run(main())


def test_closing_sends_waiters_home():
    async def main() -> None:
        pacer = Pacer("x", 1, SystemClock())
        await pacer.acquire(Lane.NORMAL, 1)
        waiting = [asyncio.create_task(pacer.acquire(Lane.NORMAL, FOREVER)) for _ in range(3)]
        await asyncio.sleep(0)
        pacer.close()
        assert await asyncio.gather(*waiting) == [None, None, None]
        assert pacer.waiting == 0

    run(main())
