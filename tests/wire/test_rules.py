"""Each limit of the rule layer: one body that keeps it (the base), one change that breaks it."""

import copy
from typing import Any

import pytest

from tests.wire import rules, rules_commands
from tests.wire.model import COMPONENTS_V2, Upload

BUTTON = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}
OPTION = {"label": "A", "value": "a"}
SELECT = {"type": 3, "custom_id": "s", "options": [OPTION], "min_values": 1, "max_values": 1}
TEXT = {"type": 10, "content": "text"}
INPUT = {"type": 4, "custom_id": "i", "style": 1, "label": "Name"}


def row(*items: dict) -> dict:
    return {"type": 1, "components": list(items)}


def buttons(count: int, start: int = 0) -> list[dict]:
    return [BUTTON | {"custom_id": f"b{start + index}"} for index in range(count)]


def label(component: dict) -> dict:
    return {"type": 18, "label": "L", "component": component}


def codes(problems: Any) -> list[str]:
    return [one.code for one in problems]


GOOD_MESSAGES = {
    "text": {"content": "x" * 2000, "nonce": "n" * 25, "enforce_nonce": True, "tts": False},
    "embed": {
        "embeds": [
            {
                "type": "rich",
                "title": "t" * 256,
                "description": "d" * 4096,
                "url": "https://example.org/x",
                "timestamp": "2026-01-01T00:00:00+00:00",
                "color": 0xFFFFFF,
                "footer": {"text": "f"},
                "image": {"url": "attachment://a.png"},
                "fields": [{"name": "n", "value": "v", "inline": True}] * 25,
            }
        ]
    },
    "rows": {"content": "x", "components": [row(*buttons(5, 5 * index)) for index in range(4)] + [row(SELECT)]},
    "link": {"content": "x", "components": [row({"type": 2, "style": 5, "label": "L", "url": "https://example.org"})]},
    "layout": {
        "flags": COMPONENTS_V2,
        "components": [
            TEXT,
            {"type": 17, "components": [TEXT, {"type": 14, "spacing": 2}, row(BUTTON)]},
            {"type": 9, "components": [TEXT], "accessory": BUTTON | {"custom_id": "x"}},
        ],
    },
}


@pytest.mark.parametrize("name", GOOD_MESSAGES)
def test_a_message_at_its_limits_passes(name: str):
    assert [str(one) for one in rules.message(GOOD_MESSAGES[name], {}, kind="channel")] == []


def embed(**change: Any) -> dict:
    return {"embeds": [{"title": "t"} | change]}


def components(*rows: dict) -> dict:
    return {"content": "x", "components": list(rows)}


def layout(*tree: dict, **more: Any) -> dict:
    return {"flags": COMPONENTS_V2, "components": list(tree)} | more


BAD_MESSAGES: dict[str, tuple[dict, str]] = {
    "empty": ({}, "EMPTY_MESSAGE"),
    "blank": ({"content": " \n"}, "EMPTY_MESSAGE"),
    "empty embed": ({"embeds": [{"type": "rich"}]}, "EMPTY_MESSAGE"),
    "content 2001": ({"content": "x" * 2001}, "BASE_TYPE_MAX_LENGTH"),
    "content is a number": ({"content": 7}, "BASE_TYPE_STRING"),
    "nonce 26": ({"content": "x", "nonce": "n" * 26}, "BASE_TYPE_MAX_LENGTH"),
    "11 embeds": ({"embeds": [{"title": "t"}] * 11}, "BASE_TYPE_BAD_LENGTH"),
    "title 257": (embed(title="t" * 257), "BASE_TYPE_MAX_LENGTH"),
    "description 4097": (embed(description="d" * 4097), "BASE_TYPE_MAX_LENGTH"),
    "6001 in all embeds": ({"embeds": [{"description": "d" * 3001}] * 2}, "MAX_EMBED_SIZE_EXCEEDED"),
    "26 fields": (embed(fields=[{"name": "n", "value": "v"}] * 26), "BASE_TYPE_BAD_LENGTH"),
    "field name empty": (embed(fields=[{"name": "", "value": "v"}]), "BASE_TYPE_REQUIRED"),
    "field value blank": (embed(fields=[{"name": "n", "value": " "}]), "BASE_TYPE_REQUIRED"),
    "field name 257": (embed(fields=[{"name": "n" * 257, "value": "v"}]), "BASE_TYPE_MAX_LENGTH"),
    "field value 1025": (embed(fields=[{"name": "n", "value": "v" * 1025}]), "BASE_TYPE_MAX_LENGTH"),
    "footer 2049": (embed(footer={"text": "f" * 2049}), "BASE_TYPE_MAX_LENGTH"),
    "author 257": (embed(author={"name": "a" * 257}), "BASE_TYPE_MAX_LENGTH"),
    "embed url": (embed(url="nonsense"), "URL_TYPE_INVALID_URL"),
    "embed url scheme": (embed(url="ftp://example.org"), "URL_TYPE_INVALID_SCHEME"),
    "embed time": (embed(timestamp="yesterday"), "DATETIME_TYPE_CONVERT"),
    "embed color": (embed(color=0x1000000), "NUMBER_TYPE_MAX"),
    "6 rows": (components(*[row(*buttons(1, index)) for index in range(6)]), "BASE_TYPE_BAD_LENGTH"),
    "6 buttons": (components(row(*buttons(6))), "BASE_TYPE_BAD_LENGTH"),
    "empty row": (components(row()), "BASE_TYPE_BAD_LENGTH"),
    "select beside button": (components(row(BUTTON, SELECT)), "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    "button without a row": (components(BUTTON), "UNION_TYPE_CHOICES"),
    "custom_id 101": (components(row(BUTTON | {"custom_id": "c" * 101})), "BASE_TYPE_MAX_LENGTH"),
    "custom_id twice": (components(row(BUTTON), row(BUTTON)), "COMPONENT_CUSTOM_ID_DUPLICATED"),
    "button without custom_id": (components(row({"type": 2, "style": 1, "label": "x"})), "BASE_TYPE_REQUIRED"),
    "button without label": (components(row(BUTTON | {"label": ""})), "BUTTON_COMPONENT_INVALID_LABEL"),
    "button label 81": (components(row(BUTTON | {"label": "l" * 81})), "BASE_TYPE_MAX_LENGTH"),
    "link without url": (components(row({"type": 2, "style": 5, "label": "x"})), "BASE_TYPE_REQUIRED"),
    "button with url": (components(row(BUTTON | {"url": "https://a.b"})), "BUTTON_COMPONENT_CUSTOM_ID_URL_EXCLUSIVE"),
    "select without options": (components(row(SELECT | {"options": []})), "BASE_TYPE_BAD_LENGTH"),
    "26 options": (
        components(row(SELECT | {"options": [{"label": "a", "value": str(index)} for index in range(26)]})),
        "BASE_TYPE_BAD_LENGTH",
    ),
    "option value twice": (
        components(row(SELECT | {"options": [OPTION, OPTION]})),
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    "min over max": (components(row(SELECT | {"min_values": 2})), "NUMBER_TYPE_MAX"),
    "max over options": (components(row(SELECT | {"max_values": 2})), "BASE_TYPE_BAD_LENGTH"),
    "placeholder 151": (components(row(SELECT | {"placeholder": "p" * 151})), "BASE_TYPE_MAX_LENGTH"),
    "layout without flag": ({"components": [TEXT]}, "UNION_TYPE_CHOICES"),
    "layout with content": (
        layout(TEXT, content="x"),
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "layout 4001 characters": (
        layout(TEXT | {"content": "t" * 2001}, TEXT | {"content": "t" * 2000}),
        "COMPONENT_MAX_TOTAL_TEXT_SIZE_EXCEEDED",
    ),
    "layout 41 parts": (layout({"type": 17, "components": [TEXT] * 40}), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
    "container in container": (
        layout({"type": 17, "components": [{"type": 17, "components": [TEXT]}]}),
        "UNION_TYPE_CHOICES",
    ),
    "section without accessory": (layout({"type": 9, "components": [TEXT]}), "BASE_TYPE_REQUIRED"),
    "empty text part": (layout(TEXT | {"content": ""}), "BASE_TYPE_REQUIRED"),
    "misspelt field": ({"content": "x", "embed": {}}, "UNKNOWN_FIELD"),
    "misspelt embed field": (embed(colour=1), "UNKNOWN_FIELD"),
    "attachment without file": ({"content": "x", "attachments": [{"id": 0}]}, "ATTACHMENT_NOT_FOUND"),
    "mentions twice": (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": [1]}},
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
}


@pytest.mark.parametrize("name", BAD_MESSAGES)
def test_a_message_over_a_limit_is_caught(name: str):
    body, expected = BAD_MESSAGES[name]
    assert expected in codes(rules.message(body, {}, kind="channel"))


def test_a_file_part_needs_its_attachment_entry():
    files = {"files[0]": Upload("a", b"x"), "files[1]": Upload("b", b"x")}
    found = [*rules.message({"attachments": [{"id": 0}]}, files, kind="channel")]
    assert codes(found) == ["ATTACHMENT_NOT_DESCRIBED"]


GOOD_MODAL = {
    "custom_id": "m",
    "title": "t" * 45,
    "components": [
        row(INPUT),
        label({"type": 4, "custom_id": "j", "style": 2, "min_length": 1, "max_length": 4000, "value": "x"}),
        label(SELECT),
        label({"type": 19, "custom_id": "f", "max_values": 10}),
        TEXT,
    ],
}


def changed(base: dict, path: tuple, value: Any) -> dict:
    result = copy.deepcopy(base)
    node: Any = result
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return result


def modal_codes(data: dict) -> list[str]:
    return codes(rules.callback({"type": 9, "data": data}, {}, None, None))


def test_a_modal_at_its_limits_passes():
    assert modal_codes(GOOD_MODAL) == []


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("title",), "t" * 46, "BASE_TYPE_MAX_LENGTH"),
        (("title",), "", "BASE_TYPE_REQUIRED"),
        (("custom_id",), "c" * 101, "BASE_TYPE_MAX_LENGTH"),
        (("components",), [row(INPUT | {"custom_id": f"i{index}"}) for index in range(6)], "BASE_TYPE_BAD_LENGTH"),
        (("components",), [], "BASE_TYPE_BAD_LENGTH"),
        (("components", 0, "components", 0, "label"), None, "BASE_TYPE_REQUIRED"),
        (("components", 0, "components", 0, "label"), "l" * 46, "BASE_TYPE_MAX_LENGTH"),
        (("components", 0, "components", 0), BUTTON, "UNION_TYPE_CHOICES"),
        (("components", 0, "components"), [INPUT, INPUT | {"custom_id": "k"}], "BASE_TYPE_BAD_LENGTH"),
        (("components", 1, "component", "label"), "x", "COMPONENT_LABEL_NOT_ALLOWED"),
        (("components", 1, "component", "min_length"), 4001, "NUMBER_TYPE_MAX"),
        (("components", 1, "component", "max_length"), 0, "NUMBER_TYPE_MAX"),
        (("components", 1, "component", "custom_id"), "i", "COMPONENT_CUSTOM_ID_DUPLICATED"),
        (("components", 1, "component", "placeholder"), "p" * 101, "BASE_TYPE_MAX_LENGTH"),
        (("components", 3, "component", "max_values"), 11, "NUMBER_TYPE_MAX"),
    ],
)
def test_a_modal_over_a_limit_is_caught(path: tuple, value: Any, expected: str):
    assert expected in modal_codes(changed(GOOD_MODAL, path, value))


@pytest.mark.parametrize(
    ("choices", "kind", "expected"),
    [
        ([{"name": "n" * 100, "value": "v" * 100}] * 1, 3, []),
        ([{"name": "n", "value": 1}], 4, []),
        ([{"name": str(index), "value": "v"} for index in range(26)], 3, ["BASE_TYPE_BAD_LENGTH"]),
        ([{"name": "", "value": "v"}], 3, ["BASE_TYPE_REQUIRED"]),
        ([{"name": "n" * 101, "value": "v"}], 3, ["BASE_TYPE_MAX_LENGTH"]),
        ([{"name": "n", "value": ""}], 3, ["BASE_TYPE_REQUIRED"]),
        ([{"name": "n", "value": "v" * 101}], 3, ["BASE_TYPE_MAX_LENGTH"]),
        ([{"name": "n", "value": 1}], 3, ["BASE_TYPE_STRING"]),
        ([{"name": "n", "value": "1"}], 4, ["NUMBER_TYPE_COERCE"]),
        ([{"name": "n", "value": 1.5}], 4, ["NUMBER_TYPE_COERCE"]),
        ([{"name": "n", "value": "v", "name_localizations": {"zh-CN": ""}}], 3, ["BASE_TYPE_REQUIRED"]),
        (None, 3, ["BASE_TYPE_REQUIRED"]),
    ],
)
def test_autocomplete_choices_keep_their_limits(choices: Any, kind: int, expected: list[str]):
    assert codes(rules.callback({"type": 8, "data": {"choices": choices}}, {}, kind, None)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"type": 4}, "BASE_TYPE_REQUIRED"),
        ({"type": 4, "data": {}}, "EMPTY_MESSAGE"),
        ({}, "BASE_TYPE_REQUIRED"),
        ({"type": 5, "data": {"flag": 64}}, "UNKNOWN_FIELD"),
        ({"type": 4, "dat": {}}, "UNKNOWN_FIELD"),
        ({"type": 7, "data": {"content": "x" * 2001}}, "BASE_TYPE_MAX_LENGTH"),
    ],
)
def test_a_wrong_callback_is_caught(body: dict, expected: str):
    assert expected in codes(rules.callback(body, {}, None, None))


STRING = {"type": 3, "name": "member", "description": "Who", "required": True, "autocomplete": True}
COMMAND = {
    "type": 1,
    "name": "mute",
    "name_localizations": {"zh-CN": "禁言"},
    "description": "d" * 100,
    "description_localizations": {"zh-CN": "禁言成员"},
    "default_member_permissions": 8,
    "nsfw": False,
    "options": [STRING, {"type": 4, "name": "days", "description": "D", "choices": [{"name": "1", "value": 1}]}],
}


def test_a_command_at_its_limits_passes():
    group = {"name": "channel", "description": "C", "options": [{"type": 1, "name": "list", "description": "L"}]}
    menu = {"type": 3, "name": "Mute Author", "description": ""}
    assert codes(rules_commands.all_commands([COMMAND, group, menu])) == []


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("name",), "Mute", "APPLICATION_COMMAND_INVALID_NAME"),
        (("name",), "mute it", "APPLICATION_COMMAND_INVALID_NAME"),
        (("name",), "m" * 33, "BASE_TYPE_MAX_LENGTH"),
        (("name_localizations",), {"zh-CN": "禁 言"}, "APPLICATION_COMMAND_INVALID_NAME"),
        (("name_localizations",), {"zh": "禁言"}, "ENUM_TYPE_COERCE"),
        (("description",), "", "BASE_TYPE_REQUIRED"),
        (("description",), "d" * 101, "BASE_TYPE_MAX_LENGTH"),
        (("description_localizations",), {"zh-CN": ""}, "BASE_TYPE_REQUIRED"),
        (("options", 1, "required"), False, None),
        (("options", 0, "required"), False, None),
        (("options", 1), STRING, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"),
        (("options", 1, "name"), "Days", "APPLICATION_COMMAND_INVALID_NAME"),
        (("options", 1, "autocomplete"), True, "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID"),
        (("options", 1, "choices", 0, "name"), "", "BASE_TYPE_REQUIRED"),
        (("options", 1, "choices", 0, "value"), "1", "NUMBER_TYPE_COERCE"),
        (("options", 1, "choices"), [{"name": "a", "value": 1}] * 2, "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_EXISTS"),
        (("options", 0, "desciption"), "x", "UNKNOWN_FIELD"),
        (("options", 0, "min_length"), 6001, "NUMBER_TYPE_MAX"),
        (
            ("options",),
            [STRING | {"name": "a", "required": False}, STRING],
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        (("options",), [STRING | {"name": f"o{index}"} for index in range(26)], "BASE_TYPE_BAD_LENGTH"),
        (
            ("options",),
            [STRING, {"type": 1, "name": "s", "description": "S"}],
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        ),
        (
            ("options",),
            [
                STRING
                | {"name": f"o{index}", "autocomplete": False}
                | {"choices": [{"name": f"{choice:0>99}", "value": f"{choice:0>99}"} for choice in range(20)]}
                for index in range(3)
            ],
            "APPLICATION_COMMAND_TOO_LARGE",
        ),
    ],
)
def test_a_command_over_a_limit_is_caught(path: tuple, value: Any, expected: str | None):
    found = codes(rules_commands.all_commands([changed(COMMAND, path, value)]))
    assert found == [] if expected is None else expected in found


def test_command_names_are_unique_and_at_most_a_hundred():
    many = [COMMAND | {"name": f"c{index}"} for index in range(101)]
    assert "APPLICATION_COMMANDS_TOO_MANY" in codes(rules_commands.all_commands(many))
    assert "APPLICATION_COMMANDS_DUPLICATE_NAME" in codes(rules_commands.all_commands([COMMAND, COMMAND]))


def test_groups_do_not_nest():
    group = {"type": 2, "name": "g", "description": "G", "options": []}
    nested = COMMAND | {"options": [group | {"options": [group]}]}
    assert "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID" in codes(rules_commands.all_commands([nested]))


def test_a_context_menu_has_no_description():
    menu = {"type": 2, "name": "History", "description": "x"}
    assert codes(rules_commands.all_commands([menu])) == ["APPLICATION_COMMAND_CONTEXT_MENU_FIELD"]


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (None, []),
        ("1970-01-28T23:59:59+00:00", []),
        ("1970-01-29T00:00:01+00:00", ["MEMBER_TIMEOUT_TOO_LONG"]),
        ("soon", ["DATETIME_TYPE_CONVERT"]),
    ],
)
def test_a_member_timeout_is_a_time_within_28_days(until: str | None, expected: list[str]):
    assert codes(rules.member_edit({"communication_disabled_until": until}, 0.0)) == expected
