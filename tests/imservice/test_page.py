"""The page at `/`: it is whole in itself, true, and tells no secret that is one."""

import asyncio
import re
import shutil
import subprocess
from html import unescape
from html.parser import HTMLParser

import aiohttp
import pytest

from bot.imservice import DEFAULT_CREDENTIALS, ServiceCredentials, seed_sample
from bot.imservice.page import headers, load_template
from bot.imservice.routes import ALL
from tests.demo.person import CHROMIUM, open_browser
from tests.imservice.test_wire import raw

OWN = ServiceCredentials(client_id="own-id", client_secret="own-secret", app_id="1" * 32, app_certificate="2" * 32)
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


async def page(api, **extra: str) -> tuple[str, aiohttp.ClientResponse]:
    async with api.session.get(api.url + "/", headers=extra) as response:
        return await response.text(), response


def example(text: str) -> str:
    return unescape(re.search(r"<pre><code>(.*?)</code></pre>", text, re.DOTALL)[1])


async def test_it_is_html_under_a_strict_policy_and_is_counted(launch):
    api = await launch()
    text, response = await page(api)
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert text.startswith("<!doctype html>")
    assert api.service.count["GET /"] == 1
    assert (api.service.requests[-1].route, api.service.requests[-1].status) == ("GET /", 200)


async def test_it_needs_no_token_and_counts_to_no_limit(launch):
    api = await launch(rate_limit=1)
    for _ in range(5):
        _, response = await page(api, Authorization="Bearer nonsense")
        assert response.status == 200


async def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(launch):
    text, _ = await page(await launch())
    tags = Tags(text).found
    assert not {tag for tag, _ in tags} & {"script", "iframe", "img", "form", "object", "base"}
    targets = [value for _, attributes in tags for name, value in attributes.items() if name in ("src", "href")]
    assert [target for target in targets if not target.startswith("data:")] == ["/openapi.json"]
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on") or name == "style"]
    assert "url(" not in text
    assert "@import" not in text


async def test_every_call_is_listed(launch):
    text, _ = await page(await launch())
    rows = re.findall(
        r'<tr><td><code class="\w+">(\w+)</code></td><td><code>(.*?)</code></td><td>(.+?)</td></tr>', text
    )
    listed = [(method, unescape(re.sub(r"</?\w+>", "", path))) for method, path, _ in rows]
    assert sorted(listed) == sorted((route.method, route.template) for route in ALL)
    assert f"the {len(ALL)} calls" in text


async def test_it_names_both_base_urls_as_they_were_asked(launch):
    api = await launch()
    text, _ = await page(api)
    assert f"<code>{api.url}/demo-org/demo-app</code>" in text
    assert f"<code>{api.url}/app-id/{DEFAULT_CREDENTIALS.app_id}</code>" in text


async def test_the_published_credentials_are_shown(launch):
    text, _ = await page(await launch())
    for value in (DEFAULT_CREDENTIALS.client_id, DEFAULT_CREDENTIALS.client_secret):
        assert text.count(value) == 2
    assert DEFAULT_CREDENTIALS.app_certificate in text


@pytest.mark.parametrize(
    ("mine", "hidden"),
    [
        (OWN, ("own-id", "own-secret", "2" * 32)),
        (ServiceCredentials(client_secret="own-secret"), ("own-secret", DEFAULT_CREDENTIALS.client_id)),
        (ServiceCredentials(client_id="own-id"), ("own-id", DEFAULT_CREDENTIALS.client_secret)),
        (ServiceCredentials(app_certificate="2" * 32), ("2" * 32, DEFAULT_CREDENTIALS.app_certificate)),
        (ServiceCredentials(app_id="1" * 32), (DEFAULT_CREDENTIALS.app_certificate,)),
    ],
)
async def test_other_credentials_never_are(launch, mine, hidden):
    text, _ = await page(await launch(credentials=mine))
    assert not [value for value in hidden if value in text]


@needs_curl
async def test_the_example_works_as_it_stands(launch):
    api = await launch()
    await seed_sample(api.service)
    text, _ = await page(api)
    assert "Aurora Games" in await shell(example(text))


@needs_curl
async def test_the_example_takes_own_credentials_from_the_shell(launch):
    api = await launch(credentials=OWN)
    await seed_sample(api.service)
    text, _ = await page(api)
    assert "Aurora Games" in await shell(f"CLIENT_ID=own-id CLIENT_SECRET=own-secret\n{example(text)}")


async def shell(script: str) -> str:
    running = await asyncio.create_subprocess_exec("sh", "-c", script, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = await running.communicate()
    assert running.returncode == 0, err
    return out.decode()


@pytest.mark.parametrize(
    "host", ['"><script>alert(1)</script>', "a b", "evil.example/path", "x" * 300, "", "[zz]", "user@host", "h:1:2"]
)
async def test_a_host_that_cannot_be_one_is_not_shown(launch, host):
    api = await launch()
    _, _, body = await raw(api, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert b"http://localhost/demo-org/demo-app" in body
    assert b"<script" not in body
    assert b"evil.example" not in body


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "im.test", "[::1]:8080", "IM-1.test:1"])
async def test_a_host_is_shown_as_it_was_asked(launch, host):
    api = await launch()
    _, _, body = await raw(api, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert f"<code>http://{host}/demo-org/demo-app</code>".encode() in body


@pytest.mark.parametrize("path", ["/", "/openapi.json"])
async def test_head_answers_with_the_headers_alone(launch, path):
    api = await launch()
    async with api.session.get(api.url + path) as response:
        wanted, length = response.headers["Content-Type"], len(await response.read())
    async with api.session.head(api.url + path) as response:
        assert (response.status, await response.read()) == (200, b"")
        assert response.headers["Content-Type"] == wanted
        assert int(response.headers["Content-Length"]) == length
    assert api.service.requests[-1].method == "HEAD"


@pytest.mark.parametrize("path", ["/", "/openapi.json"])
@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
async def test_other_methods_are_405(launch, path, method):
    api = await launch()
    async with api.session.request(method, api.url + path) as response:
        assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD")
        assert (await response.json())["error"] == "unsupported_service_operation"


@pytest.mark.parametrize("path", ["//", "/x", "/index.html", "/openapi.json/", "/OpenAPI.json"])
async def test_nothing_else_stands_without_a_prefix(launch, path):
    api = await launch()
    status, _, body = await raw(api, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert status == 404
    assert b'"error"' in body


async def test_query_and_absolute_form_lead_to_the_page(launch):
    api = await launch()
    for target in ("/?x=1", "http://127.0.0.1", "http://127.0.0.1/", "/#top"):
        status, head, _ = await raw(api, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert (status, b"text/html" in head) == (200, True), target


async def test_random_faults_spare_the_page(launch):
    api = await launch(fail_rate=1.0)
    for path in ("/", "/openapi.json"):
        async with api.session.get(api.url + path) as response:
            assert response.status == 200


def test_the_policy_allows_the_style_that_is_in_the_page():
    template = load_template()
    assert (
        headers(template)["Content-Security-Policy"]
        != headers(template.replace("16px", "17px"))["Content-Security-Policy"]
    )


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
async def test_a_browser_shows_it_styled_and_without_complaints(launch):
    api = await launch()
    async with open_browser() as browser:
        tab = await browser.new_page()
        complaints: list[str] = []
        asked: list[str] = []
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("request", lambda request: asked.append(request.url))
        await tab.goto(api.url + "/")
        for width in (1100, 390):
            await tab.set_viewport_size({"width": width, "height": 844})
            assert await tab.evaluate("document.documentElement.scrollWidth") == width
        for scheme, color in (("light", "rgb(246, 247, 249)"), ("dark", "rgb(16, 20, 26)")):
            await tab.emulate_media(color_scheme=scheme)
            assert await tab.evaluate("getComputedStyle(document.body).backgroundColor") == color
    assert complaints == []
    assert asked == [api.url + "/"]
