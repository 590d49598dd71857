"""Rows of /friend and /block."""

from bot.services.access import Level
from tests.cogs.table import Row

ROWS: list[Row] = [
    Row("friend list", Level.ADMIN, {"owner": "bob"}, completes={"owner": "bo"}, says="carl"),
    Row(
        "friend add",
        Level.ADMIN,
        {"owner": "bob", "friend": "mia"},
        completes={"owner": "bo", "friend": "mi"},
        says="mia",
    ),
    Row(
        "friend remark",
        Level.ADMIN,
        {"owner": "bob", "friend": "carl", "remark": "Captain"},
        completes={"owner": "bo", "friend": "car"},
        says="Captain",
    ),
    Row(
        "friend remove",
        Level.ADMIN,
        {"owner": "bob", "friend": "carl"},
        completes={"owner": "bo", "friend": "car"},
        says="carl",
    ),
    Row("block list", Level.ADMIN, {"owner": "bob"}, completes={"owner": "bo"}, says="dora"),
    Row(
        "block add",
        Level.ADMIN,
        {"owner": "bob", "members": "carl, mia，nobody"},
        completes={"owner": "bo", "members": "carl, mi"},
        says="nobody",
    ),
    Row(
        "block remove",
        Level.ADMIN,
        {"owner": "bob", "member": "dora"},
        completes={"owner": "bo", "member": "do"},
        says="dora",
    ),
]
