"""Every call the client can make, found by looking at it, each with arguments that its checks let through."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum
from itertools import count
from typing import Any, get_args

import bot.im
from bot.im import IMClient, InvalidArgument, Paged
from bot.im import models as all_models

MOST_PAGES = 3
LONG_AGO = datetime(2023, 2, 8, tzinfo=UTC)


def operations(im: IMClient) -> list[str]:
    """Return the names of all calls: `channels.get`, `members.list`."""
    resources = {name: resource for name, resource in vars(im).items() if not name.startswith("_")}
    return sorted(
        f"{resource_name}.{name}"
        for resource_name, resource in resources.items()
        for name, _ in inspect.getmembers(resource, inspect.ismethod)
        if not name.startswith("_")
    )


async def carried_out(im: IMClient, operation: str) -> Any:
    """Make one call; of a list, walk up to three pages."""
    resource, _, name = operation.partition(".")
    method = getattr(getattr(im, resource), name)
    with suppress(InvalidArgument):
        return await _outcome(_with_arguments(method, everything=False))
    # With nothing but what is required there may be nothing to change.
    return await _outcome(_with_arguments(method, everything=True))


async def _outcome(called: Any) -> Any:
    if inspect.isawaitable(called):
        called = await called
    if not isinstance(called, Paged):
        return called
    pages: list[Any] = []
    async for page in called.pages():
        pages.append(page)
        if len(pages) == MOST_PAGES:
            break
    return pages


def _with_arguments(method: Callable[..., Any], *, everything: bool) -> Any:
    positional: list[Any] = []
    named: dict[str, Any] = {}
    fresh = count(1)
    for parameter in inspect.signature(method).parameters.values():
        if parameter.default is not inspect.Parameter.empty and not everything:
            continue
        value = _argument(parameter.name, str(parameter.annotation), fresh)
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            named[parameter.name] = value
        else:
            positional.append(value)
    return method(*positional, **named)


def _argument(name: str, annotation: str, fresh: count[int]) -> Any:
    """Return some value of a type that is given as it stands in the source; every text is another one."""
    word = re.match(r"[\w.]+", annotation)
    assert word is not None, annotation
    kind = word[0].rpartition(".")[2]
    if kind in {"Sequence", "list", "Iterable", "Collection", "tuple", "set", "frozenset"}:
        return [_argument(name, annotation[annotation.index("[") + 1 : -1], fresh)]
    if kind == "str":
        return f"x{next(fresh)}"
    if kind == "int":
        return 5000 if name.endswith("_ms") else 2
    simple = {"bool": True, "float": 1.5, "dict": {"msg": "x"}, "Mapping": {"msg": "x"}, "datetime": LONG_AGO}
    if kind in simple:
        return simple[kind]
    found = getattr(bot.im, kind, None) or getattr(all_models, kind)
    found = (get_args(found) or (found,))[0]
    if issubclass(found, Enum):
        return list(found)[1]
    required = [row for row in dataclasses.fields(found) if dataclasses.MISSING is row.default is row.default_factory]
    return found(**{row.name: _argument(row.name, str(row.type), fresh) for row in required})
