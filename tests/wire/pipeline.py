"""What every REST request passes through: outage, faults, token, body, schema, handler, answer."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

from tests.wire import errors
from tests.wire.errors import ApiError
from tests.wire.faults import Fault, Faults
from tests.wire.model import Upload
from tests.wire.problems import Problem, form_errors

PREFIX = "/api/v10"
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
_WITHOUT_TOKEN = ("/interactions/", "/webhooks/")
REMEMBERED_REQUESTS = 20_000


@dataclass(slots=True)
class Call:
    """One request with its body read."""

    method: str
    template: str
    path: str
    params: dict[str, str]
    query: dict[str, str]
    body: Any = None
    files: dict[str, Upload] = field(default_factory=dict)
    content_type: str = ""


@dataclass(slots=True, frozen=True)
class Violation:
    """Something the bot sent that Discord would refuse (`refused`), or silently ignore."""

    method: str
    path: str
    problem: Problem
    refused: bool

    def __str__(self) -> str:
        """One line."""
        return f"{self.method} {self.path}: {self.problem}"


@dataclass(slots=True, frozen=True)
class Request:
    """One request as it came in and how it was answered; status 0 = connection cut. `at` is time.perf_counter()."""

    method: str
    path: str
    body: Any
    status: int
    at: float


class Schema(Protocol):
    """The OpenAPI layer."""

    def request_problems(self, call: Call) -> list[Problem]:
        """What the schema says against a request."""
        ...

    def response_problems(self, call: Call, status: int, body: Any) -> list[Problem]:
        """What the schema says against an answer of the fake itself."""
        ...


Handler = Callable[[Call], Awaitable[Any]]


class Pipeline:
    """Serves handlers behind the common steps and keeps the books: requests, violations, own faults."""

    def __init__(self, token: str, faults: Faults, schema: Schema | None) -> None:
        self._authorization = f"Bot {token}"
        self._faults = faults
        self._schema = schema
        self.requests: deque[Request] = deque(maxlen=REMEMBERED_REQUESTS)
        self.violations: list[Violation] = []
        self.own_faults: list[str] = []

    def route(self, template: str, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The aiohttp handler for one path template of the API; handlers return JSON, or None for 204."""

        async def serve(request: web.Request) -> web.StreamResponse:
            path = request.path.removeprefix(PREFIX)
            call = Call(request.method, template, path, dict(request.match_info), dict(request.query))
            started = time.perf_counter()
            response = await self._answer(request, call, handler)
            status = 0 if response is None else response.status
            self.requests.append(Request(call.method, path, call.body, status, started))
            return _cut(request) if response is None else response

        return serve

    async def unknown(self, call: Call) -> Any:
        """The handler of every path the fake does not know."""
        self.violations.append(
            Violation(call.method, call.path, Problem((), "UNKNOWN_ROUTE", "unknown route"), refused=True)
        )
        raise errors.unknown_route()

    def refuse(self, call: Call, problems: Iterable[Problem]) -> None:
        """Record problems; raises ApiError (50035 or the problem's own code) if Discord would refuse."""
        found = list(problems)
        if not found:
            return
        for problem in found:
            self.violations.append(Violation(call.method, call.path, problem, refused=not problem.ignored))
        refused = [problem for problem in found if not problem.ignored]
        empty = next((problem for problem in refused if problem.code == "EMPTY_MESSAGE"), None)
        if empty is not None:
            raise errors.empty_message()
        if refused:
            raise ApiError(400, 50035, "Invalid Form Body", form_errors(refused))

    async def _answer(self, request: web.Request, call: Call, handler: Handler) -> web.Response | None:
        if self._faults.outage is not None:
            return None if self._faults.outage == 0 else _text(self._faults.outage)
        delay, fault = self._faults.take(call.method, call.path)
        if delay:
            await asyncio.sleep(delay)
        if fault is not None and fault.when == "before":
            return _faulty(fault)
        response = await self._carry_out(request, call, handler)
        return response if fault is None else _faulty(fault)

    async def _carry_out(self, request: web.Request, call: Call, handler: Handler) -> web.Response:
        try:
            if not call.path.startswith(_WITHOUT_TOKEN) and request.headers.get("Authorization") != self._authorization:
                raise errors.unauthorized()
            if call.method in _BODY_METHODS and request.body_exists:
                await _read_body(request, call)
            if self._schema is not None:
                self.refuse(call, self._schema.request_problems(call))
            body = await handler(call)
        except ApiError as error:
            return _json(error.status, error.body())
        if isinstance(body, web.Response):
            return body
        status = 204 if body is None else 200
        if self._schema is not None:
            problems = self._schema.response_problems(call, status, body)
            self.own_faults.extend(f"{call.method} {call.template}: {problem}" for problem in problems)
        return web.Response(status=204) if body is None else _json(200, body)


async def _read_body(request: web.Request, call: Call) -> None:
    call.content_type = request.content_type
    try:
        if request.content_type == "multipart/form-data":
            await _read_multipart(request, call)
        else:
            raw = await request.read()
            call.body = json.loads(raw) if raw else None
    except ValueError:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from None


async def _read_multipart(request: web.Request, call: Call) -> None:
    async for part in await request.multipart():
        name = getattr(part, "name", None) or ""
        data = bytes(await part.read(decode=False))
        if name == "payload_json":
            call.body = json.loads(data)
        else:
            kind = part.headers.get("Content-Type", "application/octet-stream")
            call.files[name] = Upload(getattr(part, "filename", None) or name, data, kind)
    if call.body is None:
        call.body = {}


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    # discord.py takes a body for text unless the type is exactly this, without a charset.
    raw = json.dumps(body, separators=(",", ":")).encode()
    return web.Response(status=status, body=raw, content_type="application/json", headers=headers)


def _text(status: int) -> web.Response:
    return web.Response(status=status, text=f"error code: {status}")


def _faulty(fault: Fault) -> web.Response | None:
    assert fault.status is not None
    if fault.status == 0:
        return None
    if fault.body is None and fault.status >= 500:
        return web.Response(status=fault.status, text=f"error code: {fault.status}", headers=fault.headers)
    body = {"message": "injected", "code": 0} if fault.body is None else fault.body
    return _json(fault.status, body, fault.headers)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)
