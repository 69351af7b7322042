"""The monthly report of bad debts."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ListPage
from payments.models import WriteOff
from reports.forms import DaysFilter
from reports.queries.bad_debts import BadDebtRow, report_bad_debts

REASONS = dict(WriteOff.Reason.choices)


def age_label(row: BadDebtRow) -> str:
    """Return the class of age in days."""
    return f"> {row.age_from - 1}" if row.age_to is None else f"{row.age_from}–{row.age_to}"


def _money(label: Any, value: str) -> Column[BadDebtRow]:
    return Column(label=label, value=value, kind=Kind.MONEY, currency="currency", total=True)


class BadDebtReportPage(ListPage[BadDebtRow]):
    """Written off and recovered by age, reason and department; the sum is that of the books."""

    permission: ClassVar[str] = "reports.view_reports"
    template_name = "reports/bad_debts.html"
    title = _("Report of bad debts")
    intro = _("This month unless you choose other days. Ages are days overdue when the debt was written off.")
    filter_form = DaysFilter
    is_wide = True
    columns = (
        Column(label=_("Age in days"), value=age_label, kind=Kind.CODE),
        Column(label=_("Reason"), value=lambda row: REASONS.get(row.reason, row.reason)),
        Column(label=_("Department"), value="department", kind=Kind.NAME),
        _money(_("Written off"), "written_minor"),
        _money(_("Tax in it"), "written_tax_minor"),
        _money(_("Recovered"), "recovered_minor"),
        _money(_("Tax in it"), "recovered_tax_minor"),
        _money(_("Loss"), "loss_minor"),
    )
    empty = _("Nothing was written off or recovered on these days.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[BadDebtRow]:
        """Return the report's rows."""
        last = filters.get("last") or clock.today()
        first = filters.get("first") or last.replace(day=1)
        self.report = report_bad_debts(first=first, last=last, currency=settings.SALDO_CURRENCY)
        return self.report.rows

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the report, for its sum and the books'."""
        return {"report": getattr(self, "report", None), "currency": settings.SALDO_CURRENCY}
