"""The rows of all families, by the name of the family."""

from tests.cogs import (
    rows_cases,
    rows_channels,
    rows_cleanup,
    rows_mutes,
    rows_people,
    rows_saved,
    rows_settings,
    rows_threads,
)
from tests.cogs.table import Row

FAMILIES: dict[str, list[Row]] = {
    "mutes": rows_mutes.ROWS,
    "cases": rows_cases.ROWS,
    "channels": rows_channels.ROWS,
    "threads": rows_threads.ROWS,
    "people": rows_people.ROWS,
    "collections": rows_saved.ROWS,
    "cleanup": rows_cleanup.ROWS,
    "settings": rows_settings.ROWS,
}
ROWS: list[Row] = [row for rows in FAMILIES.values() for row in rows]
