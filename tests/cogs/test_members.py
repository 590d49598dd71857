"""/member add, remove, show and purge: what they say, and what can be changed before a purge."""

from typing import Any

import pytest

from bot.im import NewUser
from bot.imservice import FaultAction
from tests.cogs.conftest import World, buttons_of, said, text_of

PROMISE = (
    "They leave the channel's threads too, and their mutes here end. Undo puts them back into the channel, "
    "not into threads or mutes."
)


async def present(world: World) -> set[str]:
    return {member.user_id async for member in world.warden.im.members.list(world.community, world.general)}


async def purge(world: World, members: str, **more: str):
    return await world.admin.slash(world.room, "member purge", channel="general", members=members, **more)


async def crowd(world: World, count: int) -> list[str]:
    im = world.warden.im
    names = [f"user{number:03}" for number in range(count)]
    await im.users.create(*[NewUser(username=name) for name in names])
    for name in names:
        await im.communities.join(world.community, name)
        await im.members.add(world.community, world.general, name)
    return names


def fields_of(result: Any) -> dict[str, str]:
    return {part["component"]["custom_id"]: part["component"].get("value", "") for part in result.modal["components"]}


async def test_what_the_im_forbids_is_one_clear_sentence(world: World):
    await world.warden.im.users.create(NewUser(username="eve"))
    default = next(c for c in await world.warden.services.directory.known_channels(world.guild.id) if c.is_default)
    expected = [
        ("member add", {"member": "eve"}, "eve is not in the community. They have to join it first."),
        ("member add", {"member": "bob"}, "bob is in #general already."),
        ("member remove", {"member": "olga"}, "olga owns the community and cannot be removed."),
        ("member remove", {"member": "eve"}, "“eve” is not in #general."),
    ]
    for command, options, says in expected:
        assert said(await world.mod.slash(world.room, command, channel="general", **options)) == says
    in_default = {"channel": default.place.channel_id, "member": "bob"}
    text = said(await world.mod.slash(world.room, "member remove", **in_default))
    assert text.endswith("is the community's default channel, which nobody can be taken out of.")


async def test_member_show_names_the_case_of_a_mute_of_ours_and_says_if_it_is_not(world: World):
    await world.mod.slash(world.room, "mute", member="bob", channel="general")
    text = said(await world.mod2.slash(world.room, "member show", channel="general", member="bob"))
    assert f"by <@{world.mod.id}> · case #1" in text
    await world.warden.im.mutes.add(world.community, world.general, "carl", duration_ms=60_000)
    text = said(await world.mod.slash(world.room, "member show", channel="general", member="carl"))
    assert "muted outside of this bot" in text


async def test_purge_shows_who_goes_and_who_not_then_does_it_and_is_undone(world: World):
    asked = await purge(world, "bob，carl、MIA olga nobody **x**", reason="raid")
    assert said(asked).splitlines() == [
        "Remove 3 members from #general?",
        "bob, carl, mia",
        "⚠️ **Moderators of the community** mia",
        "👑 **olga** owns the community and stays.",
        r"❔ **Not in the channel, so left out** nobody, \*\*x\*\*",
        PROMISE,
    ]
    assert await present(world) >= {"bob", "carl", "mia"}
    await world.admin.click(asked.response, label="Confirm")
    text = text_of(asked.response)
    for part in ("🧹 Removed 3 members from #general", "**Members** bob, carl, mia", "**Reason** raid"):
        assert part in text
    assert not await present(world) & {"bob", "carl", "mia"}
    assert "remove 3 members from #general" in said(await world.mod.slash(world.room, "history", member="carl"))
    refused = await world.mod.click(asked.response, custom_id="cw:undo:1")
    assert "administrators" in said(refused)
    await world.restart()
    await world.admin.click(asked.response, custom_id="cw:undo:1")
    assert await present(world) >= {"bob", "carl", "mia"}
    assert "Undone: remove 3 members from #general" in text_of(asked.response)
    assert "Put 3 members back into #general" in said(await world.mod.slash(world.room, "case show", case="2"))


async def test_the_names_of_a_purge_can_be_changed_before_it_is_confirmed(world: World):
    asked = await purge(world, "bob, nobdy", reason="raid")
    (change,) = [one for one in buttons_of(asked.response) if one.startswith("cw:names:")]
    pressed = await world.mod.click(asked.response, custom_id=change)
    assert said(pressed) == "This is for administrators of this server."
    opened = await world.admin.click(asked.response, custom_id=change)
    assert fields_of(opened) == {"members": "bob nobdy"}
    # Typing takes longer than the question waits: what was typed counts all the same.
    await world.env.advance_time(121)
    assert "No answer within 2 minutes" in text_of(asked.response)
    await world.admin.submit_modal(opened, {"members": "x y"})
    text = text_of(asked.response)
    assert "Nobody to remove from #general" in text
    assert [one.partition(":")[2].partition(":")[0] for one in buttons_of(asked.response)] == ["ask", "names"]
    opened = await world.admin.click(asked.response, label="Change the names")
    await world.admin.submit_modal(opened, {"members": " ".join(f"n{number}" for number in range(201))})
    assert text_of(asked.response) == "These are 201 names; at most 200 go at once."
    opened = await world.admin.click(asked.response, label="Change the names")
    assert fields_of(opened)["members"].startswith("n0 n1 ")
    await world.admin.submit_modal(opened, {"members": "bob\ndora"})
    assert "Remove 2 members from #general?" in text_of(asked.response)
    # The questions that were replaced do not say later that nobody answered.
    opened = await world.admin.click(asked.response, label="Change the names")
    await world.admin.click(asked.response, label="Confirm")
    assert "Removed 2 members" in text_of(asked.response)
    late = await world.admin.submit_modal(opened, {"members": "carl"})
    assert "no longer open" in said(late)
    await world.env.advance_time(121)
    assert "Removed 2 members" in text_of(asked.response)
    assert "carl" in await present(world)


async def test_a_private_purge_stays_private_after_its_names_were_changed(world: World):
    await world.log_here()
    asked = await purge(world, "nobody")
    assert asked.ephemeral
    opened = await world.admin.click(asked.response, label="Change the names")
    await world.admin.submit_modal(opened, {"members": "bob"})
    await world.admin.click(asked.response, label="Confirm")
    assert "Removed 1 member from #general" in text_of(asked.response)
    await world.show_posts()
    assert [text_of(message).splitlines()[0] for message in world.log.history()] == [
        "🧹 Removed 1 member from #general"
    ]


async def test_a_long_purge_shows_its_progress_and_tells_who_stayed(world: World):
    names = await crowd(world, 41)

    def last_refused(request: Any) -> FaultAction | None:
        refused = request.route.endswith("/users/remove") and names[40] in request.json["usernames"]
        return FaultAction.answer(400) if refused else None

    world.im_service.fault = last_refused
    asked = await purge(world, " ".join(names))
    assert "user039, user040\n" in said(asked)
    before = len(world.env.backend.http_requests)
    await world.admin.click(asked.response, label="Confirm")
    edits = [str(request.json) for request in world.env.backend.http_requests[before:] if request.method == "PATCH"]
    assert any("⏳ 0 of 41 …" in edit for edit in edits)
    text = text_of(asked.response)
    assert "Removed 40 members from #general" in text
    assert "**Refused by the IM** user040" in text
    world.im_service.fault = None
    pressed = await world.admin.click(asked.response, custom_id="cw:undo:1")
    assert any("of 40" in text_of(note) for note in pressed.followups)
    assert "Undone" in text_of(asked.response)
    assert await present(world) >= set(names)


@pytest.mark.parametrize("says", ["yes", "names"])
async def test_a_purge_question_from_before_a_restart_says_what_to_do(world: World, says: str):
    asked = await purge(world, "bob")
    (button,) = [one for one in buttons_of(asked.response) if says in one]
    await world.restart()
    await world.admin.click(asked.response, custom_id=button)
    assert "no longer open" in text_of(asked.response)
    assert "bob" in await present(world)


async def test_names_that_were_typed_are_not_lost_when_the_im_is_down_or_they_are_too_many(world: World):
    many = " ".join(f"n{number}" for number in range(201))
    refused = await purge(world, many)
    assert said(refused) == "These are 201 names; at most 200 go at once."
    opened = await world.admin.click(refused.response, label="Change the names")
    assert fields_of(opened) == {"members": many}
    world.im_service.fault = lambda request: FaultAction.answer(400) if request.path.endswith("/users") else None
    failed = await purge(world, "bob dora")
    assert "Reference `" in said(failed)
    world.im_up()
    opened = await world.admin.click(failed.response, label="Change the names")
    await world.admin.submit_modal(opened, fields_of(opened))
    assert "Remove 2 members" in text_of(failed.response)


async def test_the_longest_names_fit_the_question_and_the_card(world: World):
    im = world.warden.im
    names = [f"{number:02}{'_' * 62}" for number in range(60)]
    await im.users.create(*[NewUser(username=name) for name in names])
    for name in names:
        await im.communities.join(world.community, name)
        await im.members.add(world.community, world.general, name)
    asked = await purge(world, " ".join(names))
    assert "and 49 more" in said(asked)
    assert len(buttons_of(asked.response)) == 3
    await world.admin.click(asked.response, label="Confirm")
    assert "Removed 60 members" in text_of(asked.response)
