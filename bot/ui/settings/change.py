"""Below /settings show: a select of what to change, and the pickers for it; all of it on the private answer."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import discord

from bot.services.access import Level
from bot.services.model import CaseView
from bot.services.preferences import Preferences
from bot.services.refusals import Refusal
from bot.ui.answer import Answer
from bot.ui.cards import case_card
from bot.ui.case_buttons import case_buttons
from bot.ui.host import host_of
from bot.ui.live import LiveButton, LivePicker, LiveSelect
from bot.ui.notes import note_card
from bot.ui.setting_faces import settings_card
from bot.ui.settings.places import check_place, oncall_note
from bot.ui.settings.rota import BACK, RotaButton, show_rota
from bot.ui.words import Voice

Operation: TypeAlias = Callable[..., Awaitable[CaseView]]
_SETTERS: Final[dict[str, Operation]] = {
    "log": Preferences.set_log,
    "feed": Preferences.set_feed,
    "oncall": Preferences.set_oncall,
}
_CHANGED: Final = ("log", "feed", "oncall", "rota", "language")
_LANGUAGES: Final = ("en-US", "zh-CN")
_OWN: Final = "default"


async def carry_out(answer: Answer, operation: Operation, **value: str | int | None) -> CaseView:
    """Change a setting of a guild by an operation of Preferences, in the name of who acts; raises Refusal."""
    return await operation(answer.services.preferences, staff=answer.staff, guild_id=answer.guild_id, **value)


async def show_settings(answer: Answer) -> None:
    """Show all that is set, with a select of what can be changed."""
    seen = await answer.services.preferences.overview(answer.guild_id)
    view = discord.ui.View(timeout=None).add_item(ChangeSelect(answer.voice))
    await answer.show(settings_card(seen, answer.voice, host_of(answer.interaction).default_locale), view)


async def show_changed(answer: Answer, case: CaseView, note: str | None = None, *, rota: bool = False) -> None:
    """Show the case of a change, with Undo and a way back to the settings; `rota`: and one to the rota."""
    view = case_buttons(case, answer.voice) or discord.ui.View(timeout=None)
    if rota:
        view.add_item(RotaButton(answer.voice))
    view.add_item(BackButton(answer.voice))
    await answer.show(case_card(case, answer.voice), view, text=note)


class ChangeSelect(LiveSelect, template=r"cw:set"):
    """What is to be changed."""

    needed = Level.ADMIN

    def __init__(self, voice: Voice | None = None) -> None:
        super().__init__(
            "cw:set",
            placeholder=None if voice is None else voice("settings-change"),
            options=None if voice is None else [_option(name, voice) for name in _CHANGED],
        )

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Show the picker for it."""
        answer = await Answer.in_place(interaction)
        if self.chosen == "rota":
            await show_rota(answer)
            return
        await answer.show(note_card(answer.voice("settings-pick", setting=self.chosen)), _picker(self.chosen, answer))


class ChannelPick(LivePicker, template=r"cw:set-channel:(?P<setting>log|feed)"):
    """A channel for the log or the feed."""

    needed = Level.ADMIN

    def __init__(self, setting: str) -> None:
        super().__init__(
            discord.ui.ChannelSelect(custom_id=f"cw:set-channel:{setting}", channel_types=[discord.ChannelType.text])
        )
        self._setting = setting

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Set the channel, if we may write there."""
        answer = await Answer.in_place(interaction)
        channel = self.item.values[0].resolve()
        if not isinstance(channel, discord.TextChannel):
            raise Refusal("refusal-channel-unseen")
        check_place(answer, channel)
        await show_changed(answer, await carry_out(answer, _SETTERS[self._setting], channel_id=channel.id))


class RolePick(LivePicker, template=r"cw:set-role"):
    """The role that alerts call."""

    needed = Level.ADMIN

    def __init__(self) -> None:
        super().__init__(discord.ui.RoleSelect(custom_id="cw:set-role"))

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Set the role, and say if Discord will not let alerts call it."""
        answer = await Answer.in_place(interaction)
        role: discord.Role = self.item.values[0]
        case = await carry_out(answer, Preferences.set_oncall, role_id=role.id)
        await show_changed(answer, case, oncall_note(answer, role), rota=True)


class LanguagePick(LiveSelect, template=r"cw:set-language"):
    """The language of what everybody reads."""

    needed = Level.ADMIN

    def __init__(self, voice: Voice | None = None) -> None:
        super().__init__("cw:set-language", options=None if voice is None else _languages(voice))

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Set the language."""
        answer = await Answer.in_place(interaction)
        language = None if self.chosen == _OWN else self.chosen
        await show_changed(answer, await carry_out(answer, Preferences.set_language, language=language))


class NoneButton(LiveButton, template=r"cw:set-none:(?P<setting>log|feed|oncall)"):
    """Takes away what is set."""

    needed = Level.ADMIN

    def __init__(self, setting: str, label: str | None = None) -> None:
        super().__init__(f"cw:set-none:{setting}", label=label)
        self._setting = setting

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Set it to nothing."""
        answer = await Answer.in_place(interaction)
        value = {"role_id" if self._setting == "oncall" else "channel_id": None}
        await show_changed(answer, await carry_out(answer, _SETTERS[self._setting], **value))


class BackButton(LiveButton, template=BACK):
    """Shows the settings again."""

    needed = Level.ADMIN

    def __init__(self, voice: Voice | None = None) -> None:
        super().__init__(BACK, label=None if voice is None else voice("settings-back"), emoji="⚙️")

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Show the settings in place."""
        await show_settings(await Answer.in_place(interaction))


def _picker(setting: str, answer: Answer) -> discord.ui.View:
    voice = answer.voice
    view = discord.ui.View(timeout=None)
    if setting == "language":
        return view.add_item(LanguagePick(voice)).add_item(BackButton(voice))
    view.add_item(RolePick() if setting == "oncall" else ChannelPick(setting))
    view.add_item(NoneButton(setting, voice("settings-none", setting=setting)))
    if setting == "oncall":
        view.add_item(RotaButton(voice))
    return view.add_item(BackButton(voice))


def _option(name: str, voice: Voice) -> discord.SelectOption:
    return discord.SelectOption(label=voice("settings-option", setting=name), value=name)


def _languages(voice: Voice) -> list[discord.SelectOption]:
    labels = (voice("language-english"), voice("language-chinese"), voice("settings-language-own"))
    return [
        discord.SelectOption(label=label, value=value) for label, value in zip(labels, (*_LANGUAGES, _OWN), strict=True)
    ]
