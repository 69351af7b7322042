"""Reports that people have sent to them."""

import logging
from datetime import date, datetime
from typing import Any

from celery import shared_task
from django.core.mail import EmailMessage

from billing_site.core import clock
from billing_site.documents.models import ReportOrder
from billing_site.documents.report_orders import (
    claim_report_mail,
    due_on,
    orders_due,
    settle_lost_reports,
    settle_report_mail,
)
from reports.forms.mails import report_letter

logger = logging.getLogger(__name__)


@shared_task(name="reports.send_reports")
def send_reports(**_: Any) -> None:
    """Send every report that is due, one after the other."""
    settle_lost_reports(at=clock.now())
    for order in orders_due(today=clock.today()):
        day = due_on(rhythm=order.rhythm, today=clock.today())
        letter = write_letter(order)
        if letter is not None and claim_report_mail(order_id=order.pk, due_on=day, at=clock.now()):
            post_letter(letter, order=order, due_on=day, at=clock.now())


def write_letter(order: ReportOrder) -> EmailMessage | None:
    """Return the letter of an order; one report that cannot be made does not keep the others from being sent."""
    try:
        return report_letter(order, at=clock.now())
    except Exception:
        logger.exception("Report %s of order %s could not be made", order.report, order.pk)
        return None


def post_letter(letter: EmailMessage, *, order: ReportOrder, due_on: date, at: datetime) -> None:
    """Send a letter that was taken up, and write down what became of it."""
    try:
        letter.send()
    except Exception as error:
        logger.exception("Report %s of order %s could not be sent", order.report, order.pk)
        settle_report_mail(order_id=order.pk, due_on=due_on, at=at, error=f"{type(error).__name__}: {error}")
    else:
        settle_report_mail(order_id=order.pk, due_on=due_on, at=at)
