"""/case."""

import discord
from discord import app_commands

from bot.services.moments import parse_moment
from bot.services.records import ActionGroup, Sought
from bot.ui import complete
from bot.ui.answer import Answer
from bot.ui.case_buttons import case_buttons
from bot.ui.cases import complete as complete_cases
from bot.ui.cases.files import show_export
from bot.ui.cases.sheets import case_subject
from bot.ui.cases.story import story_card
from bot.ui.desk import Desk
from bot.ui.levels import admins, moderators
from bot.ui.options import case_number
from bot.ui.pager import show_list
from bot.ui.words import say

Name = app_commands.Range[str, 1, 128]
Reason = app_commands.Range[str, 1, 400]


class Cases(Desk):
    """What was done, looked up."""

    case = moderators(app_commands.Group(name="case", description=say("command-case")))

    @moderators
    @case.command(name="show", description=say("command-case-show"))
    @app_commands.describe(case=say("option-case"))
    @app_commands.autocomplete(case=complete_cases.cases)
    async def show_case(self, interaction: discord.Interaction, case: Name) -> None:
        """Show a case with everything that happened to it."""
        answer = await Answer.private(interaction)
        story = await answer.services.records.story(answer.guild_id, case_number(case))
        await answer.show(story_card(story, answer.voice), case_buttons(story.case, answer.voice))

    @moderators
    @case.command(name="reason", description=say("command-case-reason"))
    @app_commands.describe(case=say("option-case"), reason=say("option-reason-new"))
    @app_commands.autocomplete(case=complete_cases.cases)
    async def give_reason(self, interaction: discord.Interaction, case: Name, reason: Reason) -> None:
        """Give a case another reason; the old one stays in its story."""
        answer = await Answer.private(interaction)
        number = case_number(case)
        await answer.services.records.give_reason(
            staff=answer.staff, guild_id=answer.guild_id, case_id=number, reason=reason
        )
        story = await answer.services.records.story(answer.guild_id, number)
        await answer.show(story_card(story, answer.voice), case_buttons(story.case, answer.voice))

    @moderators
    @case.command(name="list", description=say("command-case-list"))
    @app_commands.describe(
        member=say("option-case-member"),
        staff=say("option-case-staff"),
        action=say("option-case-action"),
        since=say("option-case-since"),
    )
    @app_commands.choices(
        action=[
            app_commands.Choice(name=say("choice-action-mutes"), value="mutes"),
            app_commands.Choice(name=say("choice-action-members"), value="members"),
            app_commands.Choice(name=say("choice-action-channels"), value="channels"),
            app_commands.Choice(name=say("choice-action-threads"), value="threads"),
            app_commands.Choice(name=say("choice-action-reactions"), value="reactions"),
            app_commands.Choice(name=say("choice-action-friends"), value="friends"),
            app_commands.Choice(name=say("choice-action-blocks"), value="blocks"),
            app_commands.Choice(name=say("choice-action-collections"), value="collections"),
            app_commands.Choice(name=say("choice-action-cleanup"), value="cleanup"),
            app_commands.Choice(name=say("choice-action-settings"), value="settings"),
        ]
    )
    @app_commands.autocomplete(member=complete.members)
    async def list_cases(
        self,
        interaction: discord.Interaction,
        member: Name | None = None,
        staff: discord.User | None = None,
        action: str | None = None,
        since: Name | None = None,
    ) -> None:
        """List cases, newest first."""
        answer = await Answer.private(interaction)
        sought = Sought(
            member=None if member is None else member.strip().lower(),
            staff_id=None if staff is None else staff.id,
            group=None if action is None else ActionGroup(action),
            since=None if since is None else parse_moment(since, now=answer.services.clock.now()),
        )
        await show_list(answer, "l", case_subject(sought))

    @admins
    @case.command(name="export", description=say("command-case-export"))
    @app_commands.describe(format=say("option-case-format"), since=say("option-case-since"))
    @app_commands.choices(
        format=[
            app_commands.Choice(name=say("choice-csv"), value="csv"),
            app_commands.Choice(name=say("choice-jsonl"), value="jsonl"),
        ]
    )
    async def export_cases(
        self,
        interaction: discord.Interaction,
        format: str = "csv",  # noqa: A002 - the option's name
        since: Name | None = None,
    ) -> None:
        """Attach all cases of the server as a file."""
        answer = await Answer.private(interaction)
        earliest = None if since is None else parse_moment(since, now=answer.services.clock.now())
        await show_export(answer, "jsonl" if format == "jsonl" else "csv", earliest)
