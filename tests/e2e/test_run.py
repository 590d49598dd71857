"""`warden run` as a process, from its start to its end, against a fake Discord and the IM service.

A process costs more than what is tried with it, so each test tries what can follow one after the other in one house.
"""

import asyncio
import signal
import sqlite3
from contextlib import closing

import pytest

from bot.imservice import FaultAction
from tests.e2e.processes import CHANNEL, MEMBERS, READY, House, Program, eventually
from tests.wire import Channel, FakeDiscord, Member, Reply

pytestmark = pytest.mark.slow


@pytest.fixture
def from_nothing(house: House) -> None:
    """Start programs as people do, imports and all."""
    house.copied = False


async def set_log(discord: FakeDiscord, admin: Member, log: Channel) -> None:
    reply = await discord.slash(admin, discord.channel, "settings log", {"channel": log})
    assert log.mention in reply.text


def send_mute(discord: FakeDiscord, admin: Member, member: str, duration: str, reason: str = "spam") -> Reply:
    options = {"member": member, "channel": CHANNEL, "duration": duration, "reason": reason}
    return discord.send_slash(admin, discord.channel, "mute", options)


async def muted_in_the_im(house: House) -> set[str]:
    """Who is on the mute list of CHANNEL, by the IM itself."""
    async with house.im() as im:
        (community,) = [one.community_id async for one in im.communities.list()]
        (channel,) = [one.channel_id async for one in im.channels.public(community) if one.name == CHANNEL]
        return {one.user_id async for one in im.mutes.list(community, channel)}


def assert_one_line(program: Program, *pieces: str) -> None:
    """The program said one line for the operator, nothing else, and it names what is wrong."""
    assert len(program.lines) == 1, program.text
    for piece in pieces:
        assert piece in program.lines[0]


async def test_a_mute_goes_from_the_command_to_the_log_channel_ends_by_itself_and_is_exported(
    house: House, from_nothing: None, discord: FakeDiscord, admin: Member, log: Channel
):
    code, migrate = await house.command("migrate")
    assert (code, "migrated from empty" in migrate.text) == (0, True), migrate.text
    await house.im_here()
    bot = await house.start_bot()
    await set_log(discord, admin, log)
    reply = await send_mute(discord, admin, MEMBERS[0], "3s", 'says "hi", often').answered()
    assert (reply.deferred, reply.ephemeral) == (True, True)
    assert f"Muted {MEMBERS[0]} · #{CHANNEL}" in reply.text
    logged = await discord.wait_message(log, lambda one: "Muted" in one.text)
    for piece in (MEMBERS[0], "**Until** <t:", "**For** 3 seconds", "**Reason** says", admin.mention, "Case #2"):
        assert piece in logged.text
    await discord.wait_message(log, lambda one: "Mute over" in one.text, 20)
    assert (logged.deleted, "Mute over" in logged.text, len(discord.messages(log))) == (False, True, 2)
    assert await muted_in_the_im(house) == set()
    code, export = await house.command("export", "cases")
    assert code == 0, export.text
    assert export.out[0] == "case,time,guild,staff,action,member,channel,duration_ms,reason,outcome"
    assert export.out[2].startswith("2,20")
    case = house.rows("SELECT * FROM cases")[1]
    assert f",{discord.guild.id},{admin.id},mute,{MEMBERS[0]},{case['channel_id']},3000," in export.out[2]
    assert '"says ""hi"", often"' in export.out[2]
    await bot.stop()


async def test_commands_are_registered_once_and_again_only_when_they_have_changed(house: House, discord: FakeDiscord):
    await house.im_here()
    code, sync = await house.command("sync")
    assert (code, len(discord.sync_calls)) == (0, 1), sync.text
    assert f"{len(discord.sync_calls[0].names)} commands registered globally" in sync.out[-1]
    bot = await house.start_bot()
    assert (bot.count(READY), len(discord.sync_calls)) == (1, 1)
    await bot.stop(signal.SIGTERM)
    assert not discord.connected
    with closing(sqlite3.connect(house.database)) as connection, connection:
        assert connection.execute("UPDATE marks SET value = 'old' WHERE name = 'command-tree'").rowcount == 1
    for _start in range(2):
        bot = await house.start_bot()
        assert (bot.count(READY), len(discord.sync_calls)) == (1, 2)
        await bot.stop(signal.SIGINT)
        assert not discord.connected


async def test_sigterm_ends_a_bot_in_the_middle_of_things_and_the_next_one_finishes_them(
    house: House, discord: FakeDiscord, admin: Member, log: Channel
):
    im = await house.im_here()
    bot = await house.start_bot()
    await set_log(discord, admin, log)
    await send_mute(discord, admin, MEMBERS[0], "1h").answered()

    # Commands are in flight.
    im.fault = lambda _request: FaultAction.delay(4000)
    replies = [send_mute(discord, admin, member, "2s") for member in MEMBERS[1:4]]
    await asyncio.gather(*(reply.acknowledged() for reply in replies))
    await eventually(
        "a case is written down and not carried out", lambda: house.rows("SELECT 1 FROM mutes WHERE state = 'pending'")
    )
    await bot.stop()
    assert "Traceback" not in bot.text
    im.fault = None
    bot = await house.start_bot()
    await eventually(
        "no case is left in between",
        lambda: (
            not house.rows(
                "SELECT 1 FROM mutes WHERE state IN ('pending', 'active', 'lifting') AND requested_ms < 9000"
            )
        ),
        30,
    )
    assert await muted_in_the_im(house) == {MEMBERS[0]}

    # Mutes are being ended.
    replies = [send_mute(discord, admin, member, "4s") for member in MEMBERS[1:]]
    await asyncio.gather(*(reply.answered() for reply in replies))
    im.fault = lambda _request: FaultAction.delay(5000)
    await eventually("unmutes are under way", lambda: house.rows("SELECT 1 FROM mutes WHERE state = 'lifting'"))
    await bot.stop()
    im.fault = None
    bot = await house.start_bot()
    await eventually(
        "all of them are over",
        lambda: (
            [row["ending"] for row in house.rows("SELECT ending FROM mutes ORDER BY id")][-len(replies) :]
            == ["ended"] * len(replies)
        ),
        30,
    )
    assert await muted_in_the_im(house) == {MEMBERS[0]}

    # The IM is down, and then both are.
    for also_discord in (False, True):
        await send_mute(discord, admin, MEMBERS[1], "1s").answered()
        await im.stop()
        if also_discord:
            discord.down()
        await asyncio.sleep(2)
        await bot.stop()
        await im.start(port=house.im_port)
        bot = await house.start_bot(ready=not also_discord)

    # Discord was never reached.
    await bot.line("Discord cannot be reached")
    await bot.stop(signal.SIGINT)


async def test_a_dropped_gateway_is_resumed_and_a_token_that_is_taken_back_ends_the_bot_with_one_line(
    house: House, discord: FakeDiscord, admin: Member
):
    await house.im_here()
    bot = await house.start_bot()
    discord.drop_connections()
    await discord.wait_disconnected()
    await discord.wait_connected(30)
    assert "Muted" in (await send_mute(discord, admin, MEMBERS[0], "1h").answered()).text
    assert (discord.gateway.identifies, discord.gateway.resumes) == (1, 1)
    discord.gateway.forget_sessions()
    discord.drop_connections()
    await eventually("the bot identifies anew", lambda: discord.gateway.identifies == 2, 40)
    await discord.wait_connected(30)
    assert "Muted" in (await send_mute(discord, admin, MEMBERS[1], "1h").answered()).text
    assert (len(discord.sync_calls), bot.count(READY)) == (1, 1)
    await discord.gateway.close(4004)
    assert await bot.exit_code(60) == 1
    assert "Traceback" not in bot.text
    assert "token" in bot.err[-1]


async def test_a_token_that_discord_refuses_ends_the_start_with_one_line(house: House):
    await house.im_here()
    house.settings["discord"]["token"] = "MTIzNDU2Nzg5.refused.secret-part-of-the-token"
    bot = await house.start_bot(ready=False)
    assert await bot.exit_code() == 1
    assert [line for line in bot.err if line.startswith("warden: ")] == [bot.err[-1]]
    assert "discord.token" in bot.err[-1]
    assert "Traceback" not in bot.text
    assert "secret-part-of-the-token" not in bot.text


async def test_what_is_wrong_with_the_configuration_ends_the_start_with_one_line(house: House, from_nothing: None):
    """One of each kind as a process; tests/test_config.py and tests/cli have every key."""
    del house.settings["discord"]["token"]
    bot = await house.start_bot(ready=False)
    assert await bot.exit_code() == 1
    assert_one_line(bot, "discord.token", "WARDEN_DISCORD__TOKEN")
    house.settings["discord"] = {"tokn": "abc"}
    bot = await house.start_bot(ready=False)
    assert await bot.exit_code() == 1
    assert_one_line(bot, "discord.tokn", "did you mean token")
    bot = await house.program("run", "--config", "nowhere.toml")
    assert await bot.exit_code() == 1
    assert_one_line(bot, "nowhere.toml")
    bot = await house.program("run", "--confg", "x")
    assert await bot.exit_code() == 2


async def test_a_database_in_use_is_told_in_one_line(house: House):
    with closing(sqlite3.connect(house.database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN EXCLUSIVE")
        bot = await house.start_bot(ready=False)
        assert await bot.exit_code(60) == 1
        assert_one_line(bot, "warden.db", "locked")


async def test_a_database_that_cannot_be_used_is_told_in_one_line(house: House):
    house.database.mkdir()
    bot = await house.start_bot(ready=False)
    assert await bot.exit_code() == 1
    assert_one_line(bot, "warden.db")
    house.database.rmdir()
    house.database.write_bytes(b"not a database at all" * 100)
    bot = await house.start_bot(ready=False)
    assert await bot.exit_code() == 1
    assert_one_line(bot, "warden.db", "not a database")


async def test_an_embedded_im_service_that_cannot_start_is_told_in_one_line(house: House):
    house.settings["im"] = {"kind": "embedded"}
    (house.folder / "warden-im").write_text("in the way")
    bot = await house.start_bot(ready=False)
    assert await bot.exit_code() == 1
    assert_one_line(bot, "warden-im")


async def test_run_brings_its_own_im_service(house: House, discord: FakeDiscord, admin: Member):
    house.settings["im"] = {"kind": "embedded"}
    bot = await house.start_bot(fresh=True)
    assert "Muted" in (await send_mute(discord, admin, MEMBERS[0], "1h").answered()).text
    await bot.stop()
    bot = await house.start_bot()
    shown = await discord.slash(admin, discord.channel, "muted", {"channel": CHANNEL})
    assert MEMBERS[0] in shown.text
    await bot.stop()


async def test_check_tells_what_works_and_what_does_not_and_sync_ends_with_one_line_without_discord(
    house: House, from_nothing: None, discord: FakeDiscord
):
    im = await house.im_here()
    code, check = await house.command("check")
    assert code == 0, check.text
    rows = {line.split()[0]: line for line in check.out if line.strip()}
    assert list(rows) == ["config", "database", "im", "discord", "http"]
    assert "logged in as" in rows["discord"]
    assert not house.database.exists()
    await im.stop()
    discord.down(status=503)
    code, check = await house.command("check")
    assert code == 1
    states = {line.split()[0]: line.split()[1] for line in check.out if line.strip()}
    assert states == {"config": "ok", "database": "ok", "im": "failed", "discord": "failed", "http": "ok"}
    assert "Traceback" not in check.text
    code, sync = await house.command("sync")
    assert code == 1
    assert "cannot be reached" in sync.err[-1]
    assert "Traceback" not in sync.text
