"""Worlds for faults: services alone (`world`), the whole bot in a simulated Discord (`bot_world`)."""

from tests.cogs.conftest import world as bot_world
from tests.services.conftest import make_world, world

__all__ = ["bot_world", "make_world", "world"]
