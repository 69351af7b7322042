"""The payer chooses his bills; the rest goes to the oldest."""

from decimal import Decimal

import pytest

from billing_site.ledger.models import LedgerEntry
from payments.models import Allocation, Payment
from payments.operations.payments import ChosenBillsTooMuch, ChosenBillUnsound, PaymentConflict, receive_payment
from payments.queries.payments import advance_of, allocations_of
from tests.factories.payments import DAY, MORNING, make_account, make_invoice, make_network

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def bills(account):
    """A bill of 1,000, and younger ones of 500 and 200."""
    amounts = ((1000, 1), (500, 2), (200, 3))
    return [make_invoice(account, gross_minor=minor, due_on=DAY.replace(day=day)).pk for minor, day in amounts]


def take(account, amount, for_invoices, *, key="1"):
    network = make_network(code=f"n{Payment.objects.count()}{key}")
    return receive_payment(
        channel="TILL",
        key=key,
        account_number=account.number,
        amount=Decimal(amount),
        received_at=MORNING,
        clearing_account_id=network.clearing_account_id,
        for_invoices=for_invoices,
    ).payment_id


def test_chosen_bills_are_paid_first_and_the_rest_goes_to_the_oldest(account, bills):
    old, middle, young = bills

    paid = take(account, 800, {young: 200, middle: 100})

    used = {line.invoice_id: line.amount_minor for line in allocations_of(paid)}
    assert used == {young: 200, middle: 100, old: 500}
    # What is left of a chosen bill is open as any other.
    second = take(account, 1000, {middle: 300}, key="2")
    assert {line.invoice_id: line.amount_minor for line in allocations_of(second)} == {middle: 400, old: 500}
    assert advance_of(account.pk) == 100


def test_choice_is_a_part_of_the_request(account, bills):
    first = take(account, 300, {bills[1]: 300})

    assert take(account, 300, {bills[1]: 300}) == first
    with pytest.raises(PaymentConflict):
        take(account, 300, {bills[2]: 200})
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("place", "chosen", "refusal"),
    [
        (0, 1001, ChosenBillUnsound),
        (0, 0, ChosenBillUnsound),
        (0, -1, ChosenBillUnsound),
        (3, 1, ChosenBillUnsound),
        (4, 1, ChosenBillUnsound),
        (1, 401, ChosenBillsTooMuch),
    ],
)
def test_choice_that_does_not_fit_is_refused_and_takes_nothing(account, bills, place, chosen, refusal):
    other = make_invoice(make_account(), gross_minor=500, due_on=DAY).pk
    draft = make_invoice(account, gross_minor=500, due_on=DAY, state="DRAFT").pk

    with pytest.raises(refusal):
        take(account, 400, {[*bills, other, draft][place]: chosen})

    assert not Payment.objects.exists()
    assert not Allocation.objects.exists()
    assert not LedgerEntry.objects.exists()
