"""The weekly rota, made for a thumb: choose days, then who; the hand-over in a small form."""

from typing import Final

import discord

from bot.services.access import Level
from bot.services.model import CaseView, Staff
from bot.services.preferences import Duty
from bot.services.refusals import Refusal
from bot.services.rota import DAYS, Rota
from bot.ui.answer import Answer
from bot.ui.cards import BLUE
from bot.ui.case_buttons import UndoButton
from bot.ui.forms import Form
from bot.ui.funnel import answered
from bot.ui.host import guild_id_of, host_of, level_of_member, services_of, voice_of
from bot.ui.levels import check
from bot.ui.live import LiveButton, LivePicker, LiveSelect
from bot.ui.safe import escape
from bot.ui.setting_faces import clock_time
from bot.ui.settings.places import duty_note
from bot.ui.words import Voice, mention, when

BACK: Final = "cw:set-back"
"""The id of the button that shows the settings again."""
_LONGEST_ZONE: Final = 60


def rota_card(duty: Duty, voice: Voice) -> discord.Embed:
    """Show the week: whose each day is, who is on duty now and until when, where a day begins."""
    role = voice("rota-nobody") if duty.role_id is None else f"<@&{duty.role_id}>"
    lines = [_day(day, duty, role, voice) for day in DAYS]
    person = duty.person
    lines += ["", voice("rota-now", who=role if person is None else mention(person), until=when(duty.until))]
    lines.append(_handover(duty.rota, voice))
    return discord.Embed(title=voice("rota-title"), description="\n".join(lines), colour=BLUE)


def rota_view(duty: Duty, voice: Voice, chosen: str = "", undo: CaseView | None = None) -> discord.ui.View:
    """Return what can be pressed; `chosen` are the days that are chosen, as digits, `undo` what was done last."""
    view = discord.ui.View(timeout=None).add_item(DaysSelect(voice, chosen))
    if chosen:
        view.add_item(WhoPick(chosen, voice)).add_item(FreeButton(chosen, voice("rota-free")))
    if undo is not None:
        view.add_item(UndoButton(undo.id, voice("button-undo")))
    view.add_item(HandoverButton(voice("rota-handover")))
    if duty.rota.days:
        view.add_item(ClearButton(voice("rota-clear")))
    # By its id alone: the settings know the rota, not the other way round.
    back: discord.ui.Button[discord.ui.View] = discord.ui.Button(
        custom_id=BACK, label=voice("settings-back"), emoji="⚙️"
    )
    return view.add_item(back)


async def show_rota(answer: Answer, chosen: str = "", undo: CaseView | None = None, *, note: str | None = None) -> None:
    """Show the rota in place of the answer, below a note if there is one."""
    duty = answer.services.preferences.duty(answer.guild_id)
    await answer.show(rota_card(duty, answer.voice), rota_view(duty, answer.voice, chosen, undo), text=note)


class RotaButton(LiveButton, template=r"cw:rota"):
    """Shows the rota."""

    needed = Level.ADMIN

    def __init__(self, voice: Voice | None = None) -> None:
        super().__init__("cw:rota", label=None if voice is None else voice("rota-open"), emoji="🗓️")

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Show the rota in place."""
        await show_rota(await Answer.in_place(interaction))


class DaysSelect(LiveSelect, template=r"cw:rota-days"):
    """The days that are to be given to somebody."""

    needed = Level.ADMIN

    def __init__(self, voice: Voice | None = None, chosen: str = "") -> None:
        super().__init__(
            "cw:rota-days",
            placeholder=None if voice is None else voice("rota-days"),
            options=None if voice is None else [_day_option(day, voice, chosen) for day in DAYS],
        )
        self.item.max_values = len(DAYS)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Ask who takes them."""
        await show_rota(await Answer.in_place(interaction), "".join(sorted(self.item.values)))


class WhoPick(LivePicker, template=r"cw:rota-who:(?P<days>[0-6]{1,7})"):
    """Who takes the chosen days."""

    needed = Level.ADMIN

    def __init__(self, days: str, voice: Voice | None = None) -> None:
        placeholder = None if voice is None else voice("rota-who", days=_days(days, voice))
        super().__init__(discord.ui.UserSelect(custom_id=f"cw:rota-who:{days}", placeholder=placeholder))
        self._days = days

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Put them on duty; a bot is refused, and who could not answer an alert: no moderator, or not in the server."""
        answer = await Answer.in_place(interaction)
        picked: discord.Member | discord.User = self.item.values[0]
        if not isinstance(picked, discord.Member):
            raise Refusal("refusal-rota-stranger", member=picked.name)
        if not picked.bot and level_of_member(host_of(interaction), picked) < Level.MODERATOR:
            raise Refusal("refusal-rota-powerless", member=picked.name)
        person = Staff(picked.id, picked.name)
        await _give(answer, self._days, person, bot=picked.bot, note=duty_note(answer, picked))


class FreeButton(LiveButton, template=r"cw:rota-free:(?P<days>[0-6]{1,7})"):
    """Puts nobody on the chosen days."""

    needed = Level.ADMIN

    def __init__(self, days: str, label: str | None = None) -> None:
        super().__init__(f"cw:rota-free:{days}", label=label)
        self._days = days

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Free them."""
        await _give(await Answer.in_place(interaction), self._days, None)


class ClearButton(LiveButton, template=r"cw:rota-clear"):
    """Takes everybody off."""

    needed = Level.ADMIN

    def __init__(self, label: str | None = None) -> None:
        super().__init__("cw:rota-clear", label=label, style=discord.ButtonStyle.danger)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Clear the rota."""
        answer = await Answer.in_place(interaction)
        case = await answer.services.preferences.clear_rota(staff=answer.staff, guild_id=answer.guild_id)
        await show_rota(answer, undo=case)


class HandoverButton(LiveButton, template=r"cw:rota-handover"):
    """Opens the form of when a day begins."""

    needed = Level.ADMIN

    def __init__(self, label: str | None = None) -> None:
        super().__init__("cw:rota-handover", label=label)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Open the form."""
        duty = services_of(interaction).preferences.duty(guild_id_of(interaction))
        await interaction.response.send_modal(HandoverForm(duty.rota, voice_of(interaction)))


class HandoverForm(Form):
    """When a day's duty begins, and by which clocks."""

    def __init__(self, rota: Rota, voice: Voice) -> None:
        super().__init__(voice("rota-form-title"))
        self._time: discord.ui.TextInput[HandoverForm] = discord.ui.TextInput(
            custom_id="time", default=clock_time(rota.handover), max_length=8
        )
        self._zone: discord.ui.TextInput[HandoverForm] = discord.ui.TextInput(
            custom_id="zone", default=rota.zone, max_length=_LONGEST_ZONE, required=False
        )
        self.add_item(discord.ui.Label(text=voice("rota-form-time"), component=self._time))
        hint = voice("rota-form-zone-hint")
        self.add_item(discord.ui.Label(text=voice("rota-form-zone"), description=hint, component=self._zone))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Set it, and show the rota."""
        async with answered(interaction, type(self).__name__):
            check(interaction, Level.ADMIN)
            answer = await Answer.in_place(interaction)
            case = await answer.services.preferences.set_handover(
                staff=answer.staff, guild_id=answer.guild_id, time=self._time.value, zone=self._zone.value
            )
            await show_rota(answer, undo=case)


async def _give(answer: Answer, days: str, person: Staff | None, *, bot: bool = False, note: str | None = None) -> None:
    case = await answer.services.preferences.set_days(
        staff=answer.staff, guild_id=answer.guild_id, days=[int(day) for day in days], person=person, bot=bot
    )
    await show_rota(answer, undo=case, note=note)


def _day(day: int, duty: Duty, role: str, voice: Voice) -> str:
    person = duty.rota.days.get(day)
    line = voice("rota-line", day=voice("rota-day", day=day), who=role if person is None else mention(person))
    return f"▶️ {line}" if day == duty.today else f"▫️ {line}"


def _handover(rota: Rota, voice: Voice) -> str:
    return voice("rota-line-handover", time=clock_time(rota.handover), zone=escape(rota.zone, _LONGEST_ZONE))


def _days(days: str, voice: Voice) -> str:
    return ", ".join(voice("rota-day", day=int(day)) for day in days)


def _day_option(day: int, voice: Voice, chosen: str) -> discord.SelectOption:
    return discord.SelectOption(label=voice("rota-day", day=day), value=str(day), default=str(day) in chosen)
