"""The steps of the tour, in order; a new feature of the bot gets a new step here."""

from datetime import UTC, datetime, timedelta
from typing import Final

from bot.demo.stage import Stage, Step, title_of
from bot.im import NewCollection
from bot.services.model import Ending, MuteState, Outcome
from bot.services.records import Sought

MUTED_SECONDS: Final = 5
OLD: Final = 2_000
_LIFT: Final = "DELETE /circle/channel/{channel_id}/user/mute"


async def _mute(stage: Stage) -> None:
    answer = await stage.command(
        stage.demo.moderator, "mute", member="haruto_k", channel="strategy", duration=f"{MUTED_SECONDS}s", reason="spam"
    )
    stage.expect("haruto_k" in answer, "the answer names the member")
    stage.expect("haruto_k" in await stage.muted("strategy"), "the IM has haruto_k on the mute list of #strategy")
    answer = await stage.command(stage.demo.moderator, "muted", channel="strategy")
    stage.expect("haruto_k" in answer, "/muted names haruto_k")


async def _timed_unmute(stage: Stage) -> None:
    services, guild = stage.demo.warden.services, stage.demo.guild.id
    case = (await services.cases.history(guild, "haruto_k")).cases[0]
    await stage.expect_soon(lambda: _logged(stage), "the log channel shows the mute")
    before = title_of(stage.demo.log.last_message)
    stage.show_log()
    lifts = stage.demo.service.count[_LIFT]
    stage.note("")
    await stage.count_down(MUTED_SECONDS)

    async def ended() -> bool:
        return "haruto_k" not in await stage.muted("strategy")

    async def edited() -> bool:
        return title_of(stage.demo.log.last_message) != before

    await stage.expect_soon(ended, "the bot has unmuted haruto_k")
    await stage.expect_soon(edited, "the log message tells that the mute is over")
    stage.note("The same message, edited:")
    stage.show_log()
    stage.expect(stage.demo.service.count[_LIFT] > lifts, "it was the bot that lifted the mute")
    case = await services.cases.view(guild, case.id)
    stage.expect(
        (case.mute_state, case.ending) == (MuteState.LIFTED, Ending.ENDED), "the case is closed: its time was over"
    )


async def _logged(stage: Stage) -> bool:
    return stage.demo.log.last_message is not None


async def _history(stage: Stage) -> None:
    answer = await stage.command(stage.demo.moderator, "history", member="haruto_k")
    stage.expect("strategy" in answer, "/history shows the mute in #strategy")


async def _undo(stage: Stage) -> None:
    await stage.command(
        stage.demo.moderator, "mute", member="sofia-almeida", channel="strategy", duration="1h", reason="wrong person"
    )
    stage.expect("sofia-almeida" in await stage.muted("strategy"), "sofia-almeida is muted")
    await stage.command(stage.demo.moderator, "undo")
    stage.expect("sofia-almeida" not in await stage.muted("strategy"), "the undo has unmuted sofia-almeida")
    history = await stage.demo.warden.services.cases.history(stage.demo.guild.id, "sofia-almeida")
    stage.expect(Outcome.UNDONE in {case.outcome for case in history.cases}, "the case is marked as undone")


async def _channels(stage: Stage) -> None:
    answer = await stage.command(stage.demo.moderator, "channel list")
    for name in ("strategy", "中文闲聊", "staff-room", "Lounge"):
        stage.expect(name in answer, f"the list has #{name}")
    answer = await stage.command(stage.demo.moderator, "channel show", channel="strategy")
    stage.expect("Builds, routes" in answer, "the card has the channel's description")


async def _members(stage: Stage) -> None:
    answer = await stage.command(
        stage.demo.moderator, "member show", channel="looking-for-group", member="xx_rocket_xx"
    )
    stage.expect("xx_rocket_xx" in await stage.muted("looking-for-group"), "xx_rocket_xx is muted, as in the sample")
    stage.expect("xx_rocket_xx" in answer, "the card is about xx_rocket_xx")


async def _thread(stage: Stage) -> None:
    await stage.command(
        stage.demo.moderator, "channel say", channel="strategy", text="Raid on Friday: who brings what?"
    )
    records, newest = stage.demo.warden.services.records, Sought()
    cases = (await records.find(stage.demo.guild.id, newest, page=0, per_page=1)).cases
    said = cases[0].details["message_id"]
    answer = await stage.command(
        stage.demo.moderator, "thread create", channel="strategy", message_id=said, name="Raid plans", owner="haruto_k"
    )
    stage.expect("Raid plans" in answer, "the answer names the thread")
    answer = await stage.command(stage.demo.moderator, "thread list", channel="strategy")
    stage.expect("Raid plans" in answer, "the list has the thread")


async def _feed(stage: Stage) -> None:
    said = "Selling accounts, cheap, write me"
    place = (await stage.demo.warden.services.directory.channel(stage.demo.guild.id, "strategy")).place
    stage.note("dmitri_v writes in the IM's #strategy:")
    await stage.demo.warden.im.messages.send_text(place.channel_id, said, sender="dmitri_v")
    answer = await stage.press_in_feed(stage.demo.moderator, said, "Mute 10m")
    stage.expect("dmitri_v" in answer, "the answer names the member")
    stage.expect("dmitri_v" in await stage.muted("strategy"), "the IM has dmitri_v on the mute list of #strategy")


async def _friend(stage: Stage) -> None:
    im = stage.demo.warden.im
    await stage.command(stage.demo.admin, "friend add", owner="haruto_k", friend="sofia-almeida")
    stage.expect("sofia-almeida" in await im.contacts.names("haruto_k"), "they are friends")
    await stage.command(stage.demo.admin, "undo")
    stage.expect("sofia-almeida" not in await im.contacts.names("haruto_k"), "they are no friends any more")


async def _cleanup(stage: Stage) -> None:
    im, owner = stage.demo.warden.im, "dmitri_v"
    old = datetime.now(UTC) - timedelta(days=400)
    items = [NewCollection(f"tour-{n}", f"An old note, number {n}", 1, old + timedelta(minutes=n)) for n in range(OLD)]
    await im.collections.add_many(owner, [*items, NewCollection("tour-kept", "My speech", 1, old, ext="keep")])
    stage.note(f"{owner} has saved {OLD} notes more than a year ago, and one that is marked to be kept.")
    answer = await stage.command(stage.demo.admin, "collection cleanup", older_than="365d", owner=owner)
    stage.expect(f"{OLD:,}" in answer, "the preview says how many")
    await stage.press(stage.demo.admin, "Confirm")

    async def under_way() -> bool:
        return "%" in stage.words()

    async def over() -> bool:
        return "Cleaned up" in stage.words()

    await stage.expect_soon(under_way, "the message tells how far it is", seconds=20)
    stage.show_again()
    await stage.expect_soon(over, "the message tells that it is done", seconds=30)
    stage.show_again()
    stage.expect([item.collection_id async for item in im.collections.list(owner)] == ["tour-kept"], "one item is left")


async def _refusal(stage: Stage) -> None:
    cases = await stage.demo.warden.services.cases.history(stage.demo.guild.id, "j.novak")
    answer = await stage.command(stage.demo.moderator, "mute", member="j.novak", channel="strategy", duration="10")
    stage.expect("10m" in answer, "the refusal says how to write a duration")
    stage.expect("j.novak" not in await stage.muted("strategy"), "nobody was muted")
    again = await stage.demo.warden.services.cases.history(stage.demo.guild.id, "j.novak")
    stage.expect(again.total == cases.total, "no case was made")


async def _chinese(stage: Stage) -> None:
    answer = await stage.command(
        stage.demo.chinese_moderator, "mute", member="zhang.yu", channel="中文闲聊", duration="1小时", reason="刷屏"
    )
    stage.expect("已禁言" in answer and "刷屏" in answer, "the answer is in Chinese")
    stage.expect("zhang.yu" in await stage.muted("中文闲聊"), "zhang.yu is muted")
    answer = await stage.command(stage.demo.chinese_moderator, "unmute", member="zhang.yu", channel="中文闲聊")
    stage.expect("已解除禁言" in answer, "the answer is in Chinese")
    stage.expect("zhang.yu" not in await stage.muted("中文闲聊"), "zhang.yu is unmuted")


async def _status(stage: Stage) -> None:
    answer = await stage.command(stage.demo.moderator, "status")
    stage.expect("🔴" not in answer, "everything is well")
    stage.expect("#warden-log" in answer, "the status names the log channel")


STEPS: Final = (
    Step(f"Mute somebody for {MUTED_SECONDS} seconds", _mute),
    Step("The mute ends by itself, and the log message follows", _timed_unmute),
    Step("What was done about a member", _history),
    Step("Take it back", _undo),
    Step("Channels of the community", _channels),
    Step("A member of a channel", _members),
    Step("Say something, and start a thread on it", _thread),
    Step("The feed: what is said in the IM, and one tap that mutes", _feed),
    Step("Make friends for somebody, and take it back", _friend),
    Step("Clean up what was saved long ago", _cleanup),
    Step("Input that could mean two things is refused", _refusal),
    Step("The bot answers in the language of who asks", _chinese),
    Step("How everything is doing", _status),
)
