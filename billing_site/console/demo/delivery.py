"""How the bills of February went out: most mails arrived, one came back, a small print batch went to the printers."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from billing_site.console.demo.billing import known_run
from billing_site.console.demo.customers import account_of
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import TODAY, moment
from billing_site.console.demo.steps import Workforce
from invoicing.models import BillDelivery, Invoice, PrintBatch
from invoicing.operations.bill_resending import resend_bill
from invoicing.operations.bill_run_delivery import plan_print_batches
from invoicing.operations.mail_events import MailEvent, note_mail_event
from invoicing.operations.print_batches import JOIN, PART, print_bills
from invoicing.operations.print_handovers import hand_over_print_batch
from invoicing.tasks import send_bills
from subscribers.models import DeliveryChannel
from subscribers.operations.delivery import ChosenWay, change_bill_delivery

# These ask for their bill on paper too; they are the small batch.
PAPER_STORIES = ("hy", "ru", "zh-hans", "ar", "en")
PORTAL_STORY = "smart phone"


def choose_ways() -> None:
    """One subscriber reads his bills on his own pages and gets them by mail as well."""
    account = account_of(PORTAL_STORY)
    if not DeliveryChannel.objects.filter(account=account).exists():
        ways = [
            ChosenWay(kind=DeliveryChannel.Kind.PORTAL),
            ChosenWay(kind=DeliveryChannel.Kind.E_MAIL, address="davit@meridian.example"),
        ]
        change_bill_delivery(account_id=account.pk, ways=ways, actor=staff("clerk"))


def send_out(workforce: Workforce) -> Mapping[str, Any]:
    """Send the mails, let one come back, print five bills for who asked, and hand them over."""
    send_bills()
    run, at, actor = known_run(), moment(TODAY, 10), staff("specialist")
    sent = BillDelivery.objects.filter(run_id=run.pk, channel="E_MAIL", state=BillDelivery.State.SENT)
    last = sent.exclude(account_id=account_of(PORTAL_STORY).pk).order_by("-pk").first()
    if last is not None and not BillDelivery.objects.filter(state=BillDelivery.State.BOUNCED).exists():
        told = MailEvent(kind="bounced", delivery_id=last.pk, reason="bounced", detail="550 5.1.1 no such user")
        note_mail_event(event=told, at=at)
    for story in PAPER_STORIES:
        invoice = Invoice.objects.filter(account_id=account_of(story).pk, run_id=run.pk).first()
        if invoice is not None and not _is_on_paper(invoice.pk):
            resend_bill(invoice_id=invoice.pk, channel=DeliveryChannel.Kind.PRINT, at=at, actor=actor)
    with transaction.atomic():
        plan_print_batches(run_id=run.pk)
    small = PrintBatch.objects.filter(run=run).order_by("n").last()
    if small is not None and small.state == PrintBatch.State.PLANNED:
        print_bills(run_id=run.pk, actor=actor, batch_ids=[small.pk])
    workforce.finish((PART,))
    workforce.finish((JOIN,))
    if small is not None:
        small.refresh_from_db()
        if small.state == PrintBatch.State.MADE:
            hand_over_print_batch(batch_id=small.pk, handed_over_to="Meridian Press", at=at, actor=actor)
    return {"sent": sent.count(), "batches": PrintBatch.objects.filter(run=run).count()}


def _is_on_paper(invoice_id: int) -> bool:
    return BillDelivery.objects.filter(invoice_id=invoice_id, channel=DeliveryChannel.Kind.PRINT).exists()
