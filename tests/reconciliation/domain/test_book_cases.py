"""Lines that differ become cases (000-03): each in exactly one, whatever they are."""

from hypothesis import given, strategies as st

from reconciliation.domain.book_cases import ORDER, LineDifference, name_cases

LINES = st.builds(
    LineDifference,
    class_id=st.integers(min_value=1, max_value=4),
    measure=st.just("PAYMENTS"),
    account_number=st.sampled_from("abcd"),
    our_minor=st.integers(min_value=0, max_value=4),
    their_minor=st.integers(min_value=0, max_value=4),
).map(lambda line: line._replace(measure=ORDER[line.class_id - 1]))


@given(st.lists(LINES, unique_by=lambda line: (line.class_id, line.account_number)))
def test_every_line_that_differs_is_in_exactly_one_case(lines):
    differing = [line for line in lines if line.minor]

    cases = name_cases(differing)

    assert sorted(line for case in cases for line in case.lines) == sorted(differing)
    assert all(case.main in case.lines for case in cases)
    keys = [(one.main.class_id, one.main.account_number, one.other_account_number, one.main.minor) for one in cases]
    assert len(set(keys)) == len(keys)


def line(class_id, measure, account, ours, theirs):
    return LineDifference(class_id, measure, account, ours, theirs)


def test_payment_booked_to_another_is_one_case_in_payments_and_balances():
    seen = [
        line(1, "PAYMENTS", "a", 50, 0),
        line(1, "PAYMENTS", "b", 0, 50),
        line(4, "RECEIVABLE", "a", 10, 60),
        line(4, "RECEIVABLE", "b", 80, 30),
    ]

    (case,) = name_cases(seen)

    assert (case.kind, case.main, case.other_account_number) == ("OTHER_SUBSCRIBER", seen[0], "b")
    assert len(case.lines) == 4


def test_advance_booked_as_revenue_wants_the_same_customer_and_amount():
    advance = line(3, "ADVANCE", "a", 50, 0)

    assert [one.kind for one in name_cases([advance, line(2, "REVENUE", "a", 7, 57)])] == ["ADVANCE_AS_REVENUE"]
    assert sorted(one.kind for one in name_cases([advance, line(2, "REVENUE", "b", 7, 57)])) == [
        "MISSING_THERE",
        "OTHER_AMOUNT",
    ]
