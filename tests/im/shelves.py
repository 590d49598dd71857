"""Servers that hold one user's saved items and change them between two pages: the real one, and an unhelpful one."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from random import Random
from typing import Any, NamedTuple

from aiohttp import web

from bot.im import EasemobAuth, IMClient
from bot.imservice import DEFAULT_CREDENTIALS, IMService, IMServiceOptions
from bot.imservice.domain import collections, users
from bot.imservice.domain.users import NewUser
from tests.im.scripted import Scripted, client, serving

NOW = 1_700_000_000_000
UNKNOWN = {"error": "illegal_argument", "error_description": "user collection not found"}
ROW = {"type": 0, "data": "d", "ext": None, "updatedAt": 0}


class Item(NamedTuple):
    name: str
    time: int
    type: int


class Shelf:
    """What a server holds for one user; `forget` and `put` are what happens between two pages."""

    def __init__(self, items: list[Item]) -> None:
        self.items = {item.name: item for item in items}

    def forget(self, names: list[str]) -> None:
        for name in names:
            del self.items[name]

    def put(self, items: list[Item]) -> None:
        self.items |= {item.name: item for item in items}


class Shuffling(Shelf):
    """A server that gives items of one millisecond another order every time.

    With an item to go on from it is as unhelpful as the documents allow: it begins with that item, so that what it
    puts before it this time is not in the answer.
    """

    def __init__(self, items: list[Item], seed: int) -> None:
        super().__init__(items)
        self.rng = Random(seed)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        assert ("begin_time" in query) == ("end_time" in query)
        down = query["direction"] == "desc"
        items = [item for item in self.items.values() if query.get("type") in {None, str(item.type)}]
        self.rng.shuffle(items)
        items.sort(key=lambda item: item.time, reverse=down)
        if "collection_id" in query:
            names = [item.name for item in items]
            if query["collection_id"] not in names:
                return web.json_response(UNKNOWN, status=400)
            items = items[names.index(query["collection_id"]) :]
        elif "begin_time" in query:
            items = [item for item in items if int(query["begin_time"]) <= item.time <= int(query["end_time"])]
        rows = [{**ROW, "id": item.name, "createdAt": item.time} for item in items[: int(query["limit"])]]
        return web.json_response({"collections": rows})


class Real(Shelf):
    """The embedded service, whose domain functions change things between two pages."""

    def __init__(self, servers: Servers, items: list[Item]) -> None:
        super().__init__([])
        self.servers = servers
        self.user = f"u{servers.next()}"
        self.put(items)

    def put(self, items: list[Item]) -> None:
        super().put(items)
        new = [collections.NewCollection(item.name, "d", item.type, None, item.time) for item in items]
        self.servers.write(lambda connection: collections.add(connection, self.user, new))

    def forget(self, names: list[str]) -> None:
        super().forget(names)
        if names:
            self.servers.write(lambda connection: collections.delete(connection, self.user, names))


class Servers:
    """A service and a scripted server, each with a client, on one loop for functions of drawn values."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.run = runner.run
        self.stack = AsyncExitStack()
        self.service = IMService(options=IMServiceOptions(rate_limit=None, token_rate_limit=None), now_ms=lambda: NOW)
        self.scripted = Scripted()
        self.count = 0
        self.run(self._open())

    async def _open(self) -> None:
        mine = DEFAULT_CREDENTIALS
        auth = EasemobAuth(mine.org, mine.app, mine.client_id, mine.client_secret)
        url = await self.service.start()
        self.stack.push_async_callback(self.service.stop)
        await self.stack.enter_async_context(serving(self.scripted))
        self.real = await self.stack.enter_async_context(client(url, auth=auth, rate_per_second=None))
        self.other = await self.stack.enter_async_context(client(self.scripted.url, rate_per_second=None))

    def next(self) -> int:
        self.count += 1
        name = f"u{self.count}"
        self.write(
            lambda connection: users.register(
                connection, [NewUser(name, None)], ids=self.service.ids, now=NOW, application=""
            )
        )
        return self.count

    def write(self, work: Any) -> None:
        async def run() -> None:
            await self.service.write(work)

        self.run(run())

    def shelf(self, kind: str, items: list[Item], seed: int) -> tuple[Shelf, IMClient, str]:
        """Fill a server of one kind and return it with its client and the user whose items it holds."""
        if kind == "real":
            real = Real(self, items)
            return real, self.real, real.user
        self.scripted.default = shuffling = Shuffling(items, seed)
        return shuffling, self.other, "ann"
