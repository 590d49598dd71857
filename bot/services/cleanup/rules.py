"""What a run deletes, and how its case says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.services.cleanup.model import Rule, RunKind, Target, TargetKind
from bot.services.model import NOWHERE, Action, Place, Staff
from bot.services.orders import Order

if TYPE_CHECKING:
    from bot.store.cleanup_rows import RunRow, Tally

_ACTIONS = {RunKind.CLEANUP: Action.CLEANUP, RunKind.RESTORE: Action.RESTORE}


def rule_of(run: RunRow) -> Rule:
    """Return what a run deletes."""
    target = Target(TargetKind(run.target), run.community_id, run.channel_id, run.name)
    return Rule(target, run.older_than_ms, run.item_type, run.keep)


def details_of(rule: Rule) -> dict[str, Any]:
    """Return a rule as a case knows it."""
    return {
        "target": rule.target.kind.value,
        "name": rule.target.name,
        "older_than_ms": rule.older_than_ms,
        "type": rule.item_type,
        "keep": rule.keep,
    }


def place_of(target: Target) -> Place:
    """Return the place of a case about a target."""
    if target.kind is TargetKind.CHANNEL:
        return Place(target.community_id, target.channel_id, target.name)
    return NOWHERE if target.kind is TargetKind.OWNER else Place(target.community_id, "", "")


def order_of(rule: Rule, staff: Staff, guild_id: int, values: dict[str, Any]) -> Order:
    """Return what a run's case says is to be done."""
    kind = RunKind(values["kind"])
    told = details_of(rule) | {name: values[name] for name in ("of_run", "policy_id") if values.get(name) is not None}
    member = rule.target.name if rule.target.kind is TargetKind.OWNER else ""
    return Order(staff, guild_id, place_of(rule.target), member, _ACTIONS[kind], duration_ms=None, details=told)


def counts_of(run: RunRow, tally: Tally) -> dict[str, Any]:
    """Return what a run's case says has been done."""
    return {
        "run": run.id,
        "done": tally.done,
        "kept": tally.kept,
        "refused": tally.refused,
        "owners_failed": tally.owners_failed,
    }
