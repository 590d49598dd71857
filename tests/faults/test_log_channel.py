"""The log channel is deleted or forbidden: nothing waits for it, and its cases are shown where the log is then."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.services.model import Ending
from tests.fault_table import Tell
from tests.faults.home import Home, bucket, discord, home
from tests.services.conftest import ANNA
from tests.wire import Channel

__all__ = ["bucket", "discord", "home"]

REFUSED = "log channel deleted or forbidden"


@pytest.mark.parametrize("how", ["deleted", 50013, 50001])
async def test_cases_go_on_without_a_log_and_are_shown_in_the_next_one(home: Home, fault: Tell, how: str | int) -> None:
    discord, services = home.discord, home.warden.services
    guild, log = discord.guild.id, discord.add_channel("mod-log")
    await services.settings.set_log_channel(guild, log.id)
    await home.people(["bob", "carl", "dora", "emil"])
    await home.mute("bob", "10m")
    await home.mute("carl", "1h")
    await home.show_all()
    assert len(discord.messages(log)) == 2

    if isinstance(how, int):
        discord.forbid(log, code=how)
    else:
        discord.delete_channel(log)
    await home.mute("dora", "10m")
    await home.mute("emil", "1h")
    await home.show_all()
    home.clock.move(minutes=10)
    await services.expiry.run_due()
    assert await home.listed() == {"carl", "emil"}
    await home.show_all()
    assert (await services.status.status(guild)).log_problem == ("forbidden" if isinstance(how, int) else "gone")
    tried = len(discord.requests)
    await home.show_all()
    assert len(discord.requests) == tried, "a channel that refuses is not asked again and again"
    cases = [await services.cases.view(guild, number) for number in range(1, 5)]
    assert [case.ending for case in cases] == [Ending.ENDED, None, Ending.ENDED, None]

    there = discord.add_channel("mod-log-2")
    await services.preferences.set_log(staff=ANNA, guild_id=guild, channel_id=there.id)
    await home.show_all()
    assert (await services.status.status(guild)).log_problem is None
    shown = told(home, there)
    # Carl's case is as it was, and stands where it stood.
    for name, title in (("bob", "Mute over"), ("dora", "Mute over"), ("emil", "Muted")):
        assert shown[f"{title}: {name}" if "over" in title else f"{title} {name}"] == 1, shown
    in_person = discord.messages(discord.world.direct_channel(discord.world.owner))
    assert [one.embeds[0]["title"] for one in in_person] == ["✅ The log is shown again"], "told where it is seen"
    lost = sum(not any(name in line for line in shown) for name in ("bob", "dora", "emil"))
    double = sum(count - 1 for count in shown.values())
    fault(REFUSED, cases=3, lost=lost, double=double)


def told(home: Home, channel: Channel) -> Counter[str]:
    """The titles of the cases in a channel, without sign and place."""
    titles = [one.embeds[0].get("title", "") for one in home.discord.messages(channel) if one.embeds]
    return Counter(title.split(" ", 1)[-1].split(" · ")[0] for title in titles)
