"""What changed since the last bill: sentences that add up."""

from hypothesis import given, strategies as st

from invoicing.domain.changes import Cause, Figures, Wording, add_figures, explain_changes

KEYS = st.tuples(st.sampled_from(list(Cause)), st.integers(1, 6))
FIGURES = st.builds(Figures, st.integers(-(10**9), 10**9), st.integers(0, 10**6))
BILLS = st.dictionaries(KEYS, FIGURES, max_size=20)
CALLS, RENT = (Cause.USAGE, 1), (Cause.RENT, 2)


@given(now=BILLS, before=BILLS)
def test_sentences_are_at_most_five_and_add_up_to_the_difference(now, before):
    changes = explain_changes(now=now, before=before)

    difference = sum(one.amount_minor for one in now.values()) - sum(one.amount_minor for one in before.values())
    assert sum(change.amount_minor for change in changes) == difference
    assert len(changes) <= 5


@given(now=BILLS, before=BILLS)
def test_the_largest_causes_come_first_and_every_cause_is_in_one_sentence(now, before):
    changes = explain_changes(now=now, before=before)
    told = [abs(change.amount_minor) for change in changes if change.wording is not Wording.REST]

    assert told == sorted(told, reverse=True)
    moved = [k for k in now.keys() | before.keys() if now.get(k, Figures(0))[0] != before.get(k, Figures(0))[0]]
    assert sum(change.things for change in changes) == len(moved)


@given(bill=BILLS)
def test_equal_bills_have_nothing_to_tell(bill):
    assert explain_changes(now=bill, before=bill) == ()


def test_more_calls_are_told_in_minutes():
    (change,) = explain_changes(now={CALLS: Figures(1210, 1800)}, before={CALLS: Figures(1000, 960)})

    assert (change.wording, change.minutes, change.amount_minor) == (Wording.MORE_MINUTES, 14, 210)


def test_fewer_minutes_that_cost_more_keep_the_sign_of_the_amount():
    (change,) = explain_changes(now={CALLS: Figures(1500, 60)}, before={CALLS: Figures(1000, 600)})

    assert (change.wording, change.minutes, change.amount_minor) == (Wording.FEWER_MINUTES, 9, 500)


def test_what_began_and_what_ended_is_said_so():
    new, gone = explain_changes(now={RENT: Figures(900)}, before={CALLS: Figures(100)})

    assert (new.wording, gone.wording) == (Wording.NEW, Wording.GONE)


def test_lines_of_one_cause_and_item_are_one_thing():
    assert add_figures([(CALLS, Figures(5, 10)), (CALLS, Figures(7, 20))]) == {CALLS: Figures(12, 30)}
