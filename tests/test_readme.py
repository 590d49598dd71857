"""The README's commands and examples are run as they stand there; .ci/run does the same with its marked ones."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, flags=re.DOTALL)


def block(language: str, part: str) -> str:
    """The one code block that has this in it."""
    (found,) = [text.strip() for kind, text in BLOCKS if kind == language and part in text]
    return found


def test_every_command_of_the_program_in_the_readme_exists() -> None:
    named = set(re.findall(r"(?:`|\.venv/bin/)warden ([a-z-]+)", README))
    assert {"demo", "check", "run", "im-service", "sync", "migrate", "export"} <= named
    shown = subprocess.run(
        [sys.executable, "-m", "bot", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert not {name for name in named if name not in shown}


def test_every_file_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", README)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]


def test_the_chinese_readme_keeps_to_the_english_one() -> None:
    chinese = (ROOT / "docs" / "README.zh-CN.md").read_text(encoding="utf-8")
    assert re.findall(r"```(\w+)\n(.*?)```", chinese, flags=re.DOTALL) == BLOCKS
    levels = [re.findall(r"^(#+) ", text, flags=re.MULTILINE) for text in (README, chinese)]
    assert levels[0] == levels[1]
    links = re.findall(r"\]\((?!http)([^)#]+)", chinese)
    assert "../README.md" in links
    assert not [link for link in links if not (ROOT / "docs" / link).exists()]


def test_every_key_and_variable_in_the_readme_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.config import setting_keys

    keys = setting_keys()
    for name in re.findall(r"WARDEN_([A-Z]+__[A-Z_]+)", README):
        section, key = name.lower().split("__")
        assert key in keys[section]


def test_the_im_service_and_the_client_example_work_together(tmp_path: Path) -> None:
    command = block("bash", "im-service").replace(".venv/bin/warden", f"exec {sys.executable} -m bot")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    service = subprocess.Popen(
        ["bash", "-c", command.replace("8080", "0")], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert service.stdout is not None
        line = service.stdout.readline()
        url = line.split("listening on ")[1].strip()
        example = block("python", "IMClient").replace("http://127.0.0.1:8080", url)
        done = subprocess.run(
            [sys.executable, "-c", example], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "Aurora Games strategy" in done.stdout
    finally:
        service.terminate()
        assert service.wait(10) == 0
