"""The extension in somebody else's bot: loaded, used, reloaded, taken out again, and nothing of it left."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.ui.buttons import BUTTONS
from tests.wire import FakeDiscord

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "docs" / "plugin.md"


class TheirCog(commands.Cog, name="Settings"):
    """A cog with a name that we might have taken."""

    @app_commands.command(description="Roll a die", extras={"level": "easy"})
    async def roll(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message("4")

    @commands.command()
    async def hello(self, context: commands.Context[Any]) -> None:
        await context.send("hi")


class TheirBot(commands.Bot):
    """Somebody else's bot: prefix commands, all intents, an answer of its own to errors."""

    def __init__(self) -> None:
        super().__init__("!", intents=discord.Intents.all())
        self.services = "theirs"
        self.tree.error(self.sorry)
        self.asked_to_say_sorry = 0

    async def setup_hook(self) -> None:
        await self.add_cog(TheirCog())
        await self.load_extension("cogs")
        await self.tree.sync()

    async def sorry(self, interaction: discord.Interaction, _error: app_commands.AppCommandError) -> None:
        self.asked_to_say_sorry += 1
        await interaction.followup.send("Sorry!")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the other bot runs."""
    for name in [name for name in os.environ if name.startswith("WARDEN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeDiscord]:
    """A Discord on sockets, to which discord.py goes."""
    async with FakeDiscord() as fake:
        monkeypatch.setattr(Route, "BASE", fake.api_base)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(fake.gateway_url))
        yield fake


@pytest.fixture
async def theirs(home: Path, fake: FakeDiscord) -> AsyncIterator[TheirBot]:
    """Their bot, connected, with our extension loaded by a configuration of ours."""
    (home / "config.toml").write_text('[staff]\nmoderator_permission = "kick_members"\n')
    bot = TheirBot()
    running = asyncio.create_task(bot.start(fake.token))
    await fake.wait_connected()
    yield bot
    await bot.close()
    await asyncio.wait_for(running, 5)


def of_ours(bot: commands.Bot) -> list[str]:
    """What of ours is in a bot: cogs, commands, buttons."""
    items = bot._connection._view_store._dynamic_items.values()
    return [
        *(name for name in bot.cogs if name.startswith("Warden")),
        *(command.name for command in bot.tree.get_commands() if command.name != "roll"),
        *(item.__name__ for item in items if item in BUTTONS or item.__module__.startswith("bot.")),
    ]


def left_over(before: set[Any]) -> list[str]:
    """Tasks and threads that were not there before."""
    here = asyncio.current_task()
    tasks = {task for task in asyncio.all_tasks() if task is not here and not task.done()}
    # Threads called asyncio belong to the loop, which keeps them for the next who needs one.
    threads = {thread for thread in threading.enumerate() if not thread.name.startswith("asyncio")}
    return [str(one) for one in {*tasks, *threads} - before]


def waiting_for_a_press() -> list[str]:
    """Tasks that count down until a question is no longer open."""
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return [name for name in names if "timeout_task" in name]


async def test_a_plain_bot_has_the_commands_and_keeps_all_that_is_its_own(theirs: TheirBot, fake: FakeDiscord):
    kick = fake.add_role("mods", permissions=discord.Permissions(kick_members=True).value)
    mod, guest = fake.add_member("mod", roles=[kick]), fake.add_member("guest")
    room = fake.channel

    assert "🟢 IM (embedded)" in (await fake.slash(mod, room, "status")).text
    mute = theirs.tree.get_command("mute")
    assert mute is not None
    assert mute.default_permissions == discord.Permissions(kick_members=True)
    # A refusal is told once: their own handler of errors is not asked to say it again.
    assert (await fake.slash(mod, room, "case show", {"case": "99"})).text == "There is no case “99” here."
    assert (await fake.slash(guest, room, "status")).text == "This is for moderators."
    assert (await fake.slash(mod, room, "roll")).text == "4"
    assert (theirs.services, theirs.asked_to_say_sorry) == ("theirs", 0)

    admin = fake.add_member("admin", administrator=True)
    asked = await fake.slash(admin, room, "channel delete", {"channel": "strategy"})
    assert asked.message.buttons
    async with asyncio.timeout(5):
        while not waiting_for_a_press():
            await asyncio.sleep(0.01)
    await theirs.reload_extension("cogs")
    assert not waiting_for_a_press()
    assert "🟢 IM (embedded)" in (await fake.slash(mod, room, "status")).text
    await theirs.unload_extension("cogs")
    assert of_ours(theirs) == []
    assert theirs.tree.translator is None
    assert None not in {theirs.get_cog("Settings"), theirs.get_command("hello")}
    assert (await fake.slash(mod, room, "roll")).text == "4"
    fake.assert_clean()


async def test_unloading_ends_all_that_loading_began(home: Path):
    for round_ in range(2):
        bot = commands.Bot("!", intents=discord.Intents.none())
        before = {*asyncio.all_tasks(), *threading.enumerate()}
        await bot.load_extension("cogs")
        assert len(of_ours(bot)) > 30
        if round_:
            await bot.close()
        else:
            await bot.unload_extension("cogs")
        await asyncio.sleep(0)
        assert of_ours(bot) == []
        assert left_over(before) == []


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ('[im]\nkind = "none"\n', "config.toml: im.kind must be one of embedded, easemob, shengwang"),
        ('[storage]\nurl = "sqlite+aiosqlite:///taken/warden.db"\n', "the folder of the database .* cannot be made"),
    ],
)
async def test_what_is_wrong_is_one_sentence_and_nothing_stays_half_loaded(
    home: Path, monkeypatch: pytest.MonkeyPatch, config: str, says: str
):
    (home / "taken").write_text("a file")
    (home / "config.toml").write_text(config)
    bot = commands.Bot("!", intents=discord.Intents.none())
    before = {*asyncio.all_tasks(), *threading.enumerate()}
    with pytest.raises(commands.ExtensionFailed, match=says) as failed:
        await bot.load_extension("cogs")
    assert len(str(failed.value).splitlines()) == 1
    assert (of_ours(bot), list(bot.extensions), bot.tree.translator) == ([], [], None)
    assert left_over(before) == []
    # Theirs stays what it is, if ours is another one.
    (home / "warden.toml").write_text("")
    monkeypatch.setenv("WARDEN_CONFIG", "warden.toml")
    await bot.load_extension("cogs")
    await bot.close()


async def test_a_command_of_the_same_name_is_told_and_stays_theirs(home: Path):
    bot = commands.Bot("!", intents=discord.Intents.none())

    @bot.tree.command(description="Theirs")
    async def status(_interaction: discord.Interaction) -> None: ...

    translator = app_commands.Translator()
    await bot.tree.set_translator(translator)
    before = {*asyncio.all_tasks(), *threading.enumerate()}
    with pytest.raises(commands.ExtensionFailed, match="a command called 'status' already") as failed:
        await bot.load_extension("cogs")
    assert len(str(failed.value).splitlines()) == 1
    assert of_ours(bot) == ["status"]
    assert bot.tree.get_command("status") is status
    assert bot.tree.translator is translator
    assert left_over(before) == []


MAIN = """
import asyncio, sys
import discord
from discord.ext import commands

if __name__ != "__main__":
    raise SystemExit("their bot.py ran a second time")

async def main():
    bot = commands.Bot("!", intents=discord.Intents.none())
    await bot.load_extension("cogs.fun")
    for name in sys.argv[1:]:
        try:
            await bot.load_extension(name)
        except commands.ExtensionError as error:
            print("refused:", error)
            continue
        commands_there = {command.name for command in bot.tree.get_commands()}
        print(name, "mute" in commands_there, "fun" in commands_there)
        await bot.reload_extension(name)
        await bot.reload_extension("cogs.fun")
        await bot.unload_extension(name)
        print("left:", sorted(command.name for command in bot.tree.get_commands()), sorted(bot.cogs))
    await bot.close()

asyncio.run(main())
"""
FUN = """
import discord
from discord import app_commands
from discord.ext import commands

class Fun(commands.Cog):
    @app_commands.command(description="Fun")
    async def fun(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Fun!")

async def setup(bot):
    await bot.add_cog(Fun())
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A place where our packages are installed: as a wheel lays them out."""
    site = tmp_path / "site"
    site.mkdir()
    for name in ("bot", "cogs"):
        (site / name).symlink_to(ROOT / name)
    (site / "circle_warden.py").symlink_to(ROOT / "bot" / "circle_warden.py")
    return site


def test_a_wheel_has_the_name_that_nobody_else_has():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"].get("force-include") == {"bot/circle_warden.py": "circle_warden.py"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Somebody else's project with a folder of cogs."""
    project = tmp_path / "project"
    (project / "cogs").mkdir(parents=True)
    (project / "cogs" / "fun.py").write_text(FUN)
    return project


def environment(site: Path, **more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("WARDEN_")}
    return inherited | {"PYTHONPATH": str(site)} | more


def test_it_lives_beside_a_bot_py_and_a_cogs_folder_of_somebody_else(project: Path, site: Path):
    (project / "bot.py").write_text(MAIN)
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "bot.py", "circle_warden", "cogs"],
        cwd=project,
        env=environment(site),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    *beside, refused = done.stdout.splitlines()
    assert beside == ["circle_warden True True", "left: ['fun'] ['Fun']"]
    assert re.search("another `bot` is found before .* load the extension as `circle_warden`", refused)


async def test_the_guides_example_runs_beside_a_package_called_cogs(project: Path, site: Path, fake: FakeDiscord):
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
    (project / "cogs" / "__init__.py").write_text("")
    (project / "bot.py").write_text(example)
    to_the_fake = f"""
import runpy, signal, discord.gateway, discord.http, yarl
# As in a terminal: a run in the background starts its processes with SIGINT ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
discord.http.Route.BASE = {fake.api_base!r}
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL({fake.gateway_url!r})
runpy.run_path("bot.py", run_name="__main__")
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        to_the_fake,
        cwd=project,
        env=environment(site, DISCORD_TOKEN=fake.token),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await fake.wait_connected(40)
        admin = fake.add_member("admin", administrator=True)
        assert "🟢 IM (embedded)" in (await fake.slash(admin, fake.channel, "status")).text
        assert (await fake.slash(admin, fake.channel, "fun")).text == "Fun!"
        process.send_signal(signal.SIGINT)
        _, problem = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 0, problem.decode()
        assert "Traceback" not in problem.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
