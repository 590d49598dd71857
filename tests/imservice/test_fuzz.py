"""Whatever is sent, the answer is JSON below 500 and the service goes on."""

import asyncio
import json
import string
from urllib.parse import quote

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from bot.imservice import IMService, IMServiceOptions, seed_sample
from bot.imservice.routes import ALL

NAMES = [
    "server_id", "serverId", "user_id", "userId", "name", "type", "mode", "max_users", "maxUsers", "duration",
    "usernames", "username", "owner", "description", "custom", "rtc_name", "channel_category_id", "grant_type",
    "client_id", "client_secret", "ttl", "nickname", "limit", "cursor", "role", "isJoinDefaultChannel",
    "tags", "tagIds", "channelId", "channelCategoryId",
    "message", "message_id", "messageId", "msgIdList", "to", "from", "body", "ext",
]  # fmt: skip
texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["", "\0", "\ud800", "../..", "mei.lin", "aurora.studio", "-1", "NaN", "x" * 600, "频道"]),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=8,
)
bodies = st.one_of(values, st.dictionaries(st.one_of(st.sampled_from(NAMES), texts), values, max_size=8))
words = [
    "circle", "channel", "server", "user", "users", "mute", "list", "role", "public", "private", "join", "remove",
    "token", "by-app", "by-id", "count", "created", "channels", "joined", "KNOWN",
    "category", "search", "recommend", "tag", "member", "transfer",
    "thread", "reaction", "messages", "chatgroups", "chatrooms",
]  # fmt: skip
segments = st.one_of(st.sampled_from(words), st.text(alphabet=string.printable + "频\0é", max_size=12))
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


class Target:
    """A seeded service on a loop of its own, for tests that are functions of drawn values."""

    def __init__(self, runner):
        self.runner = runner
        self.service = IMService(options=IMServiceOptions(rate_limit=None, token_rate_limit=None), id_seed=1)
        self.url = runner.run(self.service.start()) + "/demo-org/demo-app"
        self.community = runner.run(seed_sample(self.service))
        reader = self.service.database.reader
        self.channel = reader.execute("SELECT id FROM channels ORDER BY seq DESC").fetchone()[0]
        self.category = reader.execute("SELECT id FROM categories").fetchone()[0]
        self.token = self.service._gateway._shared.tokens.issue(ttl_seconds=0, now_ms=0)
        self.session = runner.run(self._session())

    async def _session(self):
        return aiohttp.ClientSession()

    def send(self, method, target, body=None):
        async def call():
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            url = URL(self.url + target, encoded=True)
            async with asyncio.timeout(10), self.session.request(method, url, data=body, headers=headers) as response:
                assert response.headers["Content-Type"] == "application/json"
                content = await response.json()
                assert response.status < 500, (response.status, content)
                return content

        return self.runner.run(call())

    def close(self):
        self.runner.run(self.session.close())
        self.runner.run(self.service.stop())


@pytest.fixture(scope="module")
def target():
    with asyncio.Runner() as runner:
        target = Target(runner)
        yield target
        target.close()


def quoted(text):
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@FUZZ
@given(
    route=st.sampled_from(ALL),
    body=bodies,
    query=st.dictionaries(st.one_of(st.sampled_from(NAMES), texts), texts, max_size=5),
    known=st.booleans(),
)
def test_no_body_and_no_query_ends_in_a_500(target, route, body, query, known):
    path = route.template
    for name, value in (
        ("server_id", target.community if known else "x"),
        ("channel_id", target.channel if known else "x"),
        ("channel_category_id", target.category if known else "x"),
        ("name", quoted("Aurora" if known else "\0%_")),
        ("user_id", "mei.lin"),
        ("thread_id", "1"),
    ):
        path = path.replace("{" + name + "}", value)
    if known and isinstance(body, dict):
        body = {"server_id": target.community, "name": "n"} | body
        if route.template.startswith("/messages/"):
            body = {"to": [target.channel], "type": "txt", "body": {"msg": "x"}} | body
        query = {"serverId": target.community, "userId": "mei.lin"} | query
    if (route.method, route.template) == ("DELETE", "/circle/server/{server_id}"):
        return
    pairs = "&".join(f"{quoted(name)}={quoted(value)}" for name, value in query.items())
    target.send(route.method, f"{path}?{pairs}", json.dumps(body).encode("utf-8", "surrogatepass"))


@FUZZ
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]),
    path=st.lists(segments, min_size=1, max_size=7),
    raw=st.binary(max_size=200),
)
def test_no_path_and_no_bytes_end_in_a_500(target, method, path, raw):
    parts = [target.channel if segment == "KNOWN" else segment for segment in path]
    target.send(method, "/" + "/".join(quoted(part) for part in parts) + f"?serverId={target.community}", raw)


@settings(FUZZ, max_examples=60)
@given(raw=st.binary(min_size=1, max_size=300))
def test_no_bytes_on_a_socket_hang_the_service(target, raw):
    async def send():
        url = URL(target.url)
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(raw + b"\r\n\r\n")
        writer.write_eof()
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
        assert not answer or answer.startswith(b"HTTP/1."), answer

    target.runner.run(send())
    assert target.send("GET", "/circle/user/mei.lin") == {"code": 200, "result": True}
