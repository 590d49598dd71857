"""Settings: `WARDEN_SECTION__KEY` in the environment over config.toml over the defaults.

What is allowed is written once, as the `description` of each field, and is what the operator reads when a value is
wrong. A message never repeats the value itself: a token pasted under the wrong key must not end in a log.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config_values import (
    POSTGRES_URL,
    AnyCase,
    DatabaseUrl,
    Hex32,
    HexSecret,
    Host,
    HttpUrl,
    Number,
    OptionalHttpUrl,
    Permission,
    Secret,
    Snowflakes,
    WholeNumber,
    Word,
    WsUrl,
    is_loopback,
)

DEFAULT_CONFIG = Path("config.toml")
DISCORD_API_BASE = "https://discord.com/api/v10"
DISCORD_GATEWAY_URL = "wss://gateway.discord.gg"
ENV_PREFIX = "WARDEN_"

# Read by the test suite and by bot/plugin.py, no settings; everything else that starts with WARDEN_ has to be one.
_FOREIGN_VARIABLES = frozenset({"WARDEN_DISCORD_OPENAPI", "WARDEN_CONFIG"})
_CROSS_CHECK = "warden_cross_check"


class ConfigError(Exception):
    """The configuration cannot be used; the text is one line for the operator, without any secret."""


_ROLES = "a list of Discord role ids (in the environment: separated by commas)"
_PERMISSION = "the name of a Discord permission, for example moderate_members or manage_guild"
_WORD = "text without blanks and line breaks"


class _Section(BaseModel):
    # hide_input: a validation error that gets printed after all must not show the value.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DiscordSettings(_Section):
    """Who the bot is on Discord and where Discord is."""

    token: Secret = Field(default=None, description="the bot token of the Discord application, " + _WORD)
    guild_ids: Snowflakes = Field(
        default=(), description="a list of Discord server ids (in the environment: separated by commas), empty for all"
    )
    api_base: HttpUrl = Field(
        default=DISCORD_API_BASE, description="an http:// or https:// address, without user or query"
    )
    gateway_url: WsUrl = Field(
        default=DISCORD_GATEWAY_URL, description="a ws:// or wss:// address, without user or query"
    )
    allow_custom_endpoint: bool = Field(default=False, description="true or false")
    shards: WholeNumber = Field(default=1, ge=1, le=1000, description="a whole number from 1 to 1000")

    @model_validator(mode="after")
    def _token_goes_only_where_it_may(self) -> Self:
        for key, url, official in (
            ("api_base", self.api_base, DISCORD_API_BASE),
            ("gateway_url", self.gateway_url, DISCORD_GATEWAY_URL),
        ):
            ours, theirs = urlsplit(url), urlsplit(official)
            genuine = (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc)
            if not (genuine or is_loopback(ours.hostname or "") or self.allow_custom_endpoint):
                raise PydanticCustomError(
                    _CROSS_CHECK,
                    "discord.{key} is not Discord's own address and not on this machine, and the bot token would be "
                    "sent there; set discord.allow_custom_endpoint = true if that is meant",
                    {"key": key},
                )
        return self


class IMSettings(_Section):
    """Which IM app the bot works in."""

    kind: Annotated[Literal["embedded", "easemob", "shengwang"], AnyCase] = Field(
        default="embedded", description="one of embedded, easemob, shengwang"
    )
    base_url: OptionalHttpUrl = Field(
        default=None, description="the http:// or https:// address of the IM service's REST API, without user or query"
    )
    org: Word = Field(default=None, description="the org name of the App Key, " + _WORD)
    app: Word = Field(default=None, description="the app name of the App Key, " + _WORD)
    client_id: Word = Field(default=None, description="the client id of the IM app, " + _WORD)
    client_secret: Secret = Field(default=None, description="the client secret of the IM app, " + _WORD)
    app_id: Hex32 = Field(default=None, description="the Shengwang App ID, 32 hexadecimal digits")

    app_certificate: HexSecret = Field(default=None, description="the Shengwang App Certificate, 32 hexadecimal digits")
    default_community: Word = Field(default=None, description="the id of an IM community, " + _WORD)
    timeout_seconds: Number = Field(
        default=10.0, gt=0, le=300, allow_inf_nan=False, description="a number of seconds above 0 and up to 300"
    )

    @model_validator(mode="after")
    def _credentials_fit_the_kind(self) -> Self:
        needed = {
            "embedded": (),
            "easemob": ("base_url", "org", "app", "client_id", "client_secret"),
            "shengwang": ("base_url", "app_id", "app_certificate"),
        }[self.kind]
        missing = [key for key in needed if getattr(self, key) is None]
        if missing:
            raise PydanticCustomError(
                _CROSS_CHECK,
                "im.kind = {kind} needs {keys}; set what is missing in config.toml or as {variables}",
                {
                    "kind": self.kind,
                    "keys": ", ".join(f"im.{key}" for key in missing),
                    "variables": ", ".join(_variable("im", key) for key in missing),
                },
            )
        return self


class StorageSettings(_Section):
    """Where the bot keeps its own state. The URL may hold a password, so it is a secret as a whole."""

    url: DatabaseUrl = Field(
        default=SecretStr("sqlite+aiosqlite:///warden.db"),
        description="sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST:PORT/DATABASE, with the "
        "characters / ? # @ of a password percent-encoded",
    )

    @property
    def display_url(self) -> str:
        """The database URL for people: password masked, query (which may hold one too) left out."""
        text = self.url.get_secret_value()
        if match := POSTGRES_URL.fullmatch(text):
            user = match["user"] or ""
            who = f"{user}:***@" if match["password"] is not None else f"{user}@" if user else ""
            return f"postgresql+asyncpg://{who}{match['place']}"
        return text.partition("?")[0]

    @property
    def sqlite_file(self) -> Path | None:
        """The database file; None for PostgreSQL and for a database in memory."""
        backend, _, path = self.display_url.partition(":///")
        return Path(path) if backend.startswith("sqlite") and path != ":memory:" else None


class StaffSettings(_Section):
    """Who may do what: roles by id, and permissions for who has none of the roles."""

    moderator_roles: Snowflakes = Field(default=(), description=_ROLES)
    admin_roles: Snowflakes = Field(default=(), description=_ROLES)
    moderator_permission: Permission = Field(default="moderate_members", description=_PERMISSION)
    admin_permission: Permission = Field(default="manage_guild", description=_PERMISSION)


class TimerSettings(_Section):
    """How timed unmutes are watched."""

    # At most 50: a jumped clock is noticed by the reconcile job, and T7 allows 60 s.
    reconcile_seconds: WholeNumber = Field(
        default=30, ge=5, le=50, description="a whole number of seconds from 5 to 50"
    )
    max_attempts: WholeNumber = Field(default=8, ge=1, le=1000, description="a whole number from 1 to 1000")


class CleanupSettings(_Section):
    """How hard collection cleanups may work, and how long they can be undone."""

    budget_share: Number = Field(
        default=0.3, gt=0, le=1, allow_inf_nan=False, description="a number above 0 and up to 1"
    )
    restore_days: WholeNumber = Field(default=7, ge=1, le=365, description="a whole number of days from 1 to 365")


class HttpSettings(_Section):
    """The bot's own HTTP server: IM callbacks, health and metrics."""

    host: Host = Field(default="127.0.0.1", description="the address or host name to listen on")
    port: WholeNumber = Field(default=0, ge=0, le=65535, description="a port from 0 (off) to 65535")
    callback_secret: Secret = Field(default=None, description="the secret that signs IM callbacks, " + _WORD)


class LogSettings(_Section):
    """What is logged, and how it looks."""

    level: Annotated[Literal["debug", "info", "warning", "error", "critical"], AnyCase] = Field(
        default="info", description="one of debug, info, warning, error, critical"
    )
    format: Annotated[Literal["console", "json"], AnyCase] = Field(
        default="console", description="one of console, json"
    )


class LocaleSettings(_Section):
    """The language where Discord does not tell one."""

    default: Literal["en-US", "zh-CN"] = Field(default="en-US", description="one of en-US, zh-CN")


class Settings(BaseSettings):
    """Everything that can be configured. Build it with `load_settings`, which names what is wrong in one line."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    discord: DiscordSettings = Field(default_factory=DiscordSettings)
    im: IMSettings = Field(default_factory=IMSettings)
    storage: StorageSettings = Field(default_factory=StorageSettings)
    staff: StaffSettings = Field(default_factory=StaffSettings)
    timers: TimerSettings = Field(default_factory=TimerSettings)
    cleanup: CleanupSettings = Field(default_factory=CleanupSettings)
    http: HttpSettings = Field(default_factory=HttpSettings)
    log: LogSettings = Field(default_factory=LogSettings)
    locale: LocaleSettings = Field(default_factory=LocaleSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the environment above the file, which `load_settings` hands in as keyword arguments."""
        return env_settings, init_settings

    def secrets(self) -> Iterator[str]:
        """Every secret value that is set, for the log's redaction."""
        for secret in (
            self.discord.token,
            self.im.client_secret,
            self.im.app_certificate,
            self.http.callback_secret,
        ):
            if secret is not None:
                yield secret.get_secret_value()
        url = self.storage.url.get_secret_value()
        if match := POSTGRES_URL.fullmatch(url):
            in_query = (value for key, value in parse_qsl((match["query"] or "")[1:]) if "pass" in key.lower())
            for password in (match["password"], *in_query):
                if password:
                    yield from {password, unquote(password)}


def setting_keys() -> dict[str, tuple[str, ...]]:
    """List the keys of each section, in the order in which they are documented."""
    return {
        section: tuple(cast("type[BaseModel]", field.annotation).model_fields)
        for section, field in Settings.model_fields.items()
    }


def load_settings(path: Path | None) -> Settings:
    """Read the settings from `path` (None: `config.toml` if there is one) and the environment.

    Raises `ConfigError` with one line that names the key and what is allowed: a wrong value, an unknown key in the
    file or as a WARDEN_ variable, TOML that does not parse, a file that cannot be read, a named file that is missing.
    """
    _refuse_unknown_variables(os.environ)
    file = path or DEFAULT_CONFIG
    content = _read_file(file, required=path is not None)
    _refuse_unknown_keys(file, content)
    try:
        return Settings(**content)
    except ValidationError as error:
        # `from None`: the original error is about the raw input.
        raise ConfigError(_sentence(error.errors(include_url=False), file)) from None


def _variable(section: str, key: str) -> str:
    return f"{ENV_PREFIX}{section}__{key}".upper()


def _refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    known = {_variable(section, key) for section, keys in setting_keys().items() for key in keys}
    for name in sorted(environ):
        if not name.upper().startswith(ENV_PREFIX) or name.upper() in known | _FOREIGN_VARIABLES:
            continue
        hint = _nearest(name.upper(), known) or "variables are named WARDEN_SECTION__KEY as in config.example.toml"
        raise ConfigError(f"unknown environment variable {_printable(name)}: {hint}")


def _read_file(file: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        if not required:
            return {}
        raise ConfigError(f"{file}: there is no such configuration file") from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{file}: line {line} is not UTF-8 text") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        where = f"line {found[1]}" if found else "the end of the file"
        raise ConfigError(f'{file}: not valid TOML at {where}; text values need quotes, as in key = "value"') from None


def _refuse_unknown_keys(file: Path, content: Mapping[str, object]) -> None:
    known = setting_keys()
    for section, values in content.items():
        if section not in known:
            hint = _nearest(section, known) or "known sections are " + ", ".join(known)
            raise ConfigError(f"{file}: unknown section {_printable(section)}: {hint}")
        if not isinstance(values, dict):
            raise ConfigError(f"{file}: {section} must be a section, written [{section}]")
        for key in cast("dict[str, object]", values):
            if key not in known[section]:
                hint = _nearest(key, known[section]) or f"known keys of {section} are " + ", ".join(known[section])
                raise ConfigError(f"{file}: unknown key {section}.{_printable(key)}: {hint}")


def _sentence(errors: list[ErrorDetails], file: Path) -> str:
    first = errors[0]
    section, *rest = (str(part) for part in first["loc"])
    if first["type"] == _CROSS_CHECK or not rest:
        text = first["msg"]
    else:
        variable = _variable(section, rest[0])
        in_environment = any(name.upper() == variable for name in os.environ)
        fields = cast("type[BaseModel]", Settings.model_fields[section].annotation).model_fields
        name = f"{variable} ({section}.{rest[0]})" if in_environment else f"{file}: {section}.{rest[0]}"
        text = f"{name} must be {fields[rest[0]].description}"
    others = len({error["loc"][:2] for error in errors}) - 1
    return f"{text} (and {others} more to correct)" if others else text


def _nearest(name: str, known: Iterable[str]) -> str | None:
    # The prefix that all variables share says nothing about how near they are.
    names = {candidate.removeprefix(ENV_PREFIX): candidate for candidate in known}
    close = difflib.get_close_matches(name.removeprefix(ENV_PREFIX), list(names), n=1)
    return f"did you mean {names[close[0]]}?" if close else None


def _printable(name: str) -> str:
    """Keep a name from the file on one short line."""
    return "".join(char if char.isprintable() else "?" for char in name)[:80]
