"""Every statement behind the calls on communities, tags, categories and their lists finds its rows by an index."""

import re

import pytest_asyncio

_PLAIN = re.compile(r"SCAN (?!CONSTANT ROW)|TEMP B-TREE")


@pytest_asyncio.fixture
async def statements(api):
    """All that reader and writer run from here on."""
    seen = set()
    database = api.service.database
    connections = (database.reader, database._writer)
    for connection in connections:
        connection.set_trace_callback(seen.add)
    yield seen
    for connection in connections:
        connection.set_trace_callback(None)


def plans(api, statements):
    reader = api.service.database.reader
    reader.set_trace_callback(None)
    for statement in sorted(statements):
        if statement.split(maxsplit=1)[0] in {"SELECT", "UPDATE", "DELETE"}:
            for *_, step in reader.execute(f"EXPLAIN QUERY PLAN {statement}"):
                yield statement, step


async def everything(api):
    await api.users("dora")
    channel, tagged = await api.new_channel(), f"/circle/server/{api.community}/tag"
    await api.join(channel, "ann", "dora")
    await api.mute(channel, "dora")
    added = (await api.post(f"{tagged}/add", {"tags": ["music", "games"]})).json["tags"]
    await api.post(f"{tagged}/remove", {"tagIds": [added[0]["server_tag_id"]]})
    await api.put(f"/circle/server/{api.community}", {"name": "Harbour II"})
    for name in ("Harbour 1", "Harbour 2", "Harbour 2"):
        await api.new_community("owner", name)
    cursor = (await api.get("/circle/server/search/harb", limit=1)).json["cursor"]
    category = (await api.post("/circle/channel/category", {"server_id": api.community, "name": "c"})).json
    one = f"/circle/channel/category/{category['channel_category_id']}"
    place = {"serverId": api.community}
    await api.put(one, {"server_id": api.community, "name": "d"})
    await api.post(
        "/circle/channel/category/member/transfer",
        channelId=channel,
        channelCategoryId=category["channel_category_id"],
        **place,
    )
    replies = [
        await api.get("/circle/server/search/harb", limit=20, cursor=cursor),
        await api.get("/circle/server/search/games", type=1),
        await api.get("/circle/server/recommend/list"),
        await api.get("/circle/server/list/by-app"),
        await api.get("/circle/server/list", userId="ann"),
        await api.get(tagged),
        await api.get("/circle/channel/category/list", **place),
        await api.get(f"{one}/member/list", **place),
        await api.get(f"{one}/public/member/list", **place),
        await api.get(f"{one}/private/member/list", **place),
        await api.get(f"{one}/user/joined/member/list", userId="ann", **place),
        await api.get("/circle/channel/public", **place),
        await api.get("/circle/channel/user/owner/created/channels", **place),
        await api.get("/circle/channel/user/joined/list", userId="ann", **place),
        await api.post(
            f"/circle/channel/{channel}/users/remove", {"server_id": api.community, "usernames": ["ann", "cleo"]}
        ),
        await api.post(f"/circle/server/{api.community}/user/remove", userId="dora"),
        await api.delete(one, **place),
        await api.delete(f"/circle/server/{api.community}"),
    ]
    assert [reply.status for reply in replies] == [200] * len(replies)


async def test_no_statement_reads_a_whole_table_or_sorts(api, statements):
    await everything(api)
    assert len(statements) > 50
    found = [plan for plan in plans(api, statements) if _PLAIN.search(plan[1])]
    # The newest five: from the end of the table, and no further.
    assert [(step, statement[-30:]) for statement, step in found] == [
        ("SCAN c", "u.seq = c.owner ORDER BY c.seq DESC LIMIT 5"[-30:])
    ]
