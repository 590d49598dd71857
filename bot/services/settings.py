"""What each Discord server has set; read from memory, written through."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from bot.services.access import Level
from bot.services.model import GuildSettings, Staff
from bot.services.rota import USUAL_HANDOVER, USUAL_ZONE, OnCall, Rota
from bot.store.tables import guild_roles, guild_settings, oncall_rota

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

    from bot.store import Store


class SettingsService:
    """The settings of all guilds; `load` first."""

    def __init__(self, store: Store, *, default_community: str | None = None) -> None:
        self._store = store
        self._known: dict[int, GuildSettings] = {}
        self._log_problems: dict[int, str] = {}
        self._feed_problems: dict[int, str] = {}
        self._roles: dict[tuple[int, Level], frozenset[int]] = {}
        self._rotas: dict[int, dict[int, Staff]] = {}
        self._default_community = default_community
        self._log_moved: Callable[[Connection, int, int | None], None] | None = None
        self._write_through: Callable[[Callable[[Connection], None]], Awaitable[None]] = store.write

    def watch_log(
        self,
        moved: Callable[[Connection, int, int | None], None],
        write: Callable[[Callable[[Connection], None]], Awaitable[None]],
    ) -> None:
        """Tell `moved` the guild and its new log channel within the transaction that sets it, which `write` makes."""
        self._log_moved = moved
        self._write_through = write

    async def load(self) -> None:
        """Read all settings into memory, in place of what was known."""

        def look(connection: Connection) -> list[Sequence[RowMapping]]:
            tables = (guild_settings, guild_roles, oncall_rota)
            return [connection.execute(select(table)).mappings().all() for table in tables]

        rows, roles, rotas = await self._store.read(look)
        days: dict[int, dict[int, Staff]] = {}
        for row in rotas:
            days.setdefault(row["guild_id"], {})[row["weekday"]] = Staff(row["staff_id"], row["staff_name"])
        held: dict[tuple[int, Level], frozenset[int]] = {}
        for row in roles:
            key = (row["guild_id"], Level[row["level"].upper()])
            held[key] = held.get(key, frozenset()) | {row["role_id"]}
        known = {row["guild_id"]: dict(row) for row in rows}
        logs, feeds = (
            {guild_id: problem for guild_id, values in known.items() if (problem := values.pop(name))}
            for name in (guild_settings.c.log_problem.name, guild_settings.c.feed_problem.name)
        )
        self._rotas, self._roles, self._log_problems, self._feed_problems = days, held, logs, feeds
        self._known = {
            guild_id: GuildSettings(**{name: value for name, value in values.items() if value is not None})
            for guild_id, values in known.items()
        }

    async def keep_up(self) -> None:
        """Take over what another process has set; on SQLite there is none."""
        if not self._store.is_sqlite:
            await self.load()

    def get(self, guild_id: int) -> GuildSettings:
        """Return a guild's settings, the defaults where it has set nothing."""
        known = self.own(guild_id)
        if known.community_id is None and self._default_community:
            return replace(known, community_id=self._default_community)
        return known

    def own(self, guild_id: int) -> GuildSettings:
        """Return what a guild has set itself, without the program's default community."""
        return self._known.get(guild_id) or GuildSettings(guild_id)

    def roles(self, guild_id: int, level: Level) -> frozenset[int]:
        """Return the Discord roles to which a guild has given a level."""
        return self._roles.get((guild_id, level), frozenset())

    def log_problem(self, guild_id: int) -> str | None:
        """Return why the guild's log channel refused us last, None if it did not."""
        return self._log_problems.get(guild_id)

    def with_log(self) -> list[int]:
        """Return the guilds that have a log channel."""
        return [guild.guild_id for guild in tuple(self._known.values()) if guild.log_channel_id is not None]

    def fed(self) -> dict[int, int]:
        """Return the guilds that have a feed channel, and which."""
        known = tuple(self._known.values())
        return {guild.guild_id: guild.feed_channel_id for guild in known if guild.feed_channel_id is not None}

    def feed_problem(self, guild_id: int) -> str | None:
        """Return why the guild's feed channel refused us last, None if it did not."""
        return self._feed_problems.get(guild_id)

    async def set_community(self, guild_id: int, community_id: str | None) -> GuildSettings:
        """Set the community that a guild's commands are about; None: the program's default, or the only one."""
        return await self._set(guild_id, community_id=community_id)

    async def set_log_channel(self, guild_id: int, channel_id: int | None) -> GuildSettings:
        """Set the Discord channel that shows a guild's cases; None: no log."""
        changes = {"log_channel_id": channel_id, "log_problem": None}

        def put(connection: Connection) -> None:
            _put(connection, guild_id, changes)
            if self._log_moved is not None:
                self._log_moved(connection, guild_id, channel_id)

        await self._write_through(put)
        self._log_problems.pop(guild_id, None)
        changed = self._known[guild_id] = replace(self.own(guild_id), log_channel_id=channel_id)
        return changed

    async def set_duration(self, guild_id: int, duration_ms: int) -> GuildSettings:
        """Set how long a mute lasts in a guild if nobody says how long."""
        return await self._set(guild_id, default_duration_ms=duration_ms)

    async def set_language(self, guild_id: int, language: str | None) -> GuildSettings:
        """Set the language of a guild's log, such as `zh-CN`; None: the program's default."""
        return await self._set(guild_id, language=language)

    async def set_oncall(self, guild_id: int, role_id: int | None) -> GuildSettings:
        """Set the Discord role that alerts call; None: nobody."""
        return await self._set(guild_id, oncall_role_id=role_id)

    async def set_feed(self, guild_id: int, channel_id: int | None) -> GuildSettings:
        """Set the Discord channel that mirrors what is said in the IM; None: no feed."""
        changed = await self._set(guild_id, feed_channel_id=channel_id)
        await self.note_feed_problem(guild_id, None)
        return changed

    def rota(self, guild_id: int) -> Rota:
        """Return a guild's weekly rota; without any day where it has none."""
        own = self.own(guild_id)
        handover = USUAL_HANDOVER if own.oncall_handover_minutes is None else own.oncall_handover_minutes
        return Rota(self._rotas.get(guild_id, {}), own.oncall_zone or USUAL_ZONE, handover)

    def on_call(self, guild_id: int, now: datetime) -> OnCall:
        """Return whom an alert of a guild calls at this moment."""
        return OnCall(self.rota(guild_id).person(now), self.own(guild_id).oncall_role_id)

    async def set_rota(self, guild_id: int, days: Mapping[int, Staff]) -> None:
        """Set who is on duty on which weekday (0 is Monday); without any day there is no rota."""
        rows = [
            {"guild_id": guild_id, "weekday": day, "staff_id": staff.id, "staff_name": staff.name}
            for day, staff in days.items()
        ]

        def put(connection: Connection) -> None:
            connection.execute(delete(oncall_rota).where(oncall_rota.c.guild_id == guild_id))
            if rows:
                connection.execute(insert(oncall_rota), rows)

        await self._store.rewrite(put)
        self._rotas[guild_id] = dict(days)

    async def set_handover(self, guild_id: int, minutes: int | None, zone: str | None) -> GuildSettings:
        """Set when a day's duty begins (minutes after midnight) and where; None: the usual."""
        return await self._set(guild_id, oncall_handover_minutes=minutes, oncall_zone=zone)

    async def set_role(self, guild_id: int, level: Level, role_id: int, *, holds: bool) -> None:
        """Give a Discord role a level in a guild, or take it away again."""
        row = {"guild_id": guild_id, "level": level.name.lower(), "role_id": role_id}

        def put(connection: Connection) -> None:
            connection.execute(
                delete(guild_roles).where(*(guild_roles.c[name] == value for name, value in row.items()))
            )
            if holds:
                connection.execute(insert(guild_roles).values(**row))

        await self._store.rewrite(put)
        known = self.roles(guild_id, level)
        self._roles[guild_id, level] = known | {role_id} if holds else known - {role_id}

    async def note_log_problem(self, guild_id: int, problem: str | None) -> None:
        """Note that the log channel refused us, or that it works again."""
        if problem == self._log_problems.get(guild_id):
            return
        if problem is None:
            self._log_problems.pop(guild_id, None)
        else:
            self._log_problems[guild_id] = problem
        await self._write(guild_id, {"log_problem": problem})

    async def note_feed_problem(self, guild_id: int, problem: str | None) -> None:
        """Note that the feed channel refused us, or that it works again."""
        if problem == self._feed_problems.get(guild_id):
            return
        if problem is None:
            self._feed_problems.pop(guild_id, None)
        else:
            self._feed_problems[guild_id] = problem
        await self._write(guild_id, {"feed_problem": problem})

    async def _set(self, guild_id: int, **changes: Any) -> GuildSettings:
        await self._write(guild_id, changes)
        changed = replace(self.own(guild_id), **changes)
        self._known[guild_id] = changed
        return changed

    async def _write(self, guild_id: int, changes: dict[str, Any]) -> None:
        await self._store.write(lambda connection: _put(connection, guild_id, changes))


def _put(connection: Connection, guild_id: int, changes: dict[str, Any]) -> None:
    of_guild = guild_settings.c.guild_id == guild_id
    if connection.execute(update(guild_settings).where(of_guild).values(**changes)).rowcount == 0:
        connection.execute(insert(guild_settings).values(guild_id=guild_id, **changes))
