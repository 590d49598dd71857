from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import discord
import pytest

from bot.demo.terminal import Reader, message_lines, relative

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
READER = Reader(lambda kind, number: f"{kind[0]}name{number}", NOW)


def shown(embed: discord.Embed) -> list[str]:
    message = SimpleNamespace(content="", embeds=[embed], components=[])
    return [line.plain for line in message_lines(message, READER)]


def test_markdown_becomes_words():
    embed = discord.Embed(title=r"Muted haruto\_k", description="**By** <@7>\n`id` **a\\*b** <#9>")
    assert shown(embed) == ["  │ Muted haruto_k", "  │ By @name7", "  │ id a*b #name9"]


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (5, "in 5 seconds", "5秒后"),
        (-1, "1 second ago", "1秒前"),
        (3_599, "in 1 hour", "1小时后"),
        (-90, "2 minutes ago", "2分钟前"),
        (172_800, "in 2 days", "2天后"),
    ],
)
def test_how_far_away_a_moment_is(seconds: int, english: str, chinese: str):
    moment = NOW + timedelta(seconds=seconds)
    assert relative(moment, READER) == english
    assert relative(moment, Reader(READER.name, NOW, chinese=True)) == chinese


def test_buttons_are_shown_by_their_labels():
    row = {"type": 1, "components": [{"type": 2, "label": "Undo"}, {"type": 2, "label": "Extend"}]}
    message = SimpleNamespace(content="Done", embeds=[], components=[row])
    assert [line.plain for line in message_lines(message, READER)] == ["  │ Done", "  [ Undo ]  [ Extend ]"]
