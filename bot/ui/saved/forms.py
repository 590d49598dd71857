"""Where typing is long: a form for an item's ext, and one for a file that could not be read."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Self
from weakref import WeakKeyDictionary

import discord

from bot.im.errors import IMError
from bot.services.access import Level
from bot.services.refusals import Refusal
from bot.ui.answer import Answer
from bot.ui.face import GREY
from bot.ui.forms import Form
from bot.ui.funnel import answered
from bot.ui.host import services_of, voice_of
from bot.ui.levels import check
from bot.ui.live import LiveButton
from bot.ui.notes import note_card
from bot.ui.reply import show_case
from bot.ui.safe import plain
from bot.ui.words import Voice

LONGEST_TEXT: Final = 4_000
_SECONDS: Final = 1.5
_MOST_DRAFTS: Final = 50


class ExtForm(Form):
    """Asks for an item's new ext."""

    def __init__(self, voice: Voice, owner: str, collection: str, *, data: str | None, ext: str | None) -> None:
        super().__init__(voice("saved-form-title"))
        self._owner = owner
        self._collection = collection
        self._ext: discord.ui.TextInput[Self] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            default=ext,
            placeholder=voice("saved-form-empty" if data is not None else "saved-form-unknown"),
            required=False,
            max_length=LONGEST_TEXT,
        )
        self.add_item(
            discord.ui.Label(
                text=voice("saved-form-ext"),
                description=None if data is None else plain(data, 100),
                component=self._ext,
            )
        )

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Change the ext, and show the case."""
        async with answered(interaction, type(self).__name__):
            check(interaction, Level.ADMIN)
            answer = await Answer.about_case(interaction)
            case = await answer.services.saved.edit(
                staff=answer.staff,
                guild_id=answer.guild_id,
                owner=self._owner,
                collection=self._collection,
                ext=self._ext.value,
            )
            await show_case(answer, case)


async def show_ext_form(interaction: discord.Interaction, owner: str, collection: str) -> None:
    """Open the form, with the present ext if it is at hand or soon had: Discord waits 3 s for a form.

    Raises Refusal for an unknown item, or an ext that is too long for a form.
    """
    await interaction.response.send_modal(await _ext_form(interaction, owner, collection))


async def _ext_form(interaction: discord.Interaction, owner: str, collection: str) -> ExtForm:
    saved = services_of(interaction).saved
    known = saved.known(owner, collection)
    if known is None:
        with suppress(IMError, TimeoutError):
            async with asyncio.timeout(_SECONDS):
                _owner, known = await saved.item(owner, collection)
    if known is None:
        return ExtForm(voice_of(interaction), owner, collection, data=None, ext=None)
    if units(known.ext or "") > LONGEST_TEXT:
        raise Refusal("refusal-ext-too-long")
    return ExtForm(voice_of(interaction), owner, collection, data=known.beginning, ext=known.ext)


def units(text: str) -> int:
    """Return the length of a text as Discord may count it at most."""
    return len(text.encode("utf-16-le", "replace")) // 2


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that could not be read, small enough to be mended by hand; `again` is what is done with it then."""

    asked: int
    text: str
    again: Callable[[Answer, bytes], Awaitable[None]]


# Drafts of each bot; after a restart there are none, and the button says what to do.
_drafts: WeakKeyDictionary[discord.Client, dict[str, Draft]] = WeakKeyDictionary()


def keep_draft(client: discord.Client, draft: Draft) -> str:
    """Remember a draft and return its name; the oldest is forgotten where there are many."""
    drafts = _drafts.setdefault(client, {})
    while len(drafts) >= _MOST_DRAFTS:
        del drafts[next(iter(drafts))]
    name = secrets.token_hex(4)
    drafts[name] = draft
    return name


class MendButton(LiveButton, template=r"cw:mend:(?P<draft>[0-9a-f]{8})"):
    """Opens a form with a file that could not be read."""

    needed = Level.ADMIN

    def __init__(self, draft: str, label: str | None = None) -> None:
        super().__init__(f"cw:mend:{draft}", label=label, style=discord.ButtonStyle.primary, emoji="✏️")
        self._draft = draft

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Open the form for the person whose file it is; tell everybody else why not."""
        draft = _drafts.get(interaction.client, {}).get(self._draft)
        voice = voice_of(interaction)
        if draft is None:
            await interaction.response.edit_message(embed=note_card(voice("question-gone"), colour=GREY), view=None)
        elif interaction.user.id != draft.asked:
            await interaction.response.send_message(voice("question-not-yours"), ephemeral=True)
        else:
            await interaction.response.send_modal(_MendForm(voice, draft))


class _MendForm(Form):
    def __init__(self, voice: Voice, draft: Draft) -> None:
        super().__init__(voice("saved-mend-title"))
        self._draft = draft
        self._text: discord.ui.TextInput[Self] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, default=draft.text, max_length=LONGEST_TEXT
        )
        self.add_item(
            discord.ui.Label(text=voice("saved-mend-text"), description=voice("saved-mend-hint"), component=self._text)
        )

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        async with answered(interaction, type(self).__name__):
            check(interaction, Level.ADMIN)
            await self._draft.again(await Answer.about_case(interaction), self._text.value.encode())
