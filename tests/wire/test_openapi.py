"""The schema layer, with Discord's own document."""

import os
from pathlib import Path

import pytest

from tests.wire import FakeDiscord
from tests.wire.openapi import OpenApi
from tests.wire.pipeline import Call
from tests.wire.rawbot import RawBot
from tests.wire.server import OPENAPI_VARIABLE

pytestmark = pytest.mark.skipif(
    OPENAPI_VARIABLE not in os.environ, reason=f"{OPENAPI_VARIABLE} does not name Discord's openapi.json"
)
SEND = "/channels/{channel_id}/messages"
CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
COMMANDS = "/applications/{application_id}/commands"


@pytest.fixture(scope="module")
def schema() -> OpenApi:
    return OpenApi.load(Path(os.environ[OPENAPI_VARIABLE]))


def problems(schema: OpenApi, method: str, template: str, body, **query: str) -> list[str]:
    return [str(one) for one in schema.request_problems(Call(method, template, template, {}, query, body))]


def test_integer_ids_pass(schema: OpenApi):
    body = {"content": "x", "attachments": [{"id": 0, "filename": "a"}], "allowed_mentions": {"users": [1]}}
    assert problems(schema, "POST", SEND, body) == []


@pytest.mark.parametrize(
    ("method", "template", "body", "where"),
    [
        ("POST", SEND, {"embeds": [{"description": "d" * 4097}]}, "embeds.0.description"),
        ("POST", SEND, {"embeds": [{"url": "nonsense"}]}, "embeds.0.url"),
        ("POST", SEND, {"embeds": [{"timestamp": "now"}]}, "embeds.0.timestamp"),
        ("POST", CALLBACK, {"type": 4, "data": {"content": "x" * 2001}}, "data.content"),
        ("POST", CALLBACK, {"type": 9, "data": {"custom_id": "m", "title": "t" * 46, "components": []}}, "data.title"),
        ("PUT", COMMANDS, [{"name": "n" * 33, "description": "d"}], "0.name"),
        ("PUT", COMMANDS, [{"name": "n", "description": "d", "options": [{"type": 3, "name": 7}]}], "0.options.0.name"),
    ],
)
def test_the_error_names_the_field_in_the_branch_that_was_meant(
    schema: OpenApi, method: str, template: str, body, where: str
):
    assert any(one.startswith(f"{where}:") for one in problems(schema, method, template, body))


def test_an_unknown_query_name_is_told(schema: OpenApi):
    found = problems(schema, "POST", SEND, {"content": "x"}, wiat="1")
    assert found == ["wiat: unknown query parameter [OPENAPI_QUERY]"]


async def test_every_answer_of_the_fake_fits_the_schema():
    async with FakeDiscord(openapi=Path(os.environ[OPENAPI_VARIABLE])) as discord:
        raw = RawBot(discord)
        await raw.identify()
        await raw.register({"name": "ping", "description": "Ping"})
        member = discord.add_member("mod")
        guild, app, channel = discord.guild.id, discord.world.application_id, discord.channel.id
        _, sent = await raw.call("POST", f"/channels/{channel}/messages", {"content": "x", "nonce": "n"})
        for path in (
            "/users/@me",
            "/users/@me/guilds",
            f"/users/{member.id}",
            "/oauth2/applications/@me",
            "/applications/@me",
            "/gateway",
            "/gateway/bot",
            f"/guilds/{guild}",
            f"/guilds/{guild}/channels",
            f"/guilds/{guild}/roles",
            f"/guilds/{guild}/members/{member.id}",
            f"/applications/{app}/commands",
            f"/applications/{app}/guilds/{guild}/commands",
            f"/channels/{channel}",
            f"/channels/{channel}/messages?limit=5",
            f"/channels/{channel}/messages/{sent['id']}",
        ):
            assert (await raw.call("GET", path))[0] == 200, path
        for kind, data in ((4, {"content": "x"}), (5, None)):
            discord.send_slash(member, discord.channel, "ping")
            interaction = await raw.event("INTERACTION_CREATE")
            await raw.respond(interaction, kind, data)
            await raw.call("PATCH", raw.webhook(interaction) + "/messages/@original", {"content": "y"})
        await raw.close()
        discord.assert_clean()


async def test_a_request_against_the_schema_is_refused():
    async with FakeDiscord(openapi=Path(os.environ[OPENAPI_VARIABLE])) as discord:
        raw = RawBot(discord)
        status, body = await raw.call("PATCH", f"/channels/{discord.channel.id}/messages/1", {"flags": "many"})
        await raw.close()
    assert (status, body["code"]) == (400, 50035)
