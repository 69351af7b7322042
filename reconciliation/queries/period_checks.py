"""What of terminals, bank statements and revenue transfers stands in the way of closing an accounting period."""

from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from billing_site.core.periods import DatePeriod
from invoicing.queries.periods import OpenWork, PeriodCheck
from payments.models import Payment
from reconciliation.models import LIVE_STATES, Discrepancy, Statement, StatementLine, TerminalCheck
from reconciliation.queries.revenue_transfers import untransferred
from reconciliation.queries.unmatched import lines_left


def terminals_not_checked(days: DatePeriod) -> OpenWork:
    """Return the days with payments that were compared with no register, and the cases of the days that are open."""
    compared = TerminalCheck.objects.filter(network_id=OuterRef("network_id"), day=OuterRef("posted_on")).exclude(
        state=TerminalCheck.State.MISSING
    )
    paid = Payment.objects.filter(network__isnull=False, posted_on__gte=days.start, posted_on__lt=days.until)
    unchecked = paid.filter(~Exists(compared)).values("network_id", "posted_on").distinct().count()
    cases = Discrepancy.objects.filter(
        state__in=LIVE_STATES, check_run__day__gte=days.start, check_run__day__lt=days.until
    ).count()
    count = unchecked + cases
    sentence = _("%(days)s days of terminals are not checked, %(cases)s differences are open.")
    return OpenWork(
        count=count,
        sentence=sentence % {"days": unchecked, "cases": cases} if count else "",
        url_name="reconciliation:terminal-checks",
    )


def statements_not_booked(days: DatePeriod) -> OpenWork:
    """
    Return the statements with lines of the days that are held or not booked to their end, and the lines of the days of
    which something has no owner yet, those put aside included.
    """
    is_of_days = Q(booked_on__gte=days.start, booked_on__lt=days.until)
    unfinished = Q(state__in=[Statement.State.HELD, Statement.State.ACCEPTED])
    touching = StatementLine.objects.filter(is_of_days, statement=OuterRef("pk"))
    without_lines = Q(line_count=0, closed_on__gte=days.start, closed_on__lt=days.until)
    statements = Statement.objects.filter(unfinished, Exists(touching) | without_lines).count()
    lines = lines_left().filter(is_of_days).count()
    sentence = _("%(statements)s bank statements are held or not booked, %(lines)s of their lines have no owner.")
    words = {"statements": statements, "lines": lines}
    return OpenWork(
        count=statements + lines,
        sentence=sentence % words if statements or lines else "",
        url_name="reconciliation:statements",
    )


def revenue_not_transferred(days: DatePeriod) -> OpenWork:
    """Return the bills and credit notes of the days that are in no revenue transfer that was sent."""
    count = sum(one.count for one in untransferred(days=days))
    sentence = _("%(count)s bills and credit notes are not handed over to accounting.")
    words = sentence % {"count": count} if count else ""
    return OpenWork(count=count, sentence=words, url_name="reconciliation:revenue-transfers")


PERIOD_CHECKS: Mapping[str, PeriodCheck] = {
    "TERMINALS_CHECKED": terminals_not_checked,
    "STATEMENTS_BOOKED": statements_not_booked,
    "REVENUE_TRANSFERRED": revenue_not_transferred,
}
