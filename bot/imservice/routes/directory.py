"""Finding communities: `/circle/server/search` and `/circle/server/recommend` (facts 6)."""

import base64

from typing_extensions import TypedDict

from bot.imservice.call import Call
from bot.imservice.domain import directory
from bot.imservice.domain.directory import Place
from bot.imservice.errors import illegal_argument
from bot.imservice.fields import check_text
from bot.imservice.paging import decode_cursor, encode_cursor
from bot.imservice.parameters import CURSOR, LIMIT, PAGING, query_choice_or
from bot.imservice.routes import communities
from bot.imservice.routes.communities import CommunityPage, CommunityView
from bot.imservice.routing import Route

_BY_NAME, _BY_TAG = 0, 1
_LONGEST = {_BY_NAME: 50, _BY_TAG: 20}
_TYPE = query_choice_or("type", _BY_NAME, _BY_TAG, default=_BY_NAME)


class CommunityList(TypedDict):
    """Communities, all in one answer."""

    code: int
    count: int
    servers: list[CommunityView]


def search(call: Call) -> CommunityPage:
    """Find public communities by the beginning of their name (type 0) or by one of their tags (type 1).

    Names are compared without regard to the case of ASCII letters, tags exactly. A search by tag answers all that it
    finds in one piece, whatever `limit` and `cursor` say.
    """
    wanted, kind, limit = call.params["name"], call[_TYPE], call[LIMIT]
    check_text("name", wanted)
    if len(wanted) > _LONGEST[kind]:
        raise illegal_argument(f"name must have 1 to {_LONGEST[kind]} characters")
    if kind == _BY_NAME:
        return _by_name(call, wanted, limit)
    rows = directory.by_tag(call.reader, wanted)
    return {"code": 200, "count": len(rows), "servers": [communities.view(row) for row in rows]}


def _by_name(call: Call, prefix: str, limit: int) -> CommunityPage:
    cursor = call[CURSOR]
    scope = f"servers by name\n{directory.folded(prefix)}"
    after = _decoded(scope, cursor) if cursor else None
    rows = directory.by_name(call.reader, prefix, after=after, fetch=limit + 1)
    page: CommunityPage = {
        "code": 200,
        "count": min(len(rows), limit),
        "servers": [communities.view(row) for row in rows[:limit]],
    }
    if len(rows) > limit:
        last = rows[limit - 1]
        page["cursor"] = _encoded(scope, Place(directory.folded(last.name), last.seq))
    return page


def _encoded(scope: str, place: Place) -> str:
    """Return the cursor behind a place: it has the name, too, as the community may be renamed or gone by then."""
    name = base64.urlsafe_b64encode(place.name.encode()).decode()
    return f"{encode_cursor(_scope_of(scope, place.name), place.seq)}.{name}"


def _decoded(scope: str, cursor: str) -> Place:
    number, _, name = cursor.partition(".")
    try:
        name = base64.b64decode(name.encode("ascii"), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise illegal_argument("cursor is not valid") from None
    return Place(name, decode_cursor(_scope_of(scope, name), number))


def _scope_of(scope: str, name: str) -> str:
    return f"{scope}\n{name}"


def recommended(call: Call) -> CommunityList:
    """List the five newest communities of the app."""
    rows = directory.recommended(call.reader)
    return {"code": 200, "count": len(rows), "servers": [communities.view(row) for row in rows]}


ROUTES = (
    Route(method="GET", template="/circle/server/search/{name}", read=search, takes=(_TYPE, *PAGING)),
    Route(method="GET", template="/circle/server/recommend/list", read=recommended),
)
