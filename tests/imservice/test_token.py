import base64
import hashlib
import hmac
import json
import struct
import zlib

import pytest

from bot.imservice import DEFAULT_CREDENTIALS
from tests.imservice.conftest import START_MS, assert_refusal

GRANT = {
    "grant_type": "client_credentials",
    "client_id": DEFAULT_CREDENTIALS.client_id,
    "client_secret": DEFAULT_CREDENTIALS.client_secret,
}
NOW = START_MS // 1000


def build_007(
    *,
    app_id=DEFAULT_CREDENTIALS.app_id,
    certificate=DEFAULT_CREDENTIALS.app_certificate,
    issued=NOW,
    expire=3600,
    privilege=2,
    user=b"",
    service=5,
):
    """An independent builder, straight from the layout in facts 1.2."""

    def text(raw):
        return struct.pack("<H", len(raw)) + raw

    salt = 12345678
    body = text(app_id.encode()) + struct.pack("<IIIH", issued, expire, salt, 1)
    body += struct.pack("<HHHI", service, 1, privilege, expire) + text(user)
    inner = hmac.new(struct.pack("<I", issued), certificate.encode(), hashlib.sha256).digest()
    key = hmac.new(struct.pack("<I", salt), inner, hashlib.sha256).digest()
    signature = hmac.new(key, body, hashlib.sha256).digest()
    return "007" + base64.b64encode(zlib.compress(text(signature) + body)).decode()


async def test_token_has_exactly_the_documented_keys_and_sixty_days(api):
    status, body = await api.post("/token", GRANT)
    assert status == 200
    assert set(body) == {"access_token", "expires_in", "application"}
    assert body["expires_in"] == 60 * 86400


@pytest.mark.parametrize(("ttl", "expires_in"), [(600, 600), ("1024000", 1024000), (0, 315360000), ("0", 315360000)])
async def test_ttl_is_seconds_as_number_or_text(api, ttl, expires_in):
    assert (await api.post("/token", GRANT | {"ttl": ttl})).json["expires_in"] == expires_in


@pytest.mark.parametrize("ttl", [-1, "-1", "soon", 1.5, True, [], 10**30, ""])
async def test_malformed_ttl_is_refused(api, ttl):
    assert_refusal(await api.post("/token", GRANT | {"ttl": ttl}), 400, "illegal_argument", circle=False)


@pytest.mark.parametrize("field", ["client_id", "client_secret"])
async def test_wrong_credentials_are_named(api, field):
    reply = await api.post("/token", GRANT | {field: "wrong"})
    assert_refusal(reply, 400, "invalid_grant", f"{field} does not match", circle=False)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json; charset=utf-8", None])
async def test_token_body_is_json_under_any_usual_content_type(api, kind):
    reply = await api.call(
        "POST",
        "/token",
        data=json.dumps(GRANT).encode(),
        headers={"Content-Type": kind},
        skip_auto_headers=("Content-Type",),
    )
    assert reply.status == 200


async def test_token_needs_no_authorization_and_another_app_is_unknown(api):
    assert (await api.call("POST", "/token", json=GRANT, headers={"Authorization": None})).status == 200
    api.prefix = "/demo-org/other"
    reply = await api.post("/token", GRANT)
    assert_refusal(reply, 404, "organization_application_not_found", "demo-org/other/token", circle=False)


async def test_token_endpoint_exists_in_one_dialect_only(api):
    api.prefix = f"/app-id/{DEFAULT_CREDENTIALS.app_id}"
    assert_refusal(await api.post("/token", GRANT), 404, "resource_not_found", circle=False)


@pytest.mark.parametrize("prefix", ["/demo-org/demo-app", f"/app-id/{DEFAULT_CREDENTIALS.app_id}"])
async def test_both_token_kinds_open_both_prefixes(api, prefix):
    api.prefix = prefix
    assert (await api.get("/circle/user/ann")).json == {"code": 200, "result": True}
    api.token = build_007()
    assert (await api.get("/circle/user/ann")).json == {"code": 200, "result": True}


async def test_issued_token_expires(api, clock):
    api.token = (await api.post("/token", GRANT | {"ttl": 10})).json["access_token"]
    clock.ms += 10_000
    assert (await api.get("/circle/user/ann")).status == 200
    clock.ms += 1
    assert_refusal(await api.get("/circle/user/ann"), 401, "unauthorized", "due to expired access token")


async def test_endless_token_does_not_expire(api, clock):
    api.token = (await api.post("/token", GRANT | {"ttl": 0})).json["access_token"]
    clock.ms += 50 * 365 * 86_400_000
    assert (await api.get("/circle/user/ann")).status == 200


async def test_built_token_expires_by_its_own_lifetime_and_lives_at_most_a_day(api, clock):
    short, long = build_007(expire=60), build_007(expire=10 * 86400)
    clock.ms = (NOW + 60) * 1000
    api.token = short
    assert (await api.get("/circle/user/ann")).status == 200
    clock.ms += 1000
    assert_refusal(await api.get("/circle/user/ann"), 401, "unauthorized", "due to expired access token")
    api.token = long
    assert (await api.get("/circle/user/ann")).status == 200
    clock.ms = (NOW + 86400) * 1000 + 1
    assert (await api.get("/circle/user/ann")).status == 401


@pytest.mark.parametrize(
    "token",
    [
        build_007(certificate="0" * 32),
        build_007(app_id="1" * 32),
        build_007(privilege=1, user=b"ann"),
        build_007(service=1),
        build_007(user=b"ann"),
    ],
)
async def test_built_token_that_is_not_ours_is_refused(api, token):
    api.token = token
    assert_refusal(await api.get("/circle/user/ann"), 401, "auth_bad_access_token", "Unable to authenticate")


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Basic abc",
        "Bearer nonsense",
        "Bearer 007",
        "Bearer 007!!!!",
        "Bearer 007" + base64.b64encode(zlib.compress(b"\xff" * 40)).decode(),
        "Bearer YWMt",
        "Bearer YWMtabc",
        "Bearer 007é",
    ],
)
async def test_malformed_token_is_corrupt(api, header):
    reply = await api.call("GET", "/circle/user/ann", headers={"Authorization": header})
    assert_refusal(reply, 401, "auth_bad_access_token", "corrupt")


async def test_a_packed_bomb_for_a_token_is_refused_without_unpacking_it(api):
    bomb = base64.b64encode(zlib.compress(b"\0" * 5_000_000, 9)).decode()
    api.token = "007" + bomb[:7000]
    assert (await api.get("/circle/user/ann")).status == 401


async def test_tampered_token_is_refused(api):
    raw = bytearray(base64.urlsafe_b64decode(api.token[4:]))
    raw[0] ^= 0x40
    api.token = "YWMt" + base64.urlsafe_b64encode(raw).decode()
    assert_refusal(await api.get("/circle/user/ann"), 401, "auth_bad_access_token", "Unable to authenticate")


async def test_missing_token_reads_like_an_expired_one(api):
    reply = await api.call("GET", "/circle/user/ann", headers={"Authorization": None})
    assert_refusal(reply, 401, "unauthorized", "due to expired access token")


async def test_token_survives_a_restart(launch, tmp_path):
    first = await launch(data=tmp_path)
    token = first.token
    await first.service.stop()
    second = await launch(data=tmp_path)
    second.token = token
    assert (await second.get("/circle/user/nobody")).status == 200
