"""What the steps of the tour stand on: give a command, show the answer, look at what is really so."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import discord
from rich.console import Console
from rich.text import Text
from simcord.actors import MemberActor
from simcord.results import InteractionResult

from bot.demo.terminal import Reader, message_lines
from bot.demo.world import Demo

_LOOK_SECONDS: Final = 0.1


class ExpectationError(Exception):
    """Something that the tour shows was not so; the text says what should have been."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the tour: what it shows, and how."""

    title: str
    play: Callable[["Stage"], Awaitable[None]]


class Stage:
    """A demo and the terminal it is shown in."""

    def __init__(self, demo: Demo, console: Console) -> None:
        self.demo = demo
        self._console = console
        self._answer: InteractionResult | None = None

    async def command(self, actor: MemberActor, name: str, /, **options: str) -> str:
        """Give a slash command, print it as it is typed and what the bot answers; return the answer's words."""
        self.note("")
        typed = "".join(f" {option}: {value}" for option, value in options.items())
        self._console.print(Text(f"  {_called(actor)} › ", style="dim").append(f"/{name}{typed}", style="bold"))
        self._answer = await actor.slash(self.demo.moderation, name, **options)
        return self._show_answer(self._answer, chinese=actor is self.demo.chinese_moderator)

    async def press(self, actor: MemberActor, label: str) -> None:
        """Press a button of the latest answer, and print that."""
        message = self._latest()
        self._console.print(Text(f"  {_called(actor)} › ", style="dim").append(f"[{label}]", style="bold"))
        await actor.click(message, label=label)

    def words(self) -> str:
        """Return what the latest answer says at this moment."""
        return "\n".join(line.plain for line in message_lines(self._latest(), self._reader(chinese=False)))

    def show_again(self) -> str:
        """Print the latest answer as it is by now; return its words."""
        return self._show(self._latest())

    def _latest(self) -> Any:
        self.expect(self._answer is not None and self._answer.response is not None, "the bot has answered")
        assert self._answer is not None
        return self._answer.response

    def show_log(self) -> str:
        """Print the latest message of the log channel; return its words."""
        message = self.demo.log.last_message
        self.expect(message is not None, "the log channel shows the case")
        self._console.print(Text("  #warden-log", style="dim"))
        return self._show(message)

    async def press_in_feed(self, actor: MemberActor, said: str, label: str) -> str:
        """Wait until the feed shows what was said, print that, press one of its buttons, and print the answer."""

        async def there() -> bool:
            message = self.demo.feed.last_message
            return message is not None and bool(message.embeds) and message.embeds[0].description == said

        await self.expect_soon(there, "the feed shows what was said")
        message = self.demo.feed.last_message
        assert message is not None
        self._console.print(Text("  #circle-feed", style="dim"))
        self._show(message)
        self._console.print(Text(f"  {_called(actor)} › ", style="dim").append(f"[{label}]", style="bold"))
        self._answer = await actor.click(message, label=label)
        return self._show_answer(self._answer, chinese=False)

    def note(self, text: str) -> None:
        """Print a remark."""
        self._console.print(Text(f"  {text}" if text else "", style="dim italic"))

    async def count_down(self, seconds: int) -> None:
        """Let time pass, visibly."""
        self._console.print(Text("  "), end="")
        for left in range(seconds, 0, -1):
            self._console.print(Text(f"{left} … ", style="bold yellow"), end="")
            self._console.file.flush()
            await asyncio.sleep(1)
        self._console.print()

    def expect(self, holds: bool, what: str) -> None:  # noqa: FBT001 - reads like an assertion
        """Raise ExpectationError unless it holds."""
        if not holds:
            raise ExpectationError(what)

    async def expect_soon(self, look: Callable[[], Awaitable[bool]], what: str, *, seconds: float = 10.0) -> None:
        """Look again and again until it holds; raise ExpectationError when it does not in that many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while not await look():  # noqa: ASYNC110 - what is looked at is the outside world
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            raise ExpectationError(f"{what} (within {seconds:g} s)") from None

    async def muted(self, channel: str) -> set[str]:
        """Return who is muted in a channel of that name, by the IM itself."""
        found = await self.demo.warden.services.directory.channel(self.demo.guild.id, channel)
        place = found.place
        return {mute.user_id async for mute in self.demo.warden.im.mutes.list(place.community_id, place.channel_id)}

    def _show_answer(self, result: InteractionResult, *, chinese: bool) -> str:
        answers = [message for message in (result.response, *result.followups) if message is not None]
        self.expect(bool(answers), "the bot answers")
        words = "\n".join(self._show(message, chinese=chinese) for message in answers)
        if answers[0].ephemeral:
            self._console.print(Text("    only the person who asked sees this", style="dim"))
        return words

    def _show(self, message: Any, *, chinese: bool = False) -> str:
        lines = list(message_lines(message, self._reader(chinese=chinese)))
        for line in lines:
            self._console.print(line)
        return "\n".join(line.plain for line in lines)

    def _reader(self, *, chinese: bool) -> Reader:
        return Reader(self._name, datetime.now(UTC), chinese=chinese)

    def _name(self, kind: str, number: int) -> str:
        known: dict[int, Any] = {}
        for actor in (self.demo.moderator, self.demo.chinese_moderator, self.demo.admin):
            known[actor.id] = _called(actor)
        for channel in (self.demo.moderation, self.demo.log, self.demo.feed):
            known[channel.id] = channel.name
        return f"{kind[0]}{known.get(number, number)}"


def _called(actor: MemberActor) -> str:
    return actor.user.global_name or actor.name


def title_of(message: discord.Message | None) -> str:
    """Return the title of a message's first embed."""
    return (message.embeds[0].title or "") if message is not None and message.embeds else ""
