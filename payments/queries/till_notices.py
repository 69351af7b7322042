"""What a clerk should say, or know, before he takes money for an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from invoicing.models import Dispute
from invoicing.queries.disputes import open_disputes
from payments.models import PaymentPromise
from payments.queries.direct_debits import DebitFailure, DebitUnderWay, find_debit_failure, find_debit_under_way
from payments.queries.dunning import debtor_notices, promises_for
from payments.queries.instalments import PlanPart, asked_in_parts
from subscribers.models import Notice, SubscriptionRestriction

SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class BarredLines:
    """Lines of an account that are not free, by cause: how many, and one of the causes of ``Cause``."""

    cause: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TillNotices:
    """
    The zone of notices of an account.

    :param debit_failure: a direct debit that was not paid, with the reason in words
    :param debit_under_way: what the bank is asked to collect: money taken now may be paid twice
    :param promise: the promise to pay that is open, or the last one where it was broken and something is still overdue
    :param plan: the next part of the instalment plan that is kept: less may be paid now than is open
    :param disputes: open disputes, the oldest first, a few of them
    :param barred: lines that are not free
    :param told: what the centre is to tell the subscriber, a few
    """

    debit_failure: DebitFailure | None
    debit_under_way: DebitUnderWay | None
    promise: PaymentPromise | None
    plan: PlanPart | None
    disputes: Sequence[Dispute]
    barred: Sequence[BarredLines]
    told: Sequence[Notice]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be said."""
        owed = (self.debit_failure, self.debit_under_way, self.promise, self.plan)
        return not any((*owed, self.disputes, self.barred, self.told))


def find_till_notices(*, account_id: int, is_overdue: bool, on: date) -> TillNotices:
    """Return what is to be said of an account on a day; ``is_overdue``: whether a bill of it is past its day."""
    in_parts = asked_in_parts([account_id], on=on).get(account_id)
    return TillNotices(
        debit_failure=find_debit_failure(account_id),
        debit_under_way=find_debit_under_way(account_id),
        promise=_promise(account_id, is_overdue=is_overdue),
        plan=in_parts.part if in_parts else None,
        disputes=list(open_disputes(account_id=account_id).order_by("answer_due_at", "pk")[:SHOWN]),
        barred=_barred(account_id),
        told=list(debtor_notices().filter(account=account_id).order_by("-pk")[:SHOWN]),
    )


def _promise(account_id: int, *, is_overdue: bool) -> PaymentPromise | None:
    last = promises_for(account_id=account_id).order_by("-pk").first()
    if last is None or last.state == PaymentPromise.State.KEPT:
        return None
    return last if last.state == PaymentPromise.State.OPEN or is_overdue else None


def _barred(account_id: int) -> list[BarredLines]:
    """Count lines by what keeps them from being free; one with two causes counts for both."""
    held = SubscriptionRestriction.objects.filter(subscription__account=account_id, during__upper_inf=True)
    counts: dict[str, int] = {}
    for causes in held.exclude(state=SubscriptionRestriction.State.RESTORED).values_list("causes", flat=True):
        for cause in causes:
            counts[cause] = counts.get(cause, 0) + 1
    return [BarredLines(cause=cause, count=count) for cause, count in sorted(counts.items())]
