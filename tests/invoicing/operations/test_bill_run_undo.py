"""Undo of a posted run is a run of reversals, by two people."""

from datetime import UTC, date, datetime

import pytest

from billing_site.console.books import check_books
from billing_site.ledger.balances import balance_of
from invoicing.models import BillRun, CreditNote, Invoice
from invoicing.operations.bill_run_posting import SecondPersonNeeded
from invoicing.operations.bill_run_undo import (
    BillRunNotOwed,
    UndoNotAsked,
    UndoReasonMissing,
    ask_undo_bill_run,
    undo_bill_run,
)
from subscribers.models import Subscription
from tests.factories.invoicing import (
    bill_cycle,
    calculate,
    do_all,
    invoice_of,
    make_usage_total,
    nets_of,
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
    assert check_books() == ()


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
