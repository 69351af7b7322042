"""
D4, D13, 004-22: no money goes to a disputed line unless its payer chooses so; it is his advance until the answer.

The bill is of 1,200, of which 300 are disputed; a later one is of 50.
"""

import re
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from billing_site.jobs.work import drain
from billing_site.ledger.balances import balance_of
from billing_site.portal.queries.homes import own_account_states
from invoicing.operations.disputes import answer_dispute, withdraw_dispute
from payments.domain.gateway import CheckRequest
from payments.models import Allocation
from payments.operations.payments import receive_payment
from payments.operations.receipt_papers import receipt_html
from payments.operations.receipt_reversals import reverse_receipt
from payments.queries.gateway import check_account
from payments.queries.invariants import INVARIANTS
from payments.queries.open_items import age_items, open_items_of
from payments.queries.payments import advance_of, debts_of_account
from payments.queries.standings import read_standings
from payments.queries.till_dues import find_till_account
from payments.queries.till_receipts import parts_of_receipt, till_receipts
from reconciliation.queries.evidence import known_accounts
from tests.factories.disputes import OPENED_AT, dispute
from tests.factories.dunning import make_debt
from tests.factories.invoicing import bill_cycle, invoice_of
from tests.factories.payments import DAY, MORNING, make_network, pay
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tills import cash, make_till, open_till, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(centre):
    return make_account(cycle=make_cycle(), centre=centre)


@pytest.fixture
def bill(account):
    found = invoice_of(make_line(account=account), run=bill_cycle(account.cycle))
    make_debt(account, 50, due_on=date(2026, 5, 1))
    return found


@pytest.fixture
def case(bill):
    return dispute(bill, 1, amount_minor=300)


def paid_of(bill):
    return sum(Allocation.objects.filter(invoice_id=bill.pk).values_list("amount_minor", flat=True))


def findings():
    names = {"payments.payments_are_in_the_books", "payments.allocations_fit"}
    return [finding for one in INVARIANTS if one.name in names for finding in one.findings()]


def test_every_door_leaves_the_disputed_line_alone(account, bill, case, clerk, client):
    """Terminal, till, bank, own pages and dunning agree: 950 are to be paid, then 50 are in the payer's favour."""
    network = make_network()
    asked = CheckRequest(txn_id="1", account_number=account.number, amount=None)
    assert check_account(network=network, asked=asked, day=DAY).debt == "950"
    known = known_accounts([account.pk])[account.pk]
    assert (known.owed_minor, [one.open_minor for one in known.bills]) == (950, [900, 50])

    pay(account.number, "1000", network=network, txn_id="1")

    assert (paid_of(bill), advance_of(account.pk), balance_of(account.ledger_account_id)) == (900, 50, 250)
    till = find_till_account(number=account.number, on=DAY)
    assert till is not None
    assert (till.due_minor, till.disputed_minor, till.advance_minor, till.due_on) == (0, 300, 50, None)
    client.force_login(clerk, backend="billing_site.identity.backends.RoleBackend")
    card = client.get(reverse("console:account", args=[account.pk])).context
    assert (card["due_minor"], card["disputed_minor"]) == (-50, 300)
    (own,) = own_account_states(accounts=[account], at=MORNING, today=DAY)
    assert (own.due_minor, own.disputed_minor, own.advance_minor, own.due_on) == (0, 300, 50, None)
    (standing,) = read_standings([account.pk], on=date(2027, 1, 1))
    assert (standing.standing.overdue_minor, standing.held_back_minor) == (0, 300)
    # Books know balances alone: the age of debts is that of the balance.
    assert age_items(open_items_of([account.pk])[account.pk], on=date(2027, 1, 1)).total_minor == 250


def test_money_for_the_bill_by_its_number_is_not_for_its_disputed_line(account, bill, case):
    """A bank's payer names the bill and its whole sum: what is disputed of it stays his."""
    receive_payment(
        channel="BANK",
        key="1",
        account_number=account.number,
        amount=Decimal(1200),
        received_at=MORNING,
        clearing_account_id=make_network().clearing_account_id,
        for_invoices={bill.pk: 1200},
    )

    assert (paid_of(bill), advance_of(account.pk)) == (900, 250)
    assert findings() == []


def test_advance_pays_by_itself_what_is_to_be_paid_again(account, bill, case, specialist):
    pay(account.number, "1100", network=make_network(), txn_id="1")
    make_debt(account, 30, due_on=date(2026, 6, 1))
    answer_dispute(
        dispute_id=case.pk,
        accepted={1: 100},
        text="In part.",
        new_due_on=date(2026, 7, 1),
        answered_by=specialist,
        at=OPENED_AT,
    )
    assert (advance_of(account.pk), debts_of_account(account.pk).payable_minor) == (150, 230)
    till = find_till_account(number=account.number, on=DAY)
    assert till is not None
    assert [one.due_on for one in till.bills] == [date(2026, 6, 1), date(2026, 7, 1)]

    drain("payments.bring_account_up")

    # 900 before, then 120 of the 200 that were refused: the bill that came meanwhile is due earlier than these.
    assert (paid_of(bill), advance_of(account.pk), debts_of_account(account.pk).payable_minor) == (1020, 0, 80)
    assert findings() == []


def test_withdrawn_dispute_is_paid_from_the_advance(account, bill, case, specialist):
    pay(account.number, "1300", network=make_network(), txn_id="1")
    withdraw_dispute(dispute_id=case.pk, text="By phone.", actor=specialist, at=OPENED_AT)

    drain("payments.bring_account_up")

    assert (paid_of(bill), advance_of(account.pk), debts_of_account(account.pk).payable_minor) == (1200, 50, 0)


def test_payer_who_chooses_the_disputed_line_pays_it_after_the_rest_of_its_bill(account, bill, case, clerk, specialist):
    """At the till, by two methods; with less than the bill's other lines nothing of it is paid."""
    session = open_till(make_till(account.centre, actor=specialist), clerk)

    take(session, account, cash(800), chosen_disputed=(bill.pk,))
    assert (paid_of(bill), debts_of_account(account.pk).disputed_minor) == (800, 300)
    made = take(session, account, cash(250), cash(170), chosen_disputed=(bill.pk,))

    assert (paid_of(bill), debts_of_account(account.pk).disputed_minor, advance_of(account.pk)) == (1200, 0, 0)
    assert made.facts["uses"][0] == [bill.number, 400]
    assert debts_of_account(account.pk).payable_minor == 30
    assert findings() == []


def test_receipt_says_what_the_till_says(account, bill, case, clerk, specialist):
    """Scenario 2: 950 are to be paid, 1,000 come: 50 in his favour on the paper too; what is disputed stands apart."""
    session = open_till(make_till(account.centre, actor=specialist), clerk)
    made = take(session, account, cash(1000))

    receipt = till_receipts().get(pk=made.pk)
    html = receipt_html(receipt=receipt, parts=parts_of_receipt(made.pk))
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert re.search(r"In your favour 50\D", text)
    assert "disputed, not included 300" in text
    back = reverse_receipt(receipt_id=made.pk, reason="Twice", form_key=uuid4(), reversed_at=MORNING, actor=clerk)
    assert (back.facts["after_minor"], back.facts["disputed_minor"]) == (1250, 300)
