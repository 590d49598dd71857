"""A running service with a clock that only moves when told to, and a plain HTTP client."""

import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest_asyncio

from bot.imservice import DEFAULT_CREDENTIALS, IMService, IMServiceOptions

START_MS = 1_700_000_000_000


class Clock:
    def __init__(self) -> None:
        self.ms = START_MS

    def __call__(self) -> int:
        return self.ms


@dataclass
class Reply:
    status: int
    json: Any
    headers: Any

    def __iter__(self):
        return iter((self.status, self.json))


@dataclass
class Api:
    """Calls one service; `prefix` chooses the dialect."""

    service: IMService
    url: str
    session: aiohttp.ClientSession
    token: str = ""
    prefix: str = f"/{DEFAULT_CREDENTIALS.org}/{DEFAULT_CREDENTIALS.app}"
    community: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, **kwargs: Any) -> Reply:
        headers = {"Authorization": f"Bearer {self.token}"} | self.headers | kwargs.pop("headers", {})
        headers = {name: value for name, value in headers.items() if value is not None}
        async with self.session.request(method, self.url + self.prefix + path, headers=headers, **kwargs) as response:
            assert response.headers["Content-Type"] == "application/json"
            assert "Date" in response.headers
            return Reply(response.status, await response.json(), response.headers)

    async def get(self, path: str, **query: Any) -> Reply:
        return await self.call("GET", path, params=query)

    async def post(self, path: str, body: Any = None, **query: Any) -> Reply:
        return await self.call("POST", path, params=query, **({} if body is None else {"json": body}))

    async def put(self, path: str, body: Any = None, **query: Any) -> Reply:
        return await self.call("PUT", path, params=query, **({} if body is None else {"json": body}))

    async def delete(self, path: str, **query: Any) -> Reply:
        return await self.call("DELETE", path, params=query)

    async def fetch_token(self) -> str:
        mine = self.service.credentials
        reply = await self.post(
            "/token",
            {
                "grant_type": "client_credentials",
                "client_id": mine.client_id,
                "client_secret": mine.client_secret,
                "ttl": 0,
            },
        )
        assert reply.status == 200, reply
        self.token = reply.json["access_token"]
        return self.token

    async def users(self, *names: str) -> None:
        reply = await self.post("/users", [{"username": name} for name in names])
        assert reply.status == 200, reply

    async def new_community(self, owner: str = "owner", name: str = "Harbour", **more: Any) -> str:
        reply = await self.post("/circle/server", {"owner": owner, "name": name, **more})
        assert reply.status == 200, reply
        return reply.json["server_id"]

    async def new_channel(self, name: str = "tavern", **more: Any) -> str:
        reply = await self.post("/circle/channel", {"server_id": self.community, "name": name, **more})
        assert reply.status == 200, reply
        return reply.json["channel_id"]

    async def join(self, channel: str | None, *names: str) -> None:
        """Make users members of the community and, if given, of a channel."""
        for name in names:
            assert (await self.post(f"/circle/server/{self.community}/join", userId=name)).status == 200
            if channel is not None:
                reply = await self.post(f"/circle/channel/{channel}/join", userId=name, serverId=self.community)
                assert reply.status == 200, reply

    async def mute(self, channel: str, user: str, **more: Any) -> Reply:
        return await self.post(
            f"/circle/channel/{channel}/user/mute", {"server_id": self.community, "user_id": user, **more}
        )

    async def muted(self, channel: str) -> dict[str, int]:
        reply = await self.get(f"/circle/channel/{channel}/user/mute/list", serverId=self.community)
        assert reply.status == 200, reply
        return {row["user"]: row["expire"] for row in reply.json["mute_users"]}


@pytest_asyncio.fixture
async def clock():
    return Clock()


@pytest_asyncio.fixture
async def launch(clock):
    """Start services with options of the test's own; everything is stopped at the end."""
    started: list[tuple[IMService, aiohttp.ClientSession]] = []

    async def start(*, data=None, credentials=DEFAULT_CREDENTIALS, monotonic=time.monotonic, **options: Any) -> Api:
        options.setdefault("rate_limit", None)
        service = IMService(
            data,
            options=IMServiceOptions(**options),
            credentials=credentials,
            now_ms=clock,
            monotonic=monotonic,
            id_seed=7,
        )
        url = await service.start()
        session = aiohttp.ClientSession()
        started.append((service, session))
        api = Api(service, url, session)
        await api.fetch_token()
        return api

    yield start
    for service, session in started:
        await session.close()
        await service.stop()


@pytest_asyncio.fixture
async def api(launch):
    """A service with a community `owner` owns, and three people who are in nothing yet."""
    api = await launch()
    await api.users("owner", "ann", "Ben", "cleo")
    api.community = await api.new_community()
    return api


def assert_refusal(reply: Reply, status: int, error: str, text: str = "", *, circle: bool = True) -> None:
    """The five keys of an error body, and `code` for Circle (facts 2, 11)."""
    assert (reply.status, reply.json["error"]) == (status, error), reply
    keys = {"error", "exception", "timestamp", "duration", "error_description"}
    assert set(reply.json) == (keys | {"code"} if circle else keys)
    if circle:
        assert reply.json["code"] == status
    assert text in reply.json["error_description"]
