"""Rows of /policy, /job, /collection cleanup and /collection restore."""

from datetime import timedelta

from bot.im import NewCollection
from bot.services.access import Level
from bot.services.model import Staff
from tests.cogs.conftest import World
from tests.cogs.table import Row


async def _old_item(world: World, owner: str = "bob") -> None:
    saved = world.warden.services.clock.now() - timedelta(days=60)
    await world.warden.im.collections.add_many(owner, [NewCollection("old", "Bring candles", 1, saved)])


async def _a_policy(world: World) -> None:
    services = world.warden.services
    rule = await services.cleanups.rule(
        world.guild.id, older_than="90d", owner="bob", channel=None, community=None, item_type=None, keep=None
    )
    staff = Staff(world.admin.id, "admin")
    await services.policies.add(rule, schedule="03:00", timezone=None, staff=staff, guild_id=world.guild.id)


async def _a_run(world: World, owner: str = "carl") -> None:
    await _old_item(world, owner)
    cleanups = world.warden.services.cleanups
    rule = await cleanups.rule(
        world.guild.id, older_than="30d", owner=owner, channel=None, community=None, item_type=None, keep=None
    )
    staff = Staff(world.admin.id, "admin")
    await cleanups.start(await cleanups.preview(rule), staff=staff, guild_id=world.guild.id)


async def _a_run_that_is_over(world: World) -> None:
    await _a_run(world, "dora")
    await world.warden.services.housekeeping.run_due()


ROWS: list[Row] = [
    Row(
        "policy add",
        Level.ADMIN,
        {
            "older_than": "30d",
            "schedule": "03:00",
            "timezone": "Asia/Shanghai",
            "community": "Aurora",
            "type": 1,
            "keep": "raid",
        },
        completes={
            "older_than": "9",
            "schedule": "4:30",
            "timezone": "shang",
            "owner": "bo",
            "channel": "gen",
            "community": "Aur",
        },
        says="is set",
        needs_im=False,
    ),
    Row("policy list", Level.ADMIN, says="policy-1", needs_im=False, before=_a_policy),
    Row(
        "policy pause",
        Level.ADMIN,
        {"policy": "policy-1"},
        completes={"policy": "pol"},
        says="policy-1",
        needs_im=False,
    ),
    Row(
        "collection cleanup",
        Level.ADMIN,
        {"older_than": "30d", "owner": "bob"},
        completes={"older_than": "9", "owner": "bo", "channel": "gen", "community": "Aur"},
        confirms=True,
        says="Cleaning up: collections of bob",
        before=_old_item,
    ),
    Row(
        "collection restore",
        Level.ADMIN,
        {"run": "run-1"},
        completes={"run": "run"},
        confirms=True,
        says="Putting back",
        needs_im=False,
        before=_a_run_that_is_over,
    ),
    Row("job list", Level.ADMIN, says="reconcile", needs_im=False),
    Row(
        "job run",
        Level.ADMIN,
        {"job": "policy-1"},
        completes={"job": "pol"},
        says="Cleaning up",
        needs_im=False,
    ),
    Row(
        "job cancel",
        Level.ADMIN,
        {"job": "policy-1"},
        completes={"job": "run"},
        says="Stopping",
        needs_im=False,
        before=_a_run,
    ),
    Row(
        "policy remove",
        Level.ADMIN,
        {"policy": "policy-1"},
        completes={"policy": "pol"},
        says="is removed",
        needs_im=False,
    ),
]
