"""The card of an alert: what is wrong, since when, what the bot does about it, what a person has to do."""

from typing import Final

import discord

from bot.services.alerts import CALLS_AT_MOST, AlertView, Trouble
from bot.services.model import CaseView
from bot.services.posts import GONE
from bot.ui.cards import AMBER, GREEN, GREY, RED
from bot.ui.safe import cut, escape
from bot.ui.words import Voice, mention, stamp, when

# Of a log channel the reason is said in words of ours, and a wrong signature is all there is to say.
_WITH_REASON: Final = frozenset({Trouble.STUCK, Trouble.RUN_FAILED})
_SECOND: Final = 1_000


def alert_card(alert: AlertView, voice: Voice) -> discord.Embed:
    """Show an alert as it stands; one that healed says how long it lasted and who took care."""
    over = alert.healed_at is not None
    title = voice("alert-title-healed" if over else "alert-title", trouble=_trouble(alert))
    lines = _healed(alert, voice) if over else [*_wrong(alert, voice), "", *_standing(alert, voice)]
    card = discord.Embed(title=title, description=cut("\n".join(lines).strip(), 4096), colour=_colour(alert))
    card.timestamp = alert.raised_at
    if alert.calls > 1 and not over:
        card.set_footer(text=voice("alert-call", count=alert.calls, most=CALLS_AT_MOST))
    return card


def _colour(alert: AlertView) -> discord.Colour:
    if alert.healed_at is not None:
        return GREEN
    if alert.acknowledged_by is not None:
        return AMBER
    return GREY if alert.snoozed_until is not None else RED


def _healed(alert: AlertView, voice: Voice) -> list[str]:
    assert alert.healed_at is not None
    seconds = max(1, round((alert.healed_at - alert.raised_at).total_seconds()))
    lines = [
        voice("alert-line-healed", when=when(alert.healed_at)),
        voice("alert-line-lasted", duration=voice.duration(seconds * _SECOND)),
    ]
    if alert.acknowledged_by is not None:
        lines.append(voice("alert-line-cared", staff=mention(alert.acknowledged_by)))
    return lines


def _wrong(alert: AlertView, voice: Voice) -> list[str]:
    """Say what is wrong, why and since when; what the bot does, what a person has to do, where to read on."""
    trouble = _trouble(alert)
    lines = [_what(alert, voice)]
    if alert.trouble in _WITH_REASON and alert.why:
        lines.append(voice("alert-line-why", why=escape(alert.why, 200)))
    lines.append(voice("alert-line-since", when=stamp(alert.raised_at, "R")))
    lines.extend(_stuck(case, voice) for case in alert.stuck)
    unseen = alert.stuck_count - len(alert.stuck)
    if unseen > 0:
        lines.append(voice("alert-line-more", count=unseen))
    lines += ["", voice("alert-line-bot", trouble=trouble), voice("alert-line-do", trouble=trouble)]
    return [*lines, voice("alert-line-docs", trouble=trouble)]


def _trouble(alert: AlertView) -> str:
    """Return what our texts call the trouble: putting back fails in other words than a cleanup."""
    return "restore_failed" if alert.run is not None and alert.run.is_restore else alert.trouble.value


def _what(alert: AlertView, voice: Voice) -> str:
    if alert.trouble is Trouble.STUCK:
        return voice("alert-line-stuck", count=alert.stuck_count)
    if alert.trouble is Trouble.CALLBACKS_REFUSED:
        return voice("alert-line-callbacks")
    if alert.trouble is Trouble.LOG_REFUSED:
        return voice("alert-line-log-gone" if alert.why == GONE else "alert-line-log-forbidden")
    run = alert.run
    if run is None:
        return voice("alert-title", trouble=_trouble(alert))
    target = voice("cleanup-target", kind=run.target, name=escape(run.name, 60))
    return voice("alert-line-run", run=str(run.id), target=target)


def _standing(alert: AlertView, voice: Voice) -> list[str]:
    """Say who takes care, or who is called."""
    if alert.acknowledged_by is not None and alert.acknowledged_at is not None:
        since = stamp(alert.acknowledged_at, "R")
        return [voice("alert-line-seen", staff=mention(alert.acknowledged_by), when=since)]
    if alert.snoozed_by is not None and alert.snoozed_until is not None:
        until = when(alert.snoozed_until)
        return [voice("alert-line-snoozed", staff=mention(alert.snoozed_by), until=until)]
    if alert.on_call.nobody:
        return [voice("alert-line-nobody")]
    if alert.next_call_at is None:
        return [voice("alert-line-last-call")]
    return [voice("alert-line-next-call", when=stamp(alert.next_call_at, "R"))]


def _stuck(case: CaseView, voice: Voice) -> str:
    return voice(
        "alert-line-case",
        member=escape(case.member_id, 40),
        channel=escape(case.place.channel_name, 40),
        due="" if case.ends_at is None else stamp(case.ends_at, "R"),
        case=str(case.id),
    )
