"""What staff read while the database is locked or full: one sentence, and nothing is done."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.store import StoreError
from tests.cogs.conftest import World, said
from tests.fault_table import Tell
from tests.faults.database import PretendedDisk, impatient, locked

__all__ = ["impatient"]

SAID = {"locked": "Another program holds my database. Nothing was done", "full": "The disk of my database is full."}
FAULT = {"locked": "database locked for 30 s", "full": "disk full"}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("trouble", ["locked", "full"])
async def test_each_command_gets_one_sentence_and_the_im_is_not_touched(
    bot_world: World, tmp_path: Path, fault: Tell, trouble: str
) -> None:
    world = bot_world
    world.expected += (StoreError,)
    await world.mod.slash(world.room, "mute", member="bob", channel="general")
    pretended = PretendedDisk(tmp_path)
    world.im_service.count.clear()
    async with AsyncExitStack() as stack:
        if trouble == "locked":
            await stack.enter_async_context(locked(tmp_path / "warden.db"))
        else:
            pretended.fill(world.warden.store)
        with capture_logs() as log:
            answers = [
                said(await world.mod.slash(world.room, "mute", member="carl", channel="general")),
                said(await world.mod.slash(world.room, "unmute", member="bob", channel="general")),
                said(await world.admin.slash(world.room, "settings duration", duration="1h")),
            ]
            world.locale = "zh-CN"
            chinese = said(await world.mod.slash(world.room, "undo"))
            world.locale = "en-US"
    pretended.clear(world.warden.store)
    assert all(SAID[trouble] in answer for answer in answers), answers
    assert "机器人" in chinese
    assert "未做任何更改" in chinese
    failed = [line for line in log if line["event"].startswith("failed")]
    assert [(line["event"], line["log_level"], "exc_info" in line) for line in failed] == [
        ("failed", "warning", False)
    ] * 4
    changing = [route for route in world.im_service.count if not route.startswith("GET")]
    assert changing == []
    assert "bob" in said(await world.mod.slash(world.room, "unmute", member="bob", channel="general"))
    fault(FAULT[trouble], refused=4, lost=0, wrong=len(changing))
