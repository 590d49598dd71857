"""The table of the API: nothing outside of it, and it complains when something in it is not called."""

from bot.imservice.routes import ALL
from tests.inventory import recording, table
from tests.inventory.recording import plain

ALIASES = {
    "PUT /users/{}/contacts/users/{}": "row 8 as two of the official SDKs write it (A31)",
    "GET /users/{}/contacts": "row 9 as two of the official SDKs write it (A31)",
}
INVENTORY = table.rows()
CALLS = {plain(row.call) for row in INVENTORY}
DONE = {("client", "mutes.add POST /circle/channel/{}/user/mute", "tests/im/test_mutes.py")} | {
    ("service", "POST /circle/channel/{}/user/mute", "tests/imservice/test_mutes.py")
}
MUTE = [row for row in INVENTORY if row.number == "33"]


def test_every_row_of_the_documents_is_in_the_table_once():
    assert [row.number for row in INVENTORY][:43] == [str(number) for number in range(1, 44)]
    assert len(CALLS) == len(INVENTORY)


def test_the_client_knows_the_endpoints_of_the_table_and_no_others():
    assert recording.endpoints() == CALLS


def test_the_service_has_the_routes_of_the_table_and_no_others():
    assert {plain(route.name) for route in ALL} == CALLS | set(ALIASES)


def test_every_method_of_the_client_is_in_the_table():
    methods = {
        f"{attribute}.{name}"
        for attribute, resource in recording.resources()
        for name in vars(resource)
        if not name.startswith("_")
    }
    assert methods | {"authenticate"} == {method for row in INVENTORY for method in row.client}


def test_a_call_made_on_both_sides_is_no_complaint():
    assert table.complaints(table.lines(MUTE, DONE)) == []


def test_a_row_that_a_side_or_a_method_left_out_is_complained_about():
    for touch in DONE:
        (complaint,) = table.complaints(table.lines(MUTE, DONE - {touch}))
        assert "row 33, POST /circle/channel/{channel_id}/user/mute" in complaint
    two = [table.Row("33", MUTE[0].call, ("mutes.add", "mutes.extend"))]
    (complaint,) = table.complaints(table.lines(two, DONE))
    assert "im.mutes.add and im.mutes.extend" in complaint
    assert len(table.complaints(table.lines([table.Row("33", MUTE[0].call, ())], DONE))) == 1
