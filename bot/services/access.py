"""Who may do what: levels from Discord roles and permissions, without Discord."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from bot.services.model import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container


class Level(IntEnum):
    """What somebody in Discord may ask of us (design section 9)."""

    NONE = 0
    MODERATOR = 1
    ADMIN = 2


_BY_MODERATORS: Final = frozenset(
    {
        Action.MUTE,
        Action.UNMUTE,
        Action.EXTEND,
        Action.MEMBER_ADD,
        Action.MEMBER_REMOVE,
        Action.CHANNEL_SAY,
        Action.THREAD_CREATE,
        Action.THREAD_RENAME,
        Action.THREAD_DELETE,
        Action.THREAD_ADD,
        Action.THREAD_REMOVE,
        Action.REACTION_ADD,
        Action.REACTION_REMOVE,
    }
)


def level_of_action(action: Action) -> Level:
    """Return the level of the command that does this, which taking it back needs too."""
    return Level.MODERATOR if action in _BY_MODERATORS else Level.ADMIN


def _no_roles(_guild_id: int, _level: Level) -> Collection[int]:
    return ()


@dataclass(frozen=True, slots=True)
class Grants:
    """What gives a level in a guild: a permission, roles of the configuration, and roles that the guild chose."""

    permission: str
    configured: frozenset[int]
    chosen: frozenset[int]


class Access:
    """Maps Discord roles and permission names to levels; server administrators are always admins.

    `roles_of` tells the roles that a guild has chosen itself; those of the configuration hold besides.
    """

    def __init__(
        self,
        *,
        moderator_roles: Collection[int] = (),
        admin_roles: Collection[int] = (),
        moderator_permission: str = "moderate_members",
        admin_permission: str = "manage_guild",
        roles_of: Callable[[int, Level], Collection[int]] = _no_roles,
    ) -> None:
        self._roles = {Level.MODERATOR: frozenset(moderator_roles), Level.ADMIN: frozenset(admin_roles)}
        self._permissions = {Level.MODERATOR: moderator_permission, Level.ADMIN: admin_permission}
        self._roles_of = roles_of

    def level(self, *, guild_id: int, role_ids: Collection[int], permissions: Container[str]) -> Level:
        """Return the highest level that somebody's roles or permission flags give in a guild."""
        if "administrator" in permissions:
            return Level.ADMIN
        held = frozenset(role_ids)
        for level in (Level.ADMIN, Level.MODERATOR):
            if self._permissions[level] in permissions or not self._roles[level].isdisjoint(held):
                return level
            if not held.isdisjoint(self._roles_of(guild_id, level)):
                return level
        return Level.NONE

    def grants(self, guild_id: int, level: Level) -> Grants:
        """Return what gives a level in a guild."""
        return Grants(self._permissions[level], self._roles[level], frozenset(self._roles_of(guild_id, level)))
