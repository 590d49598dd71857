# ruff: noqa: PLC0415 - every command comes by here, `warden --help` too, so nothing heavy is imported at the top
"""How every command begins, and how it ends when it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from bot.cli import CommandError

if TYPE_CHECKING:
    from pathlib import Path

    from bot.config import Settings


def start(config: Path | None, *, needs_token: bool = False) -> Settings:
    """Read the settings and set up the log, in the order in which no secret can slip through.

    Raises `ConfigError`, and `CommandError` if a token is needed and not set or the database's driver is missing.
    """
    from bot.config import load_settings
    from bot.logs import configure_logging, register_secrets

    settings = load_settings(config)
    register_secrets(settings.secrets())
    configure_logging(settings.log.level, settings.log.format)
    if needs_token and settings.discord.token is None:
        raise CommandError(
            "discord.token is not set: put the bot's token into config.toml ([discord] token) "
            "or into the environment variable WARDEN_DISCORD__TOKEN"
        )
    require_database_driver(settings)
    return settings


def require_database_driver(settings: Settings) -> None:
    """Raise `CommandError` when the database is PostgreSQL and its driver is not installed."""
    from importlib.util import find_spec

    if settings.storage.url.get_secret_value().startswith("postgresql") and find_spec("asyncpg") is None:
        raise CommandError('PostgreSQL needs an extra that is not installed: pip install "circle-warden[postgres]"')


def require_demo_extra() -> None:
    """Raise `CommandError` when the simulated Discord is not installed."""
    from importlib.util import find_spec

    if find_spec("simcord") is None:
        raise CommandError('the demo needs an extra that is not installed: pip install "circle-warden[demo]"')


def _is_expected(error: Exception) -> bool:
    """Tell whether an error is a sentence for the operator: our own exceptions and the system's are."""
    return isinstance(error, OSError) or type(error).__module__.partition(".")[0] in {"bot", "cogs"}


def report(error: Exception) -> None:
    """Tell the operator what ended the program: one line if it was expected, else a log entry with the traceback."""
    from bot.logs import configure_logging, redact

    if _is_expected(error):
        text = " ".join(str(error).split()) or type(error).__name__
        typer.echo(f"warden: {redact(text)}", err=True)
        return
    import logging

    import structlog

    if not logging.getLogger().handlers:
        configure_logging()
    structlog.get_logger("bot").critical("unexpected error, please report it", exc_info=error)
