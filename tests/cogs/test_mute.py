"""/mute, /unmute, /muted and /undo: what they do and what they say."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.cogs.conftest import ODD_NAME, World, buttons_of, said, text_of


async def mute(world: World, member: str = "bob", **options: str):
    return await world.mod.slash(world.room, "mute", **({"member": member, "channel": "general"} | options))


async def test_mute_answers_with_duration_end_reason_and_buttons(world: World):
    result = await mute(world, duration="1h30m", reason="spam")
    text = said(result)
    assert "Muted bob · #general" in text
    assert "**For** 1 hour 30 minutes" in text
    end = datetime.fromtimestamp(int(re.search(r"<t:(\d+):f>", text)[1]), UTC)
    assert abs(end - datetime.now(UTC) - timedelta(minutes=90)) < timedelta(seconds=10)
    assert "spam" in text
    assert f"<@{world.mod.id}>" in text
    assert buttons_of(result.response) == ["cw:undo:1", "cw:extend:1"]
    assert await world.muted() == {"bob"}


async def test_mute_without_duration_lasts_ten_minutes(world: World):
    assert "**For** 10 minutes" in said(await mute(world))


async def test_permanent_mute_offers_no_extension(world: World):
    result = await mute(world, duration="permanent")
    assert "**Until** somebody lifts it" in said(result)
    assert buttons_of(result.response) == ["cw:undo:1"]


@pytest.mark.parametrize("duration", ["１０m", "10分钟", "600s", "10 m"])
async def test_durations_of_other_keyboards_are_understood(world: World, duration: str):
    assert "**For** 10 minutes" in said(await mute(world, duration=duration))


async def test_mute_is_public_without_a_log_channel_and_private_with_one(world: World):
    assert not (await mute(world)).ephemeral
    await world.log_here()
    assert (await mute(world, "carl")).ephemeral


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"member": "nobody"}, "“nobody” is not in #general"),
        ({"channel": "nowhere"}, "no channel “nowhere” in Aurora"),
        ({"duration": "5"}, "has no unit"),
        ({"duration": "1m2"}, "I do not understand"),
        ({"duration": "-1m"}, "has a sign"),
        ({"duration": "1 month"}, "m is minutes"),
        ({"duration": "1M"}, "m is minutes"),
        ({"duration": "3650d"}, "between 1 second and 365 days"),
        ({"duration": "0s"}, "between 1 second and 365 days"),
        ({"duration": "30m1h"}, "not in order"),
        ({"duration": "1m1m"}, "unit twice"),
        ({"duration": "soon"}, "I do not understand"),
        ({"member": "olga"}, "owns the community"),
        ({"member": "a\x00b"}, "cannot be a member"),
        ({"member": "\u202ebob"}, "cannot be a member"),
        ({"member": "<@1> @everyone"}, "cannot be a member"),
        ({"member": "y" * 65}, "cannot be a member"),
    ],
)
async def test_bad_input_is_refused_in_one_sentence_without_reference(world: World, options: dict, says: str):
    text = said(await mute(world, **options))
    assert says in text
    assert "Reference" not in text
    assert "\n" not in text
    assert await world.muted() == set()


async def test_refusals_neutralise_what_was_typed(world: World):
    text = said(await mute(world, channel="**x** @everyone [a](https://b) <@1> \u202e||s||"))
    for raw in ("**x**", "@everyone", "[a](", " <@1>", "\u202e", "||s||"):
        assert raw not in text


async def test_reason_is_shown_but_formats_and_mentions_nothing(world: World):
    result = await mute(world, reason=ODD_NAME)
    text = said(result)
    assert "odd" in text
    for raw in ("**odd**", "@everyone", "[x](", " <@1>", "\u202e", "||s||", "`c`"):
        assert raw not in text


async def test_name_of_64_characters_fits_the_card(world: World):
    result = await mute(world, "x" * 64, reason="r" * 400)
    assert len(result.response.embeds[0].title) <= 256
    assert "x" * 30 in said(result)


async def test_channel_of_another_community_is_unknown_here(world: World):
    im = world.warden.im
    other = await im.communities.create("dora", "Borealis")
    await im.channels.create(other, "elsewhere")
    await world.warden.services.settings.set_community(world.guild.id, world.community)
    assert "no channel “elsewhere” in Aurora" in said(await mute(world, channel="elsewhere"))


async def test_muting_twice_is_refused_with_the_present_end(world: World):
    await mute(world)
    text = said(await mute(world))
    assert "is muted in #general already" in text
    assert re.search(r"<t:\d{10}:f>", text)


async def test_names_are_taken_in_any_case_and_channels_with_their_hash(world: World):
    assert "Muted bob" in said(await mute(world, "BOB", channel="#General"))


async def test_unmute_lifts_and_says_so(world: World):
    await mute(world)
    result = await world.mod.slash(world.room, "unmute", member="bob", channel="general", reason="sorry")
    assert "Unmuted bob · #general" in said(result)
    assert "sorry" in said(result)
    assert await world.muted() == set()


async def test_unmute_of_somebody_not_muted_is_refused(world: World):
    result = await world.mod.slash(world.room, "unmute", member="bob", channel="general")
    assert said(result) == "bob is not muted in #general."


async def test_muted_lists_ours_and_those_of_others(world: World):
    await mute(world)
    await world.warden.im.mutes.add(world.community, world.general, "carl", duration_ms=None)
    result = await world.mod.slash(world.room, "muted", channel="general")
    assert result.ephemeral
    text = said(result)
    assert re.search(r"\*\*bob\*\* · ends <t:\d+:R>\nby <@\d+> · case #1", text)
    assert "**carl** · permanent\nmuted outside of this bot" in text
    assert "2 muted" in text


async def test_muted_of_an_empty_list_says_so(world: World):
    assert "Nobody is muted here." in said(await world.mod.slash(world.room, "muted", channel="general"))


async def test_undo_without_a_number_takes_back_ones_own_latest(world: World):
    await mute(world)
    result = await world.mod.slash(world.room, "undo")
    assert "**Undoes** case #1" in said(result)
    assert await world.muted() == set()


async def test_undo_by_number_takes_back_somebody_elses(world: World):
    await mute(world)
    assert "**Undoes** case #1" in said(await world.mod2.slash(world.room, "undo", case="#1"))


@pytest.mark.parametrize("case", ["99", "abc", "１２３", "-1", "9" * 40, "<@1>"])
async def test_undo_of_an_unknown_case_is_refused(world: World, case: str):
    text = said(await world.mod.slash(world.room, "undo", case=case))
    assert text.startswith("There is no case")
    assert " <@1>" not in text


async def test_undo_with_nothing_to_undo_says_so(world: World):
    assert "nothing in the last 24 hours" in said(await world.mod.slash(world.room, "undo"))


async def test_the_public_answer_is_edited_when_the_mute_is_lifted(world: World):
    result = await mute(world)
    await world.mod2.slash(world.room, "unmute", member="bob", channel="general")
    await world.show_posts()
    shown = text_of(result.response)
    assert "Mute lifted: bob · #general" in shown
    assert f"by <@{world.mod2.id}>" in shown
    assert buttons_of(result.response) == []
