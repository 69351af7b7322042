"""Rows 004-02, 002-11, 001-13: letters go the way of the account's bills: by mail, on paper, on the own pages."""

import csv
from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.urls import reverse
from pypdf import PdfReader

from billing_site.documents.files import path_of
from billing_site.jobs.models import Job
from billing_site.jobs.work import drain
from invoicing.models import BillDelivery, PrintBatch
from invoicing.operations.letter_batches import NoLetterWaits, print_letters
from invoicing.operations.mail_events import MailEvent, note_mail_event, note_returned_bill
from invoicing.operations.print_batches import make_print_batch_again
from invoicing.operations.print_handovers import hand_over_print_batch
from invoicing.queries.delivery_invariants import DELIVERY_INVARIANTS
from subscribers.models import Account, Notice
from subscribers.operations.delivery import ChosenWay, change_bill_delivery
from subscribers.operations.notices import SEND_NOTICE, NewNotice, resend_notice, write_notices
from tests.factories.deliveries import make_files, make_payer
from tests.factories.dunning import make_debt, make_policy, run_on
from tests.factories.payments import make_network, pay
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 5, 8, tzinfo=UTC)
DAY, DUE = AT.date(), AT.date().replace(month=2, day=20)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path


def write(account: Account, *, key: str = "tests.letter/1") -> Notice:
    new = NewNotice(
        key=key, account_id=account.pk, subject="A letter", msgid="%(n)s words.", params={"n": 1200}, is_letter=True
    )
    with transaction.atomic():
        write_notices(notices=[new], at=AT)
    return Notice.objects.get(key=key)


def state_of(notice: Notice) -> tuple[str, str]:
    notice.refresh_from_db()
    return notice.channel, notice.state


def contradictions():
    return [finding for one in DELIVERY_INVARIANTS for finding in one.findings()]


def test_letter_takes_the_way_of_the_bills():
    by_mail, on_paper, chosen, own = (make_payer(email=one) for one in ("m@example.org", "", "c@example.org", ""))
    change_bill_delivery(account_id=chosen.pk, ways=[ChosenWay(kind="PRINT", language="ru")], actor=None)
    change_bill_delivery(account_id=own.pk, ways=[ChosenWay(kind="PORTAL")], actor=None)
    notices = [write(one, key=f"tests.letter/{one.pk}") for one in (by_mail, on_paper, chosen, own)]

    assert [state_of(one) for one in notices] == [
        ("EMAIL", "WAITING"), ("PRINT", "WAITING"), ("PRINT", "WAITING"), ("PORTAL", "SENT"),
    ]  # fmt: skip
    assert notices[2].language == "ru"


def test_letters_are_printed_in_route_order_handed_over_come_back_and_go_again(specialist):
    accounts = [make_payer(post_code=code) for code in ("0020", "0010")]
    first, second = (write(one, key=f"tests.letter/{one.pk}") for one in accounts)
    job = print_letters(at=AT, actor=specialist)
    with pytest.raises(NoLetterWaits):
        print_letters(at=AT, actor=specialist)
    make_files()
    batch = PrintBatch.objects.select_related("content", "manifest").get()
    assert batch.content is not None
    assert batch.manifest is not None
    pages = [page.extract_text() for page in PdfReader(path_of(batch.content.sha256)).pages]
    listed = list(csv.DictReader(path_of(batch.manifest.sha256).read_text().splitlines()))
    assert [row["bill"] for row in listed] == [f"L-{second.pk}", f"L-{first.pk}"]
    assert ("1,200 words." in pages[0], accounts[1].number in pages[0]) == (True, True)
    assert Job.objects.get(pk=job.pk).state == "DONE"
    path_of(batch.content.sha256).unlink()
    make_print_batch_again(batch_id=batch.pk, actor=specialist)
    make_files()
    assert path_of(batch.content.sha256).exists()

    hand_over_print_batch(batch_id=batch.pk, handed_over_to="Post", at=AT, actor=specialist)
    assert [state_of(first), state_of(second)] == [("PRINT", "SENT")] * 2
    note_returned_bill(delivery_id=BillDelivery.objects.get(notice_id=first.pk).pk, at=AT, actor=specialist)
    assert state_of(first) == ("PRINT", "BOUNCED")
    resend_notice(notice_id=first.pk, at=AT, actor=specialist)
    print_letters(at=AT, actor=specialist)
    rows = BillDelivery.objects.filter(notice_id=first.pk).order_by("pk")
    assert [row.state for row in rows] == ["RESENT", "WAITING"]
    assert contradictions() == []


def test_reminder_of_a_debt_that_is_paid_meanwhile_leaves_the_file(specialist):
    """Re-checked at the moment of sending: nobody who has paid gets the letter; another debt's letter says its rest."""
    network = make_network()
    make_policy()
    paid, rest = make_payer(post_code="0010"), make_payer(post_code="0020")
    for account in (paid, rest):
        make_debt(account, 1000, due_on=DUE)
    run_on(DAY)
    print_letters(at=AT, actor=specialist)
    make_files()
    pay(paid.number, "1000", network=network, txn_id="1")
    pay(rest.number, "400", network=network, txn_id="2")
    batch = hand_over_print_batch(batch_id=PrintBatch.objects.get().pk, handed_over_to="Post", at=AT, actor=specialist)
    assert (batch.state, batch.version) == ("MAKING", 2)
    make_files()
    hand_over_print_batch(batch_id=batch.pk, handed_over_to="Post", at=AT, actor=specialist)

    batch.refresh_from_db()
    assert batch.content is not None
    text = "".join(page.extract_text() for page in PdfReader(path_of(batch.content.sha256)).pages)
    assert ("600 AMD" in text, paid.number in text) == (True, False)
    assert list(batch.bills.order_by("place").values_list("state", flat=True)) == ["WITHDRAWN", "PRINTED"]
    assert state_of(Notice.objects.get(account=paid)) == ("PRINT", "WITHDRAWN")
    assert contradictions() == []


def test_mail_of_a_letter_that_comes_back_goes_on_paper_when_it_is_sent_again(specialist):
    notice = write(make_payer(email="gone@example.org"))
    drain(SEND_NOTICE)
    told = MailEvent(kind="bounced", notice_id=notice.pk, reason="bounced", detail="550")
    assert note_mail_event(event=told, at=AT)
    assert not note_mail_event(event=told, at=AT)
    assert state_of(notice) == ("EMAIL", "BOUNCED")
    resend_notice(notice_id=notice.pk, at=AT, actor=specialist)

    assert state_of(notice) == ("PRINT", "WAITING")


def test_letters_are_printed_from_the_list_of_batches(client, specialist, clerk):
    notice = write(make_payer(post_code="0010"))
    client.force_login(clerk)
    assert client.post(reverse("invoicing:print-letters")).status_code == 403
    assert not PrintBatch.objects.exists()
    client.force_login(specialist)
    assert reverse("invoicing:print-letters") in client.get(reverse("invoicing:print-batches")).content.decode()
    assert client.get(reverse("invoicing:print-letters")).status_code == 200
    assert client.post(reverse("invoicing:print-letters")).status_code == 302
    make_files()

    page = client.get(reverse("invoicing:print-batch", args=[PrintBatch.objects.get().pk])).content.decode()
    assert (f"L-{notice.pk}" in page, reverse("subscribers:notice", args=[notice.pk]) in page) == (True, True)
    assert_numbers_wrapped(page)
