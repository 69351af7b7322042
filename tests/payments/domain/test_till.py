"""What a till reckons: chosen bills, their share of each payment."""

from functools import partial

import pytest
from hypothesis import given, settings, strategies as st

from payments.domain.allocation import Debt
from payments.domain.till import (
    BillPart,
    choose_bills,
    expected_in_till,
    preview_payment,
    share_chosen,
)

minors = st.integers(min_value=1, max_value=10_000)
debt_lists = st.lists(minors, max_size=6).map(
    lambda amounts: [Debt(invoice_id=n, amount_minor=minor) for n, minor in enumerate(amounts)]
)


@settings(max_examples=50)
@given(
    payable=debt_lists,
    disputed=debt_lists,
    choice=st.tuples(st.sets(st.integers(0, 6)), st.sets(st.integers(0, 6), max_size=2)),
    amount=minors,
    advance=st.integers(0, 5000),
)
def test_preview_spends_what_it_can_and_the_chosen_first(payable, disputed, choice, amount, advance):
    chosen, chosen_disputed = choice
    wish = {
        "payable": payable,
        "disputed": disputed,
        "chosen": chosen,
        "chosen_disputed": chosen_disputed,
        "amount_minor": amount,
    }
    preview = preview_payment(**wish, advance_minor=advance)
    used = {part.invoice_id: part.amount_minor for part in preview.parts}
    picked = choose_bills(**wish)
    plain = {debt.invoice_id: debt.amount_minor for debt in payable}
    frozen = {debt.invoice_id: debt.amount_minor for debt in disputed if debt.invoice_id in chosen_disputed}

    assert sum(used.values()) + preview.advance_minor == amount
    assert all(used[pk] >= minor for pk, minor in picked.items())
    # What is disputed is paid where it was chosen alone, after the rest of its bill.
    assert all(minor <= plain.get(pk, 0) + frozen.get(pk, 0) for pk, minor in used.items())
    # Nothing is left of it while more is owed than the older advance pays.
    owed = sum(plain.values()) - sum(min(minor, plain.get(pk, 0)) for pk, minor in used.items())
    assert preview.advance_minor == 0 or owed <= advance


@settings(max_examples=50)
@given(amounts=st.lists(minors, min_size=1, max_size=4), chosen=st.dictionaries(st.integers(1, 9), minors, max_size=4))
def test_chosen_bills_are_shared_over_the_payments_to_the_last_unit(amounts, chosen):
    if sum(chosen.values()) > sum(amounts):
        with pytest.raises(ValueError, match="More is chosen"):
            share_chosen(amounts=amounts, chosen=chosen)
        return
    shares = share_chosen(amounts=amounts, chosen=chosen)

    assert all(sum(share.values()) <= amount for share, amount in zip(shares, amounts, strict=True))
    together = {bill: sum(share.get(bill, 0) for share in shares) for bill in chosen}
    assert together == chosen


def test_disputed_part_is_paid_only_by_choice():
    """D4, D13: of bill 1 40 of 100 are disputed; what is beyond all the rest is the payer's advance."""
    payable = [Debt(invoice_id=n, amount_minor=minor) for n, minor in ((1, 60), (2, 50))]
    disputed = [Debt(invoice_id=1, amount_minor=40)]
    preview = partial(preview_payment, payable=payable, disputed=disputed, amount_minor=120)

    left = preview(chosen=(1,), chosen_disputed=())
    paid = preview(chosen=(), chosen_disputed=(1,))

    assert left.parts == (BillPart(invoice_id=1, amount_minor=60), BillPart(invoice_id=2, amount_minor=50))
    assert left.advance_minor == 10
    assert paid.parts == (BillPart(invoice_id=1, amount_minor=100), BillPart(invoice_id=2, amount_minor=20))


def test_drawer_holds_float_and_what_came_in_less_what_went_out():
    taken, back = {"CASH": 500, "CARD": 40}, {"CASH": 120}

    assert expected_in_till(float_minor=1000, taken=taken, given_back=back) == {"CASH": 1380, "CARD": 40}
    assert expected_in_till(float_minor=0, taken={}, given_back={}) == {"CASH": 0}
