"""Discord's limits on components in messages and modals."""

from collections.abc import Iterator
from typing import Any

from tests.wire import components as parts
from tests.wire.problems import Path, Problem, listed, missing, misspelt, number, objects, out_of_range, repeated, text

Json = dict[str, Any]
_BASE = frozenset({"type", "id"})
_SELECT = _BASE | {"custom_id", "placeholder", "min_values", "max_values", "disabled", "required"}
_KNOWN: dict[int, frozenset[str]] = {
    parts.ROW: _BASE | {"components"},
    parts.BUTTON: _BASE | {"custom_id", "style", "label", "disabled", "emoji", "url", "sku_id"},
    parts.SELECT: _SELECT | {"options"},
    parts.TEXT_INPUT: _BASE
    | {"custom_id", "style", "label", "value", "placeholder", "required", "min_length", "max_length"},
    parts.USER_SELECT: _SELECT | {"default_values"},
    parts.ROLE_SELECT: _SELECT | {"default_values"},
    parts.MENTIONABLE_SELECT: _SELECT | {"default_values"},
    parts.CHANNEL_SELECT: _SELECT | {"default_values", "channel_types"},
    parts.SECTION: _BASE | {"components", "accessory"},
    parts.TEXT_DISPLAY: _BASE | {"content"},
    parts.THUMBNAIL: _BASE | {"media", "description", "spoiler"},
    parts.GALLERY: _BASE | {"items"},
    parts.FILE: _BASE | {"file", "spoiler"},
    parts.SEPARATOR: _BASE | {"divider", "spacing"},
    parts.CONTAINER: _BASE | {"components", "accent_color", "spoiler"},
    parts.LABEL: _BASE | {"label", "description", "component"},
    parts.FILE_UPLOAD: _BASE | {"custom_id", "min_values", "max_values", "required"},
    parts.RADIO_GROUP: _BASE | {"custom_id", "options", "required"},
    parts.CHECKBOX_GROUP: _BASE | {"custom_id", "options", "min_values", "max_values", "required"},
    parts.CHECKBOX: _BASE | {"custom_id", "default"},
}
_IN_CONTAINER = frozenset({parts.ROW, parts.TEXT_DISPLAY, parts.SECTION, parts.GALLERY, parts.SEPARATOR, parts.FILE})
_IN_LABEL = parts.SELECTS | {
    parts.TEXT_INPUT,
    parts.FILE_UPLOAD,
    parts.RADIO_GROUP,
    parts.CHECKBOX_GROUP,
    parts.CHECKBOX,
}
_LINK, _PREMIUM = 5, 6


def legacy_tree(path: Path, value: Any) -> Iterator[Problem]:
    """Components of a message without the V2 flag: up to five action rows."""
    yield from listed(path, value, 0, 5)
    for where, row in objects(path, value):
        if row.get("type") != parts.ROW:
            yield _wrong_place(where, row)
        else:
            yield from _row(where, row)
    yield from _unique_ids(path, value)


def v2_tree(path: Path, value: Any) -> Iterator[Problem]:
    """Components of a message with the V2 flag: up to 40 in all, 4000 characters of text in all."""
    yield from listed(path, value, 0, 40)
    for where, part in objects(path, value):
        if part.get("type") == parts.CONTAINER:
            yield from misspelt(where, part, _KNOWN[parts.CONTAINER])
            yield from listed((*where, "components"), part.get("components"), 1, 40)
            for inner, child in objects((*where, "components"), part.get("components")):
                yield from _v2_part(inner, child)
        else:
            yield from _v2_part(where, part)
    everything = [*parts.walk(value)] if isinstance(value, list) else []
    if len(everything) > 40:
        yield Problem(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "The total number of components exceeds 40")
    if sum(len(str(part.get("content", ""))) for part in everything if part.get("type") == parts.TEXT_DISPLAY) > 4000:
        yield Problem(path, "COMPONENT_MAX_TOTAL_TEXT_SIZE_EXCEEDED", "The text of all components exceeds 4000")
    yield from _unique_ids(path, value)


def modal(path: Path, data: Any) -> Iterator[Problem]:
    """A modal: title, custom_id, one to five rows, labels or texts."""
    if not isinstance(data, dict):
        yield missing(path)
        return
    yield from misspelt(path, data, frozenset({"custom_id", "title", "components"}))
    yield from text((*path, "custom_id"), data.get("custom_id"), 1, 100)
    yield from text((*path, "title"), data.get("title"), 1, 45)
    where = (*path, "components")
    yield from listed(where, data.get("components"), 1, 5)
    for spot, part in objects(where, data.get("components")):
        yield from _modal_part(spot, part)
    yield from _unique_ids(where, data.get("components"))


def _modal_part(path: Path, part: Json) -> Iterator[Problem]:
    kind = part.get("type")
    if kind == parts.ROW:
        yield from listed((*path, "components"), part.get("components"), 1, 1)
        for where, item in objects((*path, "components"), part.get("components")):
            if item.get("type") != parts.TEXT_INPUT:
                yield _wrong_place(where, item)
            else:
                yield from text((*where, "label"), item.get("label"), 1, 45)
                yield from _text_input(where, item)
    elif kind == parts.LABEL:
        yield from _label(path, part)
    elif kind == parts.TEXT_DISPLAY:
        yield from text((*path, "content"), part.get("content"), 1, 4000)
    else:
        yield _wrong_place(path, part)


def _label(path: Path, part: Json) -> Iterator[Problem]:
    yield from misspelt(path, part, _KNOWN[parts.LABEL])
    yield from text((*path, "label"), part.get("label"), 1, 45)
    yield from text((*path, "description"), part.get("description"), 1, 100, needed=False)
    inner, where = part.get("component"), (*path, "component")
    if not isinstance(inner, dict):
        yield missing(where)
    elif inner.get("type") not in _IN_LABEL:
        yield _wrong_place(where, inner)
    elif inner["type"] == parts.TEXT_INPUT:
        if inner.get("label") is not None:
            yield Problem((*where, "label"), "COMPONENT_LABEL_NOT_ALLOWED", "The label stands on the Label component")
        yield from _text_input(where, inner)
    elif inner["type"] in parts.SELECTS:
        yield from _select(where, inner)
    else:
        yield from misspelt(where, inner, _KNOWN[inner["type"]])
        yield from text((*where, "custom_id"), inner.get("custom_id"), 1, 100)
        yield from _bounds(where, inner, "min_values", "max_values", 10)
        if inner["type"] in {parts.RADIO_GROUP, parts.CHECKBOX_GROUP}:
            yield from _options(where, inner, 2 if inner["type"] == parts.RADIO_GROUP else 1, 10)


def _text_input(path: Path, item: Json) -> Iterator[Problem]:
    yield from misspelt(path, item, _KNOWN[parts.TEXT_INPUT])
    yield from text((*path, "custom_id"), item.get("custom_id"), 1, 100)
    yield from text((*path, "placeholder"), item.get("placeholder"), 0, 100, needed=False)
    yield from number((*path, "style"), item.get("style"), 1, 2, needed=True)
    yield from number((*path, "max_length"), item.get("max_length"), 1, 4000)
    yield from _bounds(path, item, "min_length", "max_length", 4000)
    high = item.get("max_length")
    yield from text((*path, "value"), item.get("value"), 0, high if isinstance(high, int) else 4000, needed=False)


def _v2_part(path: Path, part: Json) -> Iterator[Problem]:
    kind = part.get("type")
    if kind not in _IN_CONTAINER:
        yield _wrong_place(path, part)
        return
    if kind == parts.ROW:
        yield from _row(path, part)
        return
    yield from misspelt(path, part, _KNOWN[kind])
    if kind == parts.TEXT_DISPLAY:
        yield from text((*path, "content"), part.get("content"), 1, 4000)
    elif kind == parts.SECTION:
        yield from _section(path, part)
    elif kind == parts.GALLERY:
        yield from listed((*path, "items"), part.get("items"), 1, 10)
        for where, item in objects((*path, "items"), part.get("items")):
            yield from _media((*where, "media"), item.get("media"))
    elif kind == parts.FILE:
        yield from _media((*path, "file"), part.get("file"), only_attachment=True)
    else:
        yield from number((*path, "spacing"), part.get("spacing"), 1, 2)


def _section(path: Path, part: Json) -> Iterator[Problem]:
    yield from listed((*path, "components"), part.get("components"), 1, 3)
    for where, item in objects((*path, "components"), part.get("components")):
        if item.get("type") != parts.TEXT_DISPLAY:
            yield _wrong_place(where, item)
        yield from text((*where, "content"), item.get("content"), 1, 4000)
    accessory, where = part.get("accessory"), (*path, "accessory")
    if not isinstance(accessory, dict):
        yield missing(where)
    elif accessory.get("type") == parts.BUTTON:
        yield from _button(where, accessory)
    elif accessory.get("type") == parts.THUMBNAIL:
        yield from _media((*where, "media"), accessory.get("media"))
    else:
        yield _wrong_place(where, accessory)


def _media(path: Path, value: Any, *, only_attachment: bool = False) -> Iterator[Problem]:
    url = value.get("url") if isinstance(value, dict) else None
    if not isinstance(url, str):
        yield missing((*path, "url"))
    elif not url.startswith(("attachment://",) if only_attachment else ("attachment://", "http://", "https://")):
        yield Problem((*path, "url"), "URL_TYPE_INVALID_SCHEME", f'The scheme of "{url}" is not supported.')


def _row(path: Path, row: Json) -> Iterator[Problem]:
    yield from misspelt(path, row, _KNOWN[parts.ROW])
    inner = (*path, "components")
    items = [*objects(inner, row.get("components"))]
    yield from listed(inner, row.get("components"), 1, 5)
    if len(items) > 1 and any(item.get("type") != parts.BUTTON for _, item in items):
        yield Problem(inner, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")
    for where, item in items:
        if item.get("type") == parts.BUTTON:
            yield from _button(where, item)
        elif item.get("type") in parts.SELECTS:
            yield from _select(where, item)
        else:
            yield _wrong_place(where, item)


def _button(path: Path, item: Json) -> Iterator[Problem]:
    yield from misspelt(path, item, _KNOWN[parts.BUTTON])
    style = item.get("style")
    yield from number((*path, "style"), style, 1, 6, needed=True)
    yield from text((*path, "label"), item.get("label"), 0, 80, needed=False)
    if style == _LINK:
        yield from text((*path, "url"), item.get("url"), 1, 512)
    elif style != _PREMIUM:
        yield from text((*path, "custom_id"), item.get("custom_id"), 1, 100)
    if style in {_LINK, _PREMIUM} and item.get("custom_id") is not None:
        yield Problem(
            (*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL_EXCLUSIVE", "custom_id and url are exclusive"
        )
    if style != _LINK and item.get("url") is not None:
        yield Problem((*path, "url"), "BUTTON_COMPONENT_CUSTOM_ID_URL_EXCLUSIVE", "custom_id and url are exclusive")
    if style != _PREMIUM and not item.get("label") and not item.get("emoji"):
        yield Problem(path, "BUTTON_COMPONENT_INVALID_LABEL", "A button needs a label or an emoji")


def _select(path: Path, item: Json) -> Iterator[Problem]:
    yield from misspelt(path, item, _KNOWN[item["type"]])
    yield from text((*path, "custom_id"), item.get("custom_id"), 1, 100)
    yield from text((*path, "placeholder"), item.get("placeholder"), 0, 150, needed=False)
    yield from number((*path, "max_values"), item.get("max_values"), 1, 25)
    yield from _bounds(path, item, "min_values", "max_values", 25)
    if item["type"] == parts.SELECT:
        yield from _options(path, item, 1, 25)


def _options(path: Path, item: Json, low: int, high: int) -> Iterator[Problem]:
    where = (*path, "options")
    asked = item.get("max_values")
    yield from listed(
        where, item.get("options"), max(low, asked) if isinstance(asked, int) and asked <= high else low, high
    )
    defaults = 0
    for spot, option in objects(where, item.get("options")):
        yield from misspelt(spot, option, frozenset({"label", "value", "description", "emoji", "default"}))
        yield from text((*spot, "label"), option.get("label"), 1, 100)
        yield from text((*spot, "value"), option.get("value"), 1, 100)
        yield from text((*spot, "description"), option.get("description"), 0, 100, needed=False)
        defaults += bool(option.get("default"))
    # A checkbox group may have all of its options chosen unless it says otherwise.
    allowed = asked if isinstance(asked, int) else (high if item["type"] == parts.CHECKBOX_GROUP else 1)
    if defaults > allowed:
        yield Problem(where, "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", f"At most {allowed} options may be default")
    values = ((spot, option.get("value")) for spot, option in objects(where, item.get("options")))
    yield from repeated(
        values, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used"
    )


def _bounds(path: Path, item: Json, low_name: str, high_name: str, limit: int) -> Iterator[Problem]:
    low, high = item.get(low_name), item.get(high_name)
    yield from number((*path, low_name), low, 0, limit)
    yield from number((*path, high_name), high, 0, limit)
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield out_of_range((*path, low_name), 0, high)


def _unique_ids(path: Path, value: Any) -> Iterator[Problem]:
    tree = value if isinstance(value, list) else []
    pairs = [(path, part.get("custom_id")) for part in parts.walk(tree)]
    yield from repeated(pairs, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
    numbers = [(path, part.get("id") or None) for part in parts.walk(tree)]
    yield from repeated(numbers, "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")


def _wrong_place(path: Path, part: Json) -> Problem:
    return Problem((*path, "type"), "UNION_TYPE_CHOICES", f"Component type {part.get('type')} is not possible here")
