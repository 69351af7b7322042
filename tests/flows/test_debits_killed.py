"""
001-30: workers killed while they carry a bank's answers out: whatever is done is whole, and is gone on with.

Forks, killed after the money is booked and before the answer is marked, once for a payment, once for a
refusal, once for a return.
"""

from billing_site.ledger.balances import balance_of
from payments.models import DebitBatch, DebitItem, DebitResultLine, Payment, PaymentReversal
from payments.operations.debit_results import load_debit_results
from payments.tasks import apply_results
from subscribers.models import Notice
from tests.factories.debits import AT, DAY, bank_list, make_creditor, make_mandate, order_of, released, releaser
from tests.factories.dunning import make_debt
from tests.factories.payments import make_account
from tests.fixtures.databases import copy_of_template, django_on
from tests.flows.kills import die_at
from tests.payments.operations.test_reversals import findings

POINT = "payments.apply_debit_results.written"


def apply(crash: str = "") -> None:
    if crash:
        die_at(crash, apply_results)
    else:
        apply_results()


def load(name, answers):
    creditor = DebitBatch.objects.get().creditor
    load_debit_results(creditor_id=creditor.pk, name=name, content=bank_list(answers), at=AT, actor=releaser())


def test_answers_are_carried_out_once_whoever_is_killed(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), copy_of_template() as database, django_on(database):
        make_creditor()
        accounts = [make_account() for _ in range(3)]
        for account in accounts:
            make_debt(account, 1000, due_on=DAY)
            make_mandate(account)
        batch = released()
        paid, refused, third = (order_of(batch, account) for account in accounts)
        load("1.csv", {paid: ("OK", 1000, ""), refused: ("NO", 1000, "AM04"), third: ("OK", 1000, "")})
        # Killed with the first answer in hand, then with the second one; what was done before stands.
        apply(crash=f"{POINT}:1")
        assert (Payment.objects.count(), DebitResultLine.objects.filter(state="WAITING").count()) == (0, 3)
        apply(crash=f"{POINT}:2")
        assert (Payment.objects.count(), DebitItem.objects.filter(state="OPEN").count()) == (1, 2)
        apply()
        load("2.csv", {third: ("NO", 1000, "MD06")})
        apply(crash=f"{POINT}:1")
        assert not PaymentReversal.objects.exists()
        apply()
        apply()

        assert [balance_of(account.ledger_account_id) for account in accounts] == [0, 1000, 1000]
        assert sorted(DebitItem.objects.values_list("state", flat=True)) == ["FAILED", "PAID", "RETURNED"]
        assert (Payment.objects.count(), PaymentReversal.objects.count()) == (2, 1)
        assert Notice.objects.filter(key__startswith="payments.direct_debit/").count() == 2
        assert not DebitResultLine.objects.filter(state="WAITING").exists()
        assert findings() == []
