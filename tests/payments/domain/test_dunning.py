"""Which step is due: DUNNING-1."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from payments.domain.dunning import Action, Ladder, Obstacle, Rung, Standing, foresee_step

TODAY = date(2026, 3, 5)
RUNGS = (
    Rung(n=1, after_days=5, minimum_minor=0, action=Action.REMINDER),
    Rung(n=2, after_days=15, minimum_minor=0, action=Action.REMINDER),
    Rung(n=3, after_days=20, minimum_minor=5000, action=Action.RESTRICTION),
    Rung(n=4, after_days=60, minimum_minor=0, action=Action.COLLECTION),
)


def ladder(**changes):
    return Ladder(
        **{"policy_id": 1, "minimum_minor": 100, "grace_days": 0, "excludes_key": True, "rungs": RUNGS, **changes}
    )


def overdue(days, minor=1000, **fields):
    return Standing(overdue_minor=minor, oldest_due_on=TODAY - timedelta(days=days), **fields)


def ahead(days):
    return TODAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("standing", "changes", "n", "on", "obstacle"),
    [
        (overdue(5), {}, 1, TODAY, None),
        (overdue(4), {}, 1, ahead(1), Obstacle.NOT_YET),
        (overdue(90), {}, 1, TODAY, None),
        (overdue(90, last_n=1, last_on=ahead(-1)), {}, 2, ahead(9), Obstacle.NOT_YET),
        (overdue(90, last_n=1, last_on=ahead(-10)), {}, 2, TODAY, None),
        (overdue(90, last_n=2, last_on=ahead(-45)), {}, 4, TODAY, None),
        (overdue(90, 5000, last_n=2, last_on=ahead(-5)), {}, 3, TODAY, None),
        (overdue(90, last_n=4, last_on=ahead(-30)), {}, None, None, Obstacle.LADDER_ENDED),
        (overdue(90, 99), {}, None, None, Obstacle.BELOW_MINIMUM),
        (overdue(90, is_key=True), {}, None, None, Obstacle.KEY_ACCOUNT),
        (overdue(90, is_key=True), {"excludes_key": False}, 1, TODAY, None),
        (overdue(8), {"grace_days": 5}, 1, ahead(2), Obstacle.NOT_YET),
        (overdue(8, was_reminded=True), {"grace_days": 5}, 1, TODAY, None),
        (overdue(8, promised_until=TODAY), {}, 1, ahead(1), Obstacle.PROMISED),
        (overdue(8, promised_until=ahead(-1)), {}, 1, TODAY, None),
        (overdue(8, left_out_until=ahead(3)), {}, 1, ahead(4), Obstacle.LEFT_OUT),
        (overdue(8, left_out_until=date.max), {}, 1, None, Obstacle.LEFT_OUT),
        (Standing(overdue_minor=0, oldest_due_on=None), {}, None, None, Obstacle.NOTHING_OVERDUE),
    ],
)
def test_next_step_of_an_account(standing, changes, n, on, obstacle):
    found = foresee_step(ladder=ladder(**changes), standing=standing, today=TODAY)

    assert (found.rung.n if found.rung else None, found.on, found.obstacle) == (n, on, obstacle)
    assert found.is_due == (n is not None and obstacle is None)


def test_nothing_is_due_without_a_policy():
    assert foresee_step(ladder=None, standing=overdue(90), today=TODAY).obstacle is Obstacle.NO_POLICY


@given(
    first=st.integers(min_value=0, max_value=200),
    minor=st.integers(min_value=100, max_value=10_000),
    grace=st.integers(min_value=0, max_value=20),
)
def test_ladder_walked_day_by_day_takes_each_step_once_and_keeps_its_distances(first, minor, grace):
    """004-13: whatever the debt's age when dunning begins, no step comes twice and none before its time."""
    last_n, last_on, taken = 0, None, []
    for day in range(120):
        standing = overdue(first, minor, last_n=last_n, last_on=last_on)
        found = foresee_step(ladder=ladder(grace_days=grace), standing=standing, today=ahead(day))
        if found.is_due and found.rung is not None:
            last_n, last_on = found.rung.n, ahead(day)
            taken.append((found.rung, day))

    assert [rung.n for rung, _ in taken] == [rung.n for rung in RUNGS if rung.minimum_minor <= minor]
    for (before, day), (after, later) in itertools.pairwise(taken):
        assert later - day >= after.after_days - before.after_days
    assert all(first + day >= rung.after_days for rung, day in taken)
