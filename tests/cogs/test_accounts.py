"""Each command, button and form is counted once, by what became of it, and by a name that says nothing of anybody."""

import re
from typing import Any

import pytest

from tests.cogs.conftest import World, said


def counted(world: World) -> dict[tuple[str, str], int]:
    text = world.warden.services.meters.rendered().decode()
    rows = re.findall(r'^warden_commands_total{command="(.*)",outcome="(\w+)"} (\d+)', text, flags=re.MULTILINE)
    timed = re.findall(r'^warden_command_seconds_count{command="(.*)"} (\d+)', text, flags=re.MULTILINE)
    assert sum(int(count) for *_rest, count in rows) == sum(int(count) for _command, count in timed)
    return {(command, outcome): int(count) for command, outcome, count in rows}


async def test_what_is_done_in_discord_is_counted_once_each(world: World, monkeypatch: pytest.MonkeyPatch):
    card = await world.mod.slash(world.room, "mute", member="bob", channel="general")
    assert counted(world) == {("mute", "ok"): 1}
    await world.mod.slash(world.room, "mute", member="bob", channel="general")
    await world.guest.slash(world.room, "mute", member="bob", channel="general")
    await world.mod.slash(world.room, "channel list")
    await world.mod2.click(card.response, custom_id="cw:undo:1")
    assert counted(world) == {
        ("mute", "ok"): 1,
        ("mute", "refused"): 2,
        ("channel list", "ok"): 1,
        ("UndoButton", "ok"): 1,
    }

    async def broken(_self: Any, **_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(world.warden.services.mutes), "muted", broken)
    world.expected += (ZeroDivisionError,)
    text = said(await world.mod.slash(world.room, "muted", channel="general"))
    assert "Reference `" in text
    assert counted(world)["muted", "fault"] == 1
    # Confirm is a press of its own; what it does is counted as that, once.
    asked = await world.mod.slash(world.room, "mute", member="mia", channel="general")
    await world.mod.click(asked.response, label="Confirm")
    after = counted(world)
    assert (after["mute", "ok"], after["QuestionButton", "ok"]) == (2, 1)
    # Suggestions are not commands.
    await world.mod.autocomplete(world.room, "mute", "member", "b")
    assert counted(world) == after
