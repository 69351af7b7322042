"""Debts given up: by two people, never more than is owed, and back out of the losses when the money comes after all."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from billing_site.ledger.balances import balance_of, turnover_of
from billing_site.ledger.models import LedgerAccount
from payments.models import BadDebtRecovery, DunningCase, WriteOff, WriteOffItem
from payments.operations.bad_debts import (
    BadDebtDecided,
    BadDebtProposedBySamePerson,
    NoBadDebt,
    approve_bad_debt,
    propose_bad_debt,
    reject_bad_debt,
)
from payments.queries.bad_debts import Selection
from payments.queries.open_items import open_items_of
from payments.queries.payments import advance_of
from tests.factories.disputes import dispute
from tests.factories.dunning import drafter, make_debt, make_policy, publisher, run_on
from tests.factories.invoicing import bill_cycle, invoice_of
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account, make_cycle, make_line

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 5)
AT = datetime.fromisoformat("2026-03-05T06:00:00+00:00")
OLD = DAY - timedelta(days=400)


@pytest.fixture
def account():
    made = make_account()
    make_debt(made, 1200, due_on=OLD, tax_minor=200)
    make_debt(made, 300, due_on=DAY - timedelta(days=10))
    return made


def propose(*, days=365, least=1, as_of=DAY, **fields):
    return propose_bad_debt(
        selection=Selection(days=days, least_minor=least, **fields),
        reason="EXPIRED",
        note="",
        as_of=as_of,
        currency="AMD",
        at=AT,
        actor=drafter(),
    )


def approve(made, *, posted_on=DAY):
    return approve_bad_debt(write_off_id=made.pk, posted_on=posted_on, at=AT, actor=publisher())


def moved(code):
    account = LedgerAccount.objects.filter(code=code).first()
    debits, credits_ = turnover_of(account.pk, first=DAY, until=DAY + timedelta(days=9)) if account else (0, 0)
    return debits - credits_


def test_old_debt_is_proposed_approved_and_posted(account):
    """000-18."""
    made = propose()
    assert list(made.items.values_list("due_on", "proposed_minor", "written_minor")) == [(OLD, 1200, 0)]
    assert balance_of(account.ledger_account_id) == 1500

    approve(made)

    assert balance_of(account.ledger_account_id) == 300
    assert (moved("BAD_DEBT:AMD"), moved("TAX:STANDARD")) == (1200, 0)
    assert [item.open_minor for item in open_items_of([account.pk])[account.pk]] == [300]


def test_tax_goes_back_where_the_policy_says_so(account):
    make_policy(takes_tax_back=True)
    approve(propose())

    assert (moved("BAD_DEBT:AMD"), moved("TAX:STANDARD")) == (1000, 200)


def test_money_that_comes_after_all_is_a_recovery_and_no_advance(account):
    make_policy(takes_tax_back=True)
    approve(propose())
    network = make_network()
    for n, amount in enumerate(("900", "400", "500"), start=1):
        pay(account.number, amount, network=network, txn_id=str(n))

    assert list(BadDebtRecovery.objects.order_by("id").values_list("amount_minor", "tax_minor")) == [
        (600, 100),
        (400, 66),
        (200, 34),
    ]
    assert (moved("BAD_DEBT:AMD"), moved("TAX:STANDARD")) == (0, 0)
    assert (balance_of(account.ledger_account_id), advance_of(account.pk)) == (-300, 300)


def test_debt_paid_meanwhile_is_not_written_off(account):
    """Written off never above what was owed."""
    made = propose()
    pay(account.number, "1000", network=make_network(), txn_id="1")
    approve(made)

    assert made.items.get().written_minor == 200
    assert balance_of(account.ledger_account_id) == 300


def test_what_is_disputed_meanwhile_is_not_written_off():
    """000-18, D4: a disputed amount waits for its answer, nobody gives it up."""
    cycle = make_cycle()
    bill = invoice_of(make_line(account=make_account(cycle=cycle)), run=bill_cycle(cycle))
    later = bill.due_on + timedelta(days=400)
    made = propose(as_of=later)
    dispute(bill, 1, amount_minor=300, at=AT)
    approve(made, posted_on=later)

    assert made.items.get().written_minor == bill.gross_minor - 300
    assert open_items_of([bill.account_id])[bill.account_id][0].open_minor == 300


def test_who_proposed_does_not_decide(account):
    made = propose()
    for decide in (
        lambda: approve_bad_debt(write_off_id=made.pk, posted_on=DAY, at=AT, actor=drafter()),
        lambda: reject_bad_debt(write_off_id=made.pk, at=AT, actor=drafter()),
    ):
        with pytest.raises(BadDebtProposedBySamePerson):
            decide()
    with pytest.raises(IntegrityError), transaction.atomic():
        WriteOff.objects.filter(pk=made.pk).update(state="REJECTED", decided_by=drafter(), decided_at=AT)

    made.refresh_from_db()
    assert (made.state, balance_of(account.ledger_account_id)) == ("PROPOSED", 1500)


def test_rejected_proposal_leaves_the_debt_to_the_next(account):
    made = propose()
    with pytest.raises(NoBadDebt):
        propose()
    reject_bad_debt(write_off_id=made.pk, at=AT, actor=publisher())
    with pytest.raises(BadDebtDecided):
        approve(made)

    assert propose().items.count() == 1


@pytest.mark.parametrize(
    "wish",
    [{"days": 401}, {"least": 1201}, {"largest_minor": 1199}, {"category": "BUSINESS"}, {"department_id": 10**6}],
)
def test_selection_is_by_age_amount_category_and_department(account, wish):
    with pytest.raises(NoBadDebt):
        propose(**wish)

    assert not WriteOff.objects.exists()


def test_case_of_a_debt_written_off_ends(account):
    make_policy()
    run_on(DAY)
    approve(propose())

    assert DunningCase.objects.get().ending == "WRITTEN_OFF"


def test_more_than_is_owed_is_refused_by_the_database(account):
    made, other = propose(), publisher()
    pay(account.number, "1000", network=make_network(), txn_id="1")
    WriteOffItem.objects.filter(write_off=made).update(written_minor=201)
    with pytest.raises(IntegrityError), transaction.atomic():
        WriteOff.objects.filter(pk=made.pk).update(state="APPROVED", decided_by=other, decided_at=AT, posted_on=DAY)
    approve(made)
    for attack in (
        lambda: WriteOffItem.objects.filter(write_off=made).update(written_minor=1),
        lambda: WriteOff.objects.filter(pk=made.pk).update(reason="COURT"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attack()
