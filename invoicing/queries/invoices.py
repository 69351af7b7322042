"""Invoices of an account and of all accounts."""

from collections.abc import Iterable

from django.db.models import QuerySet

from invoicing.models import Invoice
from subscribers.models import Account


def posted_invoices_of(account_id: int) -> QuerySet[Invoice]:
    """Return the posted invoices of an account, newest first."""
    return Invoice.objects.filter(account_id=account_id, state=Invoice.State.POSTED).order_by("-period_from", "-pk")


def bills_that_were_posted(account_ids: Iterable[int]) -> QuerySet[Invoice]:
    """Return what accounts got as bills, those that credit notes took back among them; never a draft."""
    states = (Invoice.State.POSTED, Invoice.State.CANCELLED)
    return Invoice.objects.filter(account_id__in=account_ids, state__in=states, number__isnull=False)


def invoices_for(
    *, number: str = "", account_number: str = "", run_id: int | None = None, state: str = ""
) -> QuerySet[Invoice]:
    """Return invoices and drafts of all accounts, the latest first; what is left out filters nothing."""
    found = Invoice.objects.order_by("-pk")
    if account_number:
        found = found.filter(account_id__in=Account.objects.filter(number=account_number).values("pk"))
    wishes = {"number": number or None, "run_id": run_id, "state": state or None}
    return found.filter(**{name: value for name, value in wishes.items() if value is not None})
