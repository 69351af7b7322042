from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection, transaction

from billing_site.jobs.models import Job
from invoicing.models import BillRun, Invoice, InvoiceLine, ParkedAccount
from invoicing.operations.bill_run_calculation import BillRunStopped, calculate_chunk
from invoicing.operations.bill_run_posting import post_bill_run, post_chunk
from subscribers.models import Account
from tests.factories.invoicing import (
    FEBRUARY,
    bill_cycle,
    calculate,
    do_all,
    invoice_of,
    make_usage_total,
    nets_of,
    plan_run,
    poster,
)
from tests.factories.subscribers import make_account, make_cycle, make_line


@pytest.fixture
def lines(db):
    return [make_line(account=account) for account in [make_account() for _ in range(3)]]


def test_calculate_makes_a_draft_an_account_that_adds_up(lines):
    make_usage_total(lines[0], amount_micro=40_400_000)

    run = calculate(make_cycle())

    draft = invoice_of(lines[0], run=run)
    assert nets_of(draft) == [("RECURRING", 1000), ("USAGE", 40)]
    assert (draft.state, draft.number, draft.net_minor, draft.tax_minor, draft.gross_minor) == (
        "DRAFT", None, 1040, 208, 1248,
    )  # fmt: skip
    assert (run.state, run.billed_count, run.net_minor, run.gross_minor) == ("CALCULATED", 3, 3040, 3648)


def test_calculate_again_changes_nothing(lines):
    run = calculate(make_cycle())
    chunk_id = run.chunks.values_list("pk", flat=True)[0]

    with transaction.atomic():
        calculate_chunk(chunk_id=chunk_id)

    assert Invoice.objects.filter(run_id=run.pk).count() == 3
    assert InvoiceLine.objects.count() == 3


def test_only_the_last_piece_of_a_phase_waits_for_the_disk(lines):
    """What a crash of the server takes back is a piece that is done again; a phase that is said to be over is kept."""
    run = plan_run(make_cycle())

    assert waits(calculate_chunk, run) == [False, True]
    post_bill_run(run_id=run.pk, posted_by=poster())
    assert waits(post_chunk, run) == [False, True]
    run.refresh_from_db()
    assert run.state == "POSTED"


def waits(step: Callable[..., None], run: BillRun) -> list[bool]:
    """Do every piece of a run, and return whether each one's commit waits for the disk as the server has it."""
    found = []
    for chunk_id in run.chunks.order_by("n").values_list("pk", flat=True):
        with transaction.atomic(), connection.cursor() as cursor:
            step(chunk_id=chunk_id)
            cursor.execute("SELECT source <> 'session' FROM pg_settings WHERE name = 'synchronous_commit'")
            found += [value for (value,) in cursor.fetchall()]
    return found


def test_calculate_parks_an_account_of_another_currency_alone(lines):
    Account.objects.filter(pk=lines[1].account_id).update(currency="USD")

    run = calculate(make_cycle())

    assert list(ParkedAccount.objects.values_list("account_id", "reason")) == [(lines[1].account_id, "OTHER_CURRENCY")]
    parked = ParkedAccount.objects.get()
    assert parked.detail == "The account is kept in USD, the run in AMD."
    assert (parked.why and parked.why.params) == {"currency": "USD", "wanted": "AMD"}
    assert (run.account_count, run.billed_count, run.parked_count, run.skipped_count) == (3, 2, 1, 0)


def test_calculate_parks_usage_of_an_item_that_the_price_list_lacks(lines):
    run = plan_run(make_cycle())
    make_usage_total(lines[2], amount_micro=1, item_code="MADE-AFTER-THE-PLAN")

    do_all("invoicing.calculate_chunk")

    assert list(ParkedAccount.objects.values_list("account_id", "reason")) == [(lines[2].account_id, "UNKNOWN_ITEM")]
    assert ParkedAccount.objects.get().told["msgid"] == "Not in the run's price list: %(what)s"
    assert Invoice.objects.filter(run_id=run.pk).count() == 2


def test_calculate_skips_an_account_with_nothing_to_bill_and_counts_why(lines):
    make_account()

    run = calculate(make_cycle())

    assert (run.account_count, run.billed_count, run.skipped_count) == (4, 3, 1)
    assert [chunk.skipped_reasons for chunk in run.chunks.order_by("n")] == [{}, {"NOTHING_TO_BILL": 1}]


def test_calculate_of_a_cancelled_run_writes_nothing(lines):
    run = plan_run(make_cycle())
    BillRun.objects.filter(pk=run.pk).update(state="CANCELLED")
    chunk_id = run.chunks.values_list("pk", flat=True)[0]

    with pytest.raises(BillRunStopped), transaction.atomic():
        calculate_chunk(chunk_id=chunk_id)

    assert Invoice.objects.count() == 0
    assert ParkedAccount.objects.count() == 0


def test_calculate_shows_its_progress_and_ends_its_job(lines):
    run = calculate(make_cycle())

    job = Job.objects.get(pk=run.job_id or 0)
    assert (job.state, job.done_units, job.total_units, job.amount_minor) == ("DONE", 3, 3, 3600)


def test_calculate_bills_usage_once(lines):
    """
    Totals that an earlier bill took are not taken again; a total of an earlier period that none took is, marked
    by its period.
    """
    cycle = make_cycle()
    make_usage_total(lines[0], amount_micro=40_000_000)
    bill_cycle(cycle)
    march = date(2026, 3, 1)
    make_usage_total(lines[0], amount_micro=7_000_000, bill_period=march)

    run = calculate(cycle, issued_on=date(2026, 4, 1), due_on=date(2026, 4, 20))

    assert nets_of(invoice_of(lines[0], run=run)) == [("RECURRING", 1000), ("USAGE", 7)]


def test_calculate_catches_up_what_the_run_before_set_aside(lines):
    cycle = make_cycle()
    make_usage_total(lines[1], amount_micro=40_000_000)
    Account.objects.filter(pk=lines[1].account_id).update(currency="USD")
    bill_cycle(cycle)
    Account.objects.filter(pk=lines[1].account_id).update(currency="AMD")

    run = calculate(cycle, issued_on=date(2026, 4, 1), due_on=date(2026, 4, 20))

    invoice = invoice_of(lines[1], run=run)
    assert nets_of(invoice) == [("RECURRING", 1000), ("RECURRING", 1000), ("USAGE", 40)]
    days = InvoiceLine.objects.filter(invoice_id=invoice.pk).order_by("n").values_list("period_from", flat=True)
    assert list(days) == [FEBRUARY, date(2026, 3, 1), FEBRUARY]
