from datetime import date

import pytest

from billing_site.audit.models import AuditEntry
from billing_site.jobs.models import Job, WorkItem
from invoicing.models import BillRun, BillRunChunk
from invoicing.operations.bill_run_planning import (
    BillRunExists,
    ChecksNotPassed,
    DatesOutOfOrder,
    OverrideReasonMissing,
    plan_bill_run,
)
from subscribers.models import BillCycle
from tariffs.models import UsageCategory
from tests.factories.invoicing import DUE, ISSUED, plan_run, starter
from tests.factories.subscribers import make_account, make_cycle, make_line


@pytest.fixture
def cycle(db) -> BillCycle:
    for account in [make_account() for _ in range(3)]:
        make_line(account=account)
    return make_cycle()


def written() -> tuple[int, int, int, int]:
    return BillRun.objects.count(), BillRunChunk.objects.count(), Job.objects.count(), WorkItem.objects.count()


def test_plan_freezes_the_period_and_cuts_it(cycle):
    run = plan_run(cycle)

    cycle.refresh_from_db()
    assert cycle.open_from == date(2026, 3, 1)
    assert (run.period_from, run.period_until, run.usage_through) == (
        date(2026, 2, 1),
        date(2026, 3, 1),
        date(2026, 2, 1),
    )
    assert (run.currency, run.currency_digits, run.rounding_mode, run.state) == ("AMD", 0, "HALF_UP", "PLANNED")
    assert run.reference["bill_items"]
    assert run.reference["tax_rates"]


def test_plan_cuts_the_accounts_into_chunks_with_a_piece_of_work_each(cycle):
    run = plan_run(cycle)

    assert list(run.chunks.order_by("n").values_list("n", "account_count")) == [(1, 2), (2, 1)]
    assert WorkItem.objects.filter(kind="invoicing.calculate_chunk", job=run.job).count() == 2
    assert run.job is not None
    assert run.job.total_units == 3


def test_plan_before_the_period_is_over_is_refused(cycle):
    with pytest.raises(ChecksNotPassed) as refusal:
        plan_run(cycle, issued_on=date(2026, 2, 28))

    assert [finding.code for finding in refusal.value.findings] == ["PERIOD_NOT_OVER"]
    assert written() == (0, 0, 0, 0)
    cycle.refresh_from_db()
    assert cycle.open_from == date(2026, 2, 1)


def test_plan_going_past_a_final_finding_is_refused(cycle):
    with pytest.raises(ChecksNotPassed):
        plan_bill_run(
            cycle_id=cycle.pk,
            issued_on=date(2026, 2, 28),
            due_on=DUE,
            started_by=starter(),
            overridden=["PERIOD_NOT_OVER"],
        )

    assert written() == (0, 0, 0, 0)


def test_plan_with_a_category_without_item_is_refused_by_its_name(cycle):
    UsageCategory.objects.create(code="PREMIUM", names={"en": "Premium lines"})

    with pytest.raises(ChecksNotPassed, match="Premium lines"):
        plan_run(cycle)

    assert written() == (0, 0, 0, 0)


def test_plan_past_a_finding_writes_who_went_past(cycle):
    UsageCategory.objects.create(code="PREMIUM", names={"en": "Premium lines"})

    run = plan_bill_run(
        cycle_id=cycle.pk,
        issued_on=ISSUED,
        due_on=DUE,
        started_by=starter(),
        overridden=["CATEGORY_WITHOUT_ITEM"],
        reason="Nobody sells it yet.",
    )

    passed = {"code": "CATEGORY_WITHOUT_ITEM", "by": "run-starter", "reason": "Nobody sells it yet."}
    assert run.overridden == [passed]
    act = AuditEntry.objects.get(action="invoicing.start_bill_run")
    assert act.changes["overridden"] == ["CATEGORY_WITHOUT_ITEM"]
    assert act.changes["reason"] == "Nobody sells it yet."


def test_plan_past_a_finding_without_a_reason_is_refused(cycle):
    UsageCategory.objects.create(code="PREMIUM", names={"en": "Premium lines"})

    with pytest.raises(OverrideReasonMissing):
        plan_run(cycle, overridden=["CATEGORY_WITHOUT_ITEM"], reason=" ")

    assert written() == (0, 0, 0, 0)


def test_plan_with_a_due_day_before_the_issue_is_refused(cycle):
    with pytest.raises(DatesOutOfOrder):
        plan_run(cycle, due_on=date(2026, 2, 1))

    assert written() == (0, 0, 0, 0)


def test_plan_of_a_period_that_has_a_living_run_is_refused(cycle):
    plan_run(cycle)
    BillCycle.objects.filter(pk=cycle.pk).update(open_from=date(2026, 2, 1))
    before = written()

    with pytest.raises(BillRunExists):
        plan_run(cycle)

    assert written() == before


def test_plan_while_the_run_before_waits_is_refused(cycle):
    plan_run(cycle)

    with pytest.raises(ChecksNotPassed) as refusal:
        plan_run(cycle, issued_on=date(2026, 4, 1), due_on=date(2026, 4, 20))

    assert [finding.code for finding in refusal.value.findings] == ["RUN_BEFORE_UNFINISHED"]


def test_plan_of_a_cycle_without_accounts_is_refused(db):
    with pytest.raises(ChecksNotPassed) as refusal:
        plan_run(make_cycle(code="EMPTY"))

    assert [finding.code for finding in refusal.value.findings] == ["NO_ACCOUNTS"]
    assert written() == (0, 0, 0, 0)
