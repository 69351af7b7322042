"""Reports by e-mail: ordered by a person for himself, sent once for each day or month, cancelled by him."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.documents.models import ReportMail, ReportOrder
from billing_site.identity.models import User

# A mail that was taken up so long ago and is neither sent nor given back will not be: its process died.
LOST_AFTER = timedelta(hours=1)
MOST_ATTEMPTS = 5


class ReportAlreadyOrdered(BillingError):
    """The same report to the same address twice."""

    default_message = gettext_noop("You have ordered this report already: it goes to %(address)s.")
    default_code = "REPORT_ALREADY_ORDERED"


class ReportOrderOfAnother(BillingError):
    """Each cancels his own."""

    default_message = gettext_noop("This report was ordered by another person.")
    default_code = "REPORT_ORDER_OF_ANOTHER"


@durable
def order_report(
    *, report: str, rhythm: str, question: Mapping[str, Any], mail_to: str, from_on: date, at: datetime, actor: User
) -> ReportOrder:
    """
    Have a report sent again and again, with the workbook attached.

    :param report: its code
    :param rhythm: one of ``ReportOrder.Rhythm``
    :param question: what is asked besides the days, as plain JSON
    :param from_on: the first day on which it is sent
    :raises ReportAlreadyOrdered: if it is sent there in this rhythm with this question already
    """
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    same = ReportOrder.objects.filter(
        user=actor, report=report, rhythm=rhythm, question=dict(question), mail_to=mail_to, ended_at=None
    )
    if same.exists():
        raise ReportAlreadyOrdered(context={"address": mail_to})
    order = ReportOrder.objects.create(
        user=actor,
        report=report,
        rhythm=rhythm,
        question=dict(question),
        mail_to=mail_to,
        from_on=from_on,
        ordered_at=at,
    )
    changes = {"report": report, "rhythm": rhythm, "question": dict(question), "mail_to": mail_to}
    record("documents.order_report", actor=actor, subject=order, changes=changes)
    return order


@durable
def cancel_report(*, order_id: int, at: datetime, actor: User) -> None:
    """
    Send a report no more; done again it changes nothing.

    :raises ReportOrderOfAnother: for anybody but the one who ordered it
    """
    order = ReportOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
    if order.user_id != actor.pk:
        raise ReportOrderOfAnother
    if order.ended_at is None:
        order.ended_at = at
        order.save(update_fields=["ended_at"])
        record("documents.cancel_report", actor=actor, subject=order)


def due_on(*, rhythm: str, today: date) -> date:
    """Return the day for which an order of a rhythm is sent last: today, or the first of the month."""
    return today if rhythm == ReportOrder.Rhythm.DAILY else today.replace(day=1)


def orders_due(*, today: date) -> "QuerySet[ReportOrder]":
    """Return the orders for whose day nothing was sent and nothing is on its way, nor has failed too often."""
    daily = due_on(rhythm=ReportOrder.Rhythm.DAILY, today=today)
    monthly = due_on(rhythm=ReportOrder.Rhythm.MONTHLY, today=today)
    orders = ReportOrder.objects.filter(ended_at=None).select_related("user__centre")
    settled = ReportMail.objects.exclude(state=ReportMail.State.FAILED, attempts__lt=MOST_ATTEMPTS)
    by_day = orders.filter(rhythm=ReportOrder.Rhythm.DAILY, from_on__lte=daily).exclude(
        pk__in=settled.filter(due_on=daily).values("order_id")
    )
    by_month = orders.filter(rhythm=ReportOrder.Rhythm.MONTHLY, from_on__lte=monthly).exclude(
        pk__in=settled.filter(due_on=monthly).values("order_id")
    )
    return (by_day | by_month).order_by("id")


@durable
def claim_report_mail(*, order_id: int, due_on: date, at: datetime) -> bool:
    """Take a mail up before it is sent: whoever gets ``False`` leaves it alone, it is sent or somebody is at it."""
    try:
        with transaction.atomic():
            ReportMail.objects.create(order_id=order_id, due_on=due_on, claimed_at=at)
    except IntegrityError:
        again = ReportMail.objects.filter(
            order_id=order_id, due_on=due_on, state=ReportMail.State.FAILED, attempts__lt=MOST_ATTEMPTS
        )
        return again.update(state=ReportMail.State.SENDING, claimed_at=at) == 1
    return True


@durable
def settle_report_mail(*, order_id: int, due_on: date, at: datetime, error: str = "") -> None:
    """Write down that a mail taken up was sent, or why it could not be: then it is tried again later."""
    mail = ReportMail.objects.select_for_update().get(order_id=order_id, due_on=due_on)
    mail.attempts += 1
    mail.state = ReportMail.State.FAILED if error else ReportMail.State.SENT
    mail.sent_at = None if error else at
    mail.last_error = error[:300]
    mail.save(update_fields=["attempts", "state", "sent_at", "last_error"])


@durable
def settle_lost_reports(*, at: datetime) -> int:
    """
    Mark the mails whose process died while it sent them, and return how many there are.

    They may have gone out: they are not sent again.
    """
    lost = ReportMail.objects.filter(state=ReportMail.State.SENDING, claimed_at__lt=at - LOST_AFTER)
    return lost.update(state=ReportMail.State.LOST)
