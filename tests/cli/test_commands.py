import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.imservice import DEFAULT_CREDENTIALS, ServiceCredentials
from tests.cli.lines import only_line

ROOT = Path(__file__).parents[2]
TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.token"


def process(*arguments: str, **more) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False, **more
    )


def test_help_names_every_command(warden):
    code, out, _ = warden("--help")
    assert code == 0
    for command in ("run", "demo", "im-service", "check", "sync", "migrate", "export"):
        assert re.search(rf"^  {command} ", out, re.MULTILINE)


@pytest.mark.parametrize(
    "command", [["run"], ["demo"], ["im-service"], ["check"], ["sync"], ["migrate"], ["export", "cases"]]
)
def test_every_command_takes_a_configuration_file(warden, command):
    code, out, _ = warden(*command, "--help")
    assert code == 0
    assert "--config F" in out


def test_version_is_shown(warden):
    code, out, _ = warden("--version")
    assert code == 0
    assert out.startswith("warden ")


def test_help_imports_nothing_heavy():
    heavy = ("aiohttp", "alembic", "discord", "pydantic", "rich", "simcord", "sqlalchemy", "structlog")
    code = (
        "import sys, atexit; sys.argv = ['warden', '--help']; from bot.__main__ import main;"
        f"atexit.register(lambda: print('LOADED', [m for m in {heavy!r} if m in sys.modules])); main()"
    )
    assert process("-c", code).stdout.splitlines()[-1] == "LOADED []"


def test_python_m_bot_is_the_same_program():
    done = process("-m", "bot", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: warden ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["run", "--fast"],
        ["demo", "--port", "70000"],
        ["im-service", "--fail", "1.5"],
        ["im-service", "--latency", "-1"],
        ["im-service", "--seed", "poem"],
        ["im-service", "--app-id", "short"],
        ["im-service", "--org", "a/b"],
        ["sync", "--guild", "home"],
        ["export", "cases", "--format", "xml"],
        ["export", "cases", "--since", "yesterday"],
        ["export", "people"],
    ],
)
def test_wrong_usage_ends_with_2_and_no_traceback(warden, arguments):
    code, out, err = warden(*arguments)
    assert code == 2
    assert out == ""
    assert "Error: " in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", [["run"], ["demo"], ["im-service"], ["sync"], ["migrate"], ["export", "cases"]])
def test_a_wrong_configuration_ends_every_command_with_one_line(warden, command):
    Path("config.toml").write_text("[log]\nlevel = 'loud'\n")
    code, out, err = warden(*command)
    assert (code, out) == (1, "")
    assert only_line(err) == "warden: config.toml: log.level must be one of debug, info, warning, error, critical"


def test_a_missing_named_configuration_is_one_line(warden):
    code, _, err = warden("migrate", "--config", "other.toml")
    assert code == 1
    assert only_line(err) == "warden: other.toml: there is no such configuration file"


@pytest.mark.parametrize("command", ["run", "sync"])
def test_without_a_token_discord_commands_say_where_to_set_it(warden, command):
    code, _, err = warden(command)
    assert code == 1
    assert "discord.token is not set" in only_line(err)
    assert "WARDEN_DISCORD__TOKEN" in err


def test_an_unexpected_error_is_logged_without_secrets(warden, stand_in, monkeypatch):
    async def run_bot(settings):
        raise RuntimeError(f"broken with {settings.discord.token.get_secret_value()}")

    stand_in("bot.running", run_bot=run_bot)
    monkeypatch.setenv("WARDEN_DISCORD__TOKEN", TOKEN)
    code, out, err = warden("run")
    assert (code, out) == (1, "")
    assert "unexpected error" in err
    assert "RuntimeError: broken with ***" in err
    assert TOKEN not in err


def test_ctrl_c_is_quiet(warden, stand_in, monkeypatch):
    def run_bot(_settings):
        raise KeyboardInterrupt

    stand_in("bot.running", run_bot=run_bot)
    monkeypatch.setenv("WARDEN_DISCORD__TOKEN", TOKEN)
    assert warden("run") == (130, "", "")


@pytest.mark.parametrize("wanted", [0, 3])
def test_run_hands_the_settings_on_and_exits_with_the_bots_code(warden, stand_in, monkeypatch, wanted):
    seen = []

    async def run_bot(settings):
        seen.append(settings.discord.token.get_secret_value())
        return wanted

    stand_in("bot.running", run_bot=run_bot)
    monkeypatch.setenv("WARDEN_DISCORD__TOKEN", TOKEN)
    assert warden("run")[0] == wanted
    assert seen == [TOKEN]


@pytest.mark.parametrize(
    ("arguments", "guild", "said"),
    [([], None, "5 commands registered globally"), (["--guild", "77"], 77, "5 commands registered in server 77")],
)
def test_sync_registers_and_says_how_many(warden, stand_in, monkeypatch, arguments, guild, said):
    async def sync_commands(settings, guild_id):
        assert guild_id == guild
        return 5

    stand_in("bot.running", sync_commands=sync_commands)
    monkeypatch.setenv("WARDEN_DISCORD__TOKEN", TOKEN)
    code, out, _ = warden("sync", *arguments)
    assert (code, only_line(out)) == (0, said)


@pytest.mark.parametrize(
    ("arguments", "called"),
    [
        ([], ("serve", None, None)),
        (["--port", "99", "--data", "d"], ("serve", 99, Path("d"))),
        (["--tour"], ("tour", None)),
        (["--tour", "--data", "d"], ("tour", Path("d"))),
    ],
)
def test_demo_serves_the_page_or_runs_the_tour(warden, stand_in, arguments, called):
    calls = []

    async def serve_demo(port, data):
        calls.append(("serve", port, data))
        return 0

    async def run_tour(data):
        calls.append(("tour", data))
        return 0

    stand_in("bot.demo", serve_demo=serve_demo, run_tour=run_tour)
    assert warden("demo", *arguments)[0] == 0
    assert calls == [called]


def test_demo_without_its_extra_says_what_to_install(warden, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    code, _, err = warden("demo")
    assert code == 1
    assert only_line(err).endswith('pip install "circle-warden[demo]"')


def test_postgresql_without_its_extra_says_what_to_install(warden, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setenv("WARDEN_STORAGE__URL", "postgresql+asyncpg://u:p@127.0.0.1/d")
    code, _, err = warden("migrate")
    assert code == 1
    assert only_line(err).endswith('pip install "circle-warden[postgres]"')


def test_im_service_hands_its_options_on(warden, monkeypatch):
    seen = {}

    async def serve(**arguments):
        seen.update(arguments)

    monkeypatch.setattr("bot.imservice.serve", serve)
    code, _, _ = warden(
        *("im-service", "--host", "::1", "--port", "0", "--data", "d", "--seed", "sample", "--keep-expired-mutes"),
        *("--org", "o", "--app", "a", "--client-id", "c", "--client-secret", "s", "--latency", "20", "--fail", "0.25"),
        *("--app-id", "a" * 32, "--app-certificate", "b" * 32),
    )
    assert code == 0
    assert (seen["host"], seen["port"], seen["data"], seen["seed"]) == ("::1", 0, Path("d"), "sample")
    assert seen["credentials"] == ServiceCredentials(
        org="o", app="a", client_id="c", client_secret="s", app_id="a" * 32, app_certificate="b" * 32
    )
    options = seen["options"]
    assert (options.keep_expired_mutes, options.latency_ms, options.fail_rate) == (True, 20, 0.25)


def test_im_service_has_the_documented_defaults(warden, monkeypatch):
    seen = {}

    async def serve(**arguments):
        seen.update(arguments)

    monkeypatch.setattr("bot.imservice.serve", serve)
    assert warden("im-service")[0] == 0
    assert seen["host"] == "127.0.0.1"
    assert seen["credentials"] == DEFAULT_CREDENTIALS
    assert seen["data"] is seen["seed"] is None
    assert not seen["options"].keep_expired_mutes


def test_im_service_takes_its_secrets_from_the_environment(warden, monkeypatch):
    """On a command line every user of the machine can read them."""
    seen = {}

    async def serve(**arguments):
        seen.update(arguments)

    monkeypatch.setattr("bot.imservice.serve", serve)
    monkeypatch.setenv("WARDEN_IM__CLIENT_SECRET", "from-the-environment")
    assert warden("im-service")[0] == 0
    assert seen["credentials"].client_secret == "from-the-environment"


def test_im_service_refuses_the_default_credentials_beyond_this_machine(warden):
    code, out, err = warden("im-service", "--host", "0.0.0.0", "--port", "0")
    assert (code, out) == (1, "")
    assert "--client-secret" in only_line(err)


def test_im_service_says_when_it_listens_and_ends_cleanly_on_sigterm(tmp_path):
    command = [sys.executable, "-m", "bot", "im-service", "--port", "0", "--data", "im", "--seed", "sample"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as service:
        try:
            assert re.search(r"listening on http://127\.0\.0\.1:\d+", service.stdout.readline())
            service.send_signal(signal.SIGTERM)
            _, err = service.communicate(timeout=20)
        finally:
            service.kill()
    assert service.returncode == 0
    assert err == ""
    assert any((tmp_path / "im").iterdir())
