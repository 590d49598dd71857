"""Faults: one sentence and a reference for the person, one line for the log, a traceback for nobody in Discord."""

import re
from typing import Any

import pytest

from bot.imservice import FaultAction
from tests.cogs.conftest import World, said


async def test_muted_shows_what_is_known_while_the_im_is_down(world: World):
    await world.mod.slash(world.room, "mute", member="bob", channel="general")
    world.im_down()
    text = said(await world.mod.slash(world.room, "muted", channel="general"))
    assert "The IM cannot be reached. This is what I know myself." in text
    assert "**bob** · ends" in text


async def test_history_needs_no_im(world: World):
    await world.mod.slash(world.room, "mute", member="bob", channel="general")
    world.im_down()
    assert "**#1**" in said(await world.mod.slash(world.room, "history", member="bob"))


async def test_a_mute_whose_outcome_nobody_knows_says_that_it_settles_by_itself(world: World):
    def lose_the_answer(request: Any) -> FaultAction | None:
        if request.method == "POST" and request.path.endswith("/mute"):
            return FaultAction.hang_up(carried_out=True)
        return None

    world.im_service.fault = lose_the_answer
    text = said(await world.mod.slash(world.room, "mute", member="bob", channel="general"))
    assert "Case #1 settles by itself" in text
    assert "Reference `" in text


async def test_an_unexpected_error_gives_a_reference_that_the_log_has_too(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
):
    async def broken(_self: Any, **_: Any) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(type(world.warden.services.mutes), "muted", broken)
    world.expected += (ZeroDivisionError,)
    text = said(await world.mod.slash(world.room, "muted", channel="general"))
    reference = re.search(r"Reference `(\w{8})`", text)[1]
    assert "secret detail" not in text
    # Which of the two it is depends on whether a test before has set up the logging of the process.
    assert reference in "".join([*capsys.readouterr(), caplog.text])


async def test_an_expired_interaction_ends_in_the_log_alone(world: World):
    world.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062)
    result = await world.mod.slash(world.room, "status")
    assert said(result) == ""
