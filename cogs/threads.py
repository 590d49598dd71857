"""/thread."""

from functools import partial

import discord
from discord import app_commands

from bot.ui import complete
from bot.ui.answer import Answer
from bot.ui.circle import complete_threads
from bot.ui.circle.thread_looks import thread_card
from bot.ui.circle.thread_sheets import thread_subject
from bot.ui.confirm import confirmed
from bot.ui.desk import Desk
from bot.ui.levels import moderators
from bot.ui.pager import show_list
from bot.ui.reply import show_case
from bot.ui.words import say

Name = app_commands.Range[str, 1, 128]
ThreadName = app_commands.Range[str, 1, 50]


class Threads(Desk):
    """The threads of the IM's channels."""

    thread = moderators(app_commands.Group(name="thread", description=say("command-thread")))

    @moderators
    @thread.command(name="create", description=say("command-thread-create"))
    @app_commands.describe(
        channel=say("option-channel"),
        message_id=say("option-message-id"),
        name=say("option-thread-name"),
        owner=say("option-thread-owner"),
    )
    @app_commands.autocomplete(channel=complete.channels, message_id=complete_threads.messages, owner=complete.members)
    async def create_thread(
        self, interaction: discord.Interaction, channel: Name, message_id: Name, name: ThreadName, owner: Name
    ) -> None:
        """Start a thread at a message."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.threads.create(
            staff=answer.staff,
            guild_id=answer.guild_id,
            channel=channel,
            message_id=message_id,
            name=name,
            owner=owner,
        )
        await show_case(answer, case)

    @moderators
    @thread.command(name="list", description=say("command-thread-list"))
    @app_commands.describe(
        channel=say("option-channel"), scope=say("option-scope"), member=say("option-member-thread-list")
    )
    @app_commands.choices(
        scope=[
            app_commands.Choice(name=say("choice-all"), value="all"),
            app_commands.Choice(name=say("choice-created"), value="created"),
            app_commands.Choice(name=say("choice-joined"), value="joined"),
        ]
    )
    @app_commands.autocomplete(channel=complete.channels, member=complete.members)
    async def list_threads(
        self, interaction: discord.Interaction, channel: Name, scope: str = "all", member: Name = ""
    ) -> None:
        """List the threads of a channel."""
        await show_list(await Answer.private(interaction), "t", thread_subject(scope, channel, member))

    @moderators
    @thread.command(name="show", description=say("command-thread-show"))
    @app_commands.describe(thread=say("option-thread"))
    @app_commands.autocomplete(thread=complete_threads.threads)
    async def show_thread(self, interaction: discord.Interaction, thread: Name) -> None:
        """Show one thread."""
        answer = await Answer.private(interaction)
        found = await answer.services.thread_book.find(answer.guild_id, thread)
        mirror = await answer.services.mirrors.find(answer.guild_id, found.message_id)
        await answer.show(thread_card(found, mirror, answer.voice))

    @moderators
    @thread.command(name="rename", description=say("command-thread-rename"))
    @app_commands.describe(thread=say("option-thread"), name=say("option-thread-name"))
    @app_commands.autocomplete(thread=complete_threads.threads)
    async def rename_thread(self, interaction: discord.Interaction, thread: Name, name: ThreadName) -> None:
        """Give a thread another name."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.threads.rename(
            staff=answer.staff, guild_id=answer.guild_id, thread=thread, name=name
        )
        await show_case(answer, case)

    @moderators
    @thread.command(name="delete", description=say("command-thread-delete"))
    @app_commands.describe(thread=say("option-thread"))
    @app_commands.autocomplete(thread=complete_threads.threads)
    async def delete_thread(self, interaction: discord.Interaction, thread: Name) -> None:
        """Delete a thread for good, after a second look."""
        answer = await Answer.about_case(interaction)
        delete = partial(answer.services.threads.delete, staff=answer.staff, guild_id=answer.guild_id, thread=thread)
        await confirmed(answer, delete, show_case)

    @moderators
    @thread.command(name="add", description=say("command-thread-add"))
    @app_commands.describe(thread=say("option-thread"), member=say("option-member"))
    @app_commands.autocomplete(thread=complete_threads.threads, member=complete.members)
    async def add_to_thread(self, interaction: discord.Interaction, thread: Name, member: Name) -> None:
        """Put a member of the channel into a thread."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.threads.add(
            staff=answer.staff, guild_id=answer.guild_id, thread=thread, member=member
        )
        await show_case(answer, case)

    @moderators
    @thread.command(name="remove", description=say("command-thread-remove"))
    @app_commands.describe(thread=say("option-thread"), member=say("option-member"))
    @app_commands.autocomplete(thread=complete_threads.threads, member=complete.members)
    async def remove_from_thread(self, interaction: discord.Interaction, thread: Name, member: Name) -> None:
        """Take a member out of a thread."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.threads.remove(
            staff=answer.staff, guild_id=answer.guild_id, thread=thread, member=member
        )
        await show_case(answer, case)
