"""A real discord.py bot on the fake: commands, messages and the connection, over sockets."""

import asyncio
import io

import discord as dpy
import pytest
from discord import app_commands

from tests.wire import FakeDiscord, Upload
from tests.wire.errors import UsageError
from tests.wire.samplebot import SampleBot, StartBot


async def test_an_immediate_reply_is_seen_with_its_embed(discord: FakeDiscord, start_bot: StartBot):
    bot = SampleBot()

    @bot.tree.command()
    async def status(interaction: dpy.Interaction) -> None:
        embed = dpy.Embed(title="Status").add_field(name="IM", value="up")
        await interaction.response.send_message("fine", embed=embed, ephemeral=True)

    await start_bot(bot)
    reply = await discord.slash(discord.add_member("mod"), discord.channel, "status")
    assert (reply.text, reply.ephemeral, reply.deferred) == ("fine\nStatus\nIM\nup", True, False)
    assert discord.messages(discord.channel) == []
    assert 0 < reply.ack_seconds < 1
    discord.assert_clean()


async def test_a_defer_is_filled_by_the_edit_and_then_by_no_other_message(discord: FakeDiscord, start_bot: StartBot):
    bot, go = SampleBot(), asyncio.Event()

    @bot.tree.command()
    async def mute(interaction: dpy.Interaction, member: dpy.Member) -> None:
        await interaction.response.defer(ephemeral=True)
        await go.wait()
        await interaction.edit_original_response(content=f"muted {member.name}")
        await interaction.edit_original_response(content="verified")
        await interaction.followup.send("more")

    await start_bot(bot)
    mod, bob = discord.add_member("mod"), discord.add_member("bob")
    reply = discord.send_slash(mod, discord.channel, "mute", {"member": bob})
    await reply.acknowledged()
    assert reply.deferred
    assert reply.ephemeral
    assert reply.message.loading
    assert reply.answered_at is None
    go.set()
    further = await reply.followed_up()
    assert [state.content for state in reply.message.history] == ["", "muted bob", "verified"]
    assert not reply.message.loading
    assert len(reply.edited_at) == 2
    assert further.text == "more"
    assert not further.ephemeral
    discord.assert_clean()


async def test_the_first_follow_up_fills_the_defer_and_keeps_its_visibility(discord: FakeDiscord, start_bot: StartBot):
    bot = SampleBot()

    @bot.tree.command()
    async def mute(interaction: dpy.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send("filled", ephemeral=False)

    await start_bot(bot)
    reply = await discord.slash(discord.add_member("mod"), discord.channel, "mute")
    assert reply.text == "filled"
    assert reply.message.ephemeral
    assert reply.followups == []


async def test_autocomplete_sees_what_was_typed_and_chosen_before(discord: FakeDiscord, start_bot: StartBot):
    bot = SampleBot()

    @bot.tree.command()
    async def mute(interaction: dpy.Interaction, channel: str, member: str) -> None:
        await interaction.response.send_message("ok")

    @mute.autocomplete("member")
    async def names(interaction: dpy.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current} in {interaction.namespace.channel}", value="1")]

    await start_bot(bot)
    mod = discord.add_member("mod")
    choices = await discord.autocomplete(
        mod, discord.channel, "mute", focused="member", value="b", options={"channel": "c7"}
    )
    assert [(one.name, one.value) for one in choices] == [("b in c7", "1")]
    with pytest.raises(UsageError, match="no autocomplete"):
        discord.send_autocomplete(mod, discord.channel, "mute", focused="channel")


async def test_subcommands_options_and_locale_arrive_and_foreign_options_are_refused(
    discord: FakeDiscord, start_bot: StartBot
):
    bot = SampleBot()
    group = app_commands.Group(name="channel", description="Channels")

    @group.command(name="list")
    async def listing(
        interaction: dpy.Interaction, limit: app_commands.Range[int, 1, 5], where: dpy.TextChannel
    ) -> None:
        await interaction.response.send_message(f"{interaction.locale} {limit} {where.name} {interaction.channel.name}")

    bot.tree.add_command(group)
    await start_bot(bot)
    mod = discord.add_member("mod", locale="zh-CN")
    side = discord.add_channel("side")
    reply = await discord.slash(mod, discord.channel, "channel list", {"limit": 3, "where": side})
    assert reply.text == "zh-CN 3 side general"
    for wrong, why in (
        ({"limit": 3, "where": side, "foo": 1}, "no option"),
        ({"where": side}, "required"),
        ({"limit": 6, "where": side}, "outside"),
        ({"limit": "3", "where": side}, "type"),
        ({"limit": 3, "where": "nowhere"}, "has no channel"),
    ):
        with pytest.raises(UsageError, match=why):
            discord.send_slash(mod, discord.channel, "channel list", wrong)
    with pytest.raises(UsageError, match="no subcommand"):
        discord.send_slash(mod, discord.channel, "channel purge")


async def test_files_go_both_ways(discord: FakeDiscord, start_bot: StartBot):
    bot = SampleBot()

    @bot.tree.command(name="import")
    async def load(interaction: dpy.Interaction, file: dpy.Attachment) -> None:
        await interaction.response.defer()
        upper = (await file.read()).upper()
        embed = dpy.Embed().set_image(url="attachment://out.csv")
        await interaction.followup.send("done", file=dpy.File(io.BytesIO(upper), "out.csv"), embed=embed)

    await start_bot(bot)
    options = {"file": Upload("in.csv", b"a,b")}
    reply = await discord.slash(discord.add_member("mod"), discord.channel, "import", options)
    stored = reply.message.attachments[0]
    assert (stored.upload.filename, stored.upload.data) == ("out.csv", b"A,B")
    assert reply.message.embeds[0]["image"]["url"] == stored.url
    discord.assert_clean()


async def test_context_menus_carry_their_target(discord: FakeDiscord, start_bot: StartBot):
    bot = SampleBot()

    @bot.tree.context_menu(name="History")
    async def history(interaction: dpy.Interaction, message: dpy.Message) -> None:
        await interaction.response.send_message(f"{message.author.name}: {message.content}")

    @bot.tree.context_menu(name="Mute author")
    async def author(interaction: dpy.Interaction, member: dpy.Member) -> None:
        await interaction.response.send_message(member.name)

    await start_bot(bot)
    mod, bob = discord.add_member("mod"), discord.add_member("bob")
    said = discord.say(bob, discord.channel, "hi")
    assert (await discord.context_menu(mod, discord.channel, "History", said)).text == "bob: hi"
    assert (await discord.context_menu(mod, discord.channel, "Mute author", bob)).text == "bob"


async def test_an_interaction_sent_while_the_connection_was_lost_is_answered_after_resume(
    discord: FakeDiscord, start_bot: StartBot
):
    bot = SampleBot()

    @bot.tree.command()
    async def ping(interaction: dpy.Interaction) -> None:
        await interaction.response.send_message("pong")

    await start_bot(bot)
    mod = discord.add_member("mod")
    discord.drop_connections()
    reply = discord.send_slash(mod, discord.channel, "ping")
    assert not reply.delivered
    assert (await reply.answered()).text == "pong"
    assert (discord.gateway.identifies, discord.gateway.resumes) == (1, 1)


async def test_a_429_is_waited_out_and_a_cloudflare_ban_is_not(discord: FakeDiscord, start_bot: StartBot):
    bot = await start_bot(SampleBot())
    channel = await bot.fetch_channel(discord.channel.id)
    discord.rate_limit_next("POST", "/messages$", retry_after=0.05, times=2)
    await channel.send("through")
    assert [one.status for one in discord.requested("POST", "/messages$")] == [429, 429, 200]
    discord.rate_limit_next("POST", "/messages$", via=False)
    with pytest.raises(dpy.HTTPException):
        await channel.send("banned")
    assert [one.text for one in discord.messages(discord.channel)] == ["through"]


async def test_a_repeated_nonce_gives_the_message_of_the_lost_answer(discord: FakeDiscord, start_bot: StartBot):
    bot = await start_bot(SampleBot())
    channel = await bot.fetch_channel(discord.channel.id)
    discord.fail_next("POST", "/messages$", status=0, when="after")
    with pytest.raises(Exception, match=r"disconnected|reset"):
        await channel.send("case 7", nonce="case-7")
    assert len(discord.messages(discord.channel)) == 1
    again = await channel.send("case 7", nonce="case-7")
    assert [one.id for one in discord.messages(discord.channel)] == [again.id]


async def test_edits_of_channel_messages_keep_their_history(discord: FakeDiscord, start_bot: StartBot):
    bot = await start_bot(SampleBot())
    channel = await bot.fetch_channel(discord.channel.id)
    sent = await channel.send("muted")
    edit = asyncio.create_task(sent.edit(content="unmuted"))
    found = await discord.wait_message(discord.channel, lambda one: one.content == "unmuted")
    await edit
    assert [state.content for state in found.history] == ["muted", "unmuted"]
    assert found.edited_ms is not None
    await sent.delete()
    assert discord.messages(discord.channel) == []
    with pytest.raises(dpy.NotFound) as caught:
        await sent.edit(content="again")
    assert caught.value.code == 10008


@pytest.mark.parametrize("status", [0, 503])
async def test_the_bot_resumes_after_an_outage(discord: FakeDiscord, start_bot: StartBot, status: int):
    bot = await start_bot(SampleBot())
    discord.down(status=status)
    await discord.wait_disconnected()
    with pytest.raises(Exception, match=r"disconnected|reset|503"):
        await asyncio.wait_for(bot.http.request(dpy.http.Route("GET", "/users/@me")), 1)
    discord.up()
    await discord.wait_connected(15)


async def test_the_members_intent_gets_everyone_in_chunks(discord: FakeDiscord, start_bot: StartBot):
    for number in range(5):
        discord.add_member(f"member{number}")
    bot = await start_bot(SampleBot(members=True, guild_ready_timeout=0.2))
    await asyncio.wait_for(bot.wait_until_ready(), 5)
    assert len(bot.guilds[0].members) == 7


async def test_commands_of_a_guild_stand_before_global_ones_and_roles_and_choices_resolve(
    discord: FakeDiscord, start_bot: StartBot
):
    bot = SampleBot()
    bot.sync_on_start = False

    @bot.tree.command(guild=dpy.Object(discord.guild.id))
    @app_commands.choices(level=[app_commands.Choice(name="Moderator", value="mod")])
    async def roles(
        i: dpy.Interaction, level: app_commands.Choice[str], role: dpy.Role, who: dpy.Member | dpy.Role
    ) -> None:
        assert isinstance(who, dpy.Member)
        await i.response.send_message(f"{level.value} {role.name} {who.guild_permissions.kick_members}")

    await start_bot(bot)
    synced = await bot.tree.sync(guild=dpy.Object(discord.guild.id))
    fetched = await bot.tree.fetch_commands(guild=dpy.Object(discord.guild.id))
    assert [one.id for one in fetched] == [one.id for one in synced]
    assert (discord.sync_calls[0].guild_id, discord.sync_calls[0].names) == (discord.guild.id, ("roles",))
    kick = discord.add_role("kicker", permissions=1 << 1)
    mod = discord.add_member("mod", roles=[kick])
    options = {"level": "mod", "role": kick, "who": mod}
    reply = await discord.slash(mod, discord.channel, "roles", options)
    assert reply.text == "mod kicker True"
    with pytest.raises(UsageError, match="none of the choices"):
        discord.send_slash(mod, discord.channel, "roles", options | {"level": "boss"})
    elsewhere = discord.add_guild("Elsewhere")
    with pytest.raises(UsageError, match="no command"):
        discord.send_slash(mod, next(iter(elsewhere.channels.values())), "roles", options)
    discord.assert_clean()
