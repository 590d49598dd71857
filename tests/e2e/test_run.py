"""`warden run` as a process, from its start to its end, against a fake Discord and the IM service."""

import asyncio
import signal
import sqlite3
from contextlib import closing

import pytest

from tests.e2e.processes import CHANNEL, MEMBERS, READY, House, Program, eventually
from tests.wire import Channel, FakeDiscord, Member, Reply

pytestmark = pytest.mark.slow

SIGNALS = [signal.SIGTERM, signal.SIGINT]


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


async def test_a_mute_goes_from_the_command_to_the_log_channel_and_ends_by_itself(
    house: House, discord: FakeDiscord, admin: Member, log: Channel
):
    await house.start_im("--keep-expired-mutes")
    bot = await house.start_bot(fresh=True)
    await set_log(discord, admin, log)
    reply = await send_mute(discord, admin, MEMBERS[0], "3s").answered()
    assert (reply.deferred, reply.ephemeral) == (True, True)
    assert f"Muted {MEMBERS[0]} · #{CHANNEL}" in reply.text
    logged = await discord.wait_message(log, lambda one: "Muted" in one.text)
    for piece in (MEMBERS[0], "**Until** <t:", "**For** 3 seconds", "**Reason** spam", admin.mention, "Case #2"):
        assert piece in logged.text
    await discord.wait_message(log, lambda one: "Mute over" in one.text, 20)
    assert (logged.deleted, "Mute over" in logged.text, len(discord.messages(log))) == (False, True, 2)
    assert await muted_in_the_im(house) == set()
    await bot.stop()


async def test_commands_are_registered_once_and_again_only_when_they_have_changed(house: House, discord: FakeDiscord):
    await house.start_im()
    for _start in range(2):
        bot = await house.start_bot()
        assert bot.count(READY) == 1
        await bot.stop()
    assert len(discord.sync_calls) == 1
    with closing(sqlite3.connect(house.database)) as connection, connection:
        assert connection.execute("UPDATE marks SET value = 'old' WHERE name = 'command-tree'").rowcount == 1
    bot = await house.start_bot()
    assert len(discord.sync_calls) == 2
    await bot.stop()
    code, sync = await house.command("sync")
    assert (code, len(discord.sync_calls)) == (0, 3), sync.text
    assert f"{len(discord.sync_calls[0].names)} commands registered globally" in sync.out[-1]


async def test_what_sync_has_registered_run_does_not_register_again(house: House, discord: FakeDiscord):
    await house.start_im()
    code, sync = await house.command("sync")
    assert code == 0, sync.text
    await house.start_bot()
    assert len(discord.sync_calls) == 1


@pytest.mark.parametrize("number", SIGNALS)
async def test_a_signal_ends_an_idle_bot(house: House, discord: FakeDiscord, number: signal.Signals):
    await house.start_im()
    bot = await house.start_bot()
    await bot.stop(number)
    assert not discord.connected


async def test_sigterm_ends_a_bot_whose_commands_are_in_flight_and_their_cases_are_settled_later(
    house: House, discord: FakeDiscord, admin: Member, log: Channel
):
    im = await house.start_im("--keep-expired-mutes")
    bot = await house.start_bot()
    await set_log(discord, admin, log)
    await send_mute(discord, admin, MEMBERS[0], "1h").answered()
    await im.stop()
    slow = await house.start_im("--keep-expired-mutes", "--latency=4000")
    replies = [send_mute(discord, admin, member, "2s") for member in MEMBERS[1:4]]
    await asyncio.gather(*(reply.acknowledged() for reply in replies))
    await eventually(
        "a case is written down and not carried out", lambda: house.rows("SELECT 1 FROM mutes WHERE state = 'pending'")
    )
    await bot.stop()
    assert "Traceback" not in bot.text
    await slow.kill()
    await house.start_im("--keep-expired-mutes")
    await house.start_bot()
    await eventually(
        "no case is left in between",
        lambda: not house.rows("SELECT 1 FROM mutes WHERE state IN ('pending', 'lifting')"),
        30,
    )
    assert await muted_in_the_im(house) >= {MEMBERS[0]}


async def test_sigterm_ends_a_bot_in_the_middle_of_ending_mutes(house: House, discord: FakeDiscord, admin: Member):
    im = await house.start_im("--keep-expired-mutes")
    bot = await house.start_bot()
    replies = [send_mute(discord, admin, member, "5s") for member in MEMBERS]
    await asyncio.gather(*(reply.answered() for reply in replies))
    await im.kill()
    im = await house.start_im("--keep-expired-mutes", "--latency=5000")
    await eventually("unmutes are under way", lambda: house.rows("SELECT 1 FROM mutes WHERE state = 'lifting'"))
    await bot.stop()
    await im.kill()
    await house.start_im("--keep-expired-mutes")
    await house.start_bot()
    await eventually(
        "all mutes are over",
        lambda: [row["ending"] for row in house.rows("SELECT ending FROM mutes")] == ["ended"] * len(MEMBERS),
        30,
    )
    assert await muted_in_the_im(house) == set()


@pytest.mark.parametrize("down", ["discord", "im", "both"])
async def test_sigterm_ends_a_bot_whose_discord_or_im_is_down(
    house: House, discord: FakeDiscord, admin: Member, log: Channel, down: str
):
    im = await house.start_im("--keep-expired-mutes")
    bot = await house.start_bot()
    await set_log(discord, admin, log)
    await send_mute(discord, admin, MEMBERS[0], "1s").answered()
    if down != "im":
        discord.down()
    if down != "discord":
        await im.kill()
    await asyncio.sleep(2)
    await bot.stop()


@pytest.mark.parametrize("number", SIGNALS)
async def test_a_signal_ends_a_bot_that_has_never_reached_discord(
    house: House, discord: FakeDiscord, number: signal.Signals
):
    discord.down()
    await house.start_im()
    bot = await house.start_bot(ready=False)
    await bot.line("Discord cannot be reached")
    await bot.stop(number)


async def test_due_mutes_end_while_discord_is_away_and_the_log_says_so_when_it_is_back(
    house: House, discord: FakeDiscord, admin: Member, log: Channel
):
    await house.start_im("--keep-expired-mutes")
    bot = await house.start_bot()
    await set_log(discord, admin, log)
    await send_mute(discord, admin, MEMBERS[0], "10s").answered()
    message = await discord.wait_message(log, lambda one: "Muted" in one.text)
    await bot.kill()
    discord.down(status=503)
    bot = await house.start_bot(ready=False)
    await bot.line("Discord cannot be reached", nth=2)
    await eventually("the mute ends", lambda: house.rows("SELECT 1 FROM mutes WHERE ending = 'ended'"), 30)
    assert await muted_in_the_im(house) == set()
    assert "Muted" in message.text
    discord.up()
    await bot.line(READY)
    await eventually("the log tells it", lambda: "Mute over" in message.text)
    assert len(discord.messages(log)) == 2


async def test_a_dropped_gateway_is_resumed_and_commands_work_again(house: House, discord: FakeDiscord, admin: Member):
    await house.start_im()
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


async def test_a_token_that_discord_refuses_ends_the_start_with_one_line(house: House):
    await house.start_im()
    house.settings["discord"]["token"] = "MTIzNDU2Nzg5.refused.secret-part-of-the-token"
    bot = await house.start_bot(ready=False)
    assert await bot.exit_code() == 1
    assert [line for line in bot.err if line.startswith("warden: ")] == [bot.err[-1]]
    assert "discord.token" in bot.err[-1]
    assert "Traceback" not in bot.text
    assert "secret-part-of-the-token" not in bot.text


async def test_a_token_that_discord_takes_back_ends_the_bot_with_one_line(house: House, discord: FakeDiscord):
    await house.start_im()
    bot = await house.start_bot()
    await discord.gateway.close(4004)
    assert await bot.exit_code(60) == 1
    assert "Traceback" not in bot.text
    assert "token" in bot.err[-1]


@pytest.mark.parametrize(
    ("section", "key", "value", "said"),
    [
        ("discord", "tokn", "abc", ("discord.tokn", "did you mean token")),
        ("im", "timeout_seconds", 0, ("im.timeout_seconds", "above 0")),
        ("discord", "api_base", "http://example.invalid/api/v10", ("allow_custom_endpoint",)),
        ("storage", "url", "mysql://localhost/x", ("storage.url", "sqlite+aiosqlite")),
    ],
)
async def test_a_wrong_configuration_ends_the_start_with_one_line(house: House, section, key, value, said):
    house.settings[section][key] = value
    bot = await house.start_bot(ready=False)
    assert await bot.exit_code() == 1
    assert_one_line(bot, *said)


async def test_a_missing_token_and_a_missing_file_are_told_in_one_line(house: House):
    del house.settings["discord"]["token"]
    bot = await house.start_bot(ready=False)
    assert await bot.exit_code() == 1
    assert_one_line(bot, "discord.token", "WARDEN_DISCORD__TOKEN")
    bot = await house.program("run", "--config", "nowhere.toml")
    assert await bot.exit_code() == 1
    assert_one_line(bot, "nowhere.toml")
    bot = await house.program("run", "--confg", "x")
    assert await bot.exit_code() == 2


async def test_a_database_in_use_is_told_in_one_line(house: House):
    await house.start_im()
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
    bot = await house.start_bot()
    assert "Muted" in (await send_mute(discord, admin, MEMBERS[0], "1h").answered()).text
    await bot.stop()
    bot = await house.start_bot()
    shown = await discord.slash(admin, discord.channel, "muted", {"channel": CHANNEL})
    assert MEMBERS[0] in shown.text
    await bot.stop()


async def test_check_tells_what_works_and_fails_with_the_row_that_does_not(house: House, discord: FakeDiscord):
    im = await house.start_im()
    code, check = await house.command("check")
    assert code == 0, check.text
    rows = {line.split()[0]: line for line in check.out if line.strip()}
    assert list(rows) == ["config", "database", "im", "discord"]
    assert "logged in as" in rows["discord"]
    assert not house.database.exists()
    await im.kill()
    discord.down(status=503)
    code, check = await house.command("check")
    assert code == 1
    states = {line.split()[0]: line.split()[1] for line in check.out if line.strip()}
    assert states == {"config": "ok", "database": "ok", "im": "failed", "discord": "failed"}
    assert "Traceback" not in check.text


async def test_sync_ends_with_one_line_when_discord_is_down(house: House, discord: FakeDiscord):
    await house.start_im()
    discord.down(status=503)
    code, sync = await house.command("sync")
    assert code == 1
    assert "cannot be reached" in sync.err[-1]
    assert "Traceback" not in sync.text


async def test_migrate_and_export_work_beside_the_bot(house: House, discord: FakeDiscord, admin: Member):
    code, migrate = await house.command("migrate")
    assert (code, "migrated from empty" in migrate.text) == (0, True), migrate.text
    code, migrate = await house.command("migrate")
    assert (code, "already" in migrate.text) == (0, True), migrate.text
    await house.start_im()
    await house.start_bot()
    await send_mute(discord, admin, MEMBERS[0], "10m", 'says "hi", often').answered()
    code, export = await house.command("export", "cases")
    assert code == 0, export.text
    assert export.out[0] == "case,time,guild,staff,action,member,channel,duration_ms,reason,outcome"
    assert export.out[1].startswith("1,20")
    (case,) = house.rows("SELECT * FROM cases")
    assert f",{discord.guild.id},{admin.id},mute,{MEMBERS[0]},{case['channel_id']},600000," in export.out[1]
    assert '"says ""hi"", often"' in export.out[1]
    code, export = await house.command("export", "cases", "--format", "jsonl", "--output", "cases.jsonl")
    assert (code, len((house.folder / "cases.jsonl").read_text().splitlines())) == (0, 1)
