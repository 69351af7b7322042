"""Print batches: the list, a batch with its bills, its file and list, handing over, printing again."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, pgettext_lazy

from billing_site.core import clock
from billing_site.documents.files import path_of
from billing_site.documents.pdf_pages import pages_from
from billing_site.identity.http import StaffRequest
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, FormPage, ListPage, Outcome, StaffPage
from invoicing.domain.print_sheets import sheets_of
from invoicing.forms.delivery import HandOverForm, PageForm, PrintBatchFilter
from invoicing.models import BillDelivery, PrintBatch
from invoicing.operations.letter_batches import print_letters
from invoicing.operations.print_batches import (
    is_print_file_there,
    make_print_batch_again,
    print_batch_from,
    print_bills,
    print_waiting_bills,
)
from invoicing.operations.print_handovers import hand_over_print_batch
from invoicing.queries.bill_deliveries import bill_deliveries, count_called_back, print_batches
from invoicing.queries.unsent_bills import count_bills_without_file
from invoicing.views.way_tables import paper_url


class PrintBatchList(ListPage[Any]):
    """Every batch, the latest first."""

    permission: ClassVar[str] = "invoicing.view_print_batches"
    title = _("Print batches")
    template_name = "invoicing/print_batch_list.html"
    columns = (
        Column(label=_("Batch"), value=str, kind=Kind.CODE),
        Column(label=_("Cycle"), value="run.cycle.code", kind=Kind.CODE),
        Column(label=_("Period from"), value="run.period_from", kind=Kind.DATE),
        Column(label=_("First post code"), value="first_post_code", kind=Kind.CODE),
        Column(label=_("Last post code"), value="last_post_code", kind=Kind.CODE),
        Column(label=_("Bills"), value="bill_count", kind=Kind.NUM, total=True),
        Column(label=pgettext_lazy("bills", "Ready"), value="made_count", kind=Kind.NUM),
        Column(label=_("Sheets"), value="sheet_count", kind=Kind.NUM, total=True),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Handed over"), value="handed_over_at", kind=Kind.INSTANT),
        Column(label=pgettext_lazy("a person", "By"), value="handed_over_by"),
    )
    is_wide = True
    order = ("-id",)
    filter_form = PrintBatchFilter
    empty = _("No print batch yet. A bill run that is delivered puts the bills on paper into batches.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[PrintBatch]:
        """Return the batches of a run, or in a state, or all."""
        return print_batches(run_id=filters.get("run"), state=filters.get("state") or "")

    def row_href(self, row: PrintBatch) -> str:
        """Open the batch."""
        return reverse("invoicing:print-batch", args=[row.pk])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Offer to make the files of the run that is looked at."""
        run_id = filters.get("run")
        may = bool(run_id) and self.request.user.may("invoicing.print_bills")
        return {
            "print_url": reverse("invoicing:print-bills", args=[run_id]) if may else "",
            "may_print_letters": not run_id and self.request.user.may("invoicing.print_letters"),
            "may_print_waiting": not run_id and self.request.user.may("invoicing.print_waiting_bills"),
            "waiting_count": 0 if run_id else count_bills_without_file(),
            "run_id": run_id,
        }


class PrintBatchPage(ListPage[Any]):
    """One batch: what it is, and its bills in the order of the file."""

    permission: ClassVar[str] = "invoicing.view_print_batches"
    title = _("Print batch")
    template_name = "invoicing/print_batch.html"
    columns = (
        Column(label=_("Place"), value="place", kind=Kind.NUM),
        Column(
            label=_("Bill, credit note or letter"),
            value="number",
            kind=Kind.CODE,
            href=paper_url,
        ),
        Column(label=_("Account"), value="account_number", kind=Kind.CODE),
        Column(label=_("Post code"), value="post_code", kind=Kind.CODE),
        Column(label=_("Postman's round"), value="route", kind=Kind.CODE),
        Column(label=_("First page"), value="first_page", kind=Kind.NUM),
        Column(label=_("Pages"), value="page_count", kind=Kind.NUM),
        Column(label=_("Sheets"), value=lambda row: sheets_of(row.page_count or 0), kind=Kind.NUM, total=True),
        Column(label=_("State"), value="state", kind=Kind.STATE),
    )
    is_wide = True
    order = ("place", "id")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[BillDelivery]:
        """Return the bills of the batch."""
        return bill_deliveries(viewer=self.request.user, batch_id=filters["batch_id"])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the batch, and what may be done with it."""
        batch = print_batches().filter(pk=filters["batch_id"]).select_related("content").first()
        if batch is None:
            raise Http404
        may = self.request.user.may
        is_there = is_print_file_there(batch)
        taken_out, called_back = count_called_back(batch_id=batch.pk)
        recalls = {"batch": batch.pk, "state": BillDelivery.State.RECALLED.value}
        return {
            "batch": batch,
            "is_there": is_there,
            "taken_out": taken_out,
            "called_back": called_back,
            "recalls_url": f"{reverse('invoicing:bill-deliveries')}?{urlencode(recalls)}",
            "may_make": batch.state == PrintBatch.State.PLANNED and may("invoicing.print_bills"),
            "may_make_again": batch.content_id is not None and not is_there and may("invoicing.print_bills"),
            "may_hand_over": batch.state == PrintBatch.State.MADE and may("invoicing.hand_over_print_batch"),
            "may_print": is_there and may("invoicing.print_bills"),
        }


class PrintBills(ActionView):
    """Have the print files of a run made."""

    permission: ClassVar[str] = "invoicing.print_bills"
    title = _("Make the print files")
    button = _("Make them")

    def back_url(self, run_id: int) -> str:
        """Return the batches of the run."""
        return f"{reverse('invoicing:print-batches')}?run={run_id}"

    def perform(self, run_id: int) -> Outcome:
        """Hand them to the workers."""
        job = print_bills(run_id=run_id, actor=self.request.user)
        message = __("The print files of %(count)s bills are being made.") % {"count": job.total_units}
        return Outcome(url=self.back_url(run_id), message=message)


class PrintWaitingBills(ActionView):
    """Have the print files of all bills made that wait for paper."""

    permission: ClassVar[str] = "invoicing.print_waiting_bills"
    title = _("Print the bills that wait")
    button = _("Make the print files")

    def question(self) -> str:
        """Say what is printed."""
        words = __("Bills and credit notes on paper that are in no print file yet, of every run: %(count)s.")
        return words % {"count": count_bills_without_file()}

    def back_url(self) -> str:
        """Return the batches."""
        return reverse("invoicing:print-batches")

    def perform(self) -> Outcome:
        """Hand them to the workers."""
        job = print_waiting_bills(actor=self.request.user)
        message = __("The print files of %(count)s bills are being made.") % {"count": job.total_units}
        return Outcome(url=self.back_url(), message=message)


class PrintLetters(ActionView):
    """Have the print files of the letters that wait made."""

    permission: ClassVar[str] = "invoicing.print_letters"
    title = _("Print the letters")
    button = _("Make the print files")

    def question(self) -> str:
        """Say what is printed."""
        return __("Reminders, answers and the like to subscribers whose bills go on paper.")

    def back_url(self) -> str:
        """Return the batches."""
        return reverse("invoicing:print-batches")

    def perform(self) -> Outcome:
        """Hand them to the workers."""
        job = print_letters(at=clock.now(), actor=self.request.user)
        message = __("The print files of %(count)s letters are being made.") % {"count": job.total_units}
        return Outcome(url=self.back_url(), message=message)


class BatchAction(ActionView):
    """Something done with a batch."""

    def back_url(self, batch_id: int) -> str:
        """Return the page of the batch."""
        return reverse("invoicing:print-batch", args=[batch_id])


class MakePrintBatch(BatchAction):
    """Have the file of one planned batch made, or that of one that was lost made again."""

    permission: ClassVar[str] = "invoicing.print_bills"
    title = _("Make the print file")
    button = _("Make the file")

    def perform(self, batch_id: int) -> Outcome:
        """Hand it to the workers."""
        batch = _batch(batch_id)
        if batch.state == PrintBatch.State.PLANNED and batch.run_id is None:
            print_letters(at=clock.now(), actor=self.request.user)
        elif batch.state == PrintBatch.State.PLANNED:
            print_bills(run_id=batch.run_id or 0, actor=self.request.user, batch_ids=[batch_id])
        else:
            make_print_batch_again(batch_id=batch_id, actor=self.request.user)
        return Outcome(url=self.back_url(batch_id), message=__("The print file is being made."))


class HandOverPrintBatch(FormPage):
    """The batch goes to the printing centre."""

    permission: ClassVar[str] = "invoicing.hand_over_print_batch"
    title = _("Hand the print batch over")
    form_class = HandOverForm
    submit_label = _("Hand over")
    intro = _("Its bills are printed from now on, and the batch stays as it is.")

    def more(self, batch_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("invoicing:print-batch", args=[_batch(batch_id).pk])}

    def perform(self, form: HandOverForm, batch_id: int) -> Outcome:
        """Hand it over."""
        batch = hand_over_print_batch(
            batch_id=_batch(batch_id).pk, **form.cleaned_data, at=clock.now(), actor=self.request.user
        )
        url = reverse("invoicing:print-batch", args=[batch_id])
        if batch.state != PrintBatch.State.HANDED_OVER:
            return Outcome(url=url, message=__("Some letters are not needed any more: the file is made without them."))
        return Outcome(url=url, message=__("The batch is handed over."))


class PrintBatchFrom(FormPage):
    """After paper was torn: the rest of the file from a page on."""

    permission: ClassVar[str] = "invoicing.print_bills"
    title = _("Print again from a page on")
    form_class = PageForm
    submit_label = _("Get the pages")
    intro = _("The file begins on the front of the sheet that the page is on.")

    def more(self, batch_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("invoicing:print-batch", args=[_batch(batch_id).pk])}

    def perform(self, form: PageForm, batch_id: int) -> Outcome:
        """Note it, and lead to the file."""
        page = print_batch_from(batch_id=_batch(batch_id).pk, page=form.cleaned_data["page"], actor=self.request.user)
        return Outcome(url=f"{reverse('invoicing:print-batch-pdf', args=[batch_id])}?from={page}")


class PrintBatchPdf(StaffPage):
    """The file of a batch, whole or from a page on."""

    permission: ClassVar[str] = "invoicing.print_bills"

    def get(self, request: StaffRequest, batch_id: int) -> HttpResponseBase:
        """Send it."""
        batch = _batch(batch_id)
        if batch.content is None or not is_print_file_there(batch):
            raise Http404
        name = _file_name(batch)
        path = path_of(batch.content.sha256)
        page = request.GET.get("from", "")
        if not page:
            return FileResponse(path.open("rb"), content_type="application/pdf", filename=f"{name}.pdf")
        if not page.isdecimal() or not 1 <= int(page) <= batch.page_count:
            raise Http404
        content = pages_from(path.read_bytes(), first_page=int(page))
        return HttpResponse(
            content,
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="{name}-from-{int(page)}.pdf"'},
        )


class PrintManifest(StaffPage):
    """The list that goes with the file."""

    permission: ClassVar[str] = "invoicing.print_bills"

    def get(self, request: StaffRequest, batch_id: int) -> HttpResponseBase:
        """Send it."""
        batch = _batch(batch_id)
        if batch.manifest is None:
            raise Http404
        name = f"{_file_name(batch)}.csv"
        return FileResponse(
            path_of(batch.manifest.sha256).open("rb"), content_type="text/csv", filename=name, as_attachment=True
        )


def _file_name(batch: PrintBatch) -> str:
    """Return what the file and the list of a batch are called, without the ending."""
    what = "letters" if batch.run_id is None else f"bills-{batch.run_id}"
    return f"{what}-{batch.n:04d}{f'-v{batch.version}' if batch.version > 1 else ''}"


def _batch(batch_id: int) -> PrintBatch:
    batch = PrintBatch.objects.select_related("content", "manifest").filter(pk=batch_id).first()
    if batch is None:
        raise Http404
    return batch
