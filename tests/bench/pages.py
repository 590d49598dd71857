"""A server that has its answers ready, as a process: `python -m tests.bench.pages COUNT`.

It answers what a client reads most: a token, a channel, whether somebody is a member, and lists of COUNT members or
mutes, 20 a page. It does next to nothing else, so that whoever is measured against it is what takes the time.
"""

from __future__ import annotations

import asyncio
import json
import sys
from functools import lru_cache
from typing import Any

PAGE = 20
CHANNEL = {
    "owner": "user1", "name": "chat channel", "type": 0, "mode": 0, "description": "chat channel", "custom": "custom",
    "created": 1675845650856, "server_id": "19VM9oPBas000000tvWViEsdM", "max_users": 200, "default_channel": 0,
    "channel_category_id": "77a98600000002b54881025861c", "channel_id": "205900000001542",
}  # fmt: skip


def packed(content: dict[str, Any]) -> bytes:
    """Make the whole HTTP answer."""
    body = json.dumps(content, separators=(",", ":")).encode()
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Fri, 20 Nov 2026 13:00:00 GMT\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )


class Pages:
    """The answers by request target."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.answer = lru_cache(maxsize=256)(self._answer)

    def _answer(self, target: bytes) -> bytes:
        path, _, query = target.partition(b"?")
        if path.endswith(b"/token"):
            return packed({"access_token": "YWMt" + "x" * 100, "expires_in": 86400, "application": "a"})
        if path.endswith(b"/mute/list"):
            return self._page("mute_users", query, lambda n: {"user": f"member-{n}", "expire": 1_900_000_000_000 + n})
        if path.endswith(b"/users"):
            return self._page("users", query, lambda n: {"user_id": f"member-{n}", "role": 1})
        if b"/user/" in path:
            return packed({"code": 200, "result": True})
        return packed({"code": 200, "channel": CHANNEL})

    def _page(self, key: str, query: bytes, row: Any) -> bytes:
        _, _, cursor = query.partition(b"cursor=")
        first = int(cursor or b"0")
        last = min(first + PAGE, self._count)
        more = {"cursor": str(last)} if last < self._count else {}
        return packed({"code": 200, "count": last - first, key: [row(n) for n in range(first, last)], **more})


class Connection(asyncio.Protocol):
    """One keep-alive connection; requests are told apart by their first line and Content-Length alone."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            stated = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            length = int(stated or b"0")
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._transport.write(self._pages.answer(head.split(b" ", 2)[1]))


async def main(count: int) -> None:
    pages = Pages(count)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(pages), "127.0.0.1", 0)
    print(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
