"""Message and modal components: numbers, walking, and the shape in which Discord gives them back."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

ROW, BUTTON, SELECT, TEXT_INPUT = 1, 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SECTION, TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, FILE_UPLOAD = 17, 18, 19
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23

SELECTS = frozenset({SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT})
V2_ONLY = frozenset({SECTION, TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER})

Component = dict[str, Any]


def children(component: Component) -> Iterator[Component]:
    """The parts directly inside a component."""
    inner = component.get("components")
    if isinstance(inner, list):
        yield from (part for part in inner if isinstance(part, dict))
    for name in ("accessory", "component"):
        part = component.get(name)
        if isinstance(part, dict):
            yield part


def walk(tree: Iterable[Any]) -> Iterator[Component]:
    """Every component of a tree, parents first, in order of appearance; what is no object is passed over."""
    for component in tree:
        if isinstance(component, dict):
            yield component
            yield from walk(children(component))


_DEFAULTS: dict[int, dict[str, Any]] = {
    CONTAINER: {"accent_color": None, "spoiler": False},
    SEPARATOR: {"spacing": 1, "divider": True},
    THUMBNAIL: {"description": None, "spoiler": False},
    FILE: {"spoiler": False, "name": None, "size": None},
    TEXT_INPUT: {"required": True},
} | {kind: {"min_values": 1, "max_values": 1} for kind in SELECTS}


def stored(tree: list[Component], media: Callable[[str], Component]) -> list[Component]:
    """The components as Discord returns them: numbered, defaults filled in, media resolved.

    `media` turns the url the bot gave (also `attachment://name`) into an unfurled media object.
    """
    taken = {part["id"] for part in walk(tree) if part.get("id")}
    counter = iter(number for number in range(1, 1000) if number not in taken)

    def convert(component: Component) -> Component:
        kept = {key: value for key, value in component.items() if value is not None}
        result = _DEFAULTS.get(component["type"], {}) | kept
        result["id"] = component.get("id") or next(counter)
        if isinstance(result.get("emoji"), dict):
            # One of Unicode has no id; bots send null for it.
            result["emoji"] = {key: value for key, value in result["emoji"].items() if value is not None}
        if "components" in result:
            result["components"] = [convert(part) for part in result["components"]]
        for name in ("accessory", "component"):
            if name in result:
                result[name] = convert(result[name])
        for name in ("media", "file"):
            if name in result:
                result[name] = media(result[name]["url"])
        if result["type"] == GALLERY:
            base = {"description": None, "spoiler": False}
            result["items"] = [base | item | {"media": media(item["media"]["url"])} for item in result["items"]]
        return result

    return [convert(component) for component in tree]
