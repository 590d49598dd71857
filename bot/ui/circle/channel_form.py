"""The form of /channel edit, and how it is opened again with what was typed."""

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import asdict, dataclass, fields, replace
from typing import Final
from weakref import WeakKeyDictionary

import discord

from bot.im.channels import MAX_USERS, NAME_LENGTH, TEXT_LENGTH
from bot.im.errors import IMError
from bot.im.models import ChannelMode
from bot.services.access import Level
from bot.services.channels import ChannelDraft
from bot.services.directory import ChannelInfo
from bot.services.refusals import Refusal
from bot.ui.answer import Answer
from bot.ui.cards import AMBER
from bot.ui.forms import Form
from bot.ui.funnel import answered, judge, note
from bot.ui.host import guild_id_of, services_of, voice_of
from bot.ui.levels import check
from bot.ui.live import LiveButton
from bot.ui.notes import note_card
from bot.ui.reply import show_case
from bot.ui.safe import cut, escape, plain
from bot.ui.words import Voice

SECONDS: Final = 2.0
"""So long a form may be waited for: Discord wants it within 3 s, and nothing can be said before it."""
_LONGEST_LABEL: Final = 45
_LONGEST_TEXT: Final = 80
_DRAFTS_KEPT: Final = 200


@dataclass(frozen=True, slots=True)
class _Kept:
    """A form that was refused: who sent it, as it was shown, as it was sent."""

    staff_id: int
    channel_id: str
    shown: ChannelDraft
    typed: ChannelDraft


# What was typed into forms that were refused, so that nobody types it twice; after a restart it stands on the message.
_kept: WeakKeyDictionary[discord.Client, OrderedDict[str, _Kept]] = WeakKeyDictionary()


async def open_form(interaction: discord.Interaction, channel: str, kept: _Kept | None = None) -> None:
    """Open the form of a channel; where the IM is slow, offer a button that does. Raises Refusal, IMError."""
    services, voice = services_of(interaction), voice_of(interaction)
    try:
        async with asyncio.timeout(SECONDS):
            found = await services.directory.channel(guild_id_of(interaction), channel)
    except TimeoutError:
        button = AgainButton(_keep(kept, interaction.client), voice) if kept else OpenFormButton(channel, voice)
        view = discord.ui.View(timeout=None).add_item(button)
        await interaction.response.send_message(embed=note_card(voice("channel-form-cold")), view=view, ephemeral=True)
        return
    shown = ChannelDraft.of(found)
    await interaction.response.send_modal(ChannelForm(found, shown, _rebased(kept, shown) if kept else shown, voice))


class ChannelForm(Form):
    """What can be changed about a channel: `shown` is how it was, `typed` is what stands in the fields."""

    def __init__(self, channel: ChannelInfo, shown: ChannelDraft, typed: ChannelDraft, voice: Voice) -> None:
        super().__init__(voice("channel-form-title", channel=plain(channel.place.channel_name, NAME_LENGTH)))
        self._channel = channel
        self._shown = shown
        most = MAX_USERS[ChannelMode.VOICE if channel.voice else ChannelMode.TEXT]
        self._name = self._add(voice("channel-form-name"), "name", typed.name, NAME_LENGTH)
        self._description = self._add(
            voice("channel-form-description"), "description", typed.description, TEXT_LENGTH, long=True
        )
        self._max_users = self._add(voice("channel-form-room", most=str(most)), "max_users", typed.max_users, 10)
        self._custom = self._add(voice("channel-form-custom"), "custom", typed.custom, TEXT_LENGTH, long=True)

    def _add(
        self, label: str, custom_id: str, text: str, longest: int, *, long: bool = False
    ) -> "discord.ui.TextInput[ChannelForm]":
        field: discord.ui.TextInput[ChannelForm] = discord.ui.TextInput(
            custom_id=custom_id,
            style=discord.TextStyle.long if long else discord.TextStyle.short,
            default=text[:longest] or None,
            required=False,
            max_length=longest,
        )
        self.add_item(discord.ui.Label(text=cut(label, _LONGEST_LABEL), component=field))
        return field

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Change what was changed in the form and show the case; a refusal keeps what was typed."""
        async with answered(interaction, type(self).__name__):
            check(interaction, Level.ADMIN)
            answer = await Answer.about_case(interaction)
            typed = ChannelDraft(self._name.value, self._description.value, self._max_users.value, self._custom.value)
            channel_id = self._channel.place.channel_id
            try:
                case = await answer.services.channels.edit(
                    staff=answer.staff, guild_id=answer.guild_id, channel=channel_id, shown=self._shown, wanted=typed
                )
            except (Refusal, IMError) as error:
                # Not Unsettled: what may have happened is not to be sent again.
                verdict = judge(error, answer.voice)
                note(error, verdict.reference, interaction)
                kept = _Kept(answer.staff.id, channel_id, self._shown, typed)
                view = discord.ui.View(timeout=None).add_item(
                    AgainButton(_keep(kept, interaction.client), answer.voice)
                )
                card = note_card(verdict.text, colour=AMBER)
                if verdict.reference is None:
                    card = _refused_card(verdict.text, kept, answer.voice)
                await answer.show(card, view)
                return
            await show_case(answer, case)


class OpenFormButton(LiveButton, template=r"cw:channel-form:(?P<channel>.{1,80})"):
    """Opens the form that could not be opened at once."""

    needed = Level.ADMIN

    def __init__(self, channel: str, voice: Voice | None = None) -> None:
        label = None if voice is None else voice("channel-form-open")
        # No channel's name or id is longer; what is cut finds none, before and after.
        custom_id = f"cw:channel-form:{channel[:_LONGEST_TEXT]}"
        super().__init__(custom_id, label=label, style=discord.ButtonStyle.primary)
        self._channel = channel

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Open the form."""
        await open_form(interaction, self._channel)


class AgainButton(LiveButton, template=r"cw:channel-again:(?P<draft>[0-9a-f]{8})"):
    """Opens the form with what was typed before."""

    needed = Level.ADMIN

    def __init__(self, draft: str, voice: Voice | None = None) -> None:
        label = None if voice is None else voice("channel-form-again")
        super().__init__(f"cw:channel-again:{draft}", label=label, style=discord.ButtonStyle.primary, emoji="✏️")
        self._draft = draft

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Open the form for the person who typed; tell everybody else why not."""
        kept = _kept.get(interaction.client, OrderedDict()).get(self._draft)
        if kept is None:
            await interaction.response.send_message(voice_of(interaction)("channel-form-gone"), ephemeral=True)
        elif kept.staff_id != interaction.user.id:
            await interaction.response.send_message(voice_of(interaction)("question-not-yours"), ephemeral=True)
        else:
            await open_form(interaction, kept.channel_id, kept)


def _keep(kept: _Kept, client: discord.Client) -> str:
    draft = secrets.token_hex(4)
    drafts = _kept.setdefault(client, OrderedDict())
    drafts[draft] = kept
    while len(drafts) > _DRAFTS_KEPT:
        drafts.popitem(last=False)
    return draft


def _rebased(kept: _Kept, shown: ChannelDraft) -> ChannelDraft:
    """Return what was typed, on top of the channel as it is now: what was not touched follows it."""
    typed, before = asdict(kept.typed), asdict(kept.shown)
    return replace(shown, **{field: text for field, text in typed.items() if text != before[field]})


def _refused_card(why: str, kept: _Kept, voice: Voice) -> discord.Embed:
    card = note_card(why, colour=AMBER)
    changed = [
        escape(text, TEXT_LENGTH)
        for field in fields(kept.typed)
        if (text := getattr(kept.typed, field.name)) and text != getattr(kept.shown, field.name)
    ]
    if changed:
        card.description = cut(f"{why}\n\n**{voice('channel-form-typed')}**\n" + "\n".join(changed), 4096)
    return card
