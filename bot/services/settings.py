"""What each Discord server has set; read from memory, written through."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from bot.services.access import Level
from bot.services.model import GuildSettings
from bot.store.tables import guild_roles, guild_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, RowMapping

    from bot.store import Store


class SettingsService:
    """The settings of all guilds; `load` first."""

    def __init__(self, store: Store, *, default_community: str | None = None) -> None:
        self._store = store
        self._known: dict[int, GuildSettings] = {}
        self._log_problems: dict[int, str] = {}
        self._roles: dict[tuple[int, Level], frozenset[int]] = {}
        self._default_community = default_community

    async def load(self) -> None:
        """Read all settings into memory."""
        columns = guild_settings.c

        def look(connection: Connection) -> tuple[Sequence[RowMapping], Sequence[RowMapping]]:
            settings = connection.execute(select(guild_settings)).mappings().all()
            return settings, connection.execute(select(guild_roles)).mappings().all()

        rows, roles = await self._store.read(look)
        for row in roles:
            key = (row["guild_id"], Level[row["level"].upper()])
            self._roles[key] = self._roles.get(key, frozenset()) | {row["role_id"]}
        for row in rows:
            values = dict(row)
            problem = values.pop(columns.log_problem.name)
            if problem:
                self._log_problems[values["guild_id"]] = problem
            given = {name: value for name, value in values.items() if value is not None}
            self._known[values["guild_id"]] = GuildSettings(**given)

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

    async def set_community(self, guild_id: int, community_id: str | None) -> GuildSettings:
        """Set the community that a guild's commands are about; None: the program's default, or the only one."""
        return await self._set(guild_id, community_id=community_id)

    async def set_log_channel(self, guild_id: int, channel_id: int | None) -> GuildSettings:
        """Set the Discord channel that shows a guild's cases; None: no log."""
        changed = await self._set(guild_id, log_channel_id=channel_id)
        await self.note_log_problem(guild_id, None)
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

    async def set_role(self, guild_id: int, level: Level, role_id: int, *, holds: bool) -> None:
        """Give a Discord role a level in a guild, or take it away again."""
        row = {"guild_id": guild_id, "level": level.name.lower(), "role_id": role_id}

        def put(connection: Connection) -> None:
            connection.execute(
                delete(guild_roles).where(*(guild_roles.c[name] == value for name, value in row.items()))
            )
            if holds:
                connection.execute(insert(guild_roles).values(**row))

        await self._store.write(put)
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

    async def _set(self, guild_id: int, **changes: Any) -> GuildSettings:
        await self._write(guild_id, changes)
        changed = replace(self.own(guild_id), **changes)
        self._known[guild_id] = changed
        return changed

    async def _write(self, guild_id: int, changes: dict[str, Any]) -> None:
        def put(connection: Connection) -> None:
            of_guild = guild_settings.c.guild_id == guild_id
            if connection.execute(update(guild_settings).where(of_guild).values(**changes)).rowcount == 0:
                connection.execute(insert(guild_settings).values(guild_id=guild_id, **changes))

        await self._store.write(put)
