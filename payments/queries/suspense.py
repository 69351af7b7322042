"""Money whose owner is not known: what of it still waits."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Min, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from payments.models import Payment
from payments.queries.payments import standing_payments


def in_suspense() -> "QuerySet[Payment]":
    """
    Return payments in suspense of which something is left, annotated with it (``left_minor``).

    What was given to an owner has left; what was taken back from him is here again. The payer's own money taken back is
    not here any more.
    """
    given = (
        standing_payments().filter(origin=OuterRef("pk")).order_by().values("origin").annotate(sum=Sum("amount_minor"))
    )
    rows = standing_payments().filter(state=Payment.State.SUSPENSE)
    left = rows.annotate(left_minor=F("amount_minor") - Coalesce(Subquery(given.values("sum")), 0))
    return left.filter(left_minor__gt=0).select_related("network")


def filter_suspense(
    *, channel: str = "", waiting_since: date | None = None, account_number: str = ""
) -> "QuerySet[Payment]":
    """
    Return what waits in suspense; what is left out filters nothing.

    :param waiting_since: received on this day of the books or before
    :param account_number: a part of what the payer wrote
    """
    rows = in_suspense()
    if channel:
        rows = rows.filter(channel=channel)
    if waiting_since is not None:
        rows = rows.filter(posted_on__lte=waiting_since)
    if account_number:
        rows = rows.filter(account_number__contains=account_number)
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseFigures:
    """How much waits, in minor units of the operator's currency, and since which day; ``None`` where nothing does."""

    count: int
    left_minor: int
    oldest_on: date | None


def suspense_figures() -> SuspenseFigures:
    """Return how much waits in suspense, and since when."""
    sums = in_suspense().aggregate(count=Count("pk"), left=Sum("left_minor"), oldest=Min("posted_on"))
    return SuspenseFigures(count=sums["count"], left_minor=int(sums["left"] or 0), oldest_on=sums["oldest"])


def left_in_suspense(payment_id: int) -> int:
    """Return what of a payment waits in suspense, in minor units."""
    row: Any = in_suspense().filter(pk=payment_id).first()
    return int(row.left_minor) if row is not None else 0


def given_of(payment_id: int) -> "QuerySet[Payment]":
    """Return what was given out of a payment in suspense, what was taken back again included, in its order."""
    return Payment.objects.filter(origin_id=payment_id).select_related("reversal").order_by("pk")
