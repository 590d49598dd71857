"""The OpenAPI document: every route is in it, it is well formed, and what the service answers is what it says."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.imservice import DEFAULT_CREDENTIALS, ServiceCredentials, seed_sample
from bot.imservice.call import Call
from bot.imservice.openapi import UndeclaredError, document
from bot.imservice.parameters import Parameter, body_text, query_text, whole_body
from bot.imservice.routes import ALL
from bot.imservice.routing import DONE, BodyKind, Done, Route, Work
from tests.imservice.conftest import Api

METHODS = {"get", "post", "put", "delete"}


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return document(ALL, DEFAULT_CREDENTIALS)


def operations(made: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in made["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def every(node: Any, key: str) -> Iterator[Any]:
    """Every value under a key, however deep."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from every(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from every(value, key)


def plain(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


async def test_it_is_served_without_token_and_prefix(launch):
    api = await launch()
    async with api.session.get(api.url + "/openapi.json") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "application/json"
        assert await response.json() == document(ALL, api.service.credentials)
    assert api.service.count["GET /openapi.json"] == 1
    assert api.service.requests[-1].route == "GET /openapi.json"


def test_every_route_is_in_it(made):
    listed = {f"{method.upper()} {path}" for method, path, _ in operations(made)}
    assert listed == {route.name for route in ALL}


def test_it_is_openapi_3_1_with_what_that_requires(made):
    assert made["openapi"].startswith("3.1.")
    assert {"title", "version"} <= set(made["info"])
    assert set(made) <= {"openapi", "info", "servers", "security", "tags", "paths", "components"}
    declared = {tag["name"] for tag in made["tags"]}
    for method, path, operation in operations(made):
        assert path.startswith("/")
        assert method in METHODS
        assert operation["summary"]
        assert set(operation["tags"]) <= declared
        assert set(operation["responses"]) == {"200", "default"}
        for response in operation["responses"].values():
            assert response["description"]
            assert response["content"]["application/json"]["schema"]
    assert len(declared) == len(made["tags"])
    json.dumps(made, allow_nan=False)


def test_operation_ids_are_unique_words(made):
    ids = [operation["operationId"] for *_, operation in operations(made)]
    assert not [name for name, count in Counter(ids).items() if count > 1]
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in ids)


def test_no_two_paths_are_the_same_under_other_names(made):
    assert len({plain(path) for path in made["paths"]}) == len(made["paths"])


def test_references_lead_somewhere(made):
    components = made["components"]["schemas"]
    references = set(every(made, "$ref"))
    assert references
    for reference in references:
        name = reference.removeprefix("#/components/schemas/")
        assert name in components, reference
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)


def test_every_component_is_used(made):
    used = {reference.rpartition("/")[2] for reference in every(made, "$ref")}
    assert set(made["components"]["schemas"]) == used


def test_parameters_are_well_formed(made):
    for method, path, operation in operations(made):
        places = [(parameter["in"], parameter["name"]) for parameter in operation["parameters"]]
        assert len(set(places)) == len(places), path
        assert {name for place, name in places if place == "path"} == set(re.findall(r"\{(\w+)\}", path))
        for parameter in operation["parameters"]:
            assert set(parameter) <= {"name", "in", "required", "schema", "description"}
            assert type(parameter["required"]) is bool
            assert parameter["required"] or parameter["in"] == "query"
        assert ("requestBody" in operation) <= (method != "get"), path


def test_schemas_are_json_schemas(made):
    for schema in (*every(made, "schema"), *made["components"]["schemas"].values()):
        Draft202012Validator.check_schema(schema)


def test_bodies_name_what_is_required_and_let_more_through(made):
    body = made["paths"]["/circle/channel/{channel_id}/user/mute"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert body["required"] is True
    assert schema["required"] == ["server_id", "user_id"]
    assert schema["additionalProperties"] is True
    assert "`serverId`" in schema["properties"]["server_id"]["description"]
    valid = Draft202012Validator(schema).is_valid
    assert valid({"server_id": "s", "user_id": "ann", "duration": -1, "more": 1})
    assert not valid({"server_id": "s", "user_id": "ann", "duration": 0})
    assert not valid({"server_id": "s"})


def test_both_dialects_are_servers_and_the_token_has_one_of_them(made):
    assert [server["url"] for server in made["servers"]] == [
        "/demo-org/demo-app",
        "/app-id/0123456789abcdef0123456789abcdef",
    ]
    token = made["paths"]["/token"]["post"]
    assert (token["servers"], token["security"]) == ([{"url": "/demo-org/demo-app"}], [])


def test_everything_but_the_token_needs_one(made):
    assert made["security"] == [{"appToken": []}]
    assert made["components"]["securitySchemes"]["appToken"]["scheme"] == "bearer"
    open_ones = [path for _, path, operation in operations(made) if operation.get("security") == []]
    assert open_ones == [route.template for route in ALL if route.open]


def test_refusals_of_circle_carry_a_code(made):
    for _, path, operation in operations(made):
        reference = operation["responses"]["default"]["content"]["application/json"]["schema"]["$ref"]
        assert reference.endswith("/CircleError") == path.startswith("/circle/")
    assert "code" in made["components"]["schemas"]["CircleError"]["required"]
    assert "code" not in made["components"]["schemas"]["Error"]["properties"]


def test_no_secret_is_in_it():
    mine = ServiceCredentials(client_id="own-id", client_secret="own-secret", app_certificate="a" * 32)
    text = json.dumps(document(ALL, mine))
    assert not [word for word in ("own-id", "own-secret", "a" * 32) if word in text]


def test_sources_are_for_readers_of_the_code_and_not_in_it(made):
    text = json.dumps(made, ensure_ascii=False)
    assert not re.search(r"\((?:[0-9]{3} |facts |[AT][0-9]+\))", text)
    assert "将成员加入频道禁言列表" in made["paths"]["/circle/channel/{channel_id}/user/mute"]["post"]["description"]


def answer_validator(made: dict[str, Any], path: str, method: str, status: int) -> Draft202012Validator:
    responses = made["paths"][path][method]["responses"]
    schema = responses["200" if status == 200 else "default"]["content"]["application/json"]["schema"]
    local = json.loads(
        json.dumps({**schema, "$defs": made["components"]["schemas"]}).replace("/components/schemas/", "/$defs/")
    )
    return Draft202012Validator(local)


def examples(api: Api, community: str) -> dict[str, Any]:
    """What is there in the sample, by the names of parameters."""
    reader = api.service.database.reader

    def first(sql: str) -> str:
        return reader.execute(sql).fetchone()[0]

    thread, message = reader.execute("SELECT id, message_id FROM threads LIMIT 1").fetchone()
    return {
        "server_id": community,
        "serverId": community,
        "channel_id": first("SELECT c.id FROM channels c JOIN threads t ON t.channel = c.seq LIMIT 1"),
        "channelId": first("SELECT c.id FROM channels c JOIN threads t ON t.channel = c.seq LIMIT 1"),
        "channel_category_id": first("SELECT id FROM categories LIMIT 1"),
        "user_id": "mei.lin",
        "userId": "mei.lin",
        "thread_id": thread,
        "msgIdList": message,
        "name": "Aurora",
        "limit": "1",
    }


async def test_what_is_read_is_what_the_document_says(launch, made):
    """Every read of the API, on the sample community: its answer, and its refusal, fit their schemas."""
    api = await launch()
    known = examples(api, await seed_sample(api.service))
    reads = [route for route in ALL if route.method == "GET"]
    assert len(reads) > 20
    for route in reads:
        path = re.sub(r"\{(\w+)\}", lambda found: known[found[1]], route.template)
        query = {p.name: known[p.name] for p in route.takes if p.name in known}
        reply = await api.get(path, **query)
        assert reply.status == 200, (route.name, reply)
        answer_validator(made, route.template, "get", 200).validate(reply.json)
        api.token, token = "", api.token
        refused = await api.get(path, **query)
        api.token = token
        assert refused.status == 401
        answer_validator(made, route.template, "get", 401).validate(refused.json)


async def test_the_schemas_of_answers_say_no_less_than_is_sent(launch, made):
    """No key is in an answer that the document does not know."""
    api = await launch()
    known = examples(api, await seed_sample(api.service))
    closed = json.loads(json.dumps(made))
    for schema in closed["components"]["schemas"].values():
        if schema.get("type") == "object" and "properties" in schema:
            schema["additionalProperties"] = False
    for route in ALL:
        if route.method == "GET":
            path = re.sub(r"\{(\w+)\}", lambda found: known[found[1]], route.template)
            query = {p.name: known[p.name] for p in route.takes if p.name in known}
            reply = await api.get(path, **query)
            answer_validator(closed, route.template, "get", reply.status).validate(reply.json)


def read(call: Call) -> Done:
    """Read something."""
    return DONE


def without_annotation(call):
    """Read something."""
    return DONE


def without_docstring(call: Call) -> Done:
    return DONE


def write_without_work(call: Call) -> Done:
    """Write something."""
    return DONE


def write(call: Call) -> Work[Done]:
    """Write something."""
    raise NotImplementedError


def refers_to_nothing(call: Call) -> "NoSuchThing":  # noqa: F821
    """Read something."""
    raise NotImplementedError


GOOD = Route(method="GET", template="/x/{user_id}", read=read)
TEXT = body_text("text")
WHOLE: Parameter[Any] = whole_body({"type": "array"}, list)


@pytest.mark.parametrize(
    ("route", "said"),
    [
        (replace(GOOD, read=without_annotation), "GET /x/{user_id}: its handler needs a return annotation"),
        (replace(GOOD, read=without_docstring), "GET /x/{user_id}: its handler needs a docstring"),
        (replace(GOOD, read=refers_to_nothing), "NoSuchThing"),
        (replace(GOOD, read=None, write=write_without_work), r"Work\[...\]"),
        (replace(GOOD, read=None), "neither `read` nor `write`"),
        (replace(GOOD, template="/x/{moon_id}"), "give moon_id a schema in PATH_SCHEMAS"),
        (replace(GOOD, takes=(TEXT,)), "`body` and the body parameters"),
        (replace(GOOD, body=BodyKind.JSON), "`body` and the body parameters"),
        (replace(GOOD, body=BodyKind.JSON, takes=(TEXT, WHOLE)), "one parameter is the whole body"),
    ],
)
def test_a_route_that_says_too_little_is_named_with_what_is_missing(route, said):
    with pytest.raises(UndeclaredError, match=said if "[" in said else re.escape(said)):
        document((route,), DEFAULT_CREDENTIALS)


def test_a_route_that_says_enough_comes_out():
    made = document(
        (replace(GOOD, takes=(query_text("serverId"),)), Route(method="PUT", template="/x/{user_id}", write=write)),
        DEFAULT_CREDENTIALS,
    )
    assert [(method, path) for method, path, _ in operations(made)] == [
        ("get", "/x/{user_id}"),
        ("put", "/x/{user_id}"),
    ]
