"""Rows 002-11, 004-02: every bill of a run goes out on the ways of its account, once."""

from datetime import date

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from billing_site.identity.roles import Role
from billing_site.jobs.models import Job, WorkItem
from invoicing.models import BillDelivery, Invoice, PrintBatch
from invoicing.operations.bill_run_delivery import deliver_bill_run
from invoicing.operations.final_bills import make_final_bill
from invoicing.queries.bill_deliveries import ways_of_run
from invoicing.tasks import send_bills
from subscribers.operations.delivery import ChosenWay, change_bill_delivery
from tests.factories.deliveries import deliver, hand_out, make_payer, ways_of
from tests.factories.identity import make_staff

pytestmark = pytest.mark.django_db


def test_bills_with_mail_are_not_printed_and_the_others_are():
    by_mail, on_paper, both = make_payer(email="mary@example.org"), make_payer(), make_payer(email="a@example.org")
    change_bill_delivery(
        account_id=both.pk, ways=[ChosenWay(kind=kind) for kind in ("E_MAIL", "PORTAL", "PRINT")], actor=None
    )
    run = deliver()

    assert run.state == "DELIVERED"
    assert ways_of(by_mail) == [("E_MAIL", "WAITING")]
    assert ways_of(on_paper) == [("PRINT", "WAITING")]
    assert ways_of(both) == [("E_MAIL", "WAITING"), ("PORTAL", "SENT"), ("PRINT", "WAITING")]
    counts = {(one.channel, one.state): one.bill_count for one in ways_of_run(run_id=run.pk)}
    assert counts == {("E_MAIL", "WAITING"): 2, ("PORTAL", "SENT"): 1, ("PRINT", "WAITING"): 2}
    assert list(PrintBatch.objects.values_list("n", "state", "bill_count")) == [(1, "PLANNED", 2)]


def test_mails_are_sent_with_their_papers_and_counted_by_the_mail_job():
    account = make_payer(email="mary@example.org")
    run = deliver()
    send_bills()
    send_bills()

    assert ways_of(account) == [("E_MAIL", "SENT")]
    (sent,) = mail.outbox
    number = Invoice.objects.get(account_id=account.pk).number
    assert (sent.to, sent.subject) == (
        ["mary@example.org"],
        f"Meridian, bill {number}: 1,200 AMD, due on 2026-03-21",
    )
    assert f"Account {account.number}" in str(sent.body)
    assert isinstance(sent, EmailMultiAlternatives)
    assert [kind for _content, kind in sent.alternatives] == ["text/html"]
    ((name, content, kind),) = sent.attachments
    assert (name, kind, content[:5]) == (f"{number}.pdf", "application/pdf", b"%PDF-")
    job = Job.objects.get(key=f"bill-run-{run.pk}-mail")
    assert (job.state, job.done_units, job.set_aside_units) == ("DONE", 1, 0)


def test_pieces_done_again_write_nothing_twice():
    make_payer(email="mary@example.org")
    make_payer()
    run = deliver()
    before = list(BillDelivery.objects.order_by("pk").values())
    WorkItem.objects.update(state="TODO", claimed_until=None, attempt=0)
    Job.objects.update(state="RUNNING")
    hand_out()
    deliver_bill_run(run_id=run.pk)

    assert list(BillDelivery.objects.order_by("pk").values()) == before
    assert PrintBatch.objects.count() == 1


def test_final_bill_goes_out_as_the_bills_of_every_run_do():
    account = make_payer(email="mary@example.org")
    make_final_bill(account_id=account.pk, on=date(2026, 3, 10), due_on=date(2026, 3, 30), actor=make_staff(Role.CLERK))
    hand_out()
    send_bills()
    send_bills()

    assert ways_of(account) == [("E_MAIL", "SENT")]
    assert len(mail.outbox) == 1
