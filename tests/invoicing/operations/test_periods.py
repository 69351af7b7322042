"""
Row 001-03: an accounting period has steps with owner, deadline and proof; it is not closed while one is open; after
closing nothing in it changes; opening it again has a reason and two names.
"""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from billing_site.audit.models import AuditEntry
from billing_site.identity.roles import Role
from billing_site.ledger.closing import PeriodNotOver, get_closed_through
from billing_site.ledger.models import AccountingPeriod, PeriodReopening
from billing_site.ledger.periods import (
    PeriodExists,
    PeriodNotLast,
    PeriodOutOfTurn,
    ReopeningAskedAlready,
    ReopeningByOnePerson,
    ReopeningNotAsked,
    ReopeningReasonMissing,
)
from invoicing.models import Invoice, PeriodStep
from invoicing.operations.bill_run_posting import BooksClosed, post_bill_run
from invoicing.operations.periods import (
    PeriodHasOpenSteps,
    PeriodIsClosed,
    StepDoneAlready,
    StepNotDone,
    StepNotYours,
    StepOwnerUnsound,
    StepProvesItself,
    WithdrawalReasonMissing,
    approve_reopening,
    ask_reopening,
    assign_period_step,
    close_period,
    complete_period_step,
    decline_reopening,
    open_period,
    prove_period_steps,
    withdraw_period_step,
)
from invoicing.queries.periods import find_period_to_close_first, open_steps, steps_of_period
from invoicing.queries.readiness import period_to_bill
from subscribers.models import BillCycle
from tests.factories.identity import make_staff
from tests.factories.invoicing import calculate, pay, poster
from tests.factories.subscribers import make_account, make_cycle, make_line

pytestmark = pytest.mark.django_db
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
TODAY = date(2026, 3, 5)
AT = datetime(2026, 3, 5, 8, tzinfo=UTC)
BY_WORD = {"BANK_MATCHED"}


@pytest.fixture
def period(accountant) -> AccountingPeriod:
    return open_period(month=FEBRUARY, actor=accountant)


def say_done(period: AccountingPeriod, person) -> None:
    for step in PeriodStep.objects.filter(period=period, check_code="", done_at__isnull=True):
        complete_period_step(step_id=step.pk, note="seen", at=AT, actor=person)


def close(period: AccountingPeriod, person) -> AccountingPeriod:
    return close_period(period_id=period.pk, on=TODAY, at=AT, actor=person)


def closed(period: AccountingPeriod, person) -> AccountingPeriod:
    say_done(period, person)
    return close(period, person)


def test_period_has_steps_with_owner_and_deadline_taken_over_by_the_next(period, accountant):
    step = PeriodStep.objects.get(period=period, code="BANK_MATCHED")
    assert (step.role, step.due_on, step.names["en"]) == ("ACCOUNTANT", date(2026, 3, 7), "Bank matched")
    assign_period_step(
        step_id=step.pk,
        role=Role.ACCOUNTANT,
        person_id=accountant.pk,
        due_on=date(2026, 3, 9),
        allowed_count=0,
        actor=accountant,
    )
    with pytest.raises(PeriodExists):
        open_period(month=date(2026, 2, 17), actor=accountant)
    march = open_period(month=MARCH, actor=accountant)

    taken = PeriodStep.objects.get(period=march, code="BANK_MATCHED")
    assert (taken.person, taken.due_on) == (accountant, date(2026, 4, 9))
    assert PeriodStep.objects.filter(period=march).count() == PeriodStep.objects.filter(period=period).count()


def test_closing_is_refused_with_the_list_of_what_is_open_and_nothing_is_written(period, accountant):
    with pytest.raises(PeriodHasOpenSteps) as refused:
        close(period, accountant)

    assert {one.step.code for one in refused.value.steps} == BY_WORD
    assert "Bank matched" in str(refused.value.message)
    period.refresh_from_db()
    assert (period.state, get_closed_through()) == ("OPEN", date(1999, 12, 31))
    assert not PeriodStep.objects.filter(done_at__isnull=False).exists()
    assert not AuditEntry.objects.filter(action="invoicing.close_period").exists()


def test_open_run_and_waiting_bills_keep_a_period_open(accountant):
    """A run that is not posted, bills not delivered, a cycle not billed: each is named."""
    make_line(account=make_account())
    calculate(make_cycle())
    march = open_period(month=MARCH, actor=accountant)
    on = date(2026, 4, 3)
    named = {one.step.code: str(one.work.sentence) for one in open_steps(period=march, on=on)}
    assert named["BILLS_POSTED"] == "1 bill runs are not posted, 0 cycles are not billed."
    april = open_period(month=date(2026, 4, 1), actor=accountant)
    named = {one.step.code: str(one.work.sentence) for one in open_steps(period=april, on=date(2026, 5, 3))}

    assert named["BILLS_POSTED"] == "1 bill runs are not posted, 1 cycles are not billed."


def test_lines_held_above_the_limit_keep_a_period_open(period, accountant):
    step = PeriodStep.objects.get(period=period, code="RATED")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rating_setasideline (file_id, line_number, outcome, reason, detail, raw, calling, called,"
            " start_at) SELECT 1, n, 'QUARANTINED', 'NO_OWNER', '{}', '', '', '', '2026-02-10 10:00+00'"
            " FROM generate_series(1, 3) n"
        )
    say_done(period, accountant)
    with pytest.raises(PeriodHasOpenSteps, match="3 lines of usage wait in quarantine"):
        close(period, accountant)
    limit = {"role": step.role, "due_on": step.due_on, "actor": accountant}
    assign_period_step(step_id=step.pk, allowed_count=2, **limit)
    with pytest.raises(PeriodHasOpenSteps):
        close(period, accountant)
    assign_period_step(step_id=step.pk, allowed_count=3, **limit)

    assert close(period, accountant).is_closed


def test_step_is_done_by_its_owner_and_taken_back_with_a_reason(period, accountant, specialist):
    step = PeriodStep.objects.get(period=period, code="BANK_MATCHED")
    other = make_staff(Role.ACCOUNTANT, username="second-accountant")
    with pytest.raises(StepNotYours):
        complete_period_step(step_id=step.pk, note="", at=AT, actor=specialist)
    terms = {"step_id": step.pk, "due_on": step.due_on, "allowed_count": 0, "actor": accountant}
    with pytest.raises(StepOwnerUnsound):
        assign_period_step(role=Role.MANAGER, person_id=other.pk, **terms)
    assign_period_step(role=Role.ACCOUNTANT, person_id=other.pk, **terms)
    with pytest.raises(StepNotYours):
        complete_period_step(step_id=step.pk, note="", at=AT, actor=accountant)
    complete_period_step(step_id=step.pk, note="statement 12", at=AT, actor=other)
    with pytest.raises(StepDoneAlready):
        complete_period_step(step_id=step.pk, note="", at=AT, actor=other)
    with pytest.raises(WithdrawalReasonMissing):
        withdraw_period_step(step_id=step.pk, reason=" ", actor=other)
    withdraw_period_step(step_id=step.pk, reason="a line was missing", actor=other)
    with pytest.raises(StepNotDone):
        withdraw_period_step(step_id=step.pk, reason="again", actor=other)

    step.refresh_from_db()
    assert (step.done_at, step.done_by, step.note) == (None, None, "")
    assert AuditEntry.objects.filter(action="invoicing.withdraw_period_step").count() == 1


def test_step_that_proves_itself_is_nobodys_word_and_is_written_when_proved(period, accountant):
    step = PeriodStep.objects.get(period=period, code="RATED")
    with pytest.raises(StepProvesItself):
        complete_period_step(step_id=step.pk, note="", at=AT, actor=accountant)
    assert prove_period_steps(period_id=period.pk, on=date(2026, 2, 20), at=AT) == 0
    assert prove_period_steps(period_id=period.pk, on=TODAY, at=AT) == 8

    step.refresh_from_db()
    assert (step.done_at, step.done_by) == (AT, None)
    late = {one.step.code for one in steps_of_period(period=period, on=date(2026, 3, 8)) if one.is_late}
    assert late == {"BANK_MATCHED"}


def test_period_is_closed_in_turn_and_not_before_it_is_over(period, accountant):
    march = open_period(month=MARCH, actor=accountant)
    with pytest.raises(PeriodNotOver):
        close(march, accountant)
    january = open_period(month=JANUARY, actor=accountant)
    say_done(period, accountant)
    with pytest.raises(PeriodOutOfTurn):
        close(period, accountant)
    assert get_closed_through() == date(1999, 12, 31)
    closed(january, accountant)

    assert close(period, accountant).closed_by == accountant
    assert get_closed_through() == date(2026, 2, 28)


def test_nothing_in_a_closed_period_changes(period, accountant):
    """Bills, payments and credits dated inside are refused by the books, steps by theirs."""
    account = make_account(cycle=make_cycle(open_from=JANUARY))
    make_line(account=account)
    run = calculate(make_cycle(), issued_on=date(2026, 2, 28), due_on=TODAY)
    Invoice.objects.filter(run_id=run.pk).update(state="CANCELLED")
    run.state = "CANCELLED"
    run.save()
    BillCycle.objects.update(open_from=MARCH)
    closed(period, accountant)
    run.state = "CALCULATED"
    run.save()
    with pytest.raises(BooksClosed):
        post_bill_run(run_id=run.pk, posted_by=poster())
    for amount in (500, 1):
        with pytest.raises(IntegrityError, match="is closed"), transaction.atomic():
            pay(account, amount, on=date(2026, 2, 28))
    step = PeriodStep.objects.filter(period=period, check_code="").first()
    assert step is not None
    with pytest.raises(PeriodIsClosed):
        withdraw_period_step(step_id=step.pk, reason="too late", actor=accountant)
    with pytest.raises(IntegrityError, match="stay as they are"), transaction.atomic():
        PeriodStep.objects.filter(pk=step.pk).update(note="another")
    with pytest.raises(PeriodIsClosed):
        close(period, accountant)


def test_reopening_has_a_reason_and_two_names(period, accountant):
    manager = make_staff(Role.MANAGER, username="chief")
    with pytest.raises(PeriodNotLast):
        ask_reopening(period_id=period.pk, reason="early", at=AT, actor=accountant)
    closed(period, accountant)
    with pytest.raises(ReopeningReasonMissing):
        ask_reopening(period_id=period.pk, reason=" ", at=AT, actor=accountant)
    wish = ask_reopening(period_id=period.pk, reason="An invoice of the bank came late", at=AT, actor=accountant)
    with pytest.raises(ReopeningAskedAlready):
        ask_reopening(period_id=period.pk, reason="me too", at=AT, actor=manager)
    with pytest.raises(ReopeningByOnePerson):
        approve_reopening(reopening_id=wish.pk, at=AT, actor=accountant)
    assert get_closed_through() == date(2026, 2, 28)
    approve_reopening(reopening_id=wish.pk, at=AT, actor=manager)
    with pytest.raises(ReopeningNotAsked):
        approve_reopening(reopening_id=wish.pk, at=AT, actor=manager)

    period.refresh_from_db()
    assert (period.state, period.closed_by, get_closed_through()) == ("OPEN", None, date(2026, 1, 31))
    kept = PeriodReopening.objects.get(period=period)
    assert (kept.asked_by, kept.approved_by, kept.state) == (accountant, manager, "APPROVED")
    pay(make_account(), 500, on=date(2026, 2, 28))
    assert close(period, accountant).is_closed


def test_only_the_last_closed_period_is_opened_again_and_a_wish_may_be_declined(accountant, approver):
    january = open_period(month=JANUARY, actor=accountant)
    february = open_period(month=FEBRUARY, actor=accountant)
    closed(january, accountant)
    closed(february, accountant)
    wish = ask_reopening(period_id=january.pk, reason="why not", at=AT, actor=accountant)
    with pytest.raises(PeriodNotLast):
        approve_reopening(reopening_id=wish.pk, at=AT, actor=approver)
    decline_reopening(reopening_id=wish.pk, actor=approver)
    with pytest.raises(ReopeningNotAsked):
        decline_reopening(reopening_id=wish.pk, actor=approver)

    assert get_closed_through() == date(2026, 2, 28)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE ledger_accountingperiod SET state = 'OPEN', closed_at = NULL, closed_by_id = NULL",
        "DELETE FROM ledger_accountingperiod",
        "UPDATE ledger_periodreopening SET state = 'APPROVED'",
        "UPDATE ledger_periodreopening SET approved_by_id = asked_by_id",
        "SELECT ledger_reopen_period(id, asked_by_id, now()) FROM ledger_periodreopening",
    ],
)
def test_wall_lets_nobody_open_a_period_alone(period, accountant, attack):
    closed(period, accountant)
    ask_reopening(period_id=period.pk, reason="let me in", at=AT, actor=accountant)
    refused = pytest.raises(DatabaseError, match=r"permission denied|constraint")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)

    assert get_closed_through() == date(2026, 2, 28)


def test_bill_run_can_ask_which_period_is_to_be_closed_before(period, accountant):
    cycle = make_cycle(open_from=MARCH)
    assert find_period_to_close_first(cycle=cycle, period=period_to_bill(cycle=cycle)) == period
    closed(period, accountant)
    assert find_period_to_close_first(cycle=cycle, period=period_to_bill(cycle=cycle)) is None
