"""The cycles in which accounts are billed: on which day, for how many months."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome
from subscribers.forms import BillCycleForm
from subscribers.models import BillCycle
from subscribers.operations.accounts import create_bill_cycle
from subscribers.queries.line_fees import bill_cycles


class BillCycleList(ListPage[Any]):
    """Every cycle with its day, its length, and the first day that is not billed yet."""

    permission: ClassVar[str] = "subscribers.view_bill_cycles"
    template_name = "subscribers/bill_cycle_list.html"
    title = _("Bill cycles")
    order = ("code",)
    empty = _("No bill cycle yet. Make one: every account is billed in a cycle.")
    columns = (
        Column(label=_("Bill cycle"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Bill day"), value="bill_day", kind=Kind.NUM),
        Column(label=_("Months of a bill"), value="months", kind=Kind.NUM),
        Column(label=_("Not billed from"), value="open_from", kind=Kind.DATE),
        Column(label=_("Accounts"), value="account_count", kind=Kind.NUM, total=True),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[BillCycle]":
        """Return all."""
        return bill_cycles()


class CreateBillCycle(FormPage):
    """Make a cycle."""

    permission: ClassVar[str] = "subscribers.create_bill_cycle"
    title = _("New bill cycle")
    form_class = BillCycleForm
    intro = _(
        "Accounts of a cycle are billed together. A month without the bill day is billed on its last day. Fees of the"
        " plans keep their own lengths: a bill of three months has three monthly fees."
    )

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("subscribers:bill-cycles")}

    def perform(self, form: BillCycleForm) -> Outcome:
        """Create it."""
        given = form.cleaned_data
        create_bill_cycle(
            code=given["code"],
            names=form.names(),
            bill_day=given["bill_day"],
            months=int(given["months"]),
            open_from=given["open_from"],
            actor=self.request.user,
        )
        return Outcome(
            url=reverse("subscribers:bill-cycles"), message=__("The cycle is made; accounts can be opened in it.")
        )
