"""What can be pressed on an alert, in the log channel or in a direct message: Retry, Acknowledge, Snooze."""

from typing import Final

import discord

from bot.services.access import Level
from bot.services.alerts import SNOOZES_MS, AlertView, Trouble
from bot.services.refusals import Refusal
from bot.ui.alert_card import alert_card
from bot.ui.host import guild_voice, host_of, level_from_afar, services_of, staff_of, voice_of
from bot.ui.levels import NotAllowed
from bot.ui.live import LiveButton, LiveSelect
from bot.ui.words import Voice

# Whose Retry takes more than the level of the others, as its command does.
_RETRIED: Final = {Trouble.STUCK: Level.MODERATOR, Trouble.RUN_FAILED: Level.ADMIN}


def alert_buttons(alert: AlertView, voice: Voice) -> discord.ui.View | None:
    """Return what can be pressed on an alert as it stands, None if that is nothing."""
    if alert.healed_at is not None:
        return None
    view = discord.ui.View(timeout=None)
    if alert.trouble in _RETRIED and (alert.run is None or not alert.run.going):
        view.add_item(RetryButton(alert.id, voice("button-retry")))
    if alert.acknowledged_by is None:
        view.add_item(AcknowledgeButton(alert.id, voice("button-acknowledge")))
        view.add_item(SnoozeSelect(alert.id, voice))
    return view if view.children else None


class _OnAlert:
    """Who may press is a matter of the alert's guild, also in a direct message, which belongs to none."""

    alert_id: int
    needed: Level
    _alert: AlertView | None = None

    async def authorise(self, interaction: discord.Interaction) -> None:
        """Raise NotAllowed if the presser has not the level in the alert's guild, Refusal if there is no such alert."""
        alert = self._alert = await services_of(interaction).alerts.view(self.alert_id)
        if interaction.guild_id not in {None, alert.guild_id}:
            raise Refusal("refusal-unknown-alert", alert=self.alert_id)
        if await level_from_afar(interaction, alert.guild_id) < self.needed:
            raise NotAllowed(self.needed)

    @property
    def alert(self) -> AlertView:
        """The alert, as it stood when the right to press was looked at."""
        assert self._alert is not None
        return self._alert


class RetryButton(_OnAlert, LiveButton, template=r"cw:alert-retry:(?P<alert>\d{1,18})"):
    """Tries again what the alert is about, now."""

    def __init__(self, alert: int | str, label: str | None = None) -> None:
        super().__init__(f"cw:alert-retry:{alert}", label=label, style=discord.ButtonStyle.primary)
        self.alert_id = int(alert)

    async def authorise(self, interaction: discord.Interaction) -> None:
        """Raise NotAllowed likewise; going on with a cleanup takes an admin."""
        await super().authorise(interaction)
        needed = _RETRIED.get(self.alert.trouble, Level.ADMIN)
        if needed > self.needed and await level_from_afar(interaction, self.alert.guild_id) < needed:
            raise NotAllowed(needed)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Try again, and show the alert as it stands."""
        await interaction.response.defer()
        alerts = services_of(interaction).alerts
        await _show(interaction, await alerts.retry(self.alert.guild_id, self.alert_id, staff_of(interaction)))
        await interaction.followup.send(voice_of(interaction)("alert-retrying"), ephemeral=True)


class AcknowledgeButton(_OnAlert, LiveButton, template=r"cw:alert-ack:(?P<alert>\d{1,18})"):
    """Says that somebody takes care, so that nobody is called any more."""

    def __init__(self, alert: int | str, label: str | None = None) -> None:
        super().__init__(f"cw:alert-ack:{alert}", label=label)
        self.alert_id = int(alert)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Note who takes care, and show the alert with their name."""
        await interaction.response.defer()
        alerts = services_of(interaction).alerts
        await _show(interaction, await alerts.acknowledge(self.alert.guild_id, self.alert_id, staff_of(interaction)))


class SnoozeSelect(_OnAlert, LiveSelect, template=r"cw:alert-snooze:(?P<alert>\d{1,18})"):
    """Calls nobody for a while."""

    def __init__(self, alert: int | str, voice: Voice | None = None) -> None:
        super().__init__(
            f"cw:alert-snooze:{alert}",
            placeholder=None if voice is None else voice("alert-snooze"),
            options=None if voice is None else _waits(voice),
        )
        self.alert_id = int(alert)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Note until when nobody is called, and show it."""
        await interaction.response.defer()
        alerts, wait = services_of(interaction).alerts, int(self.chosen)
        await _show(interaction, await alerts.snooze(self.alert.guild_id, self.alert_id, staff_of(interaction), wait))


def _waits(voice: Voice) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(label=voice("alert-snooze-for", duration=voice.duration(wait)), value=str(wait))
        for wait in SNOOZES_MS
    ]


async def _show(interaction: discord.Interaction, alert: AlertView) -> None:
    voice = guild_voice(host_of(interaction), alert.guild_id)
    await interaction.edit_original_response(embed=alert_card(alert, voice), view=alert_buttons(alert, voice))
