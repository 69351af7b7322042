"""Bill runs: the list, and the page on which a run is watched, reviewed and posted."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.core import clock
from billing_site.identity.http import StaffRequest
from billing_site.web.addresses import url_or_empty
from billing_site.web.job_panel import JobLinks, job_panel_response, job_title, make_job_panel
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import DetailPage, ListPage, StaffPage
from invoicing.models import BillRun
from invoicing.queries.bill_deliveries import jobs_of_run
from invoicing.queries.reviews import ItemTotal, Review, StandingOut, bill_runs, review_bill_run
from invoicing.queries.words import reason_word
from invoicing.views.way_tables import run_ways_table
from invoicing.views.words import kind_word, words_of_rule
from tariffs.queries.words import SERVICE_KINDS

ONE_DAY = timedelta(days=1)
POSTED = frozenset({BillRun.State.POSTED, BillRun.State.DELIVERING, BillRun.State.DELIVERED})
STEPS = (
    (_("Calculate"), {"PLANNED", "CALCULATING"}),
    (_("Review"), {"CALCULATED"}),
    (_("Post"), {"POSTING", "POSTED"}),
    (_("Deliver"), {"DELIVERING"}),
)


class BillRunList(ListPage[BillRun]):
    """All runs, newest first."""

    permission: ClassVar[str] = "invoicing.view_bill_runs"
    title = _("Bill runs")
    template_name = "invoicing/bill_run_list.html"
    columns = (
        Column(label=pgettext_lazy("document", "Run"), value="pk", kind=Kind.CODE),
        Column(label=_("Cycle"), value="cycle.code", kind=Kind.CODE),
        Column(label=_("Whom it is for"), value=lambda row: kind_word(row.kind)),
        Column(label=_("Period from"), value="period_from", kind=Kind.DATE),
        Column(label=_("Bills"), value="billed_count", kind=Kind.NUM),
        Column(label=_("Set aside"), value="parked_count", kind=Kind.NUM),
        Column(label=_("With tax"), value="gross_minor", kind=Kind.MONEY, currency="currency"),
        Column(label=_("State"), value="state", kind=Kind.STATE),
    )
    order = ("-id",)
    empty = _("No bill run yet. When a period is over, start one.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[BillRun]:
        """Return all runs."""
        return bill_runs()

    def row_href(self, row: BillRun) -> str:
        """Return the page of a run."""
        return reverse("invoicing:bill-run", args=[row.pk])


class BillRunPage(DetailPage[Review]):
    """A run: its steps, its job, what was set aside, its review."""

    permission: ClassVar[str] = "invoicing.view_bill_runs"
    template_name = "invoicing/bill_run_detail.html"

    def subject(self, run_id: int) -> Review:
        """Return the review of the run."""
        try:
            return review_bill_run(run_id=run_id)
        except BillRun.DoesNotExist as error:
            raise Http404 from error

    def page_title(self, subject: Review) -> str:
        """Name cycle and period."""
        run = subject.run
        return _("Bill run %(cycle)s, %(period)s") % {"cycle": run.cycle.code, "period": f"{run.period_from:%Y-%m}"}

    def more(self, subject: Review) -> Mapping[str, Any]:
        """Return steps, panel and tables."""
        run = subject.run
        job = run.job
        return {
            "run": run,
            "last_on": run.period_until - ONE_DAY,
            "steps": steps_of(run),
            "panel": make_job_panel(job=job, links=links_of(run, self.request), now=clock.now()) if job else None,
            "tables": (
                items_table(subject.items),
                _standing_out(subject.changes, _("The largest changes"), run.currency),
                _standing_out(subject.huge, _("Unusually large bills"), run.currency),
                _standing_out(subject.negative, _("Bills that give money back"), run.currency),
            ),
            "ways": run_ways_table(run_id=run.pk),
            "way_jobs": [
                {"url": url_or_empty("console:job", one.pk), "title": job_title(one), "state": one.state}
                for one in jobs_of_run(run_id=run.pk)
            ],
            "may_post": self.request.user.may("invoicing.post_bill_run") and run.state == BillRun.State.CALCULATED,
            "is_own": run.started_by_id == self.request.user.pk,
            "may_export": self.request.user.may("invoicing.export_ubl") and run.posted_at is not None,
            "kind": kind_word(run.kind),
            "rule": words_of_rule(run.rule),
            "skipped": [(reason_word(reason), count) for reason, count in sorted(subject.skipped.items())],
            "samples": _samples(subject),
            "may_catch_up": self.request.user.may("invoicing.catch_up_bill_run")
            and run.state in POSTED
            and subject.open_count,
            "may_ask_undo": self.request.user.may("invoicing.ask_undo_bill_run") and run.state in POSTED,
            "may_undo": self.request.user.may("invoicing.undo_bill_run")
            and run.state in POSTED
            and run.undo_asked_by_id not in {None, self.request.user.pk},
            "may_cancel": self.request.user.may("invoicing.pause_bill_run")
            and run.state in {BillRun.State.PLANNED, BillRun.State.CALCULATING, BillRun.State.CALCULATED},
        }


class BillRunJob(StaffPage):
    """The panel's own address: asked each second while the run works."""

    permission: ClassVar[str] = "invoicing.view_bill_runs"

    def get(self, request: StaffRequest, run_id: int) -> HttpResponse:
        """Answer how far it is."""
        run = BillRun.objects.select_related("job").defer("reference").filter(pk=run_id).first()
        if run is None or run.job is None:
            raise Http404
        return job_panel_response(request, job=run.job, links=links_of(run, request))


def steps_of(run: BillRun) -> list[dict[str, Any]]:
    """Return the steps of a run, each done, now or later."""
    places = [index for index, (_label, states) in enumerate(STEPS) if run.state in states]
    ended = run.state in {BillRun.State.DELIVERED, BillRun.State.CANCELLED}
    now = places[0] if places else len(STEPS) if ended else 0
    return [
        {"label": label, "state": "done" if index < now else "now" if index == now else "later"}
        for index, (label, _states) in enumerate(STEPS)
    ]


def links_of(run: BillRun, request: StaffRequest) -> JobLinks:
    """Return the addresses of the run's panel; buttons only for who may press them."""
    may = request.user.may("invoicing.pause_bill_run")
    return JobLinks(
        panel=reverse("invoicing:bill-run-job", args=[run.pk]),
        pause=reverse("invoicing:pause-bill-run", args=[run.pk]) if may else "",
        resume=reverse("invoicing:resume-bill-run", args=[run.pk]) if may else "",
        set_aside=reverse("invoicing:parked-accounts", args=[run.pk]),
    )


def items_table(items: Sequence[ItemTotal]) -> Table[ItemTotal]:
    """Return new charges by service and bill item beside those of the last period."""
    return Table(
        caption=_("New charges by bill item, without tax"),
        columns=(
            Column(label=_("Service"), value=lambda row: SERVICE_KINDS.get(row.service, row.service)),
            Column(label=_("Bill item"), value="names", kind=Kind.NAME),
            Column(label=_("Lines"), value="line_count", kind=Kind.NUM),
            Column(label=_("This run"), value="net_minor", kind=Kind.MONEY),
            Column(label=_("Last run"), value="before_minor", kind=Kind.MONEY),
            Column(label=_("Change"), value="change_minor", kind=Kind.MONEY),
        ),
        rows=items,
        empty=_("Nothing is calculated yet."),
    )


def _samples(review: Review) -> list[dict[str, Any]]:
    """Return some bills in each language that somebody gets his bill in."""
    names = dict(settings.LANGUAGES)
    by_language: dict[str, list[StandingOut]] = {}
    for row in review.samples:
        by_language.setdefault(row.language, []).append(row)
    return [{"language": names[language], "code": language, "rows": rows} for language, rows in by_language.items()]


def _standing_out(rows: Any, caption: Any, currency: str) -> Table[StandingOut]:
    return Table(
        caption=caption,
        columns=(
            Column(label=_("Account"), value="account_number", kind=Kind.CODE),
            Column(label=_("Name"), value="name"),
            Column(label=_("This bill"), value="gross_minor", kind=Kind.MONEY),
            Column(label=_("Last bill"), value="before_minor", kind=Kind.MONEY),
            Column(label=_("Change"), value="change_minor", kind=Kind.MONEY),
            Column(label=_("Change, %"), value="percent", kind=Kind.NUM),
        ),
        rows=rows,
        empty=_("None."),
        row_href=lambda row: reverse("invoicing:invoice", args=[row.invoice_id]),
    )
