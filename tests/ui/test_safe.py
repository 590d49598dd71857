"""Untrusted text can neither format, mention, link, hide nor overflow."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.safe import NOTHING, code, escape, plain

SPECIAL = "\\*_~`|<>[]()#-+:@/.\u200b\u202e\x00\n\t 1aé漢👍"
NASTY = st.text(st.one_of(st.sampled_from(SPECIAL), st.characters()), max_size=80)
UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[*_~`|<>\[\]()]")


def rendered(text: str) -> str:
    """What Discord makes of escaped text: a backslash before punctuation goes, the character stays."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text).replace("@\u200b", "@")


@given(NASTY)
def test_escaped_text_reads_as_the_plain_text(text: str):
    assert rendered(re.sub(r"^(\d+)\\(?=\.)", r"\1", escape(text))) == plain(text)


@given(NASTY)
def test_nothing_of_markdown_is_left_unescaped(text: str):
    assert not UNESCAPED.search(escape(text))


@given(NASTY, st.integers(min_value=1, max_value=50))
def test_plain_text_is_one_visible_line_within_its_limit(text: str, limit: int):
    shown = plain(text, limit)
    assert 1 <= len(shown) <= limit
    assert shown == shown.strip()
    # Only a joiner of two pictures, and pictures that Python does not know yet.
    hidden = [one for one in shown if unicodedata.category(one)[0] == "C" and one != "\u200d"]
    assert all(0x1F000 <= ord(one) < 0x1FB00 for one in hidden)


@given(NASTY)
def test_escaped_text_is_at_most_three_times_its_limit(text: str):
    assert len(escape(text, 30)) <= 90


@given(NASTY)
def test_code_cannot_be_left(text: str):
    shown = code(text)
    assert shown.startswith("`")
    assert shown.endswith("`")
    assert "`" not in shown[1:-1]


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("**bold** _it_ ~~s~~", r"\*\*bold\*\* \_it\_ \~\~s\~\~"),
        ("||spoiler|| `code`", r"\|\|spoiler\|\| \`code\`"),
        ("[a](https://b)", r"\[a\]\(https\://b\)"),
        ("<@1> <#2> <t:3:R> </cmd:4> <:e:5>", r"\<@1\> \<#2\> \<t:3:R\> \</cmd:4\> \<:e:5\>"),
        ("@everyone @here @Everyone", "@\u200beveryone @\u200bhere @\u200bEveryone"),
        ("# head", r"\# head"),
        ("- item", r"\- item"),
        ("> quote", r"\> quote"),
        ("1. one", r"1\. one"),
        ("user-1", "user-1"),
        ("a\u202eb\u200bc\u2066d\ufeff", "abcd"),
        ("a\x00b\x1b[31m", r"ab\[31m"),
        ("two\nlines\u2028three", "two lines three"),
        ("", NOTHING),
        ("\u3164\u2800\u200b", NOTHING),
        ("\u2800\u200d\u2800", NOTHING),
        ("a\u200db 👍\u200d", "ab 👍"),
        (
            "👨\u200d👩\u200d👧 🏃\u200d♀\ufe0f\u200d➡ \U0001fae8",
            "👨\u200d👩\u200d👧 🏃\u200d♀\ufe0f\u200d➡ \U0001fae8",
        ),
        ("漢字 e\u0301", "漢字 e\u0301"),
    ],
)
def test_examples(raw: str, safe: str):
    assert escape(raw) == safe


def test_marks_piled_on_a_letter_are_thinned():
    assert plain("e" + "\u0301" * 50 + "x") == "e" + "\u0301" * 4 + "x"


def test_long_text_is_cut_with_an_ellipsis():
    assert plain("x" * 200, 10) == "xxxxxxxxx…"
