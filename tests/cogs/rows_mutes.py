"""Rows of /mute, /unmute, /muted, /undo, /history, /status."""

from bot.services.access import Level
from bot.services.model import Staff
from tests.cogs.conftest import World
from tests.cogs.table import Row


async def _muted(world: World) -> None:
    mutes = world.warden.services.mutes
    staff = Staff(world.mod.id, "mod")
    await mutes.mute(
        staff=staff, guild_id=world.guild.id, channel="general", member="dora", duration="1h", reason="spam"
    )


ROWS: list[Row] = [
    Row(
        "mute",
        Level.MODERATOR,
        {"member": "bob", "channel": "general", "duration": "1h30m", "reason": "spam"},
        completes={"member": "bo", "channel": "gen", "duration": "1"},
        says="Muted bob",
    ),
    Row("mute", Level.MODERATOR, {"member": "mia", "channel": "general"}, confirms=True, says="Muted mia"),
    Row("muted", Level.MODERATOR, {"channel": "general"}, completes={"channel": "gen"}, says="bob", needs_im=False),
    Row("undo", Level.MODERATOR, {"case": "1"}, completes={"case": ""}, says="Undoes"),
    Row(
        "unmute",
        Level.MODERATOR,
        {"member": "dora", "channel": "general"},
        completes={"member": "do", "channel": "gen"},
        says="Unmuted dora",
        before=_muted,
    ),
    Row("history", Level.MODERATOR, {"member": "dora"}, completes={"member": "do"}, says="1 mute", needs_im=False),
    Row("status", Level.MODERATOR, says="IM", needs_im=False),
]
