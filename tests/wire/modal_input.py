"""How a filled-in modal becomes interaction data."""

from collections.abc import Mapping
from typing import Any

from tests.wire import components as parts
from tests.wire.commands import ATTACHMENT, InputResolver
from tests.wire.errors import UsageError

Json = dict[str, Any]


def modal_data(modal: Json, values: Mapping[str, Any], resolver: InputResolver) -> Json:
    """The data of a modal submit: the bot's own structure with values put in; raises UsageError."""
    fields = {part["custom_id"]: part for part in parts.walk(modal["components"]) if "custom_id" in part}
    unknown = set(values) - set(fields)
    if unknown:
        raise UsageError(f"the modal has no field {sorted(unknown)}; it has {sorted(fields)}")
    data: Json = {
        "custom_id": modal["custom_id"],
        "components": [_echo(part, values, resolver) for part in modal["components"]],
    }
    if resolver.resolved:
        data["resolved"] = resolver.resolved
    return data


def _echo(part: Json, values: Mapping[str, Any], resolver: InputResolver) -> Json:
    base = {"type": part["type"], "id": part["id"]}
    if part["type"] == parts.ROW:
        return base | {"components": [_echo(one, values, resolver) for one in part["components"]]}
    if part["type"] == parts.LABEL:
        return base | {"component": _echo(part["component"], values, resolver)}
    if part["type"] == parts.TEXT_DISPLAY:
        return base
    return base | {"custom_id": part["custom_id"]} | _value(part, values.get(part["custom_id"]), resolver)


def _value(part: Json, given: Any, resolver: InputResolver) -> Json:
    kind = part["type"]
    if kind == parts.TEXT_INPUT:
        return {"value": _text(part, given)}
    if kind == parts.CHECKBOX:
        return {"value": bool(part.get("default") if given is None else given)}
    if kind == parts.RADIO_GROUP:
        return {"value": _radio(part, given)}
    return {"values": _many(part, given, resolver)}


def _text(part: Json, given: Any) -> str:
    text = part.get("value", "") if given is None else given
    if not isinstance(text, str):
        raise UsageError(f"{part['custom_id']!r} takes text")
    if not text and not part.get("required", True):
        return text
    low, high = part.get("min_length", 1 if part.get("required", True) else 0), part.get("max_length", 4000)
    if not low <= len(text) <= high:
        raise UsageError(f"{part['custom_id']!r} takes {low} to {high} characters")
    return text


def _radio(part: Json, given: Any) -> str | None:
    options = part["options"]
    value = next((one["value"] for one in options if one.get("default")), None) if given is None else given
    if value is None and part.get("required", True):
        raise UsageError(f"{part['custom_id']!r} is required")
    if value is not None and value not in [one["value"] for one in options]:
        raise UsageError(f"{part['custom_id']!r} has no option {value!r}")
    return value


def _many(part: Json, given: Any, resolver: InputResolver) -> list[str]:
    values = [] if given is None else list(given)
    if not values and not part.get("required", True):
        return []
    most = len(part["options"]) if part["type"] == parts.CHECKBOX_GROUP else 1
    low, high = part.get("min_values", 1), part.get("max_values", most)
    if part["type"] != parts.FILE_UPLOAD:
        return resolver.choose(part | {"min_values": low, "max_values": high}, values)
    if not low <= len(values) <= high:
        raise UsageError(f"{part['custom_id']!r} takes {low} to {high} values")
    return [resolver.entity(ATTACHMENT, value) for value in values]
