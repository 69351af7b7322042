"""What bills say of money in, frozen with them: what is disputed, direct debit, the last day to contest."""

from datetime import date, timedelta

import pytest
from django.utils.html import strip_tags

from invoicing.models import Dispute, InvoiceLine
from invoicing.operations.disputes import DisputeOf, DisputeTooLate, answer_dispute, open_dispute
from invoicing.operations.invoice_mails import mail_of_paper
from invoicing.operations.invoice_papers import bill_context, paper_html
from invoicing.queries.papers import get_paper
from payments.operations.debit_mandates import revoke_debit_mandate
from payments.queries.payments import debts_of_account
from tests.factories.debits import AT, make_creditor, make_mandate
from tests.factories.disputes import OPENED_AT, dispute
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line

APRIL = {"issued_on": date(2026, 4, 1), "due_on": date(2026, 4, 21)}


@pytest.fixture
def line(db):
    """A fee of 1,000 and calls of 500, and 20 per cent of tax: 1,800."""
    line = make_line(account=make_account())
    make_usage_total(line, amount_micro=500_000_000)
    return line


def bill_of(line, **days):
    return get_paper(invoice_id=invoice_of(line, run=bill_cycle(make_cycle(), **days)).pk)


def told(paper):
    return " ".join(strip_tags(paper_html(paper=get_paper(invoice_id=paper.invoice_id))).split())


def test_disputed_amount_stands_apart_on_the_next_bill_and_is_not_asked_for(line, specialist):
    """D13: the calls of February are disputed; the bill of March asks for the rest and says so for ever."""
    first = invoice_of(line, run=bill_cycle(make_cycle()))
    calls = InvoiceLine.objects.get(invoice_id=first.pk, kind="USAGE")
    case = dispute(first, calls.n, by=specialist)
    paper = bill_of(line, **APRIL)

    assert (paper.to_pay_minor, paper.disputed_minor, paper.due_minor) == (3000, 600, 2400)
    assert debts_of_account(line.account_id).payable_minor == 2400
    assert "Of this balance 600" in (html := told(paper))
    assert "2400*" in bill_context(paper=paper)["slip_line"]
    assert "2,400" in mail_of_paper(paper=paper).subject
    answer_dispute(
        dispute_id=case.pk, accepted={}, text="No.", new_due_on=date(2026, 5, 1), answered_by=specialist, at=OPENED_AT
    )
    assert told(paper) == html


def test_bill_says_from_which_account_and_by_when_it_is_debited(line):
    """001-30: notice of direct debit with the day, as it was when the bill was made."""
    make_creditor()
    mandate = make_mandate(line.account)
    paper = bill_of(line)

    html = told(paper)
    assert "By direct debit: 1,800" in html
    assert mandate.iban_last_four in html
    assert mandate.reference in mail_of_paper(paper=paper).text
    revoke_debit_mandate(mandate_id=mandate.pk, reason="He asked for it.", at=AT + timedelta(days=1), actor=None)
    assert told(paper) == html
    assert bill_of(line, **APRIL).debit is None


def test_subscriber_contests_until_the_day_on_the_bill_and_staff_beyond(line, clerk, settings):
    settings.SALDO_DISPUTE_DAYS = 30
    paper = bill_of(line)
    settings.SALDO_DISPUTE_DAYS = 5
    assert paper.contest_by == get_paper(invoice_id=paper.invoice_id).contest_by == date(2026, 3, 31)
    assert "can be contested until" in told(paper)
    asked = {"invoice_id": paper.invoice_id, "lines": [DisputeOf(n=1)], "reason": "OTHER", "text": ""}
    late = OPENED_AT.replace(month=4, day=1)

    with pytest.raises(DisputeTooLate, match="2026-03-31"):
        open_dispute(**asked, channel="PORTAL", opened_by=None, at=late)

    assert Dispute.objects.count() == 0
    assert open_dispute(**asked, channel="LETTER", opened_by=clerk, at=late).is_open
