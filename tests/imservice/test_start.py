"""Starting and stopping: credentials, ports, and the process that serves until it is told to stop."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest

from bot.imservice import DEFAULT_CREDENTIALS, IMService, IMServiceOptions, ServiceCredentials, StartupError
from bot.imservice.options import is_loopback

ROOT = Path(__file__).parents[2]
OWN = ServiceCredentials(client_secret="mine", app_certificate="a" * 32)
SERVE = """
import asyncio, json, sys
from pathlib import Path
from bot.imservice import IMServiceOptions, serve
options = json.loads(sys.argv[1])
data = options.pop("data", None)
asyncio.run(serve(data=Path(data) if data else None, options=IMServiceOptions(rate_limit=None), **options))
"""


async def process(**options):
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SERVE,
        json.dumps(options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


async def listening(running) -> str:
    async with asyncio.timeout(20):
        line = (await running.stdout.readline()).decode()
    assert line.startswith("listening on http://127.0.0.1:"), line or (await running.stderr.read()).decode()
    return line.split()[-1]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.invalid", ""])
async def test_default_secrets_are_refused_where_others_can_reach_them(host):
    service = IMService()
    with pytest.raises(StartupError) as refused:
        await service.start(host)
    assert "--client-secret and --app-certificate" in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_each_secret_that_is_still_the_default_is_named():
    half = ServiceCredentials(client_secret="mine")
    with pytest.raises(StartupError, match="pass --app-certificate "):
        await IMService(credentials=half).start("0.0.0.0")


async def test_own_secrets_may_listen_anywhere():
    service = IMService(credentials=OWN)
    assert (await service.start("0.0.0.0")).startswith("http://0.0.0.0:")
    await service.stop()


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("localhost", True), ("::1", True), ("10.0.0.1", False), ("", False)],
)
def test_loopback(host, expected):
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    "fields",
    [{"org": "a/b"}, {"org": "app-id"}, {"app": ""}, {"client_id": ""}, {"app_id": "xyz"}, {"app_certificate": "1"}],
)
def test_credentials_that_cannot_work_are_refused_by_name(fields):
    with pytest.raises(ValueError, match=next(iter(fields))):
        ServiceCredentials(**fields)


@pytest.mark.parametrize("fields", [{"fail_rate": 1.1}, {"latency_ms": -1}, {"rate_limit": 0}])
def test_options_out_of_range_are_refused_by_name(fields):
    with pytest.raises(ValueError, match=next(iter(fields))):
        IMServiceOptions(**fields)


def test_secrets_are_in_no_repr():
    assert DEFAULT_CREDENTIALS.client_secret not in repr(DEFAULT_CREDENTIALS)
    assert DEFAULT_CREDENTIALS.app_certificate not in repr(DEFAULT_CREDENTIALS)


async def test_a_used_port_is_one_clear_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        service = IMService()
        with pytest.raises(StartupError, match=f"cannot listen on 127.0.0.1 port {port}: the port is in use"):
            await service.start(port=port)
        running = await process(port=port)
        out, err = await running.communicate()
    assert running.returncode == 1
    assert out == b""
    assert err.decode().count("\n") == 1
    assert "the port is in use" in err.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_process_says_when_it_is_ready_and_stops_when_told(number):
    running = await process(seed="sample")
    url = await listening(running)
    async with aiohttp.ClientSession() as session, session.get(url + "/demo-org/demo-app/circle/user/ann") as response:
        assert response.status == 401
        running.send_signal(number)
        async with asyncio.timeout(10):
            _, err = await running.communicate()
    assert (running.returncode, err) == (0, b"")


async def test_an_acknowledged_write_survives_sigkill(tmp_path):
    """Registers users from several connections at once and kills the process in the middle of it."""
    running = await process(data=str(tmp_path))
    url = await listening(running) + "/demo-org/demo-app"
    grant = {
        "grant_type": "client_credentials",
        "client_id": DEFAULT_CREDENTIALS.client_id,
        "client_secret": DEFAULT_CREDENTIALS.client_secret,
    }
    acknowledged: list[str] = []
    enough = asyncio.Event()
    async with aiohttp.ClientSession() as session:
        async with session.post(url + "/token", json=grant) as response:
            headers = {"Authorization": "Bearer " + (await response.json())["access_token"]}

        async def register(worker):
            with contextlib.suppress(aiohttp.ClientError):
                for number in range(10_000):
                    name = f"w{worker}-{number}"
                    async with session.post(url + "/users", json={"username": name}, headers=headers) as reply:
                        if reply.status == 200:
                            await reply.read()
                            acknowledged.append(name)
                    if len(acknowledged) >= 300:
                        enough.set()

        workers = [asyncio.create_task(register(worker)) for worker in range(16)]
        async with asyncio.timeout(30):
            await enough.wait()
        running.send_signal(signal.SIGKILL)
        await asyncio.gather(*workers)
        await running.communicate()
        again = await process(data=str(tmp_path))
        url = await listening(again) + "/demo-org/demo-app"
        missing = []
        for name in acknowledged:
            async with session.get(f"{url}/circle/user/{name}", headers=headers) as response:
                if not (await response.json())["result"]:
                    missing.append(name)
    again.send_signal(signal.SIGTERM)
    await again.communicate()
    assert len(acknowledged) >= 300
    assert missing == []
