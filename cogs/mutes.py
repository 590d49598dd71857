"""/mute, /unmute, /muted, /undo."""

from functools import partial

import discord
from discord import app_commands

from bot.ui import complete
from bot.ui.answer import Answer
from bot.ui.confirm import confirmed
from bot.ui.desk import Desk
from bot.ui.host import level_of
from bot.ui.levels import moderators
from bot.ui.options import case_number
from bot.ui.pager import show_list
from bot.ui.progress import progress_in_place
from bot.ui.reply import show_case
from bot.ui.words import say

Name = app_commands.Range[str, 1, 128]
Reason = app_commands.Range[str, 1, 400]


class Mutes(Desk):
    """Muting and taking it back."""

    @moderators
    @app_commands.command(name="mute", description=say("command-mute"))
    @app_commands.describe(
        member=say("option-member"),
        channel=say("option-channel"),
        duration=say("option-duration"),
        reason=say("option-reason"),
    )
    @app_commands.autocomplete(member=complete.members, channel=complete.channels, duration=complete.durations)
    async def mute(
        self,
        interaction: discord.Interaction,
        member: Name,
        channel: Name,
        duration: Name | None = None,
        reason: Reason = "",
    ) -> None:
        """Mute a member in a channel."""
        answer = await Answer.about_case(interaction)
        mute = partial(
            answer.services.mutes.mute,
            staff=answer.staff,
            guild_id=answer.guild_id,
            channel=channel,
            member=member,
            duration=duration,
            reason=reason,
        )
        await confirmed(answer, mute, show_case)

    @moderators
    @app_commands.command(name="unmute", description=say("command-unmute"))
    @app_commands.describe(
        member=say("option-member"), channel=say("option-channel"), reason=say("option-reason-unmute")
    )
    @app_commands.autocomplete(member=complete.members, channel=complete.channels)
    async def unmute(self, interaction: discord.Interaction, member: Name, channel: Name, reason: Reason = "") -> None:
        """Lift a member's mute in a channel."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.mutes.unmute(
            staff=answer.staff, guild_id=answer.guild_id, channel=channel, member=member, reason=reason
        )
        await show_case(answer, case)

    @moderators
    @app_commands.command(name="muted", description=say("command-muted"))
    @app_commands.describe(channel=say("option-channel"))
    @app_commands.autocomplete(channel=complete.channels)
    async def muted(self, interaction: discord.Interaction, channel: Name) -> None:
        """List who is muted in a channel."""
        await show_list(await Answer.private(interaction), "u", channel)

    @moderators
    @app_commands.command(name="undo", description=say("command-undo"))
    @app_commands.describe(case=say("option-case-undo"))
    @app_commands.autocomplete(case=complete.cases_to_undo)
    async def undo(self, interaction: discord.Interaction, case: Name | None = None) -> None:
        """Take back a case, by default the latest of one's own."""
        answer = await Answer.about_case(interaction)
        with progress_in_place(answer):
            undoing = await answer.services.undo.undo(
                staff=answer.staff,
                guild_id=answer.guild_id,
                case_id=None if case is None else case_number(case),
                level=level_of(interaction),
            )
        await show_case(answer, undoing)
