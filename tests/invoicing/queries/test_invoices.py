from datetime import date

from invoicing.queries.digests import digest_of_run
from invoicing.queries.invoices import bills_that_were_posted, posted_invoices_of
from invoicing.queries.papers import get_paper
from tests.factories.credit_notes import cancel
from tests.factories.invoicing import bill_cycle, calculate, invoice_of, make_usage_total
from tests.factories.subscribers import make_cycle, make_line


def test_bills_taken_back_are_bills_and_drafts_are_none(db, specialist, approver, settings):
    settings.SALDO_CREDIT_NOTE_LIMIT_MINOR = 10_000
    line = make_line()
    cycle = make_cycle()
    first = invoice_of(line, run=bill_cycle(cycle))
    cancel(first, specialist)
    second = invoice_of(line, run=bill_cycle(cycle, issued_on=date(2026, 4, 1), due_on=date(2026, 4, 20)))
    calculate(cycle, issued_on=date(2026, 5, 1), due_on=date(2026, 5, 20))

    assert set(bills_that_were_posted([line.account_id])) == {first, second}
    assert [one.number for one in posted_invoices_of(line.account_id)] == [second.number]


def test_digest_of_the_same_run_is_the_same(db):
    make_line()
    run = calculate(make_cycle())

    assert digest_of_run(run_id=run.pk) == digest_of_run(run_id=run.pk)


def test_paper_shows_usage_without_charge_as_a_count(db):
    line = make_line()
    make_usage_total(line, amount_micro=0)

    paper = get_paper(invoice_id=invoice_of(line, run=bill_cycle(make_cycle())).pk)

    assert [(len(group.lines), group.folded_count) for group in paper.groups] == [(1, 1)]
