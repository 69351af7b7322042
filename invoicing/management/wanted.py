"""Whose bills a command is about."""

from django.core.management.base import CommandError

from billing_site.jobs.commands import WRONG_USE
from invoicing.models import Invoice
from subscribers.models import Account


def wanted_invoices(account: str | None, run_id: int | None, limit: int) -> list[tuple[int, str]]:
    """
    Return (id, number) of the posted invoices of an account or a run.

    :param limit: at most so many; 0 for all
    :raises CommandError: if neither is named, or there are none
    """
    if account is None and run_id is None:
        raise CommandError("Whose bills? Type --account NUMBER or --run NUMBER.", returncode=WRONG_USE)
    wanted = Invoice.objects.filter(state=Invoice.State.POSTED).order_by("account_id", "period_from")
    if run_id is not None:
        wanted = wanted.filter(run_id=run_id)
    if account is not None:
        wanted = wanted.filter(account_id__in=Account.objects.filter(number=account).values("pk"))
    rows = [(pk, str(number)) for pk, number in wanted.values_list("pk", "number")[: limit or None]]
    if not rows:
        raise CommandError("There is no posted invoice of that account or run.", returncode=WRONG_USE)
    return rows
