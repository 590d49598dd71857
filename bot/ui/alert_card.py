"""The alert for on-call: mutes that are due and cannot be lifted, with Retry and Acknowledge."""

import discord

from bot.services.alerts import AlertView
from bot.services.model import CaseView
from bot.ui.answer import Answer
from bot.ui.cards import GREEN, GREY, RED
from bot.ui.host import guild_voice, host_of
from bot.ui.live import LiveButton
from bot.ui.safe import escape
from bot.ui.words import Voice, mention, stamp, when


def alert_card(alert: AlertView, voice: Voice) -> discord.Embed:
    """Show what is stuck and since when; an alert that healed says so."""
    if alert.healed_at is not None:
        card = discord.Embed(title=voice("alert-title-healed"), colour=GREEN)
        lines = [voice("alert-line-healed", when=when(alert.healed_at))]
    else:
        card = discord.Embed(title=voice("alert-title"), colour=RED if alert.acknowledged_by is None else GREY)
        lines = [voice("alert-line-stuck", count=alert.stuck_count)]
        if alert.why:
            lines.append(voice("alert-line-why", why=escape(alert.why, 200)))
        lines.extend(_stuck(case, voice) for case in alert.stuck)
        unseen = alert.stuck_count - len(alert.stuck)
        if unseen > 0:
            lines.append(voice("alert-line-more", count=unseen))
        lines.append(voice("alert-line-trying"))
    if alert.acknowledged_by is not None:
        lines.append(voice("alert-line-seen", staff=mention(alert.acknowledged_by)))
    card.description = "\n".join(lines)
    card.timestamp = alert.raised_at
    return card


def alert_buttons(alert: AlertView, voice: Voice) -> discord.ui.View | None:
    """Return the buttons that fit an alert as it stands, None if it is over."""
    if alert.healed_at is not None:
        return None
    view = discord.ui.View(timeout=None).add_item(RetryButton(alert.id, voice("button-retry")))
    if alert.acknowledged_by is None:
        view.add_item(AcknowledgeButton(alert.id, voice("button-acknowledge")))
    return view


class RetryButton(LiveButton, template=r"cw:alert-retry:(?P<alert>\d{1,18})"):
    """Tries all stuck mutes again, now."""

    def __init__(self, alert: int | str, label: str | None = None) -> None:
        super().__init__(f"cw:alert-retry:{alert}", label=label, style=discord.ButtonStyle.primary)
        self._alert_id = int(alert)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Wake the stuck mutes, and show the alert as it stands."""
        await interaction.response.defer()
        answer = Answer(interaction)
        alert = await answer.services.alerts.retry(answer.guild_id, self._alert_id, answer.staff)
        await _show(answer, alert)
        await interaction.followup.send(answer.voice("alert-retrying"), ephemeral=True)


class AcknowledgeButton(LiveButton, template=r"cw:alert-ack:(?P<alert>\d{1,18})"):
    """Says that somebody has seen the alert."""

    def __init__(self, alert: int | str, label: str | None = None) -> None:
        super().__init__(f"cw:alert-ack:{alert}", label=label)
        self._alert_id = int(alert)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Note who has seen it, and show the alert with their name."""
        await interaction.response.defer()
        answer = Answer(interaction)
        await _show(answer, await answer.services.alerts.acknowledge(answer.guild_id, self._alert_id, answer.staff))


async def _show(answer: Answer, alert: AlertView) -> None:
    voice = guild_voice(host_of(answer.interaction), answer.guild_id)
    await answer.interaction.edit_original_response(embed=alert_card(alert, voice), view=alert_buttons(alert, voice))


def _stuck(case: CaseView, voice: Voice) -> str:
    return voice(
        "alert-line-case",
        member=escape(case.member_id, 40),
        channel=escape(case.place.channel_name, 40),
        due="" if case.ends_at is None else stamp(case.ends_at, "R"),
        case=str(case.id),
    )
