"""What a line may still be used for: free, restricted (no outgoing calls), stopped (nothing); and for which causes."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop


class RestrictionState(StrEnum):
    """Where the use of a line stands; a line without any row is as free as a restored one."""

    RESTRICTED = "RESTRICTED"
    STOPPED = "STOPPED"
    RESTORED = "RESTORED"


class RestrictionCause(StrEnum):
    """Why a line is restricted. Several may hold at once; the line is free when the last one has ended."""

    FRAUD = "FRAUD"
    DEBT = "DEBT"
    LIMIT = "LIMIT"
    REQUEST = "REQUEST"


class NotRestricted(BillingError):
    """There is nothing to restore or to stop."""

    default_message = gettext_noop("The line is not restricted: there is nothing to change.")
    default_code = "NOT_RESTRICTED"


class CauseDoesNotHold(BillingError):
    """The line is restricted, for another cause."""

    default_message = gettext_noop("The line is not restricted for this cause.")
    default_code = "CAUSE_DOES_NOT_HOLD"


class CauseHoldsAlready(BillingError):
    """Nothing would change."""

    default_message = gettext_noop("The line is restricted for this cause already.")
    default_code = "CAUSE_HOLDS_ALREADY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A state and the causes that hold in it; none in the free one."""

    state: RestrictionState = RestrictionState.RESTORED
    causes: frozenset[RestrictionCause] = frozenset()

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        assert (self.state is RestrictionState.RESTORED) == (not self.causes)


FREE = Restriction()


def restrict(before: Restriction, *, causes: Collection[RestrictionCause]) -> Restriction:
    """
    Return what a line becomes for further causes; a stopped line stays stopped.

    :raises CauseHoldsAlready: if every cause holds
    """
    after = before.causes | frozenset(causes)
    if after == before.causes:
        raise CauseHoldsAlready
    is_stopped = before.state is RestrictionState.STOPPED
    return Restriction(state=before.state if is_stopped else RestrictionState.RESTRICTED, causes=after)


def stop(before: Restriction) -> Restriction:
    """
    Return what a restricted line becomes when incoming calls end, too.

    :raises NotRestricted: if it is free or stopped: a line is restricted first
    """
    if before.state is not RestrictionState.RESTRICTED:
        raise NotRestricted
    return Restriction(state=RestrictionState.STOPPED, causes=before.causes)


def restore(before: Restriction, *, cause: RestrictionCause) -> Restriction:
    """
    Return what a line becomes when a cause ends: free after the last one; until then its state stays.

    :raises NotRestricted: if it is free
    :raises CauseDoesNotHold: if it is restricted for others
    """
    if not before.causes:
        raise NotRestricted
    if cause not in before.causes:
        raise CauseDoesNotHold
    left = before.causes - {cause}
    return Restriction(state=before.state, causes=left) if left else FREE
