"""
What a direct debit collects, and when it is tried again.

A **batch** takes, of each account with a mandate, what is open of bills due by a day: without what is disputed, without
what an instalment plan has for later, without what is on its way or waits for its next try. Money on its way for a bill
that was paid or taken back meanwhile counts for the others: nobody is debited twice for one debt. One item an account;
an item names the bills in it.

A **retry** is a matter of the creditor's policy: for which reasons, and how many days after each failure. The first
entry of ``retry_days`` follows the first failure, the second the second; where there is no entry, nobody tries again.
Days are the operator's, amounts minor units.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from payments.domain.debit_reasons import NextStep, reason_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is collected of a bill; ``attempt`` counts from 1, also over the tries before."""

    invoice_id: int
    amount_minor: int
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBill:
    """
    What is open of a bill, and of that what is disputed.

    :param deferred_minor: what of it an instalment plan asks for later
    """

    invoice_id: int
    due_on: date
    open_minor: int
    disputed_minor: int = 0
    deferred_minor: int = 0

    @property
    def collectable_minor(self) -> int:
        """What may be collected of it."""
        return max(0, self.open_minor - max(0, self.disputed_minor) - self.deferred_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """
    The last time that a bill was collected.

    :param is_open: whether the bank has not answered yet
    :param retry_on: when it is tried again, ``None`` for never
    """

    attempt: int
    is_open: bool
    retry_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """For which reasons a failure is tried again, and after how many days each time."""

    days: Sequence[int]
    reasons: Collection[str]


def choose_parts(
    bills: Sequence[OpenBill], *, tries: Mapping[int, Try], due_by: date, collect_on: date, coming_minor: int = 0
) -> tuple[Part, ...]:
    """
    Return what a batch of a day collects of an account's bills, in their order.

    :param coming_minor: what the bank collects already and no bill needs any more: the first bills are paid by it
    """
    parts = []
    for bill in bills:
        before = tries.get(bill.invoice_id)
        amount_minor = bill.collectable_minor
        if bill.due_on > due_by or not amount_minor or (before is not None and not _may_follow(before, collect_on)):
            continue
        spared_minor = min(coming_minor, amount_minor)
        coming_minor -= spared_minor
        amount_minor -= spared_minor
        if not amount_minor:
            continue
        attempt = before.attempt + 1 if before is not None else 1
        parts.append(Part(invoice_id=bill.invoice_id, amount_minor=amount_minor, attempt=attempt))
    assert all(part.amount_minor > 0 for part in parts)
    return tuple(parts)


def retry_day(*, policy: RetryPolicy, reason_code: str, attempt: int, failed_on: date) -> date | None:
    """Return the day on which what failed is tried again, or ``None``; ``attempt`` is the one that failed, from 1."""
    is_tried = reason_code in policy.reasons and reason_of(reason_code).next_step is NextStep.RETRY
    if not is_tried or attempt > len(policy.days):
        return None
    return failed_on + timedelta(days=policy.days[attempt - 1])


def _may_follow(before: Try, collect_on: date) -> bool:
    return not before.is_open and before.retry_on is not None and before.retry_on <= collect_on
