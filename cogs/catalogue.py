"""All cogs."""

from typing import Final

from bot.ui.desk import Desk
from cogs.accounts import Accounts
from cogs.blocks import Blocks
from cogs.cases import Cases
from cogs.channels import Channels
from cogs.cleanup import Cleanup
from cogs.collections import Collections
from cogs.feed import Feed
from cogs.forms import Forms
from cogs.friends import Friends
from cogs.logbook import Logbook
from cogs.members import Members
from cogs.menus import Menus
from cogs.mutes import Mutes
from cogs.reactions import Reactions
from cogs.records import Records
from cogs.settings import Settings
from cogs.status import Status
from cogs.threads import Threads

COGS: Final[tuple[type[Desk], ...]] = (
    Mutes,
    Records,
    Cases,
    Channels,
    Members,
    Threads,
    Reactions,
    Menus,
    Friends,
    Blocks,
    Settings,
    Status,
    Collections,
    Logbook,
    Feed,
    Cleanup,
    Forms,
    Accounts,
)
