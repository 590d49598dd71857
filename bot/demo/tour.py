"""`warden demo --tour`: the scripted tour in the terminal."""

import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.rule import Rule
from rich.text import Text
from simcord.backend.errors import SetupError

from bot.demo.signals import stop_signals, unless_stopped
from bot.demo.stage import ExpectationError, Stage, Step
from bot.demo.steps import STEPS
from bot.demo.terminal import open_console
from bot.demo.world import open_demo

_INTERRUPTED: Final = 130
_BANNER: Final = (
    "The real bot, a simulated Discord, an IM service on this machine: nothing leaves it.",
    "For this tour the IM service ends no mute by itself (as with --keep-expired-mutes),",
    "so when one ends, it was the bot.",
)


async def run(data: Path | None) -> int:
    """Run the tour; see `bot.demo.run_tour`. Returns 130 if it was interrupted."""
    console = open_console()
    with stop_signals() as stop:
        code = await unless_stopped(stop, _tour(console, data))
    if code is None:
        console.print("\nStopped.")
        return _INTERRUPTED
    return code


async def _tour(console: Console, data: Path | None) -> int:
    began = time.monotonic()
    async with open_demo(data, keep_expired_mutes=True) as demo:
        await demo.warden.services.settings.set_log_channel(demo.guild.id, demo.log.id)
        console.print(Text("\nCircle Warden, a tour", style="bold"))
        for line in _BANNER:
            console.print(Text(line))
        broken = await _play(Stage(demo, console), console)
    if broken is not None:
        console.print(Text(f"\n✗ {broken}", style="bold red"))
        return 1
    console.print(Text(f"\n✓ All {len(STEPS)} steps held, in {time.monotonic() - began:.0f} s.", style="bold green"))
    console.print("  Now the same in the browser: warden demo\n")
    return 0


async def _play(stage: Stage, console: Console) -> str | None:
    """Play all steps; return what was not as it should be, None if all held."""
    for number, step in enumerate(STEPS, 1):
        _print_title(console, number, step)
        try:
            await step.play(stage)
        except ExpectationError as broken:
            return f"Step {number} ({step.title}): it did not hold that {broken}"
        except (SetupError, TimeoutError) as error:
            return f"Step {number} ({step.title}) could not be played: {error}"
        if stage.demo.env.errors:
            return f"Step {number} ({step.title}): the bot raised {stage.demo.env.errors[0]!r}"
    return None


def _print_title(console: Console, number: int, step: Step) -> None:
    console.print()
    title = f"{number}/{len(STEPS)}  {step.title}"
    if console.is_terminal:
        console.print(Rule(Text(title, style="bold blue"), align="left", style="dim"))
    else:
        console.print(f"== {title}")
