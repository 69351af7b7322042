"""What a bank takes for money that came back: on the next bill as a line, or in the books at once."""

from datetime import UTC, date, datetime

import pytest

from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import LedgerEntry
from invoicing.models import Invoice, OneOffCharge
from payments.models import PaymentReversal
from payments.operations.reversals import reverse_payment
from payments.queries.payments import advance_of, open_debts
from tests.factories.invoicing import bill_cycle, nets_of
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account, make_cycle, make_line, make_range
from tests.factories.tariffs import make_bill_item
from tests.payments.operations.test_reversals import findings

pytestmark = pytest.mark.django_db
AT = datetime(2026, 2, 20, 6, 0, tzinfo=UTC)


def test_charge_is_a_line_of_the_next_bill_and_its_money_pays_that_bill():
    """Nothing stands in the balance without a bill: the charge is explained there, owed there, and paid there."""
    make_bill_item(code="RETURN_CHARGE")
    cycle = make_cycle()
    account = make_account(cycle=cycle)
    make_range(first="99910300001", count=1)
    make_line(account=account, number="99910300001")
    paid = pay(account.number, "100", network=make_network(), txn_id="1", received_at=AT)

    reverse_payment(payment_id=paid.payment_id, kind="BOUNCED", reason="No cover", reversed_at=AT, charge_minor=500)

    charge, reversal = OneOffCharge.objects.get(), PaymentReversal.objects.get()
    assert (reversal.billed_charge, charge.price_micro, charge.charged_on) == (charge, 500_000_000, date(2026, 2, 20))
    assert charge.note == f"{paid.payment_id}: No cover"
    assert balance_of(account.ledger_account_id) == 0
    assert not LedgerEntry.objects.filter(source_type="RETURN_CHARGE").exists()
    assert findings() == []
    bill_cycle(cycle)
    bill = Invoice.objects.get(account_id=account.pk)
    assert ("ONE_OFF", 500) in nets_of(bill)
    pay(account.number, str(bill.gross_minor), network=make_network(code="other"), txn_id="2")
    assert (open_debts(account.pk), advance_of(account.pk), balance_of(account.ledger_account_id)) == ((), 0, 0)


@pytest.mark.parametrize(("item", "is_closed"), [(None, False), ("RETURN_CHARGE", True)])
def test_charge_that_no_bill_can_have_is_in_the_books_at_once(item, is_closed):
    """Without the bill item, or where the account has had its last bill."""
    if item:
        make_bill_item(code=item)
    account = make_account()
    paid = pay(account.number, "100", network=make_network(), txn_id="1", received_at=AT)
    if is_closed:
        type(account).objects.filter(pk=account.pk).update(state="CLOSED")
    reverse_payment(payment_id=paid.payment_id, kind="RETURNED", reason="AC04", reversed_at=AT, charge_minor=5)

    assert (OneOffCharge.objects.count(), balance_of(account.ledger_account_id)) == (0, 5)
    assert LedgerEntry.objects.filter(source_type="RETURN_CHARGE").count() == 1
    assert findings() == []
