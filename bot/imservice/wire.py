"""From an HTTP request to an HTTP answer: route, token, call limit, body, handler, JSON."""

import asyncio
import json
import logging
import sqlite3
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiohttp import web

from bot.imservice import errors
from bot.imservice.answers import HttpDate, answer
from bot.imservice.call import Call, Surroundings
from bot.imservice.database import Database
from bot.imservice.errors import ApiError
from bot.imservice.events import Event, Told
from bot.imservice.faults import FaultAction, FaultHook, RandomFaults, RequestInfo, break_connection
from bot.imservice.fields import parse_json
from bot.imservice.limits import CallLimits
from bot.imservice.routing import DONE, BodyKind, Match, Route, RouteTable

_log = logging.getLogger("bot.imservice")

_JSON_TYPE = "application/json"
_FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_DONE = _encode(DONE).encode()
_GARBAGE = b"\x00\xff<html>bad gateway</html>"


class RequestRecord(NamedTuple):
    """One line of the request log: `route` is a template or `-` where no route was found, `at` milliseconds."""

    method: str
    route: str
    status: int
    at: int


@dataclass(slots=True)
class Journal:
    """What was asked of the service lately, for tests; status 0 is a broken connection."""

    requests: deque[RequestRecord]
    count: Counter[str]


class _Outcome(NamedTuple):
    status: int
    body: bytes
    headers: Mapping[str, str] | None


class Gateway:
    """Answers every request with JSON, whatever happens."""

    def __init__(
        self,
        *,
        shared: Surroundings,
        table: RouteTable,
        database: Database,
        limits: CallLimits,
        journal: Journal,
        now_ms: Callable[[], int],
        announce: Callable[[Sequence[Event]], None],
    ) -> None:
        self._announce = announce
        self._shared = shared
        self._table = table
        self._database = database
        self._limits = limits
        self._journal = journal
        self._now = now_ms
        options = shared.options
        self._random_faults = RandomFaults(options.fail_rate, options.fail_seed) if options.fail_rate else None
        self._latency = options.latency_ms / 1000
        self._date = HttpDate()
        self.fault: FaultHook | None = None

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        now = self._now()
        match: Match | None = None
        fault: FaultAction | None = None
        try:
            match = self._table.resolve(request.method, request.raw_path)
            self._journal.count[match.route.name] += 1
            if self.fault is not None or self._random_faults is not None:
                fault = await self._choose_fault(request, match)
            if fault is None or fault.carried_out or fault.kind == "pass":
                outcome = await self._carry_out(request, match, now)
            else:
                outcome = _Outcome(200, _DONE, None)
        except ApiError as error:
            outcome = self._refusal(request.raw_path, error, now)
        if fault is not None or self._latency:
            await asyncio.sleep(self._latency + (fault.delay_ms / 1000 if fault else 0))
        route = match.route.name if match else "-"
        if fault is not None and fault.kind != "pass":
            return self._broken(request, fault, route, now)
        self._journal.requests.append(RequestRecord(request.method, route, outcome.status, now))
        return self._respond(request, outcome, now)

    def malformed(self, request: web.BaseRequest, status: int) -> web.StreamResponse:
        """Answer something that is not an HTTP request the server can read."""
        error = ApiError(status, "web_application", "the request cannot be read", exception="BadRequestException")
        now = self._now()
        return self._respond(request, self._refusal(request.raw_path, error, now), now)

    async def _carry_out(self, request: web.BaseRequest, match: Match, now: int) -> _Outcome:
        """Answer without faults; refusals come back as answers, too."""
        try:
            if match.route.show is not None:
                return _Outcome(200, *match.route.show(request.headers.get("Host", "")))
            return _Outcome(200, await self._answer(request, match, now), None)
        except ApiError as error:
            return self._refusal(request.raw_path, error, now)
        except sqlite3.Error as error:
            _log.error("database: %s", error)
            return self._refusal(request.raw_path, errors.unavailable(), now)
        except RecursionError:
            return self._refusal(request.raw_path, errors.broken_json("the body is nested too deeply"), now)
        except ConnectionError:
            raise
        except Exception:  # noqa: BLE001 - the last line: whatever went wrong, the caller gets JSON
            _log.exception("fault in %s", match.route.name)
            return self._refusal(request.raw_path, errors.server_error(), now)

    async def _answer(self, request: web.BaseRequest, match: Match, now: int) -> bytes:
        route, shared = match.route, self._shared
        if not route.open:
            shared.tokens.check(request.headers.get("Authorization"), now)
        self._limits.count(route.family)
        payload = None if route.body is BodyKind.NONE else await self._read_json(request, route)
        call = Call(
            shared=shared,
            reader=self._database.reader,
            now=now,
            params=match.params,
            path=match.path,
            raw_query=match.query,
            by_app_id=match.by_app_id,
            url=f"http://{request.headers.get('Host', '')}{request.raw_path}" if route.family != "circle" else "",
            takes=route.takes,
            json=payload,
        )
        if route.write is not None:
            content = await self._database.write(route.write(call))
            if type(content) is Told:
                self._announce(content.events)
                content = content.answer
        elif route.read is not None:
            content = route.read(call)
        else:
            raise errors.server_error()
        return _DONE if content is DONE else _encode(content).encode("utf-8", "replace")

    async def _read_json(self, request: web.BaseRequest, route: Route) -> Any:
        content_type = request.headers.get("Content-Type")
        if content_type:
            kind = content_type.partition(";")[0].strip().lower()
            loose = route.body is BodyKind.LOOSE_JSON and kind in _FORM_TYPES
            if kind != _JSON_TYPE and not kind.endswith("+json") and not loose:
                raise ApiError(415, "web_application", "Unsupported Media Type", exception="NotSupportedException")
        return parse_json(await self._read(request))

    async def _read(self, request: web.BaseRequest) -> bytes:
        limit = self._shared.options.max_body_bytes
        if (request.content_length or 0) > limit:
            raise _too_large(limit)
        try:
            if request.content.is_eof():
                return await request.read()
            async with asyncio.timeout(self._shared.options.body_timeout_seconds):
                await _continue(request)
                return await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise _too_large(limit) from None
        except TimeoutError:
            raise ApiError(408, "request_timeout", "the body did not arrive", exception="TimeoutException") from None
        except web.RequestPayloadError:
            raise errors.broken_json("the body cannot be read") from None

    def _respond(self, request: web.BaseRequest, outcome: _Outcome, now: int) -> web.StreamResponse:
        return answer(request, outcome.status, outcome.body, date=self._date.at(now), headers=outcome.headers)

    def _refusal(self, raw_path: str, error: ApiError, now: int) -> _Outcome:
        body: dict[str, Any] = {
            "error": error.error,
            "exception": error.exception,
            "timestamp": now,
            "duration": 0,
            "error_description": error.description,
        }
        if "/circle/" in raw_path:
            body["code"] = error.status
        return _Outcome(error.status, _encode(body).encode("utf-8", "replace"), error.headers)

    async def _choose_fault(self, request: web.BaseRequest, match: Match) -> FaultAction | None:
        if self.fault is not None:
            chosen = self.fault(await self._describe(request, match))
            if chosen is not None:
                return chosen
        spared = match.route.show or (match.route.family == "token" and not self._shared.options.fail_token)
        if self._random_faults is None or spared:
            return None
        return self._random_faults.choose()

    async def _describe(self, request: web.BaseRequest, match: Match) -> RequestInfo:
        payload: Any = None
        if match.route.body is not BodyKind.NONE:
            try:
                payload = parse_json(await self._read(request))
            except ApiError:
                payload = None
        route = match.route
        return RequestInfo(
            method=route.method,
            route=route.name,
            path=match.path,
            params=match.params,
            query=request.query,
            json=payload,
            number=self._journal.count[route.name],
        )

    def _broken(self, request: web.BaseRequest, fault: FaultAction, route: str, now: int) -> web.StreamResponse:
        if fault.kind == "status":
            status, body = fault.status, None
        else:
            status, body = (200, _GARBAGE) if fault.kind == "garbage" else (0, None)
        self._journal.requests.append(RequestRecord(request.method, route, status, now))
        if status == 0:
            return break_connection(request, fault.kind, date=self._date.at(now))
        if body is None:
            outcome = self._refusal(request.raw_path, _scripted(status), now)
            return self._respond(request, outcome._replace(headers=fault.headers), now)
        return self._respond(request, _Outcome(status, body, None), now)


def _scripted(status: int) -> ApiError:
    known = {429: errors.rate_limited(), 500: errors.server_error(), 503: errors.unavailable()}
    return known.get(status, ApiError(status, "scripted_fault", "scripted fault", exception="ScriptedFault"))


def _too_large(limit: int) -> ApiError:
    return ApiError(
        413, "request_entity_too_large", f"the body is larger than {limit} bytes", exception="TooLargeException"
    )


async def _continue(request: web.BaseRequest) -> None:
    """Tell a client that waits for permission to send its body (curl does above 1 MB) to go on."""
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
