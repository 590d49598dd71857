"""What people read: Fluent texts from bot/locales, by key and locale.

Convention, held by tests/ui/test_texts.py: a key is a kebab-case literal in the code (never put together at run time),
both locales have the same keys with the same variables, and no key is unused. One .ftl file a feature.
"""

import functools
import importlib.resources
from importlib.resources.abc import Traversable
from typing import Final, Literal

import structlog
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast

Locale = Literal["en-US", "zh-CN"]
FALLBACK: Final[Locale] = "en-US"
SUPPORTED: Final[tuple[Locale, ...]] = ("en-US", "zh-CN")

log = structlog.get_logger(__name__)


class TextsError(Exception):
    """A text file cannot be used; names the file and what is wrong in it."""


def pick(discord_locale: str) -> Locale:
    """Choose our locale for one of Discord's: zh-CN for zh-CN and zh-TW, else en-US."""
    return "zh-CN" if discord_locale in {"zh-CN", "zh-TW"} else FALLBACK


class Texts:
    """The texts of all locales, parsed once.

    Raises `TextsError` when a file does not parse or when a key is there twice.
    """

    def __init__(self, root: Traversable | None = None) -> None:
        """Load from `root` (a folder with one folder a locale); default: the files shipped with the program."""
        # Not "bot": beside another package of that name ours has another one (bot/circle_warden.py).
        root = root or importlib.resources.files(__name__.removesuffix(".ui.texts")) / "locales"
        self._bundles = {locale: _load(root / locale, locale) for locale in SUPPORTED}
        self._reported: set[tuple[str, str]] = set()
        self._plain: dict[tuple[str, str], str] = {}

    def get(self, key: str, locale: str = FALLBACK, /, **args: str | float) -> str:
        """Format the text `key` for `locale`; an unknown locale or a missing translation falls back to en-US.

        Arguments are data, never Fluent syntax. Numbers are written the locale's way (1,234), so ids go in as strings.
        Never raises in front of a user: an unknown key is logged once and returned as it is.
        """
        if args:
            return self._format(key, locale, args)
        # Labels and the like: the same every time.
        known = self._plain.get((key, locale))
        if known is None:
            known = self._plain[key, pick(locale)] = self._format(key, locale, args)
        return known

    def _format(self, key: str, locale: str, args: dict[str, str | float]) -> str:
        bundle = self._bundles.get(pick(locale), self._bundles[FALLBACK])
        if not bundle.has_message(key):
            bundle = self._bundles[FALLBACK]
        pattern = bundle.get_message(key).value if bundle.has_message(key) else None
        if pattern is None:
            self._report_once("text is missing", key, locale)
            return key
        text, errors = bundle.format_pattern(pattern, {name: _whole(value) for name, value in args.items()})
        if errors:
            self._report_once("text has a wrong argument", key, locale, errors=[str(error) for error in errors])
        return str(text)

    def keys(self, locale: Locale = FALLBACK) -> frozenset[str]:
        """List the keys that `locale` has of its own."""
        return frozenset(self._bundles[locale].message_ids)

    def _report_once(self, event: str, key: str, locale: str, **fields: object) -> None:
        if (event, key) not in self._reported:
            self._reported.add((event, key))
            log.error(event, key=key, locale=locale, **fields)


@functools.cache
def shipped_texts() -> Texts:
    """Return the program's own texts, parsed at the first call and shared."""
    return Texts()


class _Bundle(FluentBundle):
    """A bundle that tells its keys."""

    message_ids: frozenset[str] = frozenset()


class _LongText(str):
    """A long argument: fluent.runtime replaces the whole text by {???} when len() of a part is above 2,500."""

    __slots__ = ()

    def __len__(self) -> int:
        return 0


def _whole(value: str | float) -> str | float:
    return _LongText(value) if isinstance(value, str) and len(value) > 2000 else value


def _load(folder: Traversable, locale: str) -> _Bundle:
    # Isolation marks would show as boxes in some Discord clients.
    bundle = _Bundle([locale], use_isolating=False)
    seen: set[str] = set()
    messages: set[str] = set()
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".ftl"):
            continue
        resource = FluentResource(file.read_text(encoding="utf-8"))
        for name in _entries(resource, f"{locale}/{file.name}"):
            if name in seen:
                raise TextsError(f"{locale}/{file.name}: {name} is already there")
            seen.add(name)
            if not name.startswith("-"):
                messages.add(name)
        bundle.add_resource(resource)
    bundle.message_ids = frozenset(messages)
    return bundle


def _entries(resource: ast.Resource, where: str) -> list[str]:
    """Names of a resource's messages and terms (with their dash); the library itself skips what it cannot parse."""
    names: list[str] = []
    for entry in resource.body:
        if isinstance(entry, ast.Junk):
            raise TextsError(f"{where}: cannot be parsed at {(entry.content or '').strip().splitlines()[0]!r}")
        if isinstance(entry, ast.Message):
            names.append(entry.id.name)
        elif isinstance(entry, ast.Term):
            names.append(f"-{entry.id.name}")
    return names
