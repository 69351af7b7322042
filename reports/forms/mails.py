"""The letter that carries a report."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from billing_site.core import clock
from billing_site.documents.models import ReportOrder
from billing_site.documents.report_orders import due_on
from billing_site.documents.workbooks import workbook_bytes
from billing_site.web.exports import CONTENT_TYPE
from billing_site.web.formatting import format_date
from reports.domain.asking import days_sent
from reports.domain.definition import Definition
from reports.forms.questions import dated
from reports.forms.tables import facts_of, sheets_of
from reports.queries.catalogue import REPORTS, department_of, may_read


def report_letter(order: ReportOrder, *, at: datetime) -> EmailMessage | None:
    """Return the letter of an order, in the language of who ordered it; nothing for who may not read it any more."""
    report = REPORTS.get(order.report)
    if report is None or not order.user.is_active or not may_read(order.user, report):
        return None
    with translation.override(order.user.language):
        return _letter(order, report, at=at)


def _letter(order: ReportOrder, report: Definition, *, at: datetime) -> EmailMessage:
    is_monthly = order.rhythm == ReportOrder.Rhythm.MONTHLY
    days = days_sent(report, is_monthly=is_monthly, due_on=due_on(rhythm=order.rhythm, today=clock.today()))
    question = dated(order.question, days=days, department_id=department_of(order.user))
    sheets = sheets_of(report, report.read(question), facts=facts_of(report, question, at=at))
    named = {
        "report": _(report.title),
        "first": format_date(question.first, language=order.user.language),
        "last": format_date(question.last, language=order.user.language),
    }
    letter = EmailMessage(
        subject=_("%(report)s, %(first)s to %(last)s") % named,
        body=_("The report that you ordered is attached. You can cancel it in the report centre.") + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[order.mail_to],
    )
    letter.attach(
        f"{report.code}-{question.last.isoformat()}.xlsx",
        workbook_bytes(sheets, zone=clock.operator_zone()),
        CONTENT_TYPE,
    )
    return letter
