"""A run beside the old system: the bills of both, what differs, and the sheet that they are loaded from."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome
from invoicing.forms import OldBillFilter, OldBillSheetForm
from invoicing.models import BillRun, OldBill
from invoicing.operations.old_bills import load_old_bills
from invoicing.queries.old_bills import old_bills, sum_old_bills
from tariffs.domain.grids import CellFault, TableFaulty


class OldBillList(ListPage[Any]):
    """Bill by bill what the old system made and what the run makes, the largest difference first."""

    permission: ClassVar[str] = "invoicing.view_bill_runs"
    template_name = "invoicing/old_bill_list.html"
    title = _("Bills beside those of the old system")
    order = ("-distance_minor", "account_number")
    filter_form = OldBillFilter
    empty = _("Nothing to show. Load the bills of the old system; those that are alike are shown when asked for.")
    columns = (
        Column(label=_("Account"), value="account_number", kind=Kind.CODE),
        Column(label=_("Old bill"), value="old_minor", kind=Kind.MONEY, total=True),
        Column(label=_("Bill of the run"), value="new_minor", kind=Kind.MONEY, total=True),
        Column(label=_("Difference"), value="difference_minor", kind=Kind.MONEY, total=True),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[OldBill]":
        """Return what differs, or everything."""
        return old_bills(run_id=self.kwargs["run_id"], is_different=filters.get("which") != "ALL")

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say what both sides come to."""
        run = _run(self.kwargs["run_id"])
        return {"run": run, "sums": sum_old_bills(run_id=run.pk)}


class LoadOldBills(FormPage):
    """A sheet of old bills: all of them, or none with every fault at its cell."""

    permission: ClassVar[str] = "invoicing.load_old_bills"
    title = _("Compare with the old system")
    template_name = "invoicing/load_charges.html"
    form_class = OldBillSheetForm
    submit_label = _("Compare")
    intro = _(
        "The first row names the columns: account and amount, tax included. The bills of the run stand beside; nothing"
        " of the run is changed. A sheet loaded again takes the place of the one before."
    )
    faults: Sequence[CellFault] = ()

    def more(self, run_id: int) -> Mapping[str, Any]:
        """Lead back; show what is wrong in the sheet."""
        return {"back_url": reverse("invoicing:bill-run", args=[_run(run_id).pk]), "faults": self.faults}

    def perform(self, form: OldBillSheetForm, run_id: int) -> Outcome:
        """Compare."""
        try:
            different = load_old_bills(
                run_id=_run(run_id).pk, content=form.cleaned_data["sheet"].read(), actor=self.request.user
            )
        except TableFaulty as error:
            self.faults = error.faults
            raise
        url = reverse("invoicing:old-bills", args=[run_id])
        return Outcome(url=url, message=__("Bills that differ: %(count)s.") % {"count": different})


def _run(run_id: int) -> BillRun:
    run = BillRun.objects.filter(pk=run_id).defer("reference").first()
    if run is None:
        raise Http404
    return run
