"""An advance is used by the next bill by itself; many accounts at once as one would be."""

from datetime import date

import pytest
from django.db import transaction
from hypothesis import given, settings, strategies as st
from moneyed import Money

from billing_site.jobs.work import add_work, drain
from invoicing.models import Invoice
from payments.models import Allocation, Payment
from payments.operations.allocations import allocate_advance, allocate_advances_of_run
from payments.queries.payments import advance_of, debts_of_account, open_debts
from tests.factories.disputes import dispute
from tests.factories.invoicing import bill_cycle, invoice_of
from tests.factories.payments import MORNING, make_account, make_invoice, make_network, pay
from tests.factories.subscribers import make_account as make_subscriber_account, make_cycle, make_line

pytestmark = pytest.mark.django_db
AMOUNTS = st.lists(st.integers(min_value=1, max_value=50), max_size=4)


def test_advance_is_used_by_the_next_bill():
    """002-17: the advance is used up by the next bill by itself."""
    account, network = make_account(), make_network()
    pay(account.number, "100", network=network, txn_id="1")
    make_invoice(account, gross_minor=30, due_on=date(2026, 3, 20))

    assert allocate_advance(account_id=account.pk) == 30

    assert advance_of(account.pk) == 70
    assert open_debts(account.pk) == ()
    assert allocate_advance(account_id=account.pk) == 0


def test_run_uses_the_advances_of_its_accounts_alone():
    billed, other, network = make_account(), make_account(), make_network()
    for n, account in enumerate((billed, other), 1):
        pay(account.number, "100", network=network, txn_id=str(n))
    make_invoice(billed, gross_minor=30, due_on=date(2026, 3, 20), run_id=7)
    make_invoice(other, gross_minor=30, due_on=date(2026, 3, 20), run_id=8)

    with transaction.atomic():
        add_work(
            kind="payments.allocate_advances",
            items={"7/1": {"run_id": 7, "first_account_id": billed.pk, "last_account_id": other.pk}},
        )
    drain("payments.allocate_advances")

    assert (advance_of(billed.pk), advance_of(other.pk)) == (70, 100)
    assert allocate_advances_of_run(run_id=7) == 0
    assert allocate_advances_of_run(run_id=9) == 0


def uses(account, money, debts, *, network, run_id):
    """Give an account money and bills; return how to read what was used, as places of payment and bill with amounts."""
    paid = [
        pay(account.number, str(amount), network=network, txn_id=f"{account.pk}{n}").payment_id
        for n, amount in enumerate(money)
    ]
    bills = [
        make_invoice(account, gross_minor=amount, due_on=date(2026, 3, 1 + n), run_id=run_id).pk
        for n, amount in enumerate(debts)
    ]
    return lambda: sorted(
        (paid.index(p), bills.index(i), a)
        for p, i, a in Allocation.objects.filter(payment_id__in=paid).values_list(
            "payment_id", "invoice_id", "amount_minor"
        )
    )


@settings(max_examples=25, deadline=None)
@given(money=AMOUNTS, debts=AMOUNTS)
def test_set_statement_allocates_as_the_arithmetic_does(money, debts):
    network, one, two = make_network(), make_account(), make_account()
    of_one = uses(one, money, debts, network=network, run_id=-1)
    of_two = uses(two, money, debts, network=network, run_id=two.pk)

    allocate_advance(account_id=one.pk)
    allocate_advances_of_run(run_id=two.pk)

    assert of_one() == of_two()
    assert sum(amount for _, _, amount in of_one()) == min(sum(money), sum(debts))


@pytest.fixture
def disputed_bill():
    """Two accounts with a disputed bill of 1,200 (300 of it disputed) and a later one of 50 each."""
    lines = [make_line(account=make_subscriber_account()) for _ in range(2)]
    run = bill_cycle(make_cycle())
    for line in lines:
        invoice = invoice_of(line, run=run)
        dispute(invoice, 1, amount_minor=300)
        make_invoice(line.account, gross_minor=50, due_on=date(2026, 5, 1), run_id=run.pk)
    return [line.account for line in lines]


@pytest.mark.parametrize(
    ("paid", "payable", "advance"), [(900, [50], 0), (940, [10], 0), (950, [], 0), (1300, [], 350)]
)
def test_disputed_part_of_a_bill_is_left_alone(disputed_bill, paid, payable, advance):
    """004-22: the rest stays payable, with the bills that come later; the set statement says the same."""
    one, two = disputed_bill
    network = make_network()
    run_id = Invoice.objects.filter(account_id=one.pk).order_by("id").values_list("run_id", flat=True)[0]
    pay(one.number, str(paid), network=network, txn_id="1")
    Payment.objects.bulk_create([_paid_ahead(two, paid)])

    allocate_advances_of_run(run_id=run_id)

    for account in (one, two):
        debts = debts_of_account(account.pk)
        assert [debt.amount_minor for debt in debts.payable] == payable
        assert (debts.disputed_minor, advance_of(account.pk)) == (300, advance)


def _paid_ahead(account, amount_minor):
    """Money that is not used yet: it waits for whoever hands out advances."""
    return Payment(
        channel="BANK",
        key="ahead",
        request_hash="x",
        account=account,
        account_number=account.number,
        amount=Money(amount_minor, "AMD"),
        amount_minor=amount_minor,
        state="POSTED",
        received_at=MORNING,
        posted_on=MORNING.date(),
    )
