"""004-22: disputes of a bill's lines: frozen, answered once, told to the subscriber."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from billing_site.audit.models import AuditEntry
from invoicing.models import Dispute, DisputedLine, InvoiceLine
from invoicing.operations.credit_notes import AnswerWaits
from invoicing.operations.dispute_answers import (
    AnswerIncomplete,
    DisputeAnswered,
    NotSoMuchDisputed,
    WithdrawalIncomplete,
)
from invoicing.operations.disputes import (
    BillNotDisputable,
    DisputeOf,
    LineDisputedAlready,
    LineNotOnBill,
    RecordKey,
    answer_dispute,
    open_dispute,
    withdraw_dispute,
)
from invoicing.queries.disputes import disputed_amounts, disputed_of_invoices, disputes_for, new_due_days, open_disputes
from subscribers.models import Notice
from tests.factories.disputes import OPENED_AT, dispute
from tests.factories.invoicing import bill_cycle, calculate, invoice_of, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line

DUE = date(2026, 4, 10)


@pytest.fixture
def line(db):
    line = make_line(account=make_account(language="ru", name="Петров Пётр"))
    make_usage_total(line, amount_micro=500_000_000)
    return line


@pytest.fixture
def invoice(line):
    """A fee of 1,000 and calls of 500, and 20 per cent of tax: 1,800."""
    return invoice_of(line, run=bill_cycle(make_cycle()))


@pytest.fixture
def calls(invoice):
    return InvoiceLine.objects.get(invoice_id=invoice.pk, kind="USAGE")


def answer(case, accepted, by, *, new_due_on=DUE, text="Ответ"):
    return answer_dispute(
        dispute_id=case.pk, accepted=accepted, text=text, new_due_on=new_due_on, answered_by=by, at=OPENED_AT
    )


def test_dispute_of_a_line_freezes_its_amount_and_tells_the_subscriber(invoice, calls, clerk):
    case = dispute(invoice, calls.n, by=clerk)

    assert (case.number, case.state, case.disputed_minor) == ("DSP-2026-000001", "OPEN", 600)
    assert disputed_amounts([invoice.account_id, 0]) == {invoice.account_id: 600}
    assert disputed_of_invoices([invoice.pk]) == {invoice.pk: 600}
    notice = Notice.objects.get(account_id=invoice.account_id)
    assert (notice.language, notice.params["disputed_minor"], notice.params["answer_on"]) == ("ru", 600, "2026-03-20")
    assert AuditEntry.objects.get(action="invoicing.open_dispute").subject_id == str(case.pk)


def test_dispute_of_the_whole_bill_is_about_all_its_lines(invoice):
    case = dispute(invoice)

    assert (case.disputed_minor, case.is_whole_bill) == (invoice.gross_minor, True)
    assert case.lines.count() == InvoiceLine.objects.filter(invoice_id=invoice.pk).count()


def test_dispute_of_a_part_of_a_line_leaves_the_rest_payable(invoice, calls):
    assert dispute(invoice, calls.n, amount_minor=250).disputed_minor == 250


@pytest.mark.parametrize("amount_minor", [601, -1, 0])
def test_dispute_of_more_than_the_line_charges_is_refused(invoice, calls, amount_minor):
    with pytest.raises(LineNotOnBill):
        dispute(invoice, calls.n, amount_minor=amount_minor)

    assert not Dispute.objects.exists()
    assert not Notice.objects.exists()


def test_dispute_of_calls_that_are_not_behind_the_line_is_refused(invoice, calls):
    key = RecordKey(start_at=OPENED_AT, duplicate_key=7)
    wish = DisputeOf(n=calls.n, records=[key])

    with pytest.raises(LineNotOnBill):
        open_dispute(
            invoice_id=invoice.pk,
            lines=[wish],
            reason="OTHER",
            channel="PORTAL",
            text="",
            opened_by=None,
            at=OPENED_AT,
        )

    assert not Dispute.objects.exists()


def test_dispute_of_a_draft_is_refused(line):
    draft = invoice_of(line, run=calculate(make_cycle()))

    with pytest.raises(BillNotDisputable):
        dispute(draft)

    assert not Dispute.objects.exists()


def test_line_is_in_one_open_dispute_at_a_time(invoice, calls, specialist):
    first = dispute(invoice, calls.n)

    with pytest.raises(LineDisputedAlready):
        dispute(invoice)

    assert list(Dispute.objects.all()) == [first]
    answer(first, {}, specialist)
    assert dispute(invoice, calls.n).state == "OPEN"


def test_accepted_dispute_frees_what_was_frozen(invoice, calls, specialist):
    case = answer(dispute(invoice, calls.n), {calls.n: 600}, specialist, new_due_on=None)

    assert (case.state, case.accepted_minor, case.new_due_on) == ("ACCEPTED", 600, None)
    assert disputed_amounts([invoice.account_id]) == {}
    assert not open_disputes(invoice_id=invoice.pk).exists()


def test_partly_accepted_dispute_has_a_new_day_for_the_rest(invoice, calls, specialist):
    case = answer(dispute(invoice, calls.n), {calls.n: 200}, specialist)

    assert (case.state, case.accepted_minor, case.new_due_on) == ("PARTLY", 200, DUE)
    assert new_due_days([invoice.pk]) == {invoice.pk: DUE}
    params = Notice.objects.get(key=f"invoicing.dispute/{case.pk}/PARTLY").params
    assert (params["accepted_minor"], params["rest_minor"], params["answer"]) == (200, 400, "Ответ")


def test_refused_dispute_has_a_text_and_a_day(invoice, calls, specialist):
    case = dispute(invoice, calls.n)

    for wrong in ({"text": " "}, {"new_due_on": None}):
        with pytest.raises(AnswerIncomplete):
            answer(case, {}, specialist, **wrong)
    case.refresh_from_db()
    assert (case.state, case.answered_by) == ("OPEN", None)

    assert answer(case, {}, specialist).state == "REFUSED"


@pytest.mark.parametrize("accepted", [{1: 1}, {"calls": 601}, {"calls": -1}])
def test_no_more_is_accepted_than_was_disputed(invoice, calls, specialist, accepted):
    case = dispute(invoice, calls.n)

    with pytest.raises(NotSoMuchDisputed):
        answer(case, {calls.n if n == "calls" else n + 90: amount for n, amount in accepted.items()}, specialist)

    assert disputed_amounts([invoice.account_id]) == {invoice.account_id: 600}


def test_answer_is_given_once(invoice, calls, specialist):
    case = answer(dispute(invoice, calls.n), {}, specialist)

    with pytest.raises(DisputeAnswered):
        answer(case, {calls.n: 600}, specialist)

    case.refresh_from_db()
    assert case.state == "REFUSED"


def test_overdue_is_what_waits_past_its_day(invoice, calls):
    case = dispute(invoice, calls.n)

    assert list(disputes_for(overdue_at=OPENED_AT + timedelta(days=14))) == []
    assert list(disputes_for(overdue_at=OPENED_AT + timedelta(days=16))) == [case]


def test_database_refuses_a_line_of_another_bill(invoice, calls):
    case = dispute(invoice, calls.n)

    with pytest.raises(IntegrityError, match="lines of a posted bill"), transaction.atomic():
        DisputedLine.objects.create(dispute=case, invoice_id=invoice.pk, n=99, disputed_minor=1)


def test_database_keeps_an_answer(invoice, calls, specialist):
    case = answer(dispute(invoice, calls.n), {}, specialist)

    with pytest.raises(IntegrityError, match="it stays as it is"), transaction.atomic():
        Dispute.objects.filter(pk=case.pk).update(answer_text="another")


def withdraw(case, by, *, text="Нашёл эти звонки"):
    return withdraw_dispute(dispute_id=case.pk, text=text, actor=by, at=OPENED_AT)


def test_withdrawn_dispute_is_payable_again_and_the_subscriber_is_told(invoice, calls, clerk):
    case = withdraw(dispute(invoice, calls.n), clerk)

    case.refresh_from_db()
    assert (case.state, case.accepted_minor, case.answered_by, case.new_due_on) == ("WITHDRAWN", 0, clerk, None)
    assert disputed_amounts([invoice.account_id]) == {}
    assert disputed_of_invoices([invoice.pk]) == {}
    assert list(case.lines.values_list("is_open", "accepted_minor")) == [(False, 0)]
    told = Notice.objects.filter(account_id=invoice.account_id).latest("pk")
    assert told.params["rest_minor"] == 600
    assert AuditEntry.objects.get(action="invoicing.withdraw_dispute").subject_id == str(case.pk)
    assert dispute(invoice, calls.n).state == "OPEN"


def test_dispute_is_withdrawn_once_and_with_words(invoice, calls, clerk, specialist):
    case = dispute(invoice, calls.n)
    with pytest.raises(WithdrawalIncomplete):
        withdraw(case, clerk, text=" ")
    case.refresh_from_db()
    assert (case.state, case.lines.get().is_open) == ("OPEN", True)
    answer(case, {}, specialist)

    with pytest.raises(DisputeAnswered):
        withdraw(case, clerk)
    case.refresh_from_db()
    assert (case.state, case.answer_text) == ("REFUSED", "Ответ")
    assert not AuditEntry.objects.filter(action="invoicing.withdraw_dispute").exists()


def test_database_takes_an_answer_without_a_clerk_from_the_subscriber_alone(invoice, calls):
    """The subscriber himself withdraws without words; nobody else's answer is without a name."""
    own = withdraw_dispute(dispute_id=dispute(invoice, calls.n).pk, text="", actor=None, at=OPENED_AT)
    assert (own.state, own.answered_by, own.answer_text) == ("WITHDRAWN", None, "")
    case = dispute(invoice, calls.n)
    refused = {"state": "REFUSED", "accepted_minor": 0, "answered_at": OPENED_AT, "new_due_on": date(2026, 4, 1)}

    with pytest.raises(IntegrityError, match="answered_by_somebody"), transaction.atomic():
        Dispute.objects.filter(pk=case.pk).update(answer_text="No", **refused)


def test_dispute_whose_answer_waits_is_not_withdrawn(invoice, calls, clerk, specialist, settings):
    settings.SALDO_CREDIT_NOTE_LIMIT_MINOR = 0
    case = dispute(invoice, calls.n)
    answer(case, {calls.n: 600}, specialist)

    with pytest.raises(AnswerWaits):
        withdraw(case, clerk)
    case.refresh_from_db()
    assert case.state == "OPEN"
