"""Discord's own OpenAPI document as a check on what the bot sends and on what the fake answers."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.wire.pipeline import Call
from tests.wire.problems import Problem

Json = dict[str, Any]
_REQUESTS, _RESPONSES = "urn:discord:requests", "urn:discord:responses"
# The document calls ids strings; in requests Discord takes integers as well, and discord.py sends them.
_LENIENT_SNOWFLAKE: Json = {"type": ["string", "integer"], "pattern": "^(0|[1-9][0-9]*)$", "format": "snowflake"}

_formats = FormatChecker(formats=())


@_formats.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    if isinstance(value, str):
        datetime.fromisoformat(value)
    return True


@_formats.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


@_formats.checks("snowflake", raises=ValueError)
def _is_snowflake(value: object) -> bool:
    return not isinstance(value, str | int) or 0 <= int(value) < 2**64


@_formats.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@_formats.checks("int64")
def _is_int64(value: object) -> bool:
    return not isinstance(value, int) or -(2**63) <= value < 2**63


class OpenApi:
    """One validator per path template, method, and direction, made when first needed."""

    def __init__(self, document: Json) -> None:
        schemas = document["components"]["schemas"] | {"SnowflakeType": _LENIENT_SNOWFLAKE}
        requests = document | {"components": document["components"] | {"schemas": schemas}}
        self._paths: Json = document["paths"]
        self._registry: Registry[Any] = Registry().with_resources(
            [
                (_REQUESTS, Resource(contents=requests, specification=DRAFT202012)),
                (_RESPONSES, Resource(contents=document, specification=DRAFT202012)),
            ]
        )
        self._validator = cache(self._make_validator)

    @classmethod
    def load(cls, path: Path) -> "OpenApi":
        """Read the document; the same file is read once a process."""
        return _load(path.resolve())

    def request_problems(self, call: Call) -> list[Problem]:
        """What the schema says against a request's query names and body."""
        operation = self._operation(call)
        if operation is None:
            return []
        problems = [*self._unknown_query(call, operation)]
        if "requestBody" in operation and call.body is not None:
            # A multipart body is its payload_json; the file parts are a matter of the rule layer.
            where = (
                "paths",
                call.template,
                call.method.lower(),
                "requestBody",
                "content",
                "application/json",
                "schema",
            )
            problems += _problems(self._validator(_REQUESTS, where).iter_errors(call.body))
        elif operation.get("requestBody", {}).get("required"):
            problems.append(Problem((), "OPENAPI_BODY", "a body is required"))
        return problems

    def response_problems(self, call: Call, status: int, body: Any) -> list[Problem]:
        """What the schema says against a 2xx answer."""
        operation = self._operation(call)
        if operation is None:
            return []
        response = operation["responses"].get(str(status))
        if response is None:
            return [Problem((), "OPENAPI_STATUS", f"status {status} is not in the document")]
        if "application/json" not in response.get("content", {}):
            return []
        where = ("paths", call.template, call.method.lower(), "responses", str(status))
        pointer = (*where, "content", "application/json", "schema")
        return _problems(self._validator(_RESPONSES, pointer).iter_errors(body))

    def _operation(self, call: Call) -> Json | None:
        return self._paths.get(call.template, {}).get(call.method.lower())

    def _unknown_query(self, call: Call, operation: Json) -> Iterator[Problem]:
        declared = [*self._paths[call.template].get("parameters", ()), *operation.get("parameters", ())]
        known = {one["name"] for one in declared if one.get("in") == "query"}
        for name in call.query:
            if name not in known:
                yield Problem((name,), "OPENAPI_QUERY", "unknown query parameter", ignored=True)

    def _make_validator(self, document: str, where: tuple[str, ...]) -> Draft202012Validator:
        pointer = "/".join(step.replace("~", "~0").replace("/", "~1").replace("{", "%7B") for step in where)
        reference = f"{document}#/{pointer.replace('}', '%7D')}"
        return Draft202012Validator({"$ref": reference}, registry=self._registry, format_checker=_formats)


@cache
def _load(path: Path) -> OpenApi:
    return OpenApi(json.loads(path.read_text(encoding="utf-8")))


def _problems(errors: Iterable[ValidationError]) -> list[Problem]:
    return [problem for error in errors for problem in _explained(error)]


def _explained(error: ValidationError) -> Iterator[Problem]:
    """The errors of the branch that was meant, in place of "is not valid under any of the given schemas"."""
    if error.validator not in {"anyOf", "oneOf"} or not error.context:
        yield Problem(tuple(error.absolute_path), f"OPENAPI_{str(error.validator).upper()}", error.message[:300])
        return
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    for inner in min(branches.values(), key=_unlikeliness):
        yield from _explained(inner)


def _unlikeliness(errors: list[ValidationError]) -> tuple[int, int]:
    """Orders branches: the one whose `type` constant fits before others, then the one with fewest errors."""
    wrong_shape = any(not one.relative_path and one.validator == "type" for one in errors)
    wrong_type = any(list(one.relative_path) == ["type"] for one in errors)
    return (2 if wrong_shape else 1 if wrong_type else 0, len(errors))
