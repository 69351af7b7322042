"""The list of bills: all of them, of one run, of one account."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from billing_site.web.tables import Column, Kind
from billing_site.web.views import ListPage
from invoicing.forms import InvoiceFilter
from invoicing.models import BillRun, Invoice
from invoicing.queries.invoices import invoices_for


class InvoiceList(ListPage[Invoice]):
    """Bills, the latest first; drafts have no number yet."""

    permission: ClassVar[str] = "invoicing.view_invoice"
    title = _("Bills")
    columns = (
        Column(label=_("Bill"), value="number", kind=Kind.CODE),
        Column(label=_("Account"), value="frozen.account", kind=Kind.CODE),
        Column(label=_("Name"), value="frozen.name"),
        Column(label=_("Period from"), value="period_from", kind=Kind.DATE),
        Column(label=_("Issued"), value="issued_on", kind=Kind.DATE),
        Column(label=_("Due"), value="due_on", kind=Kind.DATE),
        Column(label=_("New charges"), value="gross_minor", kind=Kind.MONEY, currency="currency", total=True),
        Column(label=_("State"), value=lambda row: "TAKEN_BACK" if row.is_taken_back else row.state, kind=Kind.STATE),
    )
    order = ("-id",)
    filter_form = InvoiceFilter
    empty = _("No bill yet. The bill run makes them.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[Invoice]:
        """Return the bills of the filter."""
        return invoices_for(
            number=filters.get("number") or "",
            account_number=filters.get("account") or "",
            run_id=filters.get("run"),
            state=filters.get("state") or "",
        )

    def row_href(self, row: Invoice) -> str:
        """Open the bill."""
        return reverse("invoicing:invoice", args=[row.pk])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lead back to the run whose bills these are."""
        run_id = filters.get("run")
        if not run_id:
            return {}
        run = BillRun.objects.select_related("cycle").defer("reference").filter(pk=run_id).first()
        if run is None or not self.request.user.may("invoicing.view_bill_runs"):
            return {}
        label = gettext("Bill run %(cycle)s, %(period)s") % {
            "cycle": run.cycle.code,
            "period": f"{run.period_from:%Y-%m}",
        }
        return {"crumb": {"url": reverse("invoicing:bill-run", args=[run.pk]), "label": label}}
