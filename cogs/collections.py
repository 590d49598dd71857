"""/collection."""

from functools import partial

import discord
from discord import app_commands

from bot.services.saved.service import LARGEST_TYPE, SMALLEST_TYPE
from bot.ui import complete
from bot.ui.answer import Answer
from bot.ui.cleanup import complete as cleanup_complete
from bot.ui.cleanup import flow as cleanup
from bot.ui.cleanup.options import takes_rule
from bot.ui.confirm import confirmed
from bot.ui.desk import Desk
from bot.ui.levels import admins
from bot.ui.pager import show_list
from bot.ui.reply import show_case
from bot.ui.saved import complete as complete_saved
from bot.ui.saved.files import export_saved, import_attachment
from bot.ui.saved.forms import show_ext_form
from bot.ui.saved.sheets import saved_subject
from bot.ui.words import say

Name = app_commands.Range[str, 1, 128]
Id = app_commands.Range[str, 1, 512]
Ids = app_commands.Range[str, 1, 6000]
Text = app_commands.Range[str, 1, 6000]
Type = app_commands.Range[int, SMALLEST_TYPE, LARGEST_TYPE]


class Collections(Desk):
    """What users of the IM saved."""

    collection = admins(app_commands.Group(name="collection", description=say("command-collection")))

    @admins
    @collection.command(name="list", description=say("command-collection-list"))
    @app_commands.describe(
        owner=say("option-owner-collections"),
        type=say("option-type-filter"),
        since=say("option-since-saved"),
        until=say("option-until-saved"),
    )
    @app_commands.autocomplete(owner=complete.people)
    async def list_collections(
        self,
        interaction: discord.Interaction,
        owner: Name,
        type: Type | None = None,  # noqa: A002 - the option's name
        since: Name | None = None,
        until: Name | None = None,
    ) -> None:
        """List what somebody saved, newest first."""
        answer = await Answer.private(interaction)
        await show_list(answer, "s", saved_subject(owner, type, since, until, now=answer.services.clock.now()))

    @admins
    @collection.command(name="add", description=say("command-collection-add"))
    @app_commands.describe(
        owner=say("option-owner-collections"),
        data=say("option-data"),
        type=say("option-type-saved"),
        ext=say("option-ext"),
    )
    @app_commands.autocomplete(owner=complete.people)
    async def add_collection(
        self,
        interaction: discord.Interaction,
        owner: Name,
        data: Text,
        type: Type,  # noqa: A002 - the option's name
        ext: Text | None = None,
    ) -> None:
        """Save an item for somebody."""
        answer = await Answer.about_case(interaction)
        case = await answer.services.saved.add(
            staff=answer.staff, guild_id=answer.guild_id, owner=owner, data=data, type=type, ext=ext
        )
        await show_case(answer, case)

    @admins
    @collection.command(name="import", description=say("command-collection-import"))
    @app_commands.describe(owner=say("option-owner-collections"), file=say("option-file-saved"))
    @app_commands.autocomplete(owner=complete.people)
    async def import_collections(self, interaction: discord.Interaction, owner: Name, file: discord.Attachment) -> None:
        """Save what a file holds."""
        await import_attachment(await Answer.about_case(interaction), owner, file)

    @admins
    @collection.command(name="edit", description=say("command-collection-edit"))
    @app_commands.describe(
        owner=say("option-owner-collections"), collection=say("option-collection"), ext=say("option-ext-edit")
    )
    @app_commands.autocomplete(owner=complete.people, collection=complete_saved.collection)
    async def edit_collection(
        self, interaction: discord.Interaction, owner: Name, collection: Id, ext: Text | None = None
    ) -> None:
        """Change the ext of an item, in a form if it is not given."""
        if ext is None:
            await show_ext_form(interaction, owner, collection)
            return
        answer = await Answer.about_case(interaction)
        case = await answer.services.saved.edit(
            staff=answer.staff, guild_id=answer.guild_id, owner=owner, collection=collection, ext=ext
        )
        await show_case(answer, case)

    @admins
    @collection.command(name="delete", description=say("command-collection-delete"))
    @app_commands.describe(owner=say("option-owner-collections"), collections=say("option-collections"))
    @app_commands.autocomplete(owner=complete.people, collections=complete_saved.collections)
    async def delete_collections(self, interaction: discord.Interaction, owner: Name, collections: Ids) -> None:
        """Delete items."""
        answer = await Answer.about_case(interaction)
        delete = partial(
            answer.services.saved.delete,
            staff=answer.staff,
            guild_id=answer.guild_id,
            owner=owner,
            collections=collections,
        )
        await confirmed(answer, delete, show_case)

    @admins
    @collection.command(name="export", description=say("command-collection-export"))
    @app_commands.describe(owner=say("option-owner-collections"))
    @app_commands.autocomplete(owner=complete.people)
    async def export_collections(self, interaction: discord.Interaction, owner: Name) -> None:
        """Give out all that somebody saved, as a file."""
        await export_saved(await Answer.private(interaction), owner)

    @admins
    @collection.command(name="cleanup", description=say("command-collection-cleanup"))
    @takes_rule
    async def cleanup_collections(
        self,
        interaction: discord.Interaction,
        *,
        older_than: Name,
        owner: Name | None = None,
        channel: Name | None = None,
        community: Name | None = None,
        type: Type | None = None,  # noqa: A002 - the option's name
        keep: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        """Delete old collections of one user or of many, after a look and a question."""
        answer = await Answer.private(interaction)
        rule = await answer.services.cleanups.rule(
            answer.guild_id,
            older_than=older_than,
            owner=owner,
            channel=channel,
            community=community,
            item_type=type,
            keep=keep,
        )
        await cleanup.clean_up(answer, rule)

    @admins
    @collection.command(name="restore", description=say("command-collection-restore"))
    @app_commands.describe(run=say("option-run"))
    @app_commands.autocomplete(run=cleanup_complete.runs)
    async def restore_collections(self, interaction: discord.Interaction, run: Name) -> None:
        """Put back what a cleanup deleted, after a question."""
        await cleanup.put_back(await Answer.private(interaction), run)
