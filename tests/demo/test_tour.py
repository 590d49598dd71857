import signal
import time
from pathlib import Path

import pytest

from bot.demo import run_tour, tour
from bot.demo.stage import Stage, Step
from bot.demo.steps import STEPS
from tests.demo.running import running_demo


@pytest.mark.slow
async def test_every_step_of_the_tour_holds(capsys: pytest.CaptureFixture[str]):
    began = time.monotonic()
    assert await run_tour(None) == 0
    assert time.monotonic() - began < 40
    shown = capsys.readouterr().out
    for number, step in enumerate(STEPS, 1):
        assert f"== {number}/{len(STEPS)}  {step.title}" in shown
    for words in ("/mute member: haruto_k", "Muted haruto_k", "Mute over: haruto_k", "5 … 4 … 3 … 2 … 1", "已禁言"):
        assert words in shown


async def test_a_step_that_does_not_hold_is_named_and_the_tour_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    async def broken(stage: Stage) -> None:
        stage.expect("haruto_k" in await stage.muted("strategy"), "haruto_k is muted")

    monkeypatch.setattr(tour, "STEPS", (Step("A step", broken), *STEPS))
    assert await run_tour(None) == 1
    shown = capsys.readouterr().out
    assert "✗ Step 1 (A step): it did not hold that haruto_k is muted" in shown
    assert STEPS[0].title not in shown


@pytest.mark.slow
async def test_an_interrupted_tour_leaves_nothing_behind(tmp_path: Path):
    async with running_demo(tmp_path, "--tour", until="== 1/", copied=True) as demo:
        assert await demo.stop(signal.SIGINT) == 130
        assert demo.lines[-1] == "Stopped."
        assert await demo.errors() == ""
    assert list((tmp_path / "tmp").iterdir()) == []
