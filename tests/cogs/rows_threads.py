"""The rows of /thread and /reaction."""

from bot.services.access import Level
from tests.cogs.table import Row

ROWS: list[Row] = [
    Row(
        "thread create",
        Level.MODERATOR,
        lambda world: {"channel": "general", "message_id": world.message_id, "name": "Supplies", "owner": "bob"},
        {"channel": "gen", "message_id": "raid", "owner": "bo"},
        says="Supplies",
    ),
    Row("thread list", Level.MODERATOR, {"channel": "general"}, {"channel": "gen", "member": "bo"}, says="Raid plans"),
    Row(
        "thread show",
        Level.MODERATOR,
        lambda world: {"thread": world.thread_id},
        {"thread": "plans"},
        says="Raid plans",
    ),
    Row(
        "thread rename",
        Level.MODERATOR,
        lambda world: {"thread": world.thread_id, "name": "Raid on Friday"},
        {"thread": "plans"},
        says="Raid on Friday",
    ),
    Row(
        "thread add",
        Level.MODERATOR,
        lambda world: {"thread": world.thread_id, "member": "bob"},
        {"thread": "plans", "member": "bo"},
        says="bob",
    ),
    Row(
        "thread remove",
        Level.MODERATOR,
        lambda world: {"thread": world.thread_id, "member": "bob"},
        {"thread": "plans", "member": "bo"},
        says="bob",
    ),
    Row(
        "reaction add",
        Level.MODERATOR,
        lambda world: {"message_id": world.message_id, "emoji": "🎉", "member": "dora"},
        {"message_id": "raid", "member": "do"},
        says="🎉",
    ),
    Row(
        "reaction list",
        Level.MODERATOR,
        lambda world: {"message_id": world.message_id, "channel": "general", "member": "bob"},
        {"message_id": "raid", "channel": "gen", "member": "bo"},
        says="👍",
    ),
    Row(
        "reaction remove",
        Level.MODERATOR,
        lambda world: {"message_id": world.message_id, "emoji": "👍", "member": "carl"},
        {"message_id": "raid", "member": "ca"},
        says="👍",
    ),
    Row(
        "thread delete",
        Level.MODERATOR,
        lambda world: {"thread": world.thread_id},
        {"thread": "plans"},
        confirms=True,
        says="Raid",
    ),
]
