"""A bank's statement returns a direct debit: 001-30, 3d.5."""

import pytest

from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import LedgerAccount
from payments.models import DebitItem, DebitResultLine, PaymentReversal
from payments.queries.direct_debits import find_debit_failure
from payments.queries.open_items import open_items_of
from reconciliation.models import StatementLine
from tests.factories.banks import OUR_NUMBER, balance, load, make_bank
from tests.factories.debits import answer, bank_list, make_creditor, make_mandate, order_of, released
from tests.factories.dunning import make_debt
from tests.factories.payments import DAY, make_account
from tests.payments.operations.test_reversals import findings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path


@pytest.fixture
def paid():
    """A bank account of ours, and a bill of 1,000 collected by a direct debit."""
    make_bank()
    account = make_account()
    make_debt(account, 1000, due_on=DAY)
    make_creditor()
    make_mandate(account)
    batch = released()
    answer(bank_list({order_of(batch, account): ("OK", 1000, "")}))
    assert balance_of(account.ledger_account_id) == 0
    return account, order_of(batch, account)


def returned(order: str, amount: int, *, reason: str = "AM04", number: int = 1, opening: int = 0) -> StatementLine:
    """A statement with one return that names the order of a direct debit."""
    text = f"/EREF/{order}/RTRN/{reason}/REMI/no cover"
    lines = [
        f":20:S{number}", f":25:{OUR_NUMBER}", f":28C:{number}/1", f":60F:{balance(opening, '260304', 'AMD')}",
        f":61:2603040304RC{amount},NRTINONREF", f":86:{text}",
        f":62F:{balance(opening - amount, '260304', 'AMD')}", "-", "",
    ]  # fmt: skip
    return load("\n".join(lines), name=f"{number}.sta").lines.get()


def booked(code: str) -> int:
    return balance_of(LedgerAccount.objects.get(code=code).pk)


def test_return_on_a_statement_takes_the_direct_debit_back_with_reason_and_charge(paid):
    """The bill is open again, the hall says why, the books of the bank and of the collection stand; once."""
    account, order = paid
    line = returned(order, 1005)

    item, reversal = DebitItem.objects.get(), PaymentReversal.objects.get()
    assert (line.state, line.payment_id) == ("MATCHED", reversal.payment_id)
    assert (item.state, item.reason_code, reversal.kind, reversal.charge_minor) == ("RETURNED", "AM04", "RETURNED", 5)
    assert [one.open_minor for one in open_items_of([account.pk])[account.pk]] == [1000]
    failure = find_debit_failure(account.pk)
    assert failure is not None
    assert (failure.reason, failure.retry_on is None) == ("There was not enough money in the bank account.", False)
    assert balance_of(account.ledger_account_id) == 1005
    assert findings() == []
    again = returned(order, 1005, number=2, opening=-1005)
    assert (again.state, PaymentReversal.objects.count()) == ("SUSPENSE", 1)
    answer(bank_list({order: ("NO", 1000, "AM04")}))
    assert list(DebitResultLine.objects.order_by("id").values_list("state", flat=True)) == ["APPLIED", "REPEATED"]


@pytest.mark.parametrize(("order", "amount"), [("DD-2026-000099/1", 1000), ("", 999), ("", 2500)])
def test_return_that_fits_no_direct_debit_waits_for_a_person(paid, order, amount):
    line = returned(order or paid[1], amount)

    assert (line.state, line.payment_id) == ("SUSPENSE", None)
    assert DebitItem.objects.get().state == "PAID"
