from bot.imservice.errors import ApiError
from bot.imservice.limits import CallLimits
from tests.imservice.conftest import assert_refusal


def calls(limits, count, family="circle"):
    """Return how many of so many calls at once are let through."""
    passed = 0
    for _ in range(count):
        try:
            limits.count(family)
        except ApiError:
            continue
        passed += 1
    return passed


def test_the_window_slides():
    now = [0.0]
    limits = CallLimits(default=10, by_family={"token": 30, "free": None}, clock=lambda: now[0])
    assert calls(limits, 6) == 6
    now[0] = 0.6
    assert calls(limits, 6) == 4
    now[0] = 0.999
    assert calls(limits, 1) == 0
    now[0] = 1.0
    assert calls(limits, 20) == 6
    now[0] = 1.6
    assert calls(limits, 20) == 4
    assert calls(limits, 40, "users") == 10
    assert calls(limits, 40, "token") == 30
    assert calls(limits, 1000, "free") == 1000


async def test_the_101st_call_of_a_second_is_429_with_the_documented_text(launch):
    now = [0.0]
    api = await launch(rate_limit=100, monotonic=lambda: now[0])
    replies = [await api.get("/circle/user/ann") for _ in range(101)]
    assert [reply.status for reply in replies[:100]] == [200] * 100
    assert_refusal(replies[100], 429, "reach_limit", "This request has reached api limit")
    assert replies[100].headers["Retry-After"] == "1"
    assert (await api.post("/users", {"username": "ann"})).status == 200, "another family has its own limit"
    now[0] = 1.0
    assert (await api.get("/circle/user/ann")).status == 200


async def test_the_token_has_a_limit_of_its_own(launch):
    api = await launch(rate_limit=1, token_rate_limit=3, monotonic=lambda: 0.0)
    assert [(await api.post("/token", {})).status for _ in range(3)] == [400, 400, 429]


async def test_limits_can_be_switched_off(launch):
    api = await launch(rate_limit=None, token_rate_limit=None, monotonic=lambda: 0.0)
    assert {(await api.get("/circle/user/ann")).status for _ in range(150)} == {200}


async def test_a_refused_call_changes_nothing(launch):
    api = await launch(rate_limit=1, monotonic=lambda: 0.0)
    assert (await api.post("/users", {"username": "ann"})).status == 200
    assert_refusal(await api.post("/users", {"username": "ben"}), 429, "reach_limit", circle=False)
    assert api.service.database.reader.execute("SELECT key FROM users").fetchall() == [("ann",)]
