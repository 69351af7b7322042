"""Dunning of bills that were really billed: disputed lines and credit notes, by the house's own operations."""

from datetime import date, timedelta

import pytest

from invoicing.models import InvoiceLine
from invoicing.operations.disputes import answer_dispute
from payments.models import DunningAct
from payments.queries.open_items import open_items_of
from tests.factories.credit_notes import credit
from tests.factories.disputes import OPENED_AT, dispute
from tests.factories.dunning import make_policy, run_on
from tests.factories.invoicing import DUE, bill_cycle, invoice_of, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line

pytestmark = pytest.mark.django_db
LATER = DUE + timedelta(days=10)


@pytest.fixture
def invoice():
    """A fee of 1,000 and calls of 500, and 20 per cent of tax: 1,800."""
    make_policy(channel="CALL")
    line = make_line(account=make_account())
    make_usage_total(line, amount_micro=500_000_000)
    return invoice_of(line, run=bill_cycle(make_cycle()))


def line_of(invoice, kind):
    return InvoiceLine.objects.get(invoice_id=invoice.pk, kind=kind)


def asked():
    return list(DunningAct.objects.order_by("id").values_list("overdue_minor", "held_back_minor"))


def test_disputed_line_is_not_reminded_and_the_rest_is(invoice, clerk):
    """001-13, 004-22."""
    dispute(invoice, line_of(invoice, "USAGE").n, by=clerk)

    run_on(LATER)

    assert asked() == [(1200, 600)]


def test_disputed_bill_is_due_on_the_day_that_the_answer_gave(invoice, clerk, specialist):
    calls = line_of(invoice, "USAGE")
    case = dispute(invoice, calls.n, by=clerk)
    answer_dispute(
        dispute_id=case.pk,
        accepted={calls.n: 0},
        text="These calls were made.",
        new_due_on=date(2026, 4, 10),
        answered_by=specialist,
        at=OPENED_AT,
    )

    run_on(LATER)
    run_on(date(2026, 4, 15))

    assert asked() == [(1800, 0)]


def test_what_a_credit_note_took_back_is_not_reminded(invoice, specialist):
    fee = line_of(invoice, "RECURRING")
    credit(invoice, {fee.n: fee.gross_minor}, specialist)

    run_on(LATER)

    assert [item.open_minor for item in open_items_of([invoice.account_id])[invoice.account_id]] == [600]
    assert asked() == [(600, 0)]
