"""What Discord refuses, asked for without a library in between."""

import aiohttp
import pytest

from tests.wire import FakeDiscord
from tests.wire.model import EPHEMERAL, LOADING
from tests.wire.rawbot import RawBot
from tests.wire.samplebot import MovableClock

PING = {"name": "ping", "description": "Ping"}


async def opened(discord: FakeDiscord, raw: RawBot) -> tuple[dict, object]:
    """A slash command that reached the bot, and its reply."""
    if not discord.connected:
        await raw.identify()
        await raw.register(PING)
    reply = discord.send_slash(discord.add_member("mod"), discord.channel, "ping")
    return await raw.event("INTERACTION_CREATE"), reply


def code(answer: tuple[int, dict]) -> tuple[int, int]:
    """Status and error code."""
    return answer[0], answer[1]["code"]


async def test_an_unknown_interaction_cannot_be_answered(discord: FakeDiscord, raw: RawBot):
    body = {"type": 5}
    assert code(await raw.call("POST", "/interactions/1/nothing/callback", body)) == (404, 10062)


async def test_a_second_callback_is_refused(discord: FakeDiscord, raw: RawBot):
    interaction, _ = await opened(discord, raw)
    assert (await raw.respond(interaction, 5))[0] == 200
    assert code(await raw.respond(interaction, 4, {"content": "x"})) == (400, 40060)


async def test_without_with_response_a_callback_is_answered_with_nothing(discord: FakeDiscord, raw: RawBot):
    interaction, _ = await opened(discord, raw)
    path = f"/interactions/{interaction['id']}/{interaction['token']}/callback"
    assert await raw.call("POST", path, {"type": 5}) == (204, None)


@pytest.mark.parametrize(("seconds", "expected"), [(2.9, 200), (3.1, 404)])
async def test_the_first_answer_is_due_in_three_seconds(
    timed: FakeDiscord, timed_raw: RawBot, clock: MovableClock, seconds: float, expected: int
):
    interaction, _ = await opened(timed, timed_raw)
    clock.now += seconds
    assert (await timed_raw.respond(interaction, 4, {"content": "x"}))[0] == expected


async def test_a_token_lives_fifteen_minutes(timed: FakeDiscord, timed_raw: RawBot, clock: MovableClock):
    interaction, _ = await opened(timed, timed_raw)
    await timed_raw.respond(interaction, 5)
    path = timed_raw.webhook(interaction)
    clock.now += 15 * 60 - 1
    assert (await timed_raw.call("PATCH", path + "/messages/@original", {"content": "x"}))[0] == 200
    clock.now += 2
    assert code(await timed_raw.call("PATCH", path + "/messages/@original", {"content": "y"})) == (401, 50027)
    assert code(await timed_raw.call("POST", path, {"content": "y"})) == (401, 50027)


async def test_a_follow_up_before_any_answer_is_refused(discord: FakeDiscord, raw: RawBot):
    interaction, _ = await opened(discord, raw)
    assert code(await raw.call("POST", raw.webhook(interaction), {"content": "x"})) == (404, 10015)
    assert code(await raw.call("GET", raw.webhook(interaction) + "/messages/@original")) == (404, 10015)


async def test_a_deleted_answer_is_unknown(discord: FakeDiscord, raw: RawBot):
    interaction, _ = await opened(discord, raw)
    await raw.respond(interaction, 4, {"content": "x"})
    original = raw.webhook(interaction) + "/messages/@original"
    assert (await raw.call("DELETE", original))[0] == 204
    assert code(await raw.call("PATCH", original, {"content": "y"})) == (404, 10008)
    assert code(await raw.call("PATCH", raw.webhook(interaction) + "/messages/1", {"content": "y"})) == (404, 10008)


async def test_a_defer_shows_loading_until_the_first_follow_up_fills_it(discord: FakeDiscord, raw: RawBot):
    interaction, reply = await opened(discord, raw)
    _, answered = await raw.respond(interaction, 5, {"flags": EPHEMERAL})
    assert answered["interaction"]["response_message_loading"] is True
    assert "resource" not in answered
    _, waiting = await raw.call("GET", raw.webhook(interaction) + "/messages/@original")
    assert waiting["flags"] == LOADING | EPHEMERAL
    _, filled = await raw.call("POST", raw.webhook(interaction) + "?wait=1", {"content": "done"})
    assert (filled["id"], filled["flags"]) == (waiting["id"], EPHEMERAL)
    _, further = await raw.call("POST", raw.webhook(interaction) + "?wait=1", {"content": "more"})
    assert further["id"] != waiting["id"]
    assert further["flags"] == 0
    assert [one.content for one in reply.followups] == ["more"]


@pytest.mark.parametrize("kind", [6, 7, 8])
async def test_a_command_cannot_be_answered_as_a_button_or_autocomplete(discord: FakeDiscord, raw: RawBot, kind: int):
    interaction, _ = await opened(discord, raw)
    data = {"choices": []} if kind == 8 else {"content": "x"}
    assert code(await raw.respond(interaction, kind, data)) == (400, 50035)
    assert (await raw.respond(interaction, 5))[0] == 200


async def test_a_forbidden_and_a_deleted_channel_refuse_the_bot(discord: FakeDiscord, raw: RawBot):
    path, body = f"/channels/{discord.channel.id}/messages", {"content": "x"}
    discord.forbid(discord.channel)
    assert code(await raw.call("POST", path, body)) == (403, 50013)
    discord.forbid(discord.channel, code=50001)
    assert code(await raw.call("POST", path, body)) == (403, 50001)
    discord.allow(discord.channel)
    assert (await raw.call("POST", path, body))[0] == 200
    discord.delete_channel(discord.channel)
    assert code(await raw.call("POST", path, body)) == (404, 10003)


async def test_other_peoples_and_ephemeral_messages_cannot_be_edited(discord: FakeDiscord, raw: RawBot):
    said = discord.say(discord.add_member("bob"), discord.channel, "hi")
    base = f"/channels/{discord.channel.id}/messages"
    assert code(await raw.call("PATCH", f"{base}/{said.id}", {"content": "x"})) == (403, 50005)
    interaction, reply = await opened(discord, raw)
    await raw.respond(interaction, 4, {"content": "secret", "flags": EPHEMERAL})
    assert code(await raw.call("PATCH", f"{base}/{reply.message.id}", {"content": "x"})) == (404, 10008)


async def test_a_nonce_counts_for_five_minutes(timed: FakeDiscord, timed_raw: RawBot, clock: MovableClock):
    path = f"/channels/{timed.channel.id}/messages"
    body = {"content": "x", "nonce": "n1", "enforce_nonce": True}
    _, first = await timed_raw.call("POST", path, body)
    clock.now += 299
    _, same = await timed_raw.call("POST", path, body | {"content": "other"})
    assert (same["id"], same["content"]) == (first["id"], "x")
    clock.now += 2
    _, later = await timed_raw.call("POST", path, body)
    _, unforced = await timed_raw.call("POST", path, {"content": "x", "nonce": "n1"})
    assert len({first["id"], later["id"], unforced["id"]}) == 3


async def test_a_wrong_token_is_refused(discord: FakeDiscord, raw: RawBot):
    assert (await raw.call("GET", "/users/@me", token="wrong"))[0] == 401


async def test_an_unknown_route_is_recorded_as_a_violation(discord: FakeDiscord, raw: RawBot):
    assert (await raw.call("POST", "/guilds/1/prune", {}))[0] == 404
    assert [one.problem.code for one in discord.violations] == ["UNKNOWN_ROUTE"]
    with pytest.raises(AssertionError, match="unknown route"):
        discord.assert_clean()


async def test_a_broken_limit_is_answered_as_discord_does_and_recorded(discord: FakeDiscord, raw: RawBot):
    status, body = await raw.call("POST", f"/channels/{discord.channel.id}/messages", {"content": "x" * 2001})
    assert (status, body["code"]) == (400, 50035)
    assert body["errors"]["content"]["_errors"][0]["code"] == "BASE_TYPE_MAX_LENGTH"
    assert len(discord.violations) == 1
    assert discord.messages(discord.channel) == []


async def test_an_empty_message_has_its_own_error(discord: FakeDiscord, raw: RawBot):
    path = f"/channels/{discord.channel.id}/messages"
    assert code(await raw.call("POST", path, {"content": " "})) == (400, 50006)


async def test_a_misspelt_field_is_recorded_but_not_refused(discord: FakeDiscord, raw: RawBot):
    path = f"/channels/{discord.channel.id}/messages"
    assert (await raw.call("POST", path, {"content": "x", "compnents": []}))[0] == 200
    assert [one.refused for one in discord.violations] == [False]


async def test_a_slowed_request_still_gets_through(discord: FakeDiscord, raw: RawBot):
    discord.slow("POST", "/messages$", 0.05, times=1)
    path = f"/channels/{discord.channel.id}/messages"
    assert (await raw.call("POST", path, {"content": "x"}))[0] == 200
    discord.fail_next("POST", "/messages$", 500)
    assert (await raw.call("GET", "/users/@me"))[0] == 200
    with pytest.raises(ValueError, match="Expecting value"):
        await raw.call("POST", path, {"content": "x"})
    assert len(discord.messages(discord.channel)) == 1


async def test_an_answer_is_plain_application_json(discord: FakeDiscord, raw: RawBot):
    headers = {"Authorization": f"Bot {discord.token}"}
    async with raw._session.get(discord.api_base + "/users/@me", headers=headers) as response:
        assert response.headers["Content-Type"] == "application/json"


async def test_single_commands_are_added_read_and_deleted_and_keep_their_id(discord: FakeDiscord, raw: RawBot):
    base = f"/applications/{discord.world.application_id}/commands"
    _, made = await raw.call("POST", base, PING)
    _, again = await raw.call("POST", base, PING | {"description": "Other"})
    assert made["id"] == again["id"]
    assert (await raw.call("GET", f"{base}/{made['id']}"))[1]["description"] == "Other"
    assert (await raw.register(PING))[0]["id"] == made["id"]
    assert (await raw.call("DELETE", f"{base}/{made['id']}"))[0] == 204
    assert code(await raw.call("DELETE", f"{base}/{made['id']}")) == (404, 10063)
    assert code(await raw.call("PUT", "/applications/1/commands", [PING])) == (404, 10002)


async def test_messages_are_listed_newest_first_in_pages(discord: FakeDiscord, raw: RawBot):
    bob = discord.add_member("bob")
    said = [discord.say(bob, discord.channel, str(number)) for number in range(5)]
    base = f"/channels/{discord.channel.id}/messages"
    _, newest = await raw.call("GET", base + "?limit=2")
    _, older = await raw.call("GET", f"{base}?limit=2&before={said[3].id}")
    _, later = await raw.call("GET", f"{base}?limit=2&after={said[0].id}")
    assert [[one["content"] for one in page] for page in (newest, older, later)] == [["4", "3"], ["2", "1"], ["2", "1"]]
    assert (await raw.call("GET", base + "?limit=101"))[0] == 400


async def test_a_member_timeout_is_checked_and_kept(discord: FakeDiscord, raw: RawBot):
    path = f"/guilds/{discord.guild.id}/members/{discord.add_member('bob').id}"
    far = {"communication_disabled_until": "2999-01-01T00:00:00Z"}
    assert code(await raw.call("PATCH", path, far)) == (400, 50035)
    _, changed = await raw.call("PATCH", path, {"nick": "Bobby", "communication_disabled_until": None})
    assert changed["nick"] == "Bobby"


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/users/1", 10013), ("/guilds/1", 10004), ("/guilds/{guild}/members/1", 10007), ("/channels/x", 50035)],
)
async def test_what_is_not_there_is_unknown(discord: FakeDiscord, raw: RawBot, path: str, expected: int):
    _, body = await raw.call("GET", path.format(guild=discord.guild.id))
    assert body["code"] == expected


async def test_a_file_over_ten_megabytes_is_refused(discord: FakeDiscord, raw: RawBot):
    form = aiohttp.FormData()
    form.add_field("payload_json", '{"attachments":[{"id":0,"filename":"a"}]}')
    form.add_field("files[0]", b"x" * (10 * 1024 * 1024 + 1), filename="a")
    url = f"{discord.api_base}/channels/{discord.channel.id}/messages"
    async with raw._session.post(url, data=form, headers={"Authorization": f"Bot {discord.token}"}) as response:
        assert (response.status, (await response.json())["code"]) == (413, 40005)
    assert discord.messages(discord.channel) == []


async def test_a_body_that_is_no_json_is_refused(discord: FakeDiscord, raw: RawBot):
    url = f"{discord.api_base}/channels/{discord.channel.id}/messages"
    async with raw._session.post(url, data=b"{", headers={"Authorization": f"Bot {discord.token}"}) as response:
        assert (response.status, (await response.json())["code"]) == (400, 50109)
