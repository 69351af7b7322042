"""The list of usage that came after a final bill."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ListPage
from invoicing.forms.corrections import HeldUsageFilter
from invoicing.queries.held_usage import HeldUsage, held_usage
from invoicing.views.bill_runs import address_of_account


class HeldUsageList(ListPage[HeldUsage]):
    """Held usage by line, the most money first."""

    permission: ClassVar[str] = "invoicing.view_held_usage"
    title = _("Usage after the final bill")
    intro = _(
        "These calls came after the final bill of their account. They stay with the account that made them, whoever"
        " has the number now, and no bill run takes them up."
    )
    columns = (
        Column(label=_("Number"), value="number", kind=Kind.PHONE),
        Column(label=_("Account"), value="account_number", kind=Kind.CODE),
        Column(label=_("Subscriber"), value="name"),
        Column(label=_("First day without the line"), value="ended_on", kind=Kind.DATE),
        Column(label=_("Days since"), value="age_days", kind=Kind.NUM),
        Column(label=_("Calls"), value="record_count", kind=Kind.NUM, total=True),
        Column(label=_("Duration"), value="duration_seconds", kind=Kind.DURATION),
        Column(label=_("Amount without tax"), value="amount_micro", kind=Kind.MICRO, currency="currency", total=True),
    )
    is_wide = True
    filter_form = HeldUsageFilter
    empty = _("No usage is held. What comes after a final bill is shown here.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[HeldUsage]:
        """Return it as of today."""
        return held_usage(today=clock.today(), account_number=filters.get("account") or "")

    def row_href(self, row: HeldUsage) -> str:
        """Open the account."""
        return address_of_account(row.account_id)
