"""Invoices of an account: all, and those still open."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from billing_site.ledger.balances import balance_of
from invoicing.models import Invoice
from subscribers.models import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvoice:
    """An invoice of which something is still owed; amounts in minor units."""

    invoice_id: int
    number: str
    issued_on: date
    due_on: date
    gross_minor: int
    open_minor: int


def posted_invoices_of(account_id: int) -> QuerySet[Invoice]:
    """Return the posted invoices of an account, newest first."""
    return Invoice.objects.filter(account_id=account_id, state=Invoice.State.POSTED).order_by("-period_from", "-pk")


def invoices_for(
    *, number: str = "", account_number: str = "", run_id: int | None = None, state: str = ""
) -> QuerySet[Invoice]:
    """Return invoices and drafts of all accounts, the latest first; what is left out filters nothing."""
    found = Invoice.objects.order_by("-pk")
    if account_number:
        found = found.filter(account_id__in=Account.objects.filter(number=account_number).values("pk"))
    wishes = {"number": number or None, "run_id": run_id, "state": state or None}
    return found.filter(**{name: value for name, value in wishes.items() if value is not None})


def open_invoices_of(account_id: int) -> tuple[OpenInvoice, ...]:
    """
    Return the invoices of an account that are not paid in full, oldest first.

    What was paid pays the oldest: the balance of the books is what is left of the newest. An account in advance
    has none.

    :raises Account.DoesNotExist: if there is no such account
    """
    left = balance_of(Account.objects.only("ledger_account_id").get(pk=account_id).ledger_account_id)
    found = []
    for invoice in posted_invoices_of(account_id):
        if left <= 0:
            break
        if invoice.gross_minor <= 0:
            continue
        still = min(left, invoice.gross_minor)
        left -= still
        found.append(
            OpenInvoice(
                invoice_id=invoice.pk,
                number=invoice.number or "",
                issued_on=invoice.issued_on,
                due_on=invoice.due_on,
                gross_minor=invoice.gross_minor,
                open_minor=still,
            )
        )
    return tuple(reversed(found))
