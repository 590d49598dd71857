"""Contacts, blocks and collections with the client on one side and the embedded service on the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.im import (
    Contact,
    IllegalArgument,
    IMClient,
    LimitReached,
    NewCollection,
    NewUser,
    NotFound,
    Unavailable,
)
from bot.imservice import IMService, IMServiceOptions
from bot.imservice.faults import FaultAction, RequestInfo
from tests.im.dialects import DIALECTS
from tests.im.scripted import client

NOW = 1_700_000_000_000


@pytest.fixture
async def service() -> AsyncIterator[IMService]:
    options = IMServiceOptions(rate_limit=None, friends_per_user=60, blocks_per_user=120)
    service = IMService(options=options, now_ms=lambda: NOW)
    await service.start()
    yield service
    await service.stop()


@pytest.fixture(params=DIALECTS)
async def both(request: pytest.FixtureRequest, service: IMService) -> AsyncIterator[IMClient]:
    """A client in each dialect; the service knows `ann`, `Ben`, `cleo` and 70 more."""
    async with client(service.url, auth=DIALECTS[request.param]) as im:
        crowd = [NewUser(f"f{number:02}", password="p") for number in range(70)]
        await im.users.create(NewUser("ann"), NewUser("Ben", nickname="Benno"), NewUser("cleo"), *crowd)
        yield im


async def test_friends(both, service):
    im = both
    added = await im.contacts.add("ann", "ben")
    assert (added.username, added.nickname, added.created_at) == (
        "Ben",
        "Benno",
        datetime.fromtimestamp(NOW / 1000, UTC),
    )
    await im.contacts.add("cleo", "ann")
    await im.contacts.set_remark("ANN", "Ben", "the baker ✨")
    assert await im.contacts.names("ann") == ("cleo", "Ben")
    assert [contact async for contact in im.contacts.list("ann", with_remarks=True)] == [
        Contact(username="cleo"),
        Contact(username="Ben", remark="the baker ✨"),
    ]
    assert [contact async for contact in im.contacts.list("Ben", with_remarks=True)] == [Contact(username="ann")]
    assert [contact.remark async for contact in im.contacts.list("ann")] == [None, None]
    await im.contacts.set_remark("ann", "ben", "")
    assert (await im.contacts.list("ann", with_remarks=True).page()).items[1].remark is None
    assert (await im.contacts.remove("Ben", "ann")).username == "ann"
    assert await im.contacts.names("ben") == ()
    with pytest.raises(IllegalArgument, match="they are not friends"):
        await im.contacts.set_remark("ann", "ben", "x")
    for call in (im.contacts.add("ann", "nobody"), im.contacts.names("nobody"), im.contacts.remove("nobody", "ann")):
        with pytest.raises(NotFound):
            await call
    assert [event.body["payload"] for event in service.told] == [
        {"operation": "add"},
        {"operation": "add"},
        {"operation": "remark", "remark": "the baker ✨"},
        {"operation": "remark", "remark": ""},
        {"operation": "remove"},
    ]


async def test_more_friends_than_a_page_and_then_too_many(both):
    im = both
    for number in range(60):
        await im.contacts.add("ann", f"f{number:02}")
    with pytest.raises(LimitReached) as caught:
        await im.contacts.add("f60", "ann")
    assert caught.value.description == "user contact number exceed limit"
    expected = [f"f{number:02}" for number in reversed(range(60))]
    assert [contact.username async for contact in im.contacts.list("ann")] == expected
    assert await im.contacts.names("ann") == tuple(expected)


async def test_blocks(both, service):
    im = both
    names = [f"f{number:02}" for number in range(70)]
    results = await im.blocks.add("ann", *names, "BEN")
    assert [(result.item, result.done) for result in results] == [(name, True) for name in [*names, "BEN"]]
    assert [name async for name in im.blocks.list("ann")] == ["Ben", *reversed(names)]
    assert await im.blocks.latest("ann") == ("Ben", *reversed(names))
    assert (await im.blocks.remove("ann", "ben")).nickname == "Benno"
    assert (await im.blocks.remove("ann", "Ben")).username == "Ben"
    assert (await im.blocks.list("ann").page(limit=1)).items == ("f69",)
    (refused,) = await im.blocks.add("ann", "nobody")
    assert isinstance(refused.error, NotFound)
    with pytest.raises(NotFound):
        await im.blocks.latest("nobody")
    assert [event.body["payload"]["operation"] for event in service.told] == ["ban"] * 71 + ["allow"]


async def test_collections(both):
    im = both
    saved = await im.collections.add("ann", "数据", 3, ext="keep")
    assert (saved.data, saved.type, saved.ext, saved.created) == ("数据", 3, "keep", NOW)
    again = await im.collections.add("ann", "数据", 3, ext="keep", collection_id=saved.collection_id)
    assert again == saved
    with pytest.raises(IllegalArgument, match="other content"):
        await im.collections.add("ann", "other", 3, collection_id=saved.collection_id)
    items = [NewCollection(f"a/{number} ?", "d", number % 2, NOW - number // 7) for number in range(45)]
    assert all(result.done for result in await im.collections.add_many("Ann", items))
    assert (await im.collections.update("ann", "a/3 ?", "new")).ext == "new"
    assert (await im.collections.update("ann", "a/3 ?", None)).ext is None
    found = [row async for page in im.collections.list("ann", newest_first=False).pages(4) for row in page.items]
    assert len(found) == len({row.collection_id for row in found}) == 46
    ones = [row async for row in im.collections.list("ann", type=1, begin=NOW - 3, end=NOW - 2)]
    assert sorted(row.collection_id for row in ones) == sorted(f"a/{n} ?" for n in range(14, 28) if n % 2)
    ids = [row.collection_id for row in found]
    results = await im.collections.delete("ann", *ids[:30], "unknown", *ids[30:])
    assert [result.item for result in results if not result.done] == ["unknown"]
    assert [row async for row in im.collections.list("ann")] == []
    with pytest.raises(IllegalArgument, match="user collection not found"):
        await im.collections.update("ann", "unknown", "x")
    with pytest.raises(NotFound):
        await im.collections.list("nobody").page()
    (refused,) = await im.collections.add_many("nobody", items[:1])
    assert isinstance(refused.error, NotFound)


async def test_a_save_whose_answer_is_lost_saves_once(both, service):
    lost = iter([True])

    def fault(request: RequestInfo) -> FaultAction | None:
        loses = request.route == "POST /users/{user_id}/collections" and next(lost, False)
        return FaultAction.reset(carried_out=True) if loses else None

    service.fault = fault
    saved = await both.collections.add("ann", "d", 1)
    assert [row.collection_id async for row in both.collections.list("ann")] == [saved.collection_id]
    assert service.count["POST /users/{user_id}/collections"] == 2


async def test_a_deletion_whose_answer_is_lost_is_reported_as_open(both, service):
    ids = [(await both.collections.add("ann", "d", 1)).collection_id for _ in range(3)]
    lost = iter([True])

    def fault(request: RequestInfo) -> FaultAction | None:
        loses = request.method == "DELETE" and next(lost, False)
        return FaultAction.reset(carried_out=True) if loses else None

    service.fault = fault
    results = await both.collections.delete("ann", *ids)
    assert [(result.done, result.error is not None and result.error.sent) for result in results] == [(False, True)] * 3
    assert [row async for row in both.collections.list("ann")] == []


async def test_while_the_service_is_down_a_batch_says_so_of_each(both, service):
    service.fault = lambda request: FaultAction.answer(503)
    async with client(service.url, auth=both._auth, deadline_seconds=0.2) as im:
        results = await im.blocks.add("ann", "Ben", "cleo")
    assert {type(result.error) for result in results} == {Unavailable}
