"""How a server's settings are shown: in cases about them, and all on one card."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import discord

from bot.services.access import Grants
from bot.services.model import Action, CaseView, GuildSettings, Outcome
from bot.services.posts import FORBIDDEN, GONE
from bot.services.preferences import Duty, Overview
from bot.ui.face import BLUE, Face
from bot.ui.safe import code, escape
from bot.ui.words import Voice, mention, when

_ROLES: Final = frozenset({"moderator", "admin"})
_LANGUAGES: Final = {"en-US": "language-english", "zh-CN": "language-chinese"}
_PERMISSIONS: Final = {
    "moderate_members": "permission-moderate-members",
    "manage_guild": "permission-manage-guild",
}
_COMMANDS: Final = {"moderator": "roles", "admin": "roles"}
_USUAL_MS: Final = GuildSettings(0).default_duration_ms
_PROBLEMS: Final = {FORBIDDEN: "log-problem-forbidden", GONE: "log-problem-gone"}
_FEED_PROBLEMS: Final = {FORBIDDEN: "feed-problem-forbidden", GONE: "feed-problem-gone"}
# What has no command of its own.
_BELOW: Final = frozenset({"feed", "rota"})


def permission_name(permission: str, voice: Voice) -> str:
    """Return a permission as Discord's own settings call it, or its name in the API."""
    return voice(_PERMISSIONS[permission]) if permission in _PERMISSIONS else code(permission)


def settings_card(seen: Overview, voice: Voice, default_language: str) -> discord.Embed:
    """Show all that a server has set, what holds where nothing is set, and the command that changes it."""
    own = seen.own
    feed = _place(own.feed_channel_id, voice("settings-feed-none"), seen.feed_problem, _FEED_PROBLEMS, voice)
    log = _place(own.log_channel_id, voice("settings-log-none"), seen.log_problem, _PROBLEMS, voice)
    rows = {
        "community": _community(seen, voice),
        "log": log,
        "feed": feed,
        "duration": _standard(_length(own, voice), voice, isset=own.default_duration_ms != _USUAL_MS),
        "language": _standard(_language(own.language or default_language, voice), voice, isset=bool(own.language)),
        "oncall": voice("settings-oncall-none") if own.oncall_role_id is None else f"<@&{own.oncall_role_id}>",
        "rota": _rota(seen.duty, voice),
        "moderator": _granted(seen.moderators, voice),
        "admin": _granted(seen.admins, voice),
    }
    lines = [
        f"{voice('settings-row', setting=setting, value=value)}\n↳ {_hint(setting, voice)}"
        for setting, value in rows.items()
    ]
    return discord.Embed(title=voice("settings-title"), description="\n".join(lines), colour=BLUE)


def _hint(setting: str, voice: Voice) -> str:
    """Say how a setting is changed: by its command, or by the select below."""
    return voice("settings-below") if setting in _BELOW else f"`/settings {_COMMANDS.get(setting, setting)}`"


def _place(channel_id: int | None, none: str, problem: str | None, problems: Mapping[str, str], voice: Voice) -> str:
    if channel_id is None:
        return none
    return f"<#{channel_id}>" + (f"\n{voice(problems.get(problem, problems[FORBIDDEN]))}" if problem else "")


def _rota(duty: Duty, voice: Voice) -> str:
    if not duty.rota.days:
        return voice("settings-rota-none")
    if duty.person is None:
        return voice("settings-rota-gap", until=when(duty.until))
    return voice("settings-rota-now", who=mention(duty.person), until=when(duty.until))


def _week(week: Mapping[str, Sequence[Any]], voice: Voice) -> str:
    """Show a rota in one line, whose days stand together."""
    people: dict[int, list[str]] = {}
    for day, person in sorted(week.items()):
        people.setdefault(int(person[0]), []).append(voice("rota-day", day=int(day)))
    return " · ".join(f"{', '.join(days)} <@{person}>" for person, days in people.items())


def _community(seen: Overview, voice: Voice) -> str:
    found = seen.community
    if found is not None:
        name = f"**{escape(found.name or found.community_id, 60)}**"
        return _standard(name, voice, isset=seen.own.community_id is not None)
    if seen.own.community_id is not None:
        return code(seen.own.community_id)
    return voice("settings-community-none")


def _length(own: GuildSettings, voice: Voice) -> str:
    return voice.duration(own.default_duration_ms)


def _standard(value: str, voice: Voice, *, isset: bool) -> str:
    return value if isset else voice("settings-default", value=value)


def _granted(grants: Grants, voice: Voice) -> str:
    who = [voice("settings-granted", permission=permission_name(grants.permission, voice))]
    who += [f"<@&{role}>" for role in sorted(grants.configured | grants.chosen)]
    return " · ".join(who)


def _language(language: str, voice: Voice) -> str:
    return voice(_LANGUAGES[language]) if language in _LANGUAGES else code(language)


def _shown(name: str, value: Any, label: str, voice: Voice) -> str:
    if name == "community":
        return escape(label or str(value), 60)
    if name == "duration":
        return voice.duration(int(value))
    if name == "language":
        return _language(str(value), voice)
    if name == "rota":
        return _week(value, voice)
    if name == "handover":
        return f"{clock_time(int(value['minutes']))} · {escape(str(value['zone']), 60)}"
    return f"<#{value}>" if name in {"log", "feed"} else f"<@&{value}>"


def clock_time(minutes: int) -> str:
    """Return minutes after midnight as people read them."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _values(case: CaseView) -> dict[str, str | int]:
    return {"setting": str(case.details.get("name", ""))}


def _lines(case: CaseView, voice: Voice) -> list[str]:
    told = case.details
    name: str = told["name"]
    if name in _ROLES:
        role = f"<@&{told['role']}>"
        return [voice("setting-role-given" if told["after"] else "setting-role-away", setting=name, role=role)]
    after, before = told["after"], told["before"]
    done = case.outcome in {Outcome.APPLIED, Outcome.VERIFIED}
    if after is None:
        lines = [voice("setting-none", setting=name)]
    else:
        value = _shown(name, after, told.get("after_label", ""), voice)
        lines = [voice("setting-now" if done else "setting-to", setting=name, value=value)]
    if before is not None and before != after:
        lines.append(voice("setting-before", value=_shown(name, before, told.get("before_label", ""), voice)))
    return lines


FACES: Final = {Action.SETTING: Face("⚙️", "setting-changed", "setting-change", BLUE, _values, _lines)}
