"""What people type into options, made into values."""

import unicodedata
from typing import Final

from bot.services.refusals import Refusal

# Longer ones are no case of ours, and do not fit a database's integer.
_MOST_DIGITS: Final = 15


def case_number(text: str) -> int:
    """Return the number of a case, typed as `12` or `#12`; raises Refusal for anything else."""
    digits = unicodedata.normalize("NFKC", text).strip().removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS):
        raise Refusal("refusal-unknown-case", case=text)
    return int(digits)
