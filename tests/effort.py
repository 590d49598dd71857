"""How hard the tests with random data try: `WARDEN_TEST_EFFORT=10` makes them try ten times as often."""

import os

EFFORT = float(os.environ.get("WARDEN_TEST_EFFORT", "1"))


def tries(usual: int) -> int:
    """Return how many examples to draw where `usual` are enough for every day."""
    return max(1, round(usual * EFFORT))
