"""/collection, without cleanup and restore."""

from bot.services.access import Level
from tests.cogs.table import Row

ROWS: list[Row] = [
    Row("collection list", Level.ADMIN, {"owner": "bob"}, completes={"owner": "bo"}, says="Bring bread"),
    Row(
        "collection add",
        Level.ADMIN,
        {"owner": "bob", "data": "Bring cheese", "type": 2, "ext": '{"tag":"raid"}'},
        completes={"owner": "bo"},
        says="Saved an item for bob",
    ),
    Row(
        "collection import",
        Level.ADMIN,
        {"owner": "bob", "file": ("saved.jsonl", b'{"data": "Bring wine", "type": 3}\n')},
        completes={"owner": "bo"},
        confirms=True,
        says="Imported 1 item for bob",
    ),
    Row(
        "collection edit",
        Level.ADMIN,
        lambda world: {"owner": "bob", "collection": world.collection_id, "ext": "new"},
        completes={"owner": "bo", "collection": "bread"},
        says="Changed the ext of an item of bob",
    ),
    Row(
        "collection delete",
        Level.ADMIN,
        lambda world: {"owner": "bob", "collections": world.collection_id},
        completes={"owner": "bo", "collections": "bread"},
        confirms=True,
        says="Deleted 1 item of bob",
    ),
    Row(
        "collection export", Level.ADMIN, {"owner": "bob"}, completes={"owner": "bo"}, says="of **bob**, as JSON lines"
    ),
]
