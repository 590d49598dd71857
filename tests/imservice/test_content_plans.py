"""Every statement behind messages, reactions and threads finds its rows by an index, and in their order."""

import re

_FORBIDDEN = re.compile(r"SCAN (?!CONSTANT ROW)|TEMP B-TREE")


async def everything(api):
    channel = await api.new_channel()
    await api.join(channel, "ann", "Ben")
    message = {"type": "txt", "body": {"msg": "x"}, "from": "ann"}
    replies = [
        await api.post("/messages/chatgroups", message | {"to": [channel, "1"]}),
        await api.post("/messages/chatrooms", message | {"to": [channel]}),
    ]
    sent = replies[0].json["data"][channel]
    body = {"channel_id": channel, "user_id": "ann", "name": "t", "message_id": sent}
    replies.append(await api.post("/circle/thread", body))
    thread = replies[-1].json["thread_id"]
    reaction = f"/circle/reaction/user/ann?messageId={sent}&message=1"
    replies += [
        await api.post("/circle/reaction/user/ann", {"message_id": sent, "message": "1"}),
        await api.get("/circle/reaction/user/ann", msgIdList=sent, channelId=channel),
        await api.delete(reaction),
        await api.post(f"/circle/thread/{thread}/user/join", userId="Ben"),
        await api.get("/circle/thread/list", channelId=channel),
        await api.get("/circle/thread/created", channelId=channel, userId="ann"),
        await api.get("/circle/thread/joined", channelId=channel, userId="ann"),
        await api.get(f"/circle/thread/{thread}"),
        await api.put(f"/circle/thread/{thread}", {"name": "u"}),
        await api.post(f"/circle/thread/{thread}/user/remove", userId="Ben"),
        await api.delete(f"/circle/thread/{thread}"),
    ]
    assert {reply.status for reply in replies} == {200}


async def test_no_statement_scans_a_table_or_sorts(api):
    statements = set()
    connections = (api.service.database.reader, api.service.database._writer)
    for connection in connections:
        connection.set_trace_callback(statements.add)
    await everything(api)
    for connection in connections:
        connection.set_trace_callback(None)
    reader, planned = api.service.database.reader, 0
    for statement in statements:
        if statement.split(maxsplit=1)[0] in {"SELECT", "UPDATE", "DELETE"}:
            planned += 1
            for *_, step in reader.execute(f"EXPLAIN QUERY PLAN {statement}"):
                assert not _FORBIDDEN.search(step), (statement, step)
    assert planned > 25
