"""The gateway: HELLO to RESUME, event fan-out with replay, connection faults."""

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import WSMessage, WSMsgType, web

from tests.wire import payloads
from tests.wire.model import Guild, Message
from tests.wire.world import World

Json = dict[str, Any]
DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, CHUNKS, INVALID, HELLO, ACK = (
    0,
    1,
    2,
    3,
    4,
    6,
    7,
    8,
    9,
    10,
    11,
)
INTENT_GUILDS, INTENT_MEMBERS, INTENT_PRESENCES = 1 << 0, 1 << 1, 1 << 8
INTENT_MESSAGES, INTENT_CONTENT = 1 << 9, 1 << 15
PRIVILEGED = INTENT_MEMBERS | INTENT_PRESENCES | INTENT_CONTENT
REPLAY_EVENTS = 20_000
SENDS_PER_MINUTE = 120
CHUNK_MEMBERS = 1000
# A bot that has not sent its heartbeat for so many intervals is taken for dead.
SILENT_HEARTBEATS = 1.5
_ENDS = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR})
# A bot that closes with one of these does not want to resume.
_SESSION_ENDS = frozenset({1000, 1001})


class Session:
    """One identified bot (shard): its events are numbered and kept for a RESUME."""

    def __init__(self, identify: Json) -> None:
        self.id = secrets.token_hex(16)
        self.intents = int(identify["intents"])
        shard = identify.get("shard") or [0, 1]
        self.shard, self.shards = int(shard[0]), int(shard[1])
        self.seq = 0
        self.buffer: deque[tuple[int, str]] = deque(maxlen=REPLAY_EVENTS)
        self.connection: Connection | None = None

    def sees(self, guild_id: int) -> bool:
        """Whether events of the guild go to this shard."""
        return (guild_id >> 22) % self.shards == self.shard

    def has_everything_after(self, seq: int) -> bool:
        """Whether the events after `seq` are all still kept."""
        return seq <= self.seq and (not self.buffer or seq >= self.buffer[0][0] - 1)

    def dispatch(self, event: str, encoded: str) -> bool:
        """Number an event, keep it, send it if a connection is there; returns whether it was sent now."""
        self.seq += 1
        text = f'{{"op":0,"s":{self.seq},"t":"{event}","d":{encoded}}}'
        self.buffer.append((self.seq, text))
        if self.connection is None:
            return False
        self.connection.send(text)
        return True


class Connection:
    """One WebSocket; frames leave through a queue so that a sender never waits for the peer."""

    def __init__(self, ws: web.WebSocketResponse, request: web.Request) -> None:
        self.ws = ws
        self.request = request
        self.session: Session | None = None
        self.queue: asyncio.Queue[str] = asyncio.Queue()
        self.received: deque[float] = deque()

    def send(self, text: str) -> None:
        """Queue a frame."""
        self.queue.put_nowait(text)

    def send_op(self, op: int, data: Any = None) -> None:
        """Queue a frame that is no event."""
        self.send(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def abort(self) -> None:
        """Cut the TCP connection without a close frame."""
        if self.request.transport is not None:
            self.request.transport.abort()

    async def pump(self) -> None:
        """Send queued frames until the connection ends."""
        while True:
            text = await self.queue.get()
            try:
                await self.ws.send_str(text)
            except ConnectionError:
                return


class Gateway:
    """All sessions and connections of the bot."""

    def __init__(self, world: World, token: str, heartbeat_ms: int) -> None:
        self._world = world
        self._token = token
        self._heartbeat_ms = heartbeat_ms
        self.url = ""
        self.denied_intents = 0
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.identifies = 0
        self.resumes = 0
        self._changed = asyncio.Event()

    def dispatch(self, event: str, guild_id: int, data: Json, *, intent: int = 0) -> bool:
        """Send an event to every session of the guild's shard; returns whether a connected bot got it."""
        encoded = json.dumps(data, separators=(",", ":"))
        delivered = False
        for session in self.sessions.values():
            if session.sees(guild_id) and session.intents & intent == intent:
                delivered = session.dispatch(event, encoded) or delivered
        return delivered

    def dispatch_message(self, event: str, message: Message) -> None:
        """Send a message event; other people's text only with the message content intent."""
        guild = message.channel.guild
        for session in self.sessions.values():
            if not (session.sees(guild.id) and session.intents & INTENT_MESSAGES):
                continue
            if event == "MESSAGE_DELETE":
                data = {"id": str(message.id), "channel_id": str(message.channel.id), "guild_id": str(guild.id)}
            else:
                readable = message.author is self._world.bot or bool(session.intents & INTENT_CONTENT)
                data = payloads.message_event(message, with_content=readable)
            session.dispatch(event, json.dumps(data, separators=(",", ":")))

    @property
    def connected(self) -> bool:
        """Whether a bot is identified and connected now."""
        return any(session.connection is not None for session in self.sessions.values())

    async def wait_connected(self, timeout: float) -> None:
        """Wait for an identified (or resumed) bot; raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while not self.connected:
                await self._changed.wait()

    async def wait_disconnected(self, timeout: float) -> None:
        """Wait until no bot is connected; raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while self.connected:
                await self._changed.wait()

    def drop(self) -> None:
        """Cut all connections as a broken network does; the sessions can be resumed."""
        for connection in list(self.connections):
            self._detach(connection)
            connection.abort()

    async def close(self, code: int) -> None:
        """Close all connections with a close code."""
        for connection in list(self.connections):
            self._detach(connection)
            await connection.ws.close(code=code)

    def ask_reconnect(self) -> None:
        """Send op 7: the bot shall disconnect and resume."""
        for connection in self.connections:
            connection.send_op(RECONNECT)

    def forget_sessions(self) -> None:
        """Lose all sessions: a RESUME is answered with op 9 and the bot has to identify anew."""
        for session in self.sessions.values():
            session.connection = None
        self.sessions.clear()
        self._wake()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One WebSocket connection from HELLO to its end."""
        ws = web.WebSocketResponse(max_msg_size=1 << 20, compress=False)
        await ws.prepare(request)
        connection = Connection(ws, request)
        self.connections.add(connection)
        pump = asyncio.create_task(connection.pump())
        connection.send_op(HELLO, {"heartbeat_interval": self._heartbeat_ms})
        try:
            async for frame in self._frames(connection):
                code = self._receive(connection, frame.data) if frame.type is WSMsgType.TEXT else 4002
                if code is not None:
                    self._detach(connection)
                    await ws.close(code=code)
                    break
        finally:
            pump.cancel()
            session = connection.session
            # After a close of our own the bot's library answers with 1000, which says nothing.
            if ws.close_code in _SESSION_ENDS and session is not None and session.connection is connection:
                self.sessions.pop(session.id, None)
            self._detach(connection)
        return ws

    async def _frames(self, connection: Connection) -> AsyncIterator[WSMessage]:
        """The frames of a connection until its end; one that has been silent for too long is closed."""
        while True:
            try:
                frame = await connection.ws.receive(timeout=self._heartbeat_ms / 1000 * SILENT_HEARTBEATS)
            except TimeoutError:
                self._detach(connection)
                await connection.ws.close(code=4000)
                return
            if frame.type in _ENDS:
                return
            yield frame

    def _receive(self, connection: Connection, text: str) -> int | None:
        """Handle one frame; returns a close code if the bot broke the protocol."""
        now = time.monotonic()
        recent = connection.received
        recent.append(now)
        while recent and recent[0] < now - 60:
            recent.popleft()
        if len(recent) > SENDS_PER_MINUTE:
            return 4008
        try:
            frame = json.loads(text)
            op, data = frame["op"], frame.get("d")
        except (ValueError, TypeError, KeyError):
            return 4002
        if op == HEARTBEAT:
            connection.send_op(ACK)
            return None
        if op in {IDENTIFY, RESUME}:
            return self._login(connection, op, data)
        if connection.session is None:
            return 4003
        if op == CHUNKS:
            self._send_members(connection.session, data)
            return None
        return None if op in {PRESENCE, VOICE} else 4001

    def _login(self, connection: Connection, op: int, data: Any) -> int | None:
        if connection.session is not None:
            return 4005
        if not isinstance(data, dict) or data.get("token") != self._token:
            return 4004
        if op == RESUME:
            self._resume(connection, data)
            return None
        intents = data.get("intents")
        if not isinstance(intents, int) or not isinstance(data.get("properties"), dict):
            return 4013
        if intents & PRIVILEGED & self.denied_intents:
            return 4014
        self._identify(connection, data)
        return None

    def _identify(self, connection: Connection, data: Json) -> None:
        session = Session(data)
        # A bot that identifies anew has given up its former session (a restart after a kill, for example).
        for old in [one for one in self.sessions.values() if one.connection is None and one.shard == session.shard]:
            del self.sessions[old.id]
        self.sessions[session.id] = session
        self._attach(connection, session)
        self.identifies += 1
        bot = self._world.bot
        guilds = [guild for guild in self._world.guilds.values() if session.sees(guild.id)]
        ready: Json = {
            "v": 10,
            "user": payloads.own_user(bot),
            "session_type": "normal",
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "application": {"id": str(self._world.application_id), "flags": 1 << 15 | 1 << 19},
            "shard": [session.shard, session.shards],
            "private_channels": [],
            "relationships": [],
            "presences": [],
        }
        session.dispatch("READY", json.dumps(ready))
        if session.intents & INTENT_GUILDS:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", json.dumps(payloads.guild_create(guild, bot.id)))
        self._wake()

    def _resume(self, connection: Connection, data: Json) -> None:
        session = self.sessions.get(str(data.get("session_id")))
        after = data.get("seq")
        if session is None or not isinstance(after, int) or not session.has_everything_after(after):
            connection.send_op(INVALID, data=False)
            return
        if session.connection is not None:
            session.connection.abort()
        for number, text in session.buffer:
            if number > after:
                connection.send(text)
        self._attach(connection, session)
        self.resumes += 1
        session.dispatch("RESUMED", "{}")
        self._wake()

    def _send_members(self, session: Session, data: Json) -> None:
        asked = data["guild_id"]
        guild = self._world.guilds.get(int(asked[0] if isinstance(asked, list) else asked))
        if guild is None:
            return
        members, missing = _chosen_members(guild, data)
        chunks = [members[at : at + CHUNK_MEMBERS] for at in range(0, len(members), CHUNK_MEMBERS)] or [[]]
        for index, chunk in enumerate(chunks):
            body: Json = {
                "guild_id": str(guild.id),
                "members": [payloads.member(one) for one in chunk],
                "chunk_index": index,
                "chunk_count": len(chunks),
                "not_found": missing,
            }
            if data.get("nonce") is not None:
                body["nonce"] = data["nonce"]
            if data.get("presences"):
                body["presences"] = []
            session.dispatch("GUILD_MEMBERS_CHUNK", json.dumps(body))

    def _attach(self, connection: Connection, session: Session) -> None:
        connection.session = session
        session.connection = connection

    def _detach(self, connection: Connection) -> None:
        self.connections.discard(connection)
        if connection.session is not None and connection.session.connection is connection:
            connection.session.connection = None
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _chosen_members(guild: Guild, data: Json) -> tuple[list[Any], list[str]]:
    """The members an op 8 asks for, and the asked ids that are not there."""
    wanted = data.get("user_ids")
    if wanted is not None:
        ids = [int(one) for one in (wanted if isinstance(wanted, list) else [wanted])]
        return [guild.members[one] for one in ids if one in guild.members], [
            str(one) for one in ids if one not in guild.members
        ]
    prefix, limit = str(data.get("query") or "").lower(), int(data.get("limit") or 0)
    found = [one for one in guild.members.values() if one.name.lower().startswith(prefix)]
    return (found[:limit] if limit else found), []
