"""SIGKILL at any instant, any number of times: the promises of timed unmutes hold (design section 7, T5)."""

import asyncio
import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest

from tests.e2e.observer import Observer, Stay
from tests.e2e.processes import CHANNEL, MEMBERS, READY, House, Program, eventually
from tests.effort import tries
from tests.wire import Channel, FakeDiscord, Member, Message, Reply
from tests.wire.errors import UsageError

pytestmark = pytest.mark.slow

ROUNDS = tries(12)
LATENCY_MS = 40
ALLOWED_LATENESS_SECONDS = 60.0
LATEST_SEND_MS = 45_000
"""A mute is sent again for 30 s, and the IM counts from when it got it."""
CLOCK_MS = 50
"""Observer and IM read the same clock, but not at the same instant."""
ENDS_BY_ITSELF_MS = 7_000
TEN_MINUTES = "600000"


@dataclass
class Downtime:
    """When something was not there, as Unix milliseconds."""

    spans: list[tuple[int, int]] = field(default_factory=list)
    since: int | None = None

    def begin(self) -> None:
        self.since = self.since or now_ms()

    def end(self) -> None:
        if self.since is not None:
            self.spans.append((self.since, now_ms()))
            self.since = None


class Butcher:
    """Both processes, killed and started again; what was down when."""

    def __init__(self, house: House, chance: random.Random) -> None:
        self.house = house
        self.chance = chance
        self.kills: Counter[str] = Counter()
        self.down = {"bot": Downtime(), "im": Downtime()}
        self.programs: dict[str, Program] = {}
        self._starting: dict[str, asyncio.Task[None]] = {}

    async def start(self, name: str) -> None:
        if name == "im":
            program = await self.house.start_im("--keep-expired-mutes", f"--latency={LATENCY_MS}", ready=False)
        else:
            program = await self.house.start_bot(ready=False)
        self.programs[name] = program
        self._starting[name] = asyncio.create_task(self._ready(name))

    async def _ready(self, name: str) -> None:
        await self.programs[name].line("listening on http://" if name == "im" else READY)
        self.down[name].end()

    async def all_ready(self) -> None:
        await asyncio.gather(*self._starting.values())

    async def kill(self, name: str) -> None:
        assert self.programs[name].running, f"{name} died by itself:\n{self.programs[name].text}"
        self._starting[name].cancel()
        self.kills[name] += 1
        self.down[name].begin()
        await self.programs[name].kill()

    async def round(self) -> None:
        """Kill one or both at some instant, or in the middle of an order, or while they start; start them again."""
        victims = self.chance.choice([["bot"], ["bot"], ["im"], ["bot", "im"], ["im", "bot"]])
        if self.chance.random() < 0.75:
            await self.all_ready()
            await asyncio.sleep(self.chance.uniform(0.2, 1.2))
            if self.chance.random() < 0.75:
                await self._order_begun()
                await asyncio.sleep(self.chance.uniform(0.0, 3 * LATENCY_MS / 1000))
        else:
            await asyncio.sleep(self.chance.uniform(0.0, 0.5))
        for victim in victims:
            await self.kill(victim)
            await asyncio.sleep(self.chance.choice([0.0, 0.0, 0.05, 0.2]))
        for victim in victims:
            await self.start(victim)

    async def _order_begun(self) -> None:
        """Wait until an intent is written down whose request is on its way; not for ever."""
        query = "SELECT coalesce(max(id), 0) AS last FROM cases"
        (before,) = self.house.rows(query)
        for _ in range(150):
            (now,) = self.house.rows(query)
            if now["last"] > before["last"]:
                return
            await asyncio.sleep(0.005)

    def excused_seconds(self, since_ms: int, until_ms: int) -> float:
        """How long between two instants at least one of the two was down."""
        spans = sorted(span for one in self.down.values() for span in one.spans)
        total, reached = 0, since_ms
        for begun, ended in spans:
            excused = min(ended, until_ms) - max(begun, reached)
            if excused > 0:
                total += excused
                reached = min(ended, until_ms)
        return total / 1000


class Moderation:
    """A moderator who does what comes to mind, whether the bot is there or not."""

    def __init__(self, discord: FakeDiscord, moderator: Member, log: Channel, chance: random.Random) -> None:
        self.discord = discord
        self.moderator = moderator
        self.log = log
        self.chance = chance
        self.replies: list[Reply] = []
        self.done: Counter[str] = Counter()
        self._presses: set[asyncio.Task[None]] = set()

    def act(self) -> None:
        """Do one thing, without waiting for an answer."""
        what = self.chance.choices(["mute", "unmute", "undo", "extend", "undo button"], [10, 2, 1, 2, 1])[0]
        member = self.chance.choice(MEMBERS)
        if what == "mute":
            self._slash("mute", member=member, channel=CHANNEL, duration=f"{self.chance.randint(1, 6)}s", reason="x")
        elif what == "unmute":
            self._slash("unmute", member=member, channel=CHANNEL)
        elif what == "undo":
            self._slash("undo")
        else:
            task = asyncio.create_task(self._press(what.removeprefix("undo ").replace("button", "undo")))
            self._presses.add(task)
            task.add_done_callback(self._presses.discard)

    def _slash(self, command: str, **options: str) -> None:
        self.done[command] += 1
        self.replies.append(self.discord.send_slash(self.moderator, self.discord.channel, command, options))

    async def _press(self, what: str) -> None:
        """Press a button on a card in the log channel, any of those that are there, but that of the log's choice."""
        found = [
            (message, part["custom_id"])
            for message in self.discord.messages(self.log)[1:]
            for part in message.buttons
            if part["custom_id"].startswith(f"cw:{what}:")
        ]
        if not found:
            return
        message, custom_id = self.chance.choice(found)
        self.done[f"{what} button"] += 1
        try:
            reply = self.discord.send_click(self.moderator, message, custom_id)
            self.replies.append(reply)
            if what == "extend":
                await reply.answered(5)
                if reply.message is not None and reply.message.selects:
                    chosen = reply.message.selects[0]["custom_id"]
                    self.replies.append(self.discord.send_select(self.moderator, reply.message, chosen, [TEN_MINUTES]))
        except (TimeoutError, UsageError):
            pass  # the bot is dead, or the card has changed under the moderator's finger

    async def finish(self) -> None:
        await asyncio.gather(*self._presses)


async def test_no_promise_breaks_however_often_bot_and_im_are_killed(
    house: House,
    discord: FakeDiscord,
    admin: Member,
    log: Channel,
    record_property,
):
    seed = int(os.environ.get("E2E_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"E2E_SEED={seed}")
    chance = random.Random(seed)
    begun = time.monotonic()
    butcher = Butcher(house, chance)
    for name in ("im", "bot"):
        await butcher.start(name)
    await butcher.all_ready()
    # By somebody else, or the moderator's /undo would take this back.
    owner = discord.add_member("bea", administrator=True)
    await discord.slash(owner, discord.channel, "settings log", {"channel": log})
    async with house.im() as im:
        (community,) = [one.community_id async for one in im.communities.list()]
        (channel,) = [one async for one in im.channels.public(community) if one.name == CHANNEL]
    moderation = Moderation(discord, admin, log, chance)
    async with Observer(house.im_url, community, channel.channel_id) as observer:
        for _ in range(ROUNDS):
            killing = asyncio.create_task(butcher.round())
            while not killing.done():
                for _ in range(chance.randint(1, 3)):
                    moderation.act()
                await asyncio.sleep(chance.uniform(0.05, 0.4))
            await killing
            assert_one_live_mute_a_member(house)
        rounds_seconds = time.monotonic() - begun
        await butcher.all_ready()
        await moderation.finish()
        await end_what_would_last(house, discord, admin)
        await eventually("all mutes are over and all is shown", lambda: settled(house), 60.0)
        await asyncio.sleep(0.5)
        assert observer.looks[-1].ends == {}
    stays = observer.stays()
    seconds = time.monotonic() - begun
    worst, worst_raw = worst_lateness(stays, butcher)
    outcomes = Counter(f"{row['action']} {row['outcome']}" for row in cases(house))
    summary = {
        "seed": seed,
        "rounds": ROUNDS,
        "kills": dict(butcher.kills),
        "sent": dict(moderation.done),
        "mutes seen on the list": len(stays),
        "worst lateness beyond downtime, s": round(worst, 2),
        "worst lateness, s": round(worst_raw, 2),
        "cases": dict(sorted(outcomes.items())),
        "cut off in the middle": sum('"interrupted"' in row["detail"] for row in cases(house)),
        "messages in the log": len(discord.messages(log)),
        "looks at the list": len(observer.looks),
        "seconds": round(seconds, 1),
        "seconds of rounds": round(rounds_seconds, 1),
    }
    print(summary)
    record_property("sigkill", summary)

    assert worst <= ALLOWED_LATENESS_SECONDS
    assert_none_was_lifted_early(house, stays)
    assert_ends_come_from_cases_only(house, stays)
    assert_outcomes_agree(house, stays)
    assert_the_log_tells_the_truth(house, discord.messages(log))
    carried_out = sum(count for what, count in outcomes.items() if what.startswith("mute") and "failed" not in what)
    assert min(carried_out, len(stays)) >= ROUNDS // 2, "too little happened to prove anything"


async def end_what_would_last(house: House, discord: FakeDiscord, moderator: Member) -> None:
    """Lift extended mutes, which would outlast the test; their cases are part of it too."""

    async def lift_all() -> bool:
        lasting = house.rows(
            "SELECT member_id FROM mutes WHERE state IN ('pending', 'active', 'lifting') "
            "AND (due_ms IS NULL OR due_ms > ?)",
            now_ms() + ENDS_BY_ITSELF_MS,
        )
        for row in lasting:
            await discord.slash(
                moderator, discord.channel, "unmute", {"member": row["member_id"], "channel": CHANNEL}, timeout=40
            )
        return not lasting

    for _ in range(30):
        if await lift_all():
            return
        await asyncio.sleep(0.5)
    raise AssertionError("extended mutes cannot be lifted")


def settled(house: House) -> bool:
    (left,) = house.rows(
        "SELECT (SELECT count(*) FROM timers) + (SELECT count(*) FROM posts WHERE wanted > shown) "
        "+ (SELECT count(*) FROM mutes WHERE state IN ('pending', 'active', 'lifting')) AS n"
    )
    return left["n"] == 0


def worst_lateness(stays: list[Stay], butcher: Butcher) -> tuple[float, float]:
    """How long a mute outlived its end at most, in seconds: beyond the downtimes, and at all."""
    worst = worst_raw = 0.0
    for stay in stays:
        assert stay.gone_ms is not None, f"still muted: {stay}"
        late = (stay.gone_ms - stay.ends[-1]) / 1000
        worst_raw = max(worst_raw, late)
        worst = max(worst, late - butcher.excused_seconds(stay.ends[-1], stay.gone_ms))
    return worst, worst_raw


def assert_none_was_lifted_early(house: House, stays: list[Stay]) -> None:
    """Who went off the list before the end was unmuted by a case that says so; one case explains one such stay."""
    lifts = [
        (row["member_id"], row["at_ms"])
        for row in cases(house)
        if row["action"] == "unmute" and row["outcome"] in {"applied", "undone"}
    ]
    for stay in stays:
        assert stay.gone_ms is not None
        if stay.gone_ms >= stay.ends[-1] - CLOCK_MS:
            continue
        reasons = [lift for lift in lifts if lift[0] == stay.member and lift[1] <= stay.gone_ms]
        reasons = [lift for lift in reasons if lift[1] >= stay.first_ms - LATEST_SEND_MS]
        assert reasons, f"lifted {(stay.ends[-1] - stay.gone_ms) / 1000} s early by nobody: {stay}"
        lifts.remove(reasons[0])


def assert_ends_come_from_cases_only(house: House, stays: list[Stay]) -> None:
    """Every end ever seen on the list is the one that a case asked for, and the bot took none for somebody else's."""
    asked = mutes(house)
    for stay in stays:
        for end in stay.ends:
            assert any(explains(mute, stay.member, end) for mute in asked), f"no case asked for {end} of {stay}"
    assert [mute for mute in asked if mute["adopted"]] == []
    assert [mute for mute in asked if mute["ending"] not in {"ended", "lifted", "extended", None}] == []


def explains(mute, member: str, end: int) -> bool:
    asked = mute["begun_ms"] + (mute["requested_ms"] or 0)
    return mute["member_id"] == member and asked - CLOCK_MS <= end <= asked + LATEST_SEND_MS


def assert_outcomes_agree(house: House, stays: list[Stay]) -> None:
    """Every case has one final outcome, and neither the mute's state nor the list contradicts it."""
    states = {mute["case_id"]: mute for mute in mutes(house)}
    for case in cases(house):
        kinds = case["kinds"].split(",") if case["kinds"] else []
        decided = [kind for kind in kinds if kind in {"applied", "failed"}]
        assert len(decided) == 1, f"case {case['id']} has the outcomes {kinds}"
        assert "failed" not in kinds or kinds == ["failed"], f"case {case['id']} has the outcomes {kinds}"
        mute = states.get(case["id"])
        if case["action"] == "unmute" or mute is None:
            continue
        expected = {"failed"} if decided == ["failed"] else {"lifted", "superseded"}
        assert mute["state"] in expected, f"case {case['id']} {kinds} has a mute that is {mute['state']}"
        if decided == ["failed"]:
            ends = [end for stay in stays if stay.member == mute["member_id"] for end in stay.ends]
            begun, asked = mute["begun_ms"], mute["requested_ms"]
            others = [one for one in states.values() if one["state"] != "failed"]
            unexplained = [
                end
                for end in ends
                if explains(mute, mute["member_id"], end)
                and not any(explains(one, mute["member_id"], end) for one in others)
            ]
            assert not unexplained, f"case {case['id']} ({begun} + {asked}) failed and was carried out: {unexplained}"


TITLES = {
    ("mute", "failed"): "Not muted",
    ("extend", "failed"): "Mute not changed",
    ("unmute", "failed"): "Not unmuted",
    ("unmute", "applied"): "Unmuted",
    ("mute", "ended"): "Mute over",
    ("extend", "ended"): "Mute over",
    ("mute", "lifted"): "Mute lifted",
    ("extend", "lifted"): "Mute lifted",
    ("mute", "extended"): "Mute replaced",
    ("extend", "extended"): "Mute replaced",
}


def assert_the_log_tells_the_truth(house: House, messages: list[Message]) -> None:
    """One message a case, whose text is how the case stands in the end; only a failure told at once has none."""
    assert messages[0].embeds[0]["footer"]["text"] == "Case #1", "the choice of the log is a case, too"
    shown = Counter(message.embeds[0]["footer"]["text"] for message in messages)
    assert {case: count for case, count in shown.items() if count > 1} == {}
    by_case = {message.embeds[0]["footer"]["text"]: message for message in messages}
    states = {mute["case_id"]: mute for mute in mutes(house)}
    for case in cases(house):
        message = by_case.get(f"Case #{case['id']}")
        if message is None:
            assert case["outcome"] == "failed", f"case {case['id']} ({case['outcome']}) is not in the log"
            assert '"interrupted"' not in case["detail"], f"nobody was told of case {case['id']}: {case['detail']}"
            continue
        stands = case["outcome"] if case["action"] == "unmute" else states[case["id"]]["ending"] or case["outcome"]
        expected = "Undone" if case["outcome"] == "undone" else TITLES[case["action"], stands]
        assert expected in message.embeds[0]["title"], f"case {case['id']} is {stands}, its message says {message.text}"
        assert case["member_id"] in message.embeds[0]["title"].replace("\\", "")
        assert "**Until**" not in message.text, f"case {case['id']} is over, its message says {message.text}"


def assert_one_live_mute_a_member(house: House) -> None:
    live = house.rows("SELECT member_id FROM mutes WHERE state IN ('pending', 'active', 'lifting')")
    twice = [member for member, count in Counter(row["member_id"] for row in live).items() if count > 1]
    assert twice == []


def cases(house: House):
    """All cases but the choice of the log, with the kinds of their outcomes in order, the last, and its detail."""
    return house.rows(
        "SELECT c.*, coalesce(group_concat(e.kind), '') AS kinds, coalesce(max(e.detail), '') AS detail, "
        "coalesce((SELECT kind FROM case_events l WHERE l.case_id = c.id AND l.kind IN "
        "('applied', 'verified', 'failed', 'undone') ORDER BY l.id DESC LIMIT 1), 'intended') AS outcome "
        "FROM cases c LEFT JOIN (SELECT * FROM case_events WHERE kind IN ('applied', 'verified', 'failed', 'undone') "
        "ORDER BY id) e ON e.case_id = c.id WHERE c.action != 'setting' GROUP BY c.id ORDER BY c.id"
    )


def mutes(house: House):
    return house.rows("SELECT * FROM mutes ORDER BY id")


def now_ms() -> int:
    return time.time_ns() // 1_000_000
