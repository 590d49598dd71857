"""/channel: made, edited in a form, deleted, spoken in, and listed by member."""

from typing import Any

import pytest

from bot.im import ChannelMode, ChannelType
from bot.imservice import FaultAction
from bot.ui.circle import channel_form
from tests.cogs.conftest import ODD_NAME, World, buttons_of, said, text_of


def fields_of(modal: dict[str, Any]) -> dict[str, str]:
    """What stands in a form, by field."""
    return {part["component"]["custom_id"]: part["component"].get("value", "") for part in modal["components"]}


async def edit(world: World, channel: str = "general", **typed: str):
    opened = await world.admin.slash(world.room, "channel edit", channel=channel)
    return await world.admin.submit_modal(opened, fields_of(opened.modal) | typed)


async def test_create_tells_what_was_made_and_asks_before_a_second_one_of_that_name(world: World):
    options = {"name": ODD_NAME[:40], "type": "private", "mode": "voice", "max_users": 9}
    text = said(await world.admin.slash(world.room, "channel create", **options))
    for part in ("🆕 Created #", "odd", "🔒 Private voice channel", "**Room for** 9"):
        assert part in text
    assert "**odd**" not in text
    asked = await world.admin.slash(world.room, "channel create", name="General")
    assert "**Aurora** has a channel **#General** already" in said(asked)
    await world.admin.click(asked.response, label="Confirm")
    assert "Created #General" in text_of(asked.response)
    assert buttons_of(asked.response) == []
    for bad, says in (({"max_users": 21, "mode": "voice"}, "from 1 to 20"), ({"category": "No"}, "no category “No”")):
        assert says in said(await world.admin.slash(world.room, "channel create", name="x", **bad))
    text = said(await world.admin.slash(world.room, "channel create", name="x" * 51))
    assert text == "A channel's name has 1 to 50 characters; this one has 51."


async def test_edit_opens_a_filled_form_and_shows_what_changed_with_undo(world: World):
    opened = await world.admin.slash(world.room, "channel edit", channel="general")
    assert opened.modal["title"] == "Edit #general"
    assert fields_of(opened.modal) == {
        "name": "general",
        "description": "Talk",
        "max_users": "2000",
        "custom": "",
    }
    shown = await edit(world, name="agora", description="**loud** @everyone")
    text = said(shown)
    assert "✏️ Edited #general" in text
    assert "**Name** general → agora" in text
    assert r"**Description** Talk → \*\*loud\*\*" in text
    assert "Room for" not in text
    assert buttons_of(shown.response) == ["cw:undo:1"]
    await world.restart()
    assert "administrators" in said(await world.mod.click(shown.response, custom_id="cw:undo:1"))
    await world.admin.click(shown.response, custom_id="cw:undo:1")
    assert "Undone: edit #general" in text_of(shown.response)
    found = await world.warden.im.channels.get(world.community, world.general)
    assert (found.name, found.description) == ("general", "Talk")


async def test_what_was_typed_into_a_form_comes_back_when_it_is_refused(world: World):
    refused = await edit(world, name="agora", max_users="many", custom="long words " * 20)
    text = said(refused)
    assert text.startswith("The number of members is a whole number from 1 to 2000 here.")
    assert "agora" in text
    assert "long words long words" in text
    (again,) = buttons_of(refused.response)
    pressed = await world.mod2.click(refused.response, custom_id=again)
    assert said(pressed) == "This is for administrators of this server."
    # Meanwhile somebody changes what was not typed: the form follows, and does not set it back.
    await world.warden.im.channels.update(world.community, world.general, description="Theirs")
    world.warden.services.directory.forget_channels(world.community)
    opened = await world.admin.click(refused.response, custom_id=again)
    assert fields_of(opened.modal) == {
        "name": "agora",
        "description": "Theirs",
        "max_users": "many",
        "custom": "long words " * 20,
    }
    shown = await world.admin.submit_modal(opened, fields_of(opened.modal) | {"max_users": "100"})
    assert "**Room for** 2000 → 100" in said(shown)
    assert (await world.warden.im.channels.get(world.community, world.general)).description == "Theirs"
    world.im_service.fault = lambda request: FaultAction.answer(400) if request.method == "PUT" else None
    failed = await world.admin.submit_modal(
        await world.admin.slash(world.room, "channel edit", channel="agora"), {"name": "later", "max_users": "100"}
    )
    assert "Reference `" in said(failed)
    world.im_up()
    opened = await world.admin.click(failed.response, label="Edit again")
    assert fields_of(opened.modal)["name"] == "later"
    await world.restart()
    assert "copy it from above" in said(await world.admin.click(refused.response, custom_id=again))


async def test_a_form_that_the_im_keeps_waiting_is_offered_by_a_button(world: World, monkeypatch: pytest.MonkeyPatch):
    await world.restart()
    # With no time at all, only what is known already is quick enough.
    monkeypatch.setattr(channel_form, "SECONDS", 0)
    waiting = await world.admin.slash(world.room, "channel edit", channel="general")
    assert waiting.modal is None
    assert waiting.ephemeral
    assert "Press the button to open the form" in said(waiting)
    monkeypatch.undo()
    await world.warden.services.directory.channel(world.guild.id, "general")
    opened = await world.admin.click(waiting.response, custom_id="cw:channel-form:general")
    assert fields_of(opened.modal)["name"] == "general"
    assert "no channel “nope”" in said(await world.admin.slash(world.room, "channel edit", channel="nope"))


async def test_delete_says_in_plain_words_what_goes_and_is_not_undone(world: World):
    await world.mod.slash(world.room, "mute", member="bob", channel="general", duration="permanent")
    asked = await world.admin.slash(world.room, "channel delete", channel="general")
    assert said(asked) == (
        "Delete the public channel **#general** with its 7 members? Its threads and messages are gone for good. "
        "This cannot be undone."
    )
    await world.admin.click(asked.response, label="Confirm")
    assert "🗑️ Deleted #general" in text_of(asked.response)
    assert buttons_of(asked.response) == []
    assert "gone with its channel" in said(await world.mod.slash(world.room, "case show", case="1"))
    assert "no channel “general”" in said(await world.admin.slash(world.room, "channel delete", channel="general"))
    default = next(c for c in await world.warden.services.directory.known_channels(world.guild.id) if c.is_default)
    refused = said(await world.admin.slash(world.room, "channel delete", channel=default.place.channel_id))
    assert "the community's default channel" in refused


async def test_say_shows_what_was_said_and_a_mirror_to_act_upon(world: World):
    shown = await world.mod.slash(world.room, "channel say", channel="general", text=f"Hi {ODD_NAME}")
    text = text_of(shown.response)
    assert "💬 Said in #general" in text
    assert r"> Hi \*\*odd\*\*" in text
    assert buttons_of(shown.response) == []
    (mirror,) = shown.followups
    assert not mirror.ephemeral
    services = world.warden.services
    (noted,) = await services.mirrors.shown_by(world.guild.id, mirror.id)
    assert (noted.place.channel_id, noted.author_id) == (world.general, "admin")
    await world.warden.im.reactions.add("bob", noted.im_message_id, "👍")
    await world.log_here()
    private = await world.mod.slash(world.room, "channel say", channel="general", text="again")
    assert private.ephemeral
    text = said(await world.mod.slash(world.room, "channel say", channel="general", text="字" * 2_000))
    assert text == "The text is too long for the IM: 6010 bytes, and 5120 is the most."


async def test_channels_by_member_are_paged_and_keep_their_place(world: World):
    im = world.warden.im
    for number in range(12):
        made = await im.channels.create(world.community, f"room {number:02}", type=ChannelType(number % 2))
        await im.members.add(world.community, made.channel_id, "bob")
    await im.channels.create(world.community, "lobby", mode=ChannelMode.VOICE)
    joined = await world.mod.slash(world.room, "channel joined", member="@BOB")
    assert joined.ephemeral
    assert "Channels in Aurora that bob is in" in said(joined)
    assert "14 channels · page 1 of 2" in said(joined)
    await world.restart()
    await world.mod.click(joined.response, label="Next")
    assert "room 11** · private" in text_of(joined.response)
    created = said(await world.mod.slash(world.room, "channel created", member="olga", community="Aurora"))
    assert "Channels in Aurora that olga created" in created
    assert "There are none." in said(await world.mod.slash(world.room, "channel created", member="bob"))
    for member, says in (("nobody", "no user “nobody”"), ("a:Aurora", "cannot be a member")):
        assert says in said(await world.mod.slash(world.room, "channel joined", member=member))
