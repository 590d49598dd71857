"""`/healthz`, `/readyz`, `/metrics` over a real socket."""

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.web import health
from bot.web.server import WebServer
from tests.services.conftest import World, make_world, world

__all__ = ["make_world", "world"]


@pytest.fixture
async def server(world: World) -> AsyncIterator[WebServer]:
    server = WebServer("127.0.0.1", 0, [health.routes(world.services.health)])
    await server.start()
    yield server
    await server.stop()


async def ask(server: WebServer, path: str, method: str = "GET") -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.request(method, server.url + path) as answer:
        return answer.status, answer.headers["Content-Type"], await answer.text()


async def test_each_path_answers_get_and_head_and_nothing_else(world: World, server: WebServer) -> None:
    world.services.health.discord = lambda: True
    assert await ask(server, "/healthz") == (200, "text/plain; charset=utf-8", "ok")
    status, kind, body = await ask(server, "/readyz")
    assert (status, kind, '"ready": true' in body) == (200, "application/json; charset=utf-8", True)
    status, kind, body = await ask(server, "/metrics")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    families = {family.name: family for family in text_string_to_metric_families(body)}
    assert families["warden_discord_connected"].samples[0].value == 1
    for path in ("/healthz", "/readyz", "/metrics"):
        status, _kind, body = await ask(server, path, "HEAD")
        assert (status, body) == (200, "")
        status, _kind, body = await ask(server, path, "POST")
        assert (status, len(body) < 60) == (405, True)
    status, _kind, body = await ask(server, "/metrics/../etc/passwd?x=<script>")
    assert (status, re.fullmatch(r"[\w :]{1,40}", body) is not None) == (404, True)


async def test_healthz_answers_while_all_else_is_broken(world: World, server: WebServer) -> None:
    await world.im.close()
    await world.store.close()
    assert await ask(server, "/healthz") == (200, "text/plain; charset=utf-8", "ok")
    status, _kind, body = await ask(server, "/readyz")
    assert status == 503
    for part in ("discord", "im", "database", "timers"):
        assert f'"{part}": {{"ok": false' in body
    status, _kind, body = await ask(server, "/metrics")
    assert (status, "warden_database_up 0.0" in body) == (200, True)
