"""What the service says about itself: `/` for people, `/openapi.json` for programs; no calls of the API."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from bot.imservice.routing import Page, Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.imservice.options import ServiceCredentials

FAMILY = "pages"
_HOSTS = 16


def pages(api: Sequence[Route], credentials: ServiceCredentials) -> tuple[Route, ...]:
    """Return the routes that describe the routes of the API; the document is made when it is first asked for."""

    @cache
    def document() -> Page:
        from bot.imservice import openapi  # noqa: PLC0415 - it needs pydantic, which nobody else here does

        content = json.dumps(openapi.document(api, credentials), ensure_ascii=False, indent=1)
        return Page(content.encode(), {"Content-Type": "application/json"})

    @lru_cache(_HOSTS)
    def front(host: str) -> Page:
        from bot.imservice import page  # noqa: PLC0415 - as above

        template = page.load_template()
        return Page(page.render(template, api, credentials, host).encode(), page.headers(template))

    return (
        Route(method="GET", template="/", show=front, family=FAMILY, open=True),
        Route(method="GET", template="/openapi.json", show=lambda _host: document(), family=FAMILY, open=True),
    )
