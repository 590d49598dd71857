"""Durations as staff type them (design section 9)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.durations import (
    DAY,
    HOUR,
    LONGEST_MS,
    MINUTE,
    SECOND,
    WEEK,
    compact_duration,
    parse_duration,
    split_duration,
)
from bot.services.refusals import Refusal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1s", SECOND),
        ("10m", 10 * MINUTE),
        ("2h", 2 * HOUR),
        ("2d", 2 * DAY),
        ("1w", WEEK),
        ("1h30m", 90 * MINUTE),
        ("1w2d3h4m5s", WEEK + 2 * DAY + 3 * HOUR + 4 * MINUTE + 5 * SECOND),
        ("52w1d", LONGEST_MS),
        ("365d", LONGEST_MS),
        ("90m", 90 * MINUTE),
        ("010m", 10 * MINUTE),
        ("1h0m", HOUR),
        ("10 m", 10 * MINUTE),
        ("1h 30m", 90 * MINUTE),
        ("  10m\t", 10 * MINUTE),
        ("10S", 10 * SECOND),
        ("2H", 2 * HOUR),
        ("2D", 2 * DAY),
        ("１０m", 10 * MINUTE),
        ("１０ｍ", 10 * MINUTE),
        ("１ｈ　３０ｍ", 90 * MINUTE),
        ("30秒", 30 * SECOND),
        ("10分", 10 * MINUTE),
        ("10分钟", 10 * MINUTE),
        ("2时", 2 * HOUR),
        ("2小时", 2 * HOUR),
        ("3天", 3 * DAY),
        ("3日", 3 * DAY),
        ("2周", 2 * WEEK),
        ("1小时30分", 90 * MINUTE),
        ("1小时30分钟", 90 * MINUTE),
        ("1小时 30m", 90 * MINUTE),
        ("１小时", HOUR),
    ],
)
def test_what_staff_type_is_understood(text: str, expected: int) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["permanent", "Permanent", "PERMANENT", " permanent ", "永久", "ｐｅｒｍａｎｅｎｔ"])
def test_permanent_has_no_end(text: str) -> None:
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("5", "bare"),
        ("５", "bare"),
        ("600", "bare"),
        ("-1m", "sign"),
        ("+1m", "sign"),
        ("−1m", "sign"),
        ("－1m", "sign"),
        ("-5", "sign"),
        ("1M", "month"),
        ("１Ｍ", "month"),
        ("1 month", "month"),
        ("1month", "month"),
        ("2 Months", "month"),
        ("1mo", "month"),
        ("1月", "month"),
        ("1个月", "month"),
        ("1h1M", "month"),
        ("10 years", "unknown"),
        ("1y", "unknown"),
        ("1年", "unknown"),
        ("1m2", "unknown"),
        ("1m 2", "unknown"),
        ("soon", "unknown"),
        ("", "unknown"),
        ("   ", "unknown"),
        ("m", "unknown"),
        ("m10", "unknown"),
        ("1.5h", "unknown"),
        ("1,5h", "unknown"),
        ("1e3s", "unknown"),
        ("0x10s", "unknown"),
        ("1--m", "unknown"),
        ("1-m", "unknown"),
        ("10min", "unknown"),
        ("٣m", "unknown"),
        ("1\0m", "unknown"),
        ("10m forever", "unknown"),
        ("permanent 10m", "unknown"),
        ("<@123>", "unknown"),
        ("1m1m", "repeated"),
        ("1h30m5m", "repeated"),
        ("1小时1h", "repeated"),
        ("1m1h", "order"),
        ("5s1m", "order"),
        ("1d1w", "order"),
        ("30分1小时", "order"),
        ("0s", "range"),
        ("0m", "range"),
        ("0h0m0s", "range"),
        ("366d", "range"),
        ("365d1s", "range"),
        ("3650d", "range"),
        ("999999999999w", "range"),
        ("9999999999999w", "unknown"),
        ("9" * 5_000 + "s", "unknown"),
    ],
)
def test_everything_else_is_refused_with_its_own_hint(text: str, key: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_duration(text)
    assert refused.value.key == f"refusal-duration-{key}"
    assert len(str(refused.value.values["text"])) <= 40


@given(st.integers(1, LONGEST_MS // SECOND))
def test_every_duration_reads_back_as_it_is_written(seconds: int) -> None:
    written = compact_duration(seconds * SECOND)
    assert parse_duration(written) == seconds * SECOND
    assert parse_duration(" ".join(f"{count}{unit}" for count, unit in split_duration(seconds * SECOND))) == (
        seconds * SECOND
    )


_UNITS = (("w周", WEEK), ("d天日", DAY), ("h时", HOUR), ("m分", MINUTE), ("s秒", SECOND))


@given(st.data())
def test_any_units_largest_first_add_up_whatever_the_alphabet(data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(range(5)), min_size=1, unique=True).map(sorted))
    text, total = "", 0
    for index in chosen:
        names, size = _UNITS[index]
        count = data.draw(st.integers(0, LONGEST_MS // size // 5))
        written = str(count)
        if data.draw(st.booleans()):
            written = "".join(chr(ord(digit) + 0xFEE0) for digit in written)  # full-width
        text += written + data.draw(st.sampled_from(names))
        total += count * size
    if total:
        assert parse_duration(text) == total
    else:
        with pytest.raises(Refusal, match="range"):
            parse_duration(text)


@given(st.text())
def test_nothing_that_can_be_typed_breaks_it(text: str) -> None:
    try:
        found = parse_duration(text)
    except Refusal:
        return
    assert found is None or SECOND <= found <= LONGEST_MS


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0s"), (999, "0s"), (1_000, "1s"), (59_999, "59s"), (90 * MINUTE, "1h30m"), (LONGEST_MS, "365d")],
)
def test_a_duration_is_shown_the_way_it_is_typed(milliseconds: int, text: str) -> None:
    assert compact_duration(milliseconds) == text
