"""Row 004-02: a bill's mail is sent at most once, and tried again only when it certainly was not taken."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from billing_site.audit.models import AuditEntry
from invoicing.models import BillDelivery, Invoice
from invoicing.operations.bill_mails import LOST_AFTER, claim_bill_mail, settle_lost_mails
from invoicing.operations.bill_resending import BillIsOnItsWay, NowhereToSend, note_bill_viewed, resend_bill
from invoicing.operations.bill_run_delivery import TAKEN_BACK
from invoicing.operations.mail_events import MailEvent, MailNotSent, note_mail_event, note_returned_bill
from invoicing.tasks import send_bills
from subscribers.operations.delivery import ChosenWay, change_bill_delivery
from subscribers.queries.delivery import delivery_of_account
from tests.factories.credit_notes import cancel
from tests.factories.deliveries import AT, deliver, mail_of, make_payer, ways_of

pytestmark = pytest.mark.django_db


class Away(EmailBackend):
    """A server that does not answer."""

    def send_messages(self, messages):
        raise ConnectionRefusedError("nobody listens")


class Refusing(EmailBackend):
    """A server that knows no such person."""

    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({"gone@example.org": (550, b"no such user")})


class Breaking(EmailBackend):
    """A server whose line breaks after the text."""

    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("connection lost")


@pytest.fixture
def payer(db):
    account = make_payer(email="gone@example.org")
    deliver()
    return account


def use(settings, backend: type[EmailBackend]) -> None:
    settings.EMAIL_BACKEND = f"{backend.__module__}.{backend.__name__}"


def test_server_that_does_not_answer_is_asked_again_later(payer, settings, time_machine):
    use(settings, Away)
    send_bills()
    row = mail_of(payer)
    assert (row.state, row.attempt_count) == ("WAITING", 1)
    assert row.due_at is not None
    assert row.claimed_at is not None
    assert timedelta(0) <= row.due_at - row.claimed_at - timedelta(minutes=2) < timedelta(minutes=1)
    send_bills()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    time_machine.move_to(row.due_at + timedelta(seconds=1))
    send_bills()

    assert ways_of(payer) == [("E_MAIL", "SENT")]
    assert (mail_of(payer).attempt_count, len(mail.outbox)) == (2, 1)


def test_attempts_end(payer, settings):
    use(settings, Away)
    BillDelivery.objects.update(attempt_count=5)
    send_bills()

    assert mail_of(payer).state == "FAILED"


def test_refused_address_bounces_and_the_next_bill_goes_on_paper(payer, settings):
    use(settings, Refusing)
    send_bills()

    row = mail_of(payer)
    assert (row.state, row.sent_at) == ("BOUNCED", None)
    assert [way.kind for way in delivery_of_account(account_id=payer.pk).ways] == ["PRINT"]


def test_mail_that_may_have_gone_is_not_sent_again(payer, settings):
    use(settings, Breaking)
    send_bills()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_bills()

    assert (mail_of(payer).state, mail.outbox) == ("FAILED", [])


def test_claim_is_given_once_and_a_lost_one_is_settled_by_a_person(payer, clerk):
    row = mail_of(payer)
    assert row.due_at is not None
    assert claim_bill_mail(delivery_id=row.pk, at=row.due_at)
    assert not claim_bill_mail(delivery_id=row.pk, at=row.due_at)
    assert settle_lost_mails(at=row.due_at + LOST_AFTER) == 0
    with pytest.raises(BillIsOnItsWay):
        resend_bill(invoice_id=row.bill_id, channel="E_MAIL", at=AT, actor=clerk)
    assert settle_lost_mails(at=row.due_at + LOST_AFTER + timedelta(seconds=1)) == 1
    send_bills()
    assert (mail_of(payer).state, mail.outbox) == ("FAILED", [])
    resend_bill(invoice_id=row.bill_id, channel="E_MAIL", at=AT, actor=clerk)
    send_bills()

    assert ways_of(payer) == [("E_MAIL", "RESENT"), ("E_MAIL", "SENT")]
    assert len(mail.outbox) == 1
    assert AuditEntry.objects.filter(action="invoicing.resend_bill", actor=clerk).count() == 1


def test_bill_taken_back_while_it_waits_is_not_sent(payer, specialist):
    bill = mail_of(payer)
    cancel(Invoice.objects.get(pk=bill.bill_id), specialist)
    send_bills()

    bill.refresh_from_db()
    assert (bill.state, bill.detail, bill.attempt_count) == ("WITHDRAWN", TAKEN_BACK, 0)
    # Who never had the bill is told nothing of its credit note either.
    assert mail.outbox == []


def test_provider_tells_of_a_mail_whose_sender_died(payer):
    row = mail_of(payer)
    assert row.due_at is not None
    claim_bill_mail(delivery_id=row.pk, at=row.due_at)
    told = MailEvent(kind="delivered", delivery_id=row.pk)
    assert note_mail_event(event=told, at=AT)
    assert not note_mail_event(event=told, at=AT)

    assert ways_of(payer) == [("E_MAIL", "SENT")]


def test_events_bounce_once_open_once_and_strangers_are_forgotten(payer):
    send_bills()
    row = mail_of(payer)
    assert not note_mail_event(event=MailEvent(kind="bounced", delivery_id=row.pk + 999), at=AT)
    assert not note_mail_event(event=MailEvent(kind="bounced", message_id="<other>"), at=AT)
    assert note_mail_event(event=MailEvent(kind="opened", delivery_id=row.pk), at=AT)
    assert ways_of(payer) == [("E_MAIL", "VIEWED")]
    soft = MailEvent(kind="bounced", delivery_id=row.pk, reason="timed_out")
    assert note_mail_event(event=soft, at=AT)
    assert not note_mail_event(event=soft, at=AT)

    assert ways_of(payer) == [("E_MAIL", "BOUNCED")]
    assert [way.kind for way in delivery_of_account(account_id=payer.pk).ways] == ["E_MAIL"]


def test_mail_that_came_back_by_post_is_noted_by_a_person(payer, clerk):
    row = mail_of(payer)
    with pytest.raises(MailNotSent):
        note_returned_bill(delivery_id=row.pk, at=AT, actor=clerk)
    assert ways_of(payer) == [("E_MAIL", "WAITING")]
    send_bills()
    note_returned_bill(delivery_id=row.pk, at=AT, actor=clerk)

    assert ways_of(payer) == [("E_MAIL", "BOUNCED")]
    assert [way.kind for way in delivery_of_account(account_id=payer.pk).ways] == ["PRINT"]


def test_resending_needs_an_address_and_may_take_another_way(clerk):
    account = make_payer()
    deliver()
    invoice_id = BillDelivery.objects.get(account_id=account.pk).bill_id
    with pytest.raises(NowhereToSend):
        resend_bill(invoice_id=invoice_id, channel="E_MAIL", at=AT, actor=clerk)
    with pytest.raises(BillIsOnItsWay):
        resend_bill(invoice_id=invoice_id, channel="PRINT", at=AT, actor=clerk)
    assert ways_of(account) == [("PRINT", "WAITING")]
    resend_bill(invoice_id=invoice_id, channel="E_MAIL", address="new@example.org", at=AT, actor=clerk)

    assert ways_of(account) == [("PRINT", "WAITING"), ("E_MAIL", "WAITING")]


def test_bill_on_the_own_pages_is_seen_once():
    account = make_payer()
    change_bill_delivery(account_id=account.pk, ways=[ChosenWay(kind="PORTAL")], actor=None)
    deliver()
    invoice_id = BillDelivery.objects.get(account_id=account.pk).bill_id

    assert note_bill_viewed(invoice_id=invoice_id, at=AT)
    assert not note_bill_viewed(invoice_id=invoice_id, at=AT)
    assert ways_of(account) == [("PORTAL", "VIEWED")]
