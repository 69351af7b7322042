"""
The bank's answers: taken whole and once, then carried out one by one, each in a transaction of its own.

An answer waits in its row until it is carried out, so that whatever dies is gone on with. Money, order and answer
change together; a payment has the order's name as its key, so that it is never taken twice.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from billing_site.audit.recording import record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.constraints import constraint_errors
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import durable, lock_rows, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.work import enqueue_on_commit
from payments.domain.debit_orders import end_to_end_id
from payments.domain.debit_reasons import reason_of
from payments.domain.debit_results import DebitResult, Outcome, read_result_map, read_results
from payments.domain.direct_debits import RetryPolicy, retry_day
from payments.models import (
    DebitBatch,
    DebitCreditor,
    DebitItem,
    DebitItemBill,
    DebitMandate,
    DebitResultFile,
    DebitResultLine,
    Payment,
    PaymentReversal,
)
from payments.operations.debit_mandates import end_mandate
from payments.operations.payments import NewPayment, take_payment
from payments.operations.reversals import take_payment_back
from payments.queries.direct_debits import SENT, UNPAID
from payments.queries.payments import debts_of_account, find_reversal, takes_money
from subscribers.models import Account
from subscribers.operations.notices import NewNotice, write_notices

NOTICE_PREFIX = "payments.direct_debit/"
SUBJECT = gettext_noop("Your direct debit was not paid")
TRIED_AGAIN = gettext_noop(
    "Your bank did not pay the direct debit of %(amount_minor)s for account %(account)s. We try once more on"
    " %(retry_on)s. The reason stands on your own pages."
)
NOT_TRIED_AGAIN = gettext_noop(
    "Your bank did not pay the direct debit of %(amount_minor)s for account %(account)s. We do not try again by"
    " ourselves: please pay in another way. The reason stands on your own pages."
)
NOON = time(12)
LINES_AT_A_TIME = 500

Line = DebitResultLine.State


class ResultsKnown(BillingError):
    """The same bytes were loaded before."""

    default_message = gettext_noop("This file was loaded already, on %(at)s as “%(name)s”. Nothing was changed.")
    default_code = "RESULTS_KNOWN"


class DebitNotFailed(BillingError):
    """There is nothing to try again."""

    default_message = gettext_noop("Only a direct debit that was not paid can be tried again, while its mandate holds.")
    default_code = "DEBIT_NOT_FAILED"


class DebitNotPaid(BillingError):
    """What was not paid is not returned."""

    default_message = gettext_noop("Only a direct debit that was paid can come back. Nothing was changed.")
    default_code = "DEBIT_NOT_PAID"


class RetryDayUnsound(BillingError):
    """Nothing can be tried in the past."""

    default_message = gettext_noop("Choose a day from today on.")
    default_code = "RETRY_DAY_UNSOUND"


@durable
def load_debit_results(
    *, creditor_id: int, name: str, content: bytes, at: datetime, actor: User | None
) -> DebitResultFile:
    """
    Take a file of the bank's answers. They are carried out by ``apply_debit_results``: of a long file by a worker.

    An answer that names no order of ours is kept and named; one about a whole batch stands for each of its orders.

    :raises ResultsRefused: if the file cannot be read whole
    :raises ResultsKnown: if the same bytes were taken before
    """
    creditor = DebitCreditor.objects.get(pk=creditor_id)
    digest = hashlib.sha256(content).hexdigest()
    earlier = DebitResultFile.objects.filter(sha256=digest).first()
    if earlier is not None:
        raise ResultsKnown(context={"at": earlier.loaded_at, "name": earlier.name})
    result_map = read_result_map(creditor.result_map) if creditor.result_map else None
    digits = currency_digits(creditor.currency)
    results = read_results(content, result_map=result_map, currency=creditor.currency, digits=digits)
    known = {"at": at, "name": name[:255]}
    with constraint_errors({"payments_debitresultfile_sha256_key": lambda: ResultsKnown(context=known)}):
        file = DebitResultFile.objects.create(
            creditor=creditor, sha256=digest, name=name[:255], line_count=len(results), loaded_by=actor, loaded_at=at
        )
    DebitResultLine.objects.bulk_create(_lines(file, results), batch_size=1000)
    if file.is_long:
        enqueue_on_commit("payments.apply_debit_results")
    record("payments.load_debit_results", actor=actor, subject=file, changes={"name": file.name, "lines": len(results)})
    return file


def apply_debit_results(*, file_id: int | None = None, at: datetime, limit: int = LINES_AT_A_TIME) -> int:
    """
    Carry out answers that wait, of one file or of all, and return how many were.

    Paid: the money is booked and used for bills. Not paid: the bills stay open, or are open again; what follows is the
    policy's matter. Answers that were known before, or contradict what is known, change nothing.
    """
    waiting = DebitResultLine.objects.filter(state=Line.WAITING)
    if file_id is not None:
        waiting = waiting.filter(file=file_id)
    ids = list(waiting.order_by("pk").values_list("pk", flat=True)[:limit])
    for line_id in ids:
        _carry_out(line_id, at)
    return len(ids)


@durable
def retry_debit_item(*, item_id: int, retry_on: date, at: datetime, actor: User) -> DebitItem:
    """
    Try a direct debit again on a day of one's own choice: the next batch of that day or later takes its bills.

    :raises DebitNotFailed: if it was not refused, or its mandate has ended
    :raises RetryDayUnsound: if the day is over
    """
    item = _lock_failed(item_id)
    if item.mandate.state != DebitMandate.State.ACTIVE:
        raise DebitNotFailed
    if retry_on < at.astimezone(operator_zone()).date():
        raise RetryDayUnsound
    item.retry_on = retry_on
    item.save(update_fields=["retry_on"])
    record("payments.retry_debit_item", actor=actor, subject=item, changes={"retry_on": retry_on.isoformat()})
    return item


@durable
def stop_debit_retry(*, item_id: int, actor: User) -> DebitItem:
    """
    Try a direct debit no more; dunning of its bills goes on.

    :raises DebitNotFailed: if it was not refused, or its mandate has ended
    """
    item = _lock_failed(item_id)
    item.retry_on = None
    item.save(update_fields=["retry_on"])
    record("payments.stop_debit_retry", actor=actor, subject=item)
    return item


def _lock_failed(item_id: int) -> DebitItem:
    item = DebitItem.objects.select_for_update(of=("self",), no_key=True).select_related("mandate").get(pk=item_id)
    if item.state not in UNPAID:
        raise DebitNotFailed
    return item


def _lines(file: DebitResultFile, results: Sequence[DebitResult]) -> Iterator[DebitResultLine]:
    named = {result.reference.rpartition("/")[0] or result.batch_number for result in results}
    items = DebitItem.objects.filter(batch__number__in=named, batch__creditor=file.creditor, batch__state__in=SENT)
    by_reference: dict[str, DebitItem] = {}
    by_batch: dict[tuple[str, str], list[DebitItem]] = {}
    for item in items.select_related("batch").order_by("pk"):
        number = str(item.batch.number)
        by_reference[end_to_end_id(batch_number=number, n=item.n)] = item
        for sequence in (item.sequence, ""):
            by_batch.setdefault((number, sequence), []).append(item)
    for result in results:
        if result.batch_number:
            about: Sequence[DebitItem | None] = by_batch.get((result.batch_number, result.sequence), [None])
        else:
            about = [by_reference.get(result.reference)]
        for one in about:
            yield _line(file, result, one)


def _line(file: DebitResultFile, result: DebitResult, item: DebitItem | None) -> DebitResultLine:
    state = Line.WAITING if item is not None else Line.UNKNOWN
    return DebitResultLine(
        file=file,
        line_number=result.line_number,
        item=item,
        reference=result.reference or result.batch_number,
        outcome=result.outcome,
        amount_minor=result.amount_minor,
        reason_code=result.reason_code,
        reason_text=result.reason_text,
        booked_on=result.booked_on,
        state=Line.NOTED if result.outcome is Outcome.NOTED else state,
    )


@durable
def _carry_out(line_id: int, at: datetime) -> None:
    """Carry one answer out, wholly or not at all: money, order and answer in one transaction."""
    waiting = DebitResultLine.objects.filter(pk=line_id, state=Line.WAITING).select_related("item", "file__loaded_by")
    # Two that carry answers out at the same time pass each other by.
    line = waiting.select_for_update(of=("self",), skip_locked=True).first()
    if line is None or line.item is None:
        return
    lock_rows(Account.objects.all(), [line.item.account_id])
    item = (
        DebitItem.objects.select_for_update(of=("self",), no_key=True)
        .select_related("batch__creditor", "mandate", "account")
        .get(pk=line.item.pk)
    )
    line.state = _judge(line, item)
    if line.state == Line.APPLIED:
        if line.outcome == Outcome.PAID:
            _write_paid(line, item, at)
        else:
            said = _Failure(
                reason_code=line.reason_code,
                reason_text=line.reason_text,
                booked_on=line.booked_on,
                actor=line.file.loaded_by,
            )
            _write_failure(said, item, at)
        _finish(item.batch_id)
    crash_point("payments.apply_debit_results.written")
    line.save(update_fields=["state"])


def _judge(line: DebitResultLine, item: DebitItem) -> str:
    """Return what an answer does to an order: it is carried out, or why not."""
    if line.amount_minor is not None and line.amount_minor != item.amount_minor:
        return Line.OTHER_AMOUNT
    if line.outcome == Outcome.PAID:
        after = {DebitItem.State.OPEN: Line.APPLIED, DebitItem.State.PAID: Line.REPEATED}
        return after.get(DebitItem.State(item.state), Line.CONTRARY)
    return Line.REPEATED if item.state in UNPAID else Line.APPLIED


def _write_paid(line: DebitResultLine, item: DebitItem, at: datetime) -> None:
    batch, booked_on = item.batch, line.booked_on
    wanted = NewPayment(
        channel=Payment.Channel.DEBIT,
        key=end_to_end_id(batch_number=str(batch.number), n=item.n),
        account_number=item.account.number,
        amount=minor_to_decimal(item.amount_minor, digits=currency_digits(batch.currency)),
        received_at=at,
        paid_at=datetime.combine(booked_on, NOON, tzinfo=operator_zone()) if booked_on else None,
        clearing_account_id=batch.creditor.clearing_account_id,
        for_invoices=_collected_bills(item),
    )
    receipt = take_payment(wanted, actor=line.file.loaded_by)
    item.state, item.payment_id, item.answered_at = DebitItem.State.PAID, receipt.payment_id, at
    item.save(update_fields=["state", "payment", "answered_at"])


def _collected_bills(item: DebitItem) -> dict[int, int]:
    """
    Return what of an order's money goes to the bills that it names, as far as something is still to be paid of them.

    An older bill may have its next try before it, or be in an instalment plan: it is not paid by the way.
    """
    if not takes_money(item.account):
        return {}
    debts = debts_of_account(item.account_id)
    parts = DebitItemBill.objects.filter(item=item).order_by("pk").values_list("invoice_id", "amount_minor")
    found = {invoice_id: min(minor, debts.payable_of(invoice_id)) for invoice_id, minor in parts}
    return {invoice_id: minor for invoice_id, minor in found.items() if minor}


@transaction_required
def return_debit_item(
    *,
    item_id: int,
    reason_code: str,
    reason_text: str,
    booked_on: date,
    at: datetime,
    actor: User | None,
    charge_minor: int = 0,
) -> DebitItem:
    """
    Take back a direct debit that a bank's statement returns: as if its result file had said so.

    The result file that says it too, later, changes nothing.

    :param reason_code: of ISO 20022; ``reason_text`` what the bank wrote beside it
    :param charge_minor: what the bank took for it, owed by the account, in minor units
    :raises DebitNotPaid: if the order is not paid, or was taken back before
    """
    account_id = DebitItem.objects.values_list("account_id", flat=True).get(pk=item_id)
    lock_rows(Account.objects.all(), [account_id])
    item = (
        DebitItem.objects.select_for_update(of=("self",), no_key=True)
        .select_related("batch__creditor", "mandate", "account")
        .get(pk=item_id)
    )
    if item.state != DebitItem.State.PAID:
        raise DebitNotPaid
    said = _Failure(reason_code=reason_code, reason_text=reason_text[:140], booked_on=booked_on, actor=actor)
    _write_failure(said, item, at, charge_minor=charge_minor)
    return item


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    """What a bank said of an order that it did not pay, or took back."""

    reason_code: str
    reason_text: str
    booked_on: date | None
    actor: User | None


def _write_failure(said: _Failure, item: DebitItem, at: datetime, *, charge_minor: int = 0) -> None:
    creditor, reason = item.batch.creditor, reason_of(said.reason_code)
    was_paid = item.state == DebitItem.State.PAID
    item.state = DebitItem.State.RETURNED if was_paid else DebitItem.State.FAILED
    item.reason_code, item.reason_text, item.answered_at = reason.code, said.reason_text, at
    item.failed_on = said.booked_on or at.astimezone(operator_zone()).date()
    policy = RetryPolicy(days=creditor.retry_days, reasons=creditor.retry_reasons)
    if item.mandate.state == DebitMandate.State.ACTIVE:
        item.retry_on = retry_day(
            policy=policy, reason_code=reason.code, attempt=item.attempt, failed_on=item.failed_on
        )
        if reason.ends_mandate:
            end_mandate(item.mandate, reason=f"{reason.code}: {reason.sentence}", at=at)
    # Before the money goes back: dunning then knows what is tried again.
    item.save(update_fields=["state", "reason_code", "reason_text", "failed_on", "retry_on", "answered_at"])
    if was_paid:
        _take_back(item, at, actor=said.actor, charge_minor=charge_minor)
    write_notices(notices=[_notice(item)], at=at)
    changes = {"item": str(item), "reason": item.reason_code, "retry_on": str(item.retry_on or "")}
    record("payments.apply_debit_results", actor=said.actor, subject=item.account, changes=changes)


def _take_back(item: DebitItem, at: datetime, *, actor: User | None, charge_minor: int) -> None:
    """Take the payment of an order back, unless the bank's statement did so before."""
    assert item.payment_id is not None, "a paid order has its payment"
    if find_reversal(item.payment_id) is None:
        reason = f"{item.reason_code}: {reason_of(item.reason_code).sentence}"
        kind = PaymentReversal.Kind.RETURNED
        take_payment_back(
            payment_id=item.payment_id,
            kind=kind,
            reason=reason,
            reversed_at=at,
            actor=actor,
            charge_minor=charge_minor,
        )


def _notice(item: DebitItem) -> NewNotice:
    params: Mapping[str, object] = {"amount_minor": item.amount_minor, "account": item.account.number}
    if item.retry_on is not None:
        params = {**params, "retry_on": item.retry_on.isoformat()}
    return NewNotice(
        key=f"{NOTICE_PREFIX}{item.pk}/{item.state}",
        account_id=item.account_id,
        subject=SUBJECT,
        msgid=TRIED_AGAIN if item.retry_on is not None else NOT_TRIED_AGAIN,
        params=params,
    )


def _finish(batch_id: int) -> None:
    """End a batch whose last order is answered; held, for two last answers at once would each see the other open."""
    DebitBatch.objects.select_for_update(of=("self",), no_key=True).get(pk=batch_id)
    if not DebitItem.objects.filter(batch=batch_id, state=DebitItem.State.OPEN).exists():
        DebitBatch.objects.filter(pk=batch_id, state=DebitBatch.State.RELEASED).update(state=DebitBatch.State.ANSWERED)
