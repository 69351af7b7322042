"""How much of a debt given up is tax: BAD-DEBT-1."""

from datetime import date, timedelta

from hypothesis import given, strategies as st

from payments.domain.ageing import Ageing, age_amount
from payments.domain.bad_debt import tax_in_debt, tax_in_recovery

DAY = date(2026, 3, 5)
AMOUNTS = st.integers(min_value=0, max_value=10**9)


def test_tax_of_a_whole_bill_and_of_a_part():
    assert tax_in_debt(written_minor=1200, net_minor=1000, taxes_minor=[200]) == (200,)
    assert tax_in_debt(written_minor=100, net_minor=1000, taxes_minor=[150, 50]) == (13, 4)
    assert tax_in_debt(written_minor=100, net_minor=1000, taxes_minor=[-5]) == (0,)


@given(net=AMOUNTS, taxes=st.lists(AMOUNTS, min_size=1, max_size=3), data=st.data())
def test_money_that_comes_in_bit_by_bit_brings_all_of_the_tax(net, taxes, data):
    gross = net + sum(taxes)
    if not gross:
        return
    written = data.draw(st.integers(min_value=1, max_value=gross))
    parts = tax_in_debt(written_minor=written, net_minor=net, taxes_minor=taxes)
    cuts = sorted({*data.draw(st.lists(st.integers(min_value=1, max_value=written), max_size=5)), written})
    came = [
        tax_in_recovery(amount_minor=cut - before, before_minor=before, written_minor=written, taxes_minor=parts)
        for before, cut in zip([0, *cuts], cuts, strict=False)
    ]

    assert sum(parts) <= written
    assert tuple(map(sum, zip(*came, strict=True))) == parts
    assert all(share >= 0 for shares in came for share in shares)


@given(days=st.lists(st.tuples(st.integers(min_value=-40, max_value=400), AMOUNTS), max_size=20))
def test_classes_of_age_add_up(days):
    found = sum((age_amount(minor, due_on=DAY - timedelta(days=n), on=DAY) for n, minor in days), Ageing())

    assert found.total_minor == sum(minor for _, minor in days)
    assert found.overdue_minor == sum(minor for n, minor in days if n > 0)
    assert found.older_minor == sum(minor for n, minor in days if n > 90)
    assert found.to_30_minor == sum(minor for n, minor in days if 0 < n <= 30)
