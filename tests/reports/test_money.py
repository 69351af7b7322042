"""Receivable, received and settlements: 000-17, 001-19, 001-29, 004-04."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from billing_site.core import clock
from billing_site.ledger.balances import balance_of
from payments.models import BooksDay, Payment, ReceiptDay
from payments.operations.confirmations import (
    DepartmentOfOthers,
    FiguresAlreadyConfirmed,
    MonthNotOver,
    confirm_collection,
)
from payments.operations.daily_summaries import total_books
from payments.operations.receipt_reversals import reverse_receipt
from payments.operations.reversals import reverse_payment
from tests.factories.dunning import make_debt
from tests.factories.identity import make_centre
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account
from tests.factories.tills import cash, make_till, open_till, take
from tests.reports.asking import ask, findings, rows_of

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
NOON = datetime(2026, 3, 5, 8, 30, tzinfo=UTC)


@pytest.fixture
def month(centre):
    """An account billed 1,000, which paid 900 and got 50 of it back; another hall, billed 500."""
    account, other = make_account(centre=centre), make_account(centre=make_centre(code="FAR"))
    make_debt(account, 1000, due_on=date(2026, 3, 4), tax_minor=100)
    make_debt(other, 500, due_on=date(2026, 3, 4))
    network = make_network()
    pay(account.number, "850", network=network, txn_id="1", received_at=NOON)
    wrong = pay(account.number, "50", network=network, txn_id="2", received_at=NOON + timedelta(hours=3))
    reverse_payment(
        payment_id=wrong.payment_id, kind="CANCELLED", reason="Typed twice", reversed_at=NOON + timedelta(hours=4)
    )
    return account, other


def test_rate_of_a_department_is_received_over_receivable(month, centre):
    """001-19: 1,000 and 850 are 85.0 %; the same before and after the summaries are made, and made twice."""
    live = rows_of("collection", FIRST, LAST)
    total_books(at=clock.now(), settle_seconds=0)
    kept = (BooksDay.objects.count(), ReceiptDay.objects.count())
    total_books(at=clock.now(), settle_seconds=0)

    assert (BooksDay.objects.count(), ReceiptDay.objects.count()) == kept
    assert min(kept) > 0
    assert findings() == []
    assert rows_of("collection", FIRST, LAST) == live
    assert {row[1:4] for row in live} == {("Hall HALL-1", 1000, 850), ("Hall FAR", 500, 0)}
    assert {row[5:] for row in live} == {(0, 0, 150), (0, 0, 500)}
    assert ask("collection", FIRST, LAST).controls[0].is_agreed
    own = rows_of("collection", FIRST, LAST, department_id=centre.department_id)
    assert [row[1:4] for row in own] == [("Hall HALL-1", 1000, 850)]


def test_months_of_debts_and_revenue_are_those_of_the_books(month):
    """004-04: owed at the end is the balance of the accounts; revenue is without tax; what agents took is there."""
    account, other = month
    total_books(at=clock.now(), settle_seconds=0)
    debts, revenue = (rows_of(code, FIRST, LAST)[-1] for code in ("debts-by-month", "revenue-by-month"))

    assert debts[1:] == (0, 1500, 0, -900, 50, 0, 0, 650)
    assert debts[-1] == balance_of(account.ledger_account_id) + balance_of(other.ledger_account_id)
    assert revenue[1:] == (1400, 0, 0, 0, 1400, 0, 0, 1400)
    assert [row[1:] for row in rows_of("collection-by-agent", FIRST, LAST)] == [(850, 0, None, 0, 850)]
    later = date(2026, 4, 1), date(2026, 4, 30)
    assert {row[2:] for row in rows_of("collection", *later)} == {(0, 0, None, 150, 0, 150), (0, 0, None, 500, 0, 500)}
    assert [row[1:] for row in rows_of("collection-by-agent", *later)] == [(0, 0, None, 850, 850)]


def test_settlements_are_by_local_hour_and_all_of_them(month):
    """000-17: centre x 24 hours; the grand total is the payments of the month, and that of the books."""
    rows = rows_of("settlements", FIRST, LAST)
    found = {row[1]: row[2:] for row in rows if any(row[2:])}

    assert len(rows) == 24
    assert found == {"12:00": (1, 850, 0, 0), "15:00": (1, 50, 0, 0), "16:00": (0, 0, 1, 50)}
    assert sum(row[3] for row in rows) == sum(Payment.objects.values_list("amount_minor", flat=True))
    assert ask("settlements", FIRST, LAST).controls[0].is_agreed


def test_day_whose_clock_goes_back_loses_and_doubles_nothing(centre, settings):
    """000-17: the hour that comes twice holds the payments of both; none is lost."""
    settings.SALDO_TIME_ZONE = "Europe/Berlin"
    account, network = make_account(centre=centre), make_network()
    before = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    for hour in range(26):
        at = before + timedelta(hours=hour)
        pay(account.number, "10", network=network, txn_id=str(hour), received_at=at)
    day = {"first": date(2026, 10, 24), "last": date(2026, 10, 26)}
    live = {row[1]: row[2] for row in rows_of("settlements", **day)}
    total_books(at=clock.now(), settle_seconds=0)

    assert sum(live.values()) == 26
    assert (live["01:00"], live["02:00"], live["03:00"]) == (1, 2, 1)
    assert {row[1]: row[2] for row in rows_of("settlements", **day)} == live


def test_department_confirms_its_own_figures_once(month, supervisor, accountant, centre):
    """001-29: only its own, only when the month is over, and again only when they have changed."""
    said = {"department_id": centre.department_id, "month": FIRST, "at": clock.now()}
    with pytest.raises(DepartmentOfOthers):
        confirm_collection(**said, today=date(2026, 4, 1), actor=accountant)
    with pytest.raises(MonthNotOver):
        confirm_collection(**said, today=LAST, actor=supervisor)
    confirm_collection(**said, today=date(2026, 4, 1), actor=supervisor)
    with pytest.raises(FiguresAlreadyConfirmed):
        confirm_collection(**said, today=date(2026, 4, 1), actor=supervisor)
    pay(month[0].number, "5", network=make_network(code="late"), txn_id="3", received_at=NOON)

    assert confirm_collection(**said, today=date(2026, 4, 1), actor=supervisor)


def test_money_of_a_till_is_settled_at_the_tills_centre(centre, clerk, specialist):
    """000-17: where the payer stood, not where his account belongs; received and given back, live and summed up."""
    away = make_account(centre=make_centre(code="FAR"))
    session = open_till(make_till(centre, actor=specialist), clerk, at=NOON)
    take(session, away, cash(70), received_minor=100, at=NOON)
    wrong = take(session, away, cash(30), at=NOON)
    reverse_receipt(
        receipt_id=wrong.pk, reason="Typed twice", form_key=uuid4(), reversed_at=NOON + timedelta(hours=1), actor=clerk
    )
    live = rows_of("settlements", FIRST, LAST)
    total_books(at=clock.now(), settle_seconds=0)

    assert findings() == []
    assert rows_of("settlements", FIRST, LAST) == live
    assert {(row[0], row[1]): row[2:] for row in live if any(row[2:])} == {
        ("Hall HALL-1", "12:00"): (2, 100, 0, 0),
        ("Hall HALL-1", "13:00"): (0, 0, 1, 30),
    }
    # Receivable and received stay with the account's own hall.
    assert [row[1:4] for row in rows_of("collection", FIRST, LAST)] == [("Hall FAR", 0, 70)]
