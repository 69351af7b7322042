"""Money is used for invoices: at once when it comes in, or when the next bill is posted."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet, Sum

from billing_site.audit.recording import SYSTEM
from billing_site.core.clock import operator_zone
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import durable, lock_rows, transaction_required
from invoicing.models import CreditNote, Dispute, Invoice
from payments.domain.allocation import Debt, distribute_oldest_first
from payments.models import Allocation, InstalmentPlan, RefundPart, WriteOff, WriteOffItem
from payments.operations.dunning_cases import forgive_taken_back, settle_after_payment
from payments.operations.recoveries import recover_bad_debts, recover_credited_debts
from payments.queries.payments import debts_of_account, refunds_of_no_money, unused_credits
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
    by a dispute or a credit note. What was written off of a bill taken back is lost no more.

    Return how much was used, in minor units; called again it finds nothing left to do.
    """
    lock_rows(Account.objects.all(), [account_id])
    day = at.astimezone(operator_zone()).date()
    recover_credited_debts(account_id=account_id, recovered_on=day, actor=SYSTEM)
    used_minor = use_for_open_invoices(account_id=account_id)
    recover_bad_debts(account_id=account_id, recovered_on=day, actor=SYSTEM)
    forgive_taken_back(account_id=account_id, at=at)
    settle_after_payment(account_id=account_id, at=at)
    return used_minor


@transaction_required
def bring_undone_up(*, run_id: int, first_account_id: int, last_account_id: int, at: datetime) -> int:
    """
    Bring the accounts of a range up of which bills were written off that an undone bill run has taken back; return how
    many there were. What else has changed is seen by the dunning run of the night.
    """
    bills = Invoice.objects.filter(
        run_id=run_id, state=Invoice.State.CANCELLED, account_id__range=(first_account_id, last_account_id)
    )
    lost = WriteOffItem.objects.filter(
        invoice_id__in=bills.values("pk"), written_minor__gt=0, write_off__state=WriteOff.State.APPROVED
    )
    accounts = [row.pk for row in lock_rows(Account.objects.all(), set(lost.values_list("account_id", flat=True)))]
    for account_id in accounts:
        bring_account_up(account_id=account_id, at=at)
    return len(accounts)


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

    What was given back of money that did not stand comes first. What is disputed is left alone: money beyond all the
    rest is the account's advance until the dispute is answered.
    """
    debts = debts_of_account(account_id)
    if debts.given_back_minor:
        _stand_for_refunds(account_id, wanted_minor=debts.given_back_minor)
    found = distribute_oldest_first(credits_in_order=unused_credits(account_id), debts_in_order=debts.payable)
    # A bill in a plan comes in pieces.
    used = Counter[tuple[int, int]]()
    for part in found.parts:
        used[part.payment_id, part.invoice_id] += part.amount_minor
    Allocation.objects.bulk_create(
        Allocation(payment_id=payment_id, invoice_id=invoice_id, amount_minor=amount_minor)
        for (payment_id, invoice_id), amount_minor in used.items()
    )
    return used.total()


@transaction_required
def _stand_for_refunds(account_id: int, *, wanted_minor: int) -> None:
    """Have unused money of an account stand for what refunds gave back of money that was taken back."""
    refunds, left_minor = [], wanted_minor
    for refund in refunds_of_no_money(account_id):
        if minor := min(left_minor, refund.amount_minor):
            refunds.append(Debt(invoice_id=refund.invoice_id, amount_minor=minor))
            left_minor -= minor
    found = distribute_oldest_first(credits_in_order=unused_credits(account_id), debts_in_order=refunds)
    RefundPart.objects.bulk_create(
        RefundPart(refund_id=part.invoice_id, payment_id=part.payment_id, amount_minor=part.amount_minor)
        for part in found.parts
    )


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
def take_back_allocations(*, payment_id: int, but_not: Mapping[int, int] | None = None) -> dict[int, int]:
    """
    Take back all that a payment is used for, each part by a row of its own; return it in minor units by bill.

    The caller holds the account's row locked and has written the payment's reversal, or that it is moved.

    :param but_not: what stays where it is, in minor units by bill
    """
    kept = but_not or {}
    rows = Allocation.objects.filter(payment_id=payment_id).values("invoice_id").annotate(sum=Sum("amount_minor"))
    sums = {row["invoice_id"]: int(row["sum"]) - kept.get(row["invoice_id"], 0) for row in rows.order_by("invoice_id")}
    used = {invoice_id: amount_minor for invoice_id, amount_minor in sums.items() if amount_minor > 0}
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
    apart = _not_by_age_alone(billed)
    between = {"run_id": run_id, "first_account_id": first_account_id, "last_account_id": last_account_id}
    rows = fetch_sql("payments", "allocate_oldest_first", {**between, "one_by_one": apart})
    used_minor = sum(int(amount) for (amount,) in rows)
    return used_minor + sum(use_for_open_invoices(account_id=account_id) for account_id in apart)


def _not_by_age_alone(billed: QuerySet[Invoice]) -> list[int]:
    """
    Return the few accounts whose debts are not simply their open bills by age: bills taken back in part, bills below
    zero, bills in an instalment plan, bills that an answer to a dispute gave another day, refunds of money that did not
    stand.
    """
    accounts = billed.values("account_id")
    found = {
        *CreditNote.objects.filter(state=CreditNote.State.POSTED, account_id__in=accounts).values_list(
            "account_id", flat=True
        ),
        *Invoice.objects.filter(state=Invoice.State.POSTED, gross_minor__lt=0, account_id__in=accounts).values_list(
            "account_id", flat=True
        ),
        *InstalmentPlan.objects.filter(state=InstalmentPlan.State.OPEN, account_id__in=accounts).values_list(
            "account_id", flat=True
        ),
        *RefundPart.objects.filter(payment__reversal__isnull=False, refund__account_id__in=accounts).values_list(
            "refund__account_id", flat=True
        ),
        *Dispute.objects.filter(new_due_on__isnull=False, account_id__in=accounts).values_list("account_id", flat=True),
    }
    return sorted(found)


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
