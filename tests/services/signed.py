"""Callbacks as the IM signs them, and a world that takes them in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import count
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

from bot.im import callback_signature
from bot.services.callbacks.service import Receipt
from bot.services.clock import to_ms
from bot.store import tables
from tests.services.conftest import World

SECRET = "the-console's-secret"
_numbers = count(1)


def signed(
    body: dict[str, Any], stamp_ms: int, *, call_id: str | None = None, secret: str = SECRET, **more: object
) -> bytes:
    """A callback of the IM with this content."""
    call_id = call_id or f"org#app_{next(_numbers)}"
    outer = {"callId": call_id, "timestamp": stamp_ms, "security": callback_signature(call_id, secret, stamp_ms)}
    return json.dumps(body | outer | more).encode()


def group_op(channel: str, operation: str, **payload: object) -> dict[str, Any]:
    return {"event": "group_op_event", "id": channel, "type": "GROUP", "operation": operation, "payload": payload}


def muted(channel: str, *members: str, how: str = "ADD") -> dict[str, Any]:
    return group_op(channel, "MUTE", member=list(members), type=how)


def said(channel: str, text: str, number: int, author: str = "bob") -> dict[str, Any]:
    return {
        "eventType": "chat", "chat_type": "groupchat", "group_id": channel, "from": author, "to": channel,
        "msg_id": str(number), "content_type": "chat:group:text",
        "payload": {"ext": {}, "bodies": [{"type": "txt", "msg": text}], "type": "groupchat"},
    }  # fmt: skip


async def with_secret(world: World) -> World:
    """Start again with a secret, ready to take callbacks in."""
    http = world.settings.http.model_copy(update={"callback_secret": SecretStr(SECRET)})
    world.settings = world.settings.model_copy(update={"http": http})
    await world.restart()
    await world.services.callbacks.start()
    world.service.told.clear()
    return world


async def tell(world: World, body: dict[str, Any], **more: Any) -> Receipt:
    """Hand in one callback that is signed just now."""
    return await world.services.callbacks.accept(signed(body, to_ms(world.im_clock.now()), **more))


def told(world: World) -> list[dict[str, Any]]:
    """What the IM service has had to tell since the last time."""
    bodies = [event.body for event in world.service.told]
    world.service.told.clear()
    return bodies


async def hear(world: World, bodies: Iterable[dict[str, Any]] | None = None) -> None:
    """Hand in what the IM service has told, or this, and wait until all is done about it."""
    for body in told(world) if bodies is None else bodies:
        assert await tell(world, body) is Receipt.ACCEPTED
    await world.services.callbacks.join()


async def events(world: World) -> list[Any]:
    query = select(tables.callback_events).order_by(tables.callback_events.c.id)
    return await world.store.read(lambda connection: list(connection.execute(query)))


def counted(world: World, name: str, **labels: str) -> float:
    return world.services.meters.registry.get_sample_value(name, labels) or 0.0
