"""Money is used for invoices: at once when it comes in, or when the next bill is posted."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet, Sum

from billing_site.audit.recording import SYSTEM
from billing_site.core.clock import operator_zone
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import durable, lock_rows, transaction_required
from invoicing.models import CreditNote, Invoice
from payments.domain.allocation import distribute_oldest_first
from payments.models import Allocation
from payments.operations.dunning_cases import settle_after_payment
from payments.operations.recoveries import recover_bad_debts
from payments.queries.payments import debts_of_account, unused_credits
from subscribers.models import Account

# Accounts locked at a time: the same size as a chunk of a bill run.
ACCOUNTS_AT_A_TIME = 5000


@durable
def allocate_advance(*, account_id: int) -> int:
    """Use an account's advance for its open invoices, the oldest first; return how much was used, in minor units."""
    lock_rows(Account.objects.all(), [account_id])
    return use_for_open_invoices(account_id=account_id)


@transaction_required
def bring_account_up(*, account_id: int, at: datetime) -> int:
    """
    Use an account's advance for what is to be paid, and end what dunning began for what is not: its debts have changed
    by a dispute or a credit note.

    Return how much was used, in minor units; called again it finds nothing left to do.
    """
    lock_rows(Account.objects.all(), [account_id])
    used_minor = use_for_open_invoices(account_id=account_id)
    recover_bad_debts(account_id=account_id, recovered_on=at.astimezone(operator_zone()).date(), actor=SYSTEM)
    settle_after_payment(account_id=account_id, at=at)
    return used_minor


def allocate_advances_of_run(*, run_id: int) -> int:
    """
    Use the advances of all accounts of a posted bill run, and return how much was used, in minor units.

    Each five thousand accounts are a transaction of their own; called again it finds nothing left to do.
    """
    used_minor, after_id = 0, 0
    while bounds := _next_accounts(run_id=run_id, after_id=after_id):
        used_minor += _allocate_durably(run_id=run_id, first_account_id=bounds[0], last_account_id=bounds[1])
        after_id = bounds[1]
    return used_minor


@transaction_required
def use_for_open_invoices(*, account_id: int) -> int:
    """
    Use unused money of an account whose row the caller holds locked; return how much, in minor units.

    What is disputed is left alone: money beyond all the rest is the account's advance until the dispute is answered.
    """
    found = distribute_oldest_first(
        credits_in_order=unused_credits(account_id), debts_in_order=debts_of_account(account_id).payable
    )
    Allocation.objects.bulk_create(
        Allocation(payment_id=part.payment_id, invoice_id=part.invoice_id, amount_minor=part.amount_minor)
        for part in found.parts
    )
    return sum(part.amount_minor for part in found.parts)


@transaction_required
def use_for_chosen_invoices(*, payment_id: int, for_invoices: Mapping[int, int]) -> None:
    """
    Use a payment for bills as its payer chose; the caller holds the account's row and has proved that they are open.

    :param for_invoices: minor units by the bill's id
    """
    Allocation.objects.bulk_create(
        Allocation(payment_id=payment_id, invoice_id=invoice_id, amount_minor=amount_minor)
        for invoice_id, amount_minor in sorted(for_invoices.items())
    )


@transaction_required
def take_back_allocations(*, payment_id: int) -> dict[int, int]:
    """
    Take back all that a payment is used for, each part by a row of its own; return it in minor units by bill.

    The caller holds the account's row locked and has written the payment's reversal, or that it is moved.
    """
    rows = Allocation.objects.filter(payment_id=payment_id).values("invoice_id").annotate(sum=Sum("amount_minor"))
    used = {row["invoice_id"]: int(row["sum"]) for row in rows.order_by("invoice_id") if row["sum"]}
    Allocation.objects.bulk_create(
        Allocation(payment_id=payment_id, invoice_id=invoice_id, amount_minor=-amount_minor)
        for invoice_id, amount_minor in used.items()
    )
    return used


@transaction_required
def allocate_advances_between(*, run_id: int, first_account_id: int, last_account_id: int) -> int:
    """
    Use the advances of a range of a posted bill run's accounts, and return how much was used, in minor units.

    Called again it finds nothing left to do.
    """
    billed = Invoice.objects.filter(
        run_id=run_id, state=Invoice.State.POSTED, account_id__range=(first_account_id, last_account_id)
    )
    lock_rows(Account.objects.all(), billed.values_list("account_id", flat=True))
    between = {"run_id": run_id, "first_account_id": first_account_id, "last_account_id": last_account_id}
    used_minor = sum(int(amount) for (amount,) in fetch_sql("payments", "allocate_oldest_first", between))
    return used_minor + sum(use_for_open_invoices(account_id=account_id) for account_id in _with_credit_notes(billed))


def _with_credit_notes(billed: QuerySet[Invoice]) -> list[int]:
    """Return the few accounts whose bills credit notes took back: what they have paid is reckoned one by one."""
    notes = CreditNote.objects.filter(state=CreditNote.State.POSTED, account_id__in=billed.values("account_id"))
    return list(notes.order_by("account_id").values_list("account_id", flat=True).distinct())


@durable
def _allocate_durably(*, run_id: int, first_account_id: int, last_account_id: int) -> int:
    return allocate_advances_between(run_id=run_id, first_account_id=first_account_id, last_account_id=last_account_id)


def _next_accounts(*, run_id: int, after_id: int) -> tuple[int, int] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(account_id), max(account_id) FROM (SELECT account_id FROM invoicing_invoice"
            " WHERE run_id = %s AND account_id > %s AND state = 'POSTED' ORDER BY account_id LIMIT %s) AS next",
            [run_id, after_id, ACCOUNTS_AT_A_TIME],
        )
        row = cursor.fetchone()
    return (int(row[0]), int(row[1])) if row and row[0] is not None else None
