"""From a command in Discord to the IM's own logs: one reference, one case's number, one line a step."""

import json
import re
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from bot.imservice import FaultAction
from tests.e2e.processes import CHANNEL, MEMBERS, READY_SECONDS, House, Program, eventually, free_port
from tests.wire import FakeDiscord, Member

pytestmark = pytest.mark.slow

REASON = "keeps shouting"


class Journal:
    """What a bot has logged, as records."""

    def __init__(self, bot: Program) -> None:
        self._bot = bot

    def lines(self, **fields: Any) -> list[dict[str, Any]]:
        records = [json.loads(line) for line in self._bot.err if line.startswith("{")]
        return [one for one in records if all(one.get(key) == value for key, value in fields.items())]

    async def one(self, which: Callable[[dict[str, Any]], bool] = lambda _line: True, **fields: Any) -> dict[str, Any]:
        """The one line with these fields, present or coming."""
        found = await eventually(f"a line says {fields}", lambda: [one for one in self.lines(**fields) if which(one)])
        assert len(found) == 1, found
        return found[0]


async def fetched(house: House, path: str) -> tuple[int, str]:
    url = f"http://127.0.0.1:{house.settings['http']['port']}{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def test_one_reference_leads_from_the_command_to_the_ims_logs(house: House, discord: FakeDiscord, admin: Member):
    service = await house.im_here()
    house.settings["log"] = {"format": "json"}
    house.settings["im"]["timeout_seconds"] = 1
    house.settings["http"] = {"port": free_port()}
    bot = await house.start_bot(ready=False)
    await bot.line(r'"event": "ready"', READY_SECONDS)
    journal = Journal(bot)
    options = {"member": MEMBERS[0], "channel": CHANNEL, "reason": REASON}

    async def mute(**more: str) -> str:
        return (await discord.slash(admin, discord.channel, "mute", options | more)).text

    # What goes well: command, call, case.
    assert "Muted" in await mute(duration="3s")
    command = await journal.one(event="command", what="mute")
    assert re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{8}", command["ref"])
    assert (command["outcome"], command["case"], command["guild"]) == ("ok", 1, discord.guild.id)
    assert (command["user"], command["ms"] > 0) == (admin.id, True)
    call = await journal.one(event="im call", ref=command["ref"], case=1)
    assert (call["endpoint"][:5], call["outcome"], call["status"], call["lane"]) == ("POST ", "ok", 200, "urgent")
    assert (call["attempts"], call["waited_ms"] >= 0, call["ms"] > 0) == (1, True, True)
    assert re.fullmatch(r"[0-9a-f]{12}", call["request_id"])

    # Its end by the timer is the same case's, and no command's.
    lifted = await journal.one(lambda line: line["endpoint"].startswith("DELETE"), event="im call")
    assert (lifted["case"], "ref" in lifted) == (1, False)

    # A refusal: what was asked for is counted and logged under a reference too, without what was typed.
    await mute(duration="10m")
    assert "already" in await mute(duration="10m")
    refused = await journal.one(event="refused")
    assert refused["why"] == "refusal-already-muted"
    assert (await journal.one(event="command", ref=refused["ref"]))["outcome"] == "refused"

    # A fault: the reference in the answer leads to all there is to know.
    def broken(request: Any) -> FaultAction | None:
        return FaultAction.reset() if request.method == "POST" else None

    service.fault = broken
    text = await mute(member=MEMBERS[1])
    (told,) = re.findall(r"Reference `(\w{8})`", text)
    failed = await journal.one(event="failed", ref=told)
    assert (failed["level"], failed["case"]) == ("warning", 3)
    assert (await journal.one(event="im call", ref=told))["level"] == "warning"
    assert (await journal.one(event="command", ref=told))["outcome"] == "fault"

    # The same counted, and nobody's name or words in the log or the metrics.
    service.fault = None
    status, readiness = await fetched(house, "/readyz")
    assert (status, json.loads(readiness)["ready"]) == (200, True), readiness
    _status, metrics = await fetched(house, "/metrics")
    for outcome, count in (("ok", 2), ("refused", 1), ("fault", 1)):
        assert f'warden_commands_total{{command="mute",outcome="{outcome}"}} {count}.0' in metrics
    assert 'warden_unmutes_total{ending="ended"} 1.0' in metrics
    assert "_created" not in metrics
    for written in (MEMBERS[0], MEMBERS[1], REASON, CHANNEL):
        assert written not in bot.text + metrics
    await bot.stop()
