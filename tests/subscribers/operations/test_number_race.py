"""Many counters at once ask for one number."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from billing_site.core.errors import BillingError
from billing_site.identity.roles import Role
from subscribers.models import NumberAssignment, NumberHold, Subscription
from subscribers.operations.numbers import hold_number
from subscribers.operations.subscriptions import activate_subscription
from tests.factories.identity import make_centre, make_staff
from tests.factories.subscribers import NOW, START, make_account, make_range
from tests.factories.tariffs import make_plan

CLERKS = 50
FIRST = "99910400000"


def all_at_once(act):
    """Run ``act(n)`` in fifty threads that start together; return what each was told."""
    gate = Barrier(CLERKS)

    def run(n):
        gate.wait()
        try:
            act(n)
        except BillingError as refusal:
            return refusal.message
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(CLERKS) as pool:
        return Counter(pool.map(run, range(CLERKS)))


@pytest.fixture(scope="module")
def counter(fresh_database):
    centre = make_centre()
    make_range(first=FIRST, count=2, centre=centre)
    return centre


def test_one_of_fifty_clerks_gets_the_number_and_no_half_made_line_stays(counter):
    """001-07: 1 gets it, 49 get "already taken" and no half-made order."""
    accounts = [make_account(centre=counter).pk for _ in range(CLERKS)]
    plan = make_plan()

    told = all_at_once(
        lambda n: activate_subscription(
            account_id=accounts[n], plan_id=plan.pk, active_from=START, number=FIRST, at=NOW, actor=None
        )
    )

    assert told == {"done": 1, f"{FIRST} is already taken.": CLERKS - 1}
    assert NumberAssignment.objects.filter(number=FIRST).count() == 1
    assert Subscription.objects.filter(account__in=accounts).count() == 1


def test_one_of_fifty_clerks_is_promised_the_number(counter):
    number = f"{FIRST[:-1]}1"
    clerks = [make_staff(Role.CLERK, centre=counter) for _ in range(CLERKS)]

    told = all_at_once(lambda n: hold_number(number=number, at=NOW, actor=clerks[n]))

    winner = NumberHold.objects.get(number__number=number).held_by
    assert told["done"] == 1
    assert sum(told.values()) == CLERKS
    assert all(f"{number} is already taken: {winner}" in sentence for sentence in told if sentence != "done")
