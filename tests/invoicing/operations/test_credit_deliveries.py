"""Rows 002-11, 004-02, 002-13: credit notes go out on the ways of their accounts, as bills do, each once."""

import csv

import pytest
from django.core import mail

from billing_site.documents.files import path_of
from billing_site.jobs.models import Job
from invoicing.models import BillDelivery, Invoice, InvoiceReplacement, PrintBatch
from invoicing.operations.bill_resending import BillIsOnItsWay
from invoicing.operations.bill_run_undo import ask_undo_bill_run, undo_bill_run
from invoicing.operations.credit_approvals import approve_credit_note
from invoicing.operations.credit_deliveries import hand_out_credit_notes, note_credit_note_viewed, resend_credit_note
from invoicing.operations.print_batches import print_bills
from invoicing.operations.print_handovers import hand_over_print_batch
from invoicing.operations.replacements import preview_replacement, replace_invoice
from invoicing.queries.bill_deliveries import deliveries_of_bill, deliveries_of_credit_note, ways_of_run
from invoicing.queries.delivery_invariants import DELIVERY_INVARIANTS
from invoicing.tasks import send_bills
from subscribers.operations.delivery import ChosenWay, change_bill_delivery
from tests.factories.credit_notes import AT, LETTER, cancel, credit, reason_id
from tests.factories.deliveries import deliver, hand_out, make_files, make_payer
from tests.factories.invoicing import bill_cycle, do_all, poster
from tests.factories.subscribers import make_cycle

pytestmark = pytest.mark.django_db


def bill_of(account):
    return Invoice.objects.get(account_id=account.pk, state="POSTED")


def ways_of_note(note):
    rows = deliveries_of_credit_note(credit_note_id=note.pk).order_by("channel")
    return [(row.channel, row.state) for row in rows]


def contradictions():
    return [finding for one in DELIVERY_INVARIANTS for finding in one.findings()]


def test_note_is_mailed_with_its_paper_in_the_language_of_the_mail(specialist):
    account = make_payer(email="mary@example.org")
    run = deliver()
    send_bills()
    mail.outbox.clear()
    note = credit(bill_of(account), {1: 600}, specialist)
    send_bills()
    send_bills()

    (sent,) = mail.outbox
    assert sent.to == ["mary@example.org"]
    assert sent.subject == f"Meridian, credit note {note.number} of bill {bill_of(account).number}: 600 AMD"
    assert f"Account {account.number}" in str(sent.body)
    ((name, content, kind),) = sent.attachments
    assert (name, kind, content[:5]) == (f"{note.number}.pdf", "application/pdf", b"%PDF-")
    assert ways_of_note(note) == [("E_MAIL", "SENT")]
    assert [row.state for row in deliveries_of_bill(invoice_id=note.invoice_id)] == ["SENT"]
    assert [(one.state, one.bill_count) for one in ways_of_run(run_id=run.pk)] == [("SENT", 1)]
    assert contradictions() == []


def test_note_on_paper_goes_with_the_next_batch_of_its_run(specialist):
    account = make_payer(post_code="0002")
    run = deliver()
    note = credit(bill_of(account), {1: 600}, specialist)
    print_bills(run_id=run.pk, actor=specialist)
    make_files()

    batches = PrintBatch.objects.order_by("n")
    assert [batch.bill_count for batch in batches] == [1, 1]
    assert batches[1].manifest is not None
    manifest = path_of(batches[1].manifest.sha256).read_text().splitlines()
    assert [row["bill"] for row in csv.DictReader(manifest)] == [note.number]
    assert contradictions() == []


def test_note_that_waits_goes_nowhere_until_it_is_approved(specialist, settings):
    settings.SALDO_CREDIT_NOTE_LIMIT_MINOR = 100
    account = make_payer(email="mary@example.org")
    change_bill_delivery(account_id=account.pk, ways=[ChosenWay(kind="E_MAIL"), ChosenWay(kind="PORTAL")], actor=None)
    deliver()
    note = credit(bill_of(account), {1: 600}, specialist)
    assert ways_of_note(note) == []
    approve_credit_note(credit_note_id=note.pk, actor=poster(), at=AT)
    hand_out_credit_notes(notes=[note], at=AT)

    assert ways_of_note(note) == [("E_MAIL", "WAITING"), ("PORTAL", "SENT")]
    assert note_credit_note_viewed(credit_note_id=note.pk, at=AT)
    assert not note_credit_note_viewed(credit_note_id=note.pk, at=AT)
    with pytest.raises(BillIsOnItsWay):
        resend_credit_note(credit_note_id=note.pk, channel="E_MAIL", at=AT, actor=specialist)
    assert BillDelivery.objects.filter(credit_note_id=note.pk).count() == 2
    send_bills()
    resend_credit_note(credit_note_id=note.pk, channel="E_MAIL", at=AT, actor=specialist, language="ru")
    assert sorted(ways_of_note(note)) == [("E_MAIL", "RESENT"), ("E_MAIL", "WAITING"), ("PORTAL", "VIEWED")]
    assert contradictions() == []


def test_replaced_bill_sends_the_note_and_the_bill_in_its_place(specialist):
    account = make_payer(email="mary@example.org")
    deliver()
    send_bills()
    old = bill_of(account)
    preview_replacement(invoice_id=old.pk, actor=specialist, at=AT, language="en")
    assert BillDelivery.objects.exclude(credit_note_id=None).count() == 0
    replace_invoice(invoice_id=old.pk, reason_id=reason_id(), letter=LETTER, note="", actor=specialist, at=AT)
    hand_out()
    mail.outbox.clear()
    send_bills()

    new = Invoice.objects.get(pk=InvoiceReplacement.objects.get(old_invoice_id=old.pk).new_invoice_id)
    subjects = [sent.subject for sent in mail.outbox]
    assert sum(str(new.number) in subject for subject in subjects) == 1
    assert sum("credit note" in subject for subject in subjects) == 1
    assert contradictions() == []


def test_note_goes_the_way_that_its_bill_went(specialist):
    """The bill is on its way on paper; the address that the subscriber gave since is for later bills."""
    account = make_payer(post_code="0002")
    deliver()
    type(account.subscriber).objects.filter(pk=account.subscriber_id).update(email="mary@example.org")
    note = credit(bill_of(account), {1: 600}, specialist)

    assert ways_of_note(note) == [("PRINT", "WAITING")]


def test_bill_that_nobody_got_is_taken_back_in_silence(specialist):
    """Neither the bill nor its note is mailed, and the run's mail job is at its end."""
    account = make_payer(email="mary@example.org")
    deliver()
    note = cancel(bill_of(account), specialist)
    send_bills()

    assert mail.outbox == []
    assert ways_of_note(note) == []
    assert BillDelivery.objects.get().state == "WITHDRAWN"
    assert Job.objects.get(kind="invoicing.bill_mail").state == "DONE"
    assert contradictions() == []


@pytest.mark.parametrize("is_sent", [True, False])
def test_of_a_run_taken_back_those_are_told_who_had_their_bill(is_sent, specialist):
    account, on_paper = make_payer(email="mary@example.org"), make_payer(post_code="0002")
    run = deliver() if is_sent else bill_cycle(make_cycle())
    send_bills()
    if is_sent:
        print_bills(run_id=run.pk, actor=specialist)
        make_files()
        hand_over_print_batch(batch_id=PrintBatch.objects.get().pk, handed_over_to="Centre", at=AT, actor=specialist)
    ask_undo_bill_run(run_id=run.pk, reason="Wrong prices.", actor=specialist)
    undo_bill_run(run_id=run.pk, actor=poster(), at=AT)
    do_all("invoicing.undo_chunk")

    told = BillDelivery.objects.filter(account_id=account.pk).exclude(credit_note_id=None)
    assert [row.channel for row in told] == (["E_MAIL"] if is_sent else [])
    if is_sent:
        print_bills(run_id=run.pk, actor=specialist)
        make_files()
        printed = BillDelivery.objects.filter(account_id=on_paper.pk).exclude(credit_note_id=None).get()
        assert (printed.first_page, printed.batch is not None) == (1, True)
