"""Receipts of tills: by form, by number, of a centre; cheques; tills where too much is taken back."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from billing_site.db.sql import fetch_sql
from invoicing.models import Invoice
from payments.models import Allocation, FiscalRegistration, Method, ReceiptPart, TillReceipt

# As many reversals of a till within an hour are listed.
MANY_REVERSALS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyReversals:
    """An hour in which many receipts of a till were taken back, in minor units."""

    till_id: int
    till_code: str
    clerk: str
    first_at: datetime
    last_at: datetime
    reversals: int
    amount_minor: int


def find_receipt_of_form(form_key: UUID) -> TillReceipt | None:
    """Return the receipt that a form led to, or ``None``."""
    return TillReceipt.objects.select_related("till").filter(form_key=form_key).first()


def till_receipts(*, centre_id: int | None = None, session_id: int | None = None) -> QuerySet[TillReceipt]:
    """Return receipts with all that a page shows of them, of all centres or of one, to be ordered by ``-id``."""
    wishes = {"till__centre_id": centre_id, "session_id": session_id}
    asked = {name: value for name, value in wishes.items() if value is not None}
    return TillReceipt.objects.filter(**asked).select_related(
        "till__centre", "session__clerk", "account__subscriber", "clerk", "fiscal", "reverses", "reversed_by"
    )


def parts_of_receipt(receipt_id: int) -> Sequence[ReceiptPart]:
    """Return what was handed over, in order."""
    return list(ReceiptPart.objects.filter(receipt_id=receipt_id).order_by("n"))


def uses_of_payments(payment_ids: Collection[int]) -> list[tuple[str, int]]:
    """Return what payments are used for now: number of the bill and minor units, in the order of use."""
    sums: Counter[int] = Counter()
    rows = Allocation.objects.filter(payment_id__in=payment_ids).order_by("id")
    for invoice_id, minor in rows.values_list("invoice_id", "amount_minor"):
        sums[invoice_id] += minor
    numbers = dict(Invoice.objects.filter(pk__in=list(sums)).values_list("pk", "number"))
    return [(numbers.get(invoice_id) or "", minor) for invoice_id, minor in sums.items() if minor]


def taken_cheques(*, centre_id: int | None = None, number: str = "", taken_from: date | None = None) -> (
    "QuerySet[ReceiptPart]"
):  # fmt: skip
    """Return cheques that tills took, with what became of their payment, to be ordered by ``-id``."""
    wishes: Mapping[str, Any] = {
        "receipt__till__centre_id": centre_id,
        "reference": number,
        "receipt__session__opened_on__gte": taken_from,
    }
    asked = {name: value for name, value in wishes.items() if value not in {None, ""}}
    cheques = ReceiptPart.objects.filter(method=Method.CHEQUE, receipt__kind=TillReceipt.Kind.PAYMENT, **asked)
    return cheques.select_related("receipt__till__centre", "receipt__account__subscriber", "payment__reversal")


def waiting_receipts(*, centre_id: int | None = None) -> QuerySet[FiscalRegistration]:
    """Return the receipts that no fiscal device has answered for, to be ordered by ``id``."""
    waiting = FiscalRegistration.objects.filter(state=FiscalRegistration.State.WAITING)
    if centre_id is not None:
        waiting = waiting.filter(receipt__till__centre_id=centre_id)
    return waiting.select_related("receipt__till__centre", "receipt__account")


def hours_of_many_reversals(*, since: datetime, centre_id: int | None = None) -> tuple[ManyReversals, ...]:
    """
    Return the hours since an instant in which a till took back five receipts or more, the latest first (004-27).

    :param centre_id: of one centre; ``None``: of all
    """
    found = {"since": since, "centre_id": centre_id, "least": MANY_REVERSALS}
    rows = fetch_sql("payments", "list_many_reversals", found)
    return tuple(
        ManyReversals(
            till_id=till_id,
            till_code=code,
            clerk=clerk,
            first_at=first_at,
            last_at=last_at,
            reversals=reversals,
            amount_minor=int(minor),
        )
        for till_id, code, clerk, first_at, last_at, reversals, minor in rows
    )
