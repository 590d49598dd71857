"""Who may do what, from Discord roles and permission names."""

from __future__ import annotations

import pytest

from bot.services.access import Access, Level
from tests.services.conftest import GUILD

MODERATOR_ROLE, ADMIN_ROLE, OTHER_ROLE = 100, 200, 300


@pytest.fixture
def access() -> Access:
    return Access(moderator_roles=[MODERATOR_ROLE], admin_roles=[ADMIN_ROLE])


@pytest.mark.parametrize(
    ("roles", "permissions", "level"),
    [
        ([], [], Level.NONE),
        ([OTHER_ROLE], ["send_messages", "kick_members"], Level.NONE),
        ([], ["moderate_members"], Level.MODERATOR),
        ([MODERATOR_ROLE], [], Level.MODERATOR),
        ([MODERATOR_ROLE, OTHER_ROLE], ["moderate_members"], Level.MODERATOR),
        ([], ["manage_guild"], Level.ADMIN),
        ([ADMIN_ROLE], [], Level.ADMIN),
        ([MODERATOR_ROLE, ADMIN_ROLE], [], Level.ADMIN),
        ([ADMIN_ROLE], ["moderate_members"], Level.ADMIN),
        ([], ["administrator"], Level.ADMIN),
    ],
)
def test_the_highest_level_counts(access: Access, roles: list[int], permissions: list[str], level: Level) -> None:
    assert access.level(guild_id=GUILD, role_ids=roles, permissions=permissions) is level


def test_the_permissions_can_be_others() -> None:
    access = Access(moderator_permission="kick_members", admin_permission="ban_members")
    assert access.level(guild_id=GUILD, role_ids=[], permissions=["moderate_members", "manage_guild"]) is Level.NONE
    assert access.level(guild_id=GUILD, role_ids=[], permissions=["kick_members"]) is Level.MODERATOR
    assert access.level(guild_id=GUILD, role_ids=[], permissions=["ban_members"]) is Level.ADMIN


def test_an_administrator_is_an_admin_whatever_is_configured() -> None:
    access = Access(moderator_permission="kick_members", admin_permission="ban_members")
    assert access.level(guild_id=GUILD, role_ids=[], permissions=["administrator"]) is Level.ADMIN


def test_an_admin_may_what_a_moderator_may() -> None:
    assert Level.ADMIN > Level.MODERATOR > Level.NONE


def test_roles_that_a_guild_chose_count_there_and_only_there() -> None:
    chosen = {(GUILD, Level.MODERATOR): {OTHER_ROLE}, (GUILD, Level.ADMIN): {400}}
    access = Access(
        moderator_roles=[MODERATOR_ROLE],
        admin_roles=[ADMIN_ROLE],
        roles_of=lambda guild_id, level: chosen.get((guild_id, level), ()),
    )
    for roles, level in [([OTHER_ROLE], Level.MODERATOR), ([400], Level.ADMIN), ([MODERATOR_ROLE], Level.MODERATOR)]:
        assert access.level(guild_id=GUILD, role_ids=roles, permissions=[]) is level
    assert access.level(guild_id=GUILD + 1, role_ids=[OTHER_ROLE, 400], permissions=[]) is Level.NONE
