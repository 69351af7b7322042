"""Who pays in parts is asked for the next part and his other bills, the same by bill, till, terminal and own pages."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import strip_tags

from billing_site.portal.queries.homes import own_account_states
from invoicing.operations.invoice_mails import mail_of_paper
from invoicing.operations.invoice_papers import bill_context, paper_html
from invoicing.queries.papers import get_paper
from payments.domain.gateway import CheckRequest
from payments.operations.instalments import agree_instalment_plan
from payments.operations.receipt_papers import receipt_html
from payments.queries.gateway import check_account
from payments.queries.payments import advance_of, debts_of_account
from payments.queries.till_dues import find_till_account
from payments.queries.till_notices import find_till_notices
from payments.queries.till_receipts import parts_of_receipt, till_receipts
from tests.factories.dunning import make_debt
from tests.factories.invoicing import bill_cycle, invoice_of
from tests.factories.payments import DAY, MORNING, make_network, pay
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_plan
from tests.factories.tills import cash, make_till, open_till, take

pytestmark = pytest.mark.django_db
FIRST = DAY + timedelta(days=10)


@pytest.fixture
def account(centre):
    """900 in three parts, and a bill of 50 beside them."""
    account = make_account(centre=centre)
    planned = make_debt(account, 900, due_on=DAY - timedelta(days=30))
    make_debt(account, 50, due_on=DAY + timedelta(days=45))
    agree_in_three(account, planned, first_due_on=FIRST)
    return account


def agree_in_three(account, bill, *, first_due_on):
    agree_instalment_plan(
        account_id=account.pk,
        invoice_ids=[bill.pk],
        count=3,
        first_due_on=first_due_on,
        agreed_with="Ani",
        at=MORNING,
        actor=None,
    )


def asked(account, *, on=DAY):
    """Return what terminal, till and own pages ask for on a day."""
    request = CheckRequest(txn_id="1", account_number=account.number, amount=None)
    answer = check_account(network=make_network(code=f"net{on:%d%m}"), asked=request, day=on)
    till = find_till_account(number=account.number, on=on)
    assert till is not None
    (own,) = own_account_states(accounts=[account], at=MORNING, today=on)
    return answer.debt, (till.due_minor, till.later_minor, till.due_on), (own.due_minor, own.later_minor, own.due_on)


def test_every_door_asks_for_the_next_part_and_the_other_bills(account, clerk, client):
    """P-09, 002-19: 300 of 900 and 50 are suggested; more is taken, and pays the later parts."""
    assert asked(account) == ("350", (350, 600, FIRST), (350, 600, FIRST))
    with time_machine.travel(MORNING):
        client.force_login(clerk, backend="billing_site.identity.backends.RoleBackend")
        card = client.get(reverse("console:account", args=[account.pk])).context
    assert (card["due_minor"], card["later_minor"]) == (350, 600)

    pay(account.number, "300", network=make_network(), txn_id="1")

    second = date(2026, 4, 15)
    assert asked(account, on=FIRST) == ("350", (350, 300, second), (350, 300, second))
    pay(account.number, "700", network=make_network(), txn_id="2")
    assert (debts_of_account(account.pk).payable, advance_of(account.pk)) == ((), 50)


def test_receipt_asks_for_what_the_till_asks_for(account, clerk, specialist):
    """P-09, scenario 2: 350 are asked for, 400 come: they pay the part, and 100 of the one that is next then."""
    session = open_till(make_till(account.centre, actor=specialist), clerk)
    for amount, (due, later) in ((250, (100, 600)), (150, (250, 300))):
        made = take(session, account, cash(amount))
        html = receipt_html(receipt=till_receipts().get(pk=made.pk), parts=parts_of_receipt(made.pk))
        assert asked(account)[1][:2] == (due, later)
        assert re.search(rf"Still to pay\D*{due}\D+later parts, not included\D*{later}\D", strip_tags(html))


def test_part_that_is_paid_in_pieces_is_asked_for_to_its_rest(account):
    pay(account.number, "100", network=make_network(), txn_id="1")

    assert asked(account)[1] == (250, 600, FIRST)


def test_every_door_asks_for_the_whole_when_a_part_is_past_its_day(account):
    day = FIRST + timedelta(days=1)
    assert asked(account, on=day)[:2] == ("950", (950, 0, DAY - timedelta(days=30)))
    assert find_till_notices(account_id=account.pk, is_overdue=True, on=day).plan is None


def test_bill_asks_for_the_next_part_and_its_own_charges_and_says_so_for_ever(db):
    """002-19: of the 1,200 of February 400 are asked for on the bill of March, and 800 are in later parts."""
    line = make_line(account=make_account(), plan=make_plan())
    first = invoice_of(line, run=bill_cycle(make_cycle()))
    agree_in_three(line.account, first, first_due_on=date(2026, 4, 10))

    run = bill_cycle(make_cycle(), issued_on=date(2026, 4, 1), due_on=date(2026, 4, 21))
    paper = get_paper(invoice_id=invoice_of(line, run=run).pk)

    assert (paper.to_pay_minor, paper.later_minor, paper.due_minor) == (2400, 800, 1600)
    assert asked(line.account, on=paper.issued_on)[1] == (1600, 800, date(2026, 4, 10))
    html = told(paper)
    assert "Of this balance 800" in html
    assert "1600*" in bill_context(paper=paper)["slip_line"]
    mail = mail_of_paper(paper=paper)
    assert "1,600" in mail.subject
    assert "Of this balance 800" in mail.text
    pay(line.account.number, "1200", network=make_network(), txn_id="1", received_at=MORNING)
    assert told(paper) == html


def told(paper):
    return " ".join(strip_tags(paper_html(paper=get_paper(invoice_id=paper.invoice_id))).split())
