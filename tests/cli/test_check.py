import asyncio
import json
import socket
import sqlite3
import time
from pathlib import Path

import pytest
from aiohttp import web

from bot.check import _check_http, check_and_report
from bot.config import Settings
from bot.imservice import DEFAULT_CREDENTIALS, IMService
from tests.cli.lines import rows_of

ROOT = Path(__file__).parents[2]
TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.token"


class Neighbours:
    """An IM service and a stand-in for Discord's /users/@me."""

    def __init__(self) -> None:
        self.answer: tuple[int, str] = (200, json.dumps({"id": "1", "username": "warden-bot"}))
        self.headers: dict[str, str] = {}
        self.hangs = False
        self.go_on = asyncio.Event()


@pytest.fixture
def check(monkeypatch):
    """Run `warden check` beside neighbours that are really listening; returns exit code and rows."""
    neighbours = Neighbours()

    async def me(request: web.Request) -> web.Response:
        neighbours.headers = dict(request.headers)
        if neighbours.hangs:
            await neighbours.go_on.wait()
        status, body = neighbours.answer
        return web.Response(status=status, text=body, headers={"Location": "http://127.0.0.1:1/"})

    def run(capsys, *, environment: dict[str, str] | None = None) -> tuple[int, dict[str, tuple[str, str]], str]:
        async def everything() -> int:
            discord = web.Application()
            discord.router.add_get("/api/v10/users/@me", me)
            runner = web.AppRunner(discord, shutdown_timeout=0)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = runner.addresses[0][1]
            service = IMService()
            url = await service.start("127.0.0.1", 0)
            monkeypatch.setenv("WARDEN_DISCORD__TOKEN", TOKEN)
            monkeypatch.setenv("WARDEN_DISCORD__API_BASE", f"http://127.0.0.1:{port}/api/v10")
            for name, value in (environment or {}).items():
                monkeypatch.setenv(name, value.replace("IM_URL", url))
            try:
                return await check_and_report(None)
            finally:
                neighbours.go_on.set()
                await service.stop()
                await runner.cleanup()

        code = asyncio.run(everything())
        out, err = capsys.readouterr()
        return code, rows_of(out), out + err

    run.neighbours = neighbours
    return run


EASEMOB = {
    "WARDEN_IM__KIND": "easemob",
    "WARDEN_IM__BASE_URL": "IM_URL",
    "WARDEN_IM__ORG": DEFAULT_CREDENTIALS.org,
    "WARDEN_IM__APP": DEFAULT_CREDENTIALS.app,
    "WARDEN_IM__CLIENT_ID": DEFAULT_CREDENTIALS.client_id,
    "WARDEN_IM__CLIENT_SECRET": DEFAULT_CREDENTIALS.client_secret,
}
SHENGWANG = {
    "WARDEN_IM__KIND": "shengwang",
    "WARDEN_IM__BASE_URL": "IM_URL",
    "WARDEN_IM__APP_ID": DEFAULT_CREDENTIALS.app_id,
    "WARDEN_IM__APP_CERTIFICATE": DEFAULT_CREDENTIALS.app_certificate,
}


def test_check_succeeds_when_everything_answers(check, capsys):
    code, rows, _ = check(capsys)
    assert code == 0
    assert {name: state for name, (state, _) in rows.items()} == dict.fromkeys(
        ("config", "database", "im", "discord", "http"), "ok"
    )
    assert rows["discord"][1] == "logged in as warden-bot"
    assert rows["im"][1].startswith("embedded")
    assert check.neighbours.headers["Authorization"] == f"Bot {TOKEN}"
    assert list(Path().iterdir()) == [], "looking creates no database"


@pytest.mark.parametrize("environment", [EASEMOB, SHENGWANG], ids=["easemob", "shengwang"])
def test_check_obtains_an_im_token(check, capsys, environment):
    code, rows, shown = check(capsys, environment=environment)
    assert code == 0
    assert rows["im"][0] == "ok"
    assert rows["im"][1].endswith("token obtained")
    for name in ("WARDEN_IM__CLIENT_SECRET", "WARDEN_IM__APP_CERTIFICATE"):
        assert environment.get(name, "no such text") not in shown


def test_check_shows_a_wrong_im_secret_without_showing_it(check, capsys):
    code, rows, shown = check(capsys, environment={**EASEMOB, "WARDEN_IM__CLIENT_SECRET": "wrong-s3cret"})
    assert code == 1
    assert rows["im"][0] == "failed"
    assert rows["discord"][0] == "ok"
    assert "wrong-s3cret" not in shown


def test_check_shows_an_im_service_that_is_not_there(check, capsys):
    environment = {**EASEMOB, "WARDEN_IM__BASE_URL": "http://127.0.0.1:1", "WARDEN_IM__TIMEOUT_SECONDS": "0.2"}
    code, rows, shown = check(capsys, environment=environment)
    assert code == 1
    assert rows["im"][0] == "failed"
    assert "Traceback" not in shown


def test_check_says_that_discord_refused_the_token(check, capsys):
    check.neighbours.answer = (401, '{"message": "401: Unauthorized", "code": 0}')
    code, rows, shown = check(capsys)
    assert code == 1
    assert rows["discord"][0] == "failed"
    assert "refused the token (401)" in rows["discord"][1]
    assert TOKEN not in shown


@pytest.mark.parametrize("answer", [(500, ""), (302, ""), (200, "<html>"), (200, "[]"), (200, '{"username": 5}')])
def test_check_fails_when_discord_answers_anything_else(check, capsys, answer):
    check.neighbours.answer = answer
    code, rows, _ = check(capsys)
    assert code == 1
    assert rows["discord"][0] == "failed"
    assert f"answered {answer[0]}" in rows["discord"][1]


def test_check_gives_up_on_a_row_that_does_not_answer(check, capsys, monkeypatch):
    monkeypatch.setattr("bot.check.ROW_SECONDS", 0.2)
    check.neighbours.hangs = True
    begun = time.monotonic()
    code, rows, _ = check(capsys)
    assert time.monotonic() - begun < 2.5
    assert code == 1
    assert rows["discord"] == ("failed", "no answer within 0.2 s")
    assert rows["database"][0] == "ok"


def test_check_does_not_believe_names_from_outside(check, capsys):
    check.neighbours.answer = (200, json.dumps({"username": "[red]x[/red]\n\x1b[2J" + TOKEN}))
    _, rows, shown = check(capsys)
    assert rows["discord"] == ("ok", "logged in as [red]x[/red] ?[2J***")
    assert "\x1b" not in shown


def test_check_shows_a_wrong_configuration_as_its_row(warden, monkeypatch):
    monkeypatch.setenv("WARDEN_DISCROD__TOKEN", TOKEN)
    code, out, err = warden("check")
    assert (code, err) == (1, "")
    assert rows_of(out)["config"] == (
        "failed",
        "unknown environment variable WARDEN_DISCROD__TOKEN: did you mean WARDEN_DISCORD__TOKEN?",
    )
    assert rows_of(out)["discord"][0] == "skipped"


def test_check_with_the_example_fails_only_for_want_of_a_token(warden):
    code, out, err = warden("check", "--config", str(ROOT / "config.example.toml"))
    assert (code, err) == (1, "")
    rows = rows_of(out)
    assert [name for name, (state, _) in rows.items() if state != "ok"] == ["discord"]
    assert "WARDEN_DISCORD__TOKEN" in rows["discord"][1]


def test_check_tells_whether_the_port_is_free_or_somebody_elses(check, capsys):
    assert check(capsys)[1]["http"][1].startswith("off:")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        environment = EASEMOB | {"WARDEN_HTTP__PORT": str(port)}
        code, rows, _ = check(capsys, environment=environment)
        assert (code, rows["http"][0]) == (1, "failed")
        assert "choose another http.port" in rows["http"][1]
    code, rows, _ = check(capsys, environment=environment)
    assert (code, rows["http"][0]) == (0, "ok")
    assert "is free; callbacks are refused without http.callback_secret" in rows["http"][1]
    _, rows, shown = check(capsys, environment=environment | {"WARDEN_HTTP__CALLBACK_SECRET": "s3cret-of-ours"})
    assert rows["http"][1] == f"127.0.0.1:{port} is free"
    assert "s3cret-of-ours" not in shown


async def test_check_knows_a_running_bot_by_its_answer():
    async def alive(_request: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/healthz", alive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        http = {"port": runner.addresses[0][1], "callback_secret": "s3cret-of-ours"}
        text = await _check_http(Settings(http=http))
    finally:
        await runner.cleanup()
    assert text.endswith("answers: the bot is running")


def test_check_shows_the_migration_state(warden):
    sqlite3.connect("warden.db").close()
    Path("warden.db").touch()
    _, out, _ = warden("check")
    assert rows_of(out)["database"][0] == "ok"
    assert "`warden run` migrates it at start" in out
    warden("migrate")
    _, out, _ = warden("check")
    assert "is up to date" in rows_of(out)["database"][1]


def test_check_shows_a_database_that_cannot_be_used(warden, monkeypatch):
    Path("warden.db").write_bytes(b"not a database, surely not one of SQLite's" * 100)
    code, out, _ = warden("check")
    assert code == 1
    assert rows_of(out)["database"][0] == "failed"
    monkeypatch.setenv("WARDEN_STORAGE__URL", "postgresql+asyncpg://warden:p4ssw0rd@127.0.0.1:1/warden")
    _, out, err = warden("check")
    assert rows_of(out)["database"][0] == "failed"
    assert "p4ssw0rd" not in out + err


def test_check_shows_a_folder_that_cannot_be_written(warden, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)
    _, out, _ = warden("check")
    state, text = rows_of(out)["database"]
    assert state == "failed"
    assert "is not writable" in text
