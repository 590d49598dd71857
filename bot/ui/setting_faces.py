"""How a server's settings are shown: in cases about them, and all on one card."""

from typing import Any, Final

import discord

from bot.services.access import Grants
from bot.services.model import Action, CaseView, GuildSettings, Outcome
from bot.services.preferences import Overview
from bot.ui.face import BLUE, Face
from bot.ui.safe import code, escape
from bot.ui.words import Voice

_ROLES: Final = frozenset({"moderator", "admin"})
_LANGUAGES: Final = {"en-US": "language-english", "zh-CN": "language-chinese"}
_PERMISSIONS: Final = {
    "moderate_members": "permission-moderate-members",
    "manage_guild": "permission-manage-guild",
}
_COMMANDS: Final = {"moderator": "roles", "admin": "roles"}
_USUAL_MS: Final = GuildSettings(0).default_duration_ms
_PROBLEMS: Final = {"forbidden": "log-problem-forbidden", "gone": "log-problem-gone"}


def permission_name(permission: str, voice: Voice) -> str:
    """Return a permission as Discord's own settings call it, or its name in the API."""
    return voice(_PERMISSIONS[permission]) if permission in _PERMISSIONS else code(permission)


def settings_card(seen: Overview, voice: Voice, default_language: str) -> discord.Embed:
    """Show all that a server has set, what holds where nothing is set, and the command that changes it."""
    own = seen.own
    log = voice("settings-log-none") if own.log_channel_id is None else f"<#{own.log_channel_id}>"
    if seen.log_problem is not None and own.log_channel_id is not None:
        log = f"{log}\n{voice(_PROBLEMS.get(seen.log_problem, 'log-problem-forbidden'))}"
    rows = {
        "community": _community(seen, voice),
        "log": log,
        "duration": _standard(_length(own, voice), voice, isset=own.default_duration_ms != _USUAL_MS),
        "language": _standard(_language(own.language or default_language, voice), voice, isset=bool(own.language)),
        "oncall": voice("settings-oncall-none") if own.oncall_role_id is None else f"<@&{own.oncall_role_id}>",
        "moderator": _granted(seen.moderators, voice),
        "admin": _granted(seen.admins, voice),
    }
    lines = [
        f"{voice('settings-row', setting=setting, value=value)}\n↳ `/settings {_COMMANDS.get(setting, setting)}`"
        for setting, value in rows.items()
    ]
    return discord.Embed(title=voice("settings-title"), description="\n".join(lines), colour=BLUE)


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
    return f"<#{value}>" if name == "log" else f"<@&{value}>"


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
