"""Numbers: ranges, promises, assignments, rest."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from billing_site.core import clock
from billing_site.core.periods import InstantPeriod, midnight_of
from billing_site.db.ranges import instant_period, instants_from
from billing_site.identity.roles import Role
from subscribers.models import NumberAssignment, NumberHold, NumberRange, PhoneNumber
from subscribers.operations import number_ranges
from subscribers.operations.number_ranges import (
    CentreOfAnotherDepartment,
    NumberRangeOverlaps,
    NumberRangeTooLarge,
    NumberRangeUnsound,
    create_number_range,
)
from subscribers.operations.numbers import (
    LineNotInService,
    NumberInQuarantine,
    NumberNotHeld,
    NumberNotOurs,
    NumberPromised,
    assign_number,
    drop_hold,
    free_quarantined_numbers,
    hold_number,
    release_number,
)
from subscribers.operations.subscriptions import terminate_subscription
from subscribers.queries.numbers import free_numbers_for, range_counts, ranges_for
from tests.factories.identity import make_centre, make_department, make_staff
from tests.factories.subscribers import NOW, make_account, make_line, make_range

FIRST = "99910300000"
pytestmark = pytest.mark.django_db


def test_range_is_made_with_all_its_numbers(centre, specialist):
    made = create_number_range(
        first=FIRST,
        last="99910300009",
        area="10",
        use="FIXED",
        department_id=centre.department_id,
        centre_id=centre.pk,
        actor=specialist,
    )

    numbers = list(PhoneNumber.objects.filter(range=made).order_by("number").values_list("number", "state"))
    assert numbers == [(f"9991030000{n}", "FREE") for n in range(10)]


@pytest.mark.parametrize(
    ("first", "last"),
    [("99910", "999100"), ("99911", "99910"), ("+99910", "+99911"), ("١٢٣", "١٢٤"), ("12", "13"), ("1" * 16, "2" * 16)],
)
def test_ends_that_make_no_range_are_refused(centre, first, last):
    with pytest.raises(NumberRangeUnsound):
        create_number_range(
            first=first, last=last, area="10", use="FIXED", department_id=centre.department_id, actor=None
        )

    assert not NumberRange.objects.exists()


def test_range_has_a_limit(centre, monkeypatch):
    monkeypatch.setattr(number_ranges, "MAX_NUMBERS", 9)

    with pytest.raises(NumberRangeTooLarge):
        make_range(first=FIRST, centre=centre)


@pytest.mark.parametrize("first", [FIRST, "99910300009", "99910299991"])
def test_number_belongs_to_one_range(centre, first):
    make_range(first=FIRST, centre=centre)

    with pytest.raises(NumberRangeOverlaps):
        make_range(first=first, centre=centre)

    assert PhoneNumber.objects.count() == 10


def test_range_of_a_centre_of_another_department_is_refused(centre):
    with pytest.raises(CentreOfAnotherDepartment):
        create_number_range(
            first=FIRST,
            last=FIRST,
            area="10",
            use="FIXED",
            department_id=make_department().pk,
            centre_id=centre.pk,
            actor=None,
        )


def test_centre_sees_its_own_ranges_and_the_common_ones(centre, clerk, specialist):
    """001-08: no number of hall B's range appears, and a hand-made request for one is refused."""
    own = make_range(first=FIRST, centre=centre)
    common = make_range(first="99910301000", department=centre.department)
    sister = make_centre(department=centre.department)
    other = make_range(first="99910302000", centre=sister)

    assert list(ranges_for(clerk).order_by("first")) == [own, common]
    assert ranges_for(specialist).count() == 3
    seen = set(free_numbers_for(user=clerk, at=NOW).values_list("range", flat=True))
    assert seen == {own.pk, common.pk}
    with pytest.raises(NumberNotOurs):
        hold_number(number=other.first, at=NOW, actor=clerk)
    with pytest.raises(NumberNotOurs):
        assign_number(
            subscription_id=make_line(account=make_account(centre=centre)).pk,
            number=other.first,
            from_at=NOW,
            at=NOW,
            actor=clerk,
        )
    assert not NumberHold.objects.exists()
    assert not NumberAssignment.objects.exists()


def test_counts_of_a_range_add_up_to_the_range(centre, clerk):
    """001-08: free, used and quarantined counts per range add up to the range."""
    made = make_range(first=FIRST, centre=centre)
    make_line(number=FIRST)
    assignment = NumberAssignment.objects.get(subscription=make_line(number="99910300001"))
    release_number(assignment_id=assignment.pk, at=NOW, actor=None)

    counts = range_counts(user=clerk)[made.pk]

    assert (counts.free, counts.assigned, counts.quarantined, counts.total) == (8, 1, 1, 10)


def test_promise_holds_for_a_quarter_of_an_hour(centre, clerk, supervisor):
    make_range(first=FIRST, centre=centre)
    hold = hold_number(number=FIRST, at=NOW, actor=clerk)
    assert hold.held_until == NOW + timedelta(minutes=15)

    with pytest.raises(NumberPromised) as refused:
        hold_number(number=FIRST, at=NOW + timedelta(minutes=14), actor=supervisor)
    assert "already taken" in refused.value.message
    assert str(clerk) in refused.value.message
    assert FIRST not in free_numbers_for(user=supervisor, at=NOW).values_list("number", flat=True)
    assert FIRST in free_numbers_for(user=clerk, at=NOW).values_list("number", flat=True)
    with pytest.raises(NumberPromised):
        make_line(number=FIRST)

    later = hold_number(number=FIRST, at=NOW + timedelta(minutes=15), actor=supervisor)
    assert later.held_by == supervisor
    assert NumberHold.objects.count() == 1


def test_promise_is_prolonged_and_given_up_by_its_holder(centre, clerk, supervisor):
    make_range(first=FIRST, centre=centre)
    hold_number(number=FIRST, at=NOW, actor=clerk)
    hold_number(number=FIRST, at=NOW + timedelta(minutes=10), actor=clerk)

    assert NumberHold.objects.get().held_until == NOW + timedelta(minutes=25)
    assert not drop_hold(number=FIRST, actor=supervisor)
    assert drop_hold(number=FIRST, actor=clerk)
    assert not NumberHold.objects.exists()


def test_promised_number_goes_to_the_line_and_the_promise_ends(centre, clerk):
    make_range(first=FIRST, centre=centre)
    line = make_line()
    hold_number(number=FIRST, at=NOW, actor=clerk)

    assign_number(subscription_id=line.pk, number=FIRST, from_at=NOW, at=NOW, actor=clerk)

    assert not NumberHold.objects.exists()
    assert PhoneNumber.objects.get(number=FIRST).state == "ASSIGNED"


def test_released_number_rests_before_the_next_holder(centre, clerk):
    make_range(first=FIRST, centre=centre)
    first = NumberAssignment.objects.get(subscription=make_line(number=FIRST))
    release_number(assignment_id=first.pk, at=NOW, actor=clerk)

    with pytest.raises(NumberInQuarantine):
        hold_number(number=FIRST, at=NOW, actor=clerk)
    with pytest.raises(NumberNotHeld):
        release_number(assignment_id=first.pk, at=NOW, actor=clerk)
    assert free_quarantined_numbers(on=date(2026, 6, 2)) == 0
    assert free_quarantined_numbers(on=date(2026, 6, 3)) == 1

    second = make_line(number=FIRST, active_from=date(2026, 6, 3))
    periods = [instant_period(row.during) for row in NumberAssignment.objects.order_by("during")]
    first.refresh_from_db()
    assert periods[0].until == NOW
    assert periods[1] == InstantPeriod(midnight_of(date(2026, 6, 3), zone=clock.operator_zone()))
    assert NumberAssignment.objects.get(subscription=second).number == FIRST


def test_number_that_was_to_begin_later_returns_with_the_line(centre, clerk):
    make_range(first=FIRST, centre=centre)
    line = make_line()
    assign_number(subscription_id=line.pk, number=FIRST, from_at=NOW + timedelta(days=30), at=NOW, actor=clerk)

    terminate_subscription(subscription_id=line.pk, ended_on=date(2026, 3, 6), actor=clerk)

    assert not NumberAssignment.objects.filter(subscription=line).exists()
    assert PhoneNumber.objects.get(number=FIRST).state == "QUARANTINE"


def test_number_goes_to_lines_in_service_only(ani, centre, clerk):
    make_range(first=FIRST, centre=centre)
    terminate_subscription(subscription_id=ani.line.pk, ended_on=date(2026, 3, 1), actor=clerk)

    with pytest.raises(LineNotInService):
        assign_number(subscription_id=ani.line.pk, number=FIRST, from_at=NOW, at=NOW, actor=clerk)

    assert PhoneNumber.objects.get(number=FIRST).state == "FREE"


def test_database_refuses_a_second_holder_even_past_the_operations(ani, najla):
    """001-07: a database constraint refuses a second active assignment even from a shell."""
    with pytest.raises(IntegrityError, match="subscribers_numberassignment_one_holder"), transaction.atomic():
        NumberAssignment.objects.create(number=ani.number, subscription=najla.line, during=instants_from(NOW))

    assert NumberAssignment.objects.filter(number=ani.number).count() == 1


def test_staff_of_two_centres_see_different_numbers(centre, clerk):
    other = make_staff(Role.CLERK)
    make_range(first=FIRST, centre=centre)

    assert free_numbers_for(user=clerk, at=NOW, use="FIXED").count() == 10
    assert free_numbers_for(user=clerk, at=NOW, use="MOBILE").count() == 0
    assert free_numbers_for(user=other, at=NOW).count() == 0
