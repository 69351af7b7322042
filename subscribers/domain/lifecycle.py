"""The life of a line: which moves are allowed."""

from enum import StrEnum

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop


class LineState(StrEnum):
    """Where a subscription stands."""

    CREATED = "CREATED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    TERMINATED = "TERMINATED"


MOVES: dict[LineState, frozenset[LineState]] = {
    LineState.CREATED: frozenset({LineState.ACTIVE, LineState.TERMINATED}),
    LineState.ACTIVE: frozenset({LineState.SUSPENDED, LineState.TERMINATED}),
    LineState.SUSPENDED: frozenset({LineState.ACTIVE, LineState.TERMINATED}),
    LineState.TERMINATED: frozenset(),
}


class LineCannotMove(BillingError):
    """The line is in a state from which the wished one cannot be reached."""

    default_message = gettext_noop("The line is %(state)s: it cannot become %(target)s.")
    default_code = "LINE_CANNOT_MOVE"


def can_move(*, state: str, target: str) -> bool:
    """Say whether a line in one state may become another."""
    return LineState(target) in MOVES[LineState(state)]


def check_move(*, state: str, target: str) -> None:
    """
    Refuse a move that the life of a line does not know.

    :raises LineCannotMove: with both states
    """
    if not can_move(state=state, target=target):
        raise LineCannotMove(context={"state": state, "target": target})


def is_in_service(state: str) -> bool:
    """Say whether a line in this state can be sold plans and features: it is active or suspended."""
    return LineState(state) in {LineState.ACTIVE, LineState.SUSPENDED}
