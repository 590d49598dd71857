"""The demo's page as a process: its address, its ports, its data, and how it ends."""

import signal
import socket
from pathlib import Path

import aiohttp
import pytest

from tests.demo.running import RunningDemo, running_demo

pytestmark = pytest.mark.slow


async def test_the_page_answers_at_the_port_that_is_asked_for_and_may_load_nothing_from_elsewhere(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = other.getsockname()[1]
    async with running_demo(tmp_path, "--port", str(free)) as demo:
        assert demo.url().startswith(f"http://127.0.0.1:{free}/")
        async with aiohttp.ClientSession() as session, session.get(demo.url()) as page:
            assert page.status == 200
            assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        text = "\n".join(demo.lines)
        assert "Ctrl-C" in text
        assert "/mute" in text
        await ends_cleanly(demo, tmp_path, signal.SIGINT)


async def ends_cleanly(demo: RunningDemo, folder: Path, number: signal.Signals) -> None:
    """A signal ends it with a word, and what it kept in temporary files is gone."""
    assert list((folder / "tmp").iterdir())
    assert await demo.stop(number) == 0
    assert demo.lines[-1] == "Stopped."
    assert await demo.errors() == ""
    assert list((folder / "tmp").iterdir()) == []
    assert list((folder / "here").iterdir()) == []


async def test_a_taken_port_is_said_and_a_configuration_for_the_real_bot_does_not_lead_to_real_data(tmp_path: Path):
    real = tmp_path / "real.db"
    environment = {"WARDEN_STORAGE__URL": f"sqlite+aiosqlite:///{real}"}
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        async with running_demo(tmp_path, "--port", str(taken), environment=environment, copied=True) as demo:
            assert demo.lines[0] == f"Port {taken} is in use by another program, so the demo takes a free one."
            assert f":{taken}/" not in demo.url()
            async with aiohttp.ClientSession() as session, session.get(demo.url()) as page:
                assert page.status == 200
            await ends_cleanly(demo, tmp_path, signal.SIGTERM)
    assert not real.exists()


async def test_a_data_folder_is_kept_and_serves_a_second_start(tmp_path: Path):
    data = tmp_path / "data"
    for number in (signal.SIGINT, signal.SIGHUP):
        async with running_demo(tmp_path, "--data", str(data), copied=True) as demo:
            assert await demo.stop(number) == 0
            assert await demo.errors() == ""
        assert {"warden.db", "im"} <= {path.name for path in data.iterdir()}
    assert list((tmp_path / "tmp").iterdir()) == []


async def test_a_data_folder_that_cannot_be_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AssertionError, match="the demo ended"):
        async with running_demo(tmp_path, "--data", str(tmp_path / "file" / "data"), copied=True):
            pass
