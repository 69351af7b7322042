"""Staff over their minutes, operations out of the ordinary, errors: 000-16, 001-23, 001-31, 001-33."""

from datetime import UTC, date, datetime, timedelta

import pytest

from billing_site.audit.models import AuditEntry
from billing_site.core import clock
from billing_site.identity.roles import VERBS
from payments.models import OperationReview
from payments.operations.operation_reviews import OwnOperation, ReviewFinished, review_operation
from payments.operations.reversals import reverse_payment
from reports.queries.rules import ORDINARY, RULES, TELLING
from subscribers.operations.staff_lines import StaffLineAlreadyHeld, end_staff_line, give_staff_line
from tests.architecture.test_names import recorded_acts
from tests.factories.dunning import make_debt
from tests.factories.payments import make_invoice, make_network, pay
from tests.factories.records import Call, make_records
from tests.reports.asking import ask, plain, rows_of

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
MORNING = datetime(2026, 3, 5, 5, tzinfo=UTC)


def test_who_used_exactly_his_minutes_is_not_listed(ani, najla):
    """000-16: with exactly the allowance not, with one second more; calls before he had the number are not his."""
    given = [
        give_staff_line(
            subscription_id=person.line.pk, employee=name, allowance_seconds=600, from_on=date(2026, 3, 2), actor=None
        )
        for person, name in ((ani, "Exact"), (najla, "Over"))
    ]
    early = datetime(2026, 3, 1, 10, tzinfo=UTC)
    calls = [
        Call(line=person.line, start_at=at, seconds=seconds, micro=seconds * 1000)
        for person, at, seconds in ((ani, early, 900), (ani, MORNING, 600), (najla, MORNING, 600), (najla, MORNING, 1))
    ]
    make_records(calls)

    assert [row[1:] for row in rows_of("staff-use", FIRST, LAST)] == [("Over", "", najla.number, 600, 601, 1, 601_000)]
    assert rows_of("staff-use", FIRST, LAST, department_id=4711) == []
    hall = najla.account.centre
    summed = ask("staff-use-by-centre", FIRST, LAST)
    assert [plain(row)[1:] for row in summed.rows] == [(hall.names["en"], 1, 600, 601, 1, 601_000)]
    assert [one.asked for one in summed.drills if one] == [{"month": "2026-03", "centre": hall.pk}]
    with pytest.raises(StaffLineAlreadyHeld):
        give_staff_line(
            subscription_id=ani.line.pk, employee="Two", allowance_seconds=1, from_on=date(2026, 4, 1), actor=None
        )
    end_staff_line(staff_line_id=given[1].pk, until_on=date(2026, 3, 4), actor=None)
    assert rows_of("staff-use", FIRST, LAST) == []


@pytest.fixture
def taken_back(ani, clerk):
    """A clerk took a payment back."""
    found = pay(ani.account.number, "50", network=make_network(), txn_id="1", received_at=MORNING)
    reverse_payment(
        payment_id=found.payment_id, kind="CANCELLED", reason="Typed twice", reversed_at=MORNING, actor=clerk
    )
    return AuditEntry.objects.get(action="payments.reverse_payment")


def test_operation_out_of_the_ordinary_is_seen_and_put_right(taken_back, clerk, supervisor, centre):
    """001-31: by hall, with the rule broken, who saw it and how it was put right; never by who did it."""
    today = clock.machine_now().astimezone(clock.operator_zone()).date()
    whose = {"department_id": centre.department_id}
    (row,) = rows_of("non-standard-operations", today, today, **whose)
    assert (row[0], row[1], row[4:]) == (
        "Hall HALL-1",
        "payments.reverse_payment",
        ("Clerk", None, None, None, None, ""),
    )
    with pytest.raises(OwnOperation):
        review_operation(entry_id=taken_back.pk, at=MORNING, actor=clerk)
    assert not OperationReview.objects.exists()
    review_operation(entry_id=taken_back.pk, at=MORNING, actor=supervisor)
    with pytest.raises(ReviewFinished):
        review_operation(entry_id=taken_back.pk, at=MORNING, actor=supervisor)
    review_operation(entry_id=taken_back.pk, at=MORNING, actor=supervisor, correction="The clerk was shown the keys")

    (row,) = rows_of("non-standard-operations", today, today, **whose)
    assert row[5:] == ("Supervisor", MORNING, "Supervisor", MORNING, "The clerk was shown the keys")
    assert [one and one.args for one in ask("non-standard-operations", today, today).drills] == [(taken_back.pk,)]


def test_operations_are_found_on_the_days_of_the_operators_clock(taken_back, centre):
    """The journal is stamped by the machine; in a rehearsal its acts are those of the rehearsal's days."""
    kept = clock._settings.offset_source
    clock.configure(offset_source=lambda: timedelta(days=-300))
    try:
        today = clock.today()
        assert len(rows_of("non-standard-operations", today, today, department_id=centre.department_id)) == 1
        machine = clock.machine_now().astimezone(clock.operator_zone()).date()
        assert rows_of("non-standard-operations", machine, machine) == []
    finally:
        clock.configure(offset_source=kept)


def test_every_act_whose_name_gives_it_away_has_its_rule():
    """001-31: new acts that take back, give away or go past a check are not forgotten; each listed one exists."""
    acts = set(recorded_acts()) | {verb for verbs in VERBS.values() for verb in verbs if ".view_" not in verb}
    telling = {act for act in acts if TELLING & set(act.partition(".")[2].split("_"))}

    assert RULES.keys() <= acts
    assert sorted(telling - RULES.keys() - ORDINARY) == []
    assert telling >= ORDINARY


def test_errors_and_disputes_are_for_every_10_000_bills(ani, najla, specialist):
    """001-33: of the bills of a month, those of nothing too; without a bill there is no rate."""
    make_debt(ani.account, 1000, due_on=date(2026, 3, 4))
    make_invoice(najla.account, gross_minor=0, due_on=date(2026, 3, 4))
    months = rows_of("error-rate", FIRST, LAST)

    assert months[-1] == ("2026-03", 2, 0, 0, 0, 0, 0)
    assert months[0][1:4] == (0, 0, None)
