"""Pictures of an alert's life and of the rota: a demo in this process whose IM service can be broken."""

# ruff: noqa: INP001

from collections.abc import Awaitable, Callable

from simcord.actors import MemberActor

from bot.demo.live import Pages
from bot.demo.world import Demo, open_demo
from bot.imservice import FaultAction, RequestInfo
from bot.services.model import Staff
from tests.demo.person import Person, open_browser

Camera = Callable[[Person, str], Awaitable[None]]
STUCK = "Mutes that I cannot end"


async def photograph_alerts(camera: Camera, width: int, height: int) -> None:
    """Photograph an alert as it is raised, acknowledged and healed, then the week of who is on duty."""
    async with open_demo(None, keep_expired_mutes=True) as demo, open_browser() as browser:
        viewers = (demo.moderator, demo.chinese_moderator, demo.admin)
        pages = Pages(demo.env)
        try:
            room = await pages.open(demo.moderation, viewers, 0)
            log = await pages.open(demo.log, viewers, 0)
            async with pages.kept_up_to_date():
                ada = await Person.arrive(browser, room.url, width=width, height=height)
                mira = await Person.arrive(browser, log.url, width=width, height=height)
                await ada.become("Ada")
                await live_through_an_alert(demo, mira, camera)
                await fill_the_rota(demo, ada, camera)
        finally:
            await pages.close()


async def live_through_an_alert(demo: Demo, mira: Person, camera: Camera) -> None:
    """Let the IM refuse to lift a mute, and lift it again."""
    settings, alerts = demo.warden.services.settings, demo.warden.services.alerts
    crew = demo.guild.create_role("On call", mentionable=True)
    await settings.set_log_channel(demo.guild.id, demo.log.id)
    await settings.set_oncall(demo.guild.id, crew.id)
    # Eight tries take two minutes, which nobody wants to wait for a picture.
    alerts.max_attempts = 2
    demo.service.fault = _lifts_nothing
    for member in ("haruto_k", "sofia-almeida"):
        await demo.moderator.slash(demo.moderation, "mute", member=member, channel="strategy", duration="3s")
    await mira.look_at(STUCK)
    await camera(mira, "alert-raised")
    await mira.card(STUCK).get_by_role("button", name="Acknowledge").click()
    await mira.look_at("takes care")
    await camera(mira, "alert-acknowledged")
    demo.service.fault = None
    await mira.card(STUCK).get_by_role("button", name="Retry").click()
    await mira.look_at("Mutes end again")
    await camera(mira, "alert-healed")


async def fill_the_rota(demo: Demo, ada: Person, camera: Camera) -> None:
    """Put three people on duty and show the week."""
    preferences = demo.warden.services.preferences
    people = ((demo.moderator, (0, 1, 2)), (demo.chinese_moderator, (3, 4)), (demo.admin, (5, 6)))
    for person, days in people:
        await preferences.set_days(staff=_staff(demo.admin), guild_id=demo.guild.id, days=days, person=_staff(person))
    await preferences.set_handover(staff=_staff(demo.admin), guild_id=demo.guild.id, time="9", zone="Shanghai")
    await ada.command("settings show")
    await ada.look_at("Settings of this server")
    await camera(ada, "settings")
    await (
        ada.page.locator(".channel-message")
        .last.locator("select, [role=combobox], [aria-haspopup=listbox]")
        .first.click()
    )
    await ada.page.get_by_text("Weekly rota").last.click()
    await ada.look_at("Who is on duty")
    await camera(ada, "rota")


def _staff(person: MemberActor) -> Staff:
    return Staff(person.id, person.name)


def _lifts_nothing(request: RequestInfo) -> FaultAction | None:
    return FaultAction.answer(503) if request.method == "DELETE" and request.route.endswith("/mute") else None
