"""Every command with a working example: what the tests that go over all commands are made of.

A family's rows are in its own `rows_...py`; `test_tree.py` sees to it that no command is without one.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.services.access import Level
from bot.services.mirrors import ImMessage
from bot.services.model import Place
from tests.cogs.conftest import World

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One command as somebody with its level would give it in a stocked world.

    `options` are values, or a function of the world that returns them. `completes`: the options with autocomplete and
    letters for which it finds something (the other options are given as in `options`). `modal`: what is filled into
    the form that the command opens. `confirms`: it asks for a second look. `says`: part of the final answer.
    `needs_im` False: it answers as usual while the IM is down. `before`: what the row needs besides `stock`.

    The rows of one file are given one after another in one stocked world (`test_all_commands.py`), so their order
    matters: a delete comes last, or has something of its own to delete by `before`.
    """

    command: str
    level: Level
    options: Options | Callable[[World], Options] = field(default_factory=dict)
    completes: Mapping[str, str] = field(default_factory=dict)
    modal: Mapping[str, str] | None = None
    confirms: bool = False
    says: str = ""
    needs_im: bool = True
    before: Callable[[World], Awaitable[object]] | None = None

    def given(self, world: World) -> dict[str, Any]:
        return dict(self.options(world) if callable(self.options) else self.options)


async def stock(world: World) -> None:
    """Give the world what commands are about: a mirrored message, reaction, thread, friend, block, collection."""
    im = world.warden.im
    world.message_id = await im.messages.send_text(world.general, "Anyone up for a raid?", sender="bob")
    await im.reactions.add("carl", world.message_id, "👍")
    services = world.warden.services
    place = Place(world.community, world.general, "general")
    shown = ImMessage(place, world.message_id, "bob", "Anyone up for a raid?", services.clock.now())
    await services.mirrors.note(guild_id=world.guild.id, message_id=1, shows=shown)
    other = await im.messages.send_text(world.general, "The map is in the thread", sender="carl")
    world.thread_id = await im.threads.create(world.general, other, "carl", "Raid plans")
    await im.contacts.add("bob", "carl")
    await im.blocks.add("bob", "dora")
    world.collection_id = (await im.collections.add("bob", "Bring bread", 1, ext='{"tag":"raid"}')).collection_id
