"""A bot without a library: frames and requests exactly as a test wants them, and the ceiling for benchmarks."""

import asyncio
import json
from typing import Any

import aiohttp

from tests.wire.server import FakeDiscord

Json = dict[str, Any]


class RawBot:
    """One gateway connection and REST calls of one's own making."""

    def __init__(self, discord: FakeDiscord) -> None:
        self._discord = discord
        self._session = aiohttp.ClientSession()
        self.ws: aiohttp.ClientWebSocketResponse | None = None
        self.session_id = ""
        self.seq = 0

    async def connect(self) -> Json:
        """Open the gateway; returns HELLO."""
        self.ws = await self._session.ws_connect(self._discord.gateway_url)
        return await self.receive()

    async def send(self, op: int, data: Any) -> None:
        """Send one frame."""
        assert self.ws is not None
        await self.ws.send_str(json.dumps({"op": op, "d": data}))

    async def receive(self, timeout: float = 2.0) -> Json:
        """The next frame, or {"close": code} at the end of the connection."""
        assert self.ws is not None
        frame = await self.ws.receive(timeout)
        if frame.type is not aiohttp.WSMsgType.TEXT:
            return {"close": self.ws.close_code}
        decoded = json.loads(frame.data)
        self.seq = decoded.get("s") or self.seq
        return decoded

    async def event(self, name: str, timeout: float = 2.0) -> Json:
        """The data of the next event of this name; what comes before is dropped."""
        async with asyncio.timeout(timeout):
            while True:
                frame = await self.receive(timeout)
                if "close" in frame:
                    raise ConnectionError(f"closed with {frame['close']}")
                if frame["t"] == name:
                    return frame["d"]

    async def identify(self, intents: int = 1 | 1 << 9, **more: Any) -> Json:
        """Connect and log in; returns READY."""
        await self.connect()
        properties = {"os": "linux", "browser": "raw", "device": "raw"}
        await self.send(2, {"token": self._discord.token, "intents": intents, "properties": properties} | more)
        ready = await self.event("READY")
        self.session_id = ready["session_id"]
        return ready

    async def resume(self, *, session_id: str | None = None, seq: int | None = None) -> None:
        """Connect and ask for a RESUME."""
        await self.connect()
        known = {"session_id": session_id or self.session_id, "seq": self.seq if seq is None else seq}
        await self.send(6, {"token": self._discord.token} | known)

    async def call(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> tuple[int, Any]:
        """One REST request; returns status and JSON (None for an empty body)."""
        headers = {"Authorization": f"Bot {token or self._discord.token}"}
        url = self._discord.api_base + path
        async with self._session.request(method, url, json=body, headers=headers) as response:
            raw = await response.read()
            return response.status, json.loads(raw) if raw else None

    async def register(self, *commands: Json) -> Json:
        """Register global commands."""
        path = f"/applications/{self._discord.world.application_id}/commands"
        status, body = await self.call("PUT", path, list(commands))
        assert status == 200, body
        return body

    async def respond(self, interaction: Json, kind: int, data: Any = None) -> tuple[int, Any]:
        """Answer an interaction."""
        body = {"type": kind} if data is None else {"type": kind, "data": data}
        path = f"/interactions/{interaction['id']}/{interaction['token']}/callback?with_response=1"
        return await self.call("POST", path, body)

    def webhook(self, interaction: Json) -> str:
        """The path for follow-ups of an interaction."""
        return f"/webhooks/{interaction['application_id']}/{interaction['token']}"

    async def close(self) -> None:
        """Close everything."""
        if self.ws is not None:
            await self.ws.close()
        await self._session.close()
