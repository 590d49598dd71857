"""`warden run` and `warden im-service` as real processes, with what a test does to them."""

import asyncio
import os
import re
import secrets
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

from bot.im import EasemobAuth, IMClient
from bot.imservice import DEFAULT_CREDENTIALS, IMService, IMServiceOptions, seed_sample
from tests.copied_process import CopiedProcess
from tests.empty_database import lay_empty_database
from tests.wire import FakeDiscord

ROOT = Path(__file__).parents[2]
READY_SECONDS = 40.0
"""How long a start may take on a busy machine; a quiet one needs one to three."""

COMMUNITY, CHANNEL = "Aurora Games", "strategy"
MEMBERS = ("kofi.mensah", "li.wei88", "sofia-almeida", "j.novak", "haruto_k", "zhang.yu", "amelie.b", "dmitri_v")
"""Plain members of CHANNEL in the sample community."""


class Program:
    """One `python -m bot ...` process; its output is kept, and its death is always noticed."""

    def __init__(self, process: asyncio.subprocess.Process | CopiedProcess, name: str) -> None:
        self._process = process
        self.name = name
        self.out: list[str] = []
        self.err: list[str] = []
        self._changed = asyncio.Event()
        self._pumps = [
            asyncio.create_task(self._pump(process.stdout, self.out)),
            asyncio.create_task(self._pump(process.stderr, self.err)),
        ]

    @classmethod
    async def start(
        cls, *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None, copied: bool = True
    ) -> "Program":
        """Start it, as a copy of a process that has imported everything, or from nothing."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("WARDEN_")}
        if copied:
            whole = inherited | dict(environment or {})
            return cls(await CopiedProcess.start(*arguments, cwd=cwd, environment=whole), arguments[0])
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            cwd=cwd,
            env=inherited | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | dict(environment or {}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=1 << 22,
        )
        return cls(process, arguments[0])

    async def _pump(self, stream: asyncio.StreamReader | None, lines: list[str]) -> None:
        assert stream is not None
        async for line in stream:
            lines.append(line.decode(errors="replace").rstrip("\n"))
            self._wake()
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    @property
    def lines(self) -> list[str]:
        return [*self.out, *self.err]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def count(self, pattern: str) -> int:
        """How many lines fit so far."""
        return sum(1 for line in self.lines if re.search(pattern, line))

    async def line(self, pattern: str, timeout: float = READY_SECONDS, *, nth: int = 1) -> re.Match[str]:
        """The n-th line that fits, present or coming; raises AssertionError with the whole log if it does not come."""
        try:
            async with asyncio.timeout(timeout):
                while True:
                    changed = self._changed
                    found = [match for line in self.lines if (match := re.search(pattern, line))]
                    if len(found) >= nth:
                        return found[nth - 1]
                    if all(pump.done() for pump in self._pumps):
                        break
                    await changed.wait()
        except TimeoutError:
            pass
        raise AssertionError(f"{self.name} never said {pattern!r}; it said:\n{self.text}")

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def exit_code(self, timeout: float = 30.0) -> int:
        """Wait for the end of the process and of its output."""
        try:
            async with asyncio.timeout(timeout):
                code = await self._process.wait()
                await asyncio.gather(*self._pumps)
        except TimeoutError:
            raise AssertionError(f"{self.name} does not end; it said:\n{self.text}") from None
        return code

    async def stop(self, number: signal.Signals = signal.SIGTERM, *, within: float = 10.0) -> float:
        """Signal, expect exit 0 within so many seconds (design section 3), return how many it took."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        self.send(number)
        code = await self.exit_code(within)
        assert code == 0, f"{self.name} ended with {code}; it said:\n{self.text}"
        return loop.time() - begun

    async def kill(self) -> None:
        """SIGKILL, and wait until it is dead; harmless if it is."""
        if self.running:
            self._process.kill()
        await self.exit_code()


def free_port() -> int:
    """A port that is free now, and that no connection is given by chance while whoever listens there is restarted."""
    import socket

    while True:
        # Below those that Linux gives to connections.
        port = secrets.randbelow(17_000) + 15_000
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class House:
    """One machine: the IM's data and port, the bot's database and configuration, and all processes ever started."""

    def __init__(self, folder: Path, discord: FakeDiscord) -> None:
        self.folder = folder
        self.discord = discord
        self.im_port = free_port()
        self.database = folder / "warden.db"
        self.config = folder / "config.toml"
        self.started: list[Program] = []
        self.copied = True
        """Whether programs begin as copies of a process that has imported everything, which is much quicker."""
        self._service: IMService | None = None
        self.settings: dict[str, dict[str, Any]] = {
            "discord": {"token": discord.token, "api_base": discord.api_base, "gateway_url": discord.gateway_url},
            "im": {
                "kind": "easemob",
                "base_url": self.im_url,
                "org": DEFAULT_CREDENTIALS.org,
                "app": DEFAULT_CREDENTIALS.app,
                "client_id": DEFAULT_CREDENTIALS.client_id,
                "client_secret": DEFAULT_CREDENTIALS.client_secret,
            },
            "storage": {"url": f"sqlite+aiosqlite:///{self.database}"},
            "timers": {"reconcile_seconds": 5},
        }

    @property
    def im_url(self) -> str:
        return f"http://127.0.0.1:{self.im_port}"

    def write_config(self) -> Path:
        sections = (
            f"[{name}]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in keys.items())
            for name, keys in self.settings.items()
        )
        self.config.write_text("\n".join(sections), encoding="utf-8")
        return self.config

    async def program(self, *arguments: str, **environment: str) -> Program:
        """Start any command of the program in the house's folder."""
        program = await Program.start(*arguments, cwd=self.folder, environment=environment, copied=self.copied)
        self.started.append(program)
        return program

    async def command(self, *arguments: str) -> tuple[int, Program]:
        """Run a command that ends by itself, with the house's configuration."""
        program = await self.program(*arguments, "--config", str(self.write_config()))
        return await program.exit_code(READY_SECONDS), program

    async def start_im(self, *options: str, ready: bool = True) -> Program:
        """The IM service with durable data and the sample community, always on the same port."""
        data = str(self.folder / "im")
        program = await self.program(
            "im-service", "--port", str(self.im_port), "--data", data, "--seed=sample", *options
        )
        if ready:
            await program.line(r"listening on http://")
        return program

    async def im_here(self, **options: Any) -> IMService:
        """The same IM service in this process, where its fault hook is at hand: for who need not kill it.

        It keeps a mute past its end unless the options say otherwise; the one before must have been stopped.
        """
        self._service = IMService(
            self.folder / "im", options=IMServiceOptions(**{"keep_expired_mutes": True} | options)
        )
        await self._service.start(port=self.im_port)
        await seed_sample(self._service)
        return self._service

    async def start_bot(self, *, ready: bool = True, fresh: bool = False) -> Program:
        """The bot, at its first start on a database with empty tables, or none at all if `fresh`."""
        if not fresh and not self.database.exists():
            await lay_empty_database(self.database)
        program = await self.program("run", "--config", str(self.write_config()))
        if ready:
            await program.line(READY)
        return program

    def im(self) -> IMClient:
        """A plain client of the IM, to look at it past the bot."""
        own = DEFAULT_CREDENTIALS
        auth = EasemobAuth(own.org, own.app, own.client_id, own.client_secret)
        return IMClient(self.im_url, auth, timeout_seconds=5.0, deadline_seconds=8.0)

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """Read the bot's database, past the bot."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(query, values).fetchall()

    async def close(self) -> None:
        for program in self.started:
            await program.kill()
        if self._service is not None:
            await self._service.stop()

    def assert_no_secret_was_said(self) -> None:
        """Neither the bot's token nor the IM's secret nor any token of an interaction stands in any output."""
        secrets = {self.discord.token, DEFAULT_CREDENTIALS.client_secret}
        secrets |= set(self.discord.desk._by_token)
        for program in self.started:
            said = [secret for secret in secrets if secret in program.text]
            assert not said, f"{program.name} said {said} in:\n{program.text}"


READY = r"\bready\b.*commands"


@asynccontextmanager
async def living_in(folder: Path, discord: FakeDiscord) -> AsyncIterator[House]:
    """A house whose processes are all dead in the end."""
    house = House(folder, discord)
    try:
        yield house
    finally:
        await house.close()


async def eventually(what: str, condition: Callable[[], Any], timeout: float = 20.0) -> Any:
    """Poll until the condition gives something true and return that; raises AssertionError."""
    deadline = asyncio.get_running_loop().time() + timeout
    while True:
        if found := condition():
            return found
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"within {timeout} s it did not come true that {what}")
        await asyncio.sleep(0.05)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)
