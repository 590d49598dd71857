"""Cases looked up: filters, paging, the story of one, another reason, files; and that no table is read to its end."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert

from bot.services.model import Action, Outcome
from bot.services.records import GROUPS, ActionGroup, Sought, Step, group_of
from bot.services.refusals import Refusal
from bot.store import Store, tables
from bot.store import cases as case_rows
from bot.store.cases import CaseFilter
from tests.services.conftest import ANNA, BEN, GUILD, World

ROW = {
    "at_ms": 0, "guild_id": GUILD, "staff_id": ANNA.id, "staff_name": "anna", "action": "mute", "community_id": "s",
    "channel_id": "c", "channel_name": "general", "member_id": "bob", "duration_ms": 60_000, "reason": "",
}  # fmt: skip


async def put(store: Store, rows: list[dict[str, Any]]) -> list[int]:
    """Write cases down as they are, without an IM."""
    return await store.write(lambda connection: [case_rows.add_case(connection, **(ROW | row)) for row in rows])


async def found(world: World, sought: Sought, guild: int = GUILD) -> list[int]:
    page = await world.services.records.find(guild, sought, page=0, per_page=50)
    assert page.total == len(page.cases)
    return [case.id for case in page.cases]


async def test_every_action_is_of_exactly_one_group() -> None:
    named = [action for actions in GROUPS.values() for action in actions]
    assert sorted(named) == sorted(Action)
    assert group_of(Action.EXTEND) is ActionGroup.MUTES


async def test_filters_are_combined_and_the_newest_comes_first(world: World) -> None:
    hour = 3_600_000
    numbers = await put(
        world.store,
        [
            {"at_ms": hour},
            {"at_ms": 2 * hour, "staff_id": BEN.id},
            {"at_ms": 3 * hour, "action": "friend-add", "member_id": "carl"},
            {"at_ms": 4 * hour, "action": "unmute", "member_id": "carl"},
            {"at_ms": 5 * hour, "guild_id": GUILD + 1},
        ],
    )
    await world.store.write(lambda connection: case_rows.add_subjects(connection, numbers[2], ["bob"]))
    first, second, friends, last, elsewhere = numbers
    assert await found(world, Sought()) == [last, friends, second, first]
    assert await found(world, Sought(member=" Bob")) == [friends, second, first], "as the other one of a friendship too"
    assert await found(world, Sought(staff_id=BEN.id)) == [second]
    assert await found(world, Sought(group=ActionGroup.MUTES)) == [last, second, first]
    at_three = (await world.services.cases.view(GUILD, friends)).at
    assert await found(world, Sought(since=at_three)) == [last, friends]
    assert await found(world, Sought("bob", ANNA.id, ActionGroup.MUTES)) == [first]
    assert await found(world, Sought("bob", BEN.id, ActionGroup.FRIENDS)) == []
    assert await found(world, Sought(), GUILD + 1) == [elsewhere]


async def test_a_page_past_the_end_is_the_last_one(world: World) -> None:
    numbers = await put(world.store, [{"at_ms": at} for at in range(25)])
    page = await world.services.records.find(GUILD, Sought(), page=9, per_page=10)
    assert (page.at, page.total, [case.id for case in page.cases]) == (2, 25, numbers[4::-1])
    empty = await world.services.records.find(GUILD + 1, Sought(), page=9, per_page=10)
    assert (empty.at, empty.total, empty.cases) == (0, 0, ())


async def test_the_story_tells_in_order_what_happened_and_who_did_it(world: World) -> None:
    muted = await world.mute(reason="spam")
    await world.outside_mute("bob", 3_600_000)
    await world.services.reconcile.run()
    await world.services.records.give_reason(staff=BEN, guild_id=GUILD, case_id=muted.id, reason="ads")
    world.pass_time(seconds=5)
    lifting = await world.unmute(staff=BEN)
    story = await world.services.records.story(GUILD, muted.id)
    steps = [one.step for one in story.happenings]
    assert steps == [Step.ASKED, Step.APPLIED, Step.ADOPTED, Step.REASON, Step.LIFTED]
    told = {one.step: one for one in story.happenings}
    assert (told[Step.ASKED].by, told[Step.ASKED].at) == (ANNA, muted.at)
    assert told[Step.ADOPTED].until == story.case.ends_at
    assert (told[Step.REASON].by, told[Step.REASON].text) == (BEN, "ads")
    assert (told[Step.LIFTED].by, told[Step.LIFTED].case_id) == (BEN, lifting.id)
    with pytest.raises(Refusal, match="refusal-unknown-case"):
        await world.services.records.story(GUILD + 1, muted.id)


async def test_another_reason_is_a_new_entry_shown_everywhere_and_the_first_one_stays(world: World) -> None:
    muted = await world.mute(reason="spam")
    deed = await world.services.memberships.remove(
        staff=ANNA, guild_id=GUILD, channel="general", member="carl", reason=""
    )
    for case in (muted, deed):
        changed = await world.services.records.give_reason(
            staff=BEN, guild_id=GUILD, case_id=case.id, reason=f" ads {case.id} "
        )
        assert (changed.reason, changed.reason_by) == (f"ads {case.id}", BEN)
        assert replace(changed, reason=case.reason, reason_by=None) == case
    assert (await world.services.cases.history(GUILD, "bob")).cases[0].reason == f"ads {muted.id}"
    again = await world.services.records.give_reason(staff=ANNA, guild_id=GUILD, case_id=muted.id, reason="x" * 900)
    assert (again.reason, again.reason_by) == ("x" * 500, ANNA)
    stored = await world.store.read(lambda connection: case_rows.get_case(connection, muted.id))
    assert stored is not None
    assert stored.reason == "spam"
    assert (await world.case(muted.id)).outcome is Outcome.APPLIED


async def test_a_reason_that_changes_nothing_is_refused(world: World) -> None:
    (number,) = await put(world.store, [{"reason": "spam"}])

    async def give(reason: str, guild: int = GUILD, case: int = number) -> None:
        await world.services.records.give_reason(staff=BEN, guild_id=guild, case_id=case, reason=reason)

    for reason, guild, case, key in (
        (" spam ", GUILD, number, "refusal-same-reason"),
        ("  ", GUILD, number, "refusal-empty-reason"),
        ("ads", GUILD + 1, number, "refusal-unknown-case"),
        ("ads", GUILD, number + 1, "refusal-unknown-case"),
    ):
        with pytest.raises(Refusal, match=key):
            await give(reason, guild, case)
    assert len((await world.services.records.story(GUILD, number)).happenings) == 1


async def test_cases_are_suggested_by_number_and_by_any_part_of_a_name(world: World) -> None:
    numbers = await put(world.store, [{"at_ms": at, "member_id": f"user{at}"} for at in range(30)])
    (theirs,) = await put(world.store, [{"at_ms": 99, "guild_id": GUILD + 1}])
    suggest = world.services.records.suggest
    assert [case.id for case in await suggest(GUILD, "")] == numbers[:4:-1]
    assert (await suggest(GUILD, f"#{numbers[1]}"))[0].id == numbers[1]
    assert [case.member_id for case in await suggest(GUILD, "SER29")] == ["user29"]
    assert await suggest(GUILD, "nobody") == []
    assert theirs not in [case.id for case in await suggest(GUILD, str(theirs))]
    assert await suggest(GUILD, "9" * 40) == []


async def exported(world: World, file_format: str, largest: int = 10**6, since: Any = None) -> tuple[Any, list[str]]:
    export = await world.services.records.export(
        GUILD,
        file_format,  # pyright: ignore
        since,
        largest=largest,
    )
    texts = [file.read().decode() for file in export.files]
    for file in export.files:
        file.close()
    return export, texts


async def test_a_guilds_own_cases_become_files_that_fit_and_hold_each_once(world: World) -> None:
    numbers = await put(world.store, [{"at_ms": at // 2, "reason": f'=1+1 "{at}"\n刷屏'} for at in range(1_100)])
    await put(world.store, [{"guild_id": GUILD + 1}])
    await world.services.records.give_reason(staff=BEN, guild_id=GUILD, case_id=numbers[3], reason="ads")
    export, texts = await exported(world, "csv", largest=20_000)
    rows = [row for text in texts for row in csv.DictReader(io.StringIO(text))]
    assert (export.count, export.complete, len(texts) > 2) == (1_100, True, True)
    assert [int(row["case"]) for row in rows] == numbers
    assert (rows[2]["reason"], rows[3]["reason"]) == ('\'=1+1 "2"\n刷屏', "ads")
    assert max(len(text.encode()) for text in texts) <= 20_000
    _, (text,) = await exported(world, "jsonl")
    assert [json.loads(line)["case"] for line in text.splitlines()] == numbers
    _, (text,) = await exported(world, "jsonl", since=(await world.case(numbers[-2])).at)
    assert [json.loads(line)["case"] for line in text.splitlines()] == numbers[-2:]
    export, texts = await exported(world, "jsonl", largest=1_000)
    assert (len(texts), export.complete) == (10, False)
    export, texts = await exported(world, "csv", since=world.clock.now())
    assert (texts, export.count) == ([], 0)


FILTERS = {
    "all": CaseFilter(1),
    "member": CaseFilter(1, "u5"),
    "staff": CaseFilter(1, staff_id=3),
    "action": CaseFilter(1, actions=("mute", "unmute")),
    "since": CaseFilter(1, since_ms=1_900_000),
    "staff and action": CaseFilter(1, staff_id=3, actions=("mute",)),
    "everything": CaseFilter(1, "u5", 3, ("mute", "unmute"), 5_000),
}


async def test_no_question_about_cases_reads_the_table_to_its_end(world: World) -> None:
    """100,000 cases are searched as quickly as a hundred: each question is answered by an index."""

    def fill(connection: Connection) -> None:
        rows = [ROW | {"at_ms": n * 1000, "guild_id": 1, "staff_id": n % 7, "member_id": f"u{n}"} for n in range(2_000)]
        connection.execute(insert(tables.cases), rows)
        named = [{"case_id": n, "member_id": f"u{n % 9}"} for n in range(1, 2_000, 3)]
        connection.execute(insert(tables.case_subjects), named)

    await world.store.write(fill)
    asked: list[Any] = [
        lambda connection: case_rows.of_member(connection, 1, "u5", before=None, limit=10),
        lambda connection: case_rows.counts_of_member(connection, 1, "u5"),
        lambda connection: case_rows.page_of_guild(connection, 1, (5_000, 7), 500),
        lambda connection: case_rows.page_after(connection, 5, None, 500),
    ]
    for wanted in FILTERS.values():
        asked.append(lambda connection, wanted=wanted: case_rows.search(connection, wanted, offset=0, limit=10))
        asked.append(lambda connection, wanted=wanted: case_rows.count(connection, wanted))
    for question in asked:
        steps = await world.store.read(lambda connection, question=question: plan(connection, question))
        assert not [step for step in steps if step.startswith("SCAN")], steps
    about_member = await world.store.read(lambda connection: plan(connection, asked[0]))
    assert any("ix_cases_member (guild_id=? AND member_id=?)" in step for step in about_member)
    assert any("ix_case_subjects_member (member_id=?)" in step for step in about_member)
    assert not any("(guild_id=?)" in step for step in about_member), about_member


def plan(connection: Connection, question: Any) -> list[str]:
    """How SQLite answers the first statement of a question."""
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        statements.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        question(connection)
    finally:
        event.remove(connection, "before_cursor_execute", note)
    statement, parameters = statements[0]
    return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
