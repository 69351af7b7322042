"""Undo of a posted run is a run of reversals, by two people."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from billing_site.console.books import check_books
from billing_site.ledger.balances import balance_of, turnover_of
from billing_site.ledger.models import LedgerAccount
from invoicing.models import BillRun, CreditNote, Invoice
from invoicing.operations.bill_run_control import cancel_bill_run
from invoicing.operations.bill_run_planning import ChecksNotPassed
from invoicing.operations.bill_run_posting import SecondPersonNeeded
from invoicing.operations.bill_run_undo import (
    BillRunNotOwed,
    UndoNotAsked,
    UndoReasonMissing,
    ask_undo_bill_run,
    undo_bill_run,
)
from invoicing.operations.cancellations import BillRunAtWork
from payments.operations.bad_debts import approve_bad_debt, propose_bad_debt
from payments.queries.bad_debts import Selection
from subscribers.models import Notice, Subscription
from tests.factories.disputes import dispute
from tests.factories.invoicing import (
    bill_cycle,
    calculate,
    do_all,
    invoice_of,
    make_usage_total,
    nets_of,
    plan_run,
    poster,
    starter,
)
from tests.factories.subscribers import make_account, make_cycle, make_line

AT = datetime(2026, 3, 4, 9, tzinfo=UTC)
WHY = "The fees of the whole month were wrong."


@pytest.fixture
def lines(db) -> list[Subscription]:
    lines = [make_line(account=make_account()) for _ in range(3)]
    for line in lines:
        make_usage_total(line, amount_micro=50_000_000)
    return lines


def undone(run: BillRun) -> BillRun:
    ask_undo_bill_run(run_id=run.pk, reason=WHY, actor=starter())
    undo_bill_run(run_id=run.pk, actor=poster(), at=AT)
    do_all("invoicing.undo_chunk")
    run.refresh_from_db()
    return run


def test_undone_run_has_a_credit_note_for_each_bill_and_keeps_its_numbers(lines):
    run = bill_cycle(make_cycle())
    numbers = list(Invoice.objects.order_by("pk").values_list("number", flat=True))

    undone(run)

    assert (run.state, run.undone_by, run.undo_reason) == ("UNDONE", poster(), WHY)
    notes = CreditNote.objects.order_by("number")
    assert [(note.state, note.issued_on) for note in notes] == [("POSTED", date(2026, 3, 4))] * 3
    assert list(Invoice.objects.order_by("pk").values_list("number", flat=True)) == numbers
    assert set(run.chunks.values_list("state", flat=True)) == {"UNDONE"}
    assert [balance_of(line.account.ledger_account_id) for line in lines] == [0, 0, 0]


def test_usage_of_an_undone_run_is_billed_by_the_next_one_and_once(lines):
    undone(bill_cycle(make_cycle()))

    march = bill_cycle(make_cycle(), issued_on=date(2026, 4, 1), due_on=date(2026, 4, 21))
    april = bill_cycle(make_cycle(), issued_on=date(2026, 5, 1), due_on=date(2026, 5, 21))

    for line in lines:
        assert ("USAGE", 50) in nets_of(invoice_of(line, run=march))
        assert "USAGE" not in dict(nets_of(invoice_of(line, run=april)))
    # The totals of this test have no records: rating would find that, and nothing else is wrong.
    assert [finding for finding in check_books() if not finding.invariant.startswith("rating.")] == []


def test_run_is_not_taken_back_by_one_person_or_unasked_or_without_a_reason(lines):
    run = bill_cycle(make_cycle())
    with pytest.raises(UndoNotAsked):
        undo_bill_run(run_id=run.pk, actor=poster(), at=AT)
    with pytest.raises(UndoReasonMissing):
        ask_undo_bill_run(run_id=run.pk, reason=" ", actor=starter())
    ask_undo_bill_run(run_id=run.pk, reason=WHY, actor=starter())
    with pytest.raises(SecondPersonNeeded):
        undo_bill_run(run_id=run.pk, actor=starter(), at=AT)

    run.refresh_from_db()
    assert (run.state, CreditNote.objects.count()) == ("POSTED", 0)


def test_run_that_is_not_posted_or_undone_already_is_not_taken_back(lines):
    run = calculate(make_cycle())
    with pytest.raises(BillRunNotOwed):
        ask_undo_bill_run(run_id=run.pk, reason=WHY, actor=starter())

    assert set(Invoice.objects.values_list("state", flat=True)) == {"DRAFT"}


def test_run_is_not_taken_back_beside_a_calculation_and_none_is_planned_beside_it(lines):
    """Reliability 6.4: a chunk that has read does not see what is freed meanwhile: it would be billed by nobody."""
    cycle = make_cycle()
    april: dict[str, Any] = {"issued_on": date(2026, 4, 1), "due_on": date(2026, 4, 21)}
    run = bill_cycle(cycle)
    ask_undo_bill_run(run_id=run.pk, reason=WHY, actor=starter())
    beside = plan_run(cycle, **april)
    with pytest.raises(BillRunAtWork):
        undo_bill_run(run_id=run.pk, actor=poster(), at=AT)
    cancel_bill_run(run_id=beside.pk, actor=starter())

    undo_bill_run(run_id=run.pk, actor=poster(), at=AT)
    with pytest.raises(ChecksNotPassed) as refusal:
        plan_run(cycle, **april)
    assert "RUN_BEING_UNDONE" in [finding.code for finding in refusal.value.findings]
    do_all("invoicing.undo_chunk")

    march = bill_cycle(cycle, **april)
    assert [("USAGE", 50) in nets_of(invoice_of(line, run=march)) for line in lines] == [True] * 3


def test_dispute_of_a_bill_that_an_undone_run_takes_back_ends_and_nothing_is_asked_for(lines, specialist):
    """004-22: a refusal would ask for what was credited."""
    run = bill_cycle(make_cycle())
    case = dispute(invoice_of(lines[0], run=run), at=AT)

    undone(run)

    case.refresh_from_db()
    assert (case.state, case.answer_text, case.answered_by) == ("WITHDRAWN", WHY, poster())
    told = Notice.objects.filter(key__startswith=f"invoicing.dispute/{case.pk}/").latest("pk")
    assert told.msgid.endswith("needs no answer any more.")
    assert [one for one in check_books() if one.invariant.startswith("invoicing.")] == []


def test_what_was_written_off_of_the_bills_of_an_undone_run_is_lost_no_more(lines):
    """000-18: nobody has a credit of a bill that he never paid."""
    run = bill_cycle(make_cycle())
    bill = invoice_of(lines[0], run=run)
    selection = Selection(days=30, least_minor=1, account_id=bill.account_id)
    told: dict[str, Any] = {"reason": "EXPIRED", "note": "", "as_of": date(2026, 5, 1), "currency": "AMD", "at": AT}
    made = propose_bad_debt(selection=selection, **told, actor=starter())
    approve_bad_debt(write_off_id=made.pk, posted_on=date(2026, 5, 1), at=AT, actor=poster())

    undone(run)
    do_all("payments.bring_undone_up")

    lost = LedgerAccount.objects.get(code="BAD_DEBT:AMD").pk
    assert turnover_of(lost, first=date(2026, 1, 1), until=date(2030, 1, 1)) == (bill.gross_minor, bill.gross_minor)
    assert balance_of(lines[0].account.ledger_account_id) == 0
    assert [one for one in check_books() if one.invariant.startswith("payments.")] == []
