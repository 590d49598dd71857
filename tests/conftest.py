"""Watches the whole run.

At its end every row of the API's inventory must have been called on both sides, and every fault of the matrix tried.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable
from itertools import groupby
from typing import Any

import pytest

from tests import fault_table
from tests.inventory import recording, table

# Looking for garbage among all that thousands of tests are made of takes a sixth of the time else.
gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish() -> None:
    """Let the collector leave alone what stays."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--api-table", action="store_true", help="show which tests touch which call of the IM API")
    parser.addoption("--fault-table", action="store_true", help="show every fault that was tried, with its counts")


@pytest.fixture
def fault(record_property: Callable[[str, object], None]) -> fault_table.Tell:
    """Note a fault of the matrix as tried, with what was counted: `fault("disk full", refused=3, lost=0)`."""

    def tell(name: str, /, **tally: float) -> None:
        assert name in fault_table.FAULTS
        assert not fault_table.complaints({name: tally}, whole=False)
        record_property(fault_table.PROPERTY, (name, tally))

    return tell


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
    if not _is_whole(session):
        return
    lines = table.lines(table.rows(), recording.touches)
    if table.complaints(lines) or fault_table.complaints(_faults(config), whole=True):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _faults(config: pytest.Config) -> dict[str, dict[str, float]]:
    """Return what the tests have counted, from the reports: those of the workers come here too."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("passed", []) if reporter is not None else []
    told = [value for report in reports for key, value in report.user_properties if key == fault_table.PROPERTY]
    return fault_table.added_up((name, tally) for name, tally in told)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of xdist has recorded."""
    recording.touches.update(tuple(touch) for touch in getattr(node, "workeroutput", {}).get("touches", ()))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    found = table.lines(table.rows(), recording.touches)
    if config.getoption("--api-table"):
        terminalreporter.section("calls of the IM API, with the number of test files that touch them")
        terminalreporter.write_line(table.rendered(found))
    faults = _faults(config)
    if config.getoption("--fault-table"):
        terminalreporter.section("faults that were tried, with what was counted")
        terminalreporter.write_line(fault_table.rendered(faults))
    session = getattr(terminalreporter, "_session", None)
    if session is None or not _is_whole(session):
        return
    missing = table.complaints(found) + fault_table.complaints(faults, whole=True)
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
