"""
The posting phase: drafts get their numbers and become owed.

The block of numbers is taken once, when a second person posts the run, and every chunk is told its first number:
chunks may be
posted side by side and in any order, and each invoice has the number that it would have had in any other order.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.garbage import without_collection
from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.db.sql import array_of, fetch_sql
from billing_site.db.transactions import (
    commit_to_disk,
    commit_without_waiting,
    durable,
    read_by_keys,
    transaction_required,
)
from billing_site.documents.numbering import take_number_block
from billing_site.identity.models import User
from billing_site.jobs.progress import add_progress, finish_job, start_job
from billing_site.jobs.work import add_work
from billing_site.ledger.models import LedgerAccount, PeriodLock
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, pair_from, post_entries
from invoicing.models import BillRun, BillRunChunk
from invoicing.operations.bill_run_calculation import BillRunStopped

POST = "invoicing.post_chunk"
INVOICE = "INVOICE"
ROUNDING = "ROUNDING"


class SecondPersonNeeded(BillingError):
    """Who started a run does not post it."""

    default_message = _("Who started a run cannot post it. Ask a second person.")
    default_code = "SECOND_PERSON_NEEDED"


class BillRunNotReviewable(BillingError):
    """The run is not waiting for its review."""

    default_message = _("The run is not waiting to be posted.")
    default_code = "BILL_RUN_NOT_REVIEWABLE"


class ControlTotalsDiffer(BillingError):
    """Invoices, lines, chunks and books do not say the same; nothing was posted."""

    default_message = _("The totals of the run differ: invoices, lines, taxes and books must agree.")
    default_code = "CONTROL_TOTALS_DIFFER"


class BooksClosed(BillingError):
    """The day of issue lies in an accounting period that is closed."""

    default_message = _("The books are closed for the day of issue: cancel the run and plan it anew.")
    default_code = "BOOKS_CLOSED"


@durable
def post_bill_run(*, run_id: int, posted_by: User) -> BillRun:
    """
    Take the numbers for a reviewed run and hand its chunks out to be posted. This cannot be undone.

    :raises BillRunNotReviewable: if the run is not calculated, or posted already
    :raises SecondPersonNeeded: if ``posted_by`` started it
    :raises BooksClosed: if the day of issue lies in a closed period
    :raises ControlTotalsDiffer: if the drafts do not add up to what was calculated
    """
    run = BillRun.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=run_id)
    if run.state != BillRun.State.CALCULATED:
        raise BillRunNotReviewable
    if run.started_by_id == posted_by.pk:
        raise SecondPersonNeeded
    if PeriodLock.objects.filter(closed_through__gte=run.issued_on).exists():
        raise BooksClosed
    prepare_posting(run)
    crash_point("invoicing.post_bill_run.numbered")
    run.state = BillRun.State.POSTING
    run.posted_by = posted_by
    run.job = start_job(
        kind="invoicing.bill_run",
        title=gettext_noop("Bill run %(cycle)s, %(period)s: posting"),
        started_by=posted_by.username,
        key=f"bill-run-{run.pk}-post",
        stage="Post",
        total_units=run.billed_count,
        parameters={"run_id": run.pk, "cycle": run.cycle.code, "period": f"{run.period_from:%Y-%m}"},
    )
    run.save()
    record(
        "invoicing.post_bill_run",
        actor=posted_by,
        subject=run,
        changes={"invoices": run.billed_count, "gross_minor": str(run.gross_minor)},
    )
    chunks = run.chunks.order_by("n").values_list("n", "pk")
    add_work(kind=POST, items={f"{run.pk}/{n}": {"chunk_id": pk} for n, pk in chunks}, job_id=run.job.pk)
    return run


@without_collection
@transaction_required
def post_chunk(*, chunk_id: int) -> None:
    """
    Number the drafts of a chunk and post them to the books; doing it again does nothing.

    :raises BillRunStopped: if the run is not being posted
    :raises ControlTotalsDiffer: if an invoice, its lines and its taxes, or the books, do not agree
    """
    chunk = BillRunChunk.objects.select_related("run").select_for_update(of=("self",)).get(pk=chunk_id)
    if chunk.state == BillRunChunk.State.POSTED:
        return
    run = chunk.run
    if run.state != BillRun.State.POSTING:
        raise BillRunStopped(f"Bill run {run.pk} is {run.state}.")
    read_by_keys()
    commit_without_waiting()
    _look_up_one_by_one()
    # In the order of accounts, whatever order they were numbered in: the books are written in it.
    rows = sorted(fetch_sql("invoicing", "number_invoices", _parameters(run, chunk)))
    crash_point("invoicing.post_chunk.numbered")
    revenue, tax = _account_ids(run)
    ids = post_entries(_entries(run, rows, revenue, tax))
    crash_point("invoicing.post_chunk.entered")
    chunk.state = BillRunChunk.State.POSTED
    chunk.posted_count = len(rows)
    chunk.posted_gross_minor = _owed_by_books(ids, [*revenue.values(), *tax.values()])
    if (chunk.posted_count, chunk.posted_gross_minor) != (chunk.billed_count, chunk.gross_minor):
        raise ControlTotalsDiffer
    chunk.save()
    _close_phase(chunk)
    crash_point("invoicing.post_chunk.closed")


def _look_up_one_by_one() -> None:
    """
    Join by look-ups alone: all that is read here are invoices and entries whose ids are known. What is summed comes in
    the order of its key.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_hashagg = off"
        )


def _parameters(run: BillRun, chunk: BillRunChunk) -> dict[str, Any]:
    return {
        "run": run.pk,
        "lo": chunk.first_account_id,
        "hi": chunk.last_account_id,
        "first": chunk.first_number,
        "prefix": run.number_prefix,
        "digits": run.number_digits,
    }


@transaction_required
def prepare_posting(run: BillRun) -> None:
    """
    Prove the totals of a run's drafts, take their numbers, and open the accounts of the books that they credit.

    :raises ControlTotalsDiffer: if the drafts do not add up to what was calculated
    """
    _prove_totals(run)
    _take_numbers(run)
    _open_books(run)


def _prove_totals(run: BillRun) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(net_minor), 0), coalesce(sum(tax_minor), 0), coalesce(sum(gross_minor), 0)"
            " FROM invoicing_invoice WHERE run_id = %s AND state = 'DRAFT'",
            [run.pk],
        )
        found = cursor.fetchone()
    if found != (run.billed_count, run.net_minor, run.tax_minor, run.gross_minor):
        raise ControlTotalsDiffer


def _take_numbers(run: BillRun) -> None:
    """Take one block for the whole run and cut it over the chunks in the order of accounts."""
    series = f"INV-{run.issued_on:%Y}"
    block = take_number_block(series=series, prefix=f"{series}-", count=run.billed_count)
    run.number_prefix, run.number_digits = block.prefix, block.digits
    first = block.first
    chunks = list(run.chunks.order_by("n"))
    for chunk in chunks:
        chunk.first_number = first
        first += chunk.billed_count
    BillRunChunk.objects.bulk_update(chunks, ["first_number"], batch_size=500)


def _open_books(run: BillRun) -> None:
    """Make sure that every account that the run credits is there, so that chunks need only read them."""
    codes = {LedgerAccount.Kind.REVENUE: [revenue_code(item) for item in run.reference["bill_items"].values()]}
    codes[LedgerAccount.Kind.TAX] = [tax_code(category) for category in run.reference["tax_categories"].values()]
    codes[LedgerAccount.Kind.ROUNDING] = [ROUNDING]
    for kind, wanted in codes.items():
        open_accounts(codes=wanted, kind=kind, currency=run.currency)


def revenue_code(item: dict[str, Any]) -> str:
    """
    Return the code of the account that a bill item credits: revenue by kind of service and item, or what is collected
    for another provider, by provider and item.
    """
    if "provider" in item:
        return f"PROVIDER:{item['provider']}:{item['code']}"
    return f"REVENUE:{item['kind']}:{item['code']}"


def tax_code(category: dict[str, Any]) -> str:
    """Return the code of the account of a tax category."""
    return f"TAX:{category['code']}"


def _entries(
    run: BillRun, rows: Sequence[tuple[Any, ...]], revenue: dict[int, int], tax: dict[int, int]
) -> list[NewEntry]:
    """Return an entry for every invoice that owes or gives something; sums of lines and taxes must make its amount."""
    credited: dict[int, list[tuple[int, int]]] = defaultdict(list)
    invoices = {"invoices": array_of([row[1] for row in rows])}
    for name, accounts in (("sum_lines", revenue), ("sum_taxes", tax)):
        for invoice_id, key, amount in fetch_sql("invoicing", name, invoices):
            credited[invoice_id].append((accounts[key], amount))
    entries = []
    actor = run.posted_by.username if run.posted_by is not None else ""
    for _account, invoice_id, number, gross, receivable in rows:
        parts = credited[invoice_id]
        if sum([amount for _account, amount in parts]) != gross:
            raise ControlTotalsDiffer
        pairs = pairs_of(receivable=receivable, credited=parts)
        if pairs:
            entries.append(
                NewEntry(
                    source_type=INVOICE,
                    source_id=number,
                    posted_on=run.issued_on,
                    actor=actor,
                    pairs=pairs,
                    currency=run.currency,
                )
            )
    return entries


def pairs_of(*, receivable: int, credited: Iterable[tuple[int, int]]) -> list[Pair]:
    """
    Return the pairs of one invoice: the receivable debited, what is earned credited; a negative amount turns the sides.

    :param receivable: account of the books that owes
    :param credited: accounts with their amounts in minor units; nothing is posted for zero
    """
    return [
        pair_from((receivable, account, amount) if amount > 0 else (account, receivable, -amount))
        for account, amount in credited
        if amount
    ]


def _account_ids(run: BillRun) -> tuple[dict[int, int], dict[int, int]]:
    """Return the accounts of the books by bill item and by tax category."""
    kinds = [LedgerAccount.Kind.REVENUE, LedgerAccount.Kind.TAX, LedgerAccount.Kind.ROUNDING]
    ids = dict(LedgerAccount.objects.filter(kind__in=kinds).values_list("code", "id"))
    rounding = run.reference.get("cash_rounding", {}).get("bill_item")
    return (
        {
            int(key): ids[ROUNDING if int(key) == rounding else revenue_code(item)]
            for key, item in run.reference["bill_items"].items()
        },
        {int(key): ids[tax_code(category)] for key, category in run.reference["tax_categories"].items()},
    )


def _owed_by_books(entry_ids: list[int], earning: list[int]) -> int:
    """Return what subscribers owe by these entries, as the books have it; ``earning`` are the accounts credited."""
    ((owed,),) = fetch_sql("invoicing", "sum_owed", {"entries": array_of(entry_ids), "earning": array_of(earning)})
    return int(owed)


def _close_phase(chunk: BillRunChunk) -> None:
    """
    Add the chunk to the progress, and mark the run posted if it was the last.

    The totals are those of the books, and the database compares them with what was calculated.
    """
    run_id = chunk.run_id
    run = BillRun.objects.select_for_update(no_key=True, of=("self",)).get(pk=run_id)
    add_progress(job_id=run.job_id or 0, done_units=chunk.posted_count, amount_minor=chunk.posted_gross_minor)
    chunks = BillRunChunk.objects.filter(run_id=run_id)
    if chunks.exclude(state=BillRunChunk.State.POSTED).exists():
        return
    commit_to_disk()
    sums = chunks.aggregate(count=Sum("posted_count"), gross=Sum("posted_gross_minor"))
    BillRun.objects.filter(pk=run_id).update(
        state=BillRun.State.POSTED,
        posted_at=Now(),
        posted_count=sums["count"] or 0,
        posted_gross_minor=sums["gross"] or 0,
    )
    finish_job(job_id=run.job_id or 0, result={"invoices": sums["count"] or 0, "gross_minor": sums["gross"] or 0})
    add_work(kind="invoicing.deliver_bill_run", items={str(run_id): {"run_id": run_id}})
    _hand_out_advances(run_id)


def _hand_out_advances(run_id: int) -> None:
    """Have money that was paid ahead given to the new invoices by whoever keeps payments: a name, not an import."""
    ranges = BillRunChunk.objects.filter(run_id=run_id).values_list("n", "first_account_id", "last_account_id")
    add_work(
        kind="payments.allocate_advances",
        items={
            f"{run_id}/{n}": {"run_id": run_id, "first_account_id": first, "last_account_id": last}
            for n, first, last in ranges
        },
    )
