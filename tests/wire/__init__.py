"""A fake Discord on real sockets (REST and gateway) that a discord.py bot can be run against as its own process."""

from tests.wire.model import Channel, Guild, Member, Message, Role, Upload, User
from tests.wire.reply import Choice, Reply
from tests.wire.server import FakeDiscord

__all__ = ["Channel", "Choice", "FakeDiscord", "Guild", "Member", "Message", "Reply", "Role", "Upload", "User"]
