"""The kinds of values a setting can have, and what makes them valid; `bot.config` says which setting is which.

A validator raises a bare ValueError: what is allowed is written at the setting, and the value is never repeated.
"""

import ipaddress
import json
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

# Written out because this module must not import discord; a test compares it with discord.Permissions.
PERMISSION_NAMES = frozenset(
    """
    add_reactions administrator attach_files ban_members bypass_slowmode change_nickname connect create_events
    create_expressions create_instant_invite create_polls create_private_threads create_public_threads deafen_members
    embed_links external_emojis external_stickers kick_members manage_channels manage_emojis
    manage_emojis_and_stickers manage_events manage_expressions manage_guild manage_messages manage_nicknames
    manage_permissions manage_roles manage_threads manage_webhooks mention_everyone moderate_members move_members
    mute_members pin_messages priority_speaker read_message_history read_messages request_to_speak send_messages
    send_messages_in_threads send_polls send_tts_messages send_voice_messages set_voice_channel_status speak stream
    use_application_commands use_embedded_activities use_external_apps use_external_emojis use_external_sounds
    use_external_stickers use_soundboard use_voice_activation view_audit_log view_channel
    view_creator_monetization_analytics view_guild_insights
    """.split()  # noqa: SIM905 - sixty lines otherwise
)

POSTGRES_URL = re.compile(
    r"postgresql\+asyncpg://(?:(?P<user>[^:/?#@\s]*)(?::(?P<password>[^/?#@\s]*))?@)?"
    r"(?P<place>(?:\[[0-9A-Fa-f:.]+\]|[^:/?#@\[\]\s]*)(?::\d{1,5})?/[^/?#@\s]+)(?P<query>\?[^#\s]*)?"
)
_SQLITE_URL = re.compile(r"sqlite\+aiosqlite:///[^?#]+(?:\?[^#]*)?")


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _blank_is_unset(value: object) -> object:
    """Read an empty variable as "not set", as compose files and unit files write it."""
    value = _stripped(value)
    return None if value == "" else value


def _lowered(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _not_bool(value: object) -> object:
    """Refuse true and false, which Python would take for 1 and 0."""
    if isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - pydantic expects ValueError
    return value


def _listed(value: object) -> object:
    """Read a list as the environment gives it: JSON, or items separated by commas."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [item.strip() for item in value.split(",") if item.strip()]


def _one_word(value: str) -> str:
    """Refuse blanks, line breaks and non-ASCII: these values travel in headers and paths."""
    if not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ValueError
    return value


def _one_word_secret(value: SecretStr) -> SecretStr:
    _one_word(value.get_secret_value())
    return value


def _hex32(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Fa-f]{32}", value):
        raise ValueError
    return value


def _hex32_secret(value: SecretStr) -> SecretStr:
    _hex32(value.get_secret_value())
    return value


def _endpoint(value: str, schemes: tuple[str, ...]) -> str:
    """Check a base URL and cut its trailing slash.

    User names, queries, fragments and backslashes are refused because URL parsers disagree about them, and the host
    decides whether the token may be sent.
    """
    _one_word(value)
    parts = urlsplit(value)
    plain = not (set("@?#\\") & set(value)) and parts.hostname and parts.port != 0
    if parts.scheme not in schemes or not plain:
        raise ValueError
    return value.rstrip("/")


def _http_url(value: str) -> str:
    return _endpoint(value, ("http", "https"))


def _ws_url(value: str) -> str:
    return _endpoint(value, ("ws", "wss"))


def _database_url(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not (_SQLITE_URL.fullmatch(text) or POSTGRES_URL.fullmatch(text)):
        raise ValueError
    return value


def _permission(value: str) -> str:
    if value not in PERMISSION_NAMES:
        raise ValueError
    return value


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


WholeNumber = Annotated[int, BeforeValidator(_not_bool)]
Number = Annotated[float, BeforeValidator(_not_bool)]
Snowflake = Annotated[WholeNumber, Field(ge=1, lt=2**63)]
Snowflakes = Annotated[tuple[Snowflake, ...], NoDecode, BeforeValidator(_listed)]
Word = Annotated[Annotated[str, AfterValidator(_one_word)] | None, BeforeValidator(_blank_is_unset)]
Secret = Annotated[Annotated[SecretStr, AfterValidator(_one_word_secret)] | None, BeforeValidator(_blank_is_unset)]
HttpUrl = Annotated[str, BeforeValidator(_stripped), AfterValidator(_http_url)]
Permission = Annotated[str, BeforeValidator(_lowered), AfterValidator(_permission)]
WsUrl = Annotated[str, BeforeValidator(_stripped), AfterValidator(_ws_url)]
OptionalHttpUrl = Annotated[HttpUrl | None, BeforeValidator(_blank_is_unset)]
DatabaseUrl = Annotated[SecretStr, BeforeValidator(_stripped), AfterValidator(_database_url)]
Hex32 = Annotated[Annotated[str, AfterValidator(_hex32)] | None, BeforeValidator(_blank_is_unset)]
HexSecret = Annotated[Annotated[SecretStr, AfterValidator(_hex32_secret)] | None, BeforeValidator(_blank_is_unset)]
Host = Annotated[str, BeforeValidator(_stripped), AfterValidator(_one_word)]
AnyCase = BeforeValidator(_lowered)
