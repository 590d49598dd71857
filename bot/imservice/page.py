"""The page at `/`: what this service is and how to call it, in one piece and without scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from bot.imservice.openapi import base_urls, summary_of, tag_of
from bot.imservice.options import DEFAULT_CREDENTIALS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.imservice.options import ServiceCredentials
    from bot.imservice.routing import Route

_HOST = re.compile(r"(?:[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_PARAMETER = re.compile(r"(\{\w+\})")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_FIRST_CALL = "/circle/server/list/by-app"
_GRANT = '{"grant_type":"client_credentials","client_id":"%s","client_secret":"%s"}'


def load_template() -> str:
    """Return the page with its gaps."""
    return files(__name__.removesuffix(".page")).joinpath("page.html").read_text(encoding="utf-8")


def headers(template: str) -> Mapping[str, str]:
    """Return what goes with the page: nothing is loaded, run, framed or sent from it but its own style and icon."""
    found = _STYLE.search(template)
    digest = hashlib.sha256((found[1] if found else "").encode()).digest()
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{base64.b64encode(digest).decode()}'; img-src data:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def render(template: str, routes: Sequence[Route], credentials: ServiceCredentials, host: str) -> str:
    """Return the page as HTML for somebody who asked `host`; a text that cannot be a host is not shown.

    Credentials are shown only if they are the published ones, which everybody knows.
    """
    url = f"http://{host if _HOST.fullmatch(host) else 'localhost'}"
    org_url, app_id_url = (url + path for path in base_urls(credentials))
    families: dict[str, list[Route]] = {}
    for route in routes:
        families.setdefault(tag_of(route), []).append(route)
    return Template(template).substitute(
        count=len(routes),
        org_url=escape(org_url),
        app_id_url=escape(app_id_url),
        credentials=_credentials(credentials),
        example=escape(_example(org_url, credentials)),
        families="".join(_family(tag, members) for tag, members in families.items()),
    )


def _credentials(mine: ServiceCredentials) -> str:
    shown: list[tuple[str, str]] = []
    if _are_published(mine, "client_id", "client_secret"):
        shown += [("Client id", mine.client_id), ("Client secret", mine.client_secret)]
    if _are_published(mine, "app_id", "app_certificate"):
        shown.append(("App certificate", mine.app_certificate))
    return "".join(f"<dt>{name}</dt><dd><code>{escape(value)}</code></dd>\n" for name, value in shown)


def _are_published(mine: ServiceCredentials, *names: str) -> bool:
    return all(getattr(mine, name) == getattr(DEFAULT_CREDENTIALS, name) for name in names)


def _example(org_url: str, mine: ServiceCredentials) -> str:
    """Return commands for a shell that list the communities; own credentials come from its variables."""
    if _are_published(mine, "client_id", "client_secret"):
        grant = f"'{_GRANT % (mine.client_id, mine.client_secret)}'"
    else:
        grant = '"{}"'.format(_GRANT.replace('"', '\\"') % ("$CLIENT_ID", "$CLIENT_SECRET"))
    return (
        f"TOKEN=$(curl -s {org_url}/token \\\n"
        f"  -d {grant} \\\n"
        '  | sed \'s/.*"access_token":"\\([^"]*\\)".*/\\1/\')\n'
        f"curl -s {org_url}{_FIRST_CALL} \\\n"
        '  -H "Authorization: Bearer $TOKEN"'
    )


def _family(tag: str, routes: Sequence[Route]) -> str:
    rows = "".join(_row(route) for route in routes)
    return f"<section>\n<h3>{escape(tag.capitalize())}</h3>\n<table>\n{rows}</table>\n</section>\n"


def _row(route: Route) -> str:
    # A long path is broken before a slash, not in a word.
    path = _PARAMETER.sub(r"<i>\1</i>", escape(route.template).replace("/", "<wbr>/").removeprefix("<wbr>"))
    method = route.method
    return (
        f'<tr><td><code class="{method.lower()}">{method}</code></td><td><code>{path}</code></td>'
        f"<td>{escape(summary_of(route))}</td></tr>\n"
    )
