"""What the guides in docs say is so."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.im import errors
from bot.imservice import IMService, IMServiceOptions, seed_sample
from docs.make_command_list import command_list
from tests.inventory import recording

DOCS = Path(__file__).parent.parent / "docs"
CLIENT = (DOCS / "im-client.md").read_text(encoding="utf-8")
WORKING = (DOCS / "working-on-it.md").read_text(encoding="utf-8")
SERVICE = (DOCS / "im-service.md").read_text(encoding="utf-8")


def example(text: str) -> str:
    (found,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    return found


def test_the_client_guide_names_every_method_and_no_others() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", CLIENT, flags=re.MULTILINE))
    listed = {f"{resource}.{name}" for resource, names in rows.items() for name in re.findall(r"`(\w+)`", names)}
    assert listed == {
        f"{attribute}.{name}"
        for attribute, resource in recording.resources()
        for name in vars(resource)
        if not name.startswith("_")
    }


def test_the_list_of_commands_is_that_of_the_program() -> None:
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == command_list(), "run python -m docs.make_command_list"


def test_the_client_guide_names_the_errors_there_are() -> None:
    part = CLIENT.split("## When something goes wrong")[1].split("##")[0]
    named = {name for name in re.findall(r"`([A-Z]\w+)`", part) if hasattr(errors, name)}
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.IMError)}
    assert named == kinds - {"InvalidArgument"}


async def test_the_client_guides_example_runs() -> None:
    service = IMService(options=IMServiceOptions())
    url = await service.start()
    try:
        await seed_sample(service)
        program = example(CLIENT).replace("http://127.0.0.1:8080", url)
        running = await _python("-c", program)
    finally:
        await service.stop()
    assert "xx_rocket_xx blocked" in running.splitlines()
    assert len(running.splitlines()) > 5


async def test_the_service_guides_example_runs() -> None:
    body = "".join(f"    {line}\n" for line in example(SERVICE).splitlines() if not line.startswith("from"))
    program = f"import asyncio\nfrom bot.imservice import IMService\nasync def main():\n{body}\nasyncio.run(main())"
    assert await _python("-c", program) == ""


def test_the_service_guide_names_every_option_of_the_command() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "bot", "im-service", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"},
    ).stdout
    offered = set(re.findall(r"(--[a-z-]+)", shown)) - {"--help", "--config"}
    named = set(re.findall(r"(--[a-z]+[a-z-]*)", SERVICE))
    assert offered - {"--host", "--port"} == named - {"--host", "--port"}


@pytest.mark.parametrize("guide", [CLIENT, SERVICE])
def test_every_file_a_guide_links_to_is_there(guide: str) -> None:
    assert not [link for link in re.findall(r"\]\((?!http)([^)#]+)", guide) if not (DOCS / link).exists()]


async def test_the_week_and_the_fault_table_run_as_the_guide_says(pytestconfig: pytest.Config) -> None:
    (module,) = re.findall(r"`\.venv/bin/python -m (tests\.week)`", WORKING)
    said = await _python("-m", module, "--days", "0", "--seed", "5")
    assert re.search(r"^lost +0$", said, flags=re.MULTILINE)
    assert "0 days in" in said
    assert "seed 5" in said
    (option,) = re.findall(r"`\.venv/bin/pytest (--[a-z-]+)`", WORKING)
    assert pytestconfig.getoption(option) in {True, False}


async def _python(*arguments: str) -> str:
    import asyncio

    running = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, problem = await asyncio.wait_for(running.communicate(), 30)
    assert running.returncode == 0, problem.decode()
    return out.decode()
