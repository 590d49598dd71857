"""Saved items: rows 1 to 5 (000, 001 用户收藏); their answers have no envelope (A57)."""

import re
import sqlite3
from typing import cast

from typing_extensions import TypedDict

from bot.imservice.call import Call
from bot.imservice.domain import collections
from bot.imservice.domain.collections import Collection, NewCollection, Reading
from bot.imservice.errors import illegal_argument, illegal_username
from bot.imservice.fields import Body, JsonObject, check_text, is_username
from bot.imservice.parameters import (
    Parameter,
    body_string,
    body_username,
    query_integer,
    query_optional,
    read_string,
)
from bot.imservice.routing import BodyKind, Route, Work

_MAX_PAGE = 200
_USUAL_PAGE = 100
_MAX_BATCH = 20
_MAX_ID = 512
_MAX_TIME = (1 << 63) - 1
_INT32 = 1 << 31
_FEW_DIGITS = re.compile(r"0*([0-9]{1,3})")


class CollectionView(TypedDict):
    """A saved item; times in Unix milliseconds."""

    id: str
    type: int
    data: str
    ext: str | None
    createdAt: int
    updatedAt: int


class CollectionFound(TypedDict):
    """One saved item."""

    collection: CollectionView


class CollectionsFound(TypedDict):
    """Saved items."""

    collections: list[CollectionView]


class Deleted(TypedDict):
    """Whether the items are deleted."""

    result: bool


_TYPE_SCHEMA: JsonObject = {"type": "integer", "minimum": -_INT32, "maximum": _INT32 - 1}
_TIME_SCHEMA: JsonObject = {"type": "integer", "minimum": 0, "maximum": _MAX_TIME}
_TEXT_SCHEMA: JsonObject = {"type": "string"}
_EXT_SCHEMA: JsonObject = {"type": ["string", "null"]}
_ID_SCHEMA: JsonObject = {"type": "string", "minLength": 1, "maxLength": _MAX_ID}


def _id(body: Body) -> str:
    return read_string(body, "id", min_length=1, max_length=_MAX_ID)


def _whole(body: Body, name: str, low: int, high: int) -> int:
    value = body.integer(name)
    if value is None or not low <= value <= high:
        raise illegal_argument(f"{name} must be a whole number from {low} to {high}")
    return value


def _type(body: Body) -> int:
    return _whole(body, "type", -_INT32, _INT32 - 1)


def _ext(body: Body) -> str | None:
    return None if body.value("ext") is None else read_string(body, "ext")


def _new_items(call: Call) -> list[NewCollection]:
    listed = call.body.value("collections")
    entries = cast("list[object]", listed) if isinstance(listed, list) else []
    if not 1 <= len(entries) <= _MAX_BATCH:
        raise illegal_argument(f"collections must be a list of 1 to {_MAX_BATCH} entries")
    return [_new_item(entry) for entry in entries]


def _new_item(entry: object) -> NewCollection:
    if not isinstance(entry, dict):
        raise illegal_argument("a collection must be a JSON object")
    body = Body(cast("JsonObject", entry))
    created = _whole(body, "createdAt", 0, _MAX_TIME)
    return NewCollection(_id(body), read_string(body, "data"), _type(body), _ext(body), created)


def _given_ext(call: Call) -> str | None:
    """Return what is to be set; only what is there can clear (A54)."""
    body = call.body
    if "ext" not in call.json:
        raise illegal_argument("ext is required")
    return _ext(body)


def _ids(call: Call) -> list[str]:
    """Return the ids of a list, or the one id that stands in its place (A47)."""
    value = call.body.value("collection_ids")
    ids = cast("list[object]", value) if isinstance(value, list) else [value]
    if not 1 <= len(ids) <= _MAX_BATCH:
        raise illegal_argument(f"collection_ids must have 1 to {_MAX_BATCH} entries")
    return [_listed_id(one) for one in ids]


def _listed_id(one: object) -> str:
    if not isinstance(one, str) or not 1 <= len(one) <= _MAX_ID:
        raise illegal_argument(f"collection_ids must contain nothing but texts of 1 to {_MAX_ID} characters")
    check_text("collection_ids", one)
    return one


def _limit(call: Call) -> int:
    value = call.query.optional("limit")
    if value is None:
        return _USUAL_PAGE
    digits = _FEW_DIGITS.fullmatch(value)
    if digits is None or not 1 <= int(digits[1]) <= _MAX_PAGE:
        raise illegal_argument(f"limit should be less than {_MAX_PAGE}")
    return int(digits[1])


def _newest_first(call: Call) -> bool:
    value = call.query.optional("direction")
    if value not in {None, "desc", "asc"}:
        raise illegal_argument("direction should be desc or asc")
    return value != "asc"


_BEGIN = query_integer("begin_time", low=0, high=_MAX_TIME)
_END = query_integer("end_time", low=0, high=_MAX_TIME)
_DIRECTION = Parameter(
    "direction",
    "query",
    {"type": "string", "enum": ["desc", "asc"], "default": "desc"},
    required=False,
    read=_newest_first,
)
_OF_TYPE = query_integer("type", low=-_INT32, high=_INT32 - 1)
_LIMIT = Parameter(
    "limit",
    "query",
    {"type": "integer", "minimum": 1, "maximum": _MAX_PAGE, "default": _USUAL_PAGE},
    required=False,
    read=_limit,
)
_FROM = query_optional("collection_id")

_NEW_ID = Parameter(
    "id",
    "body",
    _ID_SCHEMA | {"type": ["string", "null"]},
    required=False,
    read=lambda call: None if call.body.value("id") is None else _id(call.body),
)
_DATA = body_string("data")
_TYPE = Parameter("type", "body", _TYPE_SCHEMA, required=True, read=lambda call: _type(call.body))
_EXT = Parameter("ext", "body", _EXT_SCHEMA, required=False, read=lambda call: _ext(call.body))
_SET_EXT = Parameter("ext", "body", _EXT_SCHEMA, required=True, read=_given_ext)
_USERNAME = body_username("username")
_ITEMS = Parameter(
    "collections",
    "body",
    {
        "type": "array",
        "minItems": 1,
        "maxItems": _MAX_BATCH,
        "items": {
            "type": "object",
            "properties": {
                "id": _ID_SCHEMA,
                "data": _TEXT_SCHEMA,
                "type": _TYPE_SCHEMA,
                "ext": _EXT_SCHEMA,
                "createdAt": _TIME_SCHEMA,
            },
            "required": ["id", "data", "type", "createdAt"],
        },
    },
    required=True,
    read=_new_items,
)
_IDS = Parameter(
    "collection_ids",
    "body",
    {"anyOf": [{"type": "array", "minItems": 1, "maxItems": _MAX_BATCH, "items": _ID_SCHEMA}, _ID_SCHEMA]},
    required=True,
    read=_ids,
)


def listing(call: Call) -> CollectionsFound:
    """List saved items by time or from one of them on, which wins (000 分页获取用户收藏)."""
    user, start = _user(call), call[_FROM]
    reading = Reading(type=call[_OF_TYPE], newest_first=call[_DIRECTION], limit=call[_LIMIT])
    if start is not None:
        return {"collections": [_view(row) for row in collections.onwards(call.reader, user, start, reading)]}
    begin, end = call[_BEGIN] or 0, call[_END]
    end = call.now if end is None else end
    if begin > end:
        raise illegal_argument("begin_time must not be later than end_time")
    return {"collections": [_view(row) for row in collections.within(call.reader, user, begin, end, reading)]}


def add(call: Call) -> Work[CollectionFound]:
    """Save one item (000 添加一条收藏)."""
    user = _user(call)
    new = NewCollection(call[_NEW_ID] or call.shared.ids.uuid(), call[_DATA], call[_TYPE], call[_EXT], call.now)

    def work(connection: sqlite3.Connection) -> CollectionFound:
        (saved,) = collections.add(connection, user, [new])
        return {"collection": _view(saved)}

    return work


def add_batch(call: Call) -> Work[CollectionsFound]:
    """Save up to 20 items with times of their own (000 批量添加用户收藏)."""
    user, new = call[_USERNAME], call[_ITEMS]

    def work(connection: sqlite3.Connection) -> CollectionsFound:
        return {"collections": [_view(saved) for saved in collections.add(connection, user, new)]}

    return work


def update(call: Call) -> Work[CollectionFound]:
    """Change an item's ext (000 修改用户收藏的扩展信息)."""
    user, ext, collection = _user(call), call[_SET_EXT], call.params["collection_id"]

    def work(connection: sqlite3.Connection) -> CollectionFound:
        return {"collection": _view(collections.update(connection, user, collection, ext, now=call.now))}

    return work


def delete(call: Call) -> Work[Deleted]:
    """Delete up to 20 items (000 删除用户收藏)."""
    user, ids = _user(call), call[_IDS]

    def work(connection: sqlite3.Connection) -> Deleted:
        collections.delete(connection, user, ids)
        return {"result": True}

    return work


def _user(call: Call) -> str:
    name = call.params["user_id"]
    if not is_username(name):
        raise illegal_username(name)
    return name


def _view(saved: Collection) -> CollectionView:
    return {
        "id": saved.id,
        "type": saved.type,
        "data": saved.data,
        "ext": saved.ext,
        "createdAt": saved.created,
        "updatedAt": saved.updated,
    }


_OF_USER = "/users/{user_id}/collections"
_QUERY = (_FROM, _BEGIN, _END, _DIRECTION, _OF_TYPE, _LIMIT)
_NEW = (_NEW_ID, _DATA, _TYPE, _EXT)

ROUTES = (
    Route(method="GET", template=_OF_USER, read=listing, takes=_QUERY, family="collections"),
    Route(method="POST", template=_OF_USER, write=add, takes=_NEW, body=BodyKind.JSON, family="collections"),
    Route(
        method="POST",
        template="/collections",
        write=add_batch,
        takes=(_USERNAME, _ITEMS),
        body=BodyKind.JSON,
        family="collections",
    ),
    Route(
        method="PUT",
        template=f"{_OF_USER}/{{collection_id}}",
        write=update,
        takes=(_SET_EXT,),
        body=BodyKind.JSON,
        family="collections",
    ),
    Route(method="DELETE", template=_OF_USER, write=delete, takes=(_IDS,), body=BodyKind.JSON, family="collections"),
)
