from datetime import UTC, datetime, timedelta

from subscribers.queries.holders import account_cuts, find_holder, find_plan_id, held_numbers
from tests.factories.subscribers import NOW, START


def test_find_holder_from_the_first_instant_to_before_the_last(ani):
    first = ani.line.numbers.get().during.lower
    found = find_holder(ani.number, at=first)
    assert found is not None
    assert (found.subscription_id, found.account_id, found.bill_day) == (ani.line.pk, ani.account.pk, 1)
    assert find_holder(ani.number, at=first - timedelta(microseconds=1)) is None
    assert find_holder("99910999999", at=NOW) is None


def test_find_plan_id_before_the_line_began_is_none(ani):
    plan_id = ani.line.plans.get().plan_id
    assert find_plan_id(subscription_id=ani.line.pk, on=START) == plan_id
    assert find_plan_id(subscription_id=ani.line.pk, on=START - timedelta(days=1)) is None


def test_held_numbers_of_nobody_are_none(ani):
    assert held_numbers(subscription_id=ani.line.pk) == (ani.number,)
    assert held_numbers(subscription_id=-1) == ()
    assert find_holder(ani.number, at=datetime(2019, 1, 1, tzinfo=UTC)) is None


def test_account_cuts_share_the_subscriptions_out(ani):
    """No cut for one piece; otherwise sorted accounts, each once, fewer than the pieces."""
    assert account_cuts(pieces=1) == []
    assert account_cuts(pieces=3) == [ani.account.pk]
