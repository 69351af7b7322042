"""Money whose owner is not known: what of it still waits."""

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
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
