"""Changing the weekly rota: each change a case that can be taken back."""

from __future__ import annotations

import asyncio

import pytest

from bot.services.model import Staff
from bot.services.refusals import Refusal
from tests.services.alerting import page
from tests.services.conftest import ANNA, BEN, GUILD, START, World

__all__ = ["page"]


async def test_two_people_who_fill_in_different_days_keep_both_and_undo_gives_back_what_was(world: World) -> None:
    preferences, settings = world.services.preferences, world.services.settings
    await asyncio.gather(
        preferences.set_days(staff=ANNA, guild_id=GUILD, days=[0, 1], person=ANNA),
        preferences.set_days(staff=BEN, guild_id=GUILD, days=[2], person=BEN),
    )
    freed = await preferences.set_days(staff=ANNA, guild_id=GUILD, days=[1], person=None)
    await world.restart()
    settings, preferences = world.services.settings, world.services.preferences
    assert settings.rota(GUILD).days == {0: ANNA, 2: BEN}
    assert freed.details["before"]["1"] == [11, "anna"]
    await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=freed.id)
    assert settings.rota(GUILD).days == {0: ANNA, 1: ANNA, 2: BEN}
    cleared = await preferences.clear_rota(staff=ANNA, guild_id=GUILD)
    assert settings.rota(GUILD).days == {}
    with pytest.raises(Refusal, match="refusal-same-setting"):
        await preferences.clear_rota(staff=ANNA, guild_id=GUILD)
    await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=cleared.id)
    assert settings.rota(GUILD).days == {0: ANNA, 1: ANNA, 2: BEN}
    with pytest.raises(Refusal, match="refusal-rota-bot"):
        await preferences.set_days(staff=ANNA, guild_id=GUILD, days=[3], person=Staff(1, "bot"), bot=True)


async def test_the_handover_is_set_by_a_city_and_undone(world: World) -> None:
    preferences = world.services.preferences
    case = await preferences.set_handover(staff=ANNA, guild_id=GUILD, time="7:30", zone="shanghai")
    assert case.details["after"] == {"minutes": 450, "zone": "Asia/Shanghai"}
    duty = preferences.duty(GUILD)
    assert (duty.today, duty.until) == (6, START.replace(hour=23, minute=30))
    await world.services.undo.undo(staff=ANNA, guild_id=GUILD, case_id=case.id)
    assert (world.services.settings.rota(GUILD).zone, world.services.settings.rota(GUILD).handover) == ("UTC", 540)
