"""002-13: a bill that is taken back frees what it charged, which is billed once more and only once."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import ExtractMonth

from billing_site.ledger.balances import balance_of
from invoicing.models import CreditNote, Invoice, InvoiceLine
from invoicing.operations.bill_run_posting import post_bill_run
from invoicing.operations.cancellations import BillRunAtWork, CreditNoteWaits, cancel_invoices
from invoicing.operations.credit_approvals import approve_credit_note
from invoicing.operations.credit_notes import OwnCreditNote
from invoicing.queries.invariants import INVARIANTS
from payments.queries.payments import open_debts
from subscribers.models import Account, BillCycle
from subscribers.operations.accounts import give_discount
from tariffs.operations.discounts import create_discount
from tests.factories.credit_notes import AT, cancel, credit
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
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account, make_cycle, make_line

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
FEBRUARY_BILL = [("RECURRING", 1000), ("USAGE", 61)]


@pytest.fixture
def line(db):
    line = make_line(account=make_account())
    make_usage_total(line, amount_micro=61_000_000)
    return line


@pytest.fixture
def invoice(line):
    """February: a fee of 1,000 and calls of 61: 1,273."""
    return invoice_of(line, run=bill_cycle(make_cycle()))


def bill_month(line, month):
    """Bill a month with calls of 10 in it."""
    make_usage_total(line, amount_micro=10_000_000, bill_period=month)
    run = bill_cycle(cycle_of(line), **after(month))
    return invoice_of(line, run=run)


def cycle_of(line):
    return BillCycle.objects.get(pk=line.account.cycle_id)


def after(month):
    issued_on = month.replace(month=month.month + 1)
    return {"issued_on": issued_on, "due_on": issued_on.replace(day=21)}


def charged(invoice):
    """Return kind, month and net of the lines of a bill, by month."""
    rows = InvoiceLine.objects.filter(invoice_id=invoice.pk, period_from__isnull=False).order_by("period_from", "kind")
    months = rows.annotate(month=ExtractMonth("period_from"))
    return list(months.values_list("kind", "month", "net_minor"))


def contradictions():
    return [finding for one in INVARIANTS for finding in one.findings()]


def test_last_bill_taken_back_is_on_the_next_one(line, invoice, specialist):
    cancel(invoice, specialist)

    assert (Invoice.objects.get(pk=invoice.pk).state, nets_of(invoice)) == ("CANCELLED", FEBRUARY_BILL)
    assert balance_of(Account.objects.get(pk=line.account_id).ledger_account_id) == 0
    assert charged(bill_month(line, MARCH)) == [
        ("RECURRING", 2, 1000),
        ("USAGE", 2, 61),
        ("RECURRING", 3, 1000),
        ("USAGE", 3, 10),
    ]
    assert contradictions() == []


def test_earlier_bill_taken_back_is_on_the_next_one_and_the_one_between_is_left_alone(line, invoice, specialist):
    bill_month(line, MARCH)
    cancel(invoice, specialist)

    april = bill_month(line, APRIL)

    assert [row for row in charged(april) if row[1] < 4] == [("RECURRING", 2, 1000), ("USAGE", 2, 61)]
    assert contradictions() == []


def test_what_was_freed_is_billed_once_more_and_only_once(line, invoice, specialist):
    cancel(invoice, specialist)
    march = bill_month(line, MARCH)

    april = bill_month(line, APRIL)

    assert {month for _kind, month, _net in charged(april)} == {4}
    cancel(march, specialist)
    may = bill_month(line, date(2026, 5, 1))
    assert sorted({month for _kind, month, _net in charged(may)}) == [2, 3, 5]
    assert contradictions() == []


def test_draft_calculated_before_does_not_count_as_billed_again(line, invoice, specialist):
    """A run that was calculated before has not seen what is freed now: the next one takes it up."""
    make_usage_total(line, amount_micro=10_000_000, bill_period=MARCH)
    run = calculate(cycle_of(line), **after(MARCH))
    cancel(invoice, specialist)
    post_bill_run(run_id=run.pk, posted_by=poster())
    do_all("invoicing.post_chunk")

    april = bill_month(line, APRIL)

    assert {month for _kind, month, _net in charged(invoice_of(line, run=run))} == {3}
    assert sorted({month for _kind, month, _net in charged(april)}) == [2, 4]


def test_bill_is_not_taken_back_while_its_cycle_is_calculated(line, invoice, specialist):
    plan_run(cycle_of(line), **after(MARCH))

    with pytest.raises(BillRunAtWork):
        cancel(invoice, specialist)

    assert Invoice.objects.get(pk=invoice.pk).state == "POSTED"
    assert not CreditNote.objects.exists()


def test_bill_is_not_taken_back_while_a_note_of_it_waits(line, specialist):
    make_usage_total(line, amount_micro=20_000_000_000, item_code="ABROAD")
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))
    n = InvoiceLine.objects.get(invoice_id=invoice.pk, kind="USAGE", net_minor=20_000).n
    credit(invoice, {n: 12_000}, specialist)

    with pytest.raises(CreditNoteWaits):
        cancel(invoice, specialist)

    assert Invoice.objects.get(pk=invoice.pk).state == "POSTED"


def test_usage_is_not_billed_by_two_living_bills(line, invoice, specialist):
    """The database refuses a second living line of usage that was freed."""
    cancel(invoice, specialist)
    march = bill_month(line, MARCH)
    make_usage_total(line, amount_micro=5_000_000, bill_period=APRIL)
    draft = invoice_of(line, run=calculate(cycle_of(line), **after(APRIL)))
    row = InvoiceLine.objects.get(invoice_id=march.pk, kind="USAGE", period_from=date(2026, 2, 1))
    row.invoice_id, row.n = draft.pk, 90

    with pytest.raises(IntegrityError, match="on another bill"), transaction.atomic():
        InvoiceLine.objects.bulk_create([row])


def undo(ids, *, by=None, at=AT):
    with transaction.atomic():
        return cancel_invoices(
            invoice_ids=ids, issued_on=at.date(), asked_by=starter(), done_by=by or poster(), note="wrong day", at=at
        )


@pytest.fixture
def run(line):
    make_line(account=make_account())
    return bill_cycle(make_cycle())


def test_set_of_bills_is_taken_back_and_again_does_nothing(run):
    ids = list(Invoice.objects.filter(run_id=run.pk).values_list("pk", flat=True))

    first, again = undo(ids), undo(ids)

    assert (first.bill_count, first.gross_minor) == (2, run.gross_minor)
    assert (again.bill_count, again.gross_minor) == (0, 0)
    assert set(Invoice.objects.values_list("state", flat=True)) == {"CANCELLED"}
    assert {note.number for note in CreditNote.objects.all()} == {"CRN-2026-000001", "CRN-2026-000002"}
    assert [balance_of(account.ledger_account_id) for account in Account.objects.all()] == [0, 0]
    assert contradictions() == []


def test_set_of_bills_is_taken_back_by_two_people(run):
    ids = list(Invoice.objects.filter(run_id=run.pk).values_list("pk", flat=True))

    with pytest.raises(OwnCreditNote):
        undo(ids, by=starter())

    assert not CreditNote.objects.exists()


def test_set_of_bills_costs_the_same_few_queries(run, django_assert_max_num_queries):
    ids = list(Invoice.objects.filter(run_id=run.pk).values_list("pk", flat=True))
    assert starter() != poster()

    with django_assert_max_num_queries(40):
        undo(ids)


def test_paid_bill_that_is_taken_back_leaves_its_money_to_the_next(line, invoice, specialist):
    """Nobody who has paid is in debt: the money used for a bill that was taken back counts for the next."""
    pay(line.account.number, "1273", network=make_network(), txn_id="1")
    cancel(invoice, specialist)

    march = bill_month(line, MARCH)
    do_all("payments.allocate_advances")

    assert [(debt.invoice_id, debt.amount_minor) for debt in open_debts(line.account_id)] == [
        (march.pk, march.gross_minor - 1273)
    ]


def test_second_person_lets_a_large_cancellation_pass(line, specialist, approver):
    make_usage_total(line, amount_micro=20_000_000_000, item_code="ABROAD")
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))
    note = cancel(invoice, specialist)

    assert (note.state, Invoice.objects.get(pk=invoice.pk).state) == ("PROPOSED", "POSTED")
    with pytest.raises(OwnCreditNote):
        approve_credit_note(credit_note_id=note.pk, actor=specialist, at=AT)
    approve_credit_note(credit_note_id=note.pk, actor=approver, at=AT)

    assert Invoice.objects.get(pk=invoice.pk).state == "CANCELLED"


def test_month_billed_again_has_its_own_discount(line, specialist):
    """002-13: who had 100 off in February has it off February's charges, on whatever bill they stand; March has 5 %."""
    off: dict[str, Any] = {"names": {"en": "Off"}, "bill_item_codes": [], "actor": None}
    amount = create_discount(code="HUNDRED", amount=Decimal(100), position=1, **off)
    percent = create_discount(code="FIVE", percent=Decimal(5), position=2, **off)
    held = {"account_id": line.account_id, "actor": None}
    give_discount(discount_id=amount.pk, from_on=date(2026, 2, 1), until_on=MARCH, **held)
    give_discount(discount_id=percent.pk, from_on=MARCH, **held)
    february = invoice_of(line, run=bill_cycle(make_cycle()))
    assert nets_of(february) == [*FEBRUARY_BILL, ("DISCOUNT", -94), ("DISCOUNT", -6)]

    cancel(february, specialist)
    again = bill_month(line, MARCH)

    assert sorted(charged(again)) == sorted([
        ("DISCOUNT", 2, -94), ("DISCOUNT", 2, -6), ("RECURRING", 2, 1000), ("USAGE", 2, 61),
        ("DISCOUNT", 3, -50), ("DISCOUNT", 3, -1), ("RECURRING", 3, 1000), ("USAGE", 3, 10),
    ])  # fmt: skip
