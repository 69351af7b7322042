"""Reading the books."""

from collections.abc import Iterable
from datetime import date

from django.db import connection

from billing_site.ledger.models import LedgerBalance


def balance_of(ledger_account_id: int) -> int:
    """Return what a subscriber's account owes, in minor units; negative is in the subscriber's favour."""
    amount = LedgerBalance.objects.filter(pk=ledger_account_id).values_list("amount_minor", flat=True).first()
    return amount or 0


def balances_of(ledger_account_ids: Iterable[int]) -> dict[int, int]:
    """Return balances of subscribers' accounts by id, in minor units; an account never posted to is missing."""
    return dict(LedgerBalance.objects.filter(pk__in=list(ledger_account_ids)).values_list("pk", "amount_minor"))


def turnover_of(ledger_account_id: int, *, first: date, until: date) -> tuple[int, int]:
    """Return debits and credits of any account from ``first`` to before ``until``, in minor units."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(p.amount_minor) FILTER (WHERE p.debit_id = %(a)s), 0),"
            " coalesce(sum(p.amount_minor) FILTER (WHERE p.credit_id = %(a)s), 0)"
            " FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id"
            " WHERE (p.debit_id = %(a)s OR p.credit_id = %(a)s)"
            " AND e.posted_on >= %(first)s AND e.posted_on < %(until)s",
            {"a": ledger_account_id, "first": first, "until": until},
        )
        row = cursor.fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
