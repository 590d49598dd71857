import ast
import functools
import re
import time
from pathlib import Path

import pytest
import structlog
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

from bot.ui.texts import SUPPORTED, Texts, TextsError, pick, shipped_texts

ROOT = Path(__file__).parents[2]
LOCALES = ROOT / "bot" / "locales"
KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")

# Who takes a key as its first argument; `key=` names one everywhere.
TAKE_A_KEY = {"t", "voice", "say", "locale_str", "Refusal", "NeedsConfirmation"}


@pytest.fixture
def make_texts(tmp_path):
    """Build Texts from `{"en-US": "...", "zh-CN": "..."}`."""

    def build(contents: dict[str, str], name: str = "common.ftl") -> Texts:
        for locale in SUPPORTED:
            (tmp_path / locale).mkdir(exist_ok=True)
            (tmp_path / locale / name).write_text(contents.get(locale, ""), encoding="utf-8")
        return Texts(tmp_path)

    return build


def test_a_text_is_formatted_in_the_asked_locale(make_texts):
    texts = make_texts({"en-US": "mute-done = { $member } is muted", "zh-CN": "mute-done = { $member } 已被禁言"})
    assert texts.get("mute-done", "en-US", member="bob") == "bob is muted"
    assert texts.get("mute-done", "zh-CN", member="bob") == "bob 已被禁言"


@pytest.mark.parametrize("locale", ["zh-CN", "de", "", "en-GB"])
def test_a_missing_translation_falls_back_to_english(make_texts, locale):
    assert make_texts({"en-US": "all-good = Good"}).get("all-good", locale) == "Good"


@pytest.mark.parametrize(
    ("discord_locale", "ours"),
    [("zh-CN", "zh-CN"), ("zh-TW", "zh-CN"), ("en-US", "en-US"), ("en-GB", "en-US"), ("ja", "en-US"), ("", "en-US")],
)
def test_discord_locales_are_mapped_to_ours(discord_locale, ours):
    assert pick(discord_locale) == ours


def test_plurals_follow_the_locale(make_texts):
    text = "case-count = { $n ->\n    [one] one case\n   *[other] { $n } cases\n}"
    texts = make_texts({"en-US": text})
    assert texts.get("case-count", n=1) == "one case"
    assert texts.get("case-count", n=1234) == "1,234 cases"


def test_no_isolation_marks_are_added(make_texts):
    assert make_texts({"en-US": "a-b = <{ $x }>"}).get("a-b", x="y") == "<y>"


@pytest.mark.parametrize(
    "hostile",
    ["{ $secret }", "{ other-key }", "{ -term }", '{ "x" }', "}", "\n.attribute = x", "other-key = stolen", "\u2068{"],
)
def test_arguments_are_data_and_never_syntax(make_texts, hostile):
    texts = make_texts({"en-US": "-term = inside\nother-key = other\na-b = <{ $name }>"})
    assert texts.get("a-b", name=hostile, secret="s") == f"<{hostile}>"
    assert texts.get("other-key") == "other"


@pytest.mark.parametrize("length", [2000, 2001, 2501, 6000])
def test_a_long_argument_is_kept_whole(make_texts, length):
    texts = make_texts({"en-US": "list-body = <{ $lines }>"})
    assert texts.get("list-body", lines="x" * length) == f"<{'x' * length}>"


def test_a_long_argument_can_be_selected_on_and_passed_through_another_text(make_texts):
    texts = make_texts({"en-US": "a-b = { $x ->\n    [no] No\n   *[other] { $x }\n}"})
    assert texts.get("a-b", x="y" * 3000) == "y" * 3000


def test_an_unknown_key_is_returned_and_logged_once(make_texts):
    texts = make_texts({})
    with structlog.testing.capture_logs() as logged:
        assert texts.get("no-such-text", "zh-CN") == "no-such-text"
        assert texts.get("no-such-text") == "no-such-text"
    assert [(entry["event"], entry["key"], entry["log_level"]) for entry in logged] == [
        ("text is missing", "no-such-text", "error")
    ]


def test_a_missing_argument_is_logged_once_and_does_not_raise(make_texts):
    texts = make_texts({"en-US": "a-b = <{ $name }>"})
    with structlog.testing.capture_logs() as logged:
        assert texts.get("a-b") == texts.get("a-b") == "<name>"
    assert [entry["event"] for entry in logged] == ["text has a wrong argument"]


def test_an_argument_may_be_called_like_a_parameter(make_texts):
    assert make_texts({"en-US": "a-b = { $key } { $locale }"}).get("a-b", key="k", locale="l") == "k l"


def test_a_file_that_does_not_parse_is_named(make_texts):
    with pytest.raises(TextsError, match=r"en-US/common.ftl: cannot be parsed at 'a-b = \{'"):
        make_texts({"en-US": "a-b = {"})


def test_a_key_that_is_there_twice_is_refused(make_texts):
    make_texts({"en-US": "a-b = x"})
    with pytest.raises(TextsError, match=r"en-US/mutes.ftl: a-b is already there"):
        make_texts({"en-US": "a-b = y"}, "mutes.ftl")


def test_formatting_is_fast(make_texts):
    texts = make_texts({"en-US": "a-b = { $member } was muted in { $channel } until { $end }"})
    texts.get("a-b", member="bob", channel="general", end="<t:1:F>")
    best = min(_seconds(texts, 200) for _ in range(10)) / 200
    assert best < 0.000_25, "the goal is 50 µs; five times that is broken on any machine"


def _seconds(texts: Texts, times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        texts.get("a-b", member="bob", channel="general", end="<t:1:F>")
    return time.perf_counter() - start


def test_the_shipped_texts_parse_and_are_shared():
    assert shipped_texts() is shipped_texts()


# The rest holds the shipped files and the code to the convention in bot/ui/texts.py.


class _References(Visitor):
    """What an entry refers to: variables, and texts and terms (with their dash)."""

    def __init__(self):
        self.variables: set[str] = set()
        self.entries: set[str] = set()

    def visit_VariableReference(self, node):  # noqa: N802 - the library's name
        self.variables.add(node.id.name)

    def visit_MessageReference(self, node):  # noqa: N802 - the library's name
        self.entries.add(node.id.name)

    def visit_TermReference(self, node):  # noqa: N802 - the library's name
        self.entries.add(f"-{node.id.name}")


@functools.cache
def entries(locale: str) -> dict[str, _References]:
    found: dict[str, _References] = {}
    for file in sorted((LOCALES / locale).glob("*.ftl")):
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body:
            if isinstance(entry, ftl.Message | ftl.Term):
                references = _References()
                references.visit(entry)
                found[("-" if isinstance(entry, ftl.Term) else "") + entry.id.name] = references
    return found


def required_keys(tree: ast.AST) -> dict[str, int]:
    """Find the literals in places that take a key, with their lines."""
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        takes_a_key = name in TAKE_A_KEY or (name == "get" and owner.endswith("texts"))
        places = [*(node.args[:1] if takes_a_key else []), *(k.value for k in node.keywords if k.arg == "key")]
        for place in places:
            for literal in _literals(place):
                if name != "get" or takes_a_key:
                    found[literal] = place.lineno
    return found


def _literals(node: ast.AST) -> list[str]:
    """Read a literal, or both branches of `a if x else b`."""
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
        return [node.value]
    return []


@functools.cache
def sources() -> dict[Path, ast.AST]:
    files = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "cogs").rglob("*.py")]
    return {file.relative_to(ROOT): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def test_both_locales_have_the_same_texts():
    english, chinese = entries("en-US"), entries("zh-CN")
    assert sorted(english.keys() - chinese.keys()) == [], "missing in zh-CN"
    assert sorted(chinese.keys() - english.keys()) == [], "missing in en-US"


def test_both_locales_use_the_same_variables_in_each_text():
    english, chinese = entries("en-US"), entries("zh-CN")
    different = {
        key: (sorted(english[key].variables), sorted(chinese[key].variables))
        for key in english.keys() & chinese.keys()
        if english[key].variables != chinese[key].variables
    }
    assert different == {}


def test_each_feature_has_its_file_in_both_locales():
    assert {file.name for file in (LOCALES / "en-US").iterdir()} == {
        file.name for file in (LOCALES / "zh-CN").iterdir()
    }


def test_no_chinese_text_waits_for_a_plural_that_chinese_does_not_have():
    files = (LOCALES / "zh-CN").glob("*.ftl")
    assert [file.name for file in files if "[one]" in file.read_text(encoding="utf-8")] == []


def test_keys_are_kebab_case():
    assert [key for key in entries("en-US") if not KEY.fullmatch(key.lstrip("-"))] == []


def test_every_key_in_the_code_has_a_text():
    texts = entries("en-US")
    missing = [
        f"{file}:{line}: {key}"
        for file, tree in sources().items()
        for key, line in required_keys(tree).items()
        if key not in texts
    ]
    assert missing == []


def test_no_text_is_unused():
    used = {
        node.value
        for tree in sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    texts = entries("en-US")
    # What a used text refers to is used as well.
    reached: set[str] = set()
    waiting = [key for key in texts if key in used]
    while waiting:
        key = waiting.pop()
        if key in texts and key not in reached:
            reached.add(key)
            waiting.extend(texts[key].entries)
    assert sorted(texts.keys() - reached) == []


@pytest.mark.parametrize(
    ("code", "keys"),
    [
        ('texts.get("mute-done", locale)', ["mute-done"]),
        ('self.bot.texts.get("mute-done")', ["mute-done"]),
        ('t("a-b" if x else "c-d", n=1)', ["a-b", "c-d"]),
        ('raise Refusal("mute-self", member=m)', ["mute-self"]),
        ('Field(key="field-name")', ["field-name"]),
        ('locale_str("cmd-mute")', ["cmd-mute"]),
        ('headers.get("x-request-id")', []),
        ('t("word")', []),
    ],
)
def test_places_that_take_a_key_are_found(code, keys):
    assert sorted(required_keys(ast.parse(code))) == keys
