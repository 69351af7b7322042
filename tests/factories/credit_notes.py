"""Credit notes of the tests, made by the house's own operations."""

from datetime import UTC, date, datetime

from billing_site.identity.models import User
from invoicing.models import CreditNote, CreditReason, Invoice
from invoicing.operations.cancellations import cancel_invoice
from invoicing.operations.credit_notes import propose_credit_note
from invoicing.operations.letters import NewLetter

AT = datetime(2026, 3, 10, 8, tzinfo=UTC)
LETTER = NewLetter(sender="ACCOUNTING", number="A-17", dated_on=date(2026, 3, 9))


def reason_id(code: str = "WRONG_PRICE") -> int:
    return CreditReason.objects.get(code=code).pk


def credit(
    invoice: Invoice, parts: dict[int, int], by: User, *, letter: NewLetter | None = LETTER, at: datetime = AT
) -> CreditNote:
    return propose_credit_note(
        invoice_id=invoice.pk, parts=parts, reason_id=reason_id(), letter=letter, note="checked", actor=by, at=at
    )


def cancel(invoice: Invoice, by: User, *, at: datetime = AT) -> CreditNote:
    return cancel_invoice(
        invoice_id=invoice.pk, reason_id=reason_id(), letter=LETTER, note="all wrong", actor=by, at=at
    )
