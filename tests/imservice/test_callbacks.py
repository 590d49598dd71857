"""Callbacks on the wire: a receiver on a real socket gets what happened, signed, in order, and is never hammered."""

import asyncio
import logging
import socket
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.im import verify_callback
from bot.imservice import DEFAULT_CREDENTIALS, IMService, IMServiceOptions, StartupError, callbacks, events
from bot.imservice.callbacks import Bans, Callbacks
from bot.imservice.ids import Ids
from tests.imservice.conftest import START_MS
from tests.imservice.receiver import Receiver

SECRET = "rule-secret-9f2c"
APP_KEY = "demo-org#demo-app"
NOW = datetime.fromtimestamp(START_MS / 1000, UTC)


@pytest.fixture
async def receiver():
    receiver = Receiver()
    receiver.open.set()
    runner = web.ServerRunner(web.Server(receiver.handle), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    receiver.open.set()
    await runner.cleanup()


class Time:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def time():
    return Time()


@pytest.fixture
async def sender(receiver, time):
    made: list[Callbacks] = []

    def make(url: str | None = None) -> Callbacks:
        sender = Callbacks(
            IMServiceOptions(callback_url=url or receiver.url, callback_secret=SECRET),
            credentials=DEFAULT_CREDENTIALS,
            ids=Ids(1),
            now_ms=lambda: START_MS,
            monotonic=time,
        )
        sender.start()
        made.append(sender)
        return sender

    yield make
    receiver.open.set()
    for sender in made:
        await sender.stop()


def happened(number: int, group: str = "1") -> events.Event:
    return events.group_op(group, "UPDATE", {"number": number})


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


async def test_what_happens_to_channels_and_members_is_told(launch, receiver):
    """Each family of events, as a customer sees them: through HTTP on both sides."""
    api = await launch(callback_url=receiver.url, callback_secret=SECRET)
    await api.users("owner", "ann")
    api.community = await api.new_community()
    await api.join(None, "ann")
    await until(lambda: api.service.callbacks.sent == len(api.service.told))
    receiver.got.clear()
    channel = await api.new_channel("tavern")
    voice = await api.new_channel("lounge", mode=1)
    await api.put(f"/circle/channel/{channel}", {"name": "inn"}, serverId=api.community)
    await api.post(f"/circle/channel/{channel}/join", userId="ann", serverId=api.community)
    await api.mute(channel, "ann", duration=60_000)
    await api.delete(f"/circle/channel/{channel}/user/mute", serverId=api.community, userId="ann")
    await api.post(f"/circle/channel/{channel}/user/remove", userId="ann", serverId=api.community)
    await api.delete(f"/circle/channel/{channel}", serverId=api.community)
    got = await receiver.wait_for(8)
    assert set(receiver.types) == {"application/json"}
    assert [(event["operation"], event["payload"].get("type")) for event in got if event["id"] == channel] == [
        ("CREATE", None),
        ("UPDATE", None),
        ("JOIN", None),
        ("MUTE", "ADD"),
        ("MUTE", "REMOVE"),
        ("KICK", None),
        ("DELETE", None),
    ]
    mute = next(event for event in got if event["payload"].get("type") == "ADD")
    assert mute["payload"] == {"member": ["ann"], "type": "ADD", "expire_timestamp": START_MS + 60_000}
    assert (mute["event"], mute["type"], mute["operator"]) == ("group_op_event", "GROUP", "@ppAdmin")
    assert next(event for event in got if event["id"] == voice)["type"] == "CHATROOM"
    for event in got:
        assert (event["appkey"], event["timestamp"], event["securityVersion"]) == (APP_KEY, START_MS, "1.0.0")
        assert event["callId"].startswith(APP_KEY + "_")
        assert verify_callback(event, SECRET, now=NOW)
        assert "host" not in event
    assert len({event["callId"] for event in got}) == len(got)
    await until(lambda: api.service.callbacks.sent == len(api.service.told))


async def test_what_people_write_and_arrange_is_told(launch, receiver):
    api = await launch(callback_url=receiver.url, callback_secret=SECRET)
    await api.users("owner", "ann")
    api.community = await api.new_community()
    channel = await api.new_channel()
    await api.join(channel, "ann")
    sent = await api.post(
        "/messages/chatgroups", {"from": "ann", "to": [channel], "type": "txt", "body": {"msg": "hello"}}
    )
    message = sent.json["data"][channel]
    await api.post("/circle/reaction/user/ann", {"user_id": "ann", "message_id": message, "message": "👍"})
    new = {"channel_id": channel, "user_id": "ann", "name": "why", "message_id": message}
    assert (await api.post("/circle/thread", new)).status == 200
    await api.put("/user/owner/contacts/users/ann", {"remark": "not yet a friend"})
    await api.post("/users/owner/contacts/users/ann")
    await api.put("/user/owner/contacts/users/ann", {"remark": "captain"})
    await api.post("/users/owner/blocks/users", {"usernames": ["ann"]})
    await until(lambda: api.service.callbacks.sent == len(api.service.told))
    got = [event for event in receiver.got if "eventType" in event]
    assert all(verify_callback(event, SECRET, now=NOW) for event in got)
    assert [event["payload"]["operation"] for event in got if event["chat_type"] == "roster"] == [
        "add",
        "remark",
        "ban",
    ]
    assert {event["from"] for event in got if event["chat_type"] == "roster"} == {f"{APP_KEY}_owner@easemob.com"}
    assert [event["msg_id"] for event in got if event["chat_type"] == "groupchat"] == [message]
    assert [event["payload"]["type"] for event in got if event["chat_type"] == "notify"] == ["reaction", "thread"]


async def test_events_after_a_message_name_the_host_and_contacts_the_full_sender(sender, receiver):
    sender().tell(
        [
            events.message(message_id="5", sender="ann", group_id="1", bodies=[{"msg": "环"}], ext=None, kind="text"),
            events.notify("thread", "1", [{"id": "2"}]),
            events.roster("ann", "Ben", "remark", remark="captain"),
        ]
    )
    got = {event["chat_type"]: event for event in await receiver.wait_for(3)}
    assert {event["host"] for event in got.values()} == {"im-service"}
    assert got["roster"]["from"] == f"{APP_KEY}_ann@easemob.com"
    assert (got["roster"]["to"], got["groupchat"]["from"]) == ("Ben", "ann")
    assert got["groupchat"]["payload"]["bodies"] == [{"msg": "环"}]
    assert all(verify_callback(event, SECRET, now=NOW) for event in got.values())


@pytest.mark.parametrize("status", [201, 204, 301, 404, 500])
async def test_anything_but_200_is_tried_once_more_and_then_given_up(sender, receiver, status):
    receiver.answer = lambda _number: web.Response(status=status)
    sent = sender()
    sent.tell([happened(1)])
    await until(lambda: sent.failed == 1)
    assert [event["payload"]["number"] for event in receiver.got] == [1, 1]
    assert receiver.got[0] == receiver.got[1], "the repetition can be told by its call id"
    assert (sent.sent, sent.dropped) == (0, 0)


async def test_one_failure_is_made_good_by_the_second_try(sender, receiver):
    receiver.answer = lambda number: web.Response(status=500 if number == 0 else 200)
    sent = sender()
    sent.tell([happened(1), happened(2)])
    await until(lambda: sent.sent == 2)
    assert [event["payload"]["number"] for event in receiver.got] == [1, 1, 2]
    assert sent.failed == 0


async def test_a_redirect_is_not_followed(sender, receiver):
    receiver.answer = lambda _number: web.Response(status=307, headers={"Location": "/redirected"})
    sent = sender()
    sent.tell([happened(1)])
    await until(lambda: sent.failed == 1)
    assert receiver.paths == ["/hook", "/hook"]


async def test_what_concerns_one_group_keeps_its_order_also_when_one_fails(sender, receiver):
    receiver.answer = lambda number: web.Response(status=500 if number % 3 == 0 else 200)
    sent = sender()
    sent.tell([happened(number, group) for number in range(20) for group in "abc"])
    await until(lambda: sent.sent + sent.failed == 60)
    for group in "abc":
        numbers = [event["payload"]["number"] for event in receiver.got if event["id"] == group]
        assert numbers == sorted(numbers)


async def test_what_concerns_two_users_keeps_its_order_whoever_did_it(sender, receiver):
    sent = sender()
    for number in range(10):
        sent.tell([events.roster("ann", "Ben", "ban", number=2 * number)])
        sent.tell([events.roster("ben", "ann", "ban", number=2 * number + 1)])
    await until(lambda: sent.sent == 20)
    assert [event["payload"]["number"] for event in receiver.got] == list(range(20))


async def test_a_receiver_that_hangs_is_given_up_in_time_and_holds_up_no_request(launch, receiver, monkeypatch):
    monkeypatch.setattr(callbacks, "_TIMEOUT_SECONDS", 0.05)
    receiver.open.clear()
    api = await launch(callback_url=receiver.url, callback_secret=SECRET)
    await api.users("owner")
    api.community = await api.new_community()
    for number in range(5):
        await api.new_channel(f"room {number}")
    await until(lambda: api.service.callbacks.failed > 0)
    assert api.service.callbacks.sent == 0


async def test_a_full_queue_drops_and_counts(sender, receiver, monkeypatch, caplog):
    monkeypatch.setattr(callbacks, "QUEUE_SIZE", 10)
    receiver.open.clear()
    sent = sender()
    with caplog.at_level(logging.WARNING, "bot.imservice"):
        sent.tell([happened(number) for number in range(25)])
    assert sent.dropped == 15
    assert caplog.text.count("wait for") == 1
    receiver.open.set()
    await until(lambda: sent.sent == 10)
    sent.tell([happened(99)])
    await until(lambda: sent.sent == 11)
    assert [event["payload"]["number"] for event in receiver.got] == [*range(10), 99]


async def test_ninety_failures_in_thirty_seconds_ban_the_rule_for_five_minutes(sender, receiver, time, caplog):
    receiver.answer = lambda _number: web.Response(status=503)
    sent = sender()
    sent.tell([happened(number) for number in range(60)])
    await until(lambda: sent.failed + sent.dropped == 60)
    assert (len(receiver.got), sent.failed, sent.dropped) == (90, 45, 15)
    assert "for 5 minutes" in caplog.text
    time.seconds += 299
    sent.tell([happened(1)])
    assert (len(receiver.got), sent.dropped) == (90, 16)
    time.seconds += 1
    receiver.answer = lambda _number: web.Response()
    sent.tell([happened(2)])
    await until(lambda: sent.sent == 1)


async def test_long_replies_arrive_but_count_towards_a_ban(sender, receiver):
    receiver.answer = lambda number: web.Response(text="界" * (1000 if number < 100 else 1001))
    sent = sender()
    sent.tell([happened(number) for number in range(100)])
    await until(lambda: sent.sent == 100)
    sent.tell([happened(number) for number in range(100)])
    await until(lambda: sent.sent + sent.dropped == 200)
    assert (sent.sent, sent.dropped, sent.failed) == (190, 10, 0)


def test_bans_grow_to_twenty_five_minutes_and_are_forgotten_after_a_day(time):
    bans = Bans(time)

    def fail() -> float | None:
        return [bans.failed() for _ in range(90)][-1]

    seconds = []
    for _ in range(7):
        seconds.append(fail())
        assert bans.in_force
        time.seconds += seconds[-1]
        assert not bans.in_force
    assert seconds == [300, 600, 900, 1200, 1500, 1500, 1500]
    time.seconds += 24 * 3600
    assert fail() == 300


def test_failures_that_are_spread_out_ban_nothing(time):
    bans = Bans(time)
    for _ in range(500):
        assert bans.failed() is None
        time.seconds += 30 / 88.9
    assert not bans.in_force


async def test_stopping_sends_what_waits(launch, receiver):
    api = await launch(callback_url=receiver.url, callback_secret=SECRET)
    api.service._announce([happened(number) for number in range(200)])
    await api.service.stop()
    assert len(receiver.got) == 200
    assert (api.service.callbacks.sent, api.service.callbacks.dropped) == (200, 0)


async def test_stopping_does_not_wait_for_a_receiver_that_hangs(sender, receiver, monkeypatch, caplog):
    monkeypatch.setattr(callbacks, "_LAST_CHANCE_SECONDS", 0.05)
    receiver.open.clear()
    sent = sender()
    sent.tell([happened(number) for number in range(7)])
    await receiver.wait_for(1)
    async with asyncio.timeout(5):
        await sent.stop()
    assert (sent.sent, sent.dropped) == (0, 7)
    assert "7 callbacks were not sent" in caplog.text
    sent.tell([happened(8)])
    assert sent.dropped == 7


async def test_a_service_that_was_stopped_sends_again_after_its_next_start(receiver):
    service = IMService(options=IMServiceOptions(callback_url=receiver.url, callback_secret=SECRET))
    for number in range(2):
        await service.start()
        service._announce([happened(number)])
        await service.stop()
    assert [event["payload"]["number"] for event in receiver.got] == [0, 1]


async def test_without_a_url_nothing_is_sent_and_nothing_counted(launch):
    api = await launch()
    await api.users("owner")
    api.community = await api.new_community()
    await api.new_channel()
    assert api.service.told
    counted = api.service.callbacks
    assert (counted.sent, counted.failed, counted.dropped) == (0, 0, 0)


@pytest.mark.parametrize(
    "url", ["", "ftp://host/x", "host/x", "http://", "//host/", "http://[::1", "http://host:99999/", "http://host:x/"]
)
async def test_a_url_that_cannot_work_is_one_clear_sentence(url):
    service = IMService(options=IMServiceOptions(callback_url=url, callback_secret=SECRET))
    with pytest.raises(StartupError, match="--callback-url") as refused:
        await service.start()
    assert "host" not in str(refused.value)


async def test_a_url_without_a_secret_is_one_clear_sentence():
    service = IMService(options=IMServiceOptions(callback_url="http://127.0.0.1:9/"))
    with pytest.raises(StartupError, match="--callback-secret"):
        await service.start()


async def test_no_secret_is_in_logs_or_reprs(sender, receiver, caplog):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://user:passw0rd@127.0.0.1:{closed.getsockname()[1]}/hook?key=in-the-query#fragment"
    with caplog.at_level(logging.DEBUG):
        sent = sender(nobody)
        sent.tell([happened(number) for number in range(60)])
        await until(lambda: sent.failed + sent.dropped == 60)
        await sent.stop()
    assert sent.failed == 45
    assert "/hook" in caplog.text
    shown = caplog.text + repr(sent) + repr(IMServiceOptions(callback_url=nobody, callback_secret=SECRET))
    for secret in (SECRET, "passw0rd", "in-the-query", "fragment"):
        assert secret not in shown


async def test_a_url_with_a_query_is_called_with_it(sender, receiver):
    sent = sender(receiver.url + "?key=a%20b&x=1")
    sent.tell([happened(1)])
    await until(lambda: sent.sent == 1)
    assert receiver.paths == ["/hook?key=a%20b&x=1"]


async def test_a_receiver_that_breaks_connections_stops_nobody(sender, receiver):
    async def broken(request):
        receiver.got.append(await request.json())
        if len(receiver.got) % 3:
            request.transport.abort()
        return web.Response()

    runner = web.ServerRunner(web.Server(broken), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sent = sender(f"http://127.0.0.1:{runner.addresses[0][1]}/")
    sent.tell([happened(number) for number in range(20)])
    await until(lambda: sent.sent + sent.failed == 20)
    assert sent.sent > 0
    assert sent.failed > 0
    await runner.cleanup()
