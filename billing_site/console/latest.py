"""What happened last, for the home page: the end of the intake, of billing and of the money, for who may see each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Sum
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing_site.console.books import find_last_check
from billing_site.core import clock
from billing_site.identity.models import User
from billing_site.web import wrapping
from billing_site.web.addresses import url_or_empty
from invoicing.models import BillRun
from payments.models import Payment
from rating.models import UsageFile
from reconciliation.models import TerminalCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """One line: what, when and how it ended, and where to read on."""

    label: str | Promise
    shown: SafeString
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where a line comes from and who may see it."""

    label: str | Promise
    verb: str
    find: Callable[[], tuple[SafeString, str] | None]


def latest_for(person: User) -> tuple[Latest, ...]:
    """Return what happened last in what a person may see. One or two queries for each line."""
    lines = []
    for source in SOURCES:
        found = source.find() if person.may(source.verb) else None
        if found is not None:
            lines.append(Latest(label=source.label, shown=found[0], url=found[1]))
    return tuple(lines)


def _last_usage() -> tuple[SafeString, str] | None:
    file = UsageFile.objects.order_by("-id").first()
    if file is None:
        return None
    shown = format_html(
        "{} · {} {}",
        wrapping.code_html(file.name),
        wrapping.instant_html(file.arrived_at),
        wrapping.state_html(file.state),
    )
    return shown, url_or_empty("rating:usage-file", file.pk)


def _last_run() -> tuple[SafeString, str] | None:
    run = BillRun.objects.select_related("cycle").defer("reference").order_by("-id").first()
    if run is None:
        return None
    shown = format_html(
        "{} · {} · {} {}",
        wrapping.code_html(run.cycle.code),
        wrapping.date_html(run.period_from),
        wrapping.minor_html(run.gross_minor, currency=run.currency),
        wrapping.state_html(run.state),
    )
    return shown, url_or_empty("invoicing:bill-run", run.pk)


def _money_of_yesterday() -> tuple[SafeString, str] | None:
    yesterday = clock.today() - timedelta(days=1)
    # What leaves suspense came in before.
    received = Payment.objects.filter(posted_on=yesterday).exclude(channel=Payment.Channel.SUSPENSE)
    sums = received.aggregate(count=Count("pk"), amount=Sum("amount_minor"))
    if not sums["count"]:
        return None
    shown = format_html(
        "{} · {}",
        wrapping.number_html(sums["count"]),
        wrapping.minor_html(sums["amount"], currency=settings.SALDO_CURRENCY),
    )
    day = yesterday.isoformat()
    return shown, f"{url_or_empty('payments:payments')}?posted_from={day}&posted_to={day}"


def _last_terminal_day() -> tuple[SafeString, str] | None:
    last = TerminalCheck.objects.order_by("-day").values_list("day", flat=True).first()
    if last is None:
        return None
    checks = TerminalCheck.objects.filter(day=last).select_related("network").order_by("network__code")
    words = format_html_join(
        " · ", "{} {}", ((wrapping.text_html(one.network.name), wrapping.state_html(one.state)) for one in checks)
    )
    return format_html("{} · {}", wrapping.date_html(last), words), url_or_empty("reconciliation:terminal-checks")


def _last_check_of_books() -> tuple[SafeString, str] | None:
    job = find_last_check()
    if job is None:
        return None
    shown = format_html("{} {}", wrapping.instant_html(job.created_at), wrapping.state_html(job.state))
    return shown, url_or_empty("console:check-books")


SOURCES = (
    _Source(label=_("Last usage file"), verb="rating.view_intake", find=_last_usage),
    _Source(label=_("Last bill run"), verb="invoicing.view_bill_runs", find=_last_run),
    _Source(label=_("Payments of yesterday"), verb="payments.view_payments", find=_money_of_yesterday),
    _Source(label=_("Last terminal check"), verb="reconciliation.view_terminal_checks", find=_last_terminal_day),
    _Source(label=_("Last check of the books"), verb="console.check_books", find=_last_check_of_books),
)
