"""Autocomplete for cleanups: runs, policies, jobs, schedules and time zones, called by what they are about."""

from collections.abc import Sequence
from typing import Final

import discord

from bot.services.cleanup.jobs import policy_job, run_job
from bot.services.cleanup.schedule import parse_schedule, suggest_timezones
from bot.services.durations import DAY, compact_duration, parse_duration
from bot.services.model import Suggestion
from bot.services.refusals import Refusal
from bot.ui.cleanup.cards import job_option, policy_option, run_option
from bot.ui.complete import completer
from bot.ui.host import guild_id_of, services_of, voice_of

_SCHEDULES: Final = {
    "03:00": "schedule-nightly",
    "0 3 * * 1": "schedule-weekly",
    "0 3 1 * *": "schedule-monthly",
    "0 * * * *": "schedule-hourly",
}
_AGES_MS: Final = (7 * DAY, 30 * DAY, 90 * DAY, 180 * DAY, 365 * DAY)


async def _runs(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    voice = voice_of(interaction)
    runs = await services_of(interaction).cleanups.list(guild_id_of(interaction), going=False)
    found = [run for run in runs if run.restorable_until is not None]
    return _holding(typed, [Suggestion(run_job(run), run_option(run, voice)) for run in found])


async def _policies(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    voice = voice_of(interaction)
    policies = await services_of(interaction).policies.list(guild_id_of(interaction))
    return _holding(typed, [Suggestion(policy_job(policy), policy_option(policy, voice)) for policy in policies])


async def _jobs_to_run(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    voice, jobs, guild_id = voice_of(interaction), services_of(interaction).jobs, guild_id_of(interaction)
    scheduled = [job for job in await jobs.list(guild_id) if job.run is None]
    found = [*scheduled, *await jobs.resumable(guild_id)]
    return _holding(typed, [Suggestion(job.id, job_option(job, voice)) for job in found])


async def _jobs_to_cancel(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    voice = voice_of(interaction)
    found = await services_of(interaction).jobs.list(guild_id_of(interaction))
    return _holding(typed, [Suggestion(job.id, job_option(job, voice)) for job in found if job.run is not None])


async def _ages(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    voice = voice_of(interaction)
    presets = [Suggestion(compact_duration(age), voice.duration(age)) for age in _AGES_MS]
    try:
        meant = parse_duration(typed) if typed.strip() else None
    except Refusal:
        return _holding(typed, presets) or presets
    if meant is None:
        return presets
    value = compact_duration(meant)
    return [Suggestion(value, voice.duration(meant)), *(preset for preset in presets if preset.value != value)]


async def _schedules(interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    voice, now = voice_of(interaction), services_of(interaction).clock.now()
    presets = [Suggestion(text, voice(key)) for text, key in _SCHEDULES.items()]
    if not typed.strip():
        return presets
    try:
        schedule = parse_schedule(typed, None, now)
    except Refusal:
        return _holding(typed, presets) or presets
    label = voice("policy-line-daily", time=schedule.text) if schedule.is_daily else schedule.text
    return [Suggestion(schedule.text, label), *(preset for preset in presets if preset.value != schedule.text)]


async def _timezones(_interaction: discord.Interaction, typed: str) -> Sequence[Suggestion]:
    return [Suggestion(name, name.replace("_", " ")) for name in suggest_timezones(typed)]


def _holding(typed: str, suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    wanted = typed.strip().casefold()
    return [one for one in suggestions if wanted in one.label.casefold() or wanted in one.value.casefold()]


runs = completer(_runs)
policies = completer(_policies)
jobs_to_run = completer(_jobs_to_run)
jobs_to_cancel = completer(_jobs_to_cancel)
ages = completer(_ages)
schedules = completer(_schedules)
timezones = completer(_timezones)
