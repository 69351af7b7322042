"""Electronic bills: one as XML, those of a run as archives that workers make."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core.errors import BillingError
from billing_site.documents.files import path_of
from billing_site.identity.http import StaffRequest
from billing_site.web.refusals import refusal_html
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, ListPage, Outcome, StaffPage
from invoicing.models import BillRun, CreditNote, Invoice, UblArchive
from invoicing.operations.ubl_exports import export_ubl, ubl_of_credit_note, ubl_of_invoice


class InvoiceUbl(StaffPage):
    """A posted invoice as XML."""

    permission: ClassVar[str] = "invoicing.view_invoice"

    def get(self, request: StaffRequest, invoice_id: int) -> HttpResponseBase:
        """Send the file, or say on the bill's page why there is none."""
        invoice = Invoice.objects.filter(pk=invoice_id, number__isnull=False).only("number").first()
        if invoice is None:
            raise Http404
        try:
            content = ubl_of_invoice(invoice_id=invoice_id)
        except BillingError as error:
            messages.error(request, refusal_html(error))
            return redirect("invoicing:invoice", invoice_id)
        return HttpResponse(
            content,
            content_type="application/xml",
            headers={"Content-Disposition": f'attachment; filename="{invoice.number}.xml"'},
        )


class CreditNoteUbl(StaffPage):
    """A posted credit note as XML."""

    permission: ClassVar[str] = "invoicing.view_credit_notes"

    def get(self, request: StaffRequest, credit_note_id: int) -> HttpResponseBase:
        """Send the file, or say on the credit note's page why there is none."""
        posted = CreditNote.objects.filter(pk=credit_note_id, state=CreditNote.State.POSTED)
        note = posted.only("number").first()
        if note is None:
            raise Http404
        try:
            content = ubl_of_credit_note(credit_note_id=credit_note_id)
        except BillingError as error:
            messages.error(request, refusal_html(error))
            return redirect("invoicing:credit-note", credit_note_id)
        return HttpResponse(
            content,
            content_type="application/xml",
            headers={"Content-Disposition": f'attachment; filename="{note.number}.xml"'},
        )


class ExportUbl(ActionView):
    """Have the electronic bills of a run made."""

    permission: ClassVar[str] = "invoicing.export_ubl"
    title = _("Electronic bills")
    button = _("Make the archives")

    def question(self, run_id: int) -> str:
        """Say what will happen."""
        return __("Workers write every posted bill of the run as an XML by EN 16931, in archives of some thousands.")

    def back_url(self, run_id: int) -> str:
        """Return the archives of the run."""
        return reverse("invoicing:view-ubl-archives", args=[run_id])

    def perform(self, run_id: int) -> Outcome:
        """Hand the work out."""
        export_ubl(run_id=run_id, actor=self.request.user)
        return Outcome(url=self.back_url(run_id), message=__("The archives are being made: look again in a moment."))


class UblArchiveList(ListPage[UblArchive]):
    """The archives of a run that are made."""

    permission: ClassVar[str] = "invoicing.export_ubl"
    template_name = "invoicing/ubl_archive_list.html"
    title = _("Electronic bills")
    order = ("n",)
    empty = _("No archive yet: have them made.")
    columns = (
        Column(
            label=_("Archive"),
            value=lambda row: f"{row.run_id}-{row.n}.zip",
            kind=Kind.CODE,
            href=lambda row: reverse("invoicing:download-ubl-archive", args=[row.run_id, row.n]),
        ),
        Column(label=_("Bills"), value="document_count", kind=Kind.NUM, total=True),
        Column(label=_("Bytes"), value="content.size_bytes", kind=Kind.NUM, total=True),
        Column(label=_("Made at"), value="made_at", kind=Kind.INSTANT),
    )

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[UblArchive]:
        """Return the archives of one run."""
        return UblArchive.objects.filter(run_id=filters["run_id"]).select_related("content")

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lead back to the run."""
        if not BillRun.objects.filter(pk=filters["run_id"]).exists():
            raise Http404
        return {"run_id": filters["run_id"]}


class DownloadUblArchive(StaffPage):
    """An archive as a file."""

    permission: ClassVar[str] = "invoicing.export_ubl"

    def get(self, request: StaffRequest, run_id: int, n: int) -> HttpResponseBase:
        """Send it."""
        archive = UblArchive.objects.select_related("content").filter(run_id=run_id, n=n).first()
        if archive is None or not path_of(archive.content.sha256).exists():
            raise Http404
        return FileResponse(
            path_of(archive.content.sha256).open("rb"), as_attachment=True, filename=f"{run_id}-{n}.zip"
        )
