"""/settings."""

from functools import partial

import discord
from discord import app_commands

from bot.services.access import Level
from bot.services.model import CaseView
from bot.services.preferences import Preferences
from bot.ui import complete
from bot.ui.answer import Answer
from bot.ui.cards import case_card
from bot.ui.case_buttons import case_buttons
from bot.ui.confirm import confirmed
from bot.ui.desk import Desk
from bot.ui.levels import LEVEL, admins
from bot.ui.reply import show_case
from bot.ui.safe import escape
from bot.ui.setting_faces import permission_name
from bot.ui.settings.change import Operation, carry_out, show_changed, show_settings
from bot.ui.settings.places import check_place, oncall_note
from bot.ui.words import say

_LEVELS = {"moderator": Level.MODERATOR, "admin": Level.ADMIN}


class Settings(Desk):
    """What a Discord server sets for itself; answers are private, for the log channel shows what was changed."""

    settings = admins(app_commands.Group(name="settings", description=say("command-settings")))

    @admins
    @settings.command(name="show", description=say("command-settings-show"))
    async def show_settings(self, interaction: discord.Interaction) -> None:
        """Show all that is set."""
        answer = await Answer.private(interaction)
        await show_settings(answer)

    @admins
    @settings.command(name="community", description=say("command-settings-community"))
    @app_commands.describe(community=say("option-community-settings"))
    @app_commands.autocomplete(community=complete.communities)
    async def set_community(self, interaction: discord.Interaction, community: app_commands.Range[str, 1, 128]) -> None:
        """Choose the community that the server's commands are about."""
        await _change(interaction, Preferences.set_community, community=community)

    @admins
    @settings.command(name="log", description=say("command-settings-log"))
    @app_commands.describe(channel=say("option-log-channel"))
    async def set_log(self, interaction: discord.Interaction, channel: discord.TextChannel) -> None:
        """Choose the Discord channel that shows every case; refused if the bot may not write there."""
        answer = await Answer.private(interaction)
        check_place(answer, channel)
        await show_case(answer, await carry_out(answer, Preferences.set_log, channel_id=channel.id))

    @admins
    @settings.command(name="roles", description=say("command-settings-roles"))
    @app_commands.describe(level=say("option-level"), role=say("option-role-level"))
    @app_commands.choices(
        level=[
            app_commands.Choice(name=say("choice-moderator"), value="moderator"),
            app_commands.Choice(name=say("choice-admin"), value="admin"),
        ]
    )
    async def set_role(self, interaction: discord.Interaction, level: str, role: discord.Role) -> None:
        """Let a role give commands; one that may already can be taken off."""
        answer = await Answer.private(interaction)
        change = partial(
            answer.services.preferences.set_role,
            staff=answer.staff,
            guild_id=answer.guild_id,
            level=level,
            role_id=role.id,
            role_name=role.name,
        )
        await confirmed(answer, change, partial(_show_role, role=role, hint=self._hint(_LEVELS[level])))

    @admins
    @settings.command(name="duration", description=say("command-settings-duration"))
    @app_commands.describe(duration=say("option-duration-usual"))
    @app_commands.autocomplete(duration=complete.usual_durations)
    async def set_duration(self, interaction: discord.Interaction, duration: app_commands.Range[str, 1, 128]) -> None:
        """Set how long a mute lasts if nobody says how long."""
        await _change(interaction, Preferences.set_duration, duration=duration)

    @admins
    @settings.command(name="language", description=say("command-settings-language"))
    @app_commands.describe(language=say("option-language"))
    @app_commands.choices(
        language=[
            app_commands.Choice(name=say("choice-english"), value="en-US"),
            app_commands.Choice(name=say("choice-chinese"), value="zh-CN"),
        ]
    )
    async def set_language(self, interaction: discord.Interaction, language: str) -> None:
        """Set the language of what everybody reads, such as the log."""
        await _change(interaction, Preferences.set_language, language=language)

    @admins
    @settings.command(name="oncall", description=say("command-settings-oncall"))
    @app_commands.describe(role=say("option-role-oncall"))
    async def set_oncall(self, interaction: discord.Interaction, role: discord.Role) -> None:
        """Choose the role that alerts call, and say if Discord will not let them."""
        answer = await Answer.private(interaction)
        case = await carry_out(answer, Preferences.set_oncall, role_id=role.id)
        await show_changed(answer, case, oncall_note(answer, role), rota=True)

    def _hint(self, level: Level) -> discord.Permissions | None:
        """Return who Discord shows the commands of a level to; None: everybody."""
        for command in self.bot.tree.get_commands():
            if not isinstance(command, app_commands.ContextMenu) and command.extras.get(LEVEL) is level:
                return command.default_permissions
        return None


async def _change(interaction: discord.Interaction, operation: Operation, **value: str) -> None:
    answer = await Answer.private(interaction)
    await show_case(answer, await carry_out(answer, operation, **value))


async def _show_role(answer: Answer, case: CaseView, *, role: discord.Role, hint: discord.Permissions | None) -> None:
    """Show the case, and say so where Discord goes on hiding the commands from the role."""
    seen = role.permissions | role.guild.default_role.permissions
    if not case.details["after"] or hint is None or seen.administrator or seen.is_superset(hint):
        await _show(answer, case, None)
        return
    permission = ", ".join(permission_name(name, answer.voice) for name, needed in hint if needed)
    await _show(answer, case, answer.voice("settings-role-hidden", role=escape(role.name, 60), permission=permission))


async def _show(answer: Answer, case: CaseView, note: str | None) -> None:
    await answer.show(case_card(case, answer.voice), case_buttons(case, answer.voice), text=note)
