from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.im import IMClient
from tests.im.scripted import Scripted, client, serving


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    async with serving(Scripted()) as server:
        yield server


@pytest.fixture
async def im(server: Scripted) -> AsyncIterator[IMClient]:
    async with client(server.url) as im:
        yield im
