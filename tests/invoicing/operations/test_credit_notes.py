"""002-13, 000-02: a wrong line is corrected by a numbered credit note that names its letter; the bill stays."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import LedgerEntry, LedgerPosting
from invoicing.models import CreditNote, CreditNoteLine, Dispute, Invoice, InvoiceLine, Letter
from invoicing.operations.credit_approvals import approve_credit_note
from invoicing.operations.credit_notes import (
    AnswerWaits,
    BillInDispute,
    BillNotOwed,
    CreditNoteDecided,
    LetterMissing,
    MoreThanIsLeft,
    NothingTakenBack,
    OwnCreditNote,
    decline_credit_note,
)
from invoicing.operations.credit_posting import CreditInClosedPeriod
from invoicing.operations.disputes import LineNotOnBill, answer_dispute
from rating.models import Rerating, ReratingAccount
from subscribers.models import Account
from tests.factories.credit_notes import AT, cancel, credit
from tests.factories.disputes import dispute
from tests.factories.invoicing import bill_cycle, calculate, invoice_of, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.web.wrapped import bare_numbers


@pytest.fixture
def line(db):
    line = make_line(account=make_account(language="ru"))
    make_usage_total(line, amount_micro=20_000_000_000)
    return line


@pytest.fixture
def invoice(line):
    """A fee of 1,000 and calls of 20,000, and 20 per cent of tax: 25,200; one person takes back 10,000."""
    return invoice_of(line, run=bill_cycle(make_cycle()))


@pytest.fixture
def calls(invoice):
    return InvoiceLine.objects.get(invoice_id=invoice.pk, kind="USAGE").n


def balance(invoice):
    return balance_of(Account.objects.get(pk=invoice.account_id).ledger_account_id)


def nothing_was_taken_back(invoice):
    return balance(invoice) == 25_200 and not LedgerEntry.objects.filter(source_type="CREDIT_NOTE").exists()


def test_credit_note_takes_a_part_of_a_line_back_and_leaves_the_bill(invoice, calls, specialist):
    note = credit(invoice, {calls: 1200}, specialist)

    assert (note.number, note.state, note.gross_minor, note.net_minor) == ("CRN-2026-000001", "POSTED", -1200, -1000)
    assert (str(note.letter), note.reason.code) == ("A-17 2026-03-09", "WRONG_PRICE")
    assert balance(invoice) == 24_000
    entry = LedgerEntry.objects.get(source_type="CREDIT_NOTE", source_id=note.number)
    pairs = LedgerPosting.objects.filter(entry=entry).order_by("amount_minor")
    account = Account.objects.get(pk=invoice.account_id)
    assert [(pair.debit.code, pair.credit.code, pair.amount_minor) for pair in pairs] == [
        ("TAX:STANDARD", f"SUB:{account.number}", 200),
        ("REVENUE:FIXED:CALLS", f"SUB:{account.number}", 1000),
    ]
    assert Invoice.objects.get(pk=invoice.pk).state == "POSTED"


def test_credit_note_without_a_letter_is_refused(invoice, calls, specialist):
    with pytest.raises(LetterMissing):
        credit(invoice, {calls: 1200}, specialist, letter=None)

    assert nothing_was_taken_back(invoice)


def test_letter_is_registered_once(invoice, calls, specialist):
    credit(invoice, {calls: 100}, specialist)
    credit(invoice, {calls: 100}, specialist)

    assert Letter.objects.get().credit_notes.count() == 2


@pytest.mark.parametrize("amount", [24_001, -1])
def test_no_more_is_taken_back_than_the_line_charges(invoice, calls, specialist, amount):
    with pytest.raises(MoreThanIsLeft):
        credit(invoice, {calls: amount}, specialist)

    assert nothing_was_taken_back(invoice)


def test_no_more_is_taken_back_by_several_notes(invoice, calls, specialist, approver):
    waits = credit(invoice, {calls: 20_000}, specialist)

    with pytest.raises(MoreThanIsLeft):
        credit(invoice, {calls: 5_000}, specialist)

    decline_credit_note(credit_note_id=waits.pk, actor=approver, at=AT)
    assert credit(invoice, {calls: 5_000}, specialist).state == "POSTED"
    assert balance(invoice) == 20_200


@pytest.mark.parametrize("parts", [{}, {1: 0}])
def test_credit_note_of_nothing_is_refused(invoice, specialist, parts):
    with pytest.raises(NothingTakenBack):
        credit(invoice, parts, specialist)

    assert nothing_was_taken_back(invoice)


def test_draft_is_not_taken_back(line, specialist):
    with pytest.raises(BillNotOwed):
        credit(invoice_of(line, run=calculate(make_cycle())), {1: 1}, specialist)

    assert not CreditNote.objects.exists()


def test_above_the_limit_a_second_person_lets_it_pass(invoice, calls, specialist, approver):
    note = credit(invoice, {calls: 12_000}, specialist)

    assert (note.state, note.number) == ("PROPOSED", None)
    assert nothing_was_taken_back(invoice)
    with pytest.raises(OwnCreditNote):
        approve_credit_note(credit_note_id=note.pk, actor=specialist, at=AT)
    assert nothing_was_taken_back(invoice)

    done = approve_credit_note(credit_note_id=note.pk, actor=approver, at=AT)

    assert (done.state, done.decided_by, balance(invoice)) == ("POSTED", approver, 13_200)


def test_decided_note_is_not_decided_again(invoice, calls, specialist, approver):
    note = credit(invoice, {calls: 12_000}, specialist)
    decline_credit_note(credit_note_id=note.pk, actor=specialist, at=AT)

    for decide in (approve_credit_note, decline_credit_note):
        with pytest.raises(CreditNoteDecided):
            decide(credit_note_id=note.pk, actor=approver, at=AT)

    assert nothing_was_taken_back(invoice)


def test_database_wants_a_second_person(invoice, calls, specialist):
    note = credit(invoice, {calls: 12_000}, specialist)

    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        CreditNote.objects.filter(pk=note.pk).update(
            state="POSTED", number="X", issued_on=date(2026, 3, 10), decided_at=AT, decided_by=specialist
        )


def test_database_refuses_more_than_the_line_charges(invoice, calls, specialist):
    note = credit(invoice, {calls: 12_000}, specialist)
    row = CreditNoteLine.objects.get(credit_note_id=note.pk)
    row.pk = (note.pk, 2)

    for net_minor, n in ((-20_000, calls), (-1001, 1)):
        row.invoice_n, row.net_minor, row.tax_minor, row.gross_minor = n, net_minor, 0, net_minor
        with pytest.raises(IntegrityError), transaction.atomic():
            CreditNoteLine.objects.bulk_create([row])


def test_credit_note_into_closed_books_is_refused(invoice, calls, specialist):
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_close_through(%s)", [date(2026, 3, 31)])

    with pytest.raises(CreditInClosedPeriod):
        credit(invoice, {calls: 100}, specialist)

    assert nothing_was_taken_back(invoice)


def test_accepted_dispute_becomes_a_credit_note(invoice, calls, specialist):
    """004-22: what is accepted of a line is credited with the answer."""
    case = dispute(invoice, calls, amount_minor=6000)

    answer_dispute(
        dispute_id=case.pk,
        accepted={calls: 2400},
        text="Частично",
        new_due_on=date(2026, 4, 1),
        answered_by=specialist,
        at=AT,
    )

    note = CreditNote.objects.get(dispute=case)
    assert (note.state, note.gross_minor, note.letter, note.reason.code) == ("POSTED", -2400, None, "DISPUTE")
    assert (Dispute.objects.get(pk=case.pk).state, balance(invoice)) == ("PARTLY", 22_800)


def test_accepted_dispute_above_the_limit_stays_open_until_a_second_person_decides(
    invoice, calls, specialist, approver
):
    case = dispute(invoice, calls)
    given = {"accepted": {calls: 24_000}, "text": "Да", "new_due_on": None, "answered_by": specialist, "at": AT}

    assert answer_dispute(dispute_id=case.pk, **given).state == "OPEN"
    with pytest.raises(AnswerWaits):
        answer_dispute(dispute_id=case.pk, **given)
    note = CreditNote.objects.get(dispute=case)
    approve_credit_note(credit_note_id=note.pk, actor=approver, at=AT)

    case.refresh_from_db()
    assert (case.state, case.accepted_minor, case.answer_text, balance(invoice)) == ("ACCEPTED", 24_000, "Да", 1200)


def test_what_is_disputed_is_taken_back_by_the_answer_alone(invoice, calls, specialist, approver):
    """004-22: else the rest of the bill would be frozen, and the answer ask for what was given back."""
    waits = credit(invoice, {calls: 12_000}, specialist)
    case = dispute(invoice, calls, amount_minor=6000)
    for take_back in (
        lambda: credit(invoice, {calls: 100}, specialist),
        lambda: approve_credit_note(credit_note_id=waits.pk, actor=approver, at=AT),
    ):
        with pytest.raises(BillInDispute):
            take_back()
    decline_credit_note(credit_note_id=waits.pk, actor=specialist, at=AT)
    with pytest.raises(BillInDispute):
        cancel(invoice, specialist)
    assert nothing_was_taken_back(invoice)

    told = {"text": "Да", "new_due_on": date(2026, 4, 1), "answered_by": specialist, "at": AT}
    answer_dispute(dispute_id=case.pk, accepted={calls: 2400}, **told)
    assert credit(invoice, {calls: 100}, specialist).state == "POSTED"
    assert dispute(invoice).disputed_minor == 25_200 - 2400 - 100
    with pytest.raises(LineNotOnBill):
        dispute(invoice, calls, amount_minor=24_000)


def test_who_prices_credited_usage_again_is_warned(invoice, calls, specialist, client):
    """001-16: what a credit note gave back of calls is not given a second time by a re-rating unseen."""
    told = {"used_from": date(2026, 2, 3), "used_until": date(2026, 2, 9), "reason": "x", "proposed_by": specialist}
    rerating = Rerating.objects.create(**told, state=Rerating.State.PREVIEWED)
    figures = {"record_count": 1, "old_micro": 2, "new_micro": 1, "billed_micro": -1, "unpriced_count": 0}
    ReratingAccount.objects.create(rerating=rerating, account_id=invoice.account_id, shown=[], **figures)
    client.force_login(specialist)
    page = reverse("rating:rerating", args=[rerating.pk])
    credit(invoice, {InvoiceLine.objects.get(invoice_id=invoice.pk, kind="RECURRING").n: 100}, specialist)
    assert "was credited" not in client.get(page).content.decode()

    credit(invoice, {calls: 1200}, specialist)

    shown = client.get(page).content.decode()
    assert "was credited on a bill before" in shown
    assert bare_numbers(shown) == []


def test_whole_bill_is_taken_back_after_a_part_of_it(invoice, calls, specialist, approver):
    credit(invoice, {calls: 1200}, specialist)

    note = cancel(invoice, specialist)
    assert (note.state, note.gross_minor) == ("PROPOSED", -24_000)
    approve_credit_note(credit_note_id=note.pk, actor=approver, at=AT)

    bill = Invoice.objects.get(pk=invoice.pk)
    assert (bill.state, bill.number, bill.is_taken_back, balance(invoice)) == ("CANCELLED", invoice.number, True, 0)
