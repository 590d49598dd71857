"""What holds for every request: JSON in every case, the right status, and no surprise that ends in a 500."""

import asyncio
import gzip
import json

import pytest

from tests.imservice.conftest import assert_refusal


async def raw(api, request: bytes) -> tuple[int, bytes, bytes]:
    """Send bytes on a socket of their own and return status, head and body of the first answer."""
    host, port = api.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    async with asyncio.timeout(5):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
    writer.close()
    return int(head.split()[1]), head, body


@pytest.mark.parametrize(
    "path",
    ["/nope", "/circle", "/circle/channel/a/b/c/d/e/f", "/users/x/y", "/circle/user/", "//circle/user/ann", "/"],
)
async def test_unknown_urls_are_404(api, path):
    assert_refusal(await api.get(path), 404, "resource_not_found", circle="/circle/" in path)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PATCH", "/users", "POST"),
        ("GET", "/users", "POST"),
        ("GET", "/token", "POST"),
        ("DELETE", "/circle/channel/1/users", "GET"),
        ("PUT", "/circle/channel/1/user/mute", "DELETE, GET, POST"),
        ("OPTIONS", "/circle/server/1", "DELETE, PUT"),
        ("DELETE", "/circle/channel/public", "GET"),
    ],
)
async def test_a_wrong_method_is_405_and_says_which_are_right(api, method, path, allow):
    reply = await api.call(method, path)
    assert_refusal(reply, 405, "unsupported_service_operation", circle="/circle/" in path)
    assert reply.headers["Allow"] == allow


async def test_head_is_answered_without_a_body(api):
    url = api.url + api.prefix + "/circle/user/ann"
    async with api.session.head(url, headers={"Authorization": f"Bearer {api.token}"}) as response:
        assert response.status == 405
        assert response.headers["Content-Type"] == "application/json"
    assert (await api.get("/circle/user/ann")).status == 200


@pytest.mark.parametrize("path", ["/x", "/demo-org", "/demo-org/other/circle/user/ann", "/app-id/x/circle/user/ann"])
async def test_other_apps_are_404(api, path):
    api.prefix = ""
    assert (await api.get(path)).status == 404


@pytest.mark.parametrize("word", ["user", "category", "public", "private"])
async def test_path_words_are_not_channel_ids(api, word):
    reply = await api.delete(f"/circle/channel/{word}", serverId=api.community)
    assert reply.status in {404, 405}
    if word == "user":
        assert_refusal(await api.get(f"/circle/channel/{word}", serverId=api.community), 404, "resource_not_found")


@pytest.mark.parametrize("kind", ["application/json", "APPLICATION/JSON; charset=utf-8", "application/x+json", None])
async def test_json_is_read_under_its_names_and_without_one(api, kind):
    reply = await api.call(
        "POST",
        "/users",
        data=b'{"username":"dora"}',
        headers={"Content-Type": kind},
        skip_auto_headers=("Content-Type",),
    )
    assert reply.status == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json"])
async def test_other_content_types_are_415(api, kind):
    reply = await api.call("POST", "/users", data=b'{"username":"dora"}', headers={"Content-Type": kind})
    assert_refusal(reply, 415, "web_application", "Unsupported Media Type", circle=False)


async def test_calls_without_a_body_take_any_content_type_and_any_accept(api):
    reply = await api.call(
        "POST",
        f"/circle/server/{api.community}/join?userId=ann",
        headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"},
        data=b"not read",
    )
    assert reply.status == 200
    assert (await api.get("/circle/user/ann")).json["result"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b"{'a':1}",
        b'{"a":1,"a":2}',
        b'{"username":"x","username":"y"}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'"\xff"',
        b"\xff\xfe{\0}\0",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"a":' + b"9" * 10_000 + b"}",
        b"{} {}",
        b"\xef\xbb\xbf{}",
    ],
)
async def test_what_is_not_json_is_json_parse(api, body):
    reply = await api.call("POST", "/users", data=body, headers={"Content-Type": "application/json"})
    assert_refusal(reply, 400, "json_parse", circle=False)


@pytest.mark.parametrize("body", ["[]", "7", "null", '"text"', "true", "[{}]"])
async def test_json_that_is_no_object_is_an_illegal_argument(api, body):
    reply = await api.call("POST", "/circle/channel", data=body, headers={"Content-Type": "application/json"})
    assert_refusal(reply, 400, "illegal_argument")


async def test_a_body_of_a_megabyte_is_read_and_a_larger_one_is_413(api):
    body = json.dumps({"username": "dora", "pad": "x" * ((1 << 20) - 40)}).encode()
    headers = {"Content-Type": "application/json"}
    assert (await api.call("POST", "/users", data=body, headers=headers)).status == 200
    reply = await api.call("POST", "/users", data=body + b" " * 100, headers=headers)
    assert_refusal(reply, 413, "request_entity_too_large", circle=False)


async def test_a_large_chunked_or_packed_body_is_413(api):
    async def chunks():
        for _ in range(40):
            yield b"[" * 65536

    headers = {"Content-Type": "application/json"}
    reply = await api.call("POST", "/users", data=chunks(), headers=headers)
    assert_refusal(reply, 413, "request_entity_too_large", circle=False)
    bomb = gzip.compress(b" " * 30_000_000)
    reply = await api.call("POST", "/users", data=bomb, headers=headers | {"Content-Encoding": "gzip"})
    assert_refusal(reply, 413, "request_entity_too_large", circle=False)


async def test_a_body_that_is_not_packed_as_it_says_is_refused(api):
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    reply = await api.call("POST", "/users", data=b"not gzip", headers=headers)
    assert reply.status == 400


async def test_a_body_that_never_arrives_is_408(launch):
    api = await launch(body_timeout_seconds=0.05)
    head = (
        f"POST {api.prefix}/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{"
    )
    status, _, body = await raw(api, head.encode())
    assert (status, json.loads(body)["error"]) == (408, "request_timeout")


async def test_a_client_that_waits_for_100_continue_is_told_to_go_on(api):
    host, port = api.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST {api.prefix}/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token}\r\n"
        "Expect: 100-continue\r\nContent-Length: 19\r\n\r\n".encode()
    )
    async with asyncio.timeout(5):
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b'{"username":"dora"}')
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /x HTTP/1.1\r\nBad Header\r\n\r\n",
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_answered_with_json(api, request_bytes):
    status, head, body = await raw(api, request_bytes)
    assert status == 400
    assert b"content-type: application/json\r\n" in head.lower()
    assert set(json.loads(body)) == {"error", "exception", "timestamp", "duration", "error_description"}


async def test_old_clients_get_a_closed_connection_and_keep_alive_stays_open(api):
    lines = f"Host: x\r\nAuthorization: Bearer {api.token}\r\n"
    path = f"{api.prefix}/circle/user/ann"
    status, head, body = await raw(api, f"GET {path} HTTP/1.0\r\n{lines}\r\n".encode())
    assert (status, json.loads(body)) == (200, {"code": 200, "result": True})
    assert b"keep-alive" not in head.lower()
    status, head, _ = await raw(api, f"GET {path} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())
    assert status == 200
    assert b"connection: close" in head.lower()
    one = f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()
    host, port = api.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(one * 3)
    for _ in range(3):
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"Content-Type: application/json\r\n" in head
        length = int(head.split(b"Content-Length: ")[1].split(b"\r")[0])
        assert json.loads(await reader.readexactly(length))["result"]
    writer.close()


@pytest.mark.parametrize(
    "target",
    [
        "/demo-org/demo-app/circle/user/%ff",
        "/demo-org/demo-app/circle/user/ann?serverId=%ff",
        "/demo-org/demo-app/circle/channel/public?serverId=%ff",
        "/demo-org/demo-app/circle/channel/public?" + "&".join("a" * 3 for _ in range(300)),
        "http://elsewhere/demo-org/demo-app/circle/user/ann",
        "/demo-org/demo-app/circle/server/..%2f..%2fetc%2fpasswd/by-id",
        "/demo-org/demo-app/circle/server/%00/by-id",
        "/demo-org/demo-app/circle/server/';DROP TABLE users;--/by-id".replace(" ", "%20"),
        "/demo-org/demo-app/circle/channel/%E9%A2%91%E9%81%93?serverId=%E7%A4%BE",
        "*",
    ],
)
async def test_strange_targets_are_answered_below_500(api, target):
    lines = f"Host: x\r\nAuthorization: Bearer {api.token}\r\n\r\n"
    status, _, body = await raw(api, f"GET {target} HTTP/1.1\r\n{lines}".encode())
    assert status < 500
    assert json.loads(body)
    assert (await api.get("/circle/user/ann")).json["result"]


@pytest.mark.parametrize(
    "path",
    [b"server/\xff\xfe/by-id", b"channel/public?serverId=\xff", b"channel/public?serverId=a&\xff=1", b"user/\xe9"],
)
async def test_raw_bytes_in_the_target_are_answered_below_500(api, path):
    lines = f"Host: x\r\nAuthorization: Bearer {api.token}\r\n\r\n".encode()
    status, _, body = await raw(api, b"GET /demo-org/demo-app/circle/" + path + b" HTTP/1.1\r\n" + lines)
    assert status == 400
    assert json.loads(body)


async def test_deep_values_where_a_field_is_expected_are_refused(api):
    deep = "[" * 900 + "]" * 900
    headers = {"Content-Type": "application/json"}
    for body in (f'{{"username":{deep}}}', f'{{"username":"x","nickname":{deep}}}'):
        assert (await api.call("POST", "/users", data=body, headers=headers)).status == 400
    body = f'{{"name":"n","server_id":{deep},"serverId":{deep}}}'
    assert (await api.call("POST", "/circle/channel", data=body, headers=headers)).status == 400


async def test_date_follows_the_clock_of_the_service(api):
    assert (await api.get("/circle/user/ann")).headers["Date"] == "Tue, 14 Nov 2023 22:13:20 GMT"


async def test_unknown_query_parameters_are_ignored(api):
    assert (await api.get("/circle/user/ann", resource="x", version="1", _v="2")).status == 200


async def test_requests_are_journalled_by_route(api):
    before = api.service.count["GET /circle/user/{user_id}"]
    await api.get("/circle/user/ann")
    await api.get("/nowhere")
    assert api.service.count["GET /circle/user/{user_id}"] == before + 1
    last, unknown = api.service.requests[-2], api.service.requests[-1]
    assert (last.method, last.route, last.status) == ("GET", "GET /circle/user/{user_id}", 200)
    assert (unknown.route, unknown.status) == ("-", 404)


async def test_a_fault_of_the_service_is_a_json_500_without_details(api, monkeypatch):
    from bot.imservice.domain import communities

    def broken(*_, **__):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(communities, "role", broken)
    reply = await api.get(f"/circle/server/{api.community}/user/role", userId="ann")
    assert_refusal(reply, 500, "internal_server_error")
    assert "secret" not in str(reply.json)
