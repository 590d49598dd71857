"""Standing cleanup rules: made, paused, removed, and started when they are due."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import structlog

from bot.services.cleanup.model import PolicyState, PolicyView, Rule, RunView, Target, TargetKind
from bot.services.cleanup.rules import details_of, place_of
from bot.services.cleanup.schedule import Schedule, parse_schedule
from bot.services.clock import from_ms, to_ms
from bot.services.model import Action, Staff
from bot.services.orders import Order, add_case
from bot.services.refusals import Refusal
from bot.store import cases as case_rows
from bot.store import cleanup as run_rows
from bot.store import policies as rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from bot.services.cleanup.engine import Engine
    from bot.services.cleanup.runs import Runs
    from bot.services.clock import Clock
    from bot.services.posts import Posts
    from bot.store import Store
    from bot.store.cleanup_rows import PolicyRow

MOST = 50
"""A guild's policies; more are rather a mistake."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Policies:
    """The policies of all guilds; `arm` wakes the housekeeping at a moment in ms."""

    def __init__(
        self, *, store: Store, clock: Clock, posts: Posts, runs: Runs, engine: Engine, arm: Callable[[int], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._posts = posts
        self._runs = runs
        self._engine = engine
        self._arm = arm

    def _now(self) -> int:
        return to_ms(self._clock.now())

    async def add(self, rule: Rule, *, schedule: str, timezone: str | None, staff: Staff, guild_id: int) -> PolicyView:
        """Make a rule a standing one; raises Refusal for a schedule or time zone that cannot be."""
        checked = parse_schedule(schedule, timezone, self._clock.now())
        now, due = self._now(), checked.after(self._clock.now())
        target = rule.target

        def put(connection: Connection) -> int:
            if len(rows.policies_of(connection, guild_id)) >= MOST:
                raise Refusal("refusal-policies-many", count=MOST)
            policy_id = rows.add_policy(
                connection,
                guild_id=guild_id,
                staff_id=staff.id,
                staff_name=staff.name,
                made_ms=now,
                target=target.kind,
                community_id=target.community_id,
                channel_id=target.channel_id,
                name=target.name,
                older_than_ms=rule.older_than_ms,
                item_type=rule.item_type,
                keep=rule.keep,
                schedule=checked.text,
                timezone=checked.timezone,
                state=PolicyState.ACTIVE,
                next_ms=None if due is None else to_ms(due),
            )
            self._note(connection, policy_id, "add", staff)
            return policy_id

        policy_id = await self._posts.write(put)
        if due is not None:
            self._arm(to_ms(due))
        return await self.view(guild_id, policy_id)

    async def view(self, guild_id: int, policy_id: int) -> PolicyView:
        """Return a policy of this guild; raises Refusal if there is none."""
        return await self._store.read(lambda connection: _view(connection, _found(connection, guild_id, policy_id)))

    async def list(self, guild_id: int) -> list[PolicyView]:
        """Return a guild's policies, oldest first."""
        return await self._store.read(
            lambda connection: [_view(connection, row) for row in rows.policies_of(connection, guild_id)]
        )

    async def pause(self, guild_id: int, policy_id: int, staff: Staff) -> PolicyView:
        """Let a policy rest, or let one that rests go on; a run of it under way is not touched."""
        now = self._clock.now()
        row = await self._store.read(lambda connection: _found(connection, guild_id, policy_id))
        due = Schedule(row.schedule, row.timezone).after(now)

        def put(connection: Connection) -> int | None:
            row = _found(connection, guild_id, policy_id)
            if rows.set_state(connection, policy_id, [PolicyState.ACTIVE], PolicyState.PAUSED, next_ms=None):
                self._note(connection, policy_id, "pause", staff)
                return None
            next_ms = None if due is None else to_ms(due)
            if rows.set_state(connection, row.id, [PolicyState.PAUSED], PolicyState.ACTIVE, next_ms=next_ms):
                self._note(connection, policy_id, "resume", staff)
            return next_ms

        next_ms = await self._posts.write(put)
        if next_ms is not None:
            self._arm(next_ms)
        return await self.view(guild_id, policy_id)

    async def remove(self, guild_id: int, policy_id: int, staff: Staff) -> PolicyView:
        """End a policy for good; a run of it under way stops at its next request. Raises Refusal if there is none."""
        now = self._now()

        def put(connection: Connection) -> tuple[PolicyView, int | None]:
            view = _view(connection, _found(connection, guild_id, policy_id))
            before = [PolicyState.ACTIVE, PolicyState.PAUSED]
            rows.set_state(connection, policy_id, before, PolicyState.REMOVED, next_ms=None)
            self._note(connection, policy_id, "remove", staff)
            run = run_rows.going_of_policy(connection, policy_id)
            if run is not None:
                self._runs.stop(connection, run, now)
            self._runs.give_up(connection, guild_id, policy_id)
            return view, None if run is None else run.id

        view, run_id = await self._posts.write(put)
        if run_id is not None:
            self._engine.stop_run(run_id)
            self._arm(now)
        return view

    async def run_now(self, guild_id: int, policy_id: int, staff: Staff) -> RunView:
        """Start a policy's cleanup now, whatever its schedule says; raises Refusal if it is under way."""
        now = self._now()

        def put(connection: Connection) -> int:
            row = _found(connection, guild_id, policy_id, lock=True)
            run = run_rows.going_of_policy(connection, policy_id)
            if run is not None:
                raise Refusal("refusal-policy-going", policy=policy_id, run=run.id)
            return self._start(connection, row, staff, now)

        run_id = await self._posts.write(put)
        self._arm(now)
        return await self._runs.view(guild_id, run_id)

    async def start_due(self) -> list[int]:
        """Start the cleanups of all policies that are due; return their runs.

        What was missed while nobody was there is made up for once. A policy whose last run is still under way is left
        out until it is due the next time.
        """
        now = self._now()

        def put(connection: Connection) -> list[int]:
            started: list[int] = []
            for row in rows.due(connection, now):
                due = Schedule(row.schedule, row.timezone).after(from_ms(now))
                if not rows.set_next(connection, row.id, row.next_ms, None if due is None else to_ms(due)):
                    continue
                busy = run_rows.going_of_policy(connection, row.id)
                if busy is not None:
                    log.warning("policy not started again", policy=row.id, run=busy.id)
                    continue
                started.append(self._start(connection, row, Staff(row.staff_id, row.staff_name), now))
            return started

        return await self._posts.write(put)

    async def next_wake(self) -> int | None:
        """Return when the next policy is due, in milliseconds."""
        return await self._store.read(rows.next_wake)

    def _start(self, connection: Connection, row: PolicyRow, staff: Staff, now: int) -> int:
        return self._runs.add_cleanup(
            connection,
            _rule(row),
            staff=staff,
            guild_id=row.guild_id,
            cutoff_ms=now - row.older_than_ms,
            policy_id=row.id,
            now_ms=now,
        )

    def _note(self, connection: Connection, policy_id: int, what: str, staff: Staff) -> None:
        """Write down who changed a policy, as a case."""
        row = rows.get_policy(connection, policy_id)
        assert row is not None
        rule, now = _rule(row), self._now()
        details: dict[str, Any] = details_of(rule) | {
            "policy": policy_id,
            "change": what,
            "schedule": row.schedule,
            "timezone": row.timezone,
        }
        member = rule.target.name if rule.target.kind is TargetKind.OWNER else ""
        place = place_of(rule.target)
        order = Order(staff, row.guild_id, place, member, Action.POLICY, duration_ms=None, details=details)
        case_id = add_case(connection, order, now)
        case_rows.add_event(connection, case_id, now, "applied", json.dumps({}))
        self._posts.want_new_case(connection, row.guild_id, case_id, now)


def _found(connection: Connection, guild_id: int, policy_id: int, *, lock: bool = False) -> PolicyRow:
    row = rows.get_policy(connection, policy_id, lock=lock)
    if row is None or row.guild_id != guild_id or row.state == PolicyState.REMOVED:
        raise Refusal("refusal-unknown-policy", policy=policy_id)
    return row


def _rule(row: PolicyRow) -> Rule:
    target = Target(TargetKind(row.target), row.community_id, row.channel_id, row.name)
    return Rule(target, row.older_than_ms, row.item_type, row.keep)


def _view(connection: Connection, row: PolicyRow) -> PolicyView:
    run = run_rows.going_of_policy(connection, row.id)
    return PolicyView(
        id=row.id,
        guild_id=row.guild_id,
        staff=Staff(row.staff_id, row.staff_name),
        rule=_rule(row),
        schedule=Schedule(row.schedule, row.timezone),
        state=PolicyState(row.state),
        next_at=None if row.next_ms is None else from_ms(row.next_ms),
        running=None if run is None else run.id,
    )
