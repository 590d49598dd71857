"""What one tap does about a message of the feed and its author."""

from typing import Final

import discord

from bot.services.access import Level
from bot.services.mirrors import Mirror
from bot.services.saved.mirrored import item_of
from bot.ui.answer import Answer
from bot.ui.circle.mirror import mirror_card
from bot.ui.circle.mute_author import ask_how_long, mute_in
from bot.ui.circle.save_form import SaveForm
from bot.ui.circle.thread_form import ThreadForm
from bot.ui.host import guild_id_of, services_of, voice_of
from bot.ui.live import LiveButton
from bot.ui.pager import show_list
from bot.ui.words import Voice

MUTE_LABELS: Final = {"10m": "feed-mute-10m", "1h": "feed-mute-1h"}
_MIRROR: Final = r"(?P<mirror>\d{1,18})"


class MuteNowButton(LiveButton, template=rf"cw:feed-mute:(?P<length>10m|1h):{_MIRROR}"):
    """Mutes the author of a message at once."""

    def __init__(self, mirror: int | str, length: str, voice: Voice | None = None) -> None:
        label = None if voice is None else voice(MUTE_LABELS[length])
        super().__init__(f"cw:feed-mute:{length}:{mirror}", label=label)
        self._mirror_id = int(mirror)
        self._length = length

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Mute as /mute does, and answer as it does; a private card, which nobody else sees, gives way to the case."""
        aside = is_private(interaction)
        answer = await (Answer.in_place(interaction) if aside else Answer.about_case(interaction))
        mirror = await answer.services.mirrors.get(answer.guild_id, self._mirror_id)
        await mute_in(answer, mirror.place.channel_id, mirror.author_id, self._length, aside=aside)


class MuteAskButton(LiveButton, template=rf"cw:feed-mute-ask:{_MIRROR}"):
    """Asks for how long the author of a message is to be muted."""

    def __init__(self, mirror: int | str, voice: Voice | None = None) -> None:
        super().__init__(f"cw:feed-mute-ask:{mirror}", label=None if voice is None else voice("feed-mute-ask"))
        self._mirror_id = int(mirror)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Offer the presets to the presser alone."""
        answer = await answer_apart(interaction)
        await ask_how_long(answer, await answer.services.mirrors.get(answer.guild_id, self._mirror_id))


class ThreadButton(LiveButton, template=rf"cw:feed-thread:{_MIRROR}"):
    """Asks for the name of a thread that begins with a message."""

    def __init__(self, mirror: int | str, voice: Voice | None = None) -> None:
        super().__init__(f"cw:feed-thread:{mirror}", label=None if voice is None else voice("feed-start-thread"))
        self._mirror_id = int(mirror)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Open the form: it must be the very first answer, and the look-up is in our own database."""
        mirror = await services_of(interaction).mirrors.get(guild_id_of(interaction), self._mirror_id)
        await interaction.response.send_modal(ThreadForm(mirror, voice_of(interaction)))


class SaveButton(LiveButton, template=rf"cw:feed-save:{_MIRROR}"):
    """Asks among whose collections a message is to be saved."""

    needed = Level.ADMIN

    def __init__(self, mirror: int | str, voice: Voice | None = None) -> None:
        super().__init__(f"cw:feed-save:{mirror}", label=None if voice is None else voice("feed-save"))
        self._mirror_id = int(mirror)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Open the form, unless there is nothing to save."""
        mirror = await services_of(interaction).mirrors.get(guild_id_of(interaction), self._mirror_id)
        item_of(mirror)
        await interaction.response.send_modal(SaveForm(mirror, voice_of(interaction)))


class HistoryButton(LiveButton, template=rf"cw:feed-history:{_MIRROR}"):
    """Lists what was done about the author of a message."""

    def __init__(self, mirror: int | str, voice: Voice | None = None) -> None:
        super().__init__(f"cw:feed-history:{mirror}", label=None if voice is None else voice("feed-history"))
        self._mirror_id = int(mirror)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Show the list to the presser alone."""
        answer = await answer_apart(interaction)
        mirror = await answer.services.mirrors.get(answer.guild_id, self._mirror_id)
        await show_list(answer, "h", mirror.author_id)


def act_buttons(mirror: Mirror, voice: Voice) -> discord.ui.View:
    """Return the buttons of one message: two rows of three, and no pictures: a phone would break the rows."""
    view = discord.ui.View(timeout=None)
    buttons = (
        *(MuteNowButton(mirror.id, length, voice) for length in MUTE_LABELS),
        MuteAskButton(mirror.id, voice),
        ThreadButton(mirror.id, voice),
        SaveButton(mirror.id, voice),
        HistoryButton(mirror.id, voice),
    )
    for number, button in enumerate(buttons):
        button.row = number // 3
        view.add_item(button)
    return view


async def show_chosen(answer: Answer, mirror: Mirror) -> None:
    """Show one message of several with its buttons, to whoever chose it."""
    await answer.show(mirror_card(mirror, answer.voice), act_buttons(mirror, answer.voice))


async def answer_apart(interaction: discord.Interaction) -> Answer:
    """Return an answer that leaves a public message as it is, and takes the place of a private one."""
    return await (Answer.in_place(interaction) if is_private(interaction) else Answer.private(interaction))


def is_private(interaction: discord.Interaction) -> bool:
    """Tell whether only the presser sees the message that was pressed on."""
    return interaction.message is not None and interaction.message.flags.ephemeral
