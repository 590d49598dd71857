"""/policy, /job."""

import discord
from discord import app_commands

from bot.services.cleanup.jobs import parse_policy
from bot.ui.answer import Answer
from bot.ui.cleanup import complete as cleanup_complete
from bot.ui.cleanup import flow as cleanup
from bot.ui.cleanup.cards import policy_lines
from bot.ui.cleanup.options import takes_rule
from bot.ui.desk import Desk
from bot.ui.face import GREEN, GREY
from bot.ui.levels import admins
from bot.ui.notes import note_card
from bot.ui.pager import show_list
from bot.ui.words import say

Name = app_commands.Range[str, 1, 128]
Type = app_commands.Range[int, -(2**31), 2**31 - 1]


class Cleanup(Desk):
    """Standing cleanup rules, and what is under way."""

    policy = admins(app_commands.Group(name="policy", description=say("command-policy")))
    job = admins(app_commands.Group(name="job", description=say("command-job")))

    async def cog_unload(self) -> None:
        """Leave the answers that follow a run; the runs go on."""
        await cleanup.stop_following(self.bot)

    @admins
    @policy.command(name="add", description=say("command-policy-add"))
    @takes_rule
    @app_commands.describe(schedule=say("option-schedule"), timezone=say("option-timezone"))
    @app_commands.autocomplete(schedule=cleanup_complete.schedules, timezone=cleanup_complete.timezones)
    async def add_policy(
        self,
        interaction: discord.Interaction,
        *,
        older_than: Name,
        schedule: Name,
        timezone: Name | None = None,
        owner: Name | None = None,
        channel: Name | None = None,
        community: Name | None = None,
        type: Type | None = None,  # noqa: A002 - the option's name
        keep: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        """Clean up again and again, by a schedule."""
        answer = await Answer.private(interaction)
        rule = await answer.services.cleanups.rule(
            answer.guild_id,
            older_than=older_than,
            owner=owner,
            channel=channel,
            community=community,
            item_type=type,
            keep=keep,
        )
        policy = await answer.services.policies.add(
            rule, schedule=schedule, timezone=timezone, staff=answer.staff, guild_id=answer.guild_id
        )
        text = f"{answer.voice('policy-added', policy=str(policy.id))}\n\n{policy_lines(policy, answer.voice)}"
        await answer.show(note_card(text, colour=GREEN))

    @admins
    @policy.command(name="list", description=say("command-policy-list"))
    async def list_policies(self, interaction: discord.Interaction) -> None:
        """List the policies of this server."""
        await show_list(await Answer.private(interaction), "q", "all")

    @admins
    @policy.command(name="pause", description=say("command-policy-pause"))
    @app_commands.describe(policy=say("option-policy"))
    @app_commands.autocomplete(policy=cleanup_complete.policies)
    async def pause_policy(self, interaction: discord.Interaction, policy: Name) -> None:
        """Let a policy rest, or let one that rests go on."""
        answer = await Answer.private(interaction)
        paused = await answer.services.policies.pause(answer.guild_id, parse_policy(policy), answer.staff)
        key = "policy-paused" if paused.next_at is None else "policy-resumed"
        text = f"{answer.voice(key, policy=str(paused.id))}\n\n{policy_lines(paused, answer.voice)}"
        await answer.show(note_card(text, colour=GREY if paused.next_at is None else GREEN))

    @admins
    @policy.command(name="remove", description=say("command-policy-remove"))
    @app_commands.describe(policy=say("option-policy"))
    @app_commands.autocomplete(policy=cleanup_complete.policies)
    async def remove_policy(self, interaction: discord.Interaction, policy: Name) -> None:
        """End a policy for good, and its run if one is under way."""
        answer = await Answer.private(interaction)
        removed = await answer.services.policies.remove(answer.guild_id, parse_policy(policy), answer.staff)
        key = "policy-removed" if removed.running is None else "policy-removed-stopping"
        await answer.show(note_card(answer.voice(key, policy=str(removed.id)), colour=GREY))

    @admins
    @job.command(name="list", description=say("command-job-list"))
    async def list_jobs(self, interaction: discord.Interaction) -> None:
        """List what is under way and what is scheduled."""
        await show_list(await Answer.private(interaction), "z", "all")

    @admins
    @job.command(name="run", description=say("command-job-run"))
    @app_commands.describe(job=say("option-job-run"))
    @app_commands.autocomplete(job=cleanup_complete.jobs_to_run)
    async def run_job(self, interaction: discord.Interaction, job: Name) -> None:
        """Start a policy now, or go on with a run that was cancelled."""
        answer = await Answer.private(interaction)
        await cleanup.show_job(answer, await answer.services.jobs.run(answer.guild_id, job, answer.staff))

    @admins
    @job.command(name="cancel", description=say("command-job-cancel"))
    @app_commands.describe(job=say("option-job-cancel"))
    @app_commands.autocomplete(job=cleanup_complete.jobs_to_cancel)
    async def cancel_job(self, interaction: discord.Interaction, job: Name) -> None:
        """Stop a run at its next request."""
        answer = await Answer.private(interaction)
        await cleanup.show_job(answer, await answer.services.jobs.cancel(answer.guild_id, job))
