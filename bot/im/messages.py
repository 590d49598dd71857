"""Messages from the app to channels and threads (seed 002, 发送消息; fact 5)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from bot.im import arguments
from bot.im.batches import ItemResult, in_batches
from bot.im.endpoint import Endpoint, Family
from bot.im.errors import InvalidArgument
from bot.im.models import Audio, Command, Content, Custom, File, Image, Location, Text, Video

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.im.answers import Answer
    from bot.im.transport import Transport

# Every call sends another message, so neither is repeated when the outcome is unknown.
TO_CHANNELS = Endpoint("POST", "/messages/chatgroups", Family.MESSAGES)
TO_ROOMS = Endpoint("POST", "/messages/chatrooms", Family.MESSAGES)

# The API takes 3 channels a call, but counts messages as well as calls, 20 a second each: with one message a call the
# pacing of the calls is that of the messages. Voice channels: 10 a call, 20 calls and 100 messages a second.
CHANNELS_A_CALL = 1
ROOMS_A_CALL = 5
LARGEST_BYTES = 5 * 1024
MOST_EXTRAS = 16

_EVENT = re.compile(r"[a-zA-Z0-9_/.-]{1,32}")


@dataclass(frozen=True, slots=True)
class SendResult(ItemResult):
    """What became of the message to one channel (`item`); `message_id` if it is `done`."""

    message_id: str = ""


class Messages:
    """`im.messages`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def send_text(
        self,
        channel_id: str,
        text: str,
        *,
        sender: str | None = None,
        ext: dict[str, Any] | None = None,
        chat_room: bool = False,
    ) -> str:
        """Send a text to one channel and return the message's id; arguments and limits as in `send`.

        Not repeated when the outcome is unknown. Raises IMError, InvalidArgument. The API sends to a channel that
        does not exist without a word (fact 5).
        """
        (result,) = await self.send([channel_id], Text(text), sender=sender, ext=ext, chat_room=chat_room)
        if result.error is not None:
            raise result.error
        return result.message_id

    async def send(
        self,
        channel_ids: Sequence[str],
        content: Content,
        *,
        sender: str | None = None,
        ext: dict[str, Any] | None = None,
        chat_room: bool = False,
    ) -> list[SendResult]:
        """Send the same message to channels or threads, and return a result for each distinct one, in their order.

        `chat_room` is for voice channels, which are chat rooms and do not go with others. `sender` is the user whom
        it is from, the API's own "admin" if not given; content and `ext` have at most 5 KB together. A request that
        fails is told with its channels and does not stop the next ones; none is repeated when its outcome is unknown
        (`error.sent`). Raises InvalidArgument.
        """
        targets = _targets(channel_ids)
        kind, body = _body(content)
        message: dict[str, Any] = {"type": kind, "body": body}
        if sender is not None:
            message["from"] = arguments.username("sender", sender)
        if ext is not None:
            message["ext"] = ext
        _check_size(body, ext)
        hide = tuple(body[key] for key in ("secret", "thumb_secret") if key in body)
        endpoint, size = (TO_ROOMS, ROOMS_A_CALL) if chat_room else (TO_CHANNELS, CHANNELS_A_CALL)

        async def post(batch: Sequence[str]) -> list[SendResult]:
            body = {**message, "to": list(batch)}
            return await self._transport.call(endpoint, partial(_results, targets=batch), body=body, hide=hide)

        return await in_batches(targets, size, post, SendResult)


def _targets(channel_ids: Sequence[str]) -> list[str]:
    if isinstance(channel_ids, str) or not channel_ids:
        raise InvalidArgument("channel_ids", "must be a list of at least one id")
    return list(dict.fromkeys(arguments.identifier("channel_ids", channel_id) for channel_id in channel_ids))


def _results(answer: Answer, targets: Sequence[str]) -> list[SendResult]:
    """Read the message's id for each target; one without an id was sent to all the same, for all we know."""
    data: Any = answer.data.get("data")
    if not isinstance(data, dict):
        raise answer.bad("data is no object")
    sent = cast("dict[str, object]", data)
    results: list[SendResult] = []
    for target in targets:
        message_id = sent.get(target)
        if isinstance(message_id, (str, int)) and not isinstance(message_id, bool) and message_id != "":
            results.append(SendResult(target, done=True, message_id=str(message_id)))
        else:
            results.append(SendResult(target, done=False, error=answer.bad("no message id for a channel")))
    return results


def _body(content: Content) -> tuple[str, dict[str, Any]]:
    """Return the wire's name for the type of a message, and its `body` (fact 5)."""
    match content:
        case Text(text):
            return "txt", {"msg": _text("text", text)}
        case Image(url, filename, secret, width, height):
            size = _given(width=_count("width", width), height=_count("height", height))
            return "img", _attachment(url, filename, secret) | _given(size=size or None)
        case Audio(url, filename, secret, seconds):
            # Table and example disagree on the spelling, so both are sent.
            length = _count("seconds", seconds)
            return "audio", _attachment(url, filename, secret) | _given(Length=length, length=length)
        case Video(url, filename, secret, seconds, size_bytes, thumbnail_url, thumbnail_secret):
            more = _given(
                length=_count("seconds", seconds),
                file_length=_count("size_bytes", size_bytes),
                thumb=_optional("thumbnail_url", thumbnail_url),
                thumb_secret=_optional("thumbnail_secret", thumbnail_secret),
            )
            return "video", _attachment(url, filename, secret) | more
        case File(url, filename, secret):
            return "file", _attachment(url, filename, secret)
        case Location(latitude, longitude, address):
            place = {"lat": _degrees("latitude", latitude, 90), "lng": _degrees("longitude", longitude, 180)}
            return "loc", place | {"addr": _text("address", address)}
        case Command(action):
            return "cmd", {"action": _text("action", action)}
        case Custom(event, extras):
            return "custom", _custom(event, dict(extras))
    raise InvalidArgument("content", "must be a message of one of the known types")


def _attachment(url: str, filename: str | None, secret: str | None) -> dict[str, Any]:
    return {"url": _text("url", url)} | _given(
        filename=_optional("filename", filename), secret=_optional("secret", secret)
    )


def _custom(event: str | None, extras: dict[str, str]) -> dict[str, Any]:
    if event is None and not extras:
        raise InvalidArgument("content", "must have an event or extras")
    if event is not None and not _EVENT.fullmatch(event):
        raise InvalidArgument("event", "must be 1 to 32 characters of A-Z a-z 0-9 _ - / .")
    if len(extras) > MOST_EXTRAS:
        raise InvalidArgument("extras", f"must have at most {MOST_EXTRAS} entries")
    for name, value in extras.items():
        arguments.text("extras", name, longest=LARGEST_BYTES)
        arguments.text("extras", value, longest=LARGEST_BYTES)
    return _given(customEvent=event, customExts=extras or None)


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _text(field: str, value: str) -> str:
    return arguments.text(field, value, shortest=1, longest=LARGEST_BYTES)


def _optional(field: str, value: str | None) -> str | None:
    return None if value is None else _text(field, value)


def _count(field: str, value: int | None) -> int | None:
    return None if value is None else arguments.integer(field, value, low=0)


def _degrees(field: str, value: float, most: int) -> str:
    """Write degrees as the text the API's table asks for."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(field, "must be a number")
    if not -most <= value <= most:
        raise InvalidArgument(field, f"must lie between -{most} and {most}")
    return f"{value:.9f}".rstrip("0").rstrip(".")


def _check_size(body: dict[str, Any], ext: dict[str, Any] | None) -> None:
    if ext is not None and not isinstance(ext, dict):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("ext", "must be a dict")
    try:
        parts = [
            json.dumps(part, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
            for part in (body, ext)
            if part is not None
        ]
    except (TypeError, ValueError, RecursionError):
        # The text is checked already, so it is `ext` that has no JSON form.
        raise InvalidArgument("ext", "cannot be sent as JSON") from None
    size = sum(map(len, parts))
    if size > LARGEST_BYTES:
        raise InvalidArgument("content", f"must have at most {LARGEST_BYTES} bytes together with ext, has {size}")
