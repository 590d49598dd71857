"""What is scheduled or under way, and taking a hand in it."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from bot.services.cleanup.model import Job, PolicyView, RunView
from bot.services.refusals import Refusal

if TYPE_CHECKING:
    from bot.services.cleanup.policies import Policies
    from bot.services.cleanup.runs import Runs
    from bot.services.cleanup.service import Cleanups
    from bot.services.model import Staff
    from bot.services.reconcile import Reconcile

RECONCILE = "reconcile"
_JOB = re.compile(r"(run|policy)[- ]?(\d{1,15})", re.ASCII)


class Jobs:
    """The jobs of all guilds: runs (`run-12`), policies (`policy-3`), and the comparison with the IM (`reconcile`)."""

    def __init__(self, *, runs: Runs, cleanups: Cleanups, policies: Policies, reconcile: Reconcile) -> None:
        self._runs = runs
        self._cleanups = cleanups
        self._policies = policies
        self._reconcile = reconcile

    async def list(self, guild_id: int) -> list[Job]:
        """Return what is under way in a guild, then its policies, then the comparison with the IM."""
        going = await self._runs.list(guild_id, going=True)
        policies = await self._policies.list(guild_id)
        last = self._reconcile.last
        return [
            *(Job(run_job(run), run=run) for run in going),
            *(Job(policy_job(policy), policy=policy) for policy in policies),
            Job(RECONCILE, last_reconcile=None if last is None else last.at),
        ]

    async def resumable(self, guild_id: int) -> list[Job]:
        """Return the runs that were cancelled or failed, newest first."""
        over = await self._runs.list(guild_id, going=False)
        return [Job(run_job(run), run=run) for run in over if run.resumable]

    async def run(self, guild_id: int, job: str, staff: Staff) -> Job:
        """Start a policy now, go on with a run that was cancelled, or compare with the IM; raises Refusal."""
        kind, number = _parse(job)
        if kind == RECONCILE:
            return Job(RECONCILE, last_reconcile=(await self._reconcile.run()).at)
        if kind == "policy":
            run = await self._policies.run_now(guild_id, number, staff)
        else:
            run = await self._runs.resume(guild_id, number, staff)
        return Job(run_job(run), run=run)

    async def cancel(self, guild_id: int, job: str) -> Job:
        """Stop a run at its next request, or the run of a policy that is under way; raises Refusal."""
        kind, number = _parse(job)
        if kind == RECONCILE:
            raise Refusal("refusal-job-not-running", job=job)
        if kind == "policy":
            policy = await self._policies.view(guild_id, number)
            if policy.running is None:
                raise Refusal("refusal-job-not-running", job=job)
            number = policy.running
        run = await self._cleanups.cancel(guild_id, number)
        return Job(run_job(run), run=run)


def run_job(run: RunView) -> str:
    """Return the name by which a run is called."""
    return f"run-{run.id}"


def policy_job(policy: PolicyView) -> str:
    """Return the name by which a policy is called."""
    return f"policy-{policy.id}"


def parse_run(text: str) -> int:
    """Return the number of a run, typed as `12` or `run-12`; raises Refusal for anything else."""
    plain = _plain(text)
    found = _JOB.fullmatch(plain if plain.startswith("run") else f"run-{plain}")
    if found is None:
        raise Refusal("refusal-unknown-run", run=plain[:40])
    return int(found[2])


def parse_policy(text: str) -> int:
    """Return the number of a policy, typed as `3` or `policy-3`; raises Refusal for anything else."""
    plain = _plain(text)
    found = _JOB.fullmatch(plain if plain.startswith("policy") else f"policy-{plain}")
    if found is None:
        raise Refusal("refusal-unknown-policy", policy=plain[:40])
    return int(found[2])


def _parse(job: str) -> tuple[str, int]:
    plain = _plain(job)
    if plain == RECONCILE:
        return RECONCILE, 0
    found = _JOB.fullmatch(plain)
    if found is None:
        raise Refusal("refusal-unknown-job", job=plain[:40])
    return found[1], int(found[2])


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().removeprefix("#").lower()
