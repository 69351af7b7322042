"""Bills outside their bounds: set aside, decided about by name, or caught up with."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from billing_site.audit.models import AuditEntry
from invoicing.models import BillBound, BillRun, Invoice, ParkedAccount
from invoicing.operations.bill_run_parked import (
    AccountDecidedAlready,
    DecisionReasonMissing,
    RunNotPosted,
    RunNotUnderReview,
    StillOutOfBounds,
    accept_parked_account,
    catch_up_bill_run,
    recalculate_parked_account,
)
from invoicing.operations.bill_run_planning import NobodyInRule
from invoicing.operations.bill_run_posting import post_bill_run
from rating.models import UsageTotal
from subscribers.models import Account, Subscription
from tests.factories.invoicing import DUE, ISSUED, bill_cycle, calculate, do_all, make_usage_total, poster, starter
from tests.factories.subscribers import make_account, make_cycle, make_line

APRIL = {"issued_on": date(2026, 4, 1), "due_on": date(2026, 4, 21)}
MARCH = date(2026, 3, 1)


@pytest.fixture
def lines(db) -> list[Subscription]:
    """Three accounts; of the second there is a first bill of 1,200, and a second one many times that."""
    lines = [make_line(account=make_account()) for _ in range(3)]
    bill_cycle(make_cycle())
    BillBound.objects.create(category="HOME", times=3, floor_minor=2000)
    make_usage_total(lines[1], amount_micro=50_000_000_000, bill_period=MARCH)
    return lines


def run_of_march() -> BillRun:
    return calculate(make_cycle(), **APRIL)


def decide(run: BillRun, line: Subscription, *, by=accept_parked_account, reason: str = "He called Mars.") -> None:
    by(run_id=run.pk, account_id=line.account_id, actor=starter(), reason=reason)


def counts(run: BillRun) -> tuple[int, int, int, int]:
    run.refresh_from_db()
    return run.billed_count, run.parked_count, run.skipped_count, run.gross_minor


def test_bill_many_times_the_usual_one_is_set_aside_and_the_others_go_on(lines):
    run = run_of_march()

    (parked,) = ParkedAccount.objects.all()
    assert (parked.account_id, parked.reason) == (lines[1].account_id, "UNUSUALLY_HIGH")
    assert (parked.gross_minor, parked.usual_minor, parked.outcome) == (61_200, 1_200, "")
    assert counts(run) == (2, 1, 0, 2_400)
    assert Invoice.objects.filter(run_id=run.pk).count() == 2


def test_bounds_are_those_of_the_time_of_planning(lines):
    BillBound.objects.update(times=100)

    assert counts(run_of_march()) == (3, 0, 0, 63_600)


@pytest.mark.parametrize(("amount", "reason"), [(-1_000_000_000, "ZERO_BILL"), (-9_000_000_000, "NEGATIVE_BILL")])
def test_bill_of_nothing_or_less_is_set_aside_where_the_category_says_so(lines, amount, reason):
    BillBound.objects.update(parks_zero=True, parks_negative=True)
    make_usage_total(lines[0], amount_micro=amount, bill_period=MARCH)

    run_of_march()

    assert ParkedAccount.objects.get(account_id=lines[0].account_id).reason == reason


def test_usage_older_than_the_run_says_is_set_aside_until_somebody_decides(lines, settings):
    """Nothing older than so many days without a word: the age of the run's planning counts."""
    BillBound.objects.update(times=None)
    settings.SALDO_USAGE_MAX_AGE_DAYS = 30
    run = run_of_march()

    (parked,) = ParkedAccount.objects.all()
    assert (parked.account_id, parked.reason, parked.gross_minor) == (lines[1].account_id, "OLD_USAGE", 61_200)
    assert counts(run) == (2, 1, 0, 2_400)
    decide(run, lines[1])
    assert counts(run) == (3, 0, 0, 63_600)


def test_accepted_account_is_billed_as_it_is_in_the_same_run(lines):
    run = run_of_march()

    decide(run, lines[1])

    assert counts(run) == (3, 0, 0, 63_600)
    parked = ParkedAccount.objects.get()
    assert (parked.outcome, parked.decided_by, parked.decision) == ("ACCEPTED", starter(), "He called Mars.")
    act = AuditEntry.objects.get(action="invoicing.accept_parked_account")
    assert act.changes == {"account": lines[1].account.number, "was": "UNUSUALLY_HIGH", "reason": "He called Mars."}


def test_accepted_account_is_numbered_in_the_order_of_accounts(lines):
    run = run_of_march()
    decide(run, lines[1])

    post_bill_run(run_id=run.pk, posted_by=poster())
    do_all("invoicing.post_chunk")

    numbers = Invoice.objects.filter(run_id=run.pk).order_by("account_id").values_list("number", flat=True)
    assert list(numbers) == [f"INV-2026-00000{n}" for n in (4, 5, 6)]


def test_mended_account_is_calculated_again(lines):
    run = run_of_march()
    UsageTotal.objects.filter(bill_period=MARCH).update(amount_micro=500_000_000)

    decide(run, lines[1], by=recalculate_parked_account, reason="The file was counted twice.")

    assert ParkedAccount.objects.get().outcome == "MENDED"
    assert counts(run) == (3, 0, 0, 4_200)


def test_account_that_was_not_mended_stays_set_aside(lines):
    run = run_of_march()

    with pytest.raises(StillOutOfBounds, match="Many times"):
        decide(run, lines[1], by=recalculate_parked_account)

    assert counts(run) == (2, 1, 0, 2_400)
    assert Invoice.objects.filter(run_id=run.pk).count() == 2


def test_account_whose_data_cannot_be_billed_cannot_be_accepted(lines):
    Account.objects.filter(pk=lines[2].account_id).update(currency="USD")
    run = run_of_march()

    with pytest.raises(StillOutOfBounds, match="USD"):
        decide(run, lines[2])

    assert counts(run) == (1, 2, 0, 1_200)


@pytest.mark.parametrize("by", [accept_parked_account, recalculate_parked_account])
def test_decision_without_a_reason_twice_or_after_posting_is_refused(lines, by):
    run = run_of_march()
    with pytest.raises(DecisionReasonMissing):
        decide(run, lines[1], by=by, reason=" ")
    decide(run, lines[1])
    with pytest.raises(AccountDecidedAlready):
        decide(run, lines[1], by=by)
    post_bill_run(run_id=run.pk, posted_by=poster())
    with pytest.raises(RunNotUnderReview):
        decide(run, lines[1], by=by)

    assert counts(run) == (3, 0, 0, 63_600)


def test_database_refuses_a_decision_of_nobody(lines):
    run_of_march()

    with pytest.raises(IntegrityError, match="decided_by_somebody"), transaction.atomic():
        ParkedAccount.objects.update(outcome="ACCEPTED")


def test_account_left_open_is_caught_up_with_after_posting(lines):
    run = run_of_march()
    post_bill_run(run_id=run.pk, posted_by=poster())
    do_all("invoicing.post_chunk")
    BillBound.objects.update(times=None)

    small = catch_up_bill_run(run_id=run.pk, issued_on=date(2026, 4, 3), due_on=date(2026, 4, 23), started_by=starter())
    do_all("invoicing.calculate_chunk")
    post_bill_run(run_id=small.pk, posted_by=poster())
    do_all("invoicing.post_chunk")

    small.refresh_from_db()
    assert (small.kind, small.state, small.billed_count, small.gross_minor) == ("CATCH_UP", "POSTED", 1, 61_200)
    assert small.period_from == MARCH
    with pytest.raises(NobodyInRule):
        catch_up_bill_run(run_id=run.pk, issued_on=ISSUED, due_on=DUE, started_by=starter())


def test_run_that_is_not_posted_is_not_caught_up_with(lines):
    run = run_of_march()

    with pytest.raises(RunNotPosted):
        catch_up_bill_run(run_id=run.pk, issued_on=ISSUED, due_on=DUE, started_by=starter())

    assert BillRun.objects.count() == 2
