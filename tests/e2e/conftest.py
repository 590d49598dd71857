"""Fixtures: a fake Discord in this process, and a house with everything else as processes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.processes import House, living_in
from tests.wire import Channel, FakeDiscord, Member

HOUSE = pytest.StashKey[House]()


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        yield fake


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Show what the processes said below a test that failed."""
    report = yield
    if report.failed and item.stash.get(HOUSE, None) is not None:
        for number, program in enumerate(item.stash[HOUSE].started):
            report.sections.append((f"{program.name} (process {number})", program.text[-20_000:]))
    return report


@pytest.fixture
async def house(tmp_path: Path, discord: FakeDiscord, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    async with living_in(tmp_path, discord) as house:
        request.node.stash[HOUSE] = house
        yield house
        house.assert_no_secret_was_said()
    discord.assert_clean()


@pytest.fixture
def admin(discord: FakeDiscord) -> Member:
    return discord.add_member("ada", administrator=True)


@pytest.fixture
def log(discord: FakeDiscord) -> Channel:
    """The Discord channel that /settings log is given."""
    return discord.add_channel("mod-log")
