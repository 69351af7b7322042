"""Reading direct debits: mandates, batches, orders, what failed and why, and what dunning leaves alone meanwhile."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum

from billing_site.db.sealing import open_sealed
from billing_site.db.sql import fetch_sql
from payments.domain.debit_reasons import NEXT_STEPS, NO_MORE_TRIES, NextStep, reason_of
from payments.domain.direct_debits import OpenBill, Try
from payments.models import (
    DebitBatch,
    DebitCreditor,
    DebitItem,
    DebitItemBill,
    DebitMandate,
    DebitResultFile,
    DebitResultLine,
)
from payments.queries.instalments import deferred_by_plans
from payments.queries.open_items import open_items_of
from subscribers.models import NumberAssignment

UNPAID = (DebitItem.State.FAILED, DebitItem.State.RETURNED)
# The column that the numbers of bank accounts are sealed for.
IBANS = "payments_debitbankaccount.iban"
SENT = (DebitBatch.State.RELEASED, DebitBatch.State.ANSWERED)
UNDER_WAY = (DebitBatch.State.PROPOSED, DebitBatch.State.RELEASED)


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitFailure:
    """
    A direct debit that was not paid, in words: English msgids of the reason and of the next step.

    :param retry_on: the day of the next try, ``None`` where there is none
    """

    item_id: int
    amount_minor: int
    currency: str
    failed_on: date
    reason: str
    next_step: str
    retry_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitUnderWay:
    """What a bank is asked to collect from an account's holder, in minor units, and has not answered."""

    amount_minor: int
    collect_on: date
    iban_last_four: str


def creditors() -> QuerySet[DebitCreditor]:
    """Return all creditors."""
    return DebitCreditor.objects.order_by("code")


def mandates_for(*, state: str = "", account_number: str = "", account_id: int | None = None) -> QuerySet[DebitMandate]:
    """Return mandates, of all accounts unless one is named; to be ordered."""
    wishes = {"state": state, "account__number": account_number, "account_id": account_id}
    asked = {name: value for name, value in wishes.items() if value not in {None, ""}}
    return DebitMandate.objects.filter(**asked).select_related("account__subscriber", "account__centre", "creditor")


def debit_batches(*, state: str = "") -> QuerySet[DebitBatch]:
    """Return batches with how many of their orders are paid, failed and open, and the sums of the first two."""
    unpaid = Q(items__state__in=UNPAID)
    found = DebitBatch.objects.select_related("creditor", "proposed_by", "decided_by").annotate(
        paid_count=Count("items", filter=Q(items__state="PAID")),
        failed_count=Count("items", filter=unpaid),
        open_count=Count("items", filter=Q(items__state="OPEN")),
        paid_minor=Sum("items__amount_minor", filter=Q(items__state="PAID")),
        failed_minor=Sum("items__amount_minor", filter=unpaid),
    )
    return found.filter(state=state) if state else found


def find_debit_batch(batch_id: int) -> DebitBatch | None:
    """Return a batch with its counts, or ``None``."""
    return debit_batches().filter(pk=batch_id).first()


def items_of_batch(batch_id: int, *, state: str = "") -> QuerySet[DebitItem]:
    """Return the orders of a batch, to be ordered by ``n``."""
    found = DebitItem.objects.filter(batch_id=batch_id).select_related("account__subscriber", "batch", "mandate")
    return found.filter(state=state) if state else found


def result_files() -> QuerySet[DebitResultFile]:
    """Return the bank's files with what became of their lines."""
    odd = Q(lines__state__in=["UNKNOWN", "OTHER_AMOUNT", "CONTRARY"])
    return DebitResultFile.objects.select_related("creditor", "loaded_by").annotate(
        applied_count=Count("lines", filter=Q(lines__state="APPLIED")),
        repeated_count=Count("lines", filter=Q(lines__state="REPEATED")),
        odd_count=Count("lines", filter=odd),
        waiting_count=Count("lines", filter=Q(lines__state="WAITING")),
    )


def lines_of_result_file(file_id: int) -> QuerySet[DebitResultLine]:
    """Return the answers of a file."""
    return DebitResultLine.objects.filter(file_id=file_id).select_related("item__account__subscriber", "item__batch")


def debit_failures(*, centre_id: int | None = None, reason_code: str = "") -> QuerySet[DebitItem]:
    """
    Return the orders that were not paid and still matter: the last of their account, which still owes.

    Each has a telephone number of its account (``phone_number``), where it has a line.
    """
    later = DebitItem.objects.filter(account=OuterRef("account"), pk__gt=OuterRef("pk"), batch__state__in=SENT)
    phone = NumberAssignment.objects.filter(subscription__account=OuterRef("account"), during__upper_inf=True).order_by(
        "pk"
    )
    found = (
        DebitItem.objects.filter(state__in=UNPAID, account__ledger_account__balance__amount_minor__gt=0)
        .exclude(Exists(later))
        .annotate(phone_number=Subquery(phone.values("number")[:1]))
        .select_related("account__subscriber", "account__centre", "batch", "mandate")
    )
    if centre_id is not None:
        found = found.filter(account__centre=centre_id)
    return found.filter(reason_code=reason_code) if reason_code else found


def count_debit_failures(*, centre_id: int | None = None) -> int:
    """Return how many accounts are to be told that their direct debit was not paid."""
    return debit_failures(centre_id=centre_id).count()


def find_debit_failure(account_id: int) -> DebitFailure | None:
    """Return the direct debit of an account that was not paid and still matters: for till, card and own pages."""
    item = debit_failures().filter(account=account_id).first()
    return words_of_failure(item) if item is not None else None


def find_debit_under_way(account_id: int) -> DebitUnderWay | None:
    """Return what is being collected from the holder of an account, or ``None``."""
    item = (
        DebitItem.objects.filter(account=account_id, state=DebitItem.State.OPEN, batch__state=DebitBatch.State.RELEASED)
        .select_related("batch", "mandate")
        .order_by("-pk")
        .first()
    )
    if item is None:
        return None
    return DebitUnderWay(
        amount_minor=item.amount_minor, collect_on=item.batch.collect_on, iban_last_four=item.mandate.iban_last_four
    )


def words_of_failure(item: DebitItem) -> DebitFailure:
    """Return why an order was not paid and what happens next, as msgids; the order failed."""
    assert item.failed_on is not None
    reason = reason_of(item.reason_code)
    is_over = reason.next_step is NextStep.RETRY and item.retry_on is None
    return DebitFailure(
        item_id=item.pk,
        amount_minor=item.amount_minor,
        currency=item.batch.currency,
        failed_on=item.failed_on,
        reason=reason.sentence,
        next_step=NO_MORE_TRIES if is_over else NEXT_STEPS[NextStep.RETRY if item.retry_on else reason.next_step],
        retry_on=item.retry_on,
    )


def tries_of(invoice_ids: Collection[int]) -> dict[int, Try]:
    """Return the last time that each bill was collected; one that was paid then begins anew."""
    return {
        row.invoice_id: Try(attempt=row.attempt, is_open=row.state == DebitItem.State.OPEN, retry_on=row.retry_on)
        for row in _last_tries(invoice_ids)
        if row.state != DebitItem.State.PAID
    }


def open_bills_of(account_ids: Collection[int], *, due_by: date) -> Mapping[int, list[OpenBill]]:
    """
    Return what is open of the bills of accounts, with what is disputed of each, by account.

    :param due_by: what instalment plans ask for after this day is for later
    """
    items, deferred = open_items_of(account_ids), deferred_by_plans(account_ids, until=due_by)
    return {
        account_id: [
            OpenBill(
                invoice_id=item.invoice_id,
                due_on=item.due_on,
                open_minor=item.open_minor,
                disputed_minor=item.disputed_minor,
                deferred_minor=deferred.get(item.invoice_id, 0),
            )
            for item in of_one
        ]
        for account_id, of_one in items.items()
    }


def coming_unneeded(
    bills: Mapping[int, Sequence[OpenBill]], account_ids: Collection[int], *, on: date, but_not_batch: int | None = None
) -> dict[int, int]:
    """
    Return what the bank collects for accounts and their bills do not need any more, in minor units by account.

    :param bills: what is open of the accounts' bills now, by account
    :param on: an order that should be answered by then does not count
    :param but_not_batch: a batch whose own orders do not count
    """
    needed = {bill.invoice_id: bill.collectable_minor for of_one in bills.values() for bill in of_one}
    rows = DebitItemBill.objects.filter(
        item__account__in=account_ids, item__state=DebitItem.State.OPEN, item__batch__state__in=UNDER_WAY
    ).exclude(item__batch=but_not_batch)
    found: dict[int, int] = {}
    for account_id, invoice_id, minor, collect_on, days in rows.values_list(
        "item__account_id",
        "invoice_id",
        "amount_minor",
        "item__batch__collect_on",
        "item__batch__creditor__answer_days",
    ):
        unneeded_minor = max(0, minor - needed.get(invoice_id, 0))
        if unneeded_minor and on <= collect_on + timedelta(days=days):
            found[account_id] = found.get(account_id, 0) + unneeded_minor
    return found


def held_back_by_debits(invoice_ids: Collection[int], on: date) -> dict[int, int]:
    """
    Return what dunning leaves alone on a day, in minor units by invoice id: what the bank is asked for and has still
    time to answer, and what is tried again on that day or later.
    """
    held = {}
    for row in _last_tries(invoice_ids):
        is_asked = row.state == DebitItem.State.OPEN and on <= row.answered_by
        is_tried_again = row.state in UNPAID and row.is_mandated and row.retry_on is not None and row.retry_on >= on
        if is_asked or is_tried_again:
            held[row.invoice_id] = row.amount_minor
    return held


def bank_accounts_of(batch_id: int) -> dict[int, str]:
    """Return the bank accounts of a batch by order, for its file and for nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT item_id, iban FROM payments_bank_accounts_of_batch(%s)", [batch_id])
        return {int(item_id): open_sealed(iban, place=IBANS) for item_id, iban in cursor.fetchall()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _LastTry:
    """The last order of a bill that was not cancelled."""

    invoice_id: int
    amount_minor: int
    attempt: int
    state: str
    retry_on: date | None
    is_mandated: bool
    answered_by: date


def _last_tries(invoice_ids: Collection[int]) -> list[_LastTry]:
    if not invoice_ids:
        return []
    rows = fetch_sql("payments", "read_last_debits", {"bills": list(invoice_ids)})
    return [
        _LastTry(
            invoice_id=invoice_id,
            amount_minor=amount_minor,
            attempt=attempt,
            state=state,
            retry_on=retry_on,
            is_mandated=is_mandated,
            answered_by=collect_on + timedelta(days=answer_days),
        )
        for invoice_id, amount_minor, attempt, state, retry_on, is_mandated, collect_on, answer_days in rows
    ]
