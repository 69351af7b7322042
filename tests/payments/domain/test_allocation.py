"""Oldest money for the oldest debt."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from billing_site.core.money import split_by_weights
from payments.domain.allocation import Credit, Debt, Part, PlanRest, distribute_oldest_first, lay_in_order

AMOUNTS = st.lists(st.integers(min_value=1, max_value=10_000), max_size=8)


def distribute(money, debts):
    return distribute_oldest_first(
        credits_in_order=[Credit(payment_id=n, amount_minor=a) for n, a in enumerate(money, 1)],
        debts_in_order=[Debt(invoice_id=n, amount_minor=a) for n, a in enumerate(debts, 101)],
    )


def part(payment_id, invoice_id, amount_minor):
    return Part(payment_id=payment_id, invoice_id=invoice_id, amount_minor=amount_minor)


def test_part_payment_closes_the_oldest_and_leaves_the_rest():
    """002-16: debts 10.00 and 15.00, 12.00 paid: the oldest is closed, 13.00 are left."""
    found = distribute([1200], [1000, 1500])

    assert found.parts == (part(1, 101, 1000), part(1, 102, 200))
    assert found.advance_minor == 0


def test_overpayment_closes_both_and_leaves_an_advance():
    """002-17: 100.00 paid after that: both closed, 87.00 advance."""
    found = distribute([1200, 10_000], [1000, 1500])

    assert found.parts == (part(1, 101, 1000), part(1, 102, 200), part(2, 102, 1300))
    assert found.advance_minor == 8700


def test_money_without_debts_is_advance():
    found = distribute([5, 7], [])

    assert found.parts == ()
    assert found.advance_minor == 12


def test_amount_of_nothing_is_refused():
    with pytest.raises(ValueError, match="greater than zero"):
        distribute([0], [10])
    with pytest.raises(ValueError, match="greater than zero"):
        distribute([10], [-1])


@given(money=AMOUNTS, debts=AMOUNTS)
def test_no_payment_and_no_debt_is_used_twice(money, debts):
    found = distribute(money, debts)

    for n, amount in enumerate(money, 1):
        assert sum(p.amount_minor for p in found.parts if p.payment_id == n) <= amount
    for n, amount in enumerate(debts, 101):
        assert sum(p.amount_minor for p in found.parts if p.invoice_id == n) <= amount
    assert sum(p.amount_minor for p in found.parts) + found.advance_minor == sum(money)


@given(money=AMOUNTS, debts=AMOUNTS)
def test_later_debt_waits_until_the_earlier_is_closed(money, debts):
    found = distribute(money, debts)

    touched = [p.invoice_id for p in found.parts]
    assert touched == sorted(touched)
    for n, amount in enumerate(debts, 101):
        if any(p.invoice_id > n for p in found.parts):
            assert sum(p.amount_minor for p in found.parts if p.invoice_id == n) == amount


START = date(2026, 3, 1)
DAYS = st.integers(0, 90).map(lambda n: START + timedelta(days=n))


@given(
    bills=st.lists(st.tuples(st.integers(1, 500), DAYS, st.booleans()), min_size=1, max_size=6),
    part_days=st.lists(DAYS, min_size=1, max_size=4, unique=True).map(sorted),
    last=DAYS,
)
def test_who_pays_what_is_due_by_a_day_has_nothing_due_by_that_day(bills, part_days, last):
    """P-09, 002-16: bills by their days, those of a plan by the days of its parts, whatever is older."""
    debts = [Debt(invoice_id=n, amount_minor=minor) for n, (minor, _day, _is_planned) in enumerate(bills)]
    due_on = {n: day for n, (_minor, day, _is_planned) in enumerate(bills)}
    planned = {n: minor for n, (minor, _day, is_planned) in enumerate(bills) if is_planned}
    amounts = split_by_weights(sum(planned.values()), [1] * len(part_days))
    parts = [(day, minor) for day, minor in zip(part_days, amounts, strict=True) if minor]

    laid = lay_in_order(debts, due_on=due_on, plans=[PlanRest(bills=planned, parts=parts)] if planned else [])

    due_parts = sum(minor for day, minor in parts if day <= last)
    alone = [debt for debt in debts if debt.invoice_id not in planned and due_on[debt.invoice_id] <= last]
    money = due_parts + sum(debt.amount_minor for debt in alone)
    credit = [Credit(payment_id=1, amount_minor=money)] if money else []
    paid = Counter[int]()
    for one in distribute_oldest_first(credits_in_order=credit, debts_in_order=laid).parts:
        paid[one.invoice_id] += one.amount_minor
    assert sum(debt.amount_minor for debt in laid) == sum(debt.amount_minor for debt in debts)
    assert all(paid[debt.invoice_id] == debt.amount_minor for debt in alone)
    assert sum(paid[n] for n in planned) == due_parts
