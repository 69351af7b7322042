"""Commission of agents: a rate of received less taken back, by agent and month, as the payments list has it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from billing_site.core.periods import month_of
from payments.models import CommissionRate
from payments.operations.commissions import (
    CommissionDayUnsound,
    CommissionUnsound,
    end_commission_rate,
    set_commission_rate,
)
from payments.operations.reversals import reverse_payment
from payments.queries.commissions import commissions_of
from payments.queries.payments import filter_payments
from tests.factories.payments import MORNING, make_account, make_network, pay

pytestmark = pytest.mark.django_db
JANUARY, MARCH, APRIL = date(2026, 1, 1), date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture
def network():
    return make_network()


def rate(network, percent, *, valid_from=JANUARY, name="EasyPay"):
    agent_id = network.clearing_account_id
    return set_commission_rate(
        agent_id=agent_id, name=name, percent=Decimal(percent), valid_from=valid_from, actor=None
    )


def test_commission_is_three_percent_of_received_less_reversals_and_equals_the_payments_list(network):
    """001-20."""
    account, other = make_account(), make_network(code="other")
    rate(network, "3")
    days = (0, 5, 30)
    paid = [
        pay(account.number, "10000", network=network, txn_id=str(n), received_at=MORNING + timedelta(days=n)).payment_id
        for n in days
    ]
    pay(account.number, "777", network=other, txn_id="1")
    pay(make_account(is_closed=True).number, "500", network=network, txn_id="suspense")
    reverse_payment(payment_id=paid[0], kind="CANCELLED", reason="x", reversed_at=MORNING + timedelta(days=1))

    (march,) = commissions_of(month_of(MARCH))

    listed = filter_payments(network_id=network.pk, posted_from=MARCH, posted_to=date(2026, 3, 31))
    sums = [listed.filter(reversal__isnull=way).aggregate(sum=Sum("amount_minor"))["sum"] for way in (True, False)]
    assert (march.base_minor, march.reversed_minor) == tuple(sums) == (10_500, 10_000)
    assert (march.received_minor, march.payment_count, march.rates) == (20_500, 3, "3")
    assert march.commission_minor == 315
    # A reversal of a later month takes back what was given for the payment's own.
    reverse_payment(payment_id=paid[1], kind="RETURNED", reason="x", reversed_at=MORNING + timedelta(days=35))
    (april,) = commissions_of(month_of(APRIL))
    assert (april.received_minor, april.reversed_minor, april.commission_minor) == (10_000, 10_000, 0)
    assert commissions_of(month_of(MARCH)) == [march]


def test_each_payment_counts_with_the_rate_of_its_day(network):
    account = make_account()
    first = rate(network, "3")
    rate(network, "1.5", valid_from=date(2026, 3, 10))
    for n in (0, 10):
        pay(account.number, "1000", network=network, txn_id=str(n), received_at=MORNING + timedelta(days=n))

    (march,) = commissions_of(month_of(MARCH))

    assert (march.rates, march.commission_minor) == ("3 · 1.5", 45)
    first.refresh_from_db()
    assert first.during.upper == date(2026, 3, 10)
    last = CommissionRate.objects.latest("id")
    end_commission_rate(rate_id=last.pk, last_on=date(2026, 3, 12), actor=None)
    (again,) = commissions_of(month_of(MARCH))
    assert (again.rates, again.commission_minor, again.base_minor) == ("3", 30, 2000)


def test_rate_that_is_not_sound_is_refused(network):
    first = rate(network, "3", valid_from=date(2026, 3, 2))
    for refusal, fields in (
        (CommissionUnsound, {"percent": "100.5"}),
        (CommissionUnsound, {"percent": "-1"}),
        (CommissionUnsound, {"percent": "1.0005"}),
        (CommissionUnsound, {"percent": "1", "name": " "}),
        (CommissionDayUnsound, {"percent": "1", "valid_from": date(2026, 3, 2)}),
        (CommissionDayUnsound, {"percent": "1", "valid_from": JANUARY}),
    ):
        with pytest.raises(refusal):
            rate(network, **fields)
    with pytest.raises(CommissionDayUnsound):
        end_commission_rate(rate_id=first.pk, last_on=date(2026, 3, 1), actor=None)
    for statement in (
        "UPDATE payments_commissionrate SET percent = 4",
        "DELETE FROM payments_commissionrate",
        (
            "INSERT INTO payments_commissionrate (agent_id, name, percent, during)"
            " SELECT agent_id, name, 5, '[2026-05-01,)' FROM payments_commissionrate"
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert CommissionRate.objects.get().percent == 3
