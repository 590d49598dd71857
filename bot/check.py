"""`warden check`: is the configuration valid, do database, IM service and Discord answer with it, is the port free."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import aiohttp
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from yarl import URL

from bot.cli import CommandError
from bot.cli.start import require_database_driver
from bot.config import DEFAULT_CONFIG, ConfigError, IMSettings, Settings, load_settings
from bot.im import EasemobAuth, IMClient, ShengwangAuth
from bot.im.errors import IMError
from bot.logs import configure_logging, redact, register_secrets
from bot.store import Store, StoreError

State = Literal["ok", "failed", "skipped"]

ROW_SECONDS = 15.0
_STYLES: dict[State, str] = {"ok": "green", "failed": "bold red", "skipped": "dim"}
_LONGEST_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was checked, how it went, one sentence."""

    name: str
    state: State
    text: str


class _Failed(Exception):  # noqa: N818 - an outcome of a row
    """A row failed; the text is its sentence."""


async def check_and_report(config: Path | None) -> int:
    """Run all checks, print them as a table on stdout and return the exit code: 0, or 1 with a failed row."""
    rows = await run_checks(config)
    _print_table(rows)
    return 1 if any(row.state == "failed" for row in rows) else 0


async def run_checks(config: Path | None) -> list[Row]:
    """Check the configuration, then all the rest at the same time, each for at most 15 s."""
    try:
        settings = load_settings(config)
    except ConfigError as error:
        skipped = [
            Row(name, "skipped", "needs a valid configuration") for name in ("database", "im", "discord", "http")
        ]
        return [Row("config", "failed", str(error)), *skipped]
    register_secrets(settings.secrets())
    # Only what a library cannot help saying; the table says the rest.
    configure_logging("critical", settings.log.format)
    return [
        Row("config", "ok", _source(config)),
        *await asyncio.gather(
            _row("database", _check_database, settings),
            _row("im", _check_im, settings),
            _row("discord", _check_discord, settings),
            _row("http", _check_http, settings),
        ),
    ]


async def _row(name: str, check: Callable[[Settings], Awaitable[str]], settings: Settings) -> Row:
    try:
        async with asyncio.timeout(ROW_SECONDS):
            text = await check(settings)
    except TimeoutError:
        return Row(name, "failed", f"no answer within {ROW_SECONDS:g} s")
    except _Failed as error:
        return Row(name, "failed", _sentence(str(error)))
    except Exception as error:  # noqa: BLE001 - the table has a row for it, and the other rows are still wanted
        return Row(name, "failed", _sentence(f"{type(error).__name__}: {error}"))
    return Row(name, "ok", _sentence(text))


def _sentence(text: str) -> str:
    """Make one line without secrets and control characters of what a library or a server said."""
    line = " ".join(redact(text).split())
    return "".join(char if char.isprintable() else "?" for char in line)[:400]


def _source(config: Path | None) -> str:
    if config is not None:
        return f"{config} is valid"
    if DEFAULT_CONFIG.exists():
        return f"{DEFAULT_CONFIG} is valid"
    return f"no {DEFAULT_CONFIG} here: defaults and WARDEN_ variables"


async def _check_database(settings: Settings) -> str:
    try:
        require_database_driver(settings)
    except CommandError as error:
        raise _Failed(str(error)) from None
    where = settings.storage.display_url
    file = settings.storage.sqlite_file
    if file is not None and not file.exists():
        return _new_file(where, file)
    store = Store(settings.storage.url.get_secret_value())
    try:
        found, needed = await store.revision(), store.head
    except StoreError as error:
        raise _Failed(str(error)) from None
    finally:
        await store.close()
    if found == needed:
        return f"{where}: schema {found} is up to date"
    state = f"{where}: schema {found or 'not there yet'}, this version needs {needed}"
    if where.startswith("sqlite"):
        return f"{state}; `warden run` migrates it at start"
    raise _Failed(f"{state}; run `warden migrate` once")


def _new_file(where: str, file: Path) -> str:
    """Say what will become of a database file that is not there; looking must not create it."""
    folder = next(parent for parent in file.absolute().parents if parent.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _Failed(f"{where} cannot be created: the folder {folder} is not writable")
    return f"{where}: will be created when the bot starts"


async def _check_im(settings: Settings) -> str:
    if settings.im.kind == "embedded":
        return "embedded: the IM service runs inside the bot, nothing to reach"
    auth = _im_auth(settings.im)
    where = f"{settings.im.kind} at {settings.im.base_url}"
    try:
        async with IMClient(
            base_url=settings.im.base_url or "",
            auth=auth,
            timeout_seconds=settings.im.timeout_seconds,
            deadline_seconds=ROW_SECONDS - 2,
        ) as im:
            await im.authenticate()
    except IMError as error:
        raise _Failed(f"{where}: {error}") from None
    return f"{where}: token obtained"


def _im_auth(im: IMSettings) -> EasemobAuth | ShengwangAuth:
    # What the kind needs is set: the configuration's own check has made sure of it.
    if im.kind == "easemob":
        return EasemobAuth(im.org or "", im.app or "", im.client_id or "", im.client_secret or "")
    return ShengwangAuth(im.app_id or "", im.app_certificate or "")


async def _check_discord(settings: Settings) -> str:
    token = settings.discord.token
    if token is None:
        raise _Failed(
            "discord.token is not set: put the bot's token into config.toml ([discord] token) "
            "or into the environment variable WARDEN_DISCORD__TOKEN"
        )
    headers = {"Authorization": f"Bot {token.get_secret_value()}", "User-Agent": "DiscordBot (circle-warden, check)"}
    url = f"{settings.discord.api_base}/users/@me"
    try:
        async with (
            aiohttp.ClientSession() as session,
            # A redirect would carry the token to another host.
            session.get(url, headers=headers, allow_redirects=False) as answer,
        ):
            status, body = answer.status, await answer.content.read(_LONGEST_ANSWER)
    except aiohttp.ClientError as error:
        raise _Failed(f"{settings.discord.api_base} cannot be reached: {error or type(error).__name__}") from None
    if status == 401:
        raise _Failed("Discord refused the token (401): set the right one in discord.token or WARDEN_DISCORD__TOKEN")
    name = _username(body) if status == 200 else None
    if name is None:
        raise _Failed(f"{settings.discord.api_base} answered {status}, not like Discord: check discord.api_base")
    return f"logged in as {name}"


async def _check_http(settings: Settings) -> str:
    http = settings.http
    if http.port == 0:
        return "off: no callbacks of the IM, no /healthz, /readyz and /metrics (http.port is 0)"
    where = f"{http.host}:{http.port}"
    try:
        server = await asyncio.get_running_loop().create_server(asyncio.Protocol, http.host, http.port)
    except OSError as error:
        if not await _is_ours(http.host, http.port):
            raise _Failed(
                f"{where} cannot be listened on: {error.strerror or error}; choose another http.port"
            ) from None
        state = f"{where} answers: the bot is running"
    else:
        server.close()
        state = f"{where} is free"
    # The embedded one is given a secret of each start.
    if http.callback_secret is None and settings.im.kind != "embedded":
        state += (
            "; callbacks are refused without http.callback_secret, and what others do in the IM is seen "
            f"every {settings.timers.reconcile_seconds} s only"
        )
    return state


async def _is_ours(host: str, port: int) -> bool:
    """Tell whether it is a running bot that listens there."""
    address = "127.0.0.1" if host in {"0.0.0.0", ""} else "::1" if host == "::" else host  # noqa: S104 - compared only
    url = URL.build(scheme="http", host=address, port=port, path="/healthz")
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            return answer.status == 200 and await answer.content.read(8) == b"ok"
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


def _username(body: bytes) -> str | None:
    try:
        user: object = json.loads(body)
    except ValueError:
        return None
    name = cast("dict[str, object]", user).get("username") if isinstance(user, dict) else None
    return name if isinstance(name, str) and name else None


def _print_table(rows: list[Row]) -> None:
    # In a pipe nothing is wrapped, so that the rows can be searched.
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 600)
    table = Table(box=box.SIMPLE, show_header=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for row in rows:
        # Text, not str: names from outside are no markup.
        table.add_row(Text(row.name), Text(row.state, style=_STYLES[row.state]), Text(row.text))
    console.print(table)
