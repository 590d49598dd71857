"""Cleanup of 100,000 collections over 500 users beside the least that it can cost, and unmutes due in the middle of it.

The engine runs in a process of its own, the whole machine without Discord, so that its memory is its own, and the IM
service in another. No two owners have the same number of items; some of them stay, by their ext or as too new.

The least: a read for each 20 members and the owner; for each owner with n items that are old enough ceil(n / 200)
reads, at least one, and ceil(d / 20) deletes for the d of them that go. We need one read more where n is a multiple of
200: nothing in an answer but a page that is not full says that nothing follows.

The pace: a rate of 400 calls a second instead of 100, for both, so that this takes a minute instead of three. The
share of 0.3 is 120 calls a second, which nothing can quite reach: a slot is held for a second AND the trip before it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import math
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import insert, text

import bot.app
from bot.config import Settings
from bot.im import CallRecord, IMClient
from bot.imservice import IMService, IMServiceOptions, serve
from bot.imservice.domain import communities
from bot.services import Services
from bot.services.cleanup.model import Rule, RunView, Target, TargetKind
from bot.services.model import Staff
from bot.store import Store
from bot.store.tables import cases, mutes, timers
from tests.bench.im import AUTH
from tests.bench.measure import Result

OWNERS, ITEMS, MILLION = 500, 100_000, 1_000_000
RATE, SHARE = 400, 0.3
GUILD = 1
READY_MS, ALONE_MS, UNMUTE_EVERY_MS, UNMUTES = 6_000, 15_000, 400, 300
MILLION_SECONDS = 15
DAY = 86_400_000
OLD_DAYS = 30
OURS = ("/collections", "/circle/server/{community_id}/users")
OPTIONS = IMServiceOptions(rate_limit=None, keep_expired_mutes=True)
TEXT = "a saved message of about the usual length " * 2


# The IM, and what our own database knows


async def stocked(data: Path, items: int, due_ms: int) -> dict[str, Any]:
    """Fill the IM service's data; return what is to be known of it."""
    service = IMService(data, options=OPTIONS, id_seed=1)
    await service.start()
    try:
        return await service.write(lambda connection: _stock(connection, service, items, due_ms))
    finally:
        await service.stop()


def _stock(connection: sqlite3.Connection, service: IMService, items: int, due_ms: int) -> dict[str, Any]:
    draw, names = random.Random(5), [f"m{number}" for number in range(OWNERS)]
    connection.executemany(
        "INSERT INTO users (key, username, uuid, nickname, created, modified) VALUES (?, ?, ?, NULL, 1, 1)",
        ((name, name, f"uuid-{name}") for name in ["owner", *names]),
    )
    new = communities.NewCommunity("owner", "Bench", 0, "", "", "", "", "text", "general")
    community = communities.create(connection, new, ids=service.ids, now=1, per_user=100)
    connection.execute(
        "INSERT INTO community_members (community, user, role) "
        "SELECT c.seq, u.seq, 2 FROM communities c, users u WHERE u.key <> 'owner'"
    )
    seqs = dict(connection.execute("SELECT key, seq FROM users").fetchall())
    (channel,) = connection.execute("SELECT id FROM channels").fetchone()
    connection.executemany(
        "INSERT INTO mutes (channel, user, expire) SELECT seq, ?, ? FROM channels",
        ((seqs[name], due_ms + number * UNMUTE_EVERY_MS) for number, name in enumerate(names[:UNMUTES])),
    )
    least, going = math.ceil((OWNERS + 1) / 20), 0
    for name, count in zip(names, _counts(draw, items), strict=True):
        rows, goes, stays = [], 0, 0
        for number in range(count):
            kind = draw.random()
            age = draw.randrange(OLD_DAYS * DAY) if kind < 0.05 else draw.randrange(OLD_DAYS + 1, 400) * DAY + number
            keep = "please keep" if 0.05 <= kind < 0.1 else None
            goes += kind >= 0.1
            stays += keep is not None
            rows.append((seqs[name], f"i{number}", TEXT, keep, due_ms - age, due_ms - age, number))
        connection.executemany(
            "INSERT INTO collections (user, id, data, type, ext, created, updated, seq) VALUES (?,?,?,0,?,?,?,?)", rows
        )
        going += goes
        least += max(1, math.ceil((goes + stays) / 200)) + math.ceil(goes / 20)
    return {"community": community, "channel": channel, "going": going, "least": least, "due_ms": due_ms}


def _counts(draw: random.Random, total: int) -> list[int]:
    weights = [draw.paretovariate(1.5) for _ in range(OWNERS)]
    counts = [int(total * weight / sum(weights)) for weight in weights]
    counts[0] += total - sum(counts)
    return counts


async def muted(store: Store, known: dict[str, Any]) -> None:
    """Put the mutes that the IM has into our database, as if they had been begun long ago."""
    common = {"guild_id": GUILD, "community_id": known["community"], "channel_id": known["channel"]}
    rows = [(n + 1, f"m{n}", known["due_ms"] + n * UNMUTE_EVERY_MS) for n in range(UNMUTES)]
    of_case = {"at_ms": 1, "staff_id": 1, "staff_name": "s", "action": "mute", "channel_name": "g", "duration_ms": 1000}
    of_mute = {"state": "active", "begun_ms": 1, "requested_ms": 1000}

    def put(connection: Any) -> None:
        connection.execute(insert(cases), [common | of_case | {"id": n, "member_id": who} for n, who, _ in rows])
        connection.execute(
            insert(mutes),
            [common | of_mute | {"id": n, "case_id": n, "member_id": who, "due_ms": due} for n, who, due in rows],
        )
        connection.execute(insert(timers), [{"mute_id": n, "guild_id": GUILD, "wake_ms": due} for n, _, due in rows])

    await store.write(put)


# The process that works


class Watch:
    """The calls of cleanups and the memory of this process."""

    def __init__(self) -> None:
        self.calls: list[float] = []
        self._process = psutil.Process()
        self._before = self.most = 0

    def client(self, *args: Any, **given: Any) -> IMClient:
        """Make the machine's client; it is told the same as before, and we as well."""
        told = given.pop("on_call")

        def note(call: CallRecord) -> None:
            told(call)
            if any(part in call.endpoint for part in OURS):
                self.calls += [time.perf_counter()] * call.attempts

        return IMClient(*args, on_call=note, rate_per_second=RATE, **given)

    def begin(self) -> None:
        gc.collect()
        self.calls.clear()
        self._before = self.most = self._process.memory_info().rss

    def look(self) -> None:
        self.most = max(self.most, self._process.memory_info().rss)

    @property
    def grown(self) -> float:
        return (self.most - self._before) / 2**20


async def work(known: dict[str, Any]) -> dict[str, Any]:
    """Clean up, and return what was measured; in the process of its own."""
    watch = Watch()
    bot.app.IMClient = watch.client  # pyright: ignore
    machine = await bot.app.assemble(Settings())
    await muted(machine.store, known)
    await machine.start()
    services = machine.services
    rule = Rule(Target(TargetKind.COMMUNITY, known["community"], "", "Bench"), OLD_DAYS * DAY, None, "keep")
    if known["seconds"] is not None:
        found = await _bounded(services, rule, watch, known["seconds"])
    else:
        await asyncio.sleep(max(0, (known["due_ms"] + ALONE_MS) / 1000 - time.time()))
        found = await _whole(services, rule, watch)
        found["late"] = await machine.store.read(_lateness)
    await machine.stop()
    return found


async def _whole(services: Services, rule: Rule, watch: Watch) -> dict[str, Any]:
    watch.begin()
    begun, cutoff = time.time(), round(time.time() * 1000) - rule.older_than_ms
    runs = services.cleanups._runs
    run = await runs.begin(rule, staff=Staff(1, "s"), guild_id=GUILD, cutoff_ms=cutoff)
    while run.going:
        await asyncio.sleep(0.5)
        run = await services.cleanups.view(GUILD, run.id)
        watch.look()
    # The very first call fetches the members, and the last ones end the last owner.
    seconds = watch.calls[-1] - watch.calls[0]
    return _told(run, watch) | {"begun": begun, "ended": time.time(), "rate": (len(watch.calls) - 1) / seconds}


async def _bounded(services: Services, rule: Rule, watch: Watch, seconds: float) -> dict[str, Any]:
    watch.begin()
    preview = await services.cleanups.preview(rule)
    run = await services.cleanups.start(preview, staff=Staff(1, "s"), guild_id=GUILD)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.sleep(0.5)
        run = await services.cleanups.view(GUILD, run.id)
        watch.look()
    await services.cleanups.cancel(GUILD, run.id)
    return _told(run, watch) | {"seen": preview.count}


def _told(run: RunView, watch: Watch) -> dict[str, Any]:
    return {"done": run.tally.done, "calls": len(watch.calls), "megabytes": watch.grown}


def _lateness(connection: Any) -> list[tuple[int, int]]:
    """When mutes were due, and how much later they ended, in milliseconds."""
    ended = text(
        "SELECT m.due_ms, e.at_ms - m.due_ms FROM mutes m JOIN case_events e ON e.case_id = m.case_id "
        "WHERE e.kind IN ('ended', 'lifted')"
    )
    return [tuple(row) for row in connection.execute(ended)]


# Both together


@contextlib.asynccontextmanager
async def process(*arguments: str, **environment: str) -> AsyncIterator[asyncio.StreamReader]:
    """Run this module as a process; yield what it says."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.cleanup", *arguments,
        env=os.environ | environment, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert running.stdout is not None
    try:
        yield running.stdout
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.terminate()
        await running.wait()


async def measured(items: int, seconds: float | None = None) -> dict[str, Any]:
    """Fill an IM service, run it, and let a process clean up there."""
    with tempfile.TemporaryDirectory() as folder:
        due_ms = round(time.time() * 1000) + READY_MS + items // 50
        known = await stocked(Path(folder) / "im", items, due_ms) | {"seconds": seconds}
        async with process("serve", f"{folder}/im") as said:
            url = (await said.readline()).decode().split("listening on ")[1].strip()
            environment = {
                "WARDEN_IM__KIND": "easemob",
                "WARDEN_IM__BASE_URL": url,
                "WARDEN_IM__ORG": AUTH.org,
                "WARDEN_IM__APP": AUTH.app,
                "WARDEN_IM__CLIENT_ID": AUTH.client_id,
                "WARDEN_IM__CLIENT_SECRET": AUTH.secret,
                "WARDEN_STORAGE__URL": f"sqlite+aiosqlite:///{folder}/warden.db",
                "WARDEN_CLEANUP__BUDGET_SHARE": str(SHARE),
            }
            async with process("work", json.dumps(known), **environment) as told:
                lines = (await told.read()).decode().splitlines()
    return known | json.loads(lines[-1])


async def run() -> list[Result]:
    """The whole of 100,000, then the beginning of a million."""
    found, large = await measured(ITEMS), await measured(MILLION, MILLION_SECONDS)
    assert found["done"] == found["going"], found
    share, begun, ended = RATE * SHARE, found["begun"] * 1000, found["ended"] * 1000
    alone = [late for due, late in found["late"] if due < begun - 1_000]
    beside = [late for due, late in found["late"] if begun <= due < ended]
    ratio, pace = found["calls"] / found["least"], found["rate"] / share
    delayed = max(beside) - max(0, statistics.median(alone))
    return [
        Result(
            f"cleanup of {ITEMS:,} over {OWNERS} users: requests",
            f"{found['calls']:,} ({found['done']:,} deleted)", f"{found['least']:,} (the least)",
            f"{ratio:.4f}", "<= 1.02", ratio <= 1.02,
        ),
        Result(
            "its requests a second",
            f"{found['rate']:.1f}/s", f"{share:.0f}/s (share of {RATE}/s)", f"{pace:.3f}", ">= 0.95", pace >= 0.95,
        ),
        Result(
            "its resident memory",
            f"+{found['megabytes']:.1f} MB", "0", "", "< 10 MB", found["megabytes"] < 10,
        ),
        Result(
            f"unmutes due in the middle of it ({len(beside)})",
            f"{statistics.median(beside):.0f} ms, worst {max(beside)} ms late",
            f"{statistics.median(alone):.0f} ms, worst {max(alone)} ms without",
            f"+{delayed:.0f} ms", "worst <= +1 s", delayed <= 1_000,
        ),
        Result(
            f"memory with {MILLION:,}: preview of {large['seen']:,} and {large['done']:,} deleted",
            f"+{large['megabytes']:.1f} MB", f"+{found['megabytes']:.1f} MB with {ITEMS:,}", "",
            "< 10 MB", large["megabytes"] < 10,
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve(data=Path(sys.argv[2]), options=OPTIONS))
    else:
        print(json.dumps(asyncio.run(work(json.loads(sys.argv[2])))), flush=True)
