"""What admins change about their server: each change a case that can be taken back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.im.errors import IMError
from bot.services.access import Level
from bot.services.deeds import Deed, Kind, Sight, moved_on
from bot.services.durations import parse_duration
from bot.services.model import Action, CaseView, Details, Staff
from bot.services.refusals import NeedsConfirmation, Refusal
from bot.services.rota import handover_of, on_duty, parse_handover, parse_zone

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping
    from datetime import datetime

    from bot.services.access import Access, Grants
    from bot.services.clock import Clock
    from bot.services.deeds import Deeds
    from bot.services.directory import CommunityInfo, Directory
    from bot.services.model import GuildSettings
    from bot.services.rota import Rota
    from bot.services.settings import SettingsService

_PATIENCE_SECONDS = 3.0
_LEVELS = {"moderator": Level.MODERATOR, "admin": Level.ADMIN}


@dataclass(frozen=True, slots=True)
class Overview:
    """All that is set in a guild, and what holds where nothing is."""

    own: GuildSettings
    community: CommunityInfo | None  # None: none is set and there are several, it is gone, or the IM cannot be asked
    log_problem: str | None
    moderators: Grants
    admins: Grants
    duty: Duty
    feed_problem: str | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """The weekly rota at this moment: whose weekday it is (0 is Monday), until when, and the role besides."""

    rota: Rota
    today: int
    until: datetime
    role_id: int | None

    @property
    def person(self) -> Staff | None:
        """Who is on duty now."""
        return self.rota.days.get(self.today)


class Preferences:
    """The operations behind `/settings`.

    Each raises Refusal if it is set like that already. Details of a case: `name` of the setting, `before` and `after`,
    what those are called if it is no Discord id (`before_label`, `after_label`), and for a level its `role`.
    """

    def __init__(
        self, *, settings: SettingsService, access: Access, directory: Directory, deeds: Deeds, clock: Clock
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._access = access
        self._directory = directory
        self._deeds = deeds

    async def overview(self, guild_id: int) -> Overview:
        """Return what is set; what the IM does not tell in time is left out, never raised."""
        return Overview(
            own=self._settings.own(guild_id),
            community=await self._community(guild_id),
            log_problem=self._settings.log_problem(guild_id),
            moderators=self._access.grants(guild_id, Level.MODERATOR),
            admins=self._access.grants(guild_id, Level.ADMIN),
            duty=self.duty(guild_id),
            feed_problem=self._settings.feed_problem(guild_id),
        )

    async def set_community(self, *, staff: Staff, guild_id: int, community: str) -> CaseView:
        """Choose the community that the guild's commands are about, by id or exact name."""
        found = await self._directory.find_community(community)
        known = self._settings.own(guild_id).community_id
        labels = {"before_label": await self._name_of(known), "after_label": found.name or found.community_id}
        return await self._change(staff, guild_id, "community", found.community_id, labels)

    async def set_log(self, *, staff: Staff, guild_id: int, channel_id: int | None) -> CaseView:
        """Choose the Discord channel that shows every case, None: none; the same again clears its problem."""
        again = self._settings.log_problem(guild_id) is not None
        return await self._change(staff, guild_id, "log", channel_id, again=again)

    async def set_feed(self, *, staff: Staff, guild_id: int, channel_id: int | None) -> CaseView:
        """Choose the Discord channel that mirrors what is said in the IM, None: none; the same again tries it anew."""
        again = self._settings.feed_problem(guild_id) is not None
        return await self._change(staff, guild_id, "feed", channel_id, again=again)

    async def set_duration(self, *, staff: Staff, guild_id: int, duration: str) -> CaseView:
        """Set how long a mute lasts if nobody says how long; raises Refusal for what is none, and for permanent."""
        meant = parse_duration(duration)
        if meant is None:
            raise Refusal("refusal-duration-usual-permanent")
        return await self._change(staff, guild_id, "duration", meant)

    async def set_language(self, *, staff: Staff, guild_id: int, language: str | None) -> CaseView:
        """Set the language of what everybody in the guild reads, such as the log; None: the program's."""
        return await self._change(staff, guild_id, "language", language)

    async def set_oncall(self, *, staff: Staff, guild_id: int, role_id: int | None) -> CaseView:
        """Set the role that alerts call, None: none; raises Refusal for everybody."""
        if role_id is not None:
            _refuse_everyone(guild_id, role_id)
        return await self._change(staff, guild_id, "oncall", role_id)

    def duty(self, guild_id: int) -> Duty:
        """Return a guild's weekly rota and who is on duty."""
        rota, now = self._settings.rota(guild_id), self._clock.now()
        today = on_duty(rota.zone, rota.handover, now)
        until = handover_of(today + timedelta(days=1), rota.zone, rota.handover)
        return Duty(rota, today.weekday(), until, self._settings.own(guild_id).oncall_role_id)

    async def set_days(
        self, *, staff: Staff, guild_id: int, days: Collection[int], person: Staff | None, bot: bool = False
    ) -> CaseView:
        """Put somebody on duty on these weekdays (0 is Monday), None: nobody; raises Refusal for a bot."""
        if bot:
            raise Refusal("refusal-rota-bot")
        # One after another, so that two people who fill in different days keep both.
        async with self._deeds.turn(f"rota:{guild_id}"):
            week = dict(self._settings.rota(guild_id).days)
            for day in days:
                week.pop(day, None)
                if person is not None:
                    week[day] = person
            return await self._change(staff, guild_id, "rota", _week(week))

    async def clear_rota(self, *, staff: Staff, guild_id: int) -> CaseView:
        """Put nobody on duty on any day."""
        return await self._change(staff, guild_id, "rota", None)

    async def set_handover(self, *, staff: Staff, guild_id: int, time: str, zone: str) -> CaseView:
        """Set when a day's duty begins, as typed; raises Refusal for what is no time or no time zone."""
        after = {"minutes": parse_handover(time), "zone": parse_zone(zone)}
        return await self._change(staff, guild_id, "handover", after)

    async def set_role(
        self, *, staff: Staff, guild_id: int, level: str, role_id: int, role_name: str, confirmed: bool
    ) -> CaseView:
        """Give a role a level (`moderator`, `admin`); for one that has it, ask whether to take it away.

        Raises NeedsConfirmation for that, Refusal for everybody and for a role that has it by the configuration.
        """
        _refuse_everyone(guild_id, role_id)
        grants = self._access.grants(guild_id, _LEVELS[level])
        if role_id in grants.chosen and not confirmed:
            raise NeedsConfirmation("confirm-role-away", role=role_name, level=level)
        if role_id not in grants.chosen:
            if confirmed:
                raise Refusal("refusal-role-gone", role=role_name)
            if role_id in grants.configured:
                raise Refusal("refusal-role-configured", role=role_name)
        return await self._change(staff, guild_id, level, not confirmed, {"role": role_id})

    async def _change(
        self,
        staff: Staff,
        guild_id: int,
        name: str,
        after: Any,
        more: dict[str, Any] | None = None,
        *,
        again: bool = False,
    ) -> CaseView:
        details: dict[str, Any] = {"name": name, "guild": guild_id, "after": after} | (more or {})
        async with self._deeds.turn(_subject(details)):
            details["before"] = _present(self._settings, details)
            if details["before"] == after and not again:
                raise Refusal("refusal-same-setting")
            return await self._deeds.do(_deed(details), staff=staff, guild_id=guild_id)

    async def _name_of(self, community_id: str | None) -> str:
        if community_id is None:
            return ""
        try:
            return (await self._directory.find_community(community_id)).name or community_id
        except Refusal:
            return community_id

    async def _community(self, guild_id: int) -> CommunityInfo | None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._directory.community(guild_id)
        except (Refusal, IMError, TimeoutError):
            return None


def kinds(settings: SettingsService) -> dict[Action, Kind]:
    """Return how a setting is changed, found changed after a crash, and set back."""
    return {Action.SETTING: _Setting(settings)}


class _Setting:
    def __init__(self, settings: SettingsService) -> None:
        self._settings = settings
        self._plain: dict[str, Callable[[int, Any], Awaitable[object]]] = {
            "community": settings.set_community,
            "log": settings.set_log_channel,
            "duration": settings.set_duration,
            "language": settings.set_language,
            "oncall": settings.set_oncall,
            "feed": settings.set_feed,
        }

    async def carry_out(self, deed: Deed) -> Details:
        name, guild_id, value = deed.details["name"], deed.details["guild"], deed.details["after"]
        if name in _LEVELS:
            await self._settings.set_role(guild_id, _LEVELS[name], deed.details["role"], holds=value)
        elif name == "rota":
            await self._settings.set_rota(guild_id, _people(value))
        elif name == "handover":
            minutes, zone = (value["minutes"], value["zone"]) if value else (None, None)
            await self._settings.set_handover(guild_id, minutes, zone)
        else:
            await self._plain[name](guild_id, value)
        return {}

    async def look(self, deed: Deed) -> Sight:
        return Sight.DONE if _present(self._settings, deed.details) == deed.details["after"] else Sight.ABSENT

    async def taking_back(self, done: CaseView) -> Deed:
        told = done.details
        if _present(self._settings, told) != told["after"]:
            raise moved_on(done)
        back = {"before": told["after"], "after": told["before"]}
        if "after_label" in told:
            back |= {"before_label": told["after_label"], "after_label": told["before_label"]}
        return _deed({**told, **back})


def _present(settings: SettingsService, details: Details) -> Any:
    """Return what is set now in the place of a case's details; None: nothing, the default holds."""
    name, own = details["name"], settings.own(details["guild"])
    if name in _LEVELS:
        return details["role"] in settings.roles(own.guild_id, _LEVELS[name])
    values = {
        "community": own.community_id,
        "log": own.log_channel_id,
        "duration": own.default_duration_ms,
        "language": own.language,
        "oncall": own.oncall_role_id,
        "feed": own.feed_channel_id,
        "rota": _week(settings.rota(own.guild_id).days),
        "handover": _handover(own),
    }
    return values[name]


def _week(days: Mapping[int, Staff]) -> dict[str, list[Any]] | None:
    """Return a rota as a case keeps it: [id, name] by weekday; None: nobody on any day."""
    return {str(day): [days[day].id, days[day].name] for day in sorted(days)} or None


def _people(week: dict[str, list[Any]] | None) -> dict[int, Staff]:
    return {int(day): Staff(int(person[0]), str(person[1])) for day, person in (week or {}).items()}


def _handover(own: GuildSettings) -> dict[str, Any] | None:
    if own.oncall_handover_minutes is None or own.oncall_zone is None:
        return None
    return {"minutes": own.oncall_handover_minutes, "zone": own.oncall_zone}


def _deed(details: Details) -> Deed:
    return Deed(Action.SETTING, _subject(details), details=details)


def _subject(details: Details) -> str:
    return f"setting:{details['guild']}:{details['name']}:{details.get('role', '')}"


def _refuse_everyone(guild_id: int, role_id: int) -> None:
    # Discord gives the role of all members the id of the server.
    if role_id == guild_id:
        raise Refusal("refusal-everyone")
