"""What is logged of a fault that may have something of a callback's content in its words."""

from __future__ import annotations

import traceback
from pathlib import PurePath
from typing import Final

_FRAMES: Final = 6


def wordless(error: BaseException) -> dict[str, str]:
    """Return an exception's type and where it came from, innermost first, without its own words."""
    frames = reversed(traceback.extract_tb(error.__traceback__)[-_FRAMES:])
    where = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    return {"why": type(error).__name__, "where": where}
