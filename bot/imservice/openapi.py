"""The OpenAPI 3.1 document of the service, made from the table of routes: what is read there is what is said here."""

from __future__ import annotations

import inspect
import re
import types
import typing
from typing import TYPE_CHECKING, Any, Union, cast

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import TypedDict

from bot.imservice.events import Told
from bot.imservice.fields import spellings
from bot.imservice.parameters import USERNAME_SCHEMA
from bot.imservice.routing import BodyKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.imservice.fields import JsonObject
    from bot.imservice.options import ServiceCredentials
    from bot.imservice.parameters import Parameter
    from bot.imservice.routing import Route

_SOURCE = re.compile(r"\s*\((?:[0-9]{3}|facts|[AT][0-9]+)\b[^()]*\)")
_VENDORS_TITLE = re.compile(r"[\u3400-\u9fff][^,()]*")
_REF = "#/components/schemas/{model}"
_SUMMARY = "What went wrong: the HTTP status says of which kind, `error_description` what."
_ABOUT = (
    "The REST API of an Easemob / Shengwang IM app, served from one machine for tests. Both base URLs lead to the same "
    "app: under the first one a token is fetched from `/token`, under the second one it may be built locally "
    "(AccessToken2). Parameters are known under further names, listed with each: what official SDKs send is accepted. "
    "Times are Unix milliseconds. Lists go on behind `cursor`, which is absent on the last page."
)
_USER_NAMES = ("blocked_id", "friend_id", "user_id")
_TEXT: JsonObject = {"type": "string", "minLength": 1}
_TEXTS = ("channel_category_id", "channel_id", "collection_id", "name", "server_id", "thread_id")
PATH_SCHEMAS: dict[str, JsonObject] = {
    **dict.fromkeys(_USER_NAMES, USERNAME_SCHEMA),
    **dict.fromkeys(_TEXTS, _TEXT),
}
"""What stands in the paths, by name."""
_ANY_NAME = frozenset({"/circle/user/{user_id}"})
"""Paths that answer for texts, too, that cannot be user names; elsewhere these are 404."""


class Error(TypedDict):
    """A refusal; `error` is a word for programs, `error_description` a text for people (facts 2)."""

    error: str
    exception: str
    timestamp: int
    duration: int
    error_description: str


class CircleError(Error):
    """A refusal of Circle, the communities and what is in them: `code` is the HTTP status (A27)."""

    code: int


class UndeclaredError(Exception):
    """A route does not say something that the document needs; the text names route and remedy."""


class _Schemas(GenerateJsonSchema):
    """Without a title for each field, which only repeats its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's name
        return False


def document(routes: Sequence[Route], credentials: ServiceCredentials) -> JsonObject:
    """Return the document as JSON; raise UndeclaredError for a route that does not say enough about itself."""
    answers = {route.name: answer_type(route) for route in routes}
    schemas, components = _schemas([*answers.values(), Error, CircleError])
    paths: dict[str, JsonObject] = {}
    names: set[str] = set()
    org_url, app_id_url = base_urls(credentials)
    for route in routes:
        operation = _operation(route, schemas[answers[route.name]], _operation_id(route, names))
        if route.org_only:
            operation["servers"] = [{"url": org_url}]
        paths.setdefault(route.template, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Circle Warden IM service", "version": "1", "description": _ABOUT},
        "servers": [{"url": org_url, "description": "Easemob"}, {"url": app_id_url, "description": "Shengwang"}],
        "security": [{"appToken": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(tag_of(route) for route in routes)],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "appToken": {"type": "http", "scheme": "bearer", "description": "An app token of either dialect."}
            },
        },
    }


def base_urls(credentials: ServiceCredentials) -> tuple[str, str]:
    """Return what stands before every path, for Easemob and for Shengwang."""
    return f"/{credentials.org}/{credentials.app}", f"/app-id/{credentials.app_id}"


def tag_of(route: Route) -> str:
    """Return the family a route belongs to: the name of the file it is declared in."""
    return _handler(route).__module__.rpartition(".")[2]


def summary_of(route: Route) -> str:
    """Return what a route does: the first line of its handler's docstring, without sources and full stop."""
    return _without_sources(_docstring(route).partition("\n")[0]).removesuffix(".")


def _docstring(route: Route) -> str:
    text = inspect.getdoc(_handler(route))
    if not text:
        raise UndeclaredError(f"{route.name}: its handler needs a docstring, whose first line says what the call does")
    return text


def _without_sources(text: str) -> str:
    return _SOURCE.sub("", text)


def _description(route: Route) -> JsonObject:
    """Return the rest of the docstring, and what the vendor's documents call the call."""
    first, _, rest = _docstring(route).partition("\n")
    source = _SOURCE.search(first)
    title = _VENDORS_TITLE.search(source[0]) if source else None
    parts = [_without_sources(rest).strip(), f"The vendor documents it as {title[0]}." if title else ""]
    text = "\n\n".join(filter(None, parts))
    return {"description": text} if text else {}


def answer_type(route: Route) -> Any:
    """Return the type of a route's answer, by its handler's return annotation: `X`, or of a write `Work[X]`."""
    handler = _handler(route)
    try:
        found = typing.get_type_hints(handler).get("return")
    except NameError as error:
        raise UndeclaredError(f"{route.name}: {error}; import it at run time, not only for type checking") from None
    if found is None:
        raise UndeclaredError(f"{route.name}: its handler needs a return annotation, a TypedDict (or Work[...] of one)")
    return found if route.write is None else _answer_of_work(found, route)


def _answer_of_work(work: Any, route: Route) -> Any:
    arguments = typing.get_args(work)
    if len(arguments) != 2:
        raise UndeclaredError(f"{route.name}: its handler is a write, so it returns Work[...] of a TypedDict")
    outcome = arguments[1]
    choices = typing.get_args(outcome) if typing.get_origin(outcome) in (Union, types.UnionType) else (outcome,)
    answers = tuple(choice for choice in choices if typing.get_origin(choice) is not Told)
    return answers[0] if len(answers) == 1 else Union[answers]  # noqa: UP007 - known at run time only


def _handler(route: Route) -> Callable[..., Any]:
    handler = route.read or route.write
    if handler is None:
        raise UndeclaredError(f"{route.name}: it has neither `read` nor `write`")
    return handler


def _operation_id(route: Route, taken: set[str]) -> str:
    """Return a name that no other route has; those that share a handler are numbered."""
    base = name = f"{tag_of(route)}_{_handler(route).__name__.strip('_')}"
    number = 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    taken.add(name)
    return name


def _schemas(answers: Sequence[Any]) -> tuple[dict[Any, JsonObject], dict[str, JsonObject]]:
    """Return a schema for each type, and the named ones they refer to."""
    distinct = list(dict.fromkeys(answers))
    inputs = [(number, "serialization", TypeAdapter[Any](answer)) for number, answer in enumerate(distinct)]
    found, rest = TypeAdapter.json_schemas(cast("Any", inputs), ref_template=_REF, schema_generator=_Schemas)
    components = cast("dict[str, JsonObject]", rest.get("$defs", {}))
    for component in components.values():
        if "description" in component:
            component["description"] = _without_sources(component["description"])
    return {answer: found[number, "serialization"] for number, answer in enumerate(distinct)}, components


def _operation(route: Route, answer: JsonObject, name: str) -> JsonObject:
    error = "CircleError" if route.template.startswith("/circle/") else "Error"
    operation: JsonObject = {
        "operationId": name,
        "summary": summary_of(route),
        **_description(route),
        "tags": [tag_of(route)],
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {
            "200": {"description": "Done.", "content": {"application/json": {"schema": answer}}},
            "default": {
                "description": _SUMMARY,
                "content": {"application/json": {"schema": {"$ref": _REF.format(model=error)}}},
            },
        },
    }
    if route.open:
        operation["security"] = []
    body = [parameter for parameter in route.takes if parameter.place == "body"]
    if bool(body) != (route.body is not BodyKind.NONE):
        raise UndeclaredError(f"{route.name}: `body` and the body parameters in `takes` contradict each other")
    if body:
        operation["requestBody"] = _request_body(body, route)
    return operation


def _request_body(body: Sequence[Parameter[Any]], route: Route) -> JsonObject:
    content = {"application/json": {"schema": _body_schema(body, route)}}
    shown: JsonObject = {"required": True, "content": content}
    if route.body is BodyKind.LOOSE_JSON:
        shown["description"] = "Read as JSON under the content type of a form, too."
    return shown


def _path_parameters(route: Route) -> list[JsonObject]:
    names = [segment[1:-1] for segment in route.template.split("/") if segment.startswith("{")]
    unknown = [name for name in names if name not in PATH_SCHEMAS]
    if unknown:
        raise UndeclaredError(
            f"{route.name}: give {', '.join(unknown)} a schema in PATH_SCHEMAS (bot/imservice/openapi.py)"
        )
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _TEXT if route.template in _ANY_NAME else PATH_SCHEMAS[name],
        }
        for name in names
    ]


def _query_parameters(route: Route) -> list[JsonObject]:
    found: list[JsonObject] = []
    for parameter in route.takes:
        if parameter.place == "query":
            shown: JsonObject = {
                "name": parameter.name,
                "in": "query",
                "required": parameter.required,
                "schema": parameter.schema,
            }
            found.append(shown | _also_known_as(parameter))
    return found


def _body_schema(body: Sequence[Parameter[Any]], route: Route) -> JsonObject:
    whole = [parameter for parameter in body if not parameter.name]
    if whole:
        if len(body) > 1:
            raise UndeclaredError(f"{route.name}: one parameter is the whole body, so there can be no others in it")
        return whole[0].schema
    schema: JsonObject = {
        "type": "object",
        "properties": {parameter.name: parameter.schema | _also_known_as(parameter) for parameter in body},
        "additionalProperties": True,
    }
    required = [parameter.name for parameter in body if parameter.required]
    return schema | {"required": required} if required else schema


def _also_known_as(parameter: Parameter[Any]) -> JsonObject:
    others = ", ".join(f"`{name}`" for name in spellings(parameter.name)[1:])
    known: JsonObject = {"description": f"Also accepted as {others}."} if others else {}
    return known
