"""What is owed to other providers."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from billing_site.web.tables import Column, Kind
from billing_site.web.views import ListPage
from invoicing.forms import DueFilter
from invoicing.queries.provider_dues import ProviderDue, provider_dues

ONE_DAY = timedelta(days=1)


class ProviderDueList(ListPage[ProviderDue]):
    """Other providers' charges on our bills, by day of issue and bill item."""

    permission: ClassVar[str] = "invoicing.view_provider_dues"
    title = _("Owed to other providers")
    intro = _("Charges of other providers on posted bills, before tax. The books owe them the same.")
    filter_form = DueFilter
    empty = _("No bill has charges of another provider in these days.")
    columns = (
        Column(label=_("Provider"), value="provider_names", kind=Kind.NAME),
        Column(label=_("Code"), value="provider_code", kind=Kind.CODE),
        Column(label=_("Charge"), value="item_names", kind=Kind.NAME),
        Column(label=_("Issued"), value="issued_on", kind=Kind.DATE),
        Column(label=_("Bills"), value="bill_count", kind=Kind.NUM, total=True),
        Column(label=_("Due before tax"), value="net_minor", kind=Kind.MONEY, currency="currency", total=True),
    )

    def rows(self, filters: Mapping[str, Any]) -> Sequence[ProviderDue]:
        """Return them."""
        last = filters.get("last_on")
        return provider_dues(first=filters.get("first_on"), until=last + ONE_DAY if last else None)
