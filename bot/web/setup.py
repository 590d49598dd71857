"""What the settings say about the server, and how an embedded IM service is told to call it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from bot.logs import register_secrets
from bot.web import callbacks, health
from bot.web.server import WebServer

if TYPE_CHECKING:
    from typing import TypedDict

    from bot.config import Settings
    from bot.services import Services

    class CallbackOptions(TypedDict, total=False):
        """Options of the embedded IM service."""

        callback_url: str
        callback_secret: str


_SECRET_BYTES: Final = 24
# Where all addresses of the machine are listened on, it calls itself by this one.
_OF_ALL: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def web_server(settings: Settings, services: Services) -> WebServer | None:
    """Return the server for callbacks, health and metrics; None where http.port is 0."""
    http = settings.http
    tables = [callbacks.routes(services.callbacks), health.routes(services.health)]
    return WebServer(http.host, http.port, tables) if http.port else None


def with_callbacks(settings: Settings) -> Settings:
    """Return the settings with a secret of this start for an embedded IM service's callbacks, if they have none."""
    http = settings.http
    if settings.im.kind != "embedded" or not http.port or http.callback_secret is not None:
        return settings
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    register_secrets([secret])
    changed = http.model_copy(update={"callback_secret": SecretStr(secret)})
    return settings.model_copy(update={"http": changed})


def callback_options(settings: Settings) -> CallbackOptions:
    """Return what an embedded IM service has to know to send its callbacks to our own server."""
    http = settings.http
    if not http.port or http.callback_secret is None:
        return {}
    host = _OF_ALL.get(http.host, http.host)
    return {
        "callback_url": f"http://{f'[{host}]' if ':' in host else host}:{http.port}{callbacks.PATH}",
        "callback_secret": http.callback_secret.get_secret_value(),
    }
