"""Who calls what while the tests run: client methods and service routes, by test file."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import bot.im
from bot.im.endpoint import Endpoint
from bot.im.transport import Transport
from bot.imservice import wire

Touch = tuple[str, str, str]
"""A side (`client` or `service`), what was called, and the file of the test that did."""

touches: set[Touch] = set()
_running = {"file": ""}
_methods: ContextVar[tuple[str, ...]] = ContextVar("methods", default=())
_lists: dict[str, set[str]] = defaultdict(set)
"""Client methods that made a list of an endpoint: its pages are fetched after the method has returned."""


def plain(call: str) -> str:
    """Return `GET /x/{user_id}` as `GET /x/{}`: each side has its own names for what is in the path."""
    return re.sub(r"\{\w+\}", "{}", call)


def enter(nodeid: str) -> None:
    """Note which test runs from now on."""
    _running["file"] = nodeid.partition("::")[0]


def modules() -> Iterator[Any]:
    """Return the modules of the client."""
    for found in pkgutil.iter_modules(bot.im.__path__, "bot.im."):
        yield importlib.import_module(found.name)


def endpoints() -> set[str]:
    """Return every endpoint the client knows."""
    return {plain(value.label) for module in modules() for value in vars(module).values() if type(value) is Endpoint}


def resources() -> Iterator[tuple[str, type]]:
    """Return the attribute names and the classes of the client's resources."""
    client = bot.im.IMClient("http://127.0.0.1:9", bot.im.EasemobAuth("o", "a", "i", "s"))
    for name, value in vars(client).items():
        if not name.startswith("_") and isinstance(getattr(value, "_transport", None), Transport):
            yield name, type(value)


def install() -> None:
    """Start recording; once a process."""
    for attribute, resource in resources():
        for name, function in list(vars(resource).items()):
            if not name.startswith("_") and inspect.isfunction(function):
                setattr(resource, name, _told(f"{attribute}.{name}", function))
    Transport.call = _recorded(Transport.call)  # type: ignore[method-assign]
    Transport._fetch_token = _fetched(Transport._fetch_token)  # type: ignore[method-assign]
    made = wire.RequestRecord

    def record(method: str, route: str, status: int, at: int) -> Any:
        if 200 <= status < 300:
            touches.add(("service", plain(route), _running["file"]))
        return made(method, route, status, at)

    wire.RequestRecord = record  # type: ignore[assignment,misc]


def _told(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def call(*args: Any, **kwargs: Any) -> Any:
            token = _methods.set((*_methods.get(), name))
            try:
                return await function(*args, **kwargs)
            finally:
                _methods.reset(token)

        return call

    @functools.wraps(function)
    def make(*args: Any, **kwargs: Any) -> Any:
        made = function(*args, **kwargs)
        label = getattr(made, "_label", None)
        if label is not None:
            _lists[label].add(name)
        return made

    return make


def _recorded(call: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(call)
    async def recorded(self: Transport, endpoint: Endpoint, *args: Any, **kwargs: Any) -> Any:
        result = await call(self, endpoint, *args, **kwargs)
        for method in _methods.get() or sorted(_lists[endpoint.label]):
            touches.add(("client", f"{method} {plain(endpoint.label)}", _running["file"]))
        return result

    return recorded


def _fetched(fetch: Callable[..., Any]) -> Callable[..., Any]:
    """The token is fetched on the way to other calls, too."""

    @functools.wraps(fetch)
    async def fetched(self: Transport) -> Any:
        result = await fetch(self)
        touches.add(("client", "authenticate POST /token", _running["file"]))
        return result

    return fetched
