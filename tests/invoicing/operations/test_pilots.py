"""Pilot bill runs: real bills of few accounts; everybody's run leaves them alone (004-15, 004-16, 004-17)."""

from datetime import date

import pytest
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from invoicing.domain.run_rules import AccountRule
from invoicing.models import BillRun, Invoice
from invoicing.operations.bill_run_control import cancel_bill_run
from invoicing.operations.bill_run_planning import (
    AccountsUnknown,
    ChecksNotPassed,
    NobodyInRule,
    OnlySplitPairs,
    PilotNotChecked,
    RuleMissing,
)
from invoicing.queries.readiness import period_to_bill
from rating.models import UsageTotal
from subscribers.models import Account, BillCycle, Subscription
from subscribers.operations.payers import appoint_payer
from tests.factories.identity import make_centre
from tests.factories.invoicing import (
    bill_cycle,
    calculate,
    invoice_of,
    make_usage_total,
    nets_of,
    pay,
    plan_run,
    starter,
)
from tests.factories.subscribers import make_account, make_cycle, make_line

MARCH = date(2026, 3, 1)
CHECKED = "Totals and twenty bills were compared; the halls were told."


@pytest.fixture
def lines(db) -> list[Subscription]:
    return [make_line(account=make_account()) for _ in range(4)]


def rule_of(*lines: Subscription) -> AccountRule:
    return AccountRule(accounts=tuple(line.account.number for line in lines))


def pilot_of(*lines: Subscription) -> BillRun:
    return bill_cycle(make_cycle(), kind="PILOT", rule=rule_of(*lines))


def test_pilot_posts_real_bills_of_its_accounts_alone(lines):
    """004-16: real bills, small group."""
    run = pilot_of(lines[0], lines[2])

    posted = Invoice.objects.filter(state="POSTED").order_by("number")
    assert [(i.account_id, i.number) for i in posted] == [
        (lines[0].account_id, "INV-2026-000001"),
        (lines[2].account_id, "INV-2026-000002"),
    ]
    assert (run.state, run.billed_count, run.account_count) == ("POSTED", 2, 2)
    assert run.rule == {"accounts": sorted([lines[0].account.number, lines[2].account.number])}


def test_run_for_everybody_leaves_the_accounts_of_a_pilot_alone(lines):
    """004-16: pilot's bills are not made again."""
    pilot_of(lines[0], lines[2])

    run = bill_cycle(make_cycle(), checked=CHECKED)

    assert (run.kind, run.billed_count, run.skipped_count, run.account_count) == ("FULL", 2, 2, 4)
    assert sorted(Invoice.objects.values_list("account_id", flat=True)) == sorted(line.account_id for line in lines)
    numbers = Invoice.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [f"INV-2026-00000{n}" for n in range(1, 5)]
    assert [chunk.skipped_reasons for chunk in run.chunks.order_by("n")] == [{"BILLED_BEFORE": 1}, {"BILLED_BEFORE": 1}]


def test_run_for_everybody_after_a_pilot_says_what_was_checked(lines):
    """004-17: the step from pilot to full operation is recorded: who, when, what was checked."""
    pilot = pilot_of(lines[0])
    with pytest.raises(PilotNotChecked):
        plan_run(make_cycle())
    assert BillRun.objects.count() == 1

    run = plan_run(make_cycle(), checked=CHECKED)

    act = AuditEntry.objects.filter(action="invoicing.start_bill_run").latest("pk")
    assert (act.actor, act.changes["pilots"], act.changes["checked"]) == (starter(), [pilot.pk], CHECKED)
    assert (run.checked, run.started_by) == (CHECKED, starter())


def test_pilot_cuts_the_period_for_everybody_and_it_stays_due(lines):
    """All bills of a period are made of the same usage: what comes after the pilot's plan goes to the next bill."""
    pilot_of(lines[0])

    cycle = make_cycle()
    cycle.refresh_from_db()
    assert cycle.open_from == MARCH
    assert period_to_bill(cycle=cycle).start == date(2026, 2, 1)


def test_late_usage_of_pilot_and_other_accounts_is_on_the_next_bill_once(lines):
    for line in lines:
        make_usage_total(line, amount_micro=10_000_000)
    pilot_of(lines[0])
    # What rating does with a call of February that comes now: its period is cut.
    for line in lines:
        make_usage_total(line, amount_micro=7_000_000, bill_period=MARCH)
    bill_cycle(make_cycle(), checked=CHECKED)

    run = bill_cycle(make_cycle(), issued_on=date(2026, 4, 1), due_on=date(2026, 4, 21))

    for line in lines:
        usage = [net for kind, net in nets_of(invoice_of(line, run=run)) if kind == "USAGE"]
        assert usage == [7]
    assert UsageTotal.objects.count() == 8


def test_pilot_after_everybody_was_billed_finds_nothing(lines):
    bill_cycle(make_cycle())

    with pytest.raises(ChecksNotPassed) as refusal:
        plan_run(make_cycle(), kind="PILOT", rule=rule_of(lines[0]))

    assert [finding.code for finding in refusal.value.findings] == ["PERIOD_NOT_OVER"]
    assert BillRun.objects.count() == 1


def test_second_pilot_takes_only_whom_the_first_left(lines):
    pilot_of(lines[0], lines[1])

    run = bill_cycle(make_cycle(), kind="PILOT", rule=rule_of(lines[1], lines[3]))

    assert list(Invoice.objects.filter(run_id=run.pk).values_list("account_id", flat=True)) == [lines[3].account_id]
    with pytest.raises(NobodyInRule):
        plan_run(make_cycle(), kind="PILOT", rule=rule_of(lines[1]))


def test_pilot_that_waits_for_its_review_stops_everybodys_run(lines):
    pilot = calculate(make_cycle(), kind="PILOT", rule=rule_of(lines[0]))

    with pytest.raises(ChecksNotPassed) as refusal:
        plan_run(make_cycle(), checked=CHECKED)

    (finding,) = refusal.value.findings
    assert (finding.code, finding.url_name, finding.url_ids) == (
        "PILOT_UNFINISHED",
        "invoicing:bill-run",
        (pilot.pk,),
    )


def test_cancelled_pilot_opens_the_period_again(lines):
    pilot = calculate(make_cycle(), kind="PILOT", rule=rule_of(lines[0]))

    cancel_bill_run(run_id=pilot.pk, actor=starter())

    assert BillCycle.objects.get().open_from == date(2026, 2, 1)
    assert bill_cycle(make_cycle()).billed_count == 4


def test_cancelled_run_for_everybody_keeps_the_cut_of_its_pilot(lines):
    pilot_of(lines[0])
    run = calculate(make_cycle(), checked=CHECKED)

    cancel_bill_run(run_id=run.pk, actor=starter())

    cycle = BillCycle.objects.get()
    assert (cycle.open_from, period_to_bill(cycle=cycle).start) == (MARCH, date(2026, 2, 1))
    assert bill_cycle(cycle, checked=CHECKED).billed_count == 3


def test_pilot_by_department_category_and_segment(lines):
    """Department 3 only; the rest is untouched."""
    third = make_centre(code="C3")
    Account.objects.filter(pk__in=[lines[1].account_id, lines[2].account_id]).update(centre=third)
    Account.objects.filter(pk=lines[2].account_id).update(category="BUSINESS", is_key=True)
    rule = AccountRule(departments=(third.department.code,), categories=("BUSINESS",), segments=("KEY",))

    run = bill_cycle(make_cycle(), kind="PILOT", rule=rule)

    assert list(Invoice.objects.values_list("account_id", flat=True)) == [lines[2].account_id]
    assert run.rule == rule.as_json()


def test_pilot_for_nobody_in_particular_is_refused(lines):
    with pytest.raises(RuleMissing):
        plan_run(make_cycle(), kind="PILOT")
    with pytest.raises(AccountsUnknown, match="99999999"):
        plan_run(make_cycle(), kind="PILOT", rule=AccountRule(accounts=("99999999",)))

    assert BillRun.objects.count() == 0


def test_payments_are_shown_since_the_accounts_own_last_bill(lines):
    """A payment between pilot and everybody's run is on the pilot account's next bill, and on the other's this bill."""
    pilot_of(lines[0])
    for line in lines[:2]:
        pay(line.account, 300, on=date(2026, 3, 2))
    full = bill_cycle(make_cycle(), checked=CHECKED, issued_on=date(2026, 3, 3))

    april = bill_cycle(make_cycle(), issued_on=date(2026, 4, 1), due_on=date(2026, 4, 21))

    assert invoice_of(lines[1], run=full).frozen["payments_minor"] == -300
    assert invoice_of(lines[0], run=april).frozen["payments_minor"] == -300
    assert invoice_of(lines[1], run=april).frozen["payments_minor"] == 0


def tie(line: Subscription, payer: Subscription) -> None:
    appoint_payer(account_id=line.account_id, payer_id=payer.account_id, from_on=date(2026, 2, 1), actor=None)


def test_list_that_names_one_of_a_pair_bills_both(lines, client, specialist):
    """004-16, ADR 35: who pays comes along, and with him everybody for whom he pays; the pilot's page says whom."""
    for line in lines[1:3]:
        tie(line, lines[0])
    run = pilot_of(lines[2])

    billed = set(Invoice.objects.filter(run_id=run.pk, state="POSTED").values_list("account_id", flat=True))
    assert billed == {line.account_id for line in lines[:3]}
    assert run.rule == {"accounts": [lines[2].account.number]}
    along = run.reference["tied"]["along"]
    assert (along["count"], set(along["accounts"])) == (2, {line.account.number for line in lines[:2]})
    client.force_login(specialist)
    page = client.get(reverse("invoicing:bill-run", args=[run.pk])).content.decode()
    assert "Taken along" in page
    assert lines[1].account.number in page


def test_rule_that_fits_one_of_a_pair_leaves_him_to_everybodys_run_and_says_so(lines, client, specialist):
    tie(lines[1], lines[0])
    third = make_centre(code="C3")
    Account.objects.filter(pk__in=[lines[1].account_id, lines[2].account_id]).update(centre=third)
    rule = AccountRule(departments=(third.department.code,))
    run = bill_cycle(make_cycle(), kind="PILOT", rule=rule)

    assert list(Invoice.objects.values_list("account_id", flat=True)) == [lines[2].account_id]
    assert run.reference["tied"] == {"left": {"count": 1, "accounts": [lines[1].account.number]}}
    client.force_login(specialist)
    page = client.get(reverse("invoicing:bill-run", args=[run.pk])).content.decode()
    assert "Left to the run for everybody" in page
    assert lines[1].account.number in page
    with pytest.raises(OnlySplitPairs, match=lines[1].account.number):
        plan_run(make_cycle(), kind="PILOT", rule=rule)
    assert BillRun.objects.count() == 1
    assert bill_cycle(make_cycle(), checked=CHECKED).billed_count == 3
