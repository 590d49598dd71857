"""The case card: one look for answers, the log channel and everything that shows a moderation action."""

from dataclasses import dataclass, replace
from typing import Final

import discord

from bot.services.model import MUTES, Action, CaseView, Ending, Failure, MuteState, Outcome
from bot.ui.face import AMBER, BLUE, GREEN, GREY, RED
from bot.ui.faces import deed_phrase, deed_plain, done_title, face_of
from bot.ui.safe import cut, escape, plain
from bot.ui.words import Voice, mention, stamp, when

__all__ = ["AMBER", "BLUE", "GREEN", "GREY", "RED", "case_brief", "case_card", "case_option", "standing"]

_FAILURES: Final = {
    Failure.REFUSED: "failure-refused",
    Failure.UNREACHABLE: "failure-unreachable",
    Failure.INTERRUPTED: "failure-interrupted",
    Failure.OVERTAKEN: "failure-overtaken",
    Failure.UNKNOWN: "failure-unknown-outcome",
}


@dataclass(frozen=True, slots=True)
class _Look:
    title: str
    colour: discord.Colour


_PENDING: Final = {
    Action.MUTE: _Look("case-title-muting", AMBER),
    Action.EXTEND: _Look("case-title-extending", AMBER),
    Action.UNMUTE: _Look("case-title-unmuting", GREEN),
}
_FAILED: Final = {
    Action.MUTE: _Look("case-title-mute-failed", RED),
    Action.EXTEND: _Look("case-title-extend-failed", RED),
    Action.UNMUTE: _Look("case-title-unmute-failed", RED),
}
_DONE: Final = {
    Action.MUTE: _Look("case-title-muted", AMBER),
    Action.EXTEND: _Look("case-title-extended", AMBER),
    Action.UNMUTE: _Look("case-title-unmuted", GREEN),
}
_DEEDS: Final = {
    Action.MUTE: "case-brief-mute",
    Action.EXTEND: "case-brief-extend",
    Action.UNMUTE: "case-brief-unmute",
}
_NAMED: Final = {
    Action.MUTE: "case-brief-mute-of",
    Action.EXTEND: "case-brief-extend-of",
    Action.UNMUTE: "case-brief-unmute-of",
}
_OPTIONS: Final = {
    Action.MUTE: "case-option-mute",
    Action.EXTEND: "case-option-extend",
    Action.UNMUTE: "case-option-unmute",
}
_OVER: Final = {
    Ending.ENDED: _Look("case-title-ended", GREY),
    Ending.LIFTED: _Look("case-title-lifted", GREEN),
    Ending.OUTSIDE: _Look("case-title-outside", GREY),
    Ending.EXTENDED: _Look("case-title-replaced", GREY),
    Ending.GONE: _Look("case-title-gone", GREY),
    Ending.LEFT: _Look("case-title-left", GREY),
}


def case_card(case: CaseView, voice: Voice) -> discord.Embed:
    """Show a case: what, until when, how long, why, by whom, and how it stands now."""
    title, colour = _mute_head(case, voice) if case.action in MUTES else _deed_head(case, voice)
    description = cut("\n".join(_lines(case, voice)), 4096)
    card = discord.Embed(title=cut(title, 256), colour=colour, description=description)
    card.timestamp = case.at
    return card.set_footer(text=voice("case-number", case=str(case.id)))


def case_brief(case: CaseView, voice: Voice, *, reason: int = 120, named: bool = False) -> str:
    """Show a case in a few short lines for a list: what and where; by whom and when; how it stands; why.

    `reason` is how many characters of the reason are shown; `named` says whom a mute is about, where the list is not
    about one member. The IM's own words about a failure are left to the card.
    """
    case = replace(case, failure_detail="")
    lines = [
        _brief_head(case, voice, named=named),
        voice("case-brief-by", when=stamp(case.at, "R"), staff=mention(case.staff)),
        *standing(case, voice),
    ]
    if case.reason and reason:
        lines.append(f"> {escape(case.reason, reason)}")
    return "\n".join(lines)


def case_option(case: CaseView, voice: Voice) -> str:
    """Show a case as one line without markdown, for a list of suggestions."""
    if case.action not in MUTES:
        return plain(voice("deed-option", case=str(case.id), deed=deed_plain(case, voice)))
    return plain(
        voice(
            _OPTIONS[case.action],
            case=str(case.id),
            member=plain(case.member_id, 40),
            channel=plain(case.place.channel_name, 30),
            duration=_length(case, voice),
        )
    )


def standing(case: CaseView, voice: Voice) -> list[str]:
    """Say how a case stands now, a line each: until when, who ended it, why it failed, what came in between."""
    if case.outcome is Outcome.FAILED:
        return [voice("case-line-failure", why=_why(case, voice))]
    lines: list[str] = []
    if case.live:
        lines.append(_until(case, voice))
    elif case.mute_state is MuteState.FAILED:
        lines.append(voice("case-line-failure", why=_why(case, voice)))
    elif case.closed_at is not None and case.ending is not None:
        lines.append(_end(case, voice))
    elif case.outcome is Outcome.UNDONE and case.ended_by is not None:
        lines.append(voice("deed-line-undone-by", staff=mention(case.ended_by)))
    if case.adopted:
        lines.append(voice("case-line-adopted"))
    if case.stuck and case.live:
        lines.append(voice("case-line-stuck"))
    return lines


def _mute_head(case: CaseView, voice: Voice) -> tuple[str, discord.Colour]:
    look = _look(case)
    title = voice(look.title, member=escape(case.member_id, 40), channel=escape(case.place.channel_name, 40))
    return title, look.colour


def _deed_head(case: CaseView, voice: Voice) -> tuple[str, discord.Colour]:
    if case.outcome is Outcome.FAILED:
        return voice("deed-title-failed", deed=deed_phrase(case, voice)), RED
    if case.outcome is Outcome.INTENDED:
        return voice("deed-title-pending", deed=deed_phrase(case, voice)), AMBER
    if case.outcome is Outcome.UNDONE:
        return voice("deed-title-undone", deed=deed_phrase(case, voice)), GREY
    return done_title(case, voice), face_of(case.action).colour


def _brief_head(case: CaseView, voice: Voice, *, named: bool) -> str:
    if case.action not in MUTES:
        emoji, deed = face_of(case.action).emoji, deed_phrase(case, voice)
        return voice("deed-brief", emoji=emoji, case=str(case.id), deed=deed)
    values = {"case": str(case.id), "channel": escape(case.place.channel_name, 40), "duration": _length(case, voice)}
    if named:
        return voice(_NAMED[case.action], member=escape(case.member_id, 40), **values)
    return voice(_DEEDS[case.action], **values)


def _look(case: CaseView) -> _Look:
    if case.outcome is Outcome.FAILED or case.mute_state is MuteState.FAILED:
        return _FAILED[case.action]
    if case.outcome is Outcome.INTENDED:
        return _PENDING[case.action]
    if case.outcome is Outcome.UNDONE:
        return _Look("case-title-undone", GREEN)
    if case.action is Action.UNMUTE or case.live or case.ending is None:
        look = _DONE[case.action]
        return _Look(look.title, RED) if case.stuck and case.live else look
    return _OVER[case.ending]


def _lines(case: CaseView, voice: Voice) -> list[str]:
    lines = standing(case, voice)
    if case.action not in MUTES:
        # Of a case that was erased on request nothing is told but that it happened.
        lines.extend(face_of(case.action).lines(case, voice) if case.details else ())
    elif case.action is not Action.UNMUTE:
        lines.append(voice("case-line-for", duration=voice.duration(case.duration_ms)))
    if case.reason:
        lines.append(voice("case-line-reason", reason=escape(case.reason, 400)))
    if case.reason_by is not None:
        lines.append(voice("case-line-reason-by", staff=mention(case.reason_by)))
    lines.append(voice("case-line-by", staff=mention(case.staff)))
    if case.undo_of is not None:
        lines.append(voice("case-line-undoes", case=str(case.undo_of)))
    return lines


def _length(case: CaseView, voice: Voice) -> str:
    return "" if case.action is Action.UNMUTE else voice.duration(case.duration_ms)


def _until(case: CaseView, voice: Voice) -> str:
    if case.ends_at is not None:
        return voice("case-line-until", until=when(case.ends_at))
    if case.duration_ms is None:
        return voice("case-line-permanent")
    return voice("case-line-starting")


def _end(case: CaseView, voice: Voice) -> str:
    moment = "" if case.closed_at is None else when(case.closed_at)
    if case.ended_by is not None:
        return voice("case-line-ended-by", when=moment, staff=mention(case.ended_by))
    if case.ending is Ending.OUTSIDE:
        return voice("case-line-ended-outside", when=moment)
    return voice("case-line-ended", when=moment)


def _why(case: CaseView, voice: Voice) -> str:
    known = voice(_FAILURES[case.failure]) if case.failure is not None else voice("failure-unknown")
    detail = plain(case.failure_detail, 150) if case.failure_detail else ""
    return f"{known} ({escape(detail, 150)})" if detail else known
