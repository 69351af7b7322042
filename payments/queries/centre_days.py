"""A day of the service centres: each session with its sums and its difference, and the hours in which money came."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import ExtractHour

from billing_site.core.clock import operator_zone
from payments.models import CentreDayConfirmation, Method, ReceiptPart, TillCount, TillMove, TillReceipt, TillSession

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDay:
    """A session with its money, in minor units; the difference is ``None`` until it is counted."""

    session: TillSession
    receipt_count: int
    taken_minor: int
    given_back_minor: int
    cash_minor: int
    difference_minor: int | None

    @property
    def net_minor(self) -> int:
        """What was taken less what was given back."""
        return self.taken_minor - self.given_back_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class HourSum:
    """An hour of the local day: receipts of payments and their sum, in minor units."""

    hour: int
    count: int
    amount_minor: int


def sum_sessions(sessions: QuerySet[TillSession]) -> Sequence[SessionDay]:
    """Return sessions with their sums, by centre and till: the queries are as many for one as for a thousand."""
    found = list(sessions.order_by("till__centre__code", "till__code", "pk"))
    taken: dict[int, int] = defaultdict(int)
    back: dict[int, int] = defaultdict(int)
    cash: dict[int, int] = defaultdict(int)
    ids = [session.pk for session in found]
    for session_id, method, minor in _moved(ids):
        (taken if minor > 0 else back)[session_id] += abs(minor)
        cash[session_id] += minor if method == Method.CASH else 0
    receipts = TillReceipt.objects.filter(session__in=ids, kind=TillReceipt.Kind.PAYMENT).order_by()
    counts = dict(receipts.values_list("session_id").annotate(count=Count("pk")))
    counted = TillCount.objects.filter(session__in=ids).order_by().values_list("session_id")
    differences = dict(counted.annotate(sum=Sum(F("counted_minor") - F("expected_minor"))))
    return [
        SessionDay(
            session=session,
            receipt_count=counts.get(session.pk, 0),
            taken_minor=taken[session.pk],
            given_back_minor=back[session.pk],
            cash_minor=cash[session.pk],
            difference_minor=None if session.is_open else int(differences.get(session.pk, 0)),
        )
        for session in found
    ]


def confirmations_of_day(day: date, *, centre_ids: Collection[int]) -> dict[int, CentreDayConfirmation]:
    """Return what accountants said of a day of centres, by centre."""
    found = CentreDayConfirmation.objects.filter(day=day, centre__in=centre_ids).select_related("confirmed_by")
    return {one.centre_id: one for one in found}


def hours_of_sessions(session_ids: Sequence[int], *, day: date) -> list[HourSum]:
    """Return the hours of a local day in which sessions took money, in order."""
    zone = operator_zone()
    begin = datetime.combine(day, time.min, tzinfo=zone)
    until = datetime.combine(day + ONE_DAY, time.min, tzinfo=zone)
    receipts = TillReceipt.objects.filter(
        session__in=session_ids, kind=TillReceipt.Kind.PAYMENT, taken_at__gte=begin, taken_at__lt=until
    )
    rows = (
        receipts.order_by()
        .annotate(hour=ExtractHour("taken_at", tzinfo=zone))
        .values_list("hour")
        .annotate(count=Count("pk"), sum=Sum("amount_minor"))
    )
    return [HourSum(hour=hour, count=count, amount_minor=int(minor)) for hour, count, minor in sorted(rows)]


def _moved(session_ids: Sequence[int]) -> list[tuple[int, str, int]]:
    """Return what sessions took (above zero) and gave back (below), by method: receipts, deposits and refunds."""
    parts = ReceiptPart.objects.filter(receipt__session__in=session_ids).order_by()
    sums = parts.values_list("receipt__session_id", "receipt__kind", "method").annotate(sum=Sum("amount_minor"))
    rows = [
        (session_id, method, int(minor) if kind == TillReceipt.Kind.PAYMENT else -int(minor))
        for session_id, kind, method, minor in sums
    ]
    moves = TillMove.objects.filter(session__in=session_ids).values_list("session_id", "method", "amount_minor")
    return [*rows, *moves]
