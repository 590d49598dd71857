# ruff: noqa: PLC0415 - heavy imports belong inside the commands
"""`python -m bot` = `warden`: the program's commands.

Everything heavy is imported inside the commands, so that `warden --help` answers at once. Errors are one line on
stderr: exit 1, or 2 for wrong usage, or 130 after Ctrl-C.
"""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli.start import report, require_demo_extra, start

app = typer.Typer(
    name="warden",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Circle Warden: moderation for communities that live in an Easemob / Shengwang IM app, from Discord.",
)
export_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Write what the bot remembers to a file.")
app.add_typer(export_app, name="export")

Config = Annotated[
    Path | None, typer.Option("--config", metavar="F", help="The configuration file.", show_default="config.toml")
]


class ExportFormat(StrEnum):
    """How `export` writes."""

    CSV = "csv"
    JSONL = "jsonl"


def _print_version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"warden {version('circle-warden')}")
        except PackageNotFoundError:
            typer.echo("warden (not installed as a package)")
        raise typer.Exit


@app.callback()
def warden(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Circle Warden: moderation for communities that live in an Easemob / Shengwang IM app, from Discord."""


@app.command()
def run(config: Config = None) -> None:
    """Run the bot on Discord until SIGTERM or Ctrl-C."""
    settings = start(config, needs_token=True)
    from bot.running import run_bot

    raise typer.Exit(asyncio.run(run_bot(settings)))


@app.command()
def demo(
    *,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the page.", show_default="a free one")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(file_okay=False, help="Keep the data in this folder.", show_default="a temporary one")
    ] = None,
    tour: Annotated[bool, typer.Option("--tour", help="Run a scripted tour in the terminal instead.")] = False,
    config: Config = None,
) -> None:
    """Try everything on this machine: sample community, the real bot, a simulated Discord in the browser."""
    start(config)
    require_demo_extra()
    from bot.demo import run_tour, serve_demo

    raise typer.Exit(asyncio.run(run_tour(data) if tour else serve_demo(port, data)))


@app.command("im-service")
def im_service(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8080,
    data: Annotated[
        Path | None, typer.Option(file_okay=False, help="Keep the data in this folder.", show_default="a temporary one")
    ] = None,
    org: Annotated[str | None, typer.Option(help="Org name of the App Key.")] = None,
    app_name: Annotated[str | None, typer.Option("--app", help="App name of the App Key.")] = None,
    client_id: Annotated[str | None, typer.Option(help="Client id that may fetch tokens.")] = None,
    client_secret: Annotated[
        str | None, typer.Option(help="Its secret.", envvar="WARDEN_IM__CLIENT_SECRET", show_envvar=True)
    ] = None,
    app_id: Annotated[str | None, typer.Option(help="App ID for locally built tokens, 32 hex digits.")] = None,
    app_certificate: Annotated[
        str | None,
        typer.Option(help="Its certificate, 32 hex digits.", envvar="WARDEN_IM__APP_CERTIFICATE", show_envvar=True),
    ] = None,
    keep_expired_mutes: Annotated[
        bool, typer.Option("--keep-expired-mutes", help="Leave a mute in force after its end until it is lifted.")
    ] = False,
    latency: Annotated[int, typer.Option(min=0, metavar="MS", help="Delay every answer.")] = 0,
    fail: Annotated[float, typer.Option(min=0, max=1, metavar="RATE", help="Break this share of the answers.")] = 0.0,
    seed: Annotated[
        str | None,
        typer.Option(
            metavar="sample|N", help="Fill the service with a sample community, or a random one of N members."
        ),
    ] = None,
    callback_url: Annotated[
        str | None, typer.Option(metavar="URL", help="POST what happens to this address.", show_default="nowhere")
    ] = None,
    callback_secret: Annotated[
        str | None,
        typer.Option(help="Sign what is posted with this.", envvar="WARDEN_HTTP__CALLBACK_SECRET", show_envvar=True),
    ] = None,
    config: Config = None,
) -> None:
    """Run the IM service alone. The default credentials are accepted on loopback only."""
    from bot.logs import register_secrets

    # Before anything can be logged about them.
    register_secrets(secret for secret in (client_secret, app_certificate, callback_secret) if secret)
    filling = _parse_seed(seed)
    start(config)
    from bot.imservice import DEFAULT_CREDENTIALS, IMServiceOptions, ServiceCredentials, serve

    default = DEFAULT_CREDENTIALS
    try:
        credentials = ServiceCredentials(
            org=_or(org, default.org),
            app=_or(app_name, default.app),
            client_id=_or(client_id, default.client_id),
            client_secret=_or(client_secret, default.client_secret),
            app_id=_or(app_id, default.app_id),
            app_certificate=_or(app_certificate, default.app_certificate),
        )
        options = IMServiceOptions(
            keep_expired_mutes=keep_expired_mutes,
            latency_ms=latency,
            fail_rate=fail,
            callback_url=callback_url,
            callback_secret=_or(callback_secret, ""),
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    asyncio.run(
        serve(
            host=host,
            port=port,
            data=data,
            credentials=credentials,
            options=options,
            seed=filling,
        )
    )


@app.command()
def check(config: Config = None) -> None:
    """Check the configuration, the database, the IM service and Discord; exit 1 if one of them fails."""
    from bot.check import check_and_report

    raise typer.Exit(asyncio.run(check_and_report(config)))


@app.command()
def sync(
    guild: Annotated[
        int | None, typer.Option(min=1, metavar="ID", help="Register in this Discord server only.", show_default="all")
    ] = None,
    config: Config = None,
) -> None:
    """Register the slash commands on Discord."""
    settings = start(config, needs_token=True)
    from bot.running import sync_commands

    count = asyncio.run(sync_commands(settings, guild))
    typer.echo(f"{count} commands registered {f'in server {guild}' if guild else 'globally'}")


@app.command()
def migrate(config: Config = None) -> None:
    """Bring the database to the schema that this version needs."""
    settings = start(config)
    from bot.store import Store

    async def run_migration() -> tuple[str | None, str]:
        store = Store(settings.storage.url.get_secret_value())
        try:
            return await store.migrate()
        finally:
            await store.close()

    before, after = asyncio.run(run_migration())
    where = settings.storage.display_url
    if before == after:
        typer.echo(f"{where} is at {after} already")
    else:
        typer.echo(f"{where} migrated from {before or 'empty'} to {after}")


@export_app.command("cases")
def export_cases(
    file_format: Annotated[ExportFormat, typer.Option("--format", help="How to write.")] = ExportFormat.CSV,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only cases after this: 2026-01-31, 2026-01-31T12:00Z, 7d, 12h.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="F", dir_okay=False, help="Write to this file.", show_default="stdout")
    ] = None,
    config: Config = None,
) -> None:
    """Write the moderation cases as CSV or JSON lines."""
    from datetime import UTC, datetime

    from bot.cli.export import parse_since, write_cases

    try:
        earliest = parse_since(since, now=datetime.now(UTC)) if since else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from None
    settings = start(config)
    count = asyncio.run(write_cases(settings.storage, file_format.value, earliest, output))
    if output is not None:
        typer.echo(f"{count} cases written to {output}")


@app.command()
def erase(
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="The member's name in the IM.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    config: Config = None,
) -> None:
    """Delete a member's personal data: name, reasons and texts go; how often what was done stays countable."""
    settings = start(config)
    from bot.cli import CommandError
    from bot.cli.erase import erase_member, is_interactive, sentence
    from bot.services.erasure import Holdings

    def agreed(found: Holdings) -> bool:
        typer.echo(f"{member}: {sentence(found)}")
        if yes:
            return True
        if not is_interactive():
            raise CommandError("nobody can be asked here: give --yes if that is to be erased for good")
        return typer.confirm("Erase that for good?")

    done = asyncio.run(erase_member(settings.storage, member, agreed=agreed, say=typer.echo))
    raise typer.Exit(0 if done else 1)


def _parse_seed(text: str | None) -> Literal["sample"] | int | None:
    """Return what to fill the IM service with; raise BadParameter for what is neither `sample` nor a number."""
    from bot.imservice import MOST_MEMBERS

    if text is None or text == "sample":
        return text
    if text.isascii() and text.isdigit() and 1 <= int(text[:20]) <= MOST_MEMBERS:
        return int(text)
    raise typer.BadParameter(f"say sample, or a number of members from 1 to {MOST_MEMBERS:,}", param_hint="--seed")


def _or(value: str | None, default: str) -> str:
    return default if value is None else value


def main() -> None:
    """Run the program `warden` with the process's arguments; ends the process."""
    try:
        app(prog_name="warden")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last one to catch it, and it is reported
        report(error)
        sys.exit(1)


if __name__ == "__main__":
    main()
