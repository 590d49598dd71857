"""Watches the whole run: at its end every row of the API's inventory must have been called on both sides."""

from __future__ import annotations

from collections import deque
from itertools import groupby
from typing import Any

import pytest

from tests.inventory import recording, table


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--api-table", action="store_true", help="show which tests touch which call of the IM API")


def pytest_configure(config: pytest.Config) -> None:
    recording.install()


def pytest_runtest_logstart(nodeid: str) -> None:
    recording.enter(nodeid)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Spread what mostly waits over the workers and between the files, so that it waits while others compute."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    if workers > 1:
        items[:] = spread(items, workers)


def spread(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Return the tests in shares as xdist deals them out, a slow test before each file of a share while there are any.

    Each share is a part of equal length from the front, and what is left of it is taken over by others from its end.
    """
    slow = [item for item in items if item.get_closest_marker("slow")]
    quick = deque(item for item in items if not item.get_closest_marker("slow"))
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        size = (len(items) - len(ordered)) // (workers - worker)
        waiting = deque(slow[worker::workers])
        share = [quick.popleft() for _ in range(min(size - len(waiting), len(quick)))]
        for _file, group in groupby(share, key=lambda item: item.path):
            ordered += [waiting.popleft()] if waiting else []
            ordered += group
        ordered += waiting
    return [*ordered, *quick]


def pytest_sessionfinish(session: pytest.Session) -> None:
    config: Any = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["touches"] = [list(touch) for touch in recording.touches]
        return
    if _is_whole(session) and table.complaints(table.lines(table.rows(), recording.touches)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of xdist has recorded."""
    recording.touches.update(tuple(touch) for touch in getattr(node, "workeroutput", {}).get("touches", ()))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    found = table.lines(table.rows(), recording.touches)
    if config.getoption("--api-table"):
        terminalreporter.section("calls of the IM API, with the number of test files that touch them")
        terminalreporter.write_line(table.rendered(found))
    session = getattr(terminalreporter, "_session", None)
    if session is None or not _is_whole(session):
        return
    missing = table.complaints(found)
    for complaint in missing:
        terminalreporter.write_line(complaint, red=True)
    if not missing:
        terminalreporter.write_line(
            f"IM API: all {len(found)} calls are made by the client and answered by the service"
        )


def _is_whole(session: pytest.Session) -> bool:
    """Whether all tests were to run and none was left out, or the table would complain about what nobody asked for."""
    config = session.config
    option = config.option
    chosen = option.keyword or option.markexpr or option.deselect or config.getoption("lf", default=False)
    return config.args_source is not pytest.Config.ArgsSource.ARGS and not chosen and not session.shouldstop
