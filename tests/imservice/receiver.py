"""A customer's server that receives callbacks on a real socket."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Receiver:
    """What a customer's server does: `answer` chooses the answer by the how-manyeth request it is, from 0."""

    url: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    answer: Callable[[int], web.Response] = lambda _number: web.Response()
    open: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle(self, request: web.BaseRequest) -> web.Response:
        body = await request.read()
        number = len(self.paths)
        self.paths.append(request.path_qs)
        self.types.append(request.headers["Content-Type"])
        self.got.append(json.loads(body))
        async with self.arrived:
            self.arrived.notify_all()
        await self.open.wait()
        return self.answer(number)

    async def wait_for(self, count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(10), self.arrived:
            await self.arrived.wait_for(lambda: len(self.got) >= count)
        return self.got
