"""The extension under a name that nobody else has; installed as the module `circle_warden`.

Many bots have a folder `cogs` and a `bot.py` or `bot` of their own, which are found before our packages of these names.
`await bot.load_extension("circle_warden")` loads ours beside them, as `circle_warden.cogs` and `circle_warden.bot`:
what our own modules import as `bot` and `cogs` is looked up there, and nobody else's imports are touched.
"""

from __future__ import annotations

import builtins
import importlib
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from discord.ext import commands

_OURS = frozenset({"bot", "cogs"})
_HERE = Path(__file__).parent
# Installed it stands beside both packages, in the repository inside of one of them.
__path__ = [str(_HERE if (_HERE / "cogs").is_dir() else _HERE.parent)]


def _import(
    name: str,
    globals: Mapping[str, object] | None = None,  # noqa: A002 - as Python calls it
    locals: Mapping[str, object] | None = None,  # noqa: A002 - as Python calls it
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    """Carry out an import statement of one of our modules."""
    package = name.partition(".")[0]
    if level or package not in _OURS:
        return builtins.__import__(name, globals, locals, fromlist or (), level)
    if fromlist:
        return builtins.__import__(f"{__name__}.{name}", globals, locals, fromlist, 0)
    importlib.import_module(f"{__name__}.{name}")
    return sys.modules[f"{__name__}.{package}"]


_BUILTINS = {**vars(builtins), "__import__": _import}


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = _BUILTINS
        super().exec_module(module)


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(f"{__name__}."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(fullname, spec.loader.path)
        return spec


_finder = _Finder()


def _cogs() -> Any:
    return importlib.import_module(f"{__name__}.cogs")


async def setup(bot: commands.Bot) -> None:
    """Add commands, buttons, translations and the logbook; called by discord.py."""
    sys.meta_path.insert(0, _finder)
    await _cogs().setup(bot)


async def teardown(bot: commands.Bot) -> None:
    """Close and take away what `setup` has brought."""
    try:
        await _cogs().teardown(bot)
    finally:
        sys.meta_path.remove(_finder)
