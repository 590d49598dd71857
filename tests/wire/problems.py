"""What is wrong with a request body, and how Discord says so."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a request body; `ignored` if Discord lets it pass in silence (a misspelt field, for example)."""

    path: Path
    code: str
    message: str
    ignored: bool = False

    def __str__(self) -> str:
        """One line, with the path as in discord.py's errors."""
        return f"{'.'.join(map(str, self.path)) or '(body)'}: {self.message} [{self.code}]"


def form_errors(problems: Iterable[Problem]) -> dict[str, Any]:
    """The `errors` member of a 50035 answer: the paths as a tree with `_errors` at the ends."""
    tree: dict[str, Any] = {}
    for problem in problems:
        node = tree
        for step in problem.path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
    return tree


def missing(path: Path) -> Problem:
    """A required field is not there."""
    return Problem(path, "BASE_TYPE_REQUIRED", "This field is required")


def out_of_range(path: Path, low: float, high: float) -> Problem:
    """A number, or the length of a list, is outside its limits."""
    return Problem(path, "NUMBER_TYPE_MAX", f"int value should be between {low} and {high}.")


def text(path: Path, value: Any, low: int, high: int, *, needed: bool = True) -> Iterator[Problem]:
    """A string of `low` to `high` characters; not needed = may be absent or null."""
    if value is None:
        if needed:
            yield missing(path)
    elif not isinstance(value, str):
        yield Problem(path, "BASE_TYPE_STRING", "Must be a string.")
    elif len(value.strip()) < low:
        yield missing(path) if low == 1 else Problem(path, "BASE_TYPE_MIN_LENGTH", f"Must be {low} or more in length.")
    elif len(value) > high:
        yield Problem(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")


def number(path: Path, value: Any, low: float, high: float, *, needed: bool = False) -> Iterator[Problem]:
    """A number between `low` and `high`; not needed = may be absent or null."""
    if value is None:
        if needed:
            yield missing(path)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        yield Problem(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
    elif not low <= value <= high:
        yield out_of_range(path, low, high)


def listed(path: Path, value: Any, low: int, high: int) -> Iterator[Problem]:
    """A list of `low` to `high` objects; an absent one counts as empty."""
    if value is not None and not isinstance(value, list):
        yield Problem(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    elif not low <= len(value or ()) <= high:
        yield Problem(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if not isinstance(item, dict):
            yield Problem((*path, index), "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")


def objects(path: Path, value: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The objects in a list, with their paths; whatever is none is `listed`'s business."""
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield (*path, index), item


def repeated(pairs: Iterable[tuple[Path, Any]], code: str, message: str) -> Iterator[Problem]:
    """Every value that stood before; absent values do not count."""
    seen: set[Any] = set()
    for path, value in pairs:
        if isinstance(value, str | int | float) and value in seen:
            yield Problem(path, code, message)
        elif isinstance(value, str | int | float):
            seen.add(value)


def misspelt(path: Path, value: dict[str, Any], known: frozenset[str]) -> Iterator[Problem]:
    """Fields that Discord does not know and therefore drops in silence."""
    for name in value:
        if name not in known:
            yield Problem((*path, name), "UNKNOWN_FIELD", "Discord does not know this field", ignored=True)
