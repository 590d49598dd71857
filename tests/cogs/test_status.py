"""`/status` tells what is, also where it is not as it should be."""

from bot.imservice import FaultAction
from tests.cogs.conftest import World, said


async def test_what_could_not_be_compared_and_a_log_that_is_gone_are_not_called_well(world: World):
    await world.log_here()
    await world.mod.slash(world.room, "mute", member="bob", channel="general", duration="1h")
    world.env.inject_error("POST", f"/channels/{world.log.id}/messages", status=404, code=10003, times=None)
    await world.show_posts()
    reconcile = world.warden.services.reconcile
    world.im_service.fault = lambda request: FaultAction.answer(403) if request.route.endswith("mute/list") else None
    await reconcile.run()
    told = said(await world.mod.slash(world.room, "status"))
    assert "1 channel could not be read" in told
    assert "all the same" not in told
    assert "The log channel is gone." in told
    assert "🟢 Log" not in told
    world.im_up()
    await reconcile.run()
    told = said(await world.mod.slash(world.room, "status"))
    assert "all the same" in told
    assert "could not be read" not in told
