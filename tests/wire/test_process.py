"""The fake and the bare bot as processes of their own, driven over HTTP."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.wire.server import DEFAULT_TOKEN

ROOT = Path(__file__).parents[2]


async def spawn(module: str, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
    )


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip()


class Remote:
    """The fake in its own process."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base = base
        self._session = session

    async def get(self, action: str, /, **query: str):
        async with self._session.get(f"{self.base}/control/{action}", params=query) as response:
            return await response.json()

    async def post(self, action: str, /, **body):
        async with self._session.post(f"{self.base}/control/{action}", json=body) as response:
            return await response.json()


@pytest.fixture
async def remote() -> AsyncIterator[Remote]:
    process = await spawn("tests.wire", "--port", "0")
    try:
        announced = await line(process)
        assert announced.startswith("listening on http://127.0.0.1:")
        async with aiohttp.ClientSession() as session:
            yield Remote(announced.removeprefix("listening on "), session)
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 5) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.fixture
async def im() -> AsyncIterator[tuple[str, list[dict]]]:
    """An IM that accepts every mute, and what it was asked."""
    asked: list[dict] = []

    async def mute(request: web.Request) -> web.Response:
        asked.append({"channel": request.match_info["channel"]} | await request.json())
        return web.json_response({"code": 200})

    app = web.Application()
    app.router.add_post("/org/app/circle/channel/{channel}/user/mute", mute)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/org/app", asked
    await runner.cleanup()


async def test_a_killed_bot_comes_back_and_finds_its_commands_and_messages(remote: Remote, im: tuple[str, list[dict]]):
    state = await remote.get("state")
    environment = {
        "BAREBOT_API_BASE": state["api_base"],
        "BAREBOT_GATEWAY_URL": state["gateway_url"],
        "BAREBOT_TOKEN": DEFAULT_TOKEN,
        "BAREBOT_IM_URL": im[0],
        "BAREBOT_COMMUNITY": "c1",
    }
    await remote.post("members", name="mod", administrator=True)
    command = {"member": "mod", "command": "mute", "options": {"member": "bob", "channel": "ch1"}}
    bot = await spawn("tests.wire.barebot", **environment)
    try:
        assert await line(bot) == "ready"
        reply = await remote.post("slash", **command)
        assert (reply["text"], reply["deferred"], reply["ephemeral"]) == ("muted bob", True, True)
        bot.send_signal(signal.SIGKILL)
        await bot.wait()
        lost = await remote.post("slash", **command, timeout=0.2)
        assert "did not acknowledge" in lost["error"]
    finally:
        if bot.returncode is None:
            bot.kill()
    again = await spawn("tests.wire.barebot", **environment)
    try:
        assert await line(again) == "ready"
        assert (await remote.post("slash", **command))["text"] == "muted bob"
        again.terminate()
        assert await asyncio.wait_for(again.wait(), 5) == 0
    finally:
        if again.returncode is None:
            again.kill()
    expected = {"channel": "ch1", "server_id": "c1", "user_id": "bob", "duration": 600_000}
    assert im[1] == [expected, expected]
    state = await remote.get("state")
    assert (state["identifies"], state["violations"]) == (2, [])
    assert [one["name"] for one in await remote.get("commands")] == ["mute", "muted", "saved"]


async def test_control_tells_mistakes_and_sets_faults(remote: Remote):
    await remote.post("members", name="mod")
    assert "no command" in (await remote.post("slash", member="mod", command="nothing"))["error"]
    assert "missing" in (await remote.post("slash", command="nothing"))["error"]
    said = await remote.post("say", member="mod", content="hello")
    assert [one["id"] for one in await remote.get("messages", channel="general")] == [said["id"]]
    assert (await remote.post("wait", channel="general", contains="ell"))["id"] == said["id"]
    assert await remote.post("faults", kind="down", status=503) == {"done": "down"}
    api = (await remote.get("state"))["api_base"]
    headers = {"Authorization": f"Bot {DEFAULT_TOKEN}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.get(f"{api}/users/@me") as response:
            assert response.status == 503
        await remote.post("faults", kind="up")
        await remote.post("faults", kind="rate_limit", method="GET", path="/users/@me", retry_after=0.1)
        async with session.get(f"{api}/users/@me") as response:
            assert (response.status, (await response.json())["retry_after"]) == (429, 0.1)
        async with session.get(f"{api}/users/@me") as response:
            assert response.status == 200
