"""Putting one post of the outbox where people see it."""

from dataclasses import dataclass, replace

import discord

from bot.services.access import Level
from bot.services.alerts import AlertView
from bot.services.posts import ALERT, ALERT_BEFORE, RUN, RUN_BEFORE, Post
from bot.ui.alert_buttons import alert_buttons
from bot.ui.alert_card import alert_card
from bot.ui.cards import GREY, case_card
from bot.ui.case_buttons import case_buttons
from bot.ui.cleanup.cards import run_card
from bot.ui.cleanup.flow import run_buttons
from bot.ui.host import Host, guild_voice, level_in
from bot.ui.notes import note_card
from bot.ui.words import Voice

UNKNOWN_MESSAGE = 10008


@dataclass(frozen=True, slots=True)
class Notice:
    """What a message in a channel is to hold; `role` and `person` are to be called by it, None: nobody.

    `owner_first`: it is an even call, of which the server's owner learns before who is on duty where it is told in
    person; `urgent`: somebody is to learn of it, wherever that is possible. `home` is the Discord channel to fall back
    on where there is no log channel.
    """

    card: discord.Embed
    view: discord.ui.View | None
    role: int | None = None
    person: int | None = None
    owner_first: bool = False
    urgent: bool = False
    home: int | None = None


async def notice_of(bot: discord.Client, host: Host, post: Post) -> Notice:
    """Draw a post as its subject stands now, in the guild's language; raises Refusal if the subject is gone."""
    voice = guild_voice(host, post.guild_id)
    if post.kind == ALERT:
        return _alert(await _for_staff(bot, host, await host.services.alerts.view(post.subject_id)), voice)
    if post.kind == ALERT_BEFORE:
        return Notice(note_card(voice("alert-elsewhere"), colour=GREY), None)
    if post.kind == RUN_BEFORE:
        return Notice(note_card(voice("run-elsewhere", run=str(post.subject_id)), colour=GREY), None)
    if post.kind == RUN:
        run = await host.services.cleanups.view(post.guild_id, post.subject_id)
        return Notice(run_card(run, voice), run_buttons(run, voice), home=run.home_channel_id)
    case = await host.services.cases.view(post.guild_id, post.subject_id)
    return Notice(case_card(case, voice), case_buttons(case, voice))


async def edit_notice(channel: discord.PartialMessageable, message_id: int, notice: Notice) -> bool:
    """Bring a message up to date; False if somebody has deleted it. Raises discord.HTTPException."""
    try:
        await channel.get_partial_message(message_id).edit(embed=notice.card, view=notice.view)
    except discord.NotFound as error:
        if error.code == UNKNOWN_MESSAGE:
            return False
        raise
    return True


async def send_notice(
    channel: discord.PartialMessageable, notice: Notice, nonce: str, *, said: str | None = None
) -> int:
    """Send a message once, however often this is called with one nonce within minutes; return its id.

    `said` stands above it in place of those whom it calls. Raises discord.HTTPException.
    """
    message = await channel.send(
        content=said or _mentions(notice) or None,
        embed=notice.card,
        view=notice.view or discord.utils.MISSING,
        nonce=nonce,
        allowed_mentions=_only(notice),
    )
    if _is_older(message, notice):
        # Sent before a crash, at an earlier revision: Discord gave us that message back instead of a second one.
        await edit_notice(channel, message.id, notice)
    return message.id


async def _for_staff(bot: discord.Client, host: Host, alert: AlertView) -> AlertView:
    """Let an alert call nobody who has left the server or is no moderator any more: they could not answer it."""
    person, guild = alert.on_call.person, bot.get_guild(alert.guild_id)
    if person is None or guild is None or not alert.calling:
        return alert
    try:
        level = await level_in(host, guild, person.id)
    except discord.HTTPException:
        # Rather one call too many than none.
        return alert
    return alert if level >= Level.MODERATOR else replace(alert, on_call=replace(alert.on_call, person=None))


def _alert(alert: AlertView, voice: Voice) -> Notice:
    """Draw an alert: its first call goes to who is on duty, and every further one to the whole role as well."""
    person = alert.on_call.person if alert.calling else None
    second = alert.calls > 1
    role = alert.on_call.role_id if alert.calling and (second or person is None) else None
    return Notice(
        alert_card(alert, voice),
        alert_buttons(alert, voice),
        role=role,
        person=None if person is None else person.id,
        owner_first=alert.calls % 2 == 0,
        urgent=alert.calling,
    )


def _mentions(notice: Notice) -> str:
    person = [] if notice.person is None else [f"<@{notice.person}>"]
    return " ".join(person + ([] if notice.role is None else [f"<@&{notice.role}>"]))


def _only(notice: Notice) -> discord.AllowedMentions:
    if notice.role is None and notice.person is None:
        return discord.AllowedMentions.none()
    return discord.AllowedMentions(
        everyone=False,
        replied_user=False,
        users=False if notice.person is None else [discord.Object(notice.person)],
        roles=False if notice.role is None else [discord.Object(notice.role)],
    )


def _is_older(message: discord.Message, notice: Notice) -> bool:
    return not message.embeds or _said(message.embeds[0]) != _said(notice.card)


def _said(card: discord.Embed) -> tuple[str | None, str | None, str | None]:
    """Return what people read on a card; Discord adds to the rest of it."""
    return card.title, card.description, card.footer.text
