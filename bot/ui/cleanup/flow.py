"""Cleaning up in Discord: the look before, the question, the progress with its Cancel, the report."""

import asyncio
import contextvars
from typing import Final
from weakref import WeakKeyDictionary

import aiohttp
import discord
import structlog

from bot.services.access import Level
from bot.services.cleanup.jobs import parse_run
from bot.services.cleanup.model import Job, Rule, RunView
from bot.ui.account import reference
from bot.ui.answer import Answer
from bot.ui.cleanup.cards import preview_card, restore_card, run_card
from bot.ui.confirm import ask
from bot.ui.face import GREEN
from bot.ui.funnel import note
from bot.ui.host import guild_voice, host_of, voice_of
from bot.ui.live import LiveButton
from bot.ui.notes import note_card
from bot.ui.words import Voice

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 2.0
TOKEN_LIVES_SECONDS: Final = 13 * 60.0
"""Discord lets an answer be edited for 15 minutes; what takes longer gets a message of its own before."""

_OUT_OF_REACH: Final = (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError)
# Answers that follow a run, by bot; after a restart there are none, and runs have messages of their own.
_following: WeakKeyDictionary[discord.Client, set[asyncio.Task[None]]] = WeakKeyDictionary()


class RunCancelButton(LiveButton, template=r"cw:run-cancel:(?P<run>\d{1,18})"):
    """Stops a run at its next request."""

    needed = Level.ADMIN

    def __init__(self, run: int | str, label: str | None = None) -> None:
        super().__init__(f"cw:run-cancel:{run}", label=label, style=discord.ButtonStyle.danger)
        self._run_id = int(run)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Stop the run, and show it as it stands."""
        await interaction.response.defer()
        answer = Answer(interaction)
        run = await answer.services.cleanups.cancel(answer.guild_id, self._run_id)
        voice = _voice_of_message(answer)
        await interaction.edit_original_response(embed=run_card(run, voice), view=run_buttons(run, voice))


class RunRestoreButton(LiveButton, template=r"cw:run-restore:(?P<run>\d{1,18})"):
    """Asks, and puts back what a cleanup deleted."""

    needed = Level.ADMIN

    def __init__(self, run: int | str, label: str | None = None) -> None:
        super().__init__(f"cw:run-restore:{run}", label=label, emoji="♻️")
        self._run = str(run)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Do what /collection restore does, for the presser alone."""
        await put_back(await Answer.private(interaction), self._run)


def run_buttons(run: RunView, voice: Voice) -> discord.ui.View | None:
    """Return the button that fits a run as it stands, None if there is nothing to be done about it."""
    if run.going:
        return discord.ui.View(timeout=None).add_item(RunCancelButton(run.id, voice("button-stop")))
    if run.restorable_until is None:
        return None
    return discord.ui.View(timeout=None).add_item(RunRestoreButton(run.id, voice("button-restore")))


async def clean_up(answer: Answer, rule: Rule) -> None:
    """Show what a cleanup would delete, and ask; Confirm starts it and shows its progress. Raises Refusal, IMError."""
    preview = await answer.services.cleanups.preview(rule)

    async def agree() -> None:
        run = await answer.services.cleanups.start(
            preview, staff=answer.staff, guild_id=answer.guild_id, home_channel_id=answer.interaction.channel_id
        )
        await show_run(answer, run)

    await ask(answer, preview_card(preview, answer.voice, answer.services.cleanups.restore_days), agree)


async def put_back(answer: Answer, run: str) -> None:
    """Ask whether what a run deleted is to be put back; Confirm starts it and shows its progress. Raises Refusal."""
    number = parse_run(run)
    view, count = await answer.services.cleanups.restorable(answer.guild_id, number)

    async def agree() -> None:
        restore = await answer.services.cleanups.restore(
            number, staff=answer.staff, guild_id=answer.guild_id, home_channel_id=answer.interaction.channel_id
        )
        await show_run(answer, restore)

    await ask(answer, restore_card(view, count, answer.voice), agree, Level.ADMIN)


async def show_run(answer: Answer, run: RunView) -> None:
    """Show a run in the answer, and keep the answer up to date while Discord lets us."""
    await answer.show(run_card(run, answer.voice), run_buttons(run, answer.voice))
    if not run.going:
        return
    # A clean context: the task outlives the command and must not carry its log fields along.
    following = _follow(answer, run, contextvars.copy_context())
    task = contextvars.Context().run(asyncio.create_task, following, name=f"follow run {run.id}")
    tasks = _following.setdefault(answer.interaction.client, set())
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def show_job(answer: Answer, job: Job) -> None:
    """Show a job that was started or stopped."""
    if job.run is None:
        await answer.show(note_card(answer.voice("job-reconciled"), colour=GREEN))
    else:
        await show_run(answer, job.run)


async def stop_following(client: discord.Client) -> None:
    """Leave the answers as they are; the runs go on."""
    tasks = list(_following.get(client, ()))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _follow(answer: Answer, run: RunView, command: contextvars.Context) -> None:
    """Keep an answer up to date until its run is over; edited in its command's context, as if the command did it."""
    cleanups, loop = answer.services.cleanups, asyncio.get_running_loop()
    until = loop.time() + TOKEN_LIVES_SECONDS
    try:
        shown = run
        while shown.going:
            await asyncio.sleep(EVERY_SECONDS)
            run = await cleanups.view(run.guild_id, run.id)
            if loop.time() > until:
                await cleanups.keep_in_sight(run)
                return
            if run != shown:
                showing = answer.show(run_card(run, answer.voice), run_buttons(run, answer.voice))
                await asyncio.create_task(showing, context=command)
                shown = run
    except _OUT_OF_REACH as error:
        log.info("answer of a run left alone", run=run.id, why=repr(error))
        await cleanups.keep_in_sight(run)
    except Exception as error:  # noqa: BLE001 - the funnel's door for this task
        note(error, reference(), answer.interaction)


def _voice_of_message(answer: Answer) -> Voice:
    """Return the language of the message that a button is on: everybody reads a public one."""
    message = answer.interaction.message
    if message is not None and message.flags.ephemeral:
        return voice_of(answer.interaction)
    return guild_voice(host_of(answer.interaction), answer.guild_id)
