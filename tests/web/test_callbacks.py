"""Callbacks over a real socket: what the server answers, what it does not say, and the embedded IM service's own."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot.app import assemble
from bot.config import HttpSettings, IMSettings, Settings, StorageSettings
from bot.logs import configure_logging
from bot.services.callbacks.service import LONGEST_BODY, Receipt
from bot.services.clock import SystemClock
from bot.services.model import Staff
from bot.store import StoreError
from bot.web import callbacks as web_callbacks
from bot.web.server import WebError, WebServer
from bot.web.setup import callback_options, with_callbacks
from tests.e2e.processes import free_port
from tests.empty_database import lay_empty_database
from tests.services.signed import group_op, signed


class Scripted:
    """Takes callbacks in as it is told."""

    def __init__(self) -> None:
        self.enabled = True
        self.answer: Receipt | Exception = Receipt.ACCEPTED
        self.got: list[bytes] = []

    async def accept(self, raw: bytes) -> Receipt:
        self.got.append(raw)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
async def scripted() -> Scripted:
    return Scripted()


@pytest.fixture
async def url(scripted: Scripted) -> AsyncIterator[str]:
    server = WebServer("127.0.0.1", 0, [web_callbacks.routes(scripted)])  # pyright: ignore
    await server.start()
    yield server.url
    await server.stop()
    await server.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_each_receipt_has_its_status_and_a_few_words(
    url: str, http: aiohttp.ClientSession, scripted: Scripted
) -> None:
    statuses: dict[Receipt, int] = {}
    for scripted.answer in Receipt:
        async with http.post(url + web_callbacks.PATH, data=b"{}") as answer:
            statuses[scripted.answer] = answer.status
            said = await answer.text()
            assert 0 < len(said) <= 100
            assert "Server" not in answer.headers
            if answer.status == 200:
                # An IM that asks before it sends would send nothing otherwise.
                assert json.loads(said) == {"valid": True}
    assert statuses == {
        Receipt.ACCEPTED: 200, Receipt.DUPLICATE: 200, Receipt.UNSIGNED: 200, Receipt.MALFORMED: 400,
        Receipt.TOO_LARGE: 413, Receipt.FORGED: 403, Receipt.STALE: 403, Receipt.BUSY: 503,
    }  # fmt: skip


async def test_what_is_no_callback_gets_a_short_plain_answer(
    url: str, http: aiohttp.ClientSession, scripted: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask(method: str, path: str, **more: Any) -> tuple[int, str]:
        async with http.request(method, url + path, **more) as answer:
            assert answer.content_type == "text/plain"
            assert "Server" not in answer.headers
            return answer.status, await answer.text()

    assert await ask("GET", web_callbacks.PATH) == (405, "method not allowed")
    assert await ask("POST", "/callbacks/../etc?x=<b>") == (404, "not found")
    status, said = await ask("POST", web_callbacks.PATH, data=b"x" * (LONGEST_BODY + 1))
    assert (status, scripted.got) == (413, [])
    assert len(said) < 100
    scripted.answer = RuntimeError("the body's words")
    assert await ask("POST", web_callbacks.PATH, data=b"{}") == (500, "internal error")
    scripted.enabled = False
    assert await ask("POST", web_callbacks.PATH, data=b"{}") == (
        404, "callbacks are off: http.callback_secret is not set",
    )  # fmt: skip


async def test_a_body_that_never_comes_is_not_waited_for(
    url: str, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_callbacks, "_READ_SECONDS", 0.1)
    port = int(url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /callbacks/im HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 408")
    writer.close()
    assert scripted.got == []


async def test_what_is_no_request_is_not_quoted_in_the_log(
    url: str, http: aiohttp.ClientSession, scripted: Scripted
) -> None:
    stream = io.StringIO()
    configure_logging("info", stream=stream)
    head = b"POST /callbacks/im HTTP/1.1\r\nHost: x\r\n"
    for sent in (
        b"GET /x?alice HTTP/9.9\r\n\r\n",
        head + b"Bad alice\x00: 1\r\n\r\n",
        head + b"Transfer-Encoding: chunked\r\n\r\nalice\r\n",
        head + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nalice",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(sent)
        assert b" 400 " in await asyncio.wait_for(reader.readline(), 5)
        writer.close()
    _reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(head + b"Content-Length: 9\r\n\r\nalice")
    writer.close()
    await writer.wait_closed()
    async with http.post(url + web_callbacks.PATH, data=b"{}") as answer:
        assert answer.status == 200
    assert stream.getvalue() == ""
    assert scripted.got == [b"{}"]


async def gone(*_work: object) -> None:
    raise StoreError("the database cannot be reached")


def without_im(settings: Settings) -> Settings:
    own = {"org": "o", "app": "a", "client_id": "c", "client_secret": SecretStr("secret")}
    im = IMSettings(kind="easemob", base_url="http://127.0.0.1:9", **own)  # pyright: ignore
    return settings.model_copy(update={"im": im})


async def test_where_the_port_is_taken_nothing_is_begun(tmp_path: Any, url: str) -> None:
    await lay_empty_database(tmp_path / "warden.db")
    machine = await assemble(without_im(settings_with(tmp_path, port=int(url.rpartition(":")[2]))))
    with closing(sqlite3.connect(tmp_path / "warden.db")) as database:
        rows = (
            "INSERT INTO callback_events (call_id, at_ms, kind, state, owner) VALUES ('1', 1, 'x', 'waiting', 'first')"
        )
        database.execute(rows)
        database.commit()
        before = asyncio.all_tasks()
        with pytest.raises(WebError):
            await machine.start()
        assert asyncio.all_tasks() == before
        await machine.stop()
        assert database.execute("SELECT owner FROM callback_events").fetchall() == [("first",)]


async def test_a_stop_in_the_middle_of_the_start_leaves_nothing_running(tmp_path: Any) -> None:
    await lay_empty_database(tmp_path / "warden.db")
    for turns in (1, 3, 5, 20):
        port = free_port()
        machine = await assemble(without_im(settings_with(tmp_path, port=port)))
        before = asyncio.all_tasks()
        starting = asyncio.create_task(machine.start())
        for _ in range(turns):
            await asyncio.sleep(0.001)
        await machine.stop()
        await asyncio.gather(starting, return_exceptions=True)
        await asyncio.sleep(0)
        left = {task.get_name() for task in asyncio.all_tasks() - before}
        assert left == set()
        with pytest.raises(OSError, match="Connect call failed"):
            await asyncio.open_connection("127.0.0.1", port)


async def test_what_cannot_be_stopped_in_order_keeps_nothing_else_open(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lay_empty_database(tmp_path / "warden.db")
    machine = await assemble(without_im(settings_with(tmp_path, port=free_port())))
    before = asyncio.all_tasks()
    await machine.start()
    # As on a PostgreSQL that has gone away, where leases are handed back.
    monkeypatch.setattr(machine.services.housekeeping, "stop", gone)
    await machine.stop()
    assert asyncio.all_tasks() <= before
    with pytest.raises(RuntimeError):
        await machine.store.check()


async def test_a_port_in_use_is_one_sentence(url: str) -> None:
    port = int(url.rpartition(":")[2])
    with pytest.raises(WebError) as caught:
        await WebServer("127.0.0.1", port, []).start()
    assert str(caught.value) == (
        f"cannot listen on 127.0.0.1 port {port} (http.host, http.port): the port is in use by another program"
    )


def settings_with(folder: Any, **http: Any) -> Settings:
    storage = StorageSettings(url=SecretStr(f"sqlite+aiosqlite:///{folder}/warden.db"))
    return Settings.model_construct(storage=storage, http=HttpSettings(**http))


async def test_an_embedded_im_service_calls_us_with_a_secret_of_this_start(tmp_path: Any) -> None:
    await lay_empty_database(tmp_path / "warden.db")
    machine = await assemble(settings_with(tmp_path, port=free_port()))
    services, im = machine.services, machine.im
    try:
        await machine.start()
        community = (await im.communities.list().page(limit=1)).items[0].community_id
        await services.settings.set_community(1, community)
        channels = [c.place for c in await services.directory.known_channels(1) if c.place.channel_name == "strategy"]
        staff = Staff(1, "anna")
        view = await services.mutes.mute(
            staff=staff, guild_id=1, channel="strategy", member="li.wei88", duration="10m", reason=""
        )
        begun = asyncio.get_running_loop().time()
        await im.mutes.add(community, channels[0].channel_id, "li.wei88", duration_ms=3_600_000)
        while not (await services.cases.view(1, view.id)).adopted:
            await asyncio.sleep(0.02)
        took = asyncio.get_running_loop().time() - begun
        assert took < 2, "a second, on a machine that has other things to do"
        assert (await services.cases.view(1, view.id)).ends_at - SystemClock().now() > timedelta(minutes=50)
        assert services.meters.registry.get_sample_value("warden_callbacks_total", {"outcome": "forged"}) is None
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{machine.web.url}/callbacks/im", data=signed(group_op("9", "UPDATE"), 1)) as answer,
        ):  # pyright: ignore
            assert answer.status == 403
    finally:
        await machine.stop()
    assert machine.im_service is not None
    assert machine.im_service.callbacks.failed == 0


async def test_settings_decide_whether_and_where_there_is_a_server(tmp_path: Any) -> None:
    off = settings_with(tmp_path)
    assert with_callbacks(off) is off
    assert callback_options(off) == {}
    own = settings_with(tmp_path, port=8090, host="0.0.0.0", callback_secret=SecretStr("s3cret-word"))
    assert with_callbacks(own) is own
    assert callback_options(own) == {
        "callback_url": "http://127.0.0.1:8090/callbacks/im", "callback_secret": "s3cret-word",
    }  # fmt: skip
    six = with_callbacks(settings_with(tmp_path, port=8090, host="::1"))
    assert callback_options(six)["callback_url"] == "http://[::1]:8090/callbacks/im"
    assert six.http.callback_secret is not None
    assert len(six.http.callback_secret.get_secret_value()) >= 32
