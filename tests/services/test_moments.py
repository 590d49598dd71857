"""Moments as staff type them; `tests/cli/test_export.py` has the forms of the command line."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.services.moments import parse_moment
from bot.services.refusals import Refusal

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("７d", NOW - timedelta(days=7)),
        ("7天", NOW - timedelta(days=7)),
        ("2 小时", NOW - timedelta(hours=2)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T08:00+08:00", datetime(2026, 1, 31, tzinfo=UTC)),
    ],
)
def test_a_moment_is_a_date_a_time_or_an_age_also_of_a_chinese_keyboard(text: str, moment: datetime) -> None:
    assert parse_moment(text, now=NOW) == moment


def test_a_day_that_ends_a_span_is_meant_whole() -> None:
    assert parse_moment("2026-01-31", now=NOW, last=True) == datetime(2026, 1, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    assert parse_moment("2026-01-31T00:00", now=NOW, last=True) == datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "7", "7M", "1d2h", "-7d", "yesterday", "2026-02-30", "99999999w", "0001-01-01T00:00+23:59"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="refusal-moment"):
        parse_moment(text, now=NOW)
