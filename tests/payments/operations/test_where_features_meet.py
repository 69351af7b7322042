"""Money where two features meet: credit notes, plans, direct debits, lost debts, disputes, closed accounts."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from moneyed import Money

from billing_site.core import clock
from billing_site.jobs.work import drain
from billing_site.ledger.balances import balance_of, turnover_of
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entry
from invoicing.models import InvoiceLine
from invoicing.operations.disputes import answer_dispute
from payments.models import BadDebtRecovery, InstalmentPlan, Payment
from payments.operations.allocations import allocate_advances_between
from payments.operations.bad_debts import approve_bad_debt, propose_bad_debt
from payments.operations.debit_batches import NothingToCollect
from payments.operations.instalments import agree_instalment_plan
from payments.operations.reallocations import PaymentNotToBeMoved, reallocate_payment
from payments.operations.reversals import reverse_payment
from payments.operations.suspense import AccountTakesNoMoney, SuspensePart, give_suspense_payment
from payments.queries.bad_debts import Selection
from payments.queries.payments import advance_of, allocations_of, debts_of_account, movable_bills
from payments.queries.refunds import credit_of
from payments.queries.till_dues import find_till_account
from subscribers.models import Account
from tests.factories.credit_notes import credit
from tests.factories.debits import AT, COLLECT_ON, answer, bank_list, make_creditor, make_mandate, order_of, released
from tests.factories.disputes import dispute
from tests.factories.dunning import drafter, make_debt, make_policy, publisher
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total
from tests.factories.payments import DAY, MORNING, make_invoice, make_network, pay
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.payments.operations.test_reversals import findings

pytestmark = pytest.mark.django_db
OLD = DAY - timedelta(days=400)


@pytest.fixture
def account():
    return make_account()


def used(payment_id):
    return [(one.invoice_id, one.amount_minor) for one in allocations_of(payment_id)]


def to_pay(account):
    return [(debt.invoice_id, debt.amount_minor) for debt in debts_of_account(account.pk).payable]


def write_off(account, *, as_of=DAY):
    selection = Selection(days=30, least_minor=1, account_id=account.pk)
    told: dict[str, Any] = {"reason": "EXPIRED", "note": "", "as_of": as_of, "currency": "AMD", "at": AT}
    made = propose_bad_debt(selection=selection, **told, actor=drafter())
    return approve_bad_debt(write_off_id=made.pk, posted_on=as_of, at=AT, actor=publisher())


def lost():
    account = LedgerAccount.objects.get(code="BAD_DEBT:AMD")
    debits, credits_ = turnover_of(account.pk, first=date(2026, 1, 1), until=date(2030, 1, 1))
    return debits - credits_


def test_what_a_credit_note_takes_back_of_a_debt_written_off_is_nobodys_credit(specialist):
    """000-18, 002-13: nobody gets money, or his next bill for less, for what he never paid; the loss is less."""
    make_policy(takes_tax_back=True)
    line = make_line(account=make_account(cycle=make_cycle()))
    make_usage_total(line, amount_micro=500_000_000)
    bill = invoice_of(line, run=bill_cycle(make_cycle()))
    today = clock.today()
    account = Account.objects.get(pk=bill.account_id)
    write_off(account, as_of=max(today, bill.due_on + timedelta(days=31)))
    assert (balance_of(account.ledger_account_id), lost()) == (0, 1500)

    calls = InvoiceLine.objects.get(invoice_id=bill.pk, kind="USAGE")
    credit(bill, {calls.n: 600}, specialist)
    drain("payments.bring_account_up")

    assert (balance_of(account.ledger_account_id), credit_of(account.pk), lost()) == (0, 0, 1000)
    made = BadDebtRecovery.objects.get()
    assert (made.amount_minor, made.tax_minor, made.payment) == (600, 100, None)
    paid = pay(account.number, "1500", network=make_network(), txn_id="1").payment_id
    assert (used(paid), credit_of(account.pk), lost()) == ([(bill.pk, 1200)], 300, 0)
    reverse_payment(payment_id=paid, kind="CANCELLED", reason="Not his", reversed_at=MORNING)
    assert (balance_of(account.ledger_account_id), lost(), findings()) == (0, 1000, [])
    with pytest.raises(IntegrityError), transaction.atomic():
        BadDebtRecovery.objects.create(item=made.item, amount_minor=1, recovered_on=DAY)


def test_payment_that_brought_a_lost_debt_back_is_moved_without_that_part(account, accountant):
    """Screen 29, 000-18: the debt that was lost and came in is not owed again."""
    gone = make_debt(account, 500, due_on=OLD)
    write_off(account)
    due = make_debt(account, 400, due_on=DAY)
    network = make_network()
    paid = pay(account.number, "700", network=network, txn_id="1").payment_id
    only_lost = pay(account.number, "100", network=network, txn_id="2").payment_id
    new = make_debt(account, 200, due_on=DAY + timedelta(days=30))
    told: dict[str, Any] = {"reason": "He meant the other bill", "at": MORNING, "actor": accountant}
    assert [pk for pk, _number, _minor in movable_bills(Payment.objects.get(pk=paid))] == [due.pk, new.pk]

    with pytest.raises(PaymentNotToBeMoved):
        reallocate_payment(payment_id=only_lost, invoice_ids=[new.pk], **told)
    reallocate_payment(payment_id=paid, invoice_ids=[new.pk], **told)

    assert sorted(used(paid)) == sorted([(gone.pk, 300), (new.pk, 200), (due.pk, 200)])
    assert (to_pay(account), balance_of(account.ledger_account_id), lost()) == ([(due.pk, 200)], 200, 100)
    assert findings() == []


def test_bill_below_zero_is_not_asked_for_again_at_the_till(account):
    """003-06: who is owed 50 from one bill and owes 100 on the next pays 50."""
    given = make_invoice(account, gross_minor=-50, due_on=DAY)
    with transaction.atomic():
        revenue = open_accounts(codes=["REVENUE:FIXED:TESTS"], kind=LedgerAccount.Kind.REVENUE, currency="AMD")
        pairs = [Pair(revenue["REVENUE:FIXED:TESTS"], account.ledger_account_id, 50)]
        told: dict[str, Any] = {
            "source_type": "INVOICE",
            "source_id": str(given.number),
            "posted_on": DAY,
            "actor": "tests",
        }
        post_entry(NewEntry(**told, currency="AMD", pairs=pairs))
    bill = make_debt(account, 100, due_on=DAY + timedelta(days=30))
    found = find_till_account(number=account.number, on=DAY)
    assert found is not None
    assert (found.due_minor, found.balance_minor) == (50, 50)

    pay(account.number, "50", network=make_network(), txn_id="1")

    assert (to_pay(account), balance_of(account.ledger_account_id), credit_of(account.pk)) == ([], 0, 0)
    later = make_debt(account, 30, due_on=DAY + timedelta(days=60))
    assert to_pay(account) == [(later.pk, 30)]
    assert used(Payment.objects.get().pk) == [(bill.pk, 50)]


def test_who_pays_each_part_and_each_bill_by_its_day_owes_nothing_overdue(account):
    """P-09, 002-16: what a plan has for later is not the oldest debt."""
    old = make_debt(account, 300, due_on=DAY - timedelta(days=40))
    agree_instalment_plan(
        account_id=account.pk, invoice_ids=[old.pk], count=3, first_due_on=DAY + timedelta(days=2),
        agreed_with="Ani", at=MORNING, actor=None,
    )  # fmt: skip
    new = make_debt(account, 50, due_on=DAY + timedelta(days=10))
    network = make_network()

    first = pay(account.number, "100", network=network, txn_id="1").payment_id
    second = pay(account.number, "50", network=network, txn_id="2").payment_id

    assert (used(first), used(second)) == ([(old.pk, 100)], [(new.pk, 50)])
    third = pay(account.number, "350", network=network, txn_id="3").payment_id
    assert (used(third), advance_of(account.pk)) == ([(old.pk, 200)], 150)
    assert (InstalmentPlan.objects.get().state, findings()) == ("KEPT", [])


def test_advance_pays_a_new_bill_before_the_parts_of_a_plan_that_come_later(account):
    """P-09: the same where a bill run finds money that was paid ahead."""
    old = make_debt(account, 300, due_on=DAY - timedelta(days=40))
    agree_instalment_plan(
        account_id=account.pk, invoice_ids=[old.pk], count=3, first_due_on=DAY + timedelta(days=40),
        agreed_with="Ani", at=MORNING, actor=None,
    )  # fmt: skip
    new = make_debt(account, 120, due_on=DAY + timedelta(days=10))
    with transaction.atomic():
        post: dict[str, Any] = {"source_type": "PAYMENT", "actor": "tests", "currency": "AMD", "posted_on": DAY}
        till = open_accounts(codes=["CLEARING:T"], kind=LedgerAccount.Kind.CLEARING, currency="AMD")["CLEARING:T"]
        ahead = Payment.objects.create(
            channel="TERMINAL", key="ahead", account=account, account_number=account.number, amount=Money(120, "AMD"),
            amount_minor=120, state="POSTED", received_at=MORNING, posted_on=DAY, answer={}, request_hash="0" * 64,
        )  # fmt: skip
        post_entry(NewEntry(**post, source_id=str(ahead.pk), pairs=[Pair(till, account.ledger_account_id, 120)]))
        allocate_advances_between(run_id=new.run_id, first_account_id=account.pk, last_account_id=account.pk)

    assert used(ahead.pk) == [(new.pk, 120)]


def test_money_of_a_direct_debit_pays_the_bills_that_it_collected(account):
    """001-30: a bill that waits for its next try is not paid by the way, and the one that was debited is not dunned."""
    make_creditor()
    make_mandate(account)
    failed = make_debt(account, 1000, due_on=DAY - timedelta(days=20))
    batch = released()
    answer(bank_list({order_of(batch, account): ("NO", 1000, "17")}))
    young = make_debt(account, 500, due_on=DAY - timedelta(days=1))

    batch = released()
    assert batch.amount_minor == 500
    answer(bank_list({order_of(batch, account): ("OK", 500, "")}), name="second.csv")

    assert used(Payment.objects.get().pk) == [(young.pk, 500)]
    assert to_pay(account) == [(failed.pk, 1000)]


def test_money_on_its_way_is_not_debited_a_second_time(account):
    """001-30: the bank collects 1,000 for a bill paid at a till meanwhile; the next batch asks for the rest."""
    make_creditor()
    make_mandate(account)
    make_debt(account, 1000, due_on=DAY - timedelta(days=1))
    first = released()
    pay(account.number, "1000", network=make_network(), txn_id="1")
    make_debt(account, 600, due_on=DAY)
    with pytest.raises(NothingToCollect):
        released()
    make_debt(account, 900, due_on=DAY - timedelta(days=2))

    second = released()
    assert second.amount_minor == 500
    answer(bank_list({order_of(first, account): ("OK", 1000, ""), order_of(second, account): ("OK", 500, "")}))

    assert (to_pay(account), balance_of(account.ledger_account_id), advance_of(account.pk)) == ([], 0, 0)
    assert COLLECT_ON > DAY


def test_closed_account_that_owes_again_can_pay(account):
    """Ruling 17: what a terminal takes for a closed account waits, to be given to one that owes again."""
    bill = make_debt(account, 500, due_on=DAY)
    Account.objects.filter(pk=account.pk).update(state="CLOSED", closed_on=DAY)
    held = pay(account.number, "700", network=make_network(), txn_id="1")

    part = SuspensePart(account_number=account.number, amount_minor=500)
    (given,) = give_suspense_payment(payment_id=held.payment_id, parts=[part], given_at=MORNING, actor=None)
    rest = SuspensePart(account_number=account.number, amount_minor=200)
    with pytest.raises(AccountTakesNoMoney):
        give_suspense_payment(payment_id=held.payment_id, parts=[rest], given_at=MORNING, actor=None)

    assert (held.answer["state"], used(given.payment_id)) == ("SUSPENSE", [(bill.pk, 500)])
    assert balance_of(account.ledger_account_id) == 0


def test_bill_that_an_answer_gave_another_day_is_not_the_oldest_debt(clerk, specialist):
    """004-22, 002-16: the day of the answer counts, for money as for dunning."""
    line = make_line(account=make_account(cycle=make_cycle()))
    bill = invoice_of(line, run=bill_cycle(make_cycle()))
    account = Account.objects.get(pk=bill.account_id)
    younger = make_debt(account, 400, due_on=bill.due_on + timedelta(days=5))
    at = datetime.fromisoformat("2026-03-10T06:00:00+00:00")
    case = dispute(bill, by=clerk, at=at)
    given: dict[str, Any] = {"accepted": {}, "text": "You ordered it.", "new_due_on": bill.due_on + timedelta(days=20)}
    answer_dispute(dispute_id=case.pk, **given, answered_by=specialist, at=at)

    paid = pay(account.number, "400", network=make_network(), txn_id="1").payment_id

    assert used(paid) == [(younger.pk, 400)]
    assert date(2026, 3, 10) < bill.due_on
