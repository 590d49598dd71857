import logging
import os
import sys
import types

import pytest
import structlog

from bot import logs
from bot.__main__ import main


@pytest.fixture(autouse=True)
def empty_place(tmp_path, monkeypatch):
    """An empty folder, no WARDEN_ variables, and the process's logging as it was afterwards."""
    for name in [name for name in os.environ if name.upper().startswith("WARDEN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs._LIBRARY_LEVELS}
    yield
    root.handlers[:], root.level = handlers, level
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    logs._redactor.clear()


@pytest.fixture
def warden(monkeypatch, capsys):
    """Run `warden` in this process; returns exit code, stdout, stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["warden", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture
def stand_in(monkeypatch):
    """Put a module with the given functions in the place of a real one."""

    def put(name: str, **functions: object) -> None:
        module = types.ModuleType(name)
        vars(module).update(functions)
        monkeypatch.setitem(sys.modules, name, module)

    return put
