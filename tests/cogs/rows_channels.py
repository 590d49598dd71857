"""/channel and /member, a working example each."""

from bot.services.access import Level
from tests.cogs.table import Row

ROWS: list[Row] = [
    Row(
        "channel list",
        Level.MODERATOR,
        {"visibility": "public", "community": "Aurora"},
        completes={"community": "Aur"},
        says="general",
    ),
    Row(
        "channel show",
        Level.MODERATOR,
        {"channel": "general"},
        completes={"channel": "gen"},
        says="general",
        needs_im=False,
    ),
    Row(
        "channel created",
        Level.MODERATOR,
        {"member": "olga", "community": "Aurora"},
        completes={"member": "olg", "community": "Aur"},
        says="general",
    ),
    Row(
        "channel joined",
        Level.MODERATOR,
        {"member": "bob"},
        completes={"member": "bob", "community": "Aur"},
        says="general",
    ),
    Row(
        "channel create",
        Level.ADMIN,
        {"name": "plans", "type": "private", "mode": "text", "max_users": 50, "description": "Raids"},
        completes={"category": "", "community": "Aur"},
        says="plans",
    ),
    Row(
        "channel edit",
        Level.ADMIN,
        {"channel": "general"},
        completes={"channel": "gen"},
        modal={"description": "Talk about everything"},
        says="Talk about everything",
    ),
    Row(
        "channel say",
        Level.MODERATOR,
        {"channel": "general", "text": "Hello, all"},
        completes={"channel": "gen"},
        says="Hello, all",
    ),
    Row("member list", Level.MODERATOR, {"channel": "general"}, completes={"channel": "gen"}, says="bob"),
    Row(
        "member show",
        Level.MODERATOR,
        {"channel": "general", "member": "bob"},
        completes={"channel": "gen", "member": "bob"},
        says="bob",
    ),
    Row(
        "member remove",
        Level.MODERATOR,
        {"channel": "general", "member": "dora"},
        completes={"channel": "gen", "member": "dor"},
        says="dora",
    ),
    Row(
        "member add",
        Level.MODERATOR,
        {"channel": "general", "member": "dora", "reason": "asked for it"},
        completes={"channel": "gen", "member": "dor"},
        says="dora",
    ),
    Row(
        "member purge",
        Level.ADMIN,
        {"channel": "general", "members": "bob_92, dora", "reason": "raid"},
        completes={"channel": "gen", "members": "bob, do"},
        confirms=True,
        says="bob",
    ),
    Row(
        "channel delete",
        Level.ADMIN,
        {"channel": "general"},
        completes={"channel": "gen"},
        confirms=True,
        says="general",
    ),
]
