"""Sessions of tills: who has which, what should be in the drawer, X and Z reports."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, Sum

from payments.domain.till import expected_in_till
from payments.models import CashHandOver, Method, ReceiptPart, Till, TillCount, TillMove, TillReceipt, TillSession

PAYMENT, REVERSAL = TillReceipt.Kind.PAYMENT, TillReceipt.Kind.REVERSAL


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodSum:
    """A method in a report, in minor units; counted and different are ``None`` until the session is counted."""

    method: str
    taken_minor: int
    given_back_minor: int
    expected_minor: int
    counted_minor: int | None = None

    @property
    def difference_minor(self) -> int | None:
        """What is too much; negative is missing."""
        return None if self.counted_minor is None else self.counted_minor - self.expected_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class TillReport:
    """An X report while the session is open, a Z report once it is closed."""

    session: TillSession
    sums: tuple[MethodSum, ...]
    receipts: int
    reversals: int
    first_number: str
    last_number: str
    handed_over_minor: int

    @property
    def taken_minor(self) -> int:
        """What came in by all methods, less what was given back."""
        return sum(one.taken_minor - one.given_back_minor for one in self.sums)


def tills_of_centre(centre_id: int | None) -> QuerySet[Till]:
    """Return the tills of a centre that are in use; of none without a centre."""
    return Till.objects.filter(centre_id=centre_id, is_active=True) if centre_id else Till.objects.none()


def find_open_session(*, clerk_id: int) -> TillSession | None:
    """Return the session that a clerk has open, with its till and centre, or ``None``."""
    mine = TillSession.objects.filter(clerk_id=clerk_id, state=TillSession.State.OPEN)
    return mine.select_related("till__centre", "clerk").first()


def till_sessions(*, centre_id: int | None = None, opened_on: date | None = None, state: str = "") -> (
    "QuerySet[TillSession]"
):  # fmt: skip
    """Return sessions, of all centres or of one, to be ordered by ``-id``."""
    wishes = {"till__centre_id": centre_id, "opened_on": opened_on, "state": state}
    asked = {name: value for name, value in wishes.items() if value not in {None, ""}}
    return TillSession.objects.filter(**asked).select_related("till__centre", "clerk", "counted_by", "signed_by")


def sums_by_method(session_id: int) -> tuple[dict[str, int], dict[str, int]]:
    """Return what a session took and gave back by receipts, deposits and refunds, in minor units by method."""
    parts = ReceiptPart.objects.filter(receipt__session_id=session_id)
    taken: dict[str, int] = defaultdict(int)
    back: dict[str, int] = defaultdict(int)
    rows = parts.order_by().values_list("receipt__kind", "method").annotate(sum=Sum("amount_minor"))
    for kind, method, minor in rows:
        (taken if kind == PAYMENT else back)[method] += int(minor)
    for method, minor in TillMove.objects.filter(session_id=session_id).values_list("method", "amount_minor"):
        (taken if minor > 0 else back)[method] += abs(minor)
    return dict(taken), dict(back)


def expected_of_session(session: TillSession) -> dict[str, int]:
    """Return what should be in the till, in minor units by method, the float included."""
    taken, back = sums_by_method(session.pk)
    return expected_in_till(float_minor=session.float_minor, taken=taken, given_back=back)


def cash_left_of(session: TillSession) -> int:
    """Return the cash of a closed session that is still in the centre beyond the float, in minor units."""
    if session.state != TillSession.State.CLOSED:
        return 0
    cash = TillCount.objects.filter(session=session, method=Method.CASH).first()
    gone = CashHandOver.objects.filter(session=session).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    return (cash.counted_minor - session.float_minor if cash else 0) - int(gone)


def till_report(session: TillSession) -> TillReport:
    """Return the X or Z report of a session."""
    taken, back = sums_by_method(session.pk)
    expected = expected_in_till(float_minor=session.float_minor, taken=taken, given_back=back)
    counts: Mapping[str, int] = dict(TillCount.objects.filter(session=session).values_list("method", "counted_minor"))
    sums = tuple(
        MethodSum(
            method=method,
            taken_minor=taken.get(method, 0),
            given_back_minor=back.get(method, 0),
            expected_minor=expected.get(method, 0),
            counted_minor=None if session.is_open else counts.get(method, 0),
        )
        for method in Method.values
        if method in expected or method in counts
    )
    numbers = list(session.receipts.order_by("serial").values_list("number", flat=True))
    kinds = dict(session.receipts.order_by().values_list("kind").annotate(count=Count("pk")))
    gone = CashHandOver.objects.filter(session=session).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    return TillReport(
        session=session,
        sums=sums,
        receipts=kinds.get(PAYMENT, 0),
        reversals=kinds.get(REVERSAL, 0),
        first_number=numbers[0] if numbers else "",
        last_number=numbers[-1] if numbers else "",
        handed_over_minor=int(gone),
    )


def last_receipts(session_id: int, *, limit: int = 5) -> Sequence[TillReceipt]:
    """Return the latest receipts of a session with their accounts, the last one at the front."""
    rows = TillReceipt.objects.filter(session_id=session_id).select_related("account", "reversed_by")
    return list(rows.order_by("-id")[:limit])
