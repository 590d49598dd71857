"""The operations guide, the systemd unit and the example alert rules are right; the guide's commands are run."""

import asyncio
import configparser
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.app import assemble
from bot.config import Settings, setting_keys
from bot.machine import Machine
from bot.services.alerts import Trouble
from bot.services.model import Staff
from bot.web import health
from bot.web.server import WebServer

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
GUIDE = (DOCS / "operations.md").read_text(encoding="utf-8")
UNIT = (DOCS / "circle-warden.service").read_text(encoding="utf-8")
RULES = (DOCS / "circle-warden.rules.yml").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^ *```(\w+)\n(.*?)^ *```", GUIDE, flags=re.DOTALL | re.MULTILINE)
HEADINGS = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", GUIDE, flags=re.DOTALL), flags=re.MULTILINE)


def commands() -> list[str]:
    """The blocks that are not for the reader's machine alone, in their order."""
    found = [text for kind, text in BLOCKS if kind == "bash"]
    mixed = [text for text in found if len({line.strip().startswith("sudo ") for line in text.splitlines()}) > 1]
    assert not mixed, "a block is either the reader's own or ours to run"
    return [text for text in found if "sudo " not in text]


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_the_table_of_contents_leads_everywhere_and_every_link_somewhere() -> None:
    anchors = {anchor(heading) for heading in HEADINGS}
    linked = set(re.findall(r"\]\(#([^)]+)\)", GUIDE))
    assert linked <= anchors
    contents = GUIDE.split("Commands that begin")[0]
    chapters = {anchor(heading) for heading in re.findall(r"^## (.*)$", GUIDE, flags=re.MULTILINE)}
    assert chapters <= set(re.findall(r"\]\(#([^)]+)\)", contents))
    assert not [link for link in re.findall(r"\]\((?!http|#)([^)#]+)", GUIDE) if not (DOCS / link).exists()]


def test_every_alert_has_a_chapter_under_the_name_that_its_card_gives() -> None:
    chapters = {heading for heading in HEADINGS if heading.startswith("Alert: ")}
    assert len(chapters) == len(Trouble)
    for locale in ("en-US", "zh-CN"):
        texts = (ROOT / "bot" / "locales" / locale / "alerts.ftl").read_text(encoding="utf-8")
        assert set(re.findall(r"› (Alert: .*)$", texts, flags=re.MULTILINE)) == chapters


def test_every_key_and_variable_of_the_guide_and_the_unit_is_one() -> None:
    keys = setting_keys()
    for name in re.findall(r"WARDEN_([A-Z]+__[A-Z_]+)", GUIDE + UNIT):
        section, key = name.lower().split("__")
        assert key in keys[section]
    for section, key in re.findall(rf"`({'|'.join(keys)})\.(\w+)", GUIDE):
        assert key in keys[section], f"{section}.{key}"


def test_the_log_examples_are_json_and_their_fields_are_explained() -> None:
    table = GUIDE.split("## Logs")[1].split("To follow one")[0]
    explained = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", table, flags=re.MULTILINE))))
    (lines,) = [text for kind, text in BLOCKS if kind == "json"]
    for line in lines.splitlines():
        assert set(json.loads(line)) <= explained


def test_the_example_rules_and_the_scrape_configuration_are_yaml_with_the_guides_alerts() -> None:
    yaml = pytest.importorskip("yaml")
    (group,) = yaml.safe_load(RULES)["groups"]
    table = GUIDE.split("## Alerts of Prometheus")[1].split("\n## ")[0]
    assert [rule["alert"] for rule in group["rules"]] == re.findall(r"^\| (Warden\w+) \|", table, flags=re.MULTILINE)
    listed = set(re.findall(r"^\| `(warden_\w+)`", GUIDE, flags=re.MULTILINE))
    for rule in group["rules"]:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        named = set(re.findall(r"warden_\w+", rule["expr"]))
        assert {re.sub(r"_seconds_sum$", "_seconds", name) for name in named} <= listed
    (scrape,) = [text for kind, text in BLOCKS if kind == "yaml"]
    assert yaml.safe_load(scrape)["rule_files"] == ["circle-warden.rules.yml"]


def test_the_unit_starts_a_command_that_there_is_and_leaves_it_time_to_stop() -> None:
    unit = configparser.ConfigParser(strict=True, interpolation=None, delimiters=("=",))
    unit.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
    unit.read_string(UNIT)
    service = unit["Service"]
    program, command, option, config = service["ExecStart"].split()
    assert Path(program).name == "warden"
    shown = subprocess.run(
        [sys.executable, "-m", "bot", command, "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert option in shown
    assert config in GUIDE
    assert program.rsplit("/", 2)[0] in GUIDE
    assert int(service["TimeoutStopSec"]) > 10
    assert (service["Restart"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("on-failure", "yes", "strict")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "circle-warden.service"
    unit.write_text(UNIT.replace("/opt/circle-warden/bin/warden", sys.executable), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


async def test_the_guides_commands_do_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the guide's order, beside a running machine that is stopped where the guide says so."""
    for program in ("curl", "sqlite3"):
        if shutil.which(program) is None:
            pytest.skip(f"this machine has no {program}")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("WARDEN_")]:
        monkeypatch.delenv(name)
    (examples,) = [text for kind, text in BLOCKS if kind == "json"]
    (tmp_path / "warden.log").write_text(examples, encoding="utf-8")
    shim = tmp_path / "bin" / "warden"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bot "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    (shim.parent / "python3").symlink_to(sys.executable)
    environment = os.environ | {"PATH": f"{shim.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    machine, server = await _living()
    said: dict[str, str] = {}
    try:
        await machine.services.mutes.mute(
            staff=Staff(1, "anna"), guild_id=7, channel="strategy", member="haruto_k", duration="10m", reason="spam"
        )
        for text in commands():
            if "rm -f" in text:
                # "Stop the bot": its newest case was made after the backup.
                await machine.services.mutes.unmute(
                    staff=Staff(1, "anna"), guild_id=7, channel="strategy", member="haruto_k", reason=""
                )
                await server.stop()
                await machine.stop()
            said[text] = await _run(text.replace("http://127.0.0.1:8080", server.url), environment)
            if "rm -f" in text:
                # "Start it."
                machine, server = await _living()
    finally:
        await server.stop()
        await machine.stop()
    whole = "\n".join(said.values())
    readiness, checked, metrics = (
        next(output for text, output in said.items() if part in text) for part in ("readyz", "integrity", "metrics")
    )
    assert json.loads(readiness)["database"]["ok"]
    assert "false" in readiness
    assert checked.strip() == "ok"
    assert "warden_timers_outstanding" in metrics
    assert "is up to date" in whole
    assert whole.count("W5KX7P2M") >= 2
    assert "haruto_k" in (tmp_path / "cases.csv").read_text(encoding="utf-8")
    for copy in ("warden.db", "backup-python.db"):
        with closing(sqlite3.connect(tmp_path / copy)) as connection:
            assert connection.execute("SELECT count(*) FROM cases").fetchone() == (1,), copy


async def _living() -> tuple[Machine, WebServer]:
    """All but Discord, on the configuration's defaults."""
    machine = await assemble(Settings())
    server = WebServer("127.0.0.1", 0, [health.routes(machine.services.health)])
    await machine.start()
    await server.start()
    return machine, server


async def _run(text: str, environment: dict[str, str]) -> str:
    running = await asyncio.create_subprocess_exec(
        "bash", "-euo", "pipefail", "-c", text,
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _none = await asyncio.wait_for(running.communicate(), 60)
    assert running.returncode == 0, f"{text}\n{out.decode()}"
    return out.decode()
