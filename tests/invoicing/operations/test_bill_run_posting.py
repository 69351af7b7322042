import pytest
from django.db import connection, transaction

from billing_site.documents.models import NumberSeries
from billing_site.jobs.models import WorkItem
from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import LedgerEntry, LedgerPosting
from invoicing.models import BillRunChunk, Invoice
from invoicing.operations.bill_run_posting import (
    BillRunNotReviewable,
    BooksClosed,
    ControlTotalsDiffer,
    SecondPersonNeeded,
    post_bill_run,
    post_chunk,
)
from subscribers.models import Account
from tests.factories.deliveries import hand_out
from tests.factories.invoicing import bill_cycle, calculate, make_usage_total, plan_run, poster, starter
from tests.factories.subscribers import make_account, make_cycle, make_line


@pytest.fixture
def lines(db):
    return [make_line(account=account) for account in [make_account() for _ in range(5)]]


def nothing_was_posted() -> bool:
    return not (
        NumberSeries.objects.filter(code__startswith="INV").exists()
        or LedgerEntry.objects.filter(source_type="INVOICE").exists()
        or Invoice.objects.filter(state="POSTED").exists()
    )


def test_post_by_who_started_is_refused(lines):
    run = calculate(make_cycle())

    with pytest.raises(SecondPersonNeeded):
        post_bill_run(run_id=run.pk, posted_by=starter())

    run.refresh_from_db()
    assert (run.state, run.posted_by) == ("CALCULATED", None)
    assert nothing_was_posted()


def test_post_before_the_calculation_is_refused(lines):
    run = plan_run(make_cycle())

    with pytest.raises(BillRunNotReviewable):
        post_bill_run(run_id=run.pk, posted_by=poster())

    assert nothing_was_posted()


def test_post_into_a_closed_period_is_refused(lines):
    run = calculate(make_cycle())
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_close_through(%s)", [run.issued_on])

    with pytest.raises(BooksClosed):
        post_bill_run(run_id=run.pk, posted_by=poster())

    assert nothing_was_posted()


def test_post_twice_is_refused(lines):
    run = bill_cycle(make_cycle())

    with pytest.raises(BillRunNotReviewable):
        post_bill_run(run_id=run.pk, posted_by=poster())

    assert NumberSeries.objects.get(code="INV-2026").last_number == 5


def test_post_numbers_in_the_order_of_accounts_whichever_chunk_comes_first(lines):
    run = calculate(make_cycle())
    post_bill_run(run_id=run.pk, posted_by=poster())

    with transaction.atomic():
        for chunk_id in run.chunks.order_by("-n").values_list("pk", flat=True):
            post_chunk(chunk_id=chunk_id)

    numbers = list(Invoice.objects.filter(run_id=run.pk).order_by("account_id").values_list("number", flat=True))
    assert numbers == [f"INV-2026-{n:06d}" for n in range(1, 6)]


def test_post_makes_the_books_agree_with_the_bills(lines):
    make_usage_total(lines[0], amount_micro=61_000_000)

    run = bill_cycle(make_cycle())

    assert (run.state, run.posted_count, run.posted_gross_minor) == ("POSTED", 5, run.gross_minor)
    account = Account.objects.get(pk=lines[0].account_id)
    invoice = Invoice.objects.get(run_id=run.pk, account_id=account.pk)
    assert balance_of(account.ledger_account_id) == invoice.gross_minor == 1273
    entry = LedgerEntry.objects.get(source_type="INVOICE", source_id=invoice.number)
    pairs = LedgerPosting.objects.filter(entry=entry).order_by("amount_minor")
    assert [(pair.debit.code, pair.credit.code, pair.amount_minor) for pair in pairs] == [
        (f"SUB:{account.number}", "REVENUE:FIXED:CALLS", 61),
        (f"SUB:{account.number}", "TAX:STANDARD", 212),
        (f"SUB:{account.number}", "REVENUE:FIXED:FEE-FIXED", 1000),
    ]


def test_post_chunk_again_changes_nothing(lines):
    run = bill_cycle(make_cycle())
    before = LedgerPosting.objects.count()

    with transaction.atomic():
        post_chunk(chunk_id=run.chunks.values_list("pk", flat=True)[0])

    assert LedgerPosting.objects.count() == before


def test_post_of_a_bill_that_gives_money_back_turns_the_sides(lines):
    make_usage_total(lines[0], amount_micro=-5_000_000_000)

    run = bill_cycle(make_cycle())

    account = Account.objects.get(pk=lines[0].account_id)
    assert balance_of(account.ledger_account_id) == -4800
    assert run.state == "POSTED"


def test_post_of_a_bill_of_nothing_has_a_number_and_no_entry(lines):
    make_usage_total(lines[0], amount_micro=-1_000_000_000)

    run = bill_cycle(make_cycle())

    invoice = Invoice.objects.get(run_id=run.pk, account_id=lines[0].account_id)
    assert (invoice.gross_minor, invoice.number) == (0, "INV-2026-000001")
    owed = LedgerPosting.objects.filter(entry__source_id=invoice.number)
    assert sum(pair.amount_minor for pair in owed.filter(debit_id=lines[0].account.ledger_account_id)) == sum(
        pair.amount_minor for pair in owed.filter(credit_id=lines[0].account.ledger_account_id)
    )


def test_post_with_totals_that_differ_is_refused(lines):
    """A run whose chunks say other than its invoices cannot become posted: the database compares as well."""
    run = calculate(make_cycle())
    post_bill_run(run_id=run.pk, posted_by=poster())
    chunk = run.chunks.order_by("n")[0]
    BillRunChunk.objects.filter(pk=chunk.pk).update(gross_minor=chunk.gross_minor + 1)

    with pytest.raises(ControlTotalsDiffer), transaction.atomic():
        post_chunk(chunk_id=chunk.pk)

    assert Invoice.objects.filter(state="POSTED").count() == 0


def test_post_hands_the_papers_out(lines):
    run = bill_cycle(make_cycle())

    hand_out()

    run.refresh_from_db()
    assert run.state == "DELIVERED"


def test_money_paid_ahead_is_used_for_the_new_bills(lines):
    """002-17: an advance is used up by the next bill; the work waits in a row, whatever becomes of the message."""
    bill_cycle(make_cycle())

    items = WorkItem.objects.filter(kind="payments.allocate_advances").order_by("key")

    accounts = sorted(line.account_id for line in lines)
    assert [(item.payload["first_account_id"], item.payload["last_account_id"]) for item in items] == [
        (accounts[0], accounts[1]),
        (accounts[2], accounts[3]),
        (accounts[4], accounts[4]),
    ]
    assert {item.state for item in items} == {"TODO"}
