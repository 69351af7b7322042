"""Previews of bill runs: asked for, watched, read."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from billing_site.core import clock
from billing_site.identity.http import StaffRequest
from billing_site.web.job_panel import JobLinks, job_panel_response, make_job_panel
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome, StaffPage
from invoicing.forms import RunRuleForm
from invoicing.models import BillRunPreview
from invoicing.operations.bill_run_preview import cancel_bill_run_preview, preview_bill_run, preview_paper
from invoicing.operations.invoice_papers import make_pdf
from invoicing.queries.previews import AccountChange, PreviewFigures, bill_run_previews, get_preview_figures
from invoicing.queries.words import reason_word
from invoicing.views.acts import checks_of_cycles, usual_values
from invoicing.views.bill_runs import items_table
from invoicing.views.words import detail_word, words_of_rule
from subscribers.views.accounts import account_column

ONE_DAY = timedelta(days=1)
PERMISSION = "invoicing.preview_bill_run"


class BillRunPreviewList(ListPage[BillRunPreview]):
    """All previews, newest first."""

    permission: ClassVar[str] = PERMISSION
    title = _("Previews of bill runs")
    template_name = "invoicing/bill_run_preview_list.html"
    columns = (
        Column(label=_("Preview"), value="pk", kind=Kind.CODE),
        Column(label=_("Cycle"), value="cycle.code", kind=Kind.CODE),
        Column(label=_("Asked by"), value="started_by"),
        Column(label=_("Asked"), value="started_at", kind=Kind.INSTANT),
        Column(label=_("State"), value="state", kind=Kind.STATE),
    )
    empty = _("Nobody has tried a bill run yet.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[BillRunPreview]:
        """Return them."""
        return bill_run_previews()

    def row_href(self, row: BillRunPreview) -> str:
        """Open one."""
        return reverse("invoicing:bill-run-preview", args=[row.pk])


class PreviewBillRun(FormPage):
    """Choose a cycle, and whom of it, and see what a run would bring."""

    permission: ClassVar[str] = PERMISSION
    title = _("Preview a bill run")
    template_name = "invoicing/preview_bill_run.html"
    form_class = RunRuleForm
    submit_label = _("Preview")
    intro = _("The bills are calculated as a run would, and nothing is kept of them but sums and samples.")

    def initial(self, **ids: Any) -> Mapping[str, Any]:
        """Offer a due day."""
        return usual_values(self.request)

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Show what would stand in the way."""
        return {"checks": checks_of_cycles(reader=self.request.user)}

    def perform(self, form: Any, **ids: Any) -> Outcome:
        """Start it."""
        preview = preview_bill_run(
            cycle_id=form.cleaned_data["cycle"].pk,
            issued_on=clock.today(),
            due_on=form.cleaned_data["due_on"],
            started_by=self.request.user,
            kind=form.kind(),
            rule=form.rule(),
        )
        return Outcome(
            url=reverse("invoicing:bill-run-preview", args=[preview.pk]), message=gettext("The preview is under way.")
        )


class BillRunPreviewPage(DetailPage[PreviewFigures]):
    """What a run would bring, as far as it is calculated."""

    permission: ClassVar[str] = PERMISSION
    template_name = "invoicing/bill_run_preview_detail.html"

    def subject(self, preview_id: int) -> PreviewFigures:
        """Return the figures."""
        try:
            return get_preview_figures(preview_id=preview_id)
        except BillRunPreview.DoesNotExist as error:
            raise Http404 from error

    def page_title(self, subject: PreviewFigures) -> str:
        """Name cycle and period."""
        run = subject.run
        return gettext("Preview of %(cycle)s, %(period)s") % {
            "cycle": run.cycle.code,
            "period": f"{run.period_from:%Y-%m}",
        }

    def more(self, subject: PreviewFigures) -> Mapping[str, Any]:
        """Return panel, samples and tables."""
        job = subject.preview.job
        links = links_of_preview(subject.preview, self.request)
        return {
            "run": subject.run,
            "figures": subject.figures,
            "last_on": subject.run.period_until - ONE_DAY,
            "rule": words_of_rule(subject.run.rule),
            "panel": make_job_panel(job=job, links=links, now=clock.now()) if job else None,
            "samples": _samples(subject),
            "tables": (
                items_table(subject.items),
                _changes(subject.changes, _("The largest changes")),
                _parked(subject),
                _changes(subject.fresh, _("Accounts without a bill before")),
                _changes(subject.gone, _("Accounts without a bill now")),
            ),
        }


class BillRunPreviewJob(StaffPage):
    """The panel's own address."""

    permission: ClassVar[str] = PERMISSION

    def get(self, request: StaffRequest, preview_id: int) -> HttpResponse:
        """Answer how far it is."""
        preview = bill_run_previews().filter(pk=preview_id).first()
        if preview is None or preview.job is None:
            raise Http404
        return job_panel_response(request, job=preview.job, links=links_of_preview(preview, request))


class PreviewBillPdf(StaffPage):
    """The paper of the bill that an account would get, in its language or the one asked for."""

    permission: ClassVar[str] = PERMISSION

    def get(self, request: StaffRequest, preview_id: int, account_id: int) -> HttpResponse:
        """Send the file; nothing of it is kept. Who was billed since has nothing left: the preview's page says so."""
        language = request.GET.get("language", "")
        if language not in {"", *dict(settings.LANGUAGES)}:
            raise Http404
        try:
            paper = preview_paper(preview_id=preview_id, account_id=account_id, language=language)
        except BillRunPreview.DoesNotExist as error:
            raise Http404 from error
        if paper is None:
            messages.info(request, gettext("Nothing to bill"))
            return redirect("invoicing:bill-run-preview", preview_id)
        return HttpResponse(
            make_pdf(paper=paper),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="preview-{paper.account}.pdf"'},
        )


class CancelBillRunPreview(ActionView):
    """Stop calculating."""

    permission: ClassVar[str] = PERMISSION
    title = _("Stop the preview")
    button = _("Stop")

    def back_url(self, preview_id: int) -> str:
        """Return the page of the preview."""
        return reverse("invoicing:bill-run-preview", args=[preview_id])

    def perform(self, preview_id: int) -> Outcome:
        """Stop."""
        cancel_bill_run_preview(preview_id=preview_id, actor=self.request.user)
        return Outcome(url=self.back_url(preview_id), message=gettext("The preview is stopped."))


def links_of_preview(preview: BillRunPreview, request: StaffRequest) -> JobLinks:
    """Return the addresses of a preview's panel."""
    return JobLinks(
        panel=reverse("invoicing:bill-run-preview-job", args=[preview.pk]),
        cancel=reverse("invoicing:cancel-bill-run-preview", args=[preview.pk]),
    )


def _samples(subject: PreviewFigures) -> list[dict[str, Any]]:
    """Return some bills in each of the site's languages: those who read it first, else others in that language."""
    names = dict(settings.LANGUAGES)
    others = [row for rows in subject.samples.values() for row in rows][:1]
    return [
        {
            "language": names[language],
            "rows": [
                {
                    "number": row.account_number,
                    "name": row.name,
                    "url": reverse("invoicing:preview-bill-pdf", args=[subject.preview.pk, row.account_id])
                    + f"?language={language}",
                }
                for row in subject.samples.get(language, others)
            ],
        }
        for language in names
        if subject.samples
    ]


def _changes(rows: Any, caption: Any) -> Table[AccountChange]:
    return Table(
        caption=caption,
        columns=(
            account_column("account_number"),
            Column(label=_("Name"), value="name"),
            Column(label=_("This bill"), value="gross_minor", kind=Kind.MONEY),
            Column(label=_("Last bill"), value="before_minor", kind=Kind.MONEY),
            Column(label=_("Change"), value="change_minor", kind=Kind.MONEY),
            Column(label=_("Change, %"), value="percent", kind=Kind.NUM),
        ),
        rows=rows,
        empty=_("None."),
    )


def _parked(subject: PreviewFigures) -> Table[AccountChange]:
    return Table(
        caption=_("Would be set aside"),
        columns=(
            Column(label=_("Account"), value="account_number", kind=Kind.CODE),
            Column(label=_("Name"), value="name"),
            Column(label=_("Why"), value=lambda row: reason_word(row.reason)),
            Column(label=_("Detail"), value=detail_word, kind=Kind.SENTENCE),
            Column(label=_("This bill"), value="gross_minor", kind=Kind.MONEY),
            Column(label=_("Usual"), value="before_minor", kind=Kind.MONEY),
        ),
        rows=subject.parked,
        empty=_("None."),
    )
