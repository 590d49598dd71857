"""Plain refusals: the command was understood and is not carried out, for a reason staff can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818 - not a fault: a sentence for staff
    """A request that is not carried out; `key` names its text, `values` fill it.

    Nothing has been changed when it is raised. It carries no reference id (design section 9).
    """

    def __init__(self, key: str, **values: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.values = values

    def __repr__(self) -> str:
        return f"Refusal({self.key!r}, {self.values!r})"


class NeedsConfirmation(Refusal):
    """The request is possible, and asks for a second look first; repeat it with `confirmed=True`.

    `meant` are arguments that stand then in place of those given: what a name meant when the question was asked.
    """

    def __init__(self, key: str, *, meant: Mapping[str, str] | None = None, **values: str | int) -> None:
        super().__init__(key, **values)
        self.meant = dict(meant or {})


class Unsettled(Exception):  # noqa: N818 - neither done nor failed yet
    """Whether the IM carried a case out is not known or not written down; the case settles by itself within a minute.

    `cause` is the IM layer's or the store's error.
    """

    def __init__(self, case_id: int, cause: Exception) -> None:
        super().__init__(f"case {case_id}: {cause}")
        self.case_id = case_id
        self.cause = cause
