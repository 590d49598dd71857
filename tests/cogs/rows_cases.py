"""Rows of /case."""

from bot.services.access import Level
from bot.services.model import Staff
from tests.cogs.conftest import World
from tests.cogs.table import Row


async def _a_case(world: World) -> None:
    await world.warden.services.memberships.remove(
        staff=Staff(world.mod.id, "mod"), guild_id=world.guild.id, channel="general", member="carl", reason="left"
    )


ROWS: list[Row] = [
    Row(
        "case show",
        Level.MODERATOR,
        {"case": "1"},
        completes={"case": "car"},
        says="What happened",
        needs_im=False,
        before=_a_case,
    ),
    Row(
        "case reason",
        Level.MODERATOR,
        {"case": "1", "reason": "asked to leave"},
        completes={"case": ""},
        says="asked to leave",
        needs_im=False,
    ),
    Row(
        "case list",
        Level.MODERATOR,
        lambda world: {"member": "carl", "staff": world.mod, "action": "members", "since": "1d"},
        completes={"member": "ca"},
        says="1 case",
        needs_im=False,
    ),
    Row("case export", Level.ADMIN, {"format": "jsonl"}, says="1 case", needs_im=False),
]
