"""What histories of mutes are made of: steps, and weights by which a seed puts them together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.services.histories import MEMBERS

# All times are seconds.


@dataclass(frozen=True)
class Mute:
    member: str
    seconds: int | None


@dataclass(frozen=True)
class Unmute:
    member: str


@dataclass(frozen=True)
class Extend:
    member: str
    seconds: int | None


@dataclass(frozen=True)
class Undo:
    member: str


@dataclass(frozen=True)
class OutsideMute:
    member: str
    seconds: int | None


@dataclass(frozen=True)
class OutsideProlong:
    member: str
    seconds: int


@dataclass(frozen=True)
class OutsideLift:
    member: str


@dataclass(frozen=True)
class Pass:
    """True time passes, for us and for the IM."""

    seconds: float


@dataclass(frozen=True)
class Jump:
    """Our clock is set to another time; the IM's is right."""

    seconds: float


@dataclass(frozen=True)
class Fault:
    """The next calls of mutes fail in this way."""

    kind: str
    times: int


@dataclass(frozen=True)
class Kill:
    """The process dies at some instant of what follows."""

    instants: int


@dataclass(frozen=True)
class Sick:
    """The database refuses one transaction, after so many that it carries out."""

    after: int


@dataclass(frozen=True)
class Restart:
    pass


@dataclass(frozen=True)
class Drain:
    pass


@dataclass(frozen=True)
class Reconcile:
    pass


@dataclass(frozen=True)
class Renew:
    pass


@dataclass(frozen=True)
class Retry:
    """Somebody presses Retry on an open alert."""


@dataclass(frozen=True)
class Meanwhile:
    """These steps happen while the next call of this kind is under way."""

    call: str
    when: str
    steps: tuple[Any, ...]


def history(rng: Random) -> list[Any]:
    """Return some steps; the weights are such that most of them find something to do."""
    steps: list[Any] = [Mute(rng.choice(MEMBERS), 600)]
    makers, weights = zip(*_MAKERS, strict=True)
    for maker in rng.choices(makers, weights, k=rng.randint(6, 28)):
        steps += maker(rng)
    return steps


def _member(rng: Random) -> str:
    return rng.choice(MEMBERS)


def _term(rng: Random) -> int | None:
    return rng.choice([1, 5, 60, 60, 600, 600, 600, 3600, None])


def _order(rng: Random) -> Any:
    kind = rng.choices([Mute, Extend, Undo, Unmute], [3, 3, 3, 2])[0]
    return kind(_member(rng), _term(rng)) if kind in {Mute, Extend} else kind(_member(rng))


def _work(rng: Random) -> Any:
    return rng.choice([Drain(), Drain(), Reconcile(), Renew()])


def _pass(rng: Random) -> Any:
    return Pass(rng.choice([0.3, 1, 2, 5, 5, 31, 31, 60, 60, 300, 601, 3600]))


def _outside(rng: Random) -> Any:
    if rng.random() < 0.4:
        return OutsideProlong(_member(rng), rng.choice([1, 3, 60, 3600]))
    return OutsideMute(_member(rng), _term(rng))


def _fault(rng: Random, times: int = 1) -> Any:
    return Fault(rng.choice(["down", "refused", "lost request", "lost answer", "garbage"]), times)


def _meanwhile(rng: Random) -> Any:
    call, when = rng.choice(["add", "remove", "list"]), rng.choice(["before", "after"])
    # No request is under way for longer than the client's own limits allow (LATEST_SEND_MS).
    waits = [0.3, 5, 31, 60, 200]
    makers = [lambda rng: Pass(rng.choice(waits)), _order, _work, lambda rng: OutsideLift(_member(rng))]
    if (call, when) in {("add", "before"), ("add", "after"), ("list", "before")}:
        # Between reading the list and lifting nobody can know of a new mute; everywhere else outsiders may mute.
        makers.append(_outside)
    return Meanwhile(call, when, tuple(rng.choice(makers)(rng) for _ in range(rng.randint(1, 3))))


def _weary(_rng: Random) -> list[Any]:
    return [Fault("down", 20), *([Drain(), Pass(31)] * 9)]


_MAKERS: list[tuple[Callable[[Random], list[Any]], float]] = [
    (lambda rng: [_order(rng)], 10),
    (lambda rng: [_work(rng)], 4),
    (lambda rng: [_pass(rng)], 3),
    (lambda rng: [_pass(rng), Drain()], 4),
    (lambda rng: [_outside(rng)], 3),
    (lambda rng: [OutsideLift(_member(rng))], 1),
    (lambda rng: [_fault(rng), _order(rng)], 5),
    (lambda rng: [_fault(rng), _work(rng)], 2),
    (lambda rng: [_fault(rng, rng.choice([2, 5]))], 1),
    (lambda rng: [Kill(rng.randint(1, 6)), _order(rng)], 4),
    (lambda rng: [Kill(rng.randint(1, 6)), _pass(rng), _work(rng)], 3),
    (lambda rng: [_meanwhile(rng), _order(rng)], 4),
    (lambda rng: [_meanwhile(rng), _pass(rng), _work(rng)], 3),
    (lambda rng: [Sick(rng.randint(0, 2)), _order(rng)], 2),
    (lambda rng: [Sick(rng.randint(0, 2)), _pass(rng), _work(rng)], 2),
    (lambda _rng: [Restart()], 0.5),
    (lambda rng: [Jump(rng.choice([-7200, -60, -1.5, 1.5, 60, 7200]))], 1.5),
    (_weary, 0.5),
    (lambda rng: [_fault(rng), _order(rng), *_weary(rng)], 0.7),
    (lambda _rng: [Retry()], 0.3),
]


def shortest(steps: list[Any], fails: Callable[[list[Any]], bool]) -> list[Any]:
    """Leave out what does not matter for the failure."""
    size = len(steps) // 2
    while size:
        at = 0
        while at < len(steps):
            fewer = steps[:at] + steps[at + size :]
            if fails(fewer):
                steps = fewer
            else:
                at += size
        size //= 2
    return steps
