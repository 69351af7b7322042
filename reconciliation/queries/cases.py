"""Reading the cases of the terminal check, and whether a terminal's payment is confirmed."""

from datetime import date
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from payments.models import Payment, PaymentReversal
from reconciliation.models import LIVE_STATES, Discrepancy, TerminalCheck

LIVE = "LIVE"
# A payment is confirmed only when it is in the online exchange and in the register of its day.
CONFIRMED, UNCONFIRMED, DIFFERENT, LEFT_AS_IT_IS, REVERSED = (
    "CONFIRMED",
    "UNCONFIRMED",
    "DIFFERENT",
    "LEFT_AS_IT_IS",
    "REVERSED",
)
CONFIRMATIONS = (CONFIRMED, UNCONFIRMED, DIFFERENT, LEFT_AS_IT_IS, REVERSED)


def cases_for(
    *,
    state: str = "",
    kind: str = "",
    network_id: int | None = None,
    owner_id: int | None = None,
    sender: str = "",
    first: date | None = None,
    last: date | None = None,
) -> QuerySet[Discrepancy]:
    """
    Return cases of all checks, those gone by themselves left out; what is left out filters nothing.

    :param state: one of ``Discrepancy.State``, or ``LIVE`` for all that wait for somebody
    :param sender: one of ``Letter.Sender``: the corrections that answer its letters
    """
    wishes: dict[str, Any] = {
        "kind": kind,
        "check_run__network_id": network_id,
        "owner_id": owner_id,
        "letter__sender": sender,
        "check_run__day__gte": first,
        "check_run__day__lte": last,
    }
    asked = {name: value for name, value in wishes.items() if value not in {None, ""}}
    found = Discrepancy.objects.exclude(state=Discrepancy.State.GONE).filter(**asked)
    if state:
        found = found.filter(state__in=LIVE_STATES) if state == LIVE else found.filter(state=state)
    return found.select_related(
        "check_run__network", "payment", "owner", "proposed_by", "resolved_by", "letter__centre", "new_payment"
    )


def find_case(discrepancy_id: int) -> Discrepancy | None:
    """Return a case with its check, its people, its letter and its payments, or ``None``."""
    found = Discrepancy.objects.select_related(
        "check_run__network", "payment__reversal", "owner", "explained_by", "proposed_by", "resolved_by",
        "letter__centre", "new_payment",
    )  # fmt: skip
    return found.filter(pk=discrepancy_id).first()


def confirmed_payments(
    *,
    confirmation: str = "",
    network_id: int | None = None,
    first: date | None = None,
    last: date | None = None,
    account_number: str = "",
) -> QuerySet[Payment]:
    """
    Return the terminals' payments, each with ``confirmation``: one of ``CONFIRMATIONS``. Days are those of the books.

    CONFIRMED: in the online exchange and in a register, of its day or of a neighbouring one. UNCONFIRMED: no register
    of its day was compared yet. DIFFERENT: a difference is not settled. LEFT_AS_IT_IS: a difference was left as it is.
    REVERSED: taken back.
    """
    cases = Discrepancy.objects.filter(payment_id=OuterRef("pk")).exclude(state=Discrepancy.State.GONE)
    accepted = cases.filter(act=Discrepancy.Act.ACCEPT).exclude(kind=Discrepancy.Kind.OTHER_DAY)
    compared = TerminalCheck.objects.filter(
        network_id=OuterRef("network_id"), day=OuterRef("posted_on"), checked_at__gte=OuterRef("received_at")
    ).exclude(state=TerminalCheck.State.MISSING)
    decided = Case(
        When(Exists(PaymentReversal.objects.filter(payment_id=OuterRef("pk"))), then=Value(REVERSED)),
        When(Exists(cases.filter(state__in=LIVE_STATES)), then=Value(DIFFERENT)),
        When(Exists(accepted.filter(state=Discrepancy.State.RESOLVED)), then=Value(LEFT_AS_IT_IS)),
        When(Exists(Discrepancy.objects.filter(new_payment_id=OuterRef("pk"))), then=Value(CONFIRMED)),
        When(Exists(compared), then=Value(CONFIRMED)),
        default=Value(UNCONFIRMED),
        output_field=CharField(),
    )
    wishes: dict[str, Any] = {
        "network_id": network_id,
        "posted_on__gte": first,
        "posted_on__lte": last,
        "account_number": account_number,
    }
    asked = {name: value for name, value in wishes.items() if value not in {None, ""}}
    found = Payment.objects.filter(Q(network__isnull=False), **asked).select_related("network")
    found = found.annotate(confirmation=decided)
    return found.filter(confirmation=confirmation) if confirmation else found


def waiting_of_check(check_id: int) -> QuerySet[Discrepancy]:
    """Return the cases of a check that nobody has settled or proposed to settle, in the order of the day's list."""
    waiting = (Discrepancy.State.OPEN, Discrepancy.State.EXPLAINED)
    return Discrepancy.objects.filter(check_run_id=check_id, state__in=waiting).order_by("kind", "txn_id", "id")
