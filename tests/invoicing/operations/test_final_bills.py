"""The final bill at the counter (001-18)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from billing_site.console.books import check_books
from billing_site.identity.roles import Role
from billing_site.ledger.balances import balance_of
from invoicing.models import BillRun, ContractBilling, FinalBill, Invoice
from invoicing.operations.bill_run_control import cancel_bill_run
from invoicing.operations.bill_run_parked import AccountDecidedAlready, accept_parked_account
from invoicing.operations.bill_run_posting import post_bill_run
from invoicing.operations.final_bills import (
    FinalBillImpossible,
    FinalBillMade,
    RunAtWork,
    make_final_bill,
    preview_final_bill,
)
from invoicing.operations.review_leavers import RunInReview
from rating.models import RatedUsage, UsageSource, UsageTotal
from rating.operations.usage_files import load_usage_file
from subscribers.models import Account, AccountPayer, PhoneNumber, Subscription
from subscribers.operations.accounts import AccountIsClosed
from subscribers.operations.payers import appoint_payer
from tariffs.operations.draft_inputs import NewRate, NewStep
from tariffs.operations.plans import VersionDraft, create_plan, draft_plan_version
from tests.factories.agreements import contract_of, make_term
from tests.factories.identity import make_staff
from tests.factories.invoicing import (
    bill_cycle,
    calculate,
    do_all,
    invoice_of,
    nets_of,
    pay,
    plan_run,
    poster,
)
from tests.factories.rating import make_source, rate_all
from tests.factories.subscribers import make_account, make_cycle, make_line, make_range
from tests.factories.tariffs import LONG_AGO, make_plan, make_scheme, make_zone, publish

NUMBER, CALLED = "99910800001", "99910800002"
ARRIVED_AT = datetime(2026, 3, 12, 6, tzinfo=UTC)
TODAY, DUE = date(2026, 3, 10), date(2026, 3, 30)


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def line(db) -> Subscription:
    """A line with calls at 5 a minute and a fee of 1,000, billed for February."""
    make_zone(prefixes=["99910"])
    make_range(first="99910800000")
    plan = create_plan(code="COUNTER", kind="FIXED", names={"en": "Counter"}, actor=None)
    rate = NewRate(code="LOCAL", zone_code="LOCAL", steps=[NewStep(price=Decimal(5))])
    publish(
        draft_plan_version(
            plan_id=plan.pk,
            draft=VersionDraft(
                valid_from=LONG_AGO, window_scheme_code=make_scheme().code, currency="AMD", rates=[rate]
            ),
            actor=None,
        )
    )
    return make_line(account=make_account(), plan=plan, number=NUMBER)


def arrive(*calls: str, name: str) -> None:
    source = UsageSource.objects.filter(code="X07").first() or make_source(day_tolerance=30)
    content = "".join(f"{NUMBER},{CALLED},{call}\n" for call in calls).encode()
    load_usage_file(source=source, name=name, content=content, arrived_at=ARRIVED_AT)


def rated(*calls: str, name: str) -> None:
    arrive(*calls, name=name)
    rate_all()


def final(line: Subscription, **wish) -> FinalBill:
    clerk = make_staff(Role.CLERK)
    return make_final_bill(account_id=line.account_id, **{"on": TODAY, "due_on": DUE, "actor": clerk, **wish})


def test_final_bill_has_calls_to_the_minute_and_is_posted_with_a_number(line):
    bill_cycle(make_cycle())
    rated("2026-03-09 10:00:00,60", "2026-03-10 11:59:00,120", name="X07-20260310.csv")

    made = final(line)

    invoice = Invoice.objects.get(pk=made.invoice_id or 0)
    assert (invoice.state, invoice.number, invoice.gross_minor) == ("POSTED", "INV-2026-000001", 18)
    assert nets_of(invoice) == [("USAGE", 15)]
    assert balance_of(line.account.ledger_account_id) == 18
    run = BillRun.objects.get(kind="FINAL")
    assert (run.state, run.posted_by, run.posted_gross_minor) == ("POSTED", made.made_by, 18)
    assert check_books() == ()


def test_final_bill_charges_rent_to_the_day(db):
    """Ten days of March at 1,000: 322.58."""
    line = make_line(account=make_account(), plan=make_plan())
    bill_cycle(make_cycle())

    made = final(line)

    assert nets_of(Invoice.objects.get(pk=made.invoice_id or 0)) == [("RECURRING", 323)]
    line.refresh_from_db()
    assert (line.state, line.active_until) == ("TERMINATED", date(2026, 3, 11))


def test_final_bill_charges_every_period_that_was_not_billed(db):
    """February was never billed: 1,000, then ten days of March."""
    line = make_line(account=make_account(), plan=make_plan(), active_from=date(2026, 2, 1))

    made = final(line)

    assert [net for _kind, net in nets_of(Invoice.objects.get(pk=made.invoice_id or 0))] == [1000, 323]
    assert bill_cycle(make_cycle()).skipped_count == 1
    assert Invoice.objects.count() == 1


def test_final_bill_has_the_fee_for_leaving_a_contract(db):
    plan = make_plan(code="BOUND")
    line = make_line(account=make_account(), plan=plan)
    contract_of(line, make_term(plan.code, policy="FIXED"))
    bill_cycle(make_cycle())

    made = final(line)

    kinds = [kind for kind, _net in nets_of(Invoice.objects.get(pk=made.invoice_id or 0))]
    assert "LEAVING_FEE" in kinds
    assert ContractBilling.objects.filter(kind="LEAVING_FEE", invoice_id=made.invoice_id or 0).exists()


def test_account_that_owes_nothing_is_closed_at_once(line):
    bill_cycle(make_cycle())
    pay(line.account, 18, on=date(2026, 3, 9))
    rated("2026-03-09 10:00:00,180", name="X07-20260310.csv")

    final(line)

    line.account.refresh_from_db()
    assert (line.account.state, line.account.closed_on) == ("CLOSED", TODAY)


def test_account_that_owes_stays_open_for_its_payment(line):
    rated("2026-03-09 10:00:00,60", name="X07-20260310.csv")

    final(line)

    assert Account.objects.get(pk=line.account_id).state == "ACTIVE"


def test_late_record_is_held_and_never_on_the_bill_of_the_numbers_next_holder(line):
    """A later record of the number is rated to whom it belongs, into a period that no bill of his covers."""
    bill_cycle(make_cycle())
    rated("2026-03-09 10:00:00,60", name="X07-20260310.csv")
    made = final(line)
    billed = Invoice.objects.get(pk=made.invoice_id or 0).gross_minor
    rated("2026-03-10 09:00:00,120", name="X07-20260311.csv")
    PhoneNumber.objects.filter(number=NUMBER).update(state="FREE", quarantine_until=None)
    next_line = make_line(account=make_account(), number=NUMBER, active_from=date(2026, 3, 20))

    run = bill_cycle(make_cycle(), issued_on=date(2026, 4, 1), due_on=date(2026, 4, 21))

    held = UsageTotal.objects.get(bill_period=date(2026, 4, 1))
    assert (held.account_id, held.amount_micro) == (line.account_id, 10_000_000)
    assert UsageTotal.objects.get(bill_period=date(2026, 3, 1)).amount_micro == 5_000_000
    assert set(RatedUsage.objects.values_list("account_id", flat=True)) == {line.account_id}
    assert [kind for kind, _net in nets_of(Invoice.objects.get(account_id=next_line.account_id))] == ["RECURRING"]
    assert Invoice.objects.get(pk=made.invoice_id or 0).gross_minor == billed
    assert sum(c.skipped_reasons.get("HAD_FINAL_BILL", 0) for c in run.chunks.all()) == 1
    # And the month after: it stays held.
    bill_cycle(make_cycle(), issued_on=date(2026, 5, 1), due_on=date(2026, 5, 21))
    assert Invoice.objects.filter(account_id=line.account_id).count() == 1


def test_what_waits_in_files_and_in_quarantine_is_said(line):
    rated("2026-03-09 10:00:00,60", "2026-01-01 10:00:00,60", name="X07-20260310.csv")
    arrive("2026-03-10 08:00:00,60", name="X07-20260311.csv")

    made = final(line)

    assert made.waiting["files"] == 1
    assert made.waiting["oldest"]


def test_preview_of_a_final_bill_ends_nothing_and_numbers_nothing(line):
    bill_cycle(make_cycle())
    rated("2026-03-09 10:00:00,60", name="X07-20260310.csv")
    clerk = make_staff(Role.CLERK)

    paper = preview_final_bill(account_id=line.account_id, on=TODAY, due_on=DUE, actor=clerk)

    assert paper is not None
    assert paper.gross_minor == 6
    line.refresh_from_db()
    assert line.state == "ACTIVE"
    assert (FinalBill.objects.count(), BillRun.objects.filter(kind="FINAL").count()) == (0, 0)
    assert Invoice.objects.get(pk=final(line).invoice_id or 0).number == "INV-2026-000001"


def test_second_final_bill_and_one_while_a_run_calculates_are_refused(line):
    run = plan_run(make_cycle())
    with pytest.raises(RunAtWork, match=str(run.pk)):
        final(line)
    BillRun.objects.filter(pk=run.pk).update(state="CANCELLED")
    rated("2026-03-09 10:00:00,60", name="X07-20260310.csv")
    final(line)
    with pytest.raises(FinalBillMade):
        final(line)

    assert FinalBill.objects.count() == 1


@pytest.mark.parametrize("ends", ["posted", "cancelled"])
def test_account_that_leaves_while_a_run_waits_for_review_pays_the_month_once(db, ends):
    """001-18: its draft is thrown away, the final bill has both months, whatever becomes of the run."""
    cycle = make_cycle()
    plan = make_plan()
    leaver, stays = (make_line(account=make_account(), plan=plan, active_from=date(2026, 2, 1)) for _ in range(2))
    run = calculate(cycle)
    assert run.billed_count == 2

    made = final(leaver)

    assert [net for _kind, net in nets_of(Invoice.objects.get(pk=made.invoice_id or 0))] == [1000, 323]
    run.refresh_from_db()
    assert (run.billed_count, run.skipped_count) == (1, 1)
    if ends == "posted":
        post_bill_run(run_id=run.pk, posted_by=poster())
        do_all("invoicing.post_chunk")
    else:
        cancel_bill_run(run_id=run.pk, actor=poster())
        run = bill_cycle(cycle)
    assert invoice_of(stays, run=run).state == "POSTED"
    bills = Invoice.objects.filter(account_id=leaver.account_id, state="POSTED")
    assert [bill.pk for bill in bills] == [made.invoice_id]
    assert list(check_books()) == []


@pytest.mark.parametrize("ends", ["posted", "cancelled"])
@pytest.mark.parametrize("leaver", [0, 1])
def test_tied_account_gets_its_final_bill_after_the_review_alone(db, leaver, ends):
    """001-18, ADR 35: whoever pays or is paid for stands in the run together with the other side."""
    cycle, plan = make_cycle(), make_plan()
    lines = [make_line(account=make_account(), plan=plan, active_from=date(2026, 2, 1)) for _ in range(2)]
    appoint_payer(account_id=lines[1].account_id, payer_id=lines[0].account_id, from_on=date(2026, 2, 1), actor=None)
    run = calculate(cycle)
    before = list(Invoice.objects.order_by("pk").values())

    for act in (final, preview):
        with pytest.raises(RunInReview, match=lines[leaver].account.number):
            act(lines[leaver])

    assert not FinalBill.objects.exists()
    assert list(Invoice.objects.order_by("pk").values()) == before
    assert BillRun.objects.get() == run
    assert set(Subscription.objects.values_list("state", flat=True)) == {"ACTIVE"}
    assert not AccountPayer.objects.exclude(during__upper_inf=True).exists()
    run.refresh_from_db()
    assert (run.state, run.skipped_count) == ("CALCULATED", 0)
    if ends == "posted":
        post_bill_run(run_id=run.pk, posted_by=poster())
        do_all("invoicing.post_chunk")
    else:
        cancel_bill_run(run_id=run.pk, actor=poster())
    made = final(lines[leaver])
    assert Invoice.objects.get(pk=made.invoice_id or 0).state == "POSTED"
    assert check_books() == ()


def preview(line: Subscription) -> None:
    preview_final_bill(account_id=line.account_id, on=TODAY, due_on=DUE, actor=make_staff(Role.CLERK))


def test_account_set_aside_in_a_review_is_decided_by_its_final_bill(db, specialist):
    """001-18: who got his final bill is not billed as he is besides."""
    cycle = make_cycle()
    leaver, _stays = (make_line(account=make_account(), plan=make_plan(), active_from=date(2026, 2, 1)) for _ in "ab")
    Account.objects.filter(pk=leaver.account_id).update(currency="USD")
    run = calculate(cycle)
    Account.objects.filter(pk=leaver.account_id).update(currency="AMD")
    assert (run.billed_count, run.parked_count) == (1, 1)

    made = final(leaver)

    assert [net for _kind, net in nets_of(Invoice.objects.get(pk=made.invoice_id or 0))] == [1000, 323]
    with pytest.raises(AccountDecidedAlready):
        accept_parked_account(run_id=run.pk, account_id=leaver.account_id, actor=specialist, reason="Looked at")
    run.refresh_from_db()
    assert (run.billed_count, run.parked_count, run.skipped_count) == (1, 0, 1)


def test_final_bill_that_cannot_be_made_changes_nothing(line):
    rated("2026-03-09 10:00:00,60", name="X07-20260310.csv")
    Account.objects.filter(pk=line.account_id).update(currency="USD")

    with pytest.raises(FinalBillImpossible, match="USD"):
        final(line)

    line.refresh_from_db()
    assert line.state == "ACTIVE"
    assert BillRun.objects.count() == 0


def test_closed_account_gets_no_final_bill(line):
    Account.objects.filter(pk=line.account_id).update(state="CLOSED", closed_on=TODAY)

    with pytest.raises(AccountIsClosed):
        final(line)

    assert FinalBill.objects.count() == 0


def test_final_bill_stays_as_it_is(line):
    made = final(line)

    for statement in ("UPDATE invoicing_finalbill SET ended_on = '2026-01-01'", "DELETE FROM invoicing_finalbill"):
        with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    assert FinalBill.objects.get() == made
