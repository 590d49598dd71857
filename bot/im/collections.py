"""What users saved (seeds 000 and 001, 用户收藏)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from bot.im import arguments
from bot.im.answers import Answer
from bot.im.batches import ItemResult, in_batches
from bot.im.endpoint import Endpoint
from bot.im.errors import IllegalArgument, IMError, InvalidArgument
from bot.im.models import Collection, NewCollection
from bot.im.paging import Page, Paged
from bot.im.timeline import LARGEST_PAGE, Timeline, concerns_unknown_item, milliseconds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime
    from random import Random

    from bot.im.transport import Transport

LIST = Endpoint("GET", "/users/{user_id}/collections")
# Each item has an id, and what is saved again under its id with the same content is saved once (A55), so both may be
# repeated although they are POSTs.
ADD = Endpoint("POST", "/users/{user_id}/collections", idempotent=True)
ADD_MANY = Endpoint("POST", "/collections", idempotent=True)
UPDATE = Endpoint("PUT", "/users/{user_id}/collections/{collection_id}")
DELETE = Endpoint("DELETE", "/users/{user_id}/collections")

BATCH = 20
ID_LENGTH = 512
_ANY_LENGTH = 2**31 - 1
_INT = 2**31

Results: TypeAlias = list[ItemResult]


class Collections:
    """`im.collections`; `rng` makes the ids of new items."""

    def __init__(self, transport: Transport, rng: Random) -> None:
        self._transport = transport
        self._rng = rng

    async def add(
        self,
        user_id: str,
        data: str,
        type: int,  # noqa: A002 - the API's word
        *,
        collection_id: str | None = None,
        ext: str | None = None,
    ) -> Collection:
        """Save an item now and return it (000 添加一条收藏); `type` is a number of the app's own, 32 bits.

        Without `collection_id` it gets a random one here, so that repeating the request saves nothing twice. Raises
        IllegalArgument for an id that has other content (A55), NotFound for an unknown user.
        """
        new_id = str(uuid.UUID(int=self._rng.getrandbits(128), version=4)) if collection_id is None else collection_id
        body = _content(new_id, data, type)
        if ext is not None:
            body["ext"] = _text("ext", ext)
        return await self._transport.call(ADD, _collection, _owner(user_id), body=body)

    async def add_many(self, user_id: str, items: Sequence[NewCollection]) -> Results:
        """Save items with ids and times of their own, 20 with a request (000 批量添加用户收藏).

        Returns what became of each, in their order. A request is all or nothing, so that an id which has other content
        keeps the others of its request from being saved (A46). Raises InvalidArgument, before anything is sent, for no
        item, an id that is given twice, a time before 1970 or without a zone.
        """
        arguments.username("user_id", user_id)
        rows = {item.collection_id: _row(item) for item in items}
        if not rows:
            raise InvalidArgument("items", "must not be empty")
        if len(rows) < len(items):
            raise InvalidArgument("items", "must not have an id twice")

        async def send(ids: Sequence[str]) -> Results:
            body = {"collections": [rows[one] for one in ids], "username": user_id}
            saved = await self._transport.call(ADD_MANY, _saved_ids, body=body)
            return [ItemResult(one, done=saved is None or one in saved) for one in ids]

        return await in_batches(list(rows), BATCH, send, ItemResult)

    async def get(self, user_id: str, collection_id: str) -> Collection | None:
        """Return one item, or None if the user has none of this id; raises NotFound for an unknown user.

        000 分页获取用户收藏: a list that begins with an item, one long, since there is no call for a single one (A53).
        """
        query = {"collection_id": _id("collection_id", collection_id), "limit": "1"}
        try:
            page = await self._transport.call(LIST, _read_rows, _owner(user_id), query)
        except IllegalArgument as error:
            if concerns_unknown_item(error):
                return None
            raise
        return next((row for row in page.items if row.collection_id == collection_id), None)

    async def update(self, user_id: str, collection_id: str, ext: str | None) -> Collection:
        """Change an item's `ext`, or clear it with None or the empty text, and return the item (A54).

        000 修改用户收藏的扩展信息. Raises IllegalArgument for an unknown item (A50), NotFound for an unknown user.
        """
        ids = {**_owner(user_id), "collection_id": _id("collection_id", collection_id)}
        return await self._transport.call(UPDATE, _collection, ids, body={"ext": _text("ext", ext or "")})

    async def delete(self, user_id: str, *collection_ids: str) -> Results:
        """Delete items, 20 with a request, and return what became of each, in their order (000 删除用户收藏).

        The API refuses a request that has an unknown id, so such a one is halved until the unknown ones are found: they
        are not done, with that error, and keep nothing else alive. With one unknown id that costs at most 11 requests
        instead of one, with 20 of 20 at most 39. An error with `sent` says that an earlier attempt, whose answer was
        lost, may have deleted the item. Raises InvalidArgument for no id or an empty one, before anything is sent.
        """
        owner = _owner(user_id)
        distinct = list(dict.fromkeys(_id("collection_ids", one) for one in collection_ids))
        if not distinct:
            raise InvalidArgument("collection_ids", "must not be empty")

        async def send(ids: Sequence[str]) -> Results:
            done = await self._transport.call(DELETE, Answer.flag, owner, body={"collection_ids": list(ids)})
            return [ItemResult(one, done=done) for one in ids]

        results = await in_batches(distinct, BATCH, lambda ids: _halving(ids, send), ItemResult)
        by_id = {result.item: result for result in results}
        return [by_id[one] for one in collection_ids]

    def list(
        self,
        user_id: str,
        *,
        type: int | None = None,  # noqa: A002 - the API's word
        begin: int | datetime | None = None,
        end: int | datetime | None = None,
        newest_first: bool = True,
    ) -> Paged[Collection]:
        """List saved items in the order of time, in pages of at most 200 (000 分页获取用户收藏).

        `begin` and `end` are aware times or Unix milliseconds, both included; without an `end` the server lists up to
        its present. Items may be added and deleted during a walk: what stays is given once. Raises InvalidArgument.
        """
        owner = _owner(user_id)
        first = None if begin is None else milliseconds("begin", begin, up=True)
        last = None if end is None else milliseconds("end", end)
        if first is not None and last is not None and first > last:
            raise InvalidArgument("begin", "must not be later than end")
        of_type = {} if type is None else {"type": str(_checked_type(type))}

        async def ask(query: dict[str, str]) -> Page[Collection]:
            return await self._transport.call(LIST, _read_rows, owner, {**query, **of_type})

        timeline = Timeline(LIST.label, ask, first, last, newest_first)
        return Paged(LIST.label, timeline.page, largest=LARGEST_PAGE)


async def _halving(ids: Sequence[str], send: Callable[[Sequence[str]], Awaitable[Results]]) -> Results:
    """Send a batch, and its halves where it is refused for an id that it has; never raises IMError."""
    try:
        return await send(ids)
    except IMError as error:
        refusal = error
    if len(ids) == 1 or not concerns_unknown_item(refusal):
        return [ItemResult(one, done=False, error=refusal) for one in ids]
    middle = len(ids) // 2
    results = [*await _halving(ids[:middle], send), *await _halving(ids[middle:], send)]
    if refusal.sent and not any(result.done for result in results):
        # All are gone: it may be that the request was carried out at first, and refused when it was repeated.
        return [replace(result, error=result.error and result.error.fresh(sent=True)) for result in results]
    return results


def _owner(user_id: str) -> dict[str, str]:
    return {"user_id": arguments.username("user_id", user_id)}


def _id(field: str, value: str) -> str:
    return arguments.text(field, value, shortest=1, longest=ID_LENGTH)


def _text(field: str, value: str) -> str:
    """Check text of any length: the documents name no limit (fact 8)."""
    return arguments.text(field, value, longest=_ANY_LENGTH)


def _checked_type(value: int) -> int:
    return arguments.integer("type", value, low=-_INT, high=_INT - 1)


def _content(collection_id: str, data: str, kind: int) -> dict[str, Any]:
    return {"id": _id("collection_id", collection_id), "data": _text("data", data), "type": _checked_type(kind)}


def _row(item: NewCollection) -> dict[str, Any]:
    """Every field is required here, so no ext is the empty one (A46)."""
    return {
        **_content(item.collection_id, item.data, item.type),
        "ext": _text("ext", item.ext or ""),
        "createdAt": milliseconds("created", item.created),
    }


def _inner(answer: Answer) -> dict[str, Any]:
    """Return the part of an answer that has the content, with and without an envelope (A57)."""
    data: object = answer.data.get("data")
    return cast("dict[str, Any]", data) if isinstance(data, dict) else answer.data


def _collection(answer: Answer) -> Collection:
    """Read one item, which is wrapped in the examples and flat in the tables (A45)."""
    content = _inner(answer)
    return answer.model(cast("object", content.get("collection", content)), Collection)


def _read_rows(answer: Answer) -> Page[Collection]:
    return replace(answer, data=_inner(answer)).page("collections", Collection)


def _saved_ids(answer: Answer) -> set[str] | None:
    """Read which items were saved; None if the answer does not say, which the documents do not promise (A46)."""
    rows: object = _inner(answer).get("collections")
    if not isinstance(rows, list):
        return None
    listed = [cast("dict[str, object]", row) for row in cast("list[object]", rows) if isinstance(row, dict)]
    return {str(row.get("id")) for row in listed}
