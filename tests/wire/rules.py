"""Discord's limits on messages and interaction callbacks, above all those its OpenAPI document does not state."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from tests.wire import reply as kinds
from tests.wire.commands import INTEGER, STRING
from tests.wire.model import COMPONENTS_V2, Message, Upload
from tests.wire.problems import Path, Problem, listed, missing, misspelt, number, objects, repeated, text
from tests.wire.rules_components import legacy_tree, modal, v2_tree

Json = dict[str, Any]
Files = dict[str, Upload]
Kind = Literal["channel", "channel_edit", "webhook", "webhook_edit", "callback", "update"]

# `tts` has a meaning only in new messages; discord.py sends it always and it does no harm.
_SHARED = frozenset({"content", "embeds", "components", "allowed_mentions", "attachments", "flags", "tts"})
_KNOWN: dict[str, frozenset[str]] = {
    "channel": _SHARED | {"nonce", "enforce_nonce", "message_reference", "sticker_ids", "poll"},
    "channel_edit": _SHARED,
    "webhook": _SHARED | {"username", "avatar_url", "thread_name", "applied_tags", "poll"},
    "webhook_edit": _SHARED | {"poll"},
    "callback": _SHARED | {"poll"},
    "update": _SHARED,
}
_EMBED = frozenset(
    {
        "title",
        "type",
        "description",
        "url",
        "timestamp",
        "color",
        "footer",
        "image",
        "thumbnail",
        "video",
        "provider",
        "author",
        "fields",
        "flags",
    }
)
_EMBED_PARTS = {
    "footer": frozenset({"text", "icon_url", "proxy_icon_url"}),
    "author": frozenset({"name", "url", "icon_url", "proxy_icon_url"}),
    "image": frozenset({"url", "proxy_url", "width", "height", "description", "flags"}),
    "thumbnail": frozenset({"url", "proxy_url", "width", "height", "description", "flags"}),
}
_MEMBER = frozenset({"nick", "roles", "mute", "deaf", "channel_id", "communication_disabled_until", "flags"})
_LONGEST_TIMEOUT_SECONDS = 28 * 86_400
_SHOWN = ("content", "embeds", "components", "attachments", "poll", "sticker_ids")


def message(
    body: Any, files: Files, *, kind: Kind, existing: Message | None = None, path: Path = ()
) -> Iterator[Problem]:
    """A message to be created, or (with `existing`) changed."""
    if not isinstance(body, dict):
        yield Problem(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return
    yield from misspelt(path, body, _KNOWN[kind])
    yield from text((*path, "content"), body.get("content"), 0, 2000, needed=False)
    yield from number((*path, "flags"), body.get("flags"), 0, 2**31 - 1)
    yield from text(
        (*path, "nonce"), None if isinstance(body.get("nonce"), int) else body.get("nonce"), 0, 25, needed=False
    )
    yield from embeds((*path, "embeds"), body.get("embeds"))
    yield from _mentions((*path, "allowed_mentions"), body.get("allowed_mentions"))
    yield from _attachments(path, body, files, existing)
    yield from _components(path, body, existing)
    if not _shows_something(body, files, existing):
        yield Problem(path, "EMPTY_MESSAGE", "Cannot send an empty message")


def callback(body: Any, files: Files, focused_type: int | None, source: Message | None) -> Iterator[Problem]:
    """The body of an interaction callback; `focused_type` is the type of the option being completed, if any."""
    if not isinstance(body, dict) or not isinstance(body.get("type"), int):
        yield missing(("type",))
        return
    yield from misspelt((), body, frozenset({"type", "data"}))
    kind, data = body["type"], body.get("data")
    if kind == kinds.MESSAGE and data is None:
        yield missing(("data",))
    elif kind == kinds.MESSAGE:
        yield from message(data, files, kind="callback", path=("data",))
    elif kind == kinds.UPDATE and data is not None:
        yield from message(data, files, kind="update", existing=source, path=("data",))
    elif kind == kinds.DEFER and data is not None:
        yield from misspelt(("data",), data, frozenset({"flags", "tts"}))
    elif kind == kinds.CHOICES:
        yield from _choices(data, focused_type)
    elif kind == kinds.MODAL:
        yield from modal(("data",), data)


def member_edit(body: Any, now: float) -> Iterator[Problem]:
    """A change of a Discord member; a timeout ends in the next 28 days (`now` in seconds since 1970)."""
    if not isinstance(body, dict):
        yield Problem((), "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return
    yield from misspelt((), body, _MEMBER)
    yield from text(("nick",), body.get("nick"), 0, 32, needed=False)
    until, where = body.get("communication_disabled_until"), ("communication_disabled_until",)
    bad = [*_time(where, until)]
    yield from bad
    if until is not None and not bad and _moment(until) > now + _LONGEST_TIMEOUT_SECONDS:
        message = "Timeouts cannot be more than 28 days in the future."
        yield Problem(where, "MEMBER_TIMEOUT_TOO_LONG", message)


def embeds(path: Path, value: Any) -> Iterator[Problem]:
    """A list of embeds: each one's limits, and 6000 characters in all."""
    yield from listed(path, value, 0, 10)
    total = 0
    for where, embed in objects(path, value):
        yield from _embed(where, embed)
        total += _embed_size(embed)
    if total > 6000:
        yield Problem(path, "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def _embed(path: Path, embed: Json) -> Iterator[Problem]:
    yield from misspelt(path, embed, _EMBED)
    yield from text((*path, "title"), embed.get("title"), 0, 256, needed=False)
    yield from text((*path, "description"), embed.get("description"), 0, 4096, needed=False)
    yield from number((*path, "color"), embed.get("color"), 0, 0xFFFFFF)
    yield from _url((*path, "url"), embed.get("url"))
    yield from _time((*path, "timestamp"), embed.get("timestamp"))
    for name, known in _EMBED_PARTS.items():
        part = embed.get(name)
        if isinstance(part, dict):
            yield from misspelt((*path, name), part, known)
            yield from _url((*path, name, "url"), part.get("url"), attachment=name in {"image", "thumbnail"})
            yield from _url((*path, name, "icon_url"), part.get("icon_url"), attachment=True)
    if isinstance(embed.get("footer"), dict):
        yield from text((*path, "footer", "text"), embed["footer"].get("text"), 1, 2048)
    if isinstance(embed.get("author"), dict):
        yield from text((*path, "author", "name"), embed["author"].get("name"), 1, 256)
    yield from listed((*path, "fields"), embed.get("fields"), 0, 25)
    for where, item in objects((*path, "fields"), embed.get("fields")):
        yield from misspelt(where, item, frozenset({"name", "value", "inline"}))
        yield from text((*where, "name"), item.get("name"), 1, 256)
        yield from text((*where, "value"), item.get("value"), 1, 1024)


def _embed_size(embed: Json) -> int:
    pieces = [embed.get("title"), embed.get("description")]
    pieces += [
        part.get(name) for part, name in ((embed.get("footer") or {}, "text"), (embed.get("author") or {}, "name"))
    ]
    for _, item in objects((), embed.get("fields")):
        pieces += [item.get("name"), item.get("value")]
    return sum(len(piece) for piece in pieces if isinstance(piece, str))


def _url(path: Path, value: Any, *, attachment: bool = False) -> Iterator[Problem]:
    if value is None:
        return
    schemes = {"http", "https", "attachment"} if attachment else {"http", "https"}
    try:
        split = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        split = None
    if split is None or not split.netloc or " " in str(value):
        yield Problem(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
    elif split.scheme not in schemes:
        shown = ", ".join(sorted(schemes - {"attachment"}))
        yield Problem(
            path, "URL_TYPE_INVALID_SCHEME", f'Scheme "{split.scheme}" is not supported. Use one of ({shown}).'
        )


def _time(path: Path, value: Any) -> Iterator[Problem]:
    if value is None:
        return
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        yield Problem(path, "DATETIME_TYPE_CONVERT", f'Could not parse "{value}". Should be ISO8601.')


def _moment(value: str) -> float:
    parsed = datetime.fromisoformat(value)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def _mentions(path: Path, value: Any) -> Iterator[Problem]:
    if not isinstance(value, dict):
        return
    yield from misspelt(path, value, frozenset({"parse", "users", "roles", "replied_user"}))
    for name in ("users", "roles"):
        given = value.get(name) or []
        if len(given) > 100:
            yield Problem((*path, name), "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
        if given and name in (value.get("parse") or ()):
            yield Problem(path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", f"parse:[{name}] and {name}: are exclusive")


def _attachments(path: Path, body: Json, files: Files, existing: Message | None) -> Iterator[Problem]:
    value = body.get("attachments")
    where = (*path, "attachments")
    yield from listed(where, value, 0, 10)
    if len(files) > 10:
        yield Problem(("files",), "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    present = {str(one.id) for one in existing.attachments} if existing is not None else set[str]()
    described = set[str]()
    for spot, entry in objects(where, value):
        number_text = str(entry.get("id"))
        described.add(f"files[{number_text}]")
        if f"files[{number_text}]" not in files and number_text not in present:
            yield Problem((*spot, "id"), "ATTACHMENT_NOT_FOUND", f"Attachment {number_text} has no file part")
        yield from text((*spot, "description"), entry.get("description"), 0, 1024, needed=False)
    for name in files:
        if value is not None and name not in described:
            yield Problem(where, "ATTACHMENT_NOT_DESCRIBED", f"File part {name} is in no attachment", ignored=True)


def _components(path: Path, body: Json, existing: Message | None) -> Iterator[Problem]:
    given = body.get("flags")
    flags = (given if isinstance(given, int) else 0) | (existing.flags if existing is not None else 0)
    where = (*path, "components")
    if not flags & COMPONENTS_V2:
        yield from legacy_tree(where, body.get("components"))
        return
    yield from v2_tree(where, body.get("components"))
    for name in ("content", "embeds", "poll", "sticker_ids"):
        if body.get(name):
            yield Problem(
                (*path, name),
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )


def _shows_something(body: Json, files: Files, existing: Message | None) -> bool:
    if files:
        return True
    shown_before: Json = {}
    if existing is not None:
        names = ("content", "embeds", "components", "attachments")
        shown_before = {name: getattr(existing, name) for name in names}
    for name in _SHOWN:
        value = body[name] if name in body else shown_before.get(name)
        if name == "embeds" and isinstance(value, list):
            value = [embed for embed in value if not isinstance(embed, dict) or set(embed) - {"type", "flags", "color"}]
        if value.strip() if isinstance(value, str) else value:
            return True
    return False


def _choices(data: Any, focused_type: int | None) -> Iterator[Problem]:
    choices = data.get("choices") if isinstance(data, dict) else None
    path = ("data", "choices")
    if choices is None:
        yield missing(path)
        return
    yield from listed(path, choices, 0, 25)
    for where, one in objects(path, choices):
        yield from misspelt(where, one, frozenset({"name", "value", "name_localizations"}))
        yield from text((*where, "name"), one.get("name"), 1, 100)
        for locale, name in (one.get("name_localizations") or {}).items():
            yield from text((*where, "name_localizations", locale), name, 1, 100)
        value = (*where, "value")
        if focused_type in {None, STRING}:
            yield from text(value, one.get("value"), 1, 100)
        else:
            yield from number(value, one.get("value"), -(2**53), 2**53, needed=True)
            if focused_type == INTEGER and isinstance(one.get("value"), float):
                yield Problem(value, "NUMBER_TYPE_COERCE", f'Value "{one["value"]}" is not int.')
    named = ((where, one.get("name")) for where, one in objects(path, choices))
    yield from repeated(named, "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_EXISTS", "Duplicate name for choice")
