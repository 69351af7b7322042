"""002-13: a bill is calculated again; both stay readable, linked both ways, and nothing is billed twice."""

from datetime import date

import pytest

from billing_site.ledger.balances import balance_of
from invoicing.models import CreditNote, Invoice, InvoiceReplacement
from invoicing.operations.credit_approvals import approve_credit_note
from invoicing.operations.replacements import preview_replacement, replace_invoice
from invoicing.queries.bill_comparisons import compare_bills
from invoicing.queries.credit_notes import find_predecessor, find_successor
from invoicing.queries.invariants import INVARIANTS
from subscribers.models import Account, BillCycle
from subscribers.operations.accounts import give_discount
from tests.factories.credit_notes import AT, LETTER, reason_id
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total, nets_of
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_discount


@pytest.fixture
def line(db):
    line = make_line(account=make_account())
    make_usage_total(line, amount_micro=61_000_000)
    return line


@pytest.fixture
def invoice(line):
    """February: a fee of 1,000 and calls of 61; a discount of ten per cent was forgotten."""
    return invoice_of(line, run=bill_cycle(make_cycle()))


@pytest.fixture
def mended(line, invoice, specialist):
    discount = make_discount()
    give_discount(account_id=line.account_id, discount_id=discount.pk, from_on=date(2026, 1, 1), actor=specialist)
    return invoice


def replace(invoice, by):
    return replace_invoice(
        invoice_id=invoice.pk, reason_id=reason_id(), letter=LETTER, note="no discount", actor=by, at=AT
    )


def balance(invoice):
    return balance_of(Account.objects.get(pk=invoice.account_id).ledger_account_id)


def contradictions():
    return [finding for one in INVARIANTS for finding in one.findings()]


def test_bill_is_calculated_again_and_linked_both_ways(mended, specialist):
    note = replace(mended, specialist)

    new = find_successor(invoice_id=mended.pk)
    assert new is not None
    assert find_predecessor(invoice_id=new.pk) == mended
    assert (note.state, note.is_replaced, note.gross_minor) == ("POSTED", True, -1273)
    assert (new.state, new.period_from, new.number) == ("POSTED", mended.period_from, "INV-2026-000002")
    assert nets_of(new) == [("RECURRING", 1000), ("USAGE", 61), ("DISCOUNT", -6)]
    assert Invoice.objects.get(pk=mended.pk).is_taken_back
    assert balance(mended) == new.gross_minor
    assert contradictions() == []


def test_what_changed_adds_up_to_the_difference(mended, specialist):
    replace(mended, specialist)
    new = find_successor(invoice_id=mended.pk)
    assert new is not None

    compared = compare_bills(before_id=mended.pk, after_id=new.pk, language="en")

    assert sum(charge.change_minor for charge in compared.charges) == compared.change_minor
    assert compared.change_minor == new.gross_minor - mended.gross_minor
    assert [charge.is_changed for charge in compared.charges] == [False, False, True]


def test_preview_shows_the_new_bill_and_leaves_nothing(mended, specialist):
    paper = preview_replacement(invoice_id=mended.pk, actor=specialist, at=AT, language="hy")

    assert paper.net_minor == 1055
    assert list(Invoice.objects.values_list("pk", "state")) == [(mended.pk, "POSTED")]
    assert not CreditNote.objects.exists()
    assert balance(mended) == 1273


def test_next_bill_charges_only_its_own_month(line, mended, specialist):
    replace(mended, specialist)
    make_usage_total(line, amount_micro=10_000_000, bill_period=date(2026, 3, 1))

    run = bill_cycle(
        BillCycle.objects.get(pk=line.account.cycle_id), issued_on=date(2026, 4, 1), due_on=date(2026, 4, 21)
    )

    assert nets_of(invoice_of(line, run=run)) == [("RECURRING", 1000), ("USAGE", 10), ("DISCOUNT", -1)]
    assert contradictions() == []


def test_replacement_can_be_replaced(mended, specialist):
    replace(mended, specialist)
    second = find_successor(invoice_id=mended.pk)
    assert second is not None

    replace(second, specialist)

    third = find_successor(invoice_id=second.pk)
    assert third is not None
    assert nets_of(third) == nets_of(second)
    assert InvoiceReplacement.objects.count() == 2
    assert contradictions() == []


def test_earlier_bill_is_replaced_after_a_later_one(line, mended, specialist):
    make_usage_total(line, amount_micro=10_000_000, bill_period=date(2026, 3, 1))
    cycle = BillCycle.objects.get(pk=line.account.cycle_id)
    march = invoice_of(line, run=bill_cycle(cycle, issued_on=date(2026, 4, 1), due_on=date(2026, 4, 21)))

    replace(mended, specialist)

    new = find_successor(invoice_id=mended.pk)
    assert new is not None
    assert nets_of(new) == [("RECURRING", 1000), ("USAGE", 61), ("DISCOUNT", -6)]
    assert Invoice.objects.get(pk=march.pk).state == "POSTED"
    assert contradictions() == []


def test_large_bill_is_replaced_when_a_second_person_approves(line, specialist, approver):
    make_usage_total(line, amount_micro=20_000_000_000, item_code="ABROAD")
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))
    note = replace(invoice, specialist)

    assert (note.state, find_successor(invoice_id=invoice.pk)) == ("PROPOSED", None)
    approve_credit_note(credit_note_id=note.pk, actor=approver, at=AT)

    assert find_successor(invoice_id=invoice.pk) is not None
    assert contradictions() == []
