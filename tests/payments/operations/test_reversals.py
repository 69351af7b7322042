"""A payment taken back: the books turned round, its bills open again, dunning goes on."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from billing_site.audit.models import AuditEntry
from billing_site.console.books import check_books
from billing_site.ledger.balances import balance_of, turnover_of
from billing_site.ledger.closing import close_through
from billing_site.ledger.models import LedgerAccount, LedgerEntry
from payments.models import Allocation, BadDebtRecovery, DunningCase, PaymentReversal
from payments.operations.allocations import allocate_advances_between
from payments.operations.payments import NewPayment, suspense_account, take_payment
from payments.operations.reversals import (
    PaymentAlreadyReversed,
    ReversalChargeUnsound,
    ReversalWithoutReason,
    SuspenseGivenAway,
    reverse_payment,
)
from payments.queries.open_items import open_items_of
from payments.queries.payments import advance_of, allocations_of, find_reversal, open_debts
from payments.queries.suspense import in_suspense
from subscribers.models import SubscriptionRestriction
from tests.factories.dunning import make_debt, make_policy, run_on
from tests.factories.payments import DAY, MORNING, make_account, make_invoice, make_network, pay
from tests.factories.subscribers import make_account as make_subscriber_account, make_line
from tests.payments.operations.test_bad_debts import OLD, approve, moved, propose

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(days=3)


def reverse(payment_id, **fields):
    given = {"kind": "RETURNED", "reason": "No cover", "reversed_at": LATER, **fields}
    return reverse_payment(payment_id=payment_id, **given)


def give(origin_id, account_number, amount, *, n=1):
    """Give money in suspense to its owner, and return the payment's id."""
    with transaction.atomic():
        wanted = NewPayment(
            channel="SUSPENSE",
            key=f"{origin_id}/{n}",
            account_number=account_number,
            amount=Decimal(amount),
            received_at=MORNING,
            clearing_account_id=suspense_account("AMD"),
            origin_id=origin_id,
        )
        return take_payment(wanted, actor=None).payment_id


def waiting_now():
    """Return what waits in suspense: payments and what is left of them."""
    return [(row.pk, vars(row)["left_minor"]) for row in in_suspense()]


def _prove(write):
    """Write, and prove what is proved at the end of a transaction."""
    write()
    connection.check_constraints()


def findings():
    """Prove what is proved at the end of a transaction, and return what is wrong with money and books."""
    connection.check_constraints()
    return [one for one in check_books() if one.invariant.startswith(("payments.", "ledger."))]


def test_payment_taken_back_opens_its_bills_and_turns_the_books_round():
    """001-16, 3d row 5: allocations undone, bill open again, no advance of it, its clearing account even."""
    account, network = make_subscriber_account(), make_network()
    old, young = make_debt(account, 1000, due_on=DAY), make_debt(account, 500, due_on=DAY + timedelta(days=1))
    paid = pay(account.number, "2000", network=network, txn_id="1").payment_id
    assert (balance_of(account.ledger_account_id), advance_of(account.pk)) == (-500, 500)

    reversal = reverse(paid, kind="BOUNCED", reason=" No cover ")

    assert (reversal.kind, reversal.reason, reversal.posted_on) == ("BOUNCED", "No cover", DAY + timedelta(days=3))
    assert find_reversal(paid) == reversal
    assert [(debt.invoice_id, debt.amount_minor) for debt in open_debts(account.pk)] == [
        (old.pk, 1000),
        (young.pk, 500),
    ]
    assert [item.open_minor for item in open_items_of([account.pk])[account.pk]] == [1000, 500]
    assert (allocations_of(paid), advance_of(account.pk)) == ((), 0)
    assert balance_of(account.ledger_account_id) == 1500
    assert turnover_of(network.clearing_account_id, first=DAY, until=DAY + timedelta(days=9)) == (2000, 2000)
    assert AuditEntry.objects.filter(action="payments.reverse_payment", subject_id=str(paid)).count() == 1
    assert findings() == []
    with pytest.raises(PaymentAlreadyReversed):
        reverse(paid)
    assert PaymentReversal.objects.count() == 1


def test_charge_of_the_bank_is_owed_by_the_account_in_an_entry_of_its_own():
    account = make_subscriber_account()
    paid = pay(account.number, "100", network=make_network(), txn_id="1").payment_id

    reversal = reverse(paid, charge_minor=7)

    entry = LedgerEntry.objects.get(source_type="RETURN_CHARGE", source_id=str(reversal.pk))
    income = LedgerAccount.objects.get(code="REVENUE:RETURN_CHARGE:AMD")
    assert list(entry.postings.values_list("debit_id", "credit_id", "amount_minor")) == [
        (account.ledger_account_id, income.pk, 7)
    ]
    assert balance_of(account.ledger_account_id) == 7
    assert findings() == []


def test_other_money_of_the_account_pays_the_bill_that_is_open_again():
    account, network = make_account(), make_network()
    bill = make_invoice(account, gross_minor=1000, due_on=DAY)
    first = pay(account.number, "1000", network=network, txn_id="1").payment_id
    second = pay(account.number, "300", network=network, txn_id="2").payment_id

    reverse(first)

    assert [(debt.invoice_id, debt.amount_minor) for debt in open_debts(account.pk)] == [(bill.pk, 700)]
    assert [line.amount_minor for line in allocations_of(second)] == [300]
    # In a bill run's way, too, the payment taken back is nobody's money.
    make_invoice(account, gross_minor=50, due_on=DAY + timedelta(days=1), run_id=9)
    with transaction.atomic():
        assert allocate_advances_between(run_id=9, first_account_id=account.pk, last_account_id=account.pk) == 0
    third = pay(account.number, "900", network=network, txn_id="3").payment_id
    assert [line.amount_minor for line in allocations_of(third)] == [700, 50]
    reverse(third, reason="Again")
    assert sum(debt.amount_minor for debt in open_debts(account.pk)) == 750


def test_payment_of_a_closed_period_is_turned_round_in_the_open_one():
    """3c row 9, 3d row 9."""
    account = make_account()
    paid = pay(account.number, "100", network=make_network(), txn_id="1").payment_id
    with transaction.atomic():
        close_through(through=date(2026, 3, 31), today=date(2026, 4, 2))

    reversal = reverse(paid)

    assert reversal.posted_on == date(2026, 4, 1)
    assert (balance_of(account.ledger_account_id), findings()) == (0, [])


def test_dunning_that_the_payment_had_ended_goes_on():
    """3d row 5: the case is open again, the lines that were barred are barred again; the next step is the run's."""
    make_policy()
    account, due = make_subscriber_account(), DAY - timedelta(days=20)
    line = make_line(account=account)
    make_debt(account, 1000, due_on=due)
    for days in (5, 15, 20):
        run_on(due + timedelta(days=days))
    paid = pay(account.number, "1000", network=make_network(), txn_id="1").payment_id
    assert DunningCase.objects.get().ending == "PAID"

    reverse(paid)

    case = DunningCase.objects.get()
    assert (case.ended_at, case.ending) == (None, "")
    rows = SubscriptionRestriction.objects.filter(subscription=line).order_by("id")
    assert list(rows.values_list("state", flat=True)) == ["RESTRICTED", "RESTORED", "RESTRICTED"]
    run_on(due + timedelta(days=35))
    assert list(case.acts.order_by("n").values_list("step__action", flat=True))[2:] == ["RESTRICTION", "SUSPENSION"]
    assert findings() == []


def test_debt_written_off_that_was_recovered_is_lost_again():
    account, network = make_subscriber_account(), make_network()
    make_policy(takes_tax_back=True)
    make_debt(account, 1200, due_on=OLD, tax_minor=200)
    approve(propose())
    paid = pay(account.number, "600", network=network, txn_id="1").payment_id
    assert (moved("BAD_DEBT:AMD"), moved("TAX:STANDARD")) == (500, 100)

    reverse(paid)

    assert (moved("BAD_DEBT:AMD"), moved("TAX:STANDARD")) == (1000, 200)
    assert list(BadDebtRecovery.objects.order_by("id").values_list("amount_minor", "tax_minor")) == [
        (600, 100),
        (-600, -100),
    ]
    assert (balance_of(account.ledger_account_id), findings()) == (0, [])
    pay(account.number, "1200", network=network, txn_id="2")
    assert (moved("BAD_DEBT:AMD"), moved("TAX:STANDARD"), advance_of(account.pk)) == (0, 0, 0)


def test_money_in_suspense_is_taken_back_after_what_was_given_of_it():
    owner, network = make_account(), make_network()
    waiting = pay(make_account(is_closed=True).number, "100", network=network, txn_id="1").payment_id
    part = give(waiting, owner.number, "60")
    assert waiting_now() == [(waiting, 40)]
    assert (balance_of(owner.ledger_account_id), findings()) == (-60, [])

    for refusal, fields in ((SuspenseGivenAway, {}), (ReversalChargeUnsound, {"charge_minor": 1})):
        with pytest.raises(refusal):
            reverse(waiting, **fields)
    with pytest.raises(IntegrityError):
        give(waiting, owner.number, "41", n=2)
    assert (PaymentReversal.objects.count(), advance_of(owner.pk)) == (0, 60)

    reverse(part)
    assert waiting_now() == [(waiting, 100)]
    reverse(waiting)
    assert (waiting_now(), balance_of(owner.ledger_account_id), findings()) == ([], 0, [])
    with pytest.raises(IntegrityError):
        give(waiting, owner.number, "1", n=3)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [({"reason": "  "}, ReversalWithoutReason), ({"charge_minor": -1}, ReversalChargeUnsound)],
)
def test_reversal_that_is_not_sound_is_refused_and_changes_nothing(fields, refusal):
    account = make_account()
    make_invoice(account, gross_minor=10, due_on=DAY)
    paid = pay(account.number, "100", network=make_network(), txn_id="1").payment_id

    with pytest.raises(refusal):
        reverse(paid, **fields)

    assert not PaymentReversal.objects.exists()
    assert LedgerEntry.objects.count() == 1
    assert [line.amount_minor for line in allocations_of(paid)] == [10]


def test_the_wall_keeps_uses_and_reversals_together():
    """Whoever writes past the operations: no use of what was taken back, nothing taken back of what stands."""
    account = make_account()
    bill = make_invoice(account, gross_minor=500, due_on=DAY).pk
    paid = pay(account.number, "100", network=make_network(), txn_id="1").payment_id
    standing = pay(account.number, "50", network=make_network(code="other"), txn_id="1").payment_id

    def refused(write):
        with pytest.raises(DatabaseError), transaction.atomic():
            _prove(write)

    refused(lambda: Allocation.objects.create(payment_id=standing, invoice_id=bill, amount_minor=-1))
    whole = {"payment_id": paid, "kind": "RETURNED", "reason": "x", "reversed_at": LATER, "posted_on": DAY}
    refused(lambda: PaymentReversal.objects.create(**whole))
    refused(lambda: PaymentReversal.objects.create(**{**whole, "reason": ""}))
    reverse(paid)
    refused(lambda: Allocation.objects.create(payment_id=paid, invoice_id=bill, amount_minor=1))
    refused(lambda: Allocation.objects.create(payment_id=paid, invoice_id=bill, amount_minor=-1))
    refused(lambda: PaymentReversal.objects.create(**whole))
    refused(lambda: PaymentReversal.objects.update(kind="CANCELLED"))
    refused(lambda: PaymentReversal.objects.all().delete())
    assert list(Allocation.objects.order_by("id").values_list("payment_id", "amount_minor")) == [
        (paid, 100),
        (standing, 50),
        (paid, -100),
    ]
