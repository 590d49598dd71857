"""How cleanups look: a preview, a run from its progress to its report, policies and jobs."""

from dataclasses import replace
from typing import Final

import discord

from bot.services.cleanup.model import Job, PolicyState, PolicyView, Preview, Rule, RunKind, RunState, RunView, Target
from bot.services.cleanup.schedule import Schedule
from bot.services.clock import from_ms
from bot.ui.face import AMBER, GREEN, GREY, RED
from bot.ui.safe import cut, escape, plain
from bot.ui.words import Voice, mention, stamp, when

_BAR: Final = 10
_TITLES: Final = {
    (RunKind.CLEANUP, RunState.RUNNING): "run-title-cleaning",
    (RunKind.CLEANUP, RunState.DONE): "run-title-cleaned",
    (RunKind.RESTORE, RunState.RUNNING): "run-title-restoring",
    (RunKind.RESTORE, RunState.DONE): "run-title-restored",
}
_OTHERWISE: Final = {
    RunState.CANCELLING: "run-title-cancelling",
    RunState.CANCELLED: "run-title-cancelled",
    RunState.FAILED: "run-title-failed",
}
_COLOURS: Final = {
    RunState.RUNNING: AMBER,
    RunState.CANCELLING: AMBER,
    RunState.CANCELLED: GREY,
    RunState.DONE: GREEN,
    RunState.FAILED: RED,
}


def preview_card(preview: Preview, voice: Voice, restore_days: int) -> discord.Embed:
    """Show what a cleanup would delete: how many, from when to when, a few of them, what stays, how long it is kept."""
    rule = preview.rule
    counted = "preview-line-count" if preview.exact else "preview-line-at-least"
    lines = [voice(counted, count=preview.count)]
    if preview.oldest is not None and preview.newest is not None:
        lines.append(voice("preview-line-ages", oldest=stamp(preview.oldest, "D"), newest=stamp(preview.newest, "D")))
    if preview.owners > 1:
        lines.append(voice("preview-line-owners", count=preview.owners))
    if preview.kept:
        lines.append(voice("preview-line-kept", count=preview.kept, keep=escape(rule.keep, 40)))
    lines += ["", voice("preview-line-sample")]
    for owner, item in preview.sample:
        saved = "" if item.created_at is None else stamp(item.created_at, "D")
        lines.append(voice("preview-line-item", owner=escape(owner, 40), when=saved, data=escape(item.data[:160], 80)))
    cutoff = stamp(from_ms(preview.cutoff_ms))
    lines += ["", voice("cleanup-line-rule", age=voice.duration(rule.older_than_ms), cutoff=cutoff)]
    lines += [*_conditions(rule, voice), voice("preview-line-undo", days=restore_days)]
    title = voice("preview-title", target=target_text(rule.target, voice))
    return discord.Embed(title=cut(title, 256), description="\n".join(lines), colour=AMBER)


def restore_card(run: RunView, count: int, voice: Voice) -> discord.Embed:
    """Ask whether what a run deleted is to be put back."""
    lines = [voice("restore-question", count=count, run=str(run.id)), voice("restore-note")]
    title = voice("run-title-cleaned", target=target_text(run.rule.target, voice))
    return discord.Embed(title=cut(title, 256), description="\n".join(lines), colour=AMBER)


def run_card(run: RunView, voice: Voice) -> discord.Embed:
    """Show how far a run is, or what came of it."""
    lines = [*_progress(run, voice), *_trouble(run, voice)]
    if run.restorable_until is not None:
        lines.append(voice("run-line-restore", until=stamp(run.restorable_until), run=f"run-{run.id}"))
    if run.resumable:
        lines.append(voice("run-line-resume", run=f"run-{run.id}"))
    if run.kind is RunKind.CLEANUP:
        age = voice.duration(run.rule.older_than_ms)
        lines += ["", voice("cleanup-line-rule", age=age, cutoff=stamp(run.cutoff))]
        lines += _conditions(run.rule, voice)
    lines.append(voice("case-line-by", staff=mention(run.staff)))
    if run.policy_id is not None:
        lines.append(voice("run-line-policy", policy=str(run.policy_id)))
    card = discord.Embed(title=run_title(run, voice), description="\n".join(lines), colour=_COLOURS[run.state])
    card.timestamp = run.ended_at or run.begun_at
    return card.set_footer(text=voice("run-number", run=str(run.id), case=str(run.case_id)))


def run_title(run: RunView, voice: Voice) -> str:
    """Say in a few words what a run is about and how it stands."""
    key = _TITLES.get((run.kind, run.state)) or _OTHERWISE[run.state]
    return cut(voice(key, target=target_text(run.rule.target, voice)), 256)


def policy_lines(policy: PolicyView, voice: Voice) -> str:
    """Show a policy in a few short lines: whose, when, what, and how it stands."""
    lines = [
        voice("policy-line", policy=str(policy.id), target=target_text(policy.rule.target, voice)),
        voice("policy-line-when", schedule=schedule_text(policy.schedule, voice), timezone=policy.schedule.timezone),
        voice("cleanup-line-age", age=voice.duration(policy.rule.older_than_ms)),
        *_conditions(policy.rule, voice),
        _standing(policy, voice),
    ]
    if policy.running is not None:
        lines.append(voice("policy-line-running", run=str(policy.running)))
    return "\n".join(lines)


def job_lines(job: Job, voice: Voice) -> str:
    """Show a job in a few short lines."""
    if job.run is not None:
        head = voice("job-line-run", run=str(job.run.id), title=run_title(job.run, voice))
        # Who could not be done is on the run's own card: a list is short of room.
        return "\n".join([head, *_progress(job.run, voice), *_trouble(replace(job.run, failures=()), voice)])
    if job.policy is not None:
        return policy_lines(job.policy, voice)
    last = job.last_reconcile
    told = voice("job-line-not-yet") if last is None else voice("job-line-last", when=stamp(last, "R"))
    return f"{voice('job-line-reconcile')}\n{told}"


def run_option(run: RunView, voice: Voice) -> str:
    """Show a run as one line without markdown, for a list of suggestions."""
    target = target_plain(run.rule.target, voice)
    return plain(voice("run-option", run=str(run.id), target=target, count=run.tally.done))


def policy_option(policy: PolicyView, voice: Voice) -> str:
    """Show a policy as one line without markdown, for a list of suggestions."""
    schedule = plain(schedule_text(policy.schedule, voice), 40)
    target = target_plain(policy.rule.target, voice)
    return plain(voice("policy-option", policy=str(policy.id), target=target, schedule=schedule))


def job_option(job: Job, voice: Voice) -> str:
    """Show a job as one line without markdown, for a list of suggestions."""
    if job.run is not None:
        return run_option(job.run, voice)
    return voice("job-option-reconcile") if job.policy is None else policy_option(job.policy, voice)


def schedule_text(schedule: Schedule, voice: Voice) -> str:
    """Say when a policy is due; cron fields are said as they were typed."""
    return voice("policy-line-daily", time=schedule.text) if schedule.is_daily else escape(schedule.text, 60)


def target_text(target: Target, voice: Voice) -> str:
    """Say whose collections are meant, where Discord reads markdown."""
    return voice("cleanup-target", kind=target.kind.value, name=escape(target.name, 60))


def target_plain(target: Target, voice: Voice) -> str:
    """Say whose collections are meant, where Discord reads no markdown."""
    return voice("cleanup-target", kind=target.kind.value, name=plain(target.name, 40))


def _conditions(rule: Rule, voice: Voice) -> list[str]:
    lines = [voice("cleanup-line-keep", keep=escape(rule.keep, 40))]
    if rule.item_type is not None:
        lines.insert(0, voice("cleanup-line-type", type=str(rule.item_type)))
    return lines


def _progress(run: RunView, voice: Voice) -> list[str]:
    tally, restoring = run.tally, run.kind is RunKind.RESTORE
    lines: list[str] = []
    if run.going and run.planned:
        share = min(1.0, tally.done / run.planned)
        lines.append(f"{'▰' * int(share * _BAR)}{'▱' * (_BAR - int(share * _BAR))} {int(share * 100)} %")
        key = "run-line-restored-of" if restoring else "run-line-deleted-of"
        lines.append(voice(key, count=tally.done, planned=run.planned))
    else:
        lines.append(voice("run-line-restored" if restoring else "run-line-deleted", count=tally.done))
    if tally.kept:
        lines.append(voice("run-line-there" if restoring else "run-line-kept", count=tally.kept))
    if tally.owners > 1:
        done = tally.owners - tally.owners_left - tally.owners_failed
        lines.append(voice("run-line-owners", done=done, count=tally.owners))
    elif not tally.owners and run.going:
        lines.append(voice("run-line-listing"))
    if run.going and run.rate:
        speed = [voice("run-line-rate", rate=round(run.rate, 1) if run.rate < 10 else round(run.rate))]
        if run.seconds_left is not None:
            speed.append(voice("run-line-left", duration=voice.duration(max(1, round(run.seconds_left)) * 1000)))
        lines.append(" · ".join(speed))
    return lines


def _trouble(run: RunView, voice: Voice) -> list[str]:
    lines: list[str] = []
    if run.retry_at is not None:
        lines.append(voice("run-line-waiting", when=stamp(run.retry_at, "R")))
    if run.tally.refused:
        lines.append(voice("run-line-refused", count=run.tally.refused))
    if run.failures:
        lines.append(voice("run-line-failed", count=run.tally.owners_failed))
        lines += [
            voice("run-line-failure", owner=escape(owner, 40), why=escape(why, 100)) for owner, why in run.failures
        ]
    if run.state is RunState.FAILED and run.why:
        lines.append(voice("run-line-why", why=escape(run.why, 200)))
    return lines


def _standing(policy: PolicyView, voice: Voice) -> str:
    if policy.state is PolicyState.PAUSED:
        return voice("policy-line-paused")
    if policy.next_at is None:
        return voice("policy-line-never")
    return voice("policy-line-next", when=when(policy.next_at))
