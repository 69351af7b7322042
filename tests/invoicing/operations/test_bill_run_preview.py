"""A preview is a run's arithmetic and has no effect (000-07, 004-15)."""

from datetime import date

import pytest
from django.db import connection

from billing_site.documents.models import NumberSeries
from billing_site.ledger.models import LedgerEntry
from invoicing.domain.run_rules import AccountRule
from invoicing.models import BillBound, BillRun, BillRunPreview, Invoice, InvoiceLine, ParkedAccount
from invoicing.operations.bill_run_planning import ChecksNotPassed
from invoicing.operations.bill_run_preview import preview_bill_run, preview_paper
from invoicing.queries.previews import PreviewFigures, get_preview_figures
from invoicing.queries.reviews import review_bill_run
from subscribers.models import Account, BillCycle, Subscription
from subscribers.operations.payers import appoint_payer
from tests.factories.invoicing import bill_cycle, calculate, do_all, make_usage_total, starter
from tests.factories.subscribers import make_account, make_cycle, make_line

APRIL = {"issued_on": date(2026, 4, 1), "due_on": date(2026, 4, 21)}
MARCH = date(2026, 3, 1)


@pytest.fixture
def lines(db) -> list[Subscription]:
    lines = [make_line(account=make_account()) for _ in range(3)]
    bill_cycle(make_cycle())
    make_usage_total(lines[0], amount_micro=300_000_000, bill_period=MARCH)
    make_usage_total(lines[2], amount_micro=-100_000_000, bill_period=MARCH)
    return lines


def preview(**wish) -> PreviewFigures:
    begun = preview_bill_run(cycle_id=make_cycle().pk, started_by=starter(), **{**APRIL, **wish})
    do_all("invoicing.preview_chunk")
    return get_preview_figures(preview_id=begun.pk)


def everything() -> tuple[object, ...]:
    """Return all that a run would change."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(entry_id) FROM ledger_posting")
        posting = cursor.fetchone()
    return (
        posting,
        list(NumberSeries.objects.order_by("pk").values_list()),
        LedgerEntry.objects.count(),
        list(Invoice.objects.order_by("pk").values_list()),
        InvoiceLine.objects.count(),
        ParkedAccount.objects.count(),
        list(BillRun.objects.order_by("pk").values_list("pk", "state")),
        list(BillCycle.objects.values_list("open_from", flat=True)),
    )


def test_preview_writes_no_invoice_no_number_no_entry_and_cuts_nothing(lines):
    before = everything()

    found = preview()
    paper = preview_paper(preview_id=found.preview.pk, account_id=lines[0].account_id, language="hy")

    assert paper is not None
    assert everything() == before
    assert BillRunPreview.objects.get().state == "DONE"


def test_preview_comes_to_what_the_run_comes_to(lines):
    figures = preview().figures

    run = calculate(make_cycle(), **APRIL)

    assert (figures.account_count, figures.billed_count, figures.parked_count) == (3, 3, 0)
    assert (figures.net_minor, figures.tax_minor, figures.gross_minor) == (
        run.net_minor,
        run.tax_minor,
        run.gross_minor,
    )


def test_preview_shows_the_largest_changes_first_with_their_share(lines):
    """000-08, 004-01: the list that is checked before a run is approved."""
    found = preview()

    assert [(row.account_number, row.change_minor, row.percent) for row in found.changes] == [
        (lines[0].account.number, 360, 30),
        (lines[2].account.number, -120, -10),
    ]


def test_preview_shows_who_is_new_and_who_is_gone(lines):
    new = make_line(account=make_account(opened_on=MARCH))
    Subscription.objects.filter(pk=lines[1].pk).update(state="TERMINATED", active_until=MARCH)

    found = preview()

    assert [row.account_number for row in found.fresh] == [new.account.number]
    assert [(row.account_number, row.before_minor) for row in found.gone] == [(lines[1].account.number, 1200)]
    assert (found.figures.fresh_count, found.figures.gone_count) == (1, 1)


def test_preview_sums_by_service_against_last_month(lines):
    found = preview()

    assert {item.code: (item.line_count, item.net_minor, item.before_minor) for item in found.items} == {
        "CALLS": (2, 200, 0),
        "FEE-FIXED": (3, 3000, 3000),
    }


def test_preview_says_who_would_be_set_aside(lines):
    BillBound.objects.create(category="HOME", times=None, parks_negative=True)
    make_usage_total(lines[1], amount_micro=-9_000_000_000, bill_period=MARCH)

    found = preview()

    assert [(row.account_number, row.reason) for row in found.parked] == [(lines[1].account.number, "NEGATIVE_BILL")]


def test_preview_of_a_pilot_is_of_its_accounts(lines):
    rule = AccountRule(accounts=(lines[1].account.number,))

    found = preview(kind="PILOT", rule=rule)

    assert (found.figures.account_count, found.figures.billed_count, found.figures.before_count) == (1, 1, 1)
    assert sum(item.before_minor or 0 for item in found.items) == 1000


def test_paper_of_a_preview_is_in_the_language_asked_for(lines):
    found = preview()
    (account, *_others) = found.samples["en"]

    paper = preview_paper(preview_id=found.preview.pk, account_id=account.account_id, language="ar")

    assert paper is not None
    assert (paper.language, paper.state, paper.number) == ("ar", "DRAFT", "")


def test_preview_of_a_period_that_is_not_over_is_refused(lines):
    before = everything()

    with pytest.raises(ChecksNotPassed):
        preview(issued_on=MARCH, due_on=MARCH)

    assert everything() == before
    assert BillRunPreview.objects.count() == 0


def test_preview_counts_the_bills_of_payers_as_the_run_makes_them(lines):
    """004-15: billed, set aside, skipped, totals by bill item and samples are those of the run, to the unit."""
    payer, idle = make_account(cycle=make_cycle()), make_account(cycle=make_cycle())
    for account, pays in ((lines[0].account_id, payer), (lines[2].account_id, idle)):
        appoint_payer(account_id=account, payer_id=pays.pk, from_on=MARCH, actor=None)
    Account.objects.filter(pk=idle.pk).update(currency="USD")

    found = preview()

    figures = found.figures
    assert (figures.account_count, figures.billed_count, figures.parked_count) == (5, 3, 2)
    assert {key for keys in figures.samples.values() for key in keys} >= {payer.pk}
    papers = [preview_paper(preview_id=found.preview.pk, account_id=key) for key in (payer.pk, lines[0].account_id)]
    kinds = [{line.kind for group in paper.groups for line in group.lines} for paper in papers if paper is not None]
    assert kinds == [{"TAKEN_ON"}, {"RECURRING", "USAGE", "TAKEN_OVER"}]
    assert not Invoice.objects.filter(account_id=payer.pk).exists()
    run = calculate(make_cycle(), **APRIL)
    counts = ("account_count", "billed_count", "parked_count", "net_minor", "tax_minor", "gross_minor")
    assert [getattr(figures, name) for name in counts] == [getattr(run, name) for name in counts]
    reviewed = review_bill_run(run_id=run.pk)
    assert [(one.code, one.line_count, one.net_minor, one.before_minor) for one in found.items] == [
        (one.code, one.line_count, one.net_minor, one.before_minor) for one in reviewed.items
    ]
    changes = [(one.account_number, one.gross_minor, one.before_minor) for one in reviewed.changes]
    assert [(one.account_number, one.gross_minor, one.before_minor) for one in found.changes] == changes
