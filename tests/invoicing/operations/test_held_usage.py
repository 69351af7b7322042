"""001-18: what came after a final bill is billed to its old holder, or written off by two people; never to the next."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from billing_site.audit.models import AuditEntry
from billing_site.console.books import check_books
from billing_site.ledger.balances import balance_of
from invoicing.models import BillRun, HeldUsageDecision, Invoice, InvoiceLine
from invoicing.operations.bill_run_posting import BooksClosed
from invoicing.operations.final_bills import make_final_bill
from invoicing.operations.held_usage import (
    HeldReasonMissing,
    HeldUsageChanged,
    HeldUsageNotBillable,
    HeldWriteOffDecided,
    HeldWriteOffWaits,
    NothingHeld,
    OwnHeldWriteOff,
    approve_held_write_off,
    bill_held_usage,
    decline_held_write_off,
    propose_held_write_off,
)
from invoicing.queries.final_bills import find_account_cuts
from invoicing.queries.held_usage import held_usage
from invoicing.queries.unbilled_usage import first_unbilled_period
from subscribers.models import Account
from tests.factories.credit_notes import cancel
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total, nets_of
from tests.factories.subscribers import make_account, make_cycle, make_line

TODAY, DUE = date(2026, 3, 10), date(2026, 3, 30)
APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)
AT = datetime(2026, 3, 28, 8, tzinfo=UTC)
BY = date(2026, 4, 20)


@pytest.fixture
def line(db, clerk):
    """A line that had its final bill on 10 March, and calls of 90 that came afterwards."""
    line = make_line(account=make_account())
    bill_cycle(make_cycle())
    make_final_bill(account_id=line.account_id, on=TODAY, due_on=DUE, actor=clerk)
    make_usage_total(line, amount_micro=90_000_000, bill_period=APRIL)
    return line


def held():
    return [(row.bill_period, row.amount_micro) for row in held_usage(today=DUE)]


def bill_of(made: HeldUsageDecision) -> Invoice:
    return Invoice.objects.get(pk=made.invoice_id or 0)


def propose(line, actor, **wish) -> HeldUsageDecision:
    given = {"account_id": line.account_id, "reason": "Too little to collect", "at": AT, "actor": actor, **wish}
    return propose_held_write_off(**given)


def test_extra_bill_charges_the_old_holder_and_the_books_agree(line, specialist):
    before = balance_of(line.account.ledger_account_id)

    made = bill_held_usage(account_id=line.account_id, due_on=BY, at=AT, actor=specialist)

    bill = bill_of(made)
    assert (bill.account_id, bill.state, bill.issued_on, bill.due_on) == (line.account_id, "POSTED", AT.date(), BY)
    assert nets_of(bill) == [("USAGE", 90)]
    assert balance_of(line.account.ledger_account_id) - before == bill.gross_minor
    assert held() == []
    assert first_unbilled_period() is None
    assert [one for one in check_books() if not one.invariant.startswith("rating.")] == []


def test_closed_account_gets_the_extra_bill_too(line, specialist):
    Account.objects.filter(pk=line.account_id).update(state="CLOSED", closed_on=TODAY)

    made = bill_held_usage(account_id=line.account_id, due_on=BY, at=AT, actor=specialist)

    assert made.state == "DONE"
    assert held() == []


def test_what_comes_still_later_is_held_anew_and_billed_alone(line, specialist):
    bill_held_usage(account_id=line.account_id, due_on=BY, at=AT, actor=specialist)
    assert find_account_cuts()[line.account.cycle_id] == {line.account_id: MAY}
    make_usage_total(line, amount_micro=7_000_000, bill_period=MAY)

    second = bill_held_usage(account_id=line.account_id, due_on=BY, at=AT, actor=specialist)

    assert nets_of(bill_of(second)) == [("USAGE", 7)]
    assert find_account_cuts()[line.account.cycle_id] == {line.account_id: JUNE}


def test_extra_bill_that_is_cancelled_leaves_the_usage_held_until_it_is_billed_again(line, specialist):
    first = bill_held_usage(account_id=line.account_id, due_on=BY, at=AT, actor=specialist)
    cancel(bill_of(first), specialist, at=AT)
    assert held() == [(APRIL, 90_000_000)]

    again = bill_held_usage(account_id=line.account_id, due_on=BY, at=AT, actor=specialist)

    assert nets_of(bill_of(again)) == [("USAGE", 90)]
    assert held() == []
    assert [one for one in check_books() if not one.invariant.startswith("rating.")] == []


def test_next_holder_is_never_charged_with_it(line, specialist):
    """The number goes on to somebody else, whose bills have his fees alone."""
    other = make_line(account=make_account())
    bill_held_usage(account_id=line.account_id, due_on=BY, at=AT, actor=specialist)

    run = bill_cycle(make_cycle(), issued_on=APRIL, due_on=BY)

    assert {kind for kind, _net in nets_of(invoice_of(other, run=run))} == {"RECURRING"}
    charged = InvoiceLine.objects.filter(subscription_id=line.pk, kind="USAGE").values_list("invoice_id", flat=True)
    assert {Invoice.objects.get(pk=pk).account_id for pk in charged} == {line.account_id}


def test_second_person_writes_off_and_no_bill_takes_it_up(line, specialist, approver):
    decision = propose(line, specialist)
    assert held() == [(APRIL, 90_000_000)]

    approve_held_write_off(decision_id=decision.pk, at=AT, actor=approver)

    decision.refresh_from_db()
    assert (decision.state, decision.amount_micro, decision.decided_by) == ("DONE", 90_000_000, approver)
    assert held() == []
    assert first_unbilled_period() is None
    assert find_account_cuts()[line.account.cycle_id] == {line.account_id: MAY}
    make_usage_total(line, amount_micro=7_000_000, bill_period=MAY)
    made = bill_held_usage(account_id=line.account_id, due_on=BY, at=AT, actor=specialist)
    assert nets_of(bill_of(made)) == [("USAGE", 7)]
    assert [one for one in check_books() if not one.invariant.startswith("rating.")] == []


def test_journal_says_who_proposed_and_who_approved(line, specialist, approver):
    approve_held_write_off(decision_id=propose(line, specialist).pk, at=AT, actor=approver)

    acts = AuditEntry.objects.filter(action__endswith="held_write_off").order_by("pk")
    assert [(act.action, act.changes["reason"]) for act in acts] == [
        ("invoicing.propose_held_write_off", "Too little to collect"),
        ("invoicing.approve_held_write_off", "Too little to collect"),
    ]


def test_declined_write_off_leaves_it_held(line, specialist, approver):
    decision = propose(line, specialist)
    decline_held_write_off(decision_id=decision.pk, at=AT, actor=specialist)

    with pytest.raises(HeldWriteOffDecided):
        approve_held_write_off(decision_id=decision.pk, at=AT, actor=approver)
    assert held() == [(APRIL, 90_000_000)]
    assert propose(line, specialist).state == "PROPOSED"


def test_who_proposed_does_not_approve(line, specialist):
    decision = propose(line, specialist)

    with pytest.raises(OwnHeldWriteOff):
        approve_held_write_off(decision_id=decision.pk, at=AT, actor=specialist)
    decision.refresh_from_db()
    assert decision.state == "PROPOSED"
    values = {"state": "DONE", "decided_by": specialist, "decided_at": AT}
    with pytest.raises(IntegrityError, match="invoicing_helddecision_second_person"), transaction.atomic():
        HeldUsageDecision.objects.filter(pk=decision.pk).update(**values)


def test_decision_stays_as_it_was_made(line, specialist, approver):
    decision = approve_held_write_off(decision_id=propose(line, specialist).pk, at=AT, actor=approver)

    with pytest.raises(IntegrityError, match="it stays as it is"), transaction.atomic():
        HeldUsageDecision.objects.filter(pk=decision.pk).update(state="DECLINED")


def test_more_usage_since_the_proposal_is_not_written_off_with_it(line, specialist, approver):
    decision = propose(line, specialist)
    make_usage_total(line, amount_micro=5_000_000, bill_period=APRIL, item_code="MORE")

    with pytest.raises(HeldUsageChanged):
        approve_held_write_off(decision_id=decision.pk, at=AT, actor=approver)
    decision.refresh_from_db()
    assert decision.state == "PROPOSED"
    assert len(held_usage(today=DUE)) == 1


def test_proposal_that_waits_is_in_the_way_of_both(line, specialist):
    propose(line, specialist)

    with pytest.raises(HeldWriteOffWaits):
        propose(line, specialist)
    with pytest.raises(HeldWriteOffWaits):
        bill_held_usage(account_id=line.account_id, due_on=BY, at=AT, actor=specialist)
    assert HeldUsageDecision.objects.count() == 1
    assert BillRun.objects.filter(kind="FINAL").count() == 1


def test_nothing_held_and_no_reason_write_nothing(line, specialist):
    other = make_line(account=make_account())
    with pytest.raises(NothingHeld):
        propose(other, specialist)
    with pytest.raises(NothingHeld):
        bill_held_usage(account_id=other.account_id, due_on=BY, at=AT, actor=specialist)
    with pytest.raises(HeldReasonMissing):
        propose(line, specialist, reason="  ")

    assert not HeldUsageDecision.objects.exists()
    assert BillRun.objects.filter(kind="FINAL").count() == 1


def test_account_that_cannot_be_billed_keeps_its_usage_held(line, specialist):
    Account.objects.filter(pk=line.account_id).update(currency="USD")

    with pytest.raises(HeldUsageNotBillable):
        bill_held_usage(account_id=line.account_id, due_on=BY, at=AT, actor=specialist)

    assert not HeldUsageDecision.objects.exists()
    assert BillRun.objects.filter(kind="FINAL").count() == 1
    assert held() == [(APRIL, 90_000_000)]


def test_nothing_is_billed_into_closed_books(line, specialist):
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_close_through(%s)", [AT.date()])

    with pytest.raises(BooksClosed):
        bill_held_usage(account_id=line.account_id, due_on=BY, at=AT, actor=specialist)

    assert not HeldUsageDecision.objects.exists()
    assert BillRun.objects.filter(kind="FINAL").count() == 1
