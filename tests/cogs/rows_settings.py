"""Rows of /settings."""

from typing import Any

from bot.services.access import Level
from tests.cogs.conftest import World
from tests.cogs.table import Row


def _crew(world: World) -> dict[str, Any]:
    return {"role": world.guild.create_role("crew", mentionable=True)}


ROWS: list[Row] = [
    Row("settings show", Level.ADMIN, says="/settings community", needs_im=False),
    Row(
        "settings community",
        Level.ADMIN,
        {"community": "Aurora"},
        completes={"community": "Aur"},
        says="Aurora",
        needs_im=False,
    ),
    Row("settings log", Level.ADMIN, lambda world: {"channel": world.log}, says="<#", needs_im=False),
    Row(
        "settings roles",
        Level.ADMIN,
        lambda world: _crew(world) | {"level": "moderator"},
        says="<@&",
        needs_im=False,
    ),
    Row(
        "settings duration",
        Level.ADMIN,
        {"duration": "1h30m"},
        completes={"duration": "9"},
        says="1",
        needs_im=False,
    ),
    Row("settings language", Level.ADMIN, {"language": "zh-CN"}, says="简体中文", needs_im=False),
    Row("settings oncall", Level.ADMIN, _crew, says="<@&", needs_im=False),
]
