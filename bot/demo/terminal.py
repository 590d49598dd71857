"""Discord's messages in a terminal: colours where there are any, the same words where there are none."""

import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import discord
from rich.console import Console
from rich.text import Text

_TOKEN: Final = re.compile(
    r"\\(?P<escaped>\W|_)|\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`]+)`|<t:(?P<moment>\d+)(?::(?P<style>\w))?>"
    r"|<(?P<mention>@&?|#)(?P<id>\d+)>",
    re.DOTALL,
)
_UNITS: Final = ((86_400, "day", "天"), (3_600, "hour", "小时"), (60, "minute", "分钟"), (1, "second", "秒"))
_STYLES: Final = {"D": "%Y-%m-%d", "d": "%Y-%m-%d", "t": "%H:%M", "T": "%H:%M:%S"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a message, and when; `name` turns a mention (`@` or `#`, and an id) into a name."""

    name: Callable[[str, int], str]
    now: datetime
    chinese: bool = False


def open_console() -> Console:
    """Return the console on stdout; what its encoding cannot show becomes `?` instead of an error."""
    stream = cast("object", sys.stdout)
    if isinstance(stream, io.TextIOWrapper):
        cast("io.TextIOWrapper[Any]", stream).reconfigure(errors="replace")
    return Console(highlight=False, soft_wrap=True)


def message_lines(message: Any, reader: Reader) -> Iterator[Text]:
    """Render a message (content, embeds, buttons) as lines with a coloured bar on their left."""
    if message.content:
        yield from _barred(_markdown(message.content, reader), "white")
    for embed in message.embeds:
        colour = f"#{embed.colour.value:06x}" if embed.colour else "white"
        yield from _barred(_embed(embed, reader), colour)
    buttons = list(_labels(message.components))
    if buttons:
        yield Text("  ").append("  ".join(f"[ {label} ]" for label in buttons), style="bold blue")


def relative(moment: datetime, reader: Reader) -> str:
    """Say how far away a moment is, as Discord does: `in 5 seconds`, `2 minutes ago`, `5秒后`."""
    seconds = round((moment - reader.now).total_seconds())
    # As Discord, which calls 59 minutes and a half an hour.
    size, unit, chinese = next(unit for unit in _UNITS if abs(seconds) * 1.01 >= unit[0] or unit[0] == 1)
    count = round(abs(seconds) / size)
    if reader.chinese:
        return f"{count}{chinese}{'后' if seconds > 0 else '前'}"
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"in {words}" if seconds > 0 else f"{words} ago"


def _embed(embed: discord.Embed, reader: Reader) -> Text:
    parts: list[Text] = []
    if embed.author.name:
        parts.append(Text(embed.author.name, style="bold"))
    if embed.title:
        title = _markdown(embed.title, reader)
        title.stylize("bold")
        parts.append(title)
    if embed.description:
        parts.append(_markdown(embed.description, reader))
    for field in embed.fields:
        parts.append(Text(field.name or "", style="bold"))
        parts.append(_markdown(field.value or "", reader))
    if embed.footer.text:
        parts.append(Text(embed.footer.text, style="dim"))
    return Text("\n").join(parts)


def _markdown(source: str, reader: Reader) -> Text:
    text, at = Text(), 0
    for found in _TOKEN.finditer(source):
        text.append(source[at : found.start()])
        text.append_text(_token(found, reader))
        at = found.end()
    return text.append(source[at:])


def _token(found: re.Match[str], reader: Reader) -> Text:
    if found["escaped"]:
        return Text(found["escaped"])
    if found["bold"]:
        inner = _markdown(found["bold"], reader)
        inner.stylize("bold")
        return inner
    if found["code"]:
        return Text(found["code"], style="cyan")
    if found["moment"]:
        return Text(_moment(int(found["moment"]), found["style"], reader))
    return Text(reader.name(found["mention"], int(found["id"])), style="bold blue")


def _moment(seconds: int, style: str | None, reader: Reader) -> str:
    moment = datetime.fromtimestamp(seconds, reader.now.tzinfo)
    if style == "R":
        return relative(moment, reader)
    return moment.astimezone().strftime(_STYLES.get(style or "f", "%Y-%m-%d %H:%M"))


def _barred(text: Text, colour: str) -> Iterator[Text]:
    for line in text.split("\n", allow_blank=True):
        yield Text("  ").append("│ ", style=colour).append_text(line)


def _labels(components: Iterable[Any]) -> Iterator[str]:
    """Yield the labels of buttons, from discord.py's components or from Discord's own JSON."""
    for component in components:
        if isinstance(component, dict):
            told = cast("dict[str, Any]", component)
            yield from _labels(told.get("components", ()))
            label = told.get("label")
        else:
            yield from _labels(getattr(component, "children", ()))
            label = getattr(component, "label", None)
        if label:
            yield label
