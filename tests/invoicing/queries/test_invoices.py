from datetime import date

from invoicing.queries.digests import digest_of_run
from invoicing.queries.invoices import open_invoices_of, posted_invoices_of
from invoicing.queries.papers import get_paper
from tests.factories.invoicing import bill_cycle, calculate, invoice_of, make_usage_total, pay
from tests.factories.subscribers import make_cycle, make_line


def test_open_invoices_are_those_that_money_has_not_reached(db):
    line = make_line()
    cycle = make_cycle()
    bill_cycle(cycle)
    pay(line.account, 1300, on=date(2026, 3, 10))
    bill_cycle(cycle, issued_on=date(2026, 4, 1), due_on=date(2026, 4, 20))

    (second,) = open_invoices_of(line.account_id)

    assert (second.number, second.gross_minor, second.open_minor) == ("INV-2026-000002", 1200, 1100)
    assert [invoice.number for invoice in posted_invoices_of(line.account_id)] == ["INV-2026-000002", "INV-2026-000001"]


def test_digest_of_the_same_run_is_the_same(db):
    make_line()
    run = calculate(make_cycle())

    assert digest_of_run(run_id=run.pk) == digest_of_run(run_id=run.pk)


def test_paper_shows_usage_without_charge_as_a_count(db):
    line = make_line()
    make_usage_total(line, amount_micro=0)

    paper = get_paper(invoice_id=invoice_of(line, run=bill_cycle(make_cycle())).pk)

    assert [(len(group.lines), group.folded_count) for group in paper.groups] == [(1, 1)]
