"""Forms: each is its own, and one from before a restart gets an answer."""

from typing import Any

import pytest

from bot.ui import forms
from tests.cogs.conftest import World, said


def fields_of(modal: dict[str, Any]) -> dict[str, str]:
    return {part["component"]["custom_id"]: part["component"].get("value", "") for part in modal["components"]}


async def test_two_open_forms_of_one_channel_are_two(world: World):
    im = world.warden.im.channels
    early = await world.admin.slash(world.room, "channel edit", channel="general")
    await im.update(world.community, world.general, description="said by somebody else since")
    await world.warden.services.directory.channels(world.guild.id)
    late = await world.admin.slash(world.room, "channel edit", channel="general")
    assert early.modal["custom_id"] != late.modal["custom_id"]
    await world.admin.submit_modal(early, fields_of(early.modal) | {"name": "lobby"})
    await world.admin.submit_modal(late, fields_of(late.modal) | {"max_users": "77"})
    now = await im.get(world.community, world.general)
    assert (now.name, now.description, now.max_users) == ("lobby", "said by somebody else since", 77)


async def test_a_form_from_before_a_restart_is_answered(world: World, monkeypatch: pytest.MonkeyPatch):
    opened = await world.admin.slash(world.room, "channel edit", channel="general")
    await world.restart()
    monkeypatch.setattr(forms, "_THIS_PROCESS", "00000000")
    answer = await world.admin.submit_modal(opened, fields_of(opened.modal) | {"name": "lobby"})
    assert "opened before a restart" in said(answer)
    assert answer.response.ephemeral
    assert (await world.warden.im.channels.get(world.community, world.general)).name == "general"
