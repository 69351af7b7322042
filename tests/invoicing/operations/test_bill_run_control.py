from datetime import date

import pytest

from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.work import drain
from invoicing.models import Invoice
from invoicing.operations.bill_run_control import (
    BillRunNotCancellable,
    BillRunNotLast,
    cancel_bill_run,
    pause_bill_run,
    resume_bill_run,
)
from subscribers.models import BillCycle
from tests.factories.invoicing import bill_cycle, calculate, plan_run, starter
from tests.factories.subscribers import make_account, make_cycle, make_line


@pytest.fixture
def cycle(db) -> BillCycle:
    for _ in range(3):
        make_line(account=make_account())
    return make_cycle()


def test_cancel_throws_the_drafts_away_and_opens_the_period_again(cycle):
    run = calculate(cycle)

    cancel_bill_run(run_id=run.pk, actor=starter())

    cycle.refresh_from_db()
    assert cycle.open_from == date(2026, 2, 1)
    assert set(Invoice.objects.values_list("state", flat=True)) == {"CANCELLED"}


def test_cancel_lets_the_period_be_billed_anew(cycle):
    cancel_bill_run(run_id=calculate(cycle).pk, actor=starter())

    run = bill_cycle(cycle)

    assert (run.state, run.billed_count) == ("POSTED", 3)


def test_cancel_of_a_run_at_work_stops_its_job(cycle):
    run = plan_run(cycle)

    cancel_bill_run(run_id=run.pk, actor=starter())

    assert Job.objects.get(pk=run.job_id or 0).state == "CANCELLED"
    assert drain("invoicing.calculate_chunk") == 0


def test_cancel_after_posting_is_refused(cycle):
    run = bill_cycle(cycle)

    with pytest.raises(BillRunNotCancellable):
        cancel_bill_run(run_id=run.pk, actor=starter())

    run.refresh_from_db()
    assert run.state == "POSTED"
    assert set(Invoice.objects.values_list("state", flat=True)) == {"POSTED"}


def test_cancel_of_a_run_that_is_not_the_last_is_refused(cycle):
    run = calculate(cycle)
    BillCycle.objects.filter(pk=cycle.pk).update(open_from=date(2026, 4, 1))

    with pytest.raises(BillRunNotLast):
        cancel_bill_run(run_id=run.pk, actor=starter())

    assert set(Invoice.objects.values_list("state", flat=True)) == {"DRAFT"}


def test_pause_takes_no_more_pieces_until_resumed(cycle):
    run = plan_run(cycle)
    pause_bill_run(run_id=run.pk, actor=starter())
    assert drain("invoicing.calculate_chunk") == 0

    resume_bill_run(run_id=run.pk, actor=starter())

    assert drain("invoicing.calculate_chunk") == 2


def test_resume_takes_up_pieces_that_were_parked(cycle):
    run = plan_run(cycle)
    WorkItem.objects.filter(job=run.job).update(state="PARKED", attempt=3)

    resume_bill_run(run_id=run.pk, actor=starter())
    drain("invoicing.calculate_chunk")

    run.refresh_from_db()
    assert run.state == "CALCULATED"
