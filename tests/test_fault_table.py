"""The matrix complains about what was not tried and about what must not have happened."""

from tests import fault_table


def test_what_is_counted_is_added_up_and_shown_by_fault():
    sums = fault_table.added_up([("disk full", {"refused": 2, "lost": 0}), ("disk full", {"refused": 3, "lost": 0})])
    assert sums == {"disk full": {"refused": 5, "lost": 0}}
    (line,) = [line for line in fault_table.rendered(sums).splitlines() if line.startswith("disk full")]
    assert line.endswith("refused 5, lost 0")
    assert fault_table.complaints(sums, whole=False) == []


def test_a_loss_and_a_fault_nobody_tried_are_complained_about():
    sums = fault_table.added_up([("disk full", {"lost": 1})])
    assert fault_table.complaints(sums, whole=False) == ["fault “disk full”: lost 1"]
    missing = fault_table.complaints(sums, whole=True)
    assert len(missing) == len(fault_table.FAULTS)
