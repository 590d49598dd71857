"""What each Discord server has set; read from memory, written through."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from bot.services.model import GuildSettings
from bot.store.tables import guild_settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store import Store


class SettingsService:
    """The settings of all guilds; `load` first."""

    def __init__(self, store: Store, *, default_community: str | None = None) -> None:
        self._store = store
        self._known: dict[int, GuildSettings] = {}
        self._log_problems: dict[int, str] = {}
        self._default_community = default_community

    async def load(self) -> None:
        """Read all settings into memory."""
        columns = guild_settings.c
        rows = await self._store.read(lambda connection: connection.execute(select(guild_settings)).mappings().all())
        for row in rows:
            values = dict(row)
            problem = values.pop(columns.log_problem.name)
            if problem:
                self._log_problems[values["guild_id"]] = problem
            given = {name: value for name, value in values.items() if value is not None}
            self._known[values["guild_id"]] = GuildSettings(**given)

    def get(self, guild_id: int) -> GuildSettings:
        """Return a guild's settings, the defaults where it has set nothing."""
        known = self._known.get(guild_id) or GuildSettings(guild_id)
        if known.community_id is None and self._default_community:
            return replace(known, community_id=self._default_community)
        return known

    def log_problem(self, guild_id: int) -> str | None:
        """Return why the guild's log channel refused us last, None if it did not."""
        return self._log_problems.get(guild_id)

    async def set_community(self, guild_id: int, community_id: str) -> GuildSettings:
        """Set the community that a guild's commands are about."""
        return await self._set(guild_id, community_id=community_id)

    async def set_log_channel(self, guild_id: int, channel_id: int | None) -> GuildSettings:
        """Set the Discord channel that shows a guild's cases; None: no log."""
        changed = await self._set(guild_id, log_channel_id=channel_id)
        await self.note_log_problem(guild_id, None)
        return changed

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
        changed = replace(self._known.get(guild_id) or GuildSettings(guild_id), **changes)
        self._known[guild_id] = changed
        return changed

    async def _write(self, guild_id: int, changes: dict[str, Any]) -> None:
        def put(connection: Connection) -> None:
            of_guild = guild_settings.c.guild_id == guild_id
            if connection.execute(update(guild_settings).where(of_guild).values(**changes)).rowcount == 0:
                connection.execute(insert(guild_settings).values(guild_id=guild_id, **changes))

        await self._store.write(put)
