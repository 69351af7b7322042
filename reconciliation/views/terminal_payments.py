"""The terminals' payments, and which of them are confirmed: in the online exchange and in the register."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from billing_site.web.tables import Column, Kind
from billing_site.web.views import ListPage
from payments.models import Payment
from reconciliation.forms.checks import ConfirmationFilter
from reconciliation.queries.cases import confirmed_payments


class TerminalPaymentList(ListPage[Payment]):
    """The payments of the terminals with what the registers say of them, the latest first."""

    permission = "reconciliation.view_terminal_checks"
    title = gettext_lazy("Confirmed payments of the terminals")
    intro = gettext_lazy(
        "A payment is confirmed when it is both in the online exchange and in the register of its day."
    )
    columns = (
        Column(label=gettext_lazy("Received"), value="received_at", kind=Kind.INSTANT),
        Column(label=gettext_lazy("Network"), value="network.name"),
        Column(label=gettext_lazy("Transaction"), value="network_txn_id", kind=Kind.CODE),
        Column(label=gettext_lazy("Account"), value="account_number", kind=Kind.CODE),
        Column(
            label=gettext_lazy("Amount"), value="amount_minor", kind=Kind.MONEY, currency="amount_currency", total=True
        ),
        Column(label=gettext_lazy("Day of the books"), value="posted_on", kind=Kind.DATE),
        Column(label=gettext_lazy("Confirmed"), value="confirmation", kind=Kind.STATE),
    )
    order = ("-id",)
    filter_form = ConfirmationFilter
    empty = gettext_lazy("No such payment. Payments come from the terminals by themselves.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[Payment]:
        """Return the payments of the filter."""
        network = filters.get("network")
        return confirmed_payments(
            confirmation=filters.get("confirmation") or "",
            network_id=network.pk if network else None,
            first=filters.get("first"),
            last=filters.get("last"),
            account_number=filters.get("account_number") or "",
        )

    def row_href(self, row: Payment) -> str:
        """Open the payment."""
        return reverse("payments:payment", args=[row.pk])
